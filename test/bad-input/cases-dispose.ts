/** What was disposed: used again, disposed again, disposed while it runs. */
import * as assert from 'uvu/assert';
import { Adapters, type Generator, GeneratorParams, type Model, NamedTensors, Tensor } from '../../src/index.ts';
import { Phi3Model } from '../../src/phi3/index.ts';
import { DEMO_MODEL, loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, checked, each, refused, sleep, type Table, table } from './case.ts';

const DISPOSED = 'ERR_GENAI_DISPOSED';
const HELLO = [{ role: 'user', content: 'Hello' }] as const;
const CONTEXT = { artifacts: { 'phi3-mini-onnx': DEMO_MODEL } };

/** Made when the first case needs it: a model takes a moment to load. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const goneModel = once(async () => {
  const model = await loadDemoModel({ intraOpNumThreads: 1 });
  const params = new GeneratorParams(model);
  await model.dispose();
  return { model, params };
});

const goneGenerator = once(async () => {
  await using model = await loadDemoModel({ intraOpNumThreads: 1 });
  const generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens([1, 2]);
  await generator.dispose();
  return generator;
});

const gonePhi3 = once(async () => {
  const phi3 = new Phi3Model();
  await phi3.loadContext(CONTEXT);
  await phi3.dispose();
  return phi3;
});

type Calls<T> = Readonly<Record<string, (object: T) => unknown>>;

function after<T>(gone: () => Promise<T>, what: string, kind: string, calls: Calls<T>): Table {
  return each(Object.entries(calls), ([name, call]) => [
    `${name} after dispose of the ${kind}`,
    refused(DISPOSED, `The ${what} ${what.endsWith('s') ? 'were' : 'was'} disposed`, async () => call(await gone())),
  ]);
}

const OF_MODEL: Calls<{ model: Model; params: GeneratorParams }> = {
  generate: ({ model }) => model.generate(SPAIN),
  'stream.result': ({ model }) => model.stream(SPAIN).result,
  'reading a stream': async ({ model }) => {
    for await (const _ of model.stream(SPAIN));
  },
  createGenerator: ({ model }) => model.createGenerator(),
  'createGenerator of params': ({ model, params }) => model.createGenerator(params),
  'encodeChat of the tokenizer': ({ model }) => model.tokenizer.encodeChat(HELLO),
};

const OF_TOKENIZER: Calls<{ model: Model }> = {
  encode: ({ model }) => model.tokenizer.encode('a'),
  decode: ({ model }) => model.tokenizer.decode([450]),
  encodeBatch: ({ model }) => model.tokenizer.encodeBatch(['a']),
  decodeBatch: ({ model }) => model.tokenizer.decodeBatch([[450]]),
  applyChatTemplate: ({ model }) => model.tokenizer.applyChatTemplate(HELLO),
  toTokenId: ({ model }) => model.tokenizer.toTokenId('a'),
  createStream: ({ model }) => model.tokenizer.createStream(),
};

const OF_GENERATOR: Calls<Generator> = {
  appendTokens: generator => generator.appendTokens([1]),
  appendTokenSequences: generator => generator.appendTokenSequences([[1]]),
  generateNextToken: generator => generator.generateNextToken(),
  isDone: generator => generator.isDone(),
  tokenCount: generator => generator.tokenCount,
  getNextTokens: generator => generator.getNextTokens(),
  getSequence: generator => generator.getSequence(),
  rewindTo: generator => generator.rewindTo(0),
  getLogits: generator => generator.getLogits(),
  setLogits: generator => generator.setLogits(new Float32Array(32064)),
  setRuntimeOption: generator => generator.setRuntimeOption('enable_profiling', '0'),
  setInputs: generator => generator.setInputs(new NamedTensors()),
  setModelInput: generator => generator.setModelInput('x', new Tensor('int8', [1])),
  setHiddenStates: generator => generator.setHiddenStates(new Tensor('int8', [1])),
  getInput: generator => generator.getInput('input_ids'),
  getOutput: generator => generator.getOutput('logits'),
  snapshotState: generator => generator.snapshotState(),
  isSessionTerminated: generator => generator.isSessionTerminated(),
  getSpeculativeStats: generator => generator.getSpeculativeStats(),
};

const OF_TENSOR: Calls<Tensor> = {
  'data of a tensor': tensor => tensor.data,
  setModelInput: async tensor => {
    await using model = await loadDemoModel({ intraOpNumThreads: 1 });
    await (await model.createGenerator({ maxLength: 20 })).setModelInput('x', tensor);
  },
};

const OF_NAMED_TENSORS: Calls<NamedTensors> = {
  'names of a set': set => set.names(),
  'size of a set': set => set.size,
  'get of a set': set => set.get('x'),
  'set of a set': set => set.set('x', new Tensor('int8', [1])),
  'delete of a set': set => set.delete('x'),
  'reading a set': set => [...set],
};

const OF_ADAPTERS: Calls<Adapters> = {
  'load of adapters': adapters => adapters.load('x', 'x'),
  'unload of adapters': adapters => adapters.unload('x'),
};

function gone<T extends { dispose(): void }>(make: () => T): () => Promise<T> {
  return async () => {
    const object = make();
    object.dispose();
    return object;
  };
}

const goneAdapters = once(async () => {
  await using model = await loadDemoModel({ intraOpNumThreads: 1 });
  return await gone(() => new Adapters(model))();
});

const OF_PHI3: Calls<Phi3Model> = {
  predict: phi3 => phi3.predict(null, SPAIN),
  'predict of an array': phi3 => phi3.predict(null, [SPAIN]),
  predictStream: phi3 => phi3.predictStream(null, SPAIN).result,
  chat: phi3 => phi3.chat(HELLO),
};

const USED: Table = table(
  after(goneModel, 'Model', 'model', OF_MODEL),
  after(goneModel, 'Tokenizer', 'model', OF_TOKENIZER),
  after(goneModel, 'Model', 'model', { 'params.get': ({ params }) => params.get('topK') }),
  after(goneGenerator, 'Generator', 'generator', OF_GENERATOR),
  after(gonePhi3, 'Model', 'Phi3Model', OF_PHI3),
  after(
    gone(() => new Tensor('int8', [1])),
    'Tensor',
    'tensor',
    OF_TENSOR,
  ),
  after(
    gone(() => new NamedTensors()),
    'NamedTensors',
    'set',
    OF_NAMED_TENSORS,
  ),
  after(goneAdapters, 'Adapters', 'adapters', OF_ADAPTERS),
  {
    'decode after dispose of the stream': refused(DISPOSED, 'The TokenizerStream was disposed', ({ model }) => {
      const stream = model.tokenizer.createStream();
      stream.dispose();
      stream.decode(450);
    }),
  },
);

interface Owner {
  dispose(): unknown;
  [Symbol.dispose](): void;
}

function twice(make: (model: Model) => Promise<Owner> | Owner): BadCase {
  return checked(async ({ model }) => {
    const object = await make(model);
    await Promise.all([object.dispose(), object.dispose()]);
    await object.dispose();
    object[Symbol.dispose]();
  });
}

const TWICE: Table = {
  'dispose twice: Model': twice(() => loadDemoModel({ intraOpNumThreads: 1 })),
  'dispose twice: Generator': twice(model => model.createGenerator({ maxLength: 20 })),
  'dispose twice: TokenizerStream': twice(model => model.tokenizer.createStream()),
  'dispose twice: Tensor': twice(() => new Tensor('int8', [1])),
  'dispose twice: NamedTensors': twice(() => new NamedTensors()),
  'dispose twice: Adapters': twice(model => new Adapters(model)),
  'dispose twice: Phi3Model': twice(async () => {
    const phi3 = new Phi3Model();
    await phi3.loadContext(CONTEXT);
    return phi3;
  }),
  'dispose twice: Phi3Model without a model': twice(() => new Phi3Model()),
};

const LONG = noise(3000);

const RUNNING: Table = {
  'Generator disposed in a prefill': refused(DISPOSED, 'The Generator was disposed', async ({ model }) => {
    const generator = await model.createGenerator({ maxLength: 3100 });
    const running = generator.appendTokens(LONG);
    await sleep(20);
    void generator.dispose();
    await running;
  }),
  'Generator disposed before its prefill begins': refused(DISPOSED, 'The Generator was disposed', async ({ model }) => {
    const generator = await model.createGenerator({ maxLength: 3100 });
    const running = generator.appendTokens(LONG);
    void generator.dispose();
    await running;
  }),
  'Generator disposed in a step': checked(async ({ model }) => {
    const generator = await model.createGenerator({ maxLength: 50 });
    await generator.appendTokens([1, 2]);
    // The step may be through before it is told.
    const step = generator.generateNextToken().catch((error: { code?: string }) => error.code);
    await generator.dispose();
    assert.ok([undefined, DISPOSED].includes((await step) ?? undefined));
    await expectError(() => generator.tokenCount, DISPOSED);
  }),
  'Model disposed in a prefill: it goes on': checked(async () => {
    const model = await loadDemoModel({ intraOpNumThreads: 1 });
    const running = model.generate(noise(300), { maxNewTokens: 2, minLength: 302 });
    await sleep(5);
    void model.dispose();
    assert.is((await running).usage.outputTokens, 2);
    await expectError(model.generate(SPAIN), DISPOSED);
  }),
  'Model disposed in a decode: it goes on': checked(async () => {
    const model = await loadDemoModel({ intraOpNumThreads: 1 });
    const stream = model.stream(SPAIN, { maxNewTokens: 40, minLength: 50 });
    for await (const { index } of stream) if (index === 2) void model.dispose();
    assert.is((await stream.result).usage.outputTokens, 40);
    await expectError(model.generate(SPAIN), DISPOSED);
  }),
  'Model disposed while it encodes: it goes on': checked(async () => {
    const model = await loadDemoModel({ intraOpNumThreads: 1 });
    const running = model.tokenizer.encode(SPAIN);
    await model.dispose();
    assert.is((await running).length, 10);
    await expectError(model.tokenizer.encode(SPAIN), DISPOSED);
  }),
  'Phi3Model disposed while it loads': refused(DISPOSED, 'disposed, or loaded anew, during loadContext', async () => {
    const phi3 = new Phi3Model();
    const loading = phi3.loadContext(CONTEXT);
    await phi3.dispose();
    await loading;
  }),
};

export const DISPOSE: Table = table(USED, TWICE, RUNNING);
