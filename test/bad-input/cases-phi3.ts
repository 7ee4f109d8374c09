/** What `Phi3Model` is given, where it is not what the model below it refuses anyway. */
import { type ErrorCode, GenAIError } from '../../src/index.ts';
import { Phi3Model } from '../../src/phi3/index.ts';
import { ask, DEMO_MODEL, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, checked, each, invalid, refused, type Table, table } from './case.ts';

const QUESTION = [{ role: 'user', content: 'What is the capital of Spain?' }] as const;
const PROMPT = 'must be a prompt string or { prompt: string }, but is ';

const predict = (text: string, input: unknown): BadCase =>
  invalid(text, ({ phi3 }) => phi3.predict(null, input as string));

/** Refused by predictStream as well. */
const prompt = (text: string, input: unknown): BadCase =>
  invalid(text, async ({ phi3 }) => {
    await expectError(() => phi3.predictStream(null, input as string).result, 'ERR_GENAI_INVALID_ARGUMENT', text);
    await phi3.predict(null, input as string);
  });

const PREDICT: Table = {
  'predict undefined': prompt(`input ${PROMPT}undefined`, undefined),
  'predict null': prompt(`input ${PROMPT}null`, null),
  'predict a number': prompt(`input ${PROMPT}5`, 5),
  'predict an empty record': prompt(`input ${PROMPT}an object`, {}),
  'predict a record of a number': prompt(`input ${PROMPT}an object`, { prompt: 5 }),
  'predict a record of another column': prompt(`input ${PROMPT}an object`, { text: SPAIN }),
  'predict an empty prompt': prompt('input must be at least one token long', ''),
  'predict a prompt with NUL': prompt('must not contain a NUL', 'a\0'),
  'predict an array with a bad record': predict(`input[1] ${PROMPT}`, [SPAIN, { prompt: null }]),
  'predict an array in an array': predict(`input[0] ${PROMPT}an array of 1`, [[SPAIN]]),
  'predict an array of undefined': predict(`input[0] ${PROMPT}undefined`, [undefined]),
  'predictStream an array': invalid(`input ${PROMPT}an array of 1`, ({ phi3 }) =>
    phi3.predictStream(null, [SPAIN] as never),
  ),
  'predict options null': invalid('options must be an object, but is null', ({ phi3 }) =>
    phi3.predict(null, SPAIN, null as never),
  ),
};

const chat = (text: string, messages: unknown, options?: object): BadCase =>
  invalid(text, ({ phi3 }) => phi3.chat(messages as never, options as never));

const CHAT: Table = {
  'chat without messages': chat('messages must be an array of at least one message', undefined),
  'chat of no messages': chat('messages must be an array of at least one message', []),
  'chat of a string': chat('messages must be an array of at least one message', ask('x')),
  'chat of an Int32Array': chat('messages must be an array of at least one message', noise(5)),
  'chat of token ids': chat('messages[0] must be an object with role and content, but is 1', [1, 2, 3]),
  'chat of an unknown role': chat('messages[0].role must be one of', [{ role: 'boss', content: 'x' }]),
  'chat n 0': chat('n must be an integer of at least 1, but is 0', QUESTION, { n: 0 }),
  'chat n fractional': chat('n must be an integer of at least 1', QUESTION, { n: 1.5 }),
  'chat max_tokens 0': chat('max_tokens must be an integer of at least 1', QUESTION, { max_tokens: 0 }),
  'chat max_tokens a string': chat('max_tokens must be an integer of at least 1', QUESTION, { max_tokens: '5' }),
  'chat temperature negative': chat('temperature must be a finite number of at least 0', QUESTION, { temperature: -1 }),
  'chat top_p out of range': chat('must be a number from 0 to 1, but is 2', QUESTION, { top_p: 2 }),
  'chat stop empty': chat('stop must be a non-empty string', QUESTION, { stop: '' }),
  'chat options null': invalid('options must be an object, but is null', ({ phi3 }) =>
    phi3.chat(QUESTION, null as never),
  ),
};

function context(text: string, wrong: unknown, code: ErrorCode = 'ERR_GENAI_INVALID_ARGUMENT'): BadCase {
  return refused(code, text, async () => {
    await using phi3 = new Phi3Model();
    await phi3.loadContext(wrong as never);
    await phi3.predict(null, SPAIN);
  });
}

const ARTIFACTS = { 'phi3-mini-onnx': DEMO_MODEL };
const NOT_LOADED = 'No model is loaded: await loadContext() before the first call';
const ARTIFACT = 'context.artifacts["phi3-mini-onnx"] must be the path of a model folder, but is ';

const CONTEXT: Table = table(
  each([undefined, null, {}, { artifacts: null }, { artifacts: { other: DEMO_MODEL } }], wrong => [
    `context ${JSON.stringify(wrong)?.replace(DEMO_MODEL, 'x') ?? 'undefined'}`,
    context(`${ARTIFACT}undefined`, wrong),
  ]),
  {
    'context with a number as artifact': context(`${ARTIFACT}5`, { artifacts: { 'phi3-mini-onnx': 5 } }),
    'context with an empty path': context('model folder must be the path of a folder', {
      artifacts: { 'phi3-mini-onnx': '' },
    }),
    'context with no such folder': context(
      'The model folder does not exist',
      { artifacts: { 'phi3-mini-onnx': 'no/such/folder' } },
      'ERR_GENAI_MODEL_NOT_FOUND',
    ),
    'modelConfig a number': context('context.modelConfig must be an object of search options, but is 5', {
      artifacts: ARTIFACTS,
      modelConfig: 5,
    }),
    'modelConfig an array': context('context.modelConfig must be an object of search options', {
      artifacts: ARTIFACTS,
      modelConfig: [],
    }),
    'modelConfig max_length beyond the context': context('maxLength must be an integer from 1 to 4096', {
      artifacts: ARTIFACTS,
      modelConfig: { max_length: 5000 },
    }),
    'modelConfig toString': context('Unknown option "toString"', {
      artifacts: ARTIFACTS,
      modelConfig: { toString: 1 },
    }),
    'use before loadContext': invalid(NOT_LOADED, async () => {
      const phi3 = new Phi3Model();
      await expectError(phi3.predict(null, []), 'ERR_GENAI_INVALID_ARGUMENT', NOT_LOADED);
      await expectError(() => phi3.predictStream(null, SPAIN), 'ERR_GENAI_INVALID_ARGUMENT', NOT_LOADED);
      await expectError(phi3.chat(QUESTION), 'ERR_GENAI_INVALID_ARGUMENT', NOT_LOADED);
      await phi3.predict(null, SPAIN);
    }),
    'predict of a prompt beyond max_length': refused(
      'ERR_GENAI_INPUT_TOO_LONG',
      'maxLength is 300',
      async ({ model, phi3 }) => {
        const words = await model.tokenizer.decode(noise(400));
        await expectError(() => phi3.predictStream(null, words).result, 'ERR_GENAI_INPUT_TOO_LONG', '300');
        await phi3.predict(null, words);
      },
    ),
    'a failed loadContext leaves the model there was': checked(async () => {
      await using phi3 = new Phi3Model();
      await phi3.loadContext({ artifacts: ARTIFACTS });
      const wrong = { artifacts: { 'phi3-mini-onnx': 'no/such/folder' } };
      const error = await phi3.loadContext(wrong).catch((caught: unknown) => caught);
      if (!(error instanceof GenAIError)) throw new Error(`no GenAIError, but ${String(error)}`);
      await phi3.chat(QUESTION, { max_tokens: 1 });
    }),
  },
);

export const PHI3: Table = table(PREDICT, CHAT, CONTEXT);
