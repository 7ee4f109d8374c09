/**
 * The stages of a life, for the tests that end it there. `enter` brings this process to one; what the caller does not
 * keep of the answer is garbage.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import {
  Config,
  capabilities,
  Model,
  setLogCallback,
  setLogOptions,
  Tokenizer,
  type TokenStream,
} from '../../src/index.ts';
import { Phi3Model } from '../../src/phi3/index.ts';
import { DEMO_MODEL, loadDemoModel, noise, STORY } from '../helpers/demo-model.ts';

/** How much there is to do: tokens of a prompt, tokens to generate. */
export interface Amount {
  readonly prompt: number;
  readonly tokens: number;
}

/** Takes seconds: ends only because somebody ends it. */
export const ENDLESS: Amount = { prompt: 3500, tokens: 4000 };
/** Comes to its end soon. */
export const SHORT: Amount = { prompt: 400, tokens: 60 };

export interface Reached {
  /** What can be disposed of, in the order in which it was made. */
  readonly made: readonly { dispose(): unknown }[];
  /** The call that runs now, with a word on how it ended; undefined where nothing runs. */
  readonly running?: Promise<string>;
  /** Ends the running call, where something does besides dispose(). */
  readonly cancel?: () => void;
}

/** 240 MB of KV cache: allocating it takes longer than noticing that it has begun. */
const LARGE = { maxLength: 4096, batchSize: 8 };

