import * as assert from 'uvu/assert';
import { SEARCH_BOOLEANS, SEARCH_NUMBERS } from '../../src/core/search-options.ts';
import { GeneratorParams, type Model, type SearchOptions } from '../../src/index.ts';
import { loadDemoModel, noise } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { features } from '../helpers/since.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('generator params');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const WRITE_ONLY = ['blankPenalty', 'audioTemperature', 'audioTopK', 'audioInterleaved'];

/** Options of models with audio output came with 0.17, as the capabilities of an engine did. */
function isKnown(option: string): boolean {
  return features.engineCapabilities || !option.startsWith('audio');
}

test('every option goes in and comes back', async ({ model }) => {
  const params = new GeneratorParams(model);
  const numbers: Record<string, number[]> = {
    maxLength: [1, 77, 4096],
    minLength: [0, 5],
    batchSize: [32, 1],
    numBeams: [32, 1],
    temperature: [0, 0.25, 100],
    topK: [0, 1, 32064],
    topP: [0, 0.5, 1],
    repetitionPenalty: [0.5, 2],
    lengthPenalty: [-1, 0, 2.5],
    noRepeatNgramSize: [0, 3],
    diversityPenalty: [-0.5, 0.5],
    seed: [0, 2 ** 31 - 1],
    chunkSize: [128, 0],
    blankPenalty: [0.5],
    audioTemperature: [0.5],
    audioTopK: [5],
  };
  for (const name of Object.keys(SEARCH_NUMBERS)) {
    if (name === 'numReturnSequences' || !isKnown(name)) continue;
    assert.ok(numbers[name] !== undefined, `no values for the option ${name}`);
    for (const value of numbers[name] ?? []) {
      params.set({ [name]: value });
      if (WRITE_ONLY.includes(name)) {
        await expectError(() => params.get(name as keyof SearchOptions), 'ERR_GENAI_INVALID_ARGUMENT');
      } else assert.is(params.get(name as keyof SearchOptions), value, name);
    }
  }
  params.set({ numBeams: 4, numReturnSequences: 3 });
  assert.equal([params.get('numBeams'), params.get('numReturnSequences')], [4, 3]);
  await expectError(() => params.set({ doSample: true }), 'ERR_GENAI_INVALID_ARGUMENT', 'numBeams');
  params.set({ numBeams: 1, numReturnSequences: 1 });
  for (const name of Object.keys(SEARCH_BOOLEANS).filter(isKnown)) {
    for (const value of [true, false]) {
      params.set({ [name]: value });
      if (WRITE_ONLY.includes(name)) {
        await expectError(() => params.get(name as keyof SearchOptions), 'ERR_GENAI_INVALID_ARGUMENT');
      } else assert.is(params.get(name as keyof SearchOptions), value, name);
    }
  }
});

test('an option that is too new for the library', async ({ model }) => {
  if (isKnown('audioTopK')) return;
  for (const options of [{ audioTemperature: 0.5 }, { audioTopK: 3 }, { audioInterleaved: true }]) {
    const [name = ''] = Object.keys(options);
    await expectError(model.createGenerator(options), 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', name);
    await expectError(model.generate('Hi', options), 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', name);
  }
});

test('defaults are those of the model but for maxLength, undefined leaves them', async ({ model }) => {
  const params = new GeneratorParams(model, { topK: undefined, temperature: undefined });
  assert.equal(
    (['maxLength', 'topK', 'temperature', 'doSample', 'numBeams'] as const).map(name => params.get(name)),
    [2048, 50, 1, false, 1],
  );
  params.set({});
  const given = new GeneratorParams(model, { maxLength: 9 });
  await using generator = await model.createGenerator(given);
  given.set({ maxLength: 20 });
  await expectError(generator.appendTokens(noise(10)), 'ERR_GENAI_INPUT_TOO_LONG', '9');
});

test('what a generator was made with stays, whatever is set afterwards', async ({ model }) => {
  const params = new GeneratorParams(model, { maxLength: 16, pastPresentShareBuffer: false });
  await using generator = await model.createGenerator(params);
  await generator.appendTokens([450, 7483, 310]);
  params.set({ maxLength: 4000, minLength: 3999, batchSize: 32, numBeams: 4, numReturnSequences: 2 });
  for (let i = 0; i < 20; i++) await generator.generateNextToken();
  assert.ok(generator.tokenCount <= 16, `${generator.tokenCount} tokens`);
  assert.is(params.get('numReturnSequences'), 2);
});

test('of another model, or no options at all, are refused', async ({ model }) => {
  await using other = await loadDemoModel();
  await expectError(model.createGenerator(new GeneratorParams(other)), 'ERR_GENAI_INVALID_ARGUMENT', 'this very model');
  await expectError(() => model.createGenerator(null as unknown as GeneratorParams), 'ERR_GENAI_INVALID_ARGUMENT');
  assert.is(new GeneratorParams(model).get('maxLength'), 2048);
});

test.run();
