/** Options of `generate` that are no search options, and unknown names in everything that takes options. */
import { type ErrorCode, GeneratorParams, Model } from '../../src/index.ts';
import { type ModelConfig, Phi3Model } from '../../src/phi3/index.ts';
import { DEMO_MODEL, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, each, invalid, type Table, table, type World } from './case.ts';

const INVALID: ErrorCode = 'ERR_GENAI_INVALID_ARGUMENT';

/** Refused by generate and by stream. */
function generate(text: string, options: unknown): BadCase {
  return invalid(text, async ({ model }) => {
    await expectError(model.stream(SPAIN, options as never).result, INVALID, text);
    await model.generate(SPAIN, options as never);
  });
}

const MAX_NEW_TOKENS: Table = each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null], wrong => [
  `maxNewTokens ${typeof wrong === 'number' ? String(wrong) : JSON.stringify(wrong)}`,
  generate('maxNewTokens must be an integer of at least 1, but is ', { maxNewTokens: wrong }),
]);

const GENERATE: Table = {
  'stop empty': generate('stop must be a non-empty string, but is ""', { stop: '' }),
  'stop empty in an array': generate('stop[1] must be a non-empty string', { stop: ['a', ''] }),
  'stop a number': generate('stop must be a string, but is number', { stop: 5 }),
  'stop null': generate('stop must be a string, but is null', { stop: null }),
  'stop a number in an array': generate('stop[1] must be a string, but is number', { stop: ['a', 1] }),
  'stop with NUL': generate('stop must not contain a NUL character', { stop: 'a\0' }),
  'stop with a lone surrogate': generate('stop[0] must not contain a lone surrogate', { stop: ['\ud83d'] }),
  'onAbort unknown': generate('onAbort must be "throw" or "return", but is "ignore"', { onAbort: 'ignore' }),
  'doSample unknown': generate('doSample must be true, false or "model", but is "yes"', { doSample: 'yes' }),
  'generate signal no signal': generate('signal must be an AbortSignal', { signal: {} }),
  'generate signal a controller': generate('signal must be an AbortSignal', { signal: new AbortController() }),
  'generate options null': generate('options must be an object, but is null', null),
  'generate options a number': generate('options must be an object, but is 5', 5),
  'generate options an array': generate('options must be an object, but is an array of 0', []),
  'batchSize in generate': generate('The option "batchSize" is for createGenerator()', { batchSize: 2 }),
};

/** A function that takes options; a name that it does not know, and the one that was meant. */
interface Taker {
  readonly call: (world: World, options: never) => unknown;
  readonly near: string;
  readonly meant: string;
}

const HELLO = [{ role: 'user', content: 'Hello' }] as const;
const context = (modelConfig: ModelConfig) => ({ artifacts: { 'phi3-mini-onnx': DEMO_MODEL }, modelConfig });

