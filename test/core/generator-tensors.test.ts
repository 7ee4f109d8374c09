import * as assert from 'uvu/assert';
import { type Model, Tensor } from '../../src/index.ts';
import { loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { loadFixtureModel } from '../helpers/fixture-models.ts';
import { features, since } from '../helpers/since.ts';
import { argmax, fresh, steps } from '../helpers/steps.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model; bias: Model }>('tensors of a generator');
const since016 = since('generatorTensors', test);

const HIDDEN = 256;

test.before(async context => {
  context.model = await loadDemoModel();
  context.bias = await loadFixtureModel('bias');
});
test.after(async ({ model, bias }) => {
  await Promise.all([model.dispose(), bias.dispose()]);
});

test('getOutput("logits") is getLogits(), bit for bit, after a prefill and after each step', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 60 });
  await generator.appendTokens(await model.tokenizer.encode(SPAIN));
  for (let i = 0; i < 4; i++) {
    const { values } = await generator.getLogits();
    const output = (await generator.getOutput('logits')) as Tensor<'float32'>;
    assert.is(output.type, 'float32');
    assert.equal(output.shape, [1, i === 0 ? 10 : 1, model.vocabSize]);
    const bits = (numbers: Float32Array): Buffer => Buffer.from(numbers.slice().buffer);
    assert.ok(bits(output.data.slice(-model.vocabSize)).equals(bits(values)));
    assert.equal(await steps(generator, 1), [argmax(values)]);
    await generator.getLogits(); // the step chose a token; this runs it
  }
});

since016('inputs and outputs by their names in the graph, as copies', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 20 });
  await generator.appendTokens([450, 7483, 310]);
  const ids = (await generator.getInput('input_ids')) as Tensor<'int64'>;
  assert.equal([ids.type, ids.shape, [...ids.data]], ['int64', [1, 3], [450n, 7483n, 310n]]);
  ids.data.fill(0n);
  assert.equal([...((await generator.getInput('input_ids')) as Tensor<'int64'>).data], [450n, 7483n, 310n]);
  const key = await generator.getOutput('present.0.key');
  assert.equal([key.type, key.shape.length], ['float32', 4]);
  const next = await steps(generator, 3);
  assert.equal(next, await fresh(model, [450, 7483, 310], 3), 'reading changed nothing');
});

test('an input of the model that is not the generator’s own', async ({ model, bias }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  const run = async (fill: (data: Float32Array) => void): Promise<number[]> => {
    await using generator = await bias.createGenerator({ maxLength: 40 });
    const tensor = new Tensor('float32', [HIDDEN]);
    fill(tensor.data);
    await generator.setModelInput('hidden_bias', tensor);
    tensor.data.fill(99); // it was copied
    tensor.dispose();
    await generator.appendTokens(prompt);
    return await steps(generator, 6);
  };
  const plain = await fresh(model, prompt, 6);
  assert.equal(await run(() => {}), plain, 'zeros change nothing');
  const wave = await run(data => data.set(data.map((_, i) => Math.sin(i) * 100)));
  assert.not.equal(wave, plain);
});

test('an input that the model must have, and one of a wrong shape or type', async ({ bias }) => {
  const tries: [Tensor | null, RegExp][] = [
    [null, /hidden_bias/],
    [new Tensor('float32', [HIDDEN + 1]), /hidden_bias|invalid dimensions/],
    [new Tensor('float32', [1, HIDDEN]), /Invalid rank for input: hidden_bias/],
    [new Tensor('int32', [HIDDEN]), /expected: \(tensor\(float\)\)/],
  ];
  for (const [tensor, message] of tries) {
    await using generator = await bias.createGenerator({ maxLength: 20 });
    if (tensor !== null) await generator.setModelInput('hidden_bias', tensor);
    const error = await expectError(generator.appendTokens([450, 7483]), 'ERR_GENAI_NATIVE');
    assert.match(error.message, message);
    assert.is(generator.tokenCount, 0, 'as before');
  }
});

since016('a tensor that was set lives as long as the generator, with nothing else that holds it', async ({ bias }) => {
  await using generator = await bias.createGenerator({ maxLength: 40 });
  await (async () => {
    using tensor = new Tensor('float32', [HIDDEN], new Float32Array(HIDDEN).fill(0.25));
    await generator.setModelInput('hidden_bias', tensor);
  })();
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) {
    gc?.();
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await generator.appendTokens([450, 7483, 310]);
  const bias0 = (await generator.getInput('hidden_bias')) as Tensor<'float32'>;
  assert.ok(bias0.data.every(value => value === 0.25));
});

since016('hidden states and snapshots: nothing for a model that has neither', async ({ model }) => {
  const expected = await fresh(model, [450, 7483], 3);
  await using generator = await model.createGenerator({ maxLength: 20 });
  await generator.setHiddenStates(new Tensor('float32', [1, 1, HIDDEN]));
  await generator.appendTokens([450, 7483]);
  await generator.snapshotState();
  assert.equal(await steps(generator, 3), expected);
  await generator.snapshotState();
  await generator.rewindTo(2);
  assert.equal(await steps(generator, 3), expected);
});

since016('a session that is terminated', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 20 });
  await generator.appendTokens([450, 7483]);
  assert.is(generator.isSessionTerminated(), false);
  generator.setRuntimeOption('terminate_session', '1');
  assert.is(generator.isSessionTerminated(), true);
  const text = 'session is terminated';
  await expectError(generator.getOutput('logits'), 'ERR_GENAI_NATIVE', text);
  await expectError(generator.getInput('input_ids'), 'ERR_GENAI_NATIVE', text);
  await expectError(() => generator.isDone(), 'ERR_GENAI_NATIVE', text);
  generator.setRuntimeOption('terminate_session', '0');
  assert.is(generator.isSessionTerminated(), false);
  assert.equal(await steps(generator, 2), await fresh(model, [450, 7483], 2));
});

test('isSessionTerminated is allowed while a call runs', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 700 });
  const running = generator.appendTokens(noise(600));
  assert.is(generator.isSessionTerminated(), false);
  await expectError(generator.getOutput('logits'), 'ERR_GENAI_BUSY');
  await running;
});

since016('speculative statistics: all there, all 0 without drafts', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 20 });
  await generator.appendTokens([450, 7483]);
  await steps(generator, 2);
  const { formulaSupported, acceptedLengths, ...numbers } = generator.getSpeculativeStats();
  assert.type(formulaSupported, 'boolean');
  assert.is(acceptedLengths.length, 8);
  assert.is(Object.keys(numbers).length, 59);
  const { rounds, draftTokensProposed, acceptanceRate } = numbers;
  assert.equal(
    { rounds, draftTokensProposed, acceptanceRate },
    { rounds: 0, draftTokensProposed: 0, acceptanceRate: 0 },
  );
});

if (!features.generatorTensors) {
  test('what an older library lacks, and that the logits are there', async ({ model }) => {
    const code = 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY';
    await using generator = await model.createGenerator({ maxLength: 20 });
    await generator.appendTokens([450, 7483]);
    await expectError(generator.getInput('input_ids'), code, '0.16');
    await expectError(generator.getOutput('present.0.key'), code, '0.16');
    await expectError(() => generator.setHiddenStates(new Tensor('float32', [1, 1, HIDDEN])), code, '0.16');
    await expectError(generator.snapshotState(), code, '0.16');
    await expectError(() => generator.getSpeculativeStats(), code, '0.16');
    assert.equal(await steps(generator, 2), await fresh(model, [450, 7483], 2));
  });
}

test.run();
