/** Back to an earlier length, by `rewindTo` and after a prefill that was cut off, with both kinds of KV cache. */
import * as assert from 'uvu/assert';
import type { Model } from '../../src/index.ts';
import { ask, loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { argmax, fresh, steps } from '../helpers/steps.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('generator, rewound');

const EOS = 32007;

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

for (const [kind, pastPresentShareBuffer] of [
  ['one buffer', true],
  ['buffers that grow', false],
] as const) {
  test(`rewindTo: as if what came after had never been, ${kind}`, async ({ model }) => {
    const prompt = await model.tokenizer.encode(SPAIN);
    await using generator = await model.createGenerator({ maxLength: 100, pastPresentShareBuffer });
    await generator.appendTokens(prompt);
    const first = await steps(generator, 12);
    const full = [...prompt, ...first];

    for (const length of [full.length - 1, prompt.length + 5, prompt.length, 4]) {
      await generator.rewindTo(length);
      assert.is(generator.tokenCount, length);
      assert.equal([...generator.getSequence()], full.slice(0, length));
      const expected = await fresh(model, full.slice(0, length), 6);
      assert.equal(await steps(generator, 6), expected, `generate after rewindTo(${length})`);
      await generator.rewindTo(length);
      assert.is(argmax((await generator.getLogits()).values), expected[0], `logits after rewindTo(${length})`);
      await generator.rewindTo(length);
      await generator.appendTokens(full.slice(length));
      assert.equal([...generator.getSequence()], full, `append after rewindTo(${length})`);
    }

    const { tokenCount } = generator;
    await generator.rewindTo(tokenCount);
    assert.is(generator.tokenCount, tokenCount);
    await generator.rewindTo(0);
    assert.is(generator.tokenCount, 0);
    await generator.appendTokens(prompt);
    assert.equal(await steps(generator, 12), first);
  });

  test(`rewindTo after the end of the answer, ${kind}`, async ({ model }) => {
    const prompt = await model.tokenizer.encode(ask('What is the capital of France?'));
    await using generator = await model.createGenerator({ maxLength: 100, pastPresentShareBuffer });
    await generator.appendTokens(prompt);
    const answer = await steps(generator);
    assert.ok(generator.isDone());
    await generator.rewindTo(prompt.length + 2);
    assert.is(generator.isDone(), false);
    assert.equal(await steps(generator), answer.slice(2));
  });

  test(`rewindTo the length of a finished answer takes its end-of-sequence token back, ${kind}`, async ({ model }) => {
    const prompt = await model.tokenizer.encode(ask('What is the capital of France?'));
    await using generator = await model.createGenerator({ maxLength: 100, pastPresentShareBuffer });
    await generator.appendTokens(prompt);
    await steps(generator);
    await generator.rewindTo(generator.tokenCount);
    assert.is(argmax((await generator.getLogits()).values), EOS);
    assert.is(generator.isDone(), false);
  });

  test(`setLogits after rewindTo, ${kind}`, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 100, pastPresentShareBuffer });
    await generator.appendTokens(noise(20));
    await steps(generator, 3);
    await generator.rewindTo(10);
    const logits = new Float32Array(model.vocabSize).fill(-50);
    logits[777] = 50;
    await generator.setLogits(logits);
    assert.equal(await steps(generator, 1), [777]);
    assert.equal([...generator.getSequence()], [...noise(10), 777]);
  });

  test(`abort in a prefill leaves the generator as it was, ${kind}`, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 3600, pastPresentShareBuffer });
    const prompt = noise(30);
    const expected = await fresh(model, prompt, 8);
    for (const [round, delay] of [0, 3, 30].entries()) {
      const controller = new AbortController();
      const reason = new Error(`round ${round}`);
      const running = generator.appendTokens(noise(3500), { signal: controller.signal });
      setTimeout(() => controller.abort(reason), delay);
      assert.is(await expectRejection(running), reason);
      assert.is(generator.tokenCount, 0);
      await generator.appendTokens(prompt);
      assert.equal(await steps(generator, 8), expected);
      await generator.rewindTo(0);
    }

    await generator.appendTokens(prompt);
    const before = await steps(generator, 4);
    const sequence = generator.getSequence();
    await expectRejection(generator.appendTokens(noise(3500), { signal: AbortSignal.timeout(20) }));
    assert.equal(generator.getSequence(), sequence);
    assert.is(argmax((await generator.getLogits()).values), expected[4]);
    assert.equal([...before, ...(await steps(generator, 4))], expected, 'goes on as if nothing had happened');

    const again = generator.getSequence();
    await expectRejection(generator.appendTokens(noise(3500), { signal: AbortSignal.timeout(20) }));
    await generator.appendTokens(noise(50));
    assert.equal(await steps(generator, 4), await fresh(model, [...again, ...noise(50)], 4));
  });

  test(`a run that fails after rewindTo loses no token, ${kind}`, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 50, pastPresentShareBuffer });
    await generator.appendTokens([1, 2, 3, 4, 5]);
    await generator.rewindTo(4);
    generator.setRuntimeOption('terminate_session', '1');
    await expectError(generator.getLogits(), 'ERR_GENAI_NATIVE', 'erminated');
    generator.setRuntimeOption('terminate_session', '0');
    assert.equal([...generator.getSequence()], [1, 2, 3, 4]);
    assert.equal(await steps(generator, 3), await fresh(model, [1, 2, 3, 4], 3));
  });

  test(`rewindTo far back, more than once, ${kind}`, async ({ model }) => {
    const prompt = noise(200);
    await using generator = await model.createGenerator({ maxLength: 300, pastPresentShareBuffer });
    await generator.appendTokens(prompt);
    const scores: Float32Array[] = [];
    for (const length of [100, 30]) {
      await generator.rewindTo(length);
      const { values } = await generator.getLogits();
      await using other = await model.createGenerator({ maxLength: 300 });
      // As the library runs it after a rewind: a token by itself may be rounded otherwise (0.15.2: by 0.01).
      if (pastPresentShareBuffer) await other.appendTokens(prompt.slice(0, length - 1));
      await other.appendTokens(prompt.slice(pastPresentShareBuffer ? length - 1 : 0, length));
      const { values: expected } = await other.getLogits();
      scores.push(values.map((value, i) => Math.abs(value - (expected[i] as number))));
    }
    assert.ok(scores.every(differences => Math.max(...differences) < 1e-4));
    await generator.rewindTo(20);
    await generator.rewindTo(10);
    await generator.appendTokens(noise(40));
    assert.equal(await steps(generator, 8), await fresh(model, [...prompt.slice(0, 10), ...noise(40)], 8));
  });

  test(`the token of the last step is taken back, ${kind}`, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 300, pastPresentShareBuffer });
    await generator.appendTokens(noise(200));
    const tokens = await steps(generator, 5);
    await generator.rewindTo(204);
    assert.is(generator.tokenCount, 204);
    assert.equal(await steps(generator, 1), tokens.slice(4));
  });

  test(`rewindTo the length of a full generator, ${kind}`, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 30, minLength: 30, pastPresentShareBuffer });
    await generator.appendTokens(noise(20));
    await steps(generator);
    await generator.rewindTo(30);
    assert.is(generator.tokenCount, 30);
    assert.is(generator.isDone(), true);
  });
}

test.run();
