import * as assert from 'uvu/assert';
import type { Model } from '../../src/index.ts';
import { ask, loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { argmax, fresh, steps } from '../helpers/steps.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('generator');

const EOS = 32007;

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

test('append, generate, read: the tokens of generate()', async ({ model }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  const { tokenIds } = await model.generate(prompt);
  await using generator = await model.createGenerator({ maxLength: 200 });
  assert.is(generator.tokenCount, 0);
  assert.is(generator.isDone(), false);
  assert.equal(generator.getSequence(), new Int32Array(0));
  await generator.appendTokens(prompt);
  assert.is(generator.tokenCount, prompt.length);
  assert.equal(generator.getSequence(), prompt);
  const tokens: number[] = [];
  while (!generator.isDone()) {
    await generator.generateNextToken();
    tokens.push(...generator.getNextTokens());
    if (generator.isDone()) break;
    assert.is(generator.tokenCount, prompt.length + tokens.length);
    assert.equal([...generator.getSequence()], [...prompt, ...tokens]);
  }
  assert.equal(tokens, [...tokenIds, EOS], 'the last step shows the end-of-sequence token');
  assert.equal([...generator.getSequence()], [...prompt, ...tokenIds], 'which is not in the sequence');
  const { tokenCount } = generator;
  await generator.generateNextToken();
  assert.is(generator.tokenCount, tokenCount, 'a step after the end does nothing');
});

test('a copy is given: changing what was read changes nothing', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens([1, 2, 3]);
  generator.getSequence().fill(9);
  assert.equal([...generator.getSequence()], [1, 2, 3]);
  const tokens = Int32Array.of(5, 6, 7);
  const appending = generator.appendTokens(tokens);
  tokens.fill(9);
  await appending;
  assert.equal([...generator.getSequence()], [1, 2, 3, 5, 6, 7]);
});

test('a conversation goes on as one long prompt does', async ({ model }) => {
  const { tokenizer } = model;
  const turns = await Promise.all([SPAIN, ask('What is 2 + 2?')].map(text => tokenizer.encode(text)));
  await using generator = await model.createGenerator({ maxLength: 400 });
  await generator.appendTokens(turns[0] as Int32Array);
  await steps(generator);
  await generator.appendTokens([EOS]);
  assert.is(generator.isDone(), false);
  await generator.appendTokens(turns[1] as Int32Array);
  const prompt = generator.getSequence();
  const tokens = await steps(generator, 30);
  assert.equal(tokens, await fresh(model, prompt, 30));
});

for (const pastPresentShareBuffer of [true, false]) {
  const kind = pastPresentShareBuffer ? 'one buffer' : 'buffers that grow';
  test(`tokens appended behind generated ones: the last of those has been run, ${kind}`, async ({ model }) => {
    const options = { maxLength: 100, pastPresentShareBuffer };
    for (const count of [1, 3, 7]) {
      await using generator = await model.createGenerator(options);
      await generator.appendTokens(await model.tokenizer.encode(SPAIN));
      await steps(generator, count);
      await generator.appendTokens(noise(12));
      await using other = await model.createGenerator(options);
      await other.appendTokens(generator.getSequence());
      const [scores, expected] = [(await generator.getLogits()).values, (await other.getLogits()).values];
      const off = scores.reduce((most, score, i) => Math.max(most, Math.abs(score - (expected[i] as number))), 0);
      assert.ok(off < 0.03, `after ${count} steps the logits are off by ${off}`);
    }
  });
}

test('getLogits: scores of the next token, without taking a step', async ({ model }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(prompt);
  for (let i = 0; i < 4; i++) {
    const { values, shape } = await generator.getLogits();
    assert.equal(shape, [1, 1, model.vocabSize]);
    assert.is(values.length, model.vocabSize);
    const { tokenCount } = generator;
    assert.equal((await generator.getLogits()).values, values);
    assert.is(generator.tokenCount, tokenCount);
    assert.equal(await steps(generator, 1), [argmax(values)]);
  }
});

test('setLogits: the token it prefers comes, and the answer goes on behind it', async ({ model }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(prompt);
  const forced: number[] = [];
  for (const token of [12345, 7, 31999, 450]) {
    const { values: logits } = await generator.getLogits();
    logits[token] = 500;
    const setting = generator.setLogits(logits);
    logits.fill(0);
    await setting;
    forced.push(...(await steps(generator, 1)));
  }
  assert.equal(forced, [12345, 7, 31999, 450]);
  assert.equal([...generator.getSequence()], [...prompt, ...forced]);
  assert.equal(await steps(generator, 5), await fresh(model, [...prompt, ...forced], 5));
});

