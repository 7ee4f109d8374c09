/**
 * Wrong calls of an Engine, its requests and turns. Each is made beside a turn of another request, which must not notice:
 * in the library one wrong token ends every turn of the engine.
 */
import * as assert from 'uvu/assert';
import { capabilities, type Engine, type EngineRequest, type ErrorCode, type TurnOptions } from '../../src/index.ts';
import { noise } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, checked, each, HELD, outcome, type Table, table, type World } from './case.ts';

const INVALID: ErrorCode = 'ERR_GENAI_INVALID_ARGUMENT';
const RANGE: ErrorCode = 'ERR_GENAI_TOKEN_OUT_OF_RANGE';
const DISPOSED: ErrorCode = 'ERR_GENAI_DISPOSED';

/** An engine at work. */
interface Place extends World {
  readonly engine: Engine;
  /** New. */
  readonly request: EngineRequest;
}

/** Is refused, and a turn that runs meanwhile gets all its tokens. */
function beside(code: ErrorCode, text: string, act: (place: Place) => unknown): BadCase {
  return checked(async world => {
    await using engine = await world.model.createEngine();
    const neighbour = await engine.createRequest({ maxSessionTokens: 100 });
    const running = neighbour.beginTurn(HELD, { minNewTokens: 40, maxNewTokens: 40 });
    await using request = await engine.createRequest({ maxSessionTokens: 100 });
    await expectError(async () => act({ ...world, engine, request }), code, text);
    assert.is((await running.result).usage.outputTokens, 40, 'the neighbour');
    assert.is(engine.isDead, false);
    assert.is((await request.beginTurn(HELD, { maxNewTokens: 1 }).result).usage.outputTokens, 1, 'the request itself');
  });
}

/** What the engine of 0.15 does not have at all. */
function since16(code: ErrorCode, text: string, act: (place: Place) => unknown): BadCase {
  return checked(async world => {
    const { engine } = (await capabilities()).features;
    await outcome(engine ? beside(code, text, act) : beside('ERR_GENAI_UNSUPPORTED_BY_LIBRARY', '0.16', act), world);
  });
}

/** What only dynamic batching has; the engine of 0.15 takes a seed, and refuses guidance later. */
function dynamicOnly(name: string, options: TurnOptions): BadCase {
  return checked(async world => {
    if (!(await capabilities()).features.engine) return;
    await outcome(turn(`${name} needs an engine with dynamic batching`, options), world);
  });
}

/** Wrong options of beginTurn: thrown by the call itself, before anything has begun. */
function turn(text: string, options: unknown, code: ErrorCode = INVALID): BadCase {
  return beside(code, text, ({ request }) => void request.beginTurn(HELD, options as TurnOptions));
}

function tokens(code: ErrorCode, text: string, wrong: unknown): BadCase {
  return beside(code, text, async ({ request }) => {
    await expectError(request.setDraftTokens(wrong as number[]), wrong === HELD ? INVALID : code);
    request.beginTurn(wrong as number[]);
  });
}

