/** Calls of a generator that are refused, cut off or made to fail, and what is left of it then. */
import * as assert from 'uvu/assert';
import { GeneratorParams, type Model } from '../../src/index.ts';
import { loadDemoModel, noise } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { fresh, steps } from '../helpers/steps.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('generator calls');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

test('a refused second call does not disturb the first', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 1000 });
  const running = generator.appendTokens(noise(900));
  await expectError(generator.appendTokens([1]), 'ERR_GENAI_BUSY');
  generator.setRuntimeOption('terminate_session', '0');
  await running;
  assert.is(generator.tokenCount, 900);
  assert.equal(await steps(generator, 3), await fresh(model, noise(900), 3));
});

test('abort in the prefill of a batch', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 1600, batchSize: 2 });
  const rows = [noise(1500), noise(1500)];
  await expectRejection(generator.appendTokenSequences(rows, { signal: AbortSignal.timeout(20) }));
  assert.is(generator.tokenCount, 0);
  await generator.appendTokenSequences([noise(10), noise(10)]);
  await generator.generateNextToken();
  const [expected] = await fresh(model, noise(10), 1);
  assert.equal([...generator.getNextTokens()], [expected, expected]);
});

test('a signal that has fired already: nothing is run', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens([1, 2]);
  const reason = new Error('early');
  const options = { signal: AbortSignal.abort(reason) };
  assert.is(await expectRejection(generator.appendTokens([3], options)), reason);
  assert.is(await expectRejection(generator.appendTokenSequences([[3]], options)), reason);
  assert.is(await expectRejection(generator.generateNextToken(options)), reason);
  assert.is(generator.tokenCount, 2);
  const used = new AbortController();
  await generator.generateNextToken({ signal: used.signal });
  used.abort();
  await generator.generateNextToken();
  assert.is(generator.tokenCount, 4);
});

test('a generator outlives its model', async () => {
  const model = await loadDemoModel();
  const generator = await model.createGenerator({ maxLength: 50 });
  const params = new GeneratorParams(model);
  await model.dispose();
  await generator.appendTokens([1, 2, 3]);
  assert.is((await steps(generator, 3)).length, 3);
  await generator.dispose();
  await expectError(() => params.get('topK'), 'ERR_GENAI_DISPOSED');
  await expectError(model.createGenerator(params), 'ERR_GENAI_DISPOSED');
});

test('terminate_session by the user: every run fails until it is taken back', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 3600 });
  await generator.appendTokens([1, 2, 3]);
  generator.setRuntimeOption('terminate_session', '1');
  await expectError(generator.generateNextToken(), 'ERR_GENAI_NATIVE', 'erminated');
  await expectError(generator.appendTokens([4]), 'ERR_GENAI_NATIVE', 'erminated');
  await expectError(() => generator.isDone(), 'ERR_GENAI_NATIVE', 'terminated');
  assert.is(generator.tokenCount, 3);
  generator.setRuntimeOption('terminate_session', '0');
  assert.is(generator.isDone(), false);
  assert.equal(await steps(generator, 4), await fresh(model, [1, 2, 3], 4));

  await generator.rewindTo(0);
  const prefill = generator.appendTokens(noise(3500));
  setTimeout(() => generator.setRuntimeOption('terminate_session', '1'), 20);
  await expectError(prefill, 'ERR_GENAI_NATIVE', 'terminate');
  generator.setRuntimeOption('terminate_session', '0');
  assert.is(generator.tokenCount, 0);
  await generator.appendTokens([1, 2, 3]);
  assert.equal(await steps(generator, 4), await fresh(model, [1, 2, 3], 4));
});

test.run();