test('setLogits step by step, without reading them first', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens([1, 2, 3]);
  for (const token of [12345, 7]) {
    const logits = new Float32Array(model.vocabSize).fill(-50);
    logits[token] = 50;
    await generator.setLogits(logits);
    assert.equal(await steps(generator, 1), [token]);
  }
});

test('a batch of three: rows of unequal length, each as alone', async ({ model }) => {
  const { tokenizer } = model;
  const prompts = ['What is the capital of France?', 'What is the capital of Italy?', 'Who are you?'];
  const rows = await Promise.all(prompts.map(prompt => tokenizer.encode(ask(prompt))));
  await using generator = await model.createGenerator({ batchSize: 3, maxLength: 80 });
  await generator.appendTokenSequences(rows);
  const length = Math.max(...rows.map(row => row.length));
  assert.is(generator.tokenCount, length);
  while (!generator.isDone()) {
    await generator.generateNextToken();
    assert.is(generator.getNextTokens().length, 3);
  }
  for (const [i, row] of rows.entries()) {
    const generated = [...generator.getSequence(i)].slice(length);
    const end = generated.indexOf(EOS);
    const alone = await model.generate(row, { maxNewTokens: 60 });
    assert.equal(generated.slice(0, end < 0 ? generated.length : end), [...alone.tokenIds], prompts[i] as string);
    assert.ok(end < 0 || generated.slice(end + 1).every(token => token === tokenizer.padTokenId));
  }
  assert.is(generator.isDone(), true);
});

test('a batch in flat form', async ({ model }) => {
  const one = await model.tokenizer.encode(ask('What is the capital of France?'));
  const two = await model.tokenizer.encode(ask('What is the capital of Italy?'));
  assert.is(one.length, two.length);
  await using generator = await model.createGenerator({ batchSize: 2, maxLength: 40 });
  await generator.appendTokens([...one, ...two]);
  assert.is(generator.tokenCount, one.length);
  assert.equal([generator.getSequence(0), generator.getSequence(1)], [one, two]);
  assert.equal((await generator.getLogits()).shape, [2, 1, model.vocabSize]);
});

test('beams: sequences best first', async ({ model }) => {
  await using generator = await model.createGenerator({ numBeams: 3, numReturnSequences: 2, maxLength: 60 });
  const prompt = await model.tokenizer.encode(ask('What is 2 + 2?'));
  await generator.appendTokens(prompt);
  while (!generator.isDone()) await generator.generateNextToken();
  const { tokenIds } = await model.generate(prompt, { numBeams: 3, maxNewTokens: 60 - prompt.length });
  assert.equal([...generator.getSequence(0)].slice(prompt.length, prompt.length + tokenIds.length), [...tokenIds]);
  assert.ok(generator.getSequence(1).length >= prompt.length);
  await expectError(() => generator.getSequence(2), 'ERR_GENAI_INVALID_ARGUMENT');
});

test('maxLength: nothing goes beyond it', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 12 });
  await expectError(generator.appendTokens(noise(13)), 'ERR_GENAI_INPUT_TOO_LONG', '13');
  assert.is(generator.tokenCount, 0);
  await generator.appendTokens(noise(10));
  const error = await expectError(generator.appendTokens(noise(3)), 'ERR_GENAI_INPUT_TOO_LONG', 'maxLength 12');
  assert.equal(error.details, { length: 13, maxLength: 12 });
  assert.is((await steps(generator)).length, 2);
  assert.equal([generator.isDone(), generator.tokenCount], [true, 12]);
  await expectError(generator.appendTokens([1]), 'ERR_GENAI_INPUT_TOO_LONG');
  await using batch = await model.createGenerator({ maxLength: 4, batchSize: 2 });
  await expectError(batch.appendTokens(noise(10)), 'ERR_GENAI_INPUT_TOO_LONG');
  await expectError(batch.appendTokenSequences([[1], noise(5)]), 'ERR_GENAI_INPUT_TOO_LONG');
});

test('a step of a full generator does nothing, as after an end-of-sequence token', async ({ model }) => {
  for (const given of [3, 4]) {
    await using generator = await model.createGenerator({ maxLength: 4 });
    await generator.appendTokens([1, 2, 3, 4].slice(0, given));
    await steps(generator);
    assert.is(generator.isDone(), true);
    await generator.generateNextToken();
    assert.is(generator.tokenCount, 4);
  }
});

test.run();