function detached(): Int32Array {
  const array = Int32Array.of(1, 2, 3);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

const TOKENS: Table = {
  'token beyond the vocabulary': tokens(
    RANGE,
    'tokens[1] must be an integer from 0 to 32063, but is 32064',
    [1, 32064],
  ),
  'token beyond the vocabulary, in an Int32Array': tokens(RANGE, 'tokens[0] must be', Int32Array.of(99_999_999)),
  'token negative': tokens(RANGE, 'tokens[0] must be an integer from 0 to 32063, but is -1', [-1]),
  'token fractional': tokens(RANGE, 'tokens[0] must be', [1.5]),
  'token NaN': tokens(RANGE, 'tokens[0] must be', [Number.NaN]),
  'token of 2^32': tokens(RANGE, 'tokens[0] must be', [2 ** 32]),
  'token a string': tokens(RANGE, 'tokens[0] must be an integer from 0 to 32063, but is "1"', ['1']),
  'tokens with holes': tokens(RANGE, 'tokens[0] must be', new Array(3)),
  'tokens a text': tokens(INVALID, 'tokens must be an Int32Array or an array of token ids, but is "x"', 'x'),
  'tokens undefined': tokens(INVALID, 'tokens must be an Int32Array or an array of token ids', undefined),
  'tokens of another array type': tokens(INVALID, 'tokens must be an Int32Array', Uint32Array.of(1)),
  'tokens none': beside(INVALID, 'tokens must be at least one token, but is an array of 0', ({ request }) =>
    request.beginTurn([]),
  ),
  'tokens of a detached buffer': beside(INVALID, 'tokens must be at least one token', ({ request }) =>
    request.beginTurn(detached()),
  ),
  'tokens that leave no room': beside('ERR_GENAI_INPUT_TOO_LONG', 'maxSessionTokens is 100', ({ request }) =>
    request.beginTurn(noise(100)),
  ),
  'tokens longer than the context': beside('ERR_GENAI_INPUT_TOO_LONG', '4096', async ({ engine }) => {
    await using long = await engine.createRequest();
    long.beginTurn(noise(4096));
  }),
  'drafts that a static engine cannot take': since16(INVALID, 'at most 0 tokens', ({ request }) =>
    request.setDraftTokens(HELD),
  ),
};

function numbers(name: keyof TurnOptions, values: readonly unknown[], text = `${name} must be `): Table {
  return each(values, value => {
    const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
    return [`turn option ${name} ${shown}`, turn(text, { [name]: value })];
  });
}

const { NaN: NOT_A_NUMBER, POSITIVE_INFINITY: INFINITE } = Number;

const NUMBERS: Table = table(
  numbers('maxNewTokens', [0, -1, 1.5, NOT_A_NUMBER, INFINITE, '5', null]),
  numbers('minNewTokens', [-1, 1.5, NOT_A_NUMBER, '5', null, 98]),
  numbers('temperature', [-0.1, NOT_A_NUMBER, INFINITE, '1', null, 1e300]),
  numbers('topP', [-0.1, 1.1, NOT_A_NUMBER, '1']),
  numbers('topK', [-1, 32065, 1.5, NOT_A_NUMBER, '1']),
  numbers('repetitionPenalty', [0, -1, NOT_A_NUMBER, INFINITE]),
  numbers('noRepeatNgramSize', [-1, 1.5, NOT_A_NUMBER, 2 ** 31]),
  numbers('timeoutMs', [0, -1, NOT_A_NUMBER, INFINITE, 2 ** 31, '5', null]),
  numbers('seed', [-1, 1.5, NOT_A_NUMBER, 2 ** 31]),
);

const STOPS: Table = {
  'turn option stop empty': turn('stop must be a non-empty string', { stop: '' }),
  'turn option stop null': turn('stop must be a string, but is null', { stop: null }),
  'turn option stop empty in an array': turn('stop[1] must be a non-empty string', { stop: ['a', ''] }),
  'turn option stop with NUL': turn('stop must not contain a NUL character', { stop: 'a\0' }),
  'turn option stop with a lone surrogate': turn('stop[0] must not contain a lone surrogate', { stop: ['\ud83d'] }),
  'turn option stop of 17 texts': turn('stop must be at most 16 texts', { stop: new Array(17).fill('a') }),
  'turn option stop too long': turn('stop must be at most 16384 bytes', { stop: 'ä'.repeat(8193) }),
};

function optionalProperties(count: number): object {
  const properties = Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, { type: 'integer' }]));
  return { type: 'object', properties, additionalProperties: false };
}

const FORMATS: Table = {
  'turn option responseFormat a string': turn('responseFormat must be an object', { responseFormat: 'json' }),
  'turn option responseFormat of an unknown type': turn('responseFormat.type must be "json_schema"', {
    responseFormat: { type: 'json' },
  }),
  'turn option responseFormat without its pattern': turn('responseFormat.pattern must be a string', {
    responseFormat: { type: 'regex' },
  }),
  'turn option responseFormat with a pattern that kills the engine': turn(
    'nested repetitions',
    { responseFormat: { type: 'regex', pattern: '((a{1,1000}){1,1000}){1,1000}' } },
    'ERR_GENAI_GUIDANCE_REFUSED',
  ),
  'turn option responseFormat with a schema that kills the engine': turn(
    'number of optional properties',
    { responseFormat: { type: 'json_schema', schema: optionalProperties(520) } },
    'ERR_GENAI_GUIDANCE_REFUSED',
  ),
  'turn option guidanceLimits unknown': turn('Unknown option', {
    responseFormat: { type: 'regex', pattern: 'a' },
    guidanceLimits: { size_: 5 },
  }),
  'turn option responseFormat with a broken pattern': since16(
    'ERR_GENAI_GUIDANCE_REFUSED',
    '',
    ({ request }) => request.beginTurn(HELD, { responseFormat: { type: 'regex', pattern: '((' } }).result,
  ),
  'turn option responseFormat with a broken grammar': since16(
    'ERR_GENAI_GUIDANCE_REFUSED',
    '',
    ({ request }) => request.beginTurn(HELD, { responseFormat: { type: 'lark', grammar: 'start: (' } }).result,
  ),
};

