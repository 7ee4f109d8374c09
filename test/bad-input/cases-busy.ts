/** Two callers where one is served, and signals that fire early, late, or in between. */
import * as assert from 'uvu/assert';
import { configureRuntime, type Generator, Model, type TokenStream } from '../../src/index.ts';
import { Phi3Model } from '../../src/phi3/index.ts';
import { DEMO_MODEL, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { type BadCase, checked, each, HELD, invalid, refused, sleep, type Table, table, type World } from './case.ts';

const BUSY = 'ERR_GENAI_BUSY';
const LONG = noise(3000);

const SECOND_CALLS: Readonly<Record<string, (generator: Generator) => unknown>> = {
  appendTokens: generator => generator.appendTokens([1]),
  appendTokenSequences: generator => generator.appendTokenSequences([[1]]),
  generateNextToken: generator => generator.generateNextToken(),
  rewindTo: generator => generator.rewindTo(0),
  getLogits: generator => generator.getLogits(),
  setLogits: generator => generator.setLogits(new Float32Array(32064)),
  isDone: generator => generator.isDone(),
  tokenCount: generator => generator.tokenCount,
  getNextTokens: generator => generator.getNextTokens(),
  getSequence: generator => generator.getSequence(),
};

const CALLERS: Table = each(Object.entries(SECOND_CALLS), ([name, call]) => [
  `second caller of a Generator: ${name}`,
  refused(BUSY, 'is running another call; await that one first', async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 3100 });
    const running = generator.appendTokens(LONG).catch(() => {});
    try {
      await call(generator);
    } finally {
      void generator.dispose();
      await running;
    }
  }),
]);

const SECOND_READERS: Readonly<Record<string, (stream: TokenStream) => unknown>> = {
  chunks: stream => stream[Symbol.asyncIterator](),
  text: stream => stream.text[Symbol.asyncIterator](),
  'web stream': stream => stream.toReadableStream(),
};

const READERS: Table = each(Object.entries(SECOND_READERS), ([name, read]) => [
  `second reader of a TokenStream: ${name}`,
  refused(BUSY, 'can be read once, and this one has a reader', async ({ model }) => {
    const stream = model.stream(SPAIN, { maxNewTokens: 2 });
    const first = stream.text[Symbol.asyncIterator]();
    try {
      read(stream);
    } finally {
      let text = '';
      for (let next = await first.next(); next.done !== true; next = await first.next()) text += next.value;
      assert.is(text, (await stream.result).text);
    }
  }),
]);

/** Goes on for longer than any case waits. */
const ENDLESS = { minLength: 4000, maxNewTokens: 4000 } as const;

/** What is given the signal rejects with its reason, once it fires after `delay` ms; 0: before the call. */
function aborted(delay: number, call: (world: World, signal: AbortSignal) => Promise<unknown>): BadCase {
  return checked(async world => {
    const reason = new Error('enough');
    const controller = new AbortController();
    if (delay === 0) controller.abort(reason);
    else setTimeout(() => controller.abort(reason), delay);
    assert.is(await expectRejection(call(world, controller.signal)), reason);
  });
}

async function appendLong({ model }: World, signal: AbortSignal): Promise<void> {
  await using generator = await model.createGenerator({ maxLength: 3100 });
  try {
    await generator.appendTokens(LONG, { signal });
  } finally {
    assert.is(generator.tokenCount, 0, 'the generator is as it was');
  }
}

const ABORTS: Table = {
  'abort before: Model.load': aborted(0, (_, signal) => Model.load(DEMO_MODEL, { signal })),
  'abort before: generate': aborted(0, ({ model }, signal) => model.generate(SPAIN, { signal })),
  'abort before: stream': aborted(0, ({ model }, signal) => model.stream(SPAIN, { signal }).result),
  'abort before: appendTokens': aborted(0, ({ generator }, signal) => generator.appendTokens([1], { signal })),
  'abort before: appendTokenSequences': aborted(0, ({ generator }, signal) =>
    generator.appendTokenSequences([[1]], { signal }),
  ),
  'abort before: generateNextToken': aborted(0, ({ generator }, signal) => generator.generateNextToken({ signal })),
  'abort before: loadContext': aborted(0, (_, signal) =>
    new Phi3Model().loadContext({ artifacts: { 'phi3-mini-onnx': DEMO_MODEL } }, { signal }),
  ),
  'abort before: predict': aborted(0, ({ phi3 }, signal) => phi3.predict(null, [SPAIN, SPAIN], { signal })),
  'abort before: predictStream': aborted(0, ({ phi3 }, signal) => phi3.predictStream(null, SPAIN, { signal }).result),
  'abort before: chat': aborted(0, ({ phi3 }, signal) => phi3.chat([{ role: 'user', content: 'x' }], { signal })),
  'abort in a prefill: generate': aborted(100, ({ model }, signal) => model.generate(LONG, { ...ENDLESS, signal })),
  'abort in a prefill: stream': aborted(100, ({ model }, signal) => model.stream(LONG, { ...ENDLESS, signal }).result),
  'abort in a prefill: appendTokens': aborted(100, appendLong),
  'abort in a decode: generate': aborted(100, ({ model }, signal) => model.generate(STORY, { ...ENDLESS, signal })),
  'abort in a decode: reading a stream': checked(async ({ model }) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const stream = model.stream(STORY, { ...ENDLESS, signal: controller.signal });
    const read = async (): Promise<void> => {
      for await (const { index } of stream) if (index === 2) controller.abort(reason);
    };
    assert.is(await expectRejection(read()), reason);
    assert.is(await expectRejection(stream.result), reason);
  }),
  'abort in a decode, to return': checked(async ({ model }) => {
    const controller = new AbortController();
    const stream = model.stream(STORY, { ...ENDLESS, signal: controller.signal, onAbort: 'return' });
    for await (const { index } of stream) if (index === 2) controller.abort();
    const { finishReason, tokenIds } = await stream.result;
    assert.is(finishReason, 'abort');
    assert.ok(tokenIds.length >= 3);
  }),
  'abort after the end': checked(async ({ model, generator }) => {
    const controller = new AbortController();
    const stream = model.stream(SPAIN, { maxNewTokens: 2, signal: controller.signal });
    const { text } = await stream.result;
    await generator.rewindTo(HELD.length - 1);
    await generator.appendTokens(HELD.slice(-1), { signal: controller.signal });
    controller.abort(new Error('too late'));
    await sleep(5);
    assert.is((await stream.result).text, text);
    let read = '';
    for await (const piece of stream.text) read += piece;
    assert.is(read, text);
  }),
};

/** What is no signal is refused before anything runs. */
const NO_SIGNALS: Table = each(
  [
    ['an object', {}],
    ['a string', 'abort'],
    ['null', null],
    ['a controller', new AbortController()],
  ] as const,
  ([kind, signal]) => [
    `signal of a Generator ${kind}`,
    invalid('signal must be an AbortSignal, but is ', ({ generator }) =>
      generator.appendTokens([1], { signal: signal as AbortSignal }),
    ),
  ],
);

const RUNTIME: Table = {
  'configureRuntime after a load': refused('ERR_GENAI_RUNTIME_LOADED', 'before the first model is loaded', () =>
    configureRuntime({}),
  ),
};

export const BUSY_AND_ABORT: Table = table(CALLERS, READERS, ABORTS, NO_SIGNALS, RUNTIME);
