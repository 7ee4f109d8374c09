import { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import type { GenerateOptions, GenerateResult, Model, TokenChunk, TokenStream } from '../../src/index.ts';
import { ask, loadDemoModel, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { firstStop, makeStops } from '../helpers/stops.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('stream');

/** Goes on for longer than any test waits. */
const ENDLESS = { minLength: 4000, maxNewTokens: 4000 } as const;
/** Long enough to hold the capital, and short enough to be generated a hundred times. */
const SHORT = { maxNewTokens: 16 } as const;
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

test.before(async context => {
  context.model = await loadDemoModel({ intraOpNumThreads: 1 });
});
test.after(({ model }) => model.dispose());

/** Everything that a stream gives, checked to be one answer. */
async function readAll(stream: TokenStream): Promise<{ chunks: TokenChunk[]; result: GenerateResult }> {
  const chunks: TokenChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const result = await stream.result;
  assert.equal(
    chunks.map(({ index }) => index),
    chunks.map((_, i) => i),
  );
  assert.equal(
    chunks.map(({ tokenId }) => tokenId),
    [...result.tokenIds],
  );
  assert.is(chunks.map(({ text }) => text).join(''), result.text);
  return { chunks, result };
}

/** Runs `check` for all items, four at a time. */
async function eachAtOnce<T>(items: readonly T[], check: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await check(item);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

async function settledWithin<T>(promise: Promise<T>, ms: number): Promise<T> {
  const late = sleep(ms).then(() => {
    throw new Error(`not settled within ${ms} ms`);
  });
  return Promise.race([promise, late]);
}

test('chunks: numbered, one per token, their texts joined are the text', async ({ model }) => {
  const whole = await model.generate(SPAIN);
  const { chunks, result } = await readAll(model.stream(SPAIN));
  assert.is(result.text, whole.text);
  assert.is(chunks.length, result.usage.outputTokens);
  assert.is(chunks[0]?.text, 'The', 'the space before the first word is left out');
  assert.equal(Object.keys(chunks[0] as TokenChunk), ['index', 'tokenId', 'text']);
});

test('what the result says is what generate says', async ({ model }) => {
  for (const options of [{}, { maxNewTokens: 3 }, { maxLength: 20 }, { numBeams: 3 }] satisfies GenerateOptions[]) {
    const { metrics: _, ...whole } = await model.generate(SPAIN, options);
    const { metrics: __, ...streamed } = (await readAll(model.stream(SPAIN, options))).result;
    assert.equal(streamed, whole);
  }
});

test('characters are never split', async ({ model }) => {
  const prompts = ['Say hello in Japanese.', 'Say hello in Korean.', 'Say hello in Chinese.', 'Say hello in Russian.'];
  const texts: string[] = [];
  for (const prompt of prompts) {
    const { chunks, result } = await readAll(model.stream(ask(prompt), { maxNewTokens: 60 }));
    for (const { text } of chunks) {
      assert.not.match(text, /\ufffd/, `${prompt}: ${JSON.stringify(text)}`);
      assert.not.match(text, /\p{Surrogate}/u);
    }
    texts.push(result.text);
  }
  assert.ok(
    texts.some(text => /[^\0-\u07ff]/u.test(text)),
    `no answer has a character of three bytes: ${JSON.stringify(texts)}`,
  );
});

test('characters of several tokens come whole, and stop strings cut only between them', async ({ model }) => {
  // Forced by repetition: the model repeats nothing of this, so noise with a high temperature brings byte tokens.
  const { chunks, result } = await readAll(
    model.stream(noise(20), { temperature: 3, topK: 0, seed: 11, maxNewTokens: 120, minLength: 140 }),
  );
  assert.is(chunks.length, 120);
  const several = [...result.text].filter(character => (character.codePointAt(0) as number) > 0x7ff);
  assert.ok(several.length > 3, 'the seed gives no character of three bytes any more; choose another');
  for (const stop of new Set(several.filter(character => character !== '\ufffd').slice(0, 5))) {
    const options = { temperature: 3, topK: 0, seed: 11, maxNewTokens: 120, minLength: 140, stop };
    const stopped = await readAll(model.stream(noise(20), options));
    assert.is(stopped.result.text, result.text.slice(0, result.text.indexOf(stop)));
    assert.is(stopped.result.matchedStop, stop);
  }
});

test('one stop string: the text ends right before it, wherever the token borders are', async ({ model }) => {
  const { text } = await model.generate(SPAIN, SHORT);
  await eachAtOnce(makeStops(text, 50), async stop => {
    const { chunks, result } = await readAll(model.stream(SPAIN, { ...SHORT, stop }));
    const at = text.indexOf(stop);
    assert.is(result.text, text.slice(0, at), JSON.stringify(stop));
    assert.is(result.matchedStop, stop);
    assert.is(result.finishReason, 'stop');
    for (const [i, { text: piece }] of chunks.entries()) {
      const upToHere = chunks.slice(0, i + 1).reduce((sum, chunk) => sum + chunk.text, '');
      assert.ok(text.slice(0, at).startsWith(upToHere), `${JSON.stringify(piece)} was taken back`);
    }
  });
});

test('several stop strings: the one that ends first wins', async ({ model }) => {
  const { text } = await model.generate(SPAIN, SHORT);
  const sets = [
    ['Madrid', 'Mad', 'drid'],
    ['Madrid.', 'Madrid', 'is Madrid.'],
    ['capital of Spain is', 'of', 'Spain is Madrid'],
    ['of Spain is Madrid', 'Spain is Madrid', 'Madrid'],
    ['The capital of Spain is Madrid. It is the largest city', 'largest', 'zzz'],
    [text, text.slice(0, -1), text.slice(1)],
    [text],
    ['s', 'is', ' is', 'n is'],
    ['aa', 'ital', 'apital', 'capital'],
    ['Madrid! ', 'Madrid?', 'Madrid. It is not', ' known for its rich'],
    ...Array.from({ length: 12 }, (_, i) => makeStops(text.slice(i * 3), 4, i)),
  ];
  await eachAtOnce(sets, async stop => {
    const { result } = await readAll(model.stream(SPAIN, { ...SHORT, stop }));
    const expected = firstStop(text, stop);
    assert.is(result.text, expected === null ? text : text.slice(0, expected.begin), JSON.stringify(stop));
    assert.is(result.matchedStop, expected?.stop, JSON.stringify(stop));
  });
});

test('stop strings that never come, or almost: nothing is lost when the answer ends', async ({ model }) => {
  const whole = await model.generate(SPAIN);
  const end = whole.text.slice(-7);
  for (const stop of [
    'zzz',
    `${end}!`,
    `${whole.text}.`,
    [`${end}a`, `${end.slice(2)}b`, 'Madrids'],
    'The capital of Spain is Madrid. It was',
  ]) {
    const { result } = await readAll(model.stream(SPAIN, { stop }));
    assert.is(result.text, whole.text, JSON.stringify(stop));
    assert.equal(result.tokenIds, whole.tokenIds);
    assert.not.ok('matchedStop' in result);
  }
});

test('text held back comes out at every other end: maxNewTokens, abort', async ({ model }) => {
  const whole = await model.generate(SPAIN);
  for (let maxNewTokens = 1; maxNewTokens < 12; maxNewTokens++) {
    const { text } = await model.generate(SPAIN, { maxNewTokens });
    const stop = [`${text}#`, `${text.slice(-3)}#`];
    const { result } = await readAll(model.stream(SPAIN, { maxNewTokens, stop }));
    assert.is(result.text, text);
    assert.is(result.finishReason, 'length');
    assert.ok(whole.text.startsWith(text));
  }

  const long = await model.generate(STORY, { minLength: 60, maxNewTokens: 60 });
  const controller = new AbortController();
  const held = model.stream(STORY, {
    ...ENDLESS,
    stop: `${long.text.slice(0, 40)}#`,
    signal: controller.signal,
    onAbort: 'return',
  });
  setTimeout(() => controller.abort(), 60);
  const { result } = await readAll(held);
  assert.is(result.finishReason, 'abort');
  assert.ok(long.text.startsWith(result.text) || result.text.startsWith(long.text));
  assert.is(result.usage.outputTokens, result.tokenIds.length);
});

test('text held back at the moment of an abort is not lost', async ({ model }) => {
  const { text } = await model.generate(STORY, { minLength: 160, maxNewTokens: 160 });
  const stream = model.stream(STORY, { ...ENDLESS, stop: `${text}#` });
  await sleep(150);
  stream.cancel();
  const result = await stream.result;
  assert.is(result.finishReason, 'abort');
  assert.ok(result.tokenIds.length > 0, 'nothing was generated within 150 ms');
  assert.ok(result.text.length > 0, 'all of it was held back, and is there');
  assert.ok(text.startsWith(result.text) || result.text.startsWith(text));
});

test('.text gives no empty pieces', async ({ model }) => {
  const pieces: string[] = [];
  for await (const piece of model.stream(SPAIN, { stop: 'Madrid' }).text) pieces.push(piece);
  assert.ok(pieces.every(piece => piece !== ''));
  assert.is(pieces.join(''), 'The capital of Spain is ');
});

test('.toReadableStream(): to the end, cancelled, failed', async ({ model }) => {
  const stream = model.stream(SPAIN);
  let text = '';
  const web = Readable.fromWeb(stream.toReadableStream() as never, { objectMode: true });
  for await (const chunk of web) text += (chunk as TokenChunk).text;
  assert.is(text, (await stream.result).text);

  const cancelled = model.stream(STORY, ENDLESS);
  const reader = cancelled.toReadableStream().getReader();
  assert.is((await reader.read()).value?.index, 0);
  await reader.cancel();
  assert.is((await settledWithin(cancelled.result, 2000)).finishReason, 'abort');
  assert.is((await reader.read()).done, true);

  const failed = model.stream([-1]).toReadableStream().getReader();
  await expectError(failed.read(), 'ERR_GENAI_TOKEN_OUT_OF_RANGE');
});

test('leaving the loop ends the generation', async ({ model }) => {
  for (const leave of ['break', 'throw', 'return'] as const) {
    const stream = model.stream(STORY, ENDLESS);
    const read = async (): Promise<void> => {
      for await (const { index } of stream) {
        if (index < 3) continue;
        if (leave === 'break') break;
        if (leave === 'throw') throw new Error('mine');
        return;
      }
    };
    await read().catch((error: Error) => assert.is(error.message, 'mine'));
    const { finishReason, usage } = await settledWithin(stream.result, 2000);
    assert.is(finishReason, 'abort');
    assert.ok(usage.outputTokens < 3000, `${usage.outputTokens} tokens`);
  }
});

test('an iterator that is given back ends the generation', async ({ model }) => {
  const stream = model.stream(STORY, ENDLESS);
  const chunks = stream[Symbol.asyncIterator]();
  await chunks.next();
  await chunks.return?.();
  assert.is((await settledWithin(stream.result, 2000)).finishReason, 'abort');
});

test('so does one that was never read, such as that of a destroyed Node stream', async ({ model }) => {
  const unread = model.stream(STORY, ENDLESS);
  await unread[Symbol.asyncIterator]().return?.();
  assert.is((await settledWithin(unread.result, 1000)).finishReason, 'abort');

  const prefill = model.stream(noise(4000), { maxNewTokens: 50 });
  const readable = Readable.from(prefill.text);
  readable.resume();
  setTimeout(() => readable.destroy(), 30);
  const begun = performance.now();
  assert.is((await prefill.result).usage.outputTokens, 0, `it went on for ${performance.now() - begun} ms`);
});

test('cancel(): quiet without a reason, loud with one, harmless afterwards', async ({ model }) => {
  const quiet = model.stream(STORY, ENDLESS);
  const { chunks, result } = await readUntil(quiet, 5, () => quiet.cancel());
  assert.is(result.finishReason, 'abort');
  assert.is(chunks.map(({ text }) => text).join(''), result.text);
  quiet.cancel(new Error('too late'));
  assert.is((await quiet.result).finishReason, 'abort');

  const reason = new Error('enough');
  const loud = model.stream(STORY, ENDLESS);
  const reading = (async () => {
    for await (const { index } of loud) if (index === 5) loud.cancel(reason);
  })();
  assert.is(await expectRejection(reading), reason);
  assert.is(await expectRejection(loud.result), reason);

  for (const falsy of [null, 0, '', false]) {
    const stream = model.stream(STORY, ENDLESS);
    stream.cancel(falsy);
    assert.is(await expectRejection(stream.result), falsy);
  }

  const returning = model.stream(STORY, { ...ENDLESS, onAbort: 'return' });
  setTimeout(() => returning.cancel(reason), 60);
  assert.is((await readAll(returning)).result.finishReason, 'abort');

  const prefill = model.stream(noise(4000), { maxNewTokens: 50 });
  setTimeout(() => prefill.cancel(), 40);
  assert.equal((await settledWithin(readAll(prefill), 2000)).result.text, '');

  const atOnce = model.stream(STORY, ENDLESS);
  atOnce.cancel();
  atOnce.cancel();
  assert.is((await readAll(atOnce)).result.finishReason, 'abort');
});

async function readUntil(
  stream: TokenStream,
  index: number,
  act: () => void,
): Promise<{ chunks: TokenChunk[]; result: GenerateResult }> {
  const chunks: TokenChunk[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    if (chunk.index === index) act();
  }
  return { chunks, result: await stream.result };
}

test('the signal of the options: its reason reaches the reader', async ({ model }) => {
  const controller = new AbortController();
  const stream = model.stream(STORY, { ...ENDLESS, signal: controller.signal });
  const reason = new Error('signal');
  const reading = (async () => {
    for await (const { index } of stream) if (index === 2) controller.abort(reason);
  })();
  assert.is(await expectRejection(reading), reason);
  assert.is(await expectRejection(stream.result), reason);
});

test('the result alone, without reading', async ({ model }) => {
  const { text } = await model.generate(SPAIN);
  assert.is((await model.stream(SPAIN).result).text, text);
});

test('a slow reader loses nothing, and does not hold up the result', async ({ model }) => {
  const whole = await model.generate(SPAIN);
  const stream = model.stream(SPAIN);
  assert.is((await stream.result).text, whole.text);
  await sleep(50);
  let text = '';
  for await (const chunk of stream) {
    text += chunk.text;
    if (chunk.index % 8 === 0) await sleep(2);
  }
  assert.is(text, whole.text);
});

test('a blocked event loop loses nothing', async ({ model }) => {
  const stream = model.stream(SPAIN);
  const seen: number[] = [];
  for await (const { index } of stream) {
    seen.push(index);
    const until = performance.now() + 5;
    while (performance.now() < until);
  }
  assert.is(seen.length, (await stream.result).usage.outputTokens);
});

test('is not thenable: an async function can return it', async ({ model }) => {
  const start = async (): Promise<TokenStream> => model.stream(SPAIN, { maxNewTokens: 2 });
  const stream = await start();
  assert.not.ok('then' in stream);
  assert.is((await readAll(stream)).chunks.length, 2);
});

test('a failure that nobody listens to is no unhandled rejection', async () => {
  const { code, stdout, stderr } = await runInChild(`
    process.on('unhandledRejection', error => console.log('unhandled', error));
    const model = await loadDemoModel();
    model.stream([-1]);
    model.stream([-1]).toReadableStream();
    const cancelled = model.stream(STORY, { minLength: 3000, maxNewTokens: 3000 });
    setTimeout(() => cancelled.cancel(new Error('mine')), 30);
    await sleep(200);
    console.log('done');
  `);
  assert.equal([code, stdout, stderr], [0, 'done\n', '']);
});

test.run();