const STAGES = {
  async 'asking for capabilities'() {
    return { made: [], running: capabilities().then(({ genaiVersion }) => typeof genaiVersion) };
  },

  async loading() {
    return { made: [], running: loadDemoModel().then(({ type }) => type) };
  },

  async 'loading from a Config with model data'() {
    const config = await Config.load(DEMO_MODEL);
    config.addModelData('model.onnx', readFileSync(join(DEMO_MODEL, 'model.onnx')));
    return { made: [config], running: Model.load(config).then(({ type }) => type) };
  },

  async 'tokenizers without a model'() {
    const config = await Config.load(DEMO_MODEL);
    if (!(await capabilities()).features.tokenizerFromPath) {
      const model = await loadDemoModel();
      const running = model.tokenizer.encode('tokens and words '.repeat(20_000));
      return { made: [config, model], running: running.then(({ length }) => `${length > 9999}`) };
    }
    const made = [await Tokenizer.fromConfig(config), await Tokenizer.fromPath(DEMO_MODEL)];
    const running = Promise.all([
      made[0]?.updateOptions({ chatTemplateKwargs: { a: 1 } }),
      made[1]?.encode('tokens and words '.repeat(20_000)),
    ]);
    return { made: [config, ...made], running: running.then(([, tokens]) => `${(tokens?.length ?? 0) > 9999}`) };
  },

  async 'model idle'() {
    return { made: [await loadDemoModel()] };
  },

  async 'making a generator'() {
    const model = await loadDemoModel();
    return { made: [model], running: model.createGenerator(LARGE).then(made => `${made.tokenCount}`) };
  },

  async 'generator made'() {
    const model = await loadDemoModel();
    return { made: [model, await model.createGenerator({ maxLength: 1000 })] };
  },

  async 'in prefill'({ prompt }) {
    const model = await loadDemoModel();
    const generator = await model.createGenerator({ maxLength: 4096 });
    const running = generator.appendTokens(noise(prompt)).then(() => 'appended');
    await sleep(20);
    return { made: [model, generator], running };
  },

  async 'in the prefill of generate'({ prompt, tokens }) {
    const model = await loadDemoModel();
    const controller = new AbortController();
    const options = { maxNewTokens: Math.min(tokens, 500), signal: controller.signal, onAbort: 'return' } as const;
    const running = model.generate(noise(prompt), options).then(({ finishReason }) => finishReason);
    await sleep(20);
    return { made: [model], running, cancel: () => controller.abort() };
  },

  async 'between steps'() {
    const model = await loadDemoModel();
    const generator = await model.createGenerator({ maxLength: 1000 });
    await generator.appendTokens([1, 2, 3]);
    for (let i = 0; i < 3; i++) await generator.generateNextToken();
    return { made: [model, generator] };
  },

  async 'in decode'({ tokens }) {
    const model = await loadDemoModel();
    const others = [1, 2].map(() => tellStory(model, tokens));
    const stream = tellStory(model, tokens);
    void readToEnd(stream);
    await Promise.all(others.map(other => other[Symbol.asyncIterator]().next()));
    return ofStreams(model, stream, ...others);
  },

  async 'stream unread'({ tokens }) {
    const model = await loadDemoModel();
    const stream = tellStory(model, tokens);
    await sleep(30);
    return ofStreams(model, stream);
  },

  async 'stream half read'({ tokens }) {
    const model = await loadDemoModel();
    const stream = tellStory(model, tokens);
    const reader = stream[Symbol.asyncIterator]();
    for (let i = 0; i < 5; i++) await reader.next();
    return ofStreams(model, stream);
  },

  async 'tokenizer stream'() {
    const model = await loadDemoModel();
    const stream = model.tokenizer.createStream();
    stream.decode(450);
    return { made: [model, stream] };
  },

  async 'encoding a chat'() {
    const model = await loadDemoModel();
    const messages = [{ role: 'user', content: 'tokens and words '.repeat(20_000) }] as const;
    return { made: [model], running: model.tokenizer.encodeChat(messages).then(({ length }) => `${length > 9999}`) };
  },

  async 'chat between turns'() {
    const model = await loadDemoModel();
    const chat = model.createChat({ maxNewTokens: 5 });
    await chat.send('Hello!');
    return { made: [model, chat] };
  },

  async 'chat in its second turn'({ tokens }) {
    const model = await loadDemoModel();
    const chat = model.createChat({ maxNewTokens: tokens, minLength: Math.min(4000, tokens + 100) });
    await chat.send('Hello!', { maxNewTokens: 5 });
    const stream = chat.stream(STORY);
    await stream[Symbol.asyncIterator]().next();
    return { made: [model, chat], running: stream.result.then(reasonOf), cancel: () => stream.cancel() };
  },

  async 'phi3 predicting'({ tokens }) {
    const phi3 = new Phi3Model();
    const modelConfig = { max_length: tokens + 20, min_length: tokens };
    await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': DEMO_MODEL }, modelConfig });
    const stream = phi3.predictStream(null, STORY);
    await stream[Symbol.asyncIterator]().next();
    return { made: [phi3], running: stream.result.then(reasonOf), cancel: () => stream.cancel() };
  },

  async 'engine idle'() {
    const model = await loadDemoModel();
    const engine = await model.createEngine();
    const request = await engine.createRequest();
    await request.beginTurn([450], { maxNewTokens: 2 }).result;
    return { made: [model, engine] };
  },

  async 'in turns of an engine'({ tokens }) {
    const model = await loadDemoModel();
    const engine = await model.createEngine();
    const requests = await Promise.all([1, 2, 3, 4, 5].map(() => engine.createRequest()));
    const length = Math.min(tokens, 3000);
    const turns = requests.map(request => request.beginTurn([450], { minNewTokens: length, maxNewTokens: length }));
    await turns[0]?.[Symbol.asyncIterator]().next(); // half read; the others are not, and the last ones wait
    const running = Promise.all(turns.map(turn => turn.result.then(reasonOf))).then(reasons => reasons.join());
    return { made: [model, engine], running };
  },

  async disposing() {
    const model = await loadDemoModel();
    const generator = await model.createGenerator({ maxLength: 4096 });
    const engine = await model.createEngine();
    void generator.dispose();
    void engine.dispose();
    void model.dispose();
    return { made: [generator, engine, model] };
  },
  // The last one: the log stays on.
  async logging({ tokens }) {
    const model = await loadDemoModel();
    await setLogCallback(ignore);
    await setLogOptions({ enabled: true, generateNextToken: true, modelOutputShapes: true });
    const streams = [1, 2].map(() => tellStory(model, Math.min(tokens, 1000)));
    await Promise.all(streams.map(stream => stream[Symbol.asyncIterator]().next()));
    return ofStreams(model, ...streams);
  },
} satisfies Record<string, (amount: Amount) => Promise<Reached>>;

export type StageName = keyof typeof STAGES;
export const STAGE_NAMES = Object.keys(STAGES) as StageName[];

export async function enter(name: StageName, amount: Amount = ENDLESS): Promise<Reached> {
  const reached: Reached = await STAGES[name](amount);
  // A test that ends the process does not await it.
  reached.running?.catch(() => {});
  return reached;
}

/** False when the call that should run has ended already: then the stage was missed. */
export async function isStill({ running }: Pick<Reached, 'running'>): Promise<boolean> {
  let still = true;
  const note = (): void => {
    still = false;
  };
  running?.then(note, note);
  await setImmediate();
  return still;
}

function ignore(): void {}

function tellStory(model: Model, tokens: number): TokenStream {
  return model.stream(STORY, { minLength: tokens, maxNewTokens: tokens });
}

async function readToEnd(stream: TokenStream): Promise<void> {
  for await (const _ of stream);
}

function reasonOf({ finishReason }: { finishReason: string }): string {
  return finishReason;
}

function ofStreams(model: Model, ...streams: TokenStream[]): Reached {
  return {
    made: [model],
    running: Promise.all(streams.map(stream => stream.result.then(reasonOf))).then(reasons => reasons.join()),
    cancel: () => {
      for (const stream of streams) stream.cancel();
    },
  };
}