const OTHERS: Table = {
  'turn options null': turn('options must be an object, but is null', null),
  'turn option unknown': turn('Unknown option "max_tokens"', { max_tokens: 5 }),
  'turn option of generate': turn('Unknown option "numBeams"', { numBeams: 2 }),
  'turn option doSample unknown': turn('doSample must be true, false or "model"', { doSample: 'yes' }),
  'turn option text a string': turn('text must be true or false, but is "yes"', { text: 'yes' }),
  'turn option signal no signal': turn('signal must be an AbortSignal', { signal: {} }),
  'turn option seed with static batching': dynamicOnly('seed', { seed: 1 }),
  'turn option delimitedGuidance with static batching': dynamicOnly('delimitedGuidance', {
    delimitedGuidance: { openingToken: 1, closingToken: 2, grammar: 'start: "a"' },
  }),
  'createEngine option unknown': beside(INVALID, 'Unknown option "batch"', ({ model }) =>
    model.createEngine({ batch: 4 } as never),
  ),
  'createEngine onBlocked no function': beside(INVALID, 'onBlocked must be a function, but is 5', ({ model }) =>
    model.createEngine({ onBlocked: 5 } as never),
  ),
  'createEngine options null': beside(INVALID, 'options must be an object, but is null', ({ model }) =>
    model.createEngine(null as never),
  ),
  'createRequest option unknown': beside(INVALID, 'Unknown option "maxTokens"', ({ engine }) =>
    engine.createRequest({ maxTokens: 4 } as never),
  ),
  'rewind to a turn that was never': beside(INVALID, 'there is none', ({ request }) => request.rewindToStartOfTurn(1)),
  'rewind to no number': beside(INVALID, 'id must be the id of a turn', ({ request }) =>
    request.rewindToStartOfTurn('1' as never),
  ),
};

const SESSION_TOKENS: Table = each([0, 1, -5, 1.5, 4097, NOT_A_NUMBER, INFINITE, '50', null], value => [
  `createRequest maxSessionTokens ${typeof value === 'number' ? String(value) : JSON.stringify(value)}`,
  beside(INVALID, 'maxSessionTokens must be an integer from 2 to 4096', ({ engine }) =>
    engine.createRequest({ maxSessionTokens: value as number }),
  ),
]);

/** After the end. */
const ENDED: Table = {
  'turn of a request that was closed': beside(DISPOSED, 'The EngineRequest was closed', async ({ engine }) => {
    const closed = await engine.createRequest();
    await closed.close();
    await closed.close();
    closed.beginTurn(HELD);
  }),
  'rewind of a request that was closed': beside(DISPOSED, 'The EngineRequest was closed', async ({ engine }) => {
    const closed = await engine.createRequest();
    void closed.close();
    await closed.rewindToStartOfTurn(1);
  }),
  'engine disposed of twice, then used': checked(async ({ model }) => {
    const engine = await model.createEngine();
    const request = await engine.createRequest();
    await Promise.all([engine.dispose(), engine.dispose()]);
    await engine.dispose();
    const calls = [
      () => engine.capabilities(),
      () => engine.getSpeculativeStats(),
      () => engine.createRequest(),
      () => request.beginTurn(HELD),
    ];
    for (const call of calls) await expectError(call, DISPOSED, 'The Engine was disposed');
    await request.close();
  }),
  'second turn at a time': beside('ERR_GENAI_BUSY', 'A turn of this EngineRequest is running', async ({ engine }) => {
    await using busy = await engine.createRequest();
    busy.beginTurn(HELD, { minNewTokens: 3000 });
    busy.beginTurn(HELD);
  }),
  'second reader of a Turn': beside('ERR_GENAI_BUSY', 'A Turn can be read once', async ({ engine }) => {
    await using busy = await engine.createRequest();
    const read = busy.beginTurn(HELD, { minNewTokens: 3000 });
    read[Symbol.asyncIterator]();
    read[Symbol.asyncIterator]();
  }),
};

export const ENGINE: Table = table(TOKENS, NUMBERS, STOPS, FORMATS, OTHERS, SESSION_TOKENS, ENDED);