const TAKERS: Readonly<Record<string, Taker>> = {
  'Model.load': { call: (_, o) => Model.load(DEMO_MODEL, o), near: 'execution_provider', meant: 'executionProvider' },
  generate: { call: ({ model }, o) => model.generate(SPAIN, o), near: 'top_k', meant: 'topK' },
  stream: { call: ({ model }, o) => model.stream(SPAIN, o).result, near: 'max_tokens', meant: 'maxNewTokens' },
  createGenerator: { call: ({ model }, o) => model.createGenerator(o), near: 'max_new_tokens', meant: 'maxLength' },
  'new GeneratorParams': { call: ({ model }, o) => new GeneratorParams(model, o), near: 'TOPK', meant: 'topK' },
  'params.set': {
    call: ({ model }, o) => new GeneratorParams(model).set(o),
    near: 'random_seed',
    meant: 'seed',
  },
  applyChatTemplate: {
    call: ({ model }, o) => model.tokenizer.applyChatTemplate(HELLO, o),
    near: 'add_generation_prompt',
    meant: 'addGenerationPrompt',
  },
  appendTokens: { call: ({ generator }, o) => generator.appendTokens([1], o), near: 'abortSignal', meant: 'signal' },
  appendTokenSequences: {
    call: ({ generator }, o) => generator.appendTokenSequences([[1]], o),
    near: 'Signal',
    meant: 'signal',
  },
  generateNextToken: {
    call: ({ generator }, o) => generator.generateNextToken(o),
    near: 'abort_signal',
    meant: 'signal',
  },
  'phi3.loadContext': {
    call: (_, o) => new Phi3Model().loadContext(context({}), o),
    near: 'Signal',
    meant: 'signal',
  },
  'phi3.modelConfig': {
    call: (_, o) => new Phi3Model().loadContext(context(o)),
    near: 'maxLength',
    meant: 'max_length',
  },
  'phi3.predict': { call: ({ phi3 }, o) => phi3.predict(null, SPAIN, o), near: 'abortSignal', meant: 'signal' },
  'phi3.predictStream': {
    call: ({ phi3 }, o) => phi3.predictStream(null, SPAIN, o).result,
    near: 'abortSignal',
    meant: 'signal',
  },
  'phi3.chat': { call: ({ phi3 }, o) => phi3.chat(HELLO, o), near: 'maxTokens', meant: 'max_tokens' },
};

const NAMES: Table = table(
  each(Object.entries(TAKERS), ([taker, { call }]) => [
    `unknown option of ${taker}`,
    invalid('Unknown option "nonsense". Options are ', world => call(world, { nonsense: 1 } as never)),
  ]),
  each(Object.entries(TAKERS), ([taker, { call, near, meant }]) => [
    `almost an option of ${taker}`,
    invalid(`Unknown option "${near}"; did you mean "${meant}"? Options are `, world =>
      call(world, { [near]: 1 } as never),
    ),
  ]),
  each(['toString', 'constructor', '__proto__'], name => [
    `unknown option ${name}`,
    invalid(`Unknown option "${name}"`, ({ model }) => new GeneratorParams(model, { [name]: 1 } as never)),
  ]),
  {
    'params.get unknown': invalid('Unknown option "nonsense". Options are ', ({ model }) =>
      new GeneratorParams(model).get('nonsense' as never),
    ),
    'params.get almost an option': invalid('Unknown option "top_k"; did you mean "topK"?', ({ model }) =>
      new GeneratorParams(model).get('top_k' as never),
    ),
    'params.get toString': invalid('Unknown option "toString"', ({ model }) =>
      new GeneratorParams(model).get('toString' as never),
    ),
    'params.get a number': invalid('name must be a string, but is number', ({ model }) =>
      new GeneratorParams(model).get(5 as never),
    ),
    'params.get cannot be read back': invalid('name must be an option that can be read back', ({ model }) =>
      new GeneratorParams(model).get('blankPenalty'),
    ),
  },
);

/** Options that are no object, in the functions that are not above. */
const NO_OBJECTS: Table = {
  'createGenerator options null': invalid('options must be an object, but is null', ({ model }) =>
    model.createGenerator(null as never),
  ),
  'createGenerator options a number': invalid('options must be an object, but is 5', ({ model }) =>
    model.createGenerator(5 as never),
  ),
  'new GeneratorParams without a model': invalid('model must be a Model, but is undefined', () => {
    new GeneratorParams(undefined as never);
  }),
  'new GeneratorParams of no model': invalid('model must be a Model, but is an object', () => {
    new GeneratorParams({} as never);
  }),
  'params.set a string': invalid('options must be an object, but is "topK"', ({ model }) =>
    new GeneratorParams(model).set('topK' as never),
  ),
  'call options null': invalid('options must be an object, but is null', ({ generator }) =>
    generator.generateNextToken(null as never),
  ),
};

export const OPTIONS: Table = table(MAX_NEW_TOKENS, GENERATE, NAMES, NO_OBJECTS);
