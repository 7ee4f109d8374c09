/**
 * Values of every search option. What is expected is written out here, not taken from the rules in `src/`, which it
 * is to check. `GeneratorParams`, `createGenerator` and `generate` must all refuse, and nothing may be set.
 */
import * as assert from 'uvu/assert';
import { GeneratorParams, type SearchOptions } from '../../src/index.ts';
import { loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, each, invalid, type Table, table } from './case.ts';

const INT32 = 'an integer from 0 to 2147483647';
const FINITE = 'a finite number';

/** What the message says, and values out of range. */
const NUMBERS: Readonly<Record<string, readonly [expected: string, ...outside: number[]]>> = {
  maxLength: ['an integer from 1 to 4096', 0, -5, 4097],
  minLength: ['an integer from 0 to 4096', -1, 4097],
  batchSize: ['an integer from 1 to 32', 0, 33],
  numBeams: ['an integer from 1 to 32', 0, 33],
  numReturnSequences: ['an integer from 1 to 32', 0, 33],
  temperature: ['a finite number of at least 0', -0.1],
  topK: ['an integer from 0 to 32064', -1, 32065],
  topP: ['a number from 0 to 1', -0.1, 1.1],
  repetitionPenalty: ['a finite number above 0', 0, -1],
  lengthPenalty: [FINITE],
  noRepeatNgramSize: [INT32, -1, 2 ** 31],
  diversityPenalty: [FINITE],
  seed: [INT32, -1, 2 ** 31],
  chunkSize: [INT32, -1, 2 ** 31],
  blankPenalty: [FINITE],
  audioTemperature: ['a finite number of at least 0', -0.1],
  audioTopK: [INT32, -1, 2 ** 31],
};

const BOOLEANS = ['doSample', 'earlyStopping', 'pastPresentShareBuffer', 'audioInterleaved'];

/** Options that `generate` does not take, and the one for which it has a sentence of its own. */
const NOT_OF_GENERATE = ['batchSize', 'numReturnSequences', 'pastPresentShareBuffer', 'doSample'];

/** The options that have cases; a test compares them with those that there are. */
export const SEARCH_OPTION_NAMES = [...Object.keys(NUMBERS), ...BOOLEANS];

function value(name: string, expected: string, wrong: unknown): BadCase {
  const text = `${name} must be ${expected}, but is `;
  const options = { topP: 0.123, [name]: wrong } as SearchOptions;
  return invalid(text, async ({ model }) => {
    const params = new GeneratorParams(model);
    await expectError(() => params.set(options), 'ERR_GENAI_INVALID_ARGUMENT', text);
    assert.is(params.get('topP'), 1, `${name} was refused, but topP was set`);
    if (!NOT_OF_GENERATE.includes(name)) {
      await expectError(
        () => model.generate(SPAIN, { maxNewTokens: 3, ...options }),
        'ERR_GENAI_INVALID_ARGUMENT',
        text,
      );
    }
    await using _ = await model.createGenerator(options);
  });
}

function badNumbers(name: string, expected: string, outside: readonly number[]): Table {
  const wrong: [string, unknown][] = [
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['minus infinite', Number.NEGATIVE_INFINITY],
    ['a string', '1'],
    ['null', null],
    ['a bigint', 1n],
    ['true', true],
  ];
  for (const number of outside) wrong.push([`of ${number}`, number]);
  if (expected.startsWith('an integer')) wrong.push(['fractional', 1.5]);
  return each(wrong, ([kind, item]) => [`${name} ${kind}`, value(name, expected, item)]);
}

const VALUES: Table = table(
  ...Object.entries(NUMBERS).map(([name, [expected, ...outside]]) => badNumbers(name, expected, outside)),
);

const FLAGS: Table = table(
  ...BOOLEANS.map(name =>
    each([1, 'true', null], wrong => [`${name} ${JSON.stringify(wrong)}`, value(name, 'a boolean', wrong)]),
  ),
);

const create = (text: string, options: SearchOptions): BadCase =>
  invalid(text, ({ model }) => model.createGenerator(options));

const TOGETHER: Table = {
  'beams and sampling': create('numBeams must be 1 when sampling', { numBeams: 2, doSample: true }),
  'beams and a seed': invalid('numBeams must be 1 when sampling', ({ model }) =>
    model.generate(SPAIN, { numBeams: 2, seed: 1 }),
  ),
  'more sequences than beams': create('numReturnSequences must be at most numBeams, 2', {
    numBeams: 2,
    numReturnSequences: 3,
  }),
  'sequences without beams': create('numReturnSequences must be at most numBeams, 1', { numReturnSequences: 2 }),
  'pieces and beams': invalid('chunkSize must be 0 or left out where', ({ model }) =>
    model.generate(SPAIN, { numBeams: 2, chunkSize: 64 }),
  ),
  'pieces and a batch': create('chunkSize must be 0 or left out where', { batchSize: 2, chunkSize: 64 }),
  'pieces and the beams of the model': invalid('chunkSize must be 0 or left out where', async () => {
    await using model = await loadDemoModel({ configOverlay: { search: { num_beams: 2 } } });
    await model.generate(SPAIN, { chunkSize: 64 });
  }),
  'rows and the pieces of the model': invalid('genai_config.json sets chunk_size to 64', async () => {
    await using model = await loadDemoModel({ configOverlay: { search: { chunk_size: 64 } } });
    await model.generate(SPAIN, { numBeams: 2 });
  }),
  'minLength above maxLength': create('minLength must be at most maxLength, 10', { maxLength: 10, minLength: 11 }),
  'minLength above maxLength, set one by one': invalid('minLength must be at most maxLength, 10', ({ model }) => {
    const params = new GeneratorParams(model, { maxLength: 10 });
    params.set({ minLength: 11 });
  }),
};

/** Phi-3-mini's configuration, with a shorter window: the library fails in the middle of what goes beyond it. */
const sliding = { sliding_window: { window_size: 127, slide_key_value_cache: false, slide_inputs: false } };

function beyondWindow(options: SearchOptions): BadCase {
  return invalid('a shared buffer of this model holds its sliding window, 127 tokens', async () => {
    await using model = await loadDemoModel({ configOverlay: { model: { decoder: sliding } } });
    await using generator = await model.createGenerator(options);
    await generator.appendTokens(noise(150));
  });
}

const WINDOW: Table = {
  'a shared buffer beyond the sliding window': beyondWindow({ pastPresentShareBuffer: true, maxLength: 200 }),
};

export const SEARCH: Table = table(VALUES, FLAGS, TOGETHER, WINDOW);
