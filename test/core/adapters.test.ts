import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Adapters, type Model } from '../../src/index.ts';
import { loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { ALPHA, BETA, loadFixtureModel } from '../helpers/fixture-models.ts';
import { fresh, steps } from '../helpers/steps.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model; demo: Model; prompt: Int32Array }>('adapters');

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';

test.before(async context => {
  context.model = await loadFixtureModel('lora');
  context.demo = await loadDemoModel();
  context.prompt = await context.demo.tokenizer.encode(SPAIN);
});
test.after(async ({ model, demo }) => {
  await Promise.all([model.dispose(), demo.dispose()]);
});

async function loaded(model: Model): Promise<Adapters> {
  const adapters = new Adapters(model);
  await Promise.all([adapters.load(ALPHA, 'alpha'), adapters.load(BETA, 'beta')]);
  return adapters;
}

async function answer(model: Model, prompt: Int32Array, adapters: Adapters, name: string): Promise<number[]> {
  await using generator = await model.createGenerator({ maxLength: 60 });
  await generator.setActiveAdapter(adapters, name);
  await generator.appendTokens(prompt);
  return await steps(generator, 8);
}

test('each adapter changes the answer, each in its way; without one the model is as it was', async context => {
  const { model, demo, prompt } = context;
  using adapters = await loaded(model);
  const plain = await fresh(model, prompt, 8);
  assert.equal(plain, await fresh(demo, prompt, 8));
  const [alpha, beta, again] = await Promise.all(
    ['alpha', 'beta', 'alpha'].map(name => answer(model, prompt, adapters, name)),
  );
  assert.equal(alpha, again, 'generators with different adapters may run at once');
  assert.not.equal(alpha, plain);
  assert.not.equal(beta, plain);
  assert.not.equal(alpha, beta);
  assert.equal(await fresh(model, prompt, 8), plain);
});

test('an adapter for one generation: the same answer, and it can be unloaded as soon as that has settled', async context => {
  const { model, prompt } = context;
  using adapters = await loaded(model);
  const ended = await answer(model, prompt, adapters, 'alpha');
  const expected = ended.filter(token => !model.tokenizer.eosTokenIds.includes(token));
  const options = { maxNewTokens: 8, adapter: { adapters, name: 'alpha' } };
  const [one, two] = await Promise.all([model.generate(prompt, options), model.stream(prompt, options).result]);
  assert.equal([...one.tokenIds], expected);
  assert.equal([...two.tokenIds], expected);
  await adapters.unload('alpha');
  const text = 'No adapter is loaded as "alpha"';
  await expectError(model.generate(prompt, options), INVALID, text);
  await adapters.load(ALPHA, 'alpha');
  const controller = new AbortController();
  const stream = model.stream(prompt, {
    ...options,
    signal: controller.signal,
    minLength: 500,
    maxNewTokens: 500,
  });
  const reason = await expectRejection(
    (async () => {
      for await (const _ of stream) controller.abort();
    })(),
  );
  assert.is(reason, controller.signal.reason);
  await adapters.unload('alpha');
});

test('a chat that changes its adapter reads the conversation again with the new one', async ({ model }) => {
  using adapters = await loaded(model);
  const [alpha, beta] = ['alpha', 'beta'].map(name => ({ adapter: { adapters, name } }));
  const turns = [alpha, alpha, beta, {}];
  const chat = model.createChat({ maxNewTokens: 5 });
  const cached: number[] = [];
  for (const options of turns) {
    const before = chat.messages;
    const { text, usage } = await chat.send('Hello', options);
    const whole = await model.generate([...before, { role: 'user', content: 'Hello' }], {
      maxNewTokens: 5,
      ...options,
    });
    assert.is(text, whole.text);
    cached.push(usage.cachedInputTokens);
  }
  assert.equal(
    cached.map(count => count > 0),
    [false, true, false, false],
  );
  await adapters.unload('alpha');
  await adapters.unload('beta');
  await chat.dispose();
});

test('a chat keeps no adapter that a turn does not ask for, and none that was disposed of', async ({ model }) => {
  using adapters = await loaded(model);
  const adapter = { adapters, name: 'alpha' };
  await using chat = model.createChat({ maxNewTokens: 3 });
  await chat.send('Hi', { adapter });
  await expectError(adapters.unload('alpha'), 'ERR_GENAI_BUSY');
  await chat.send('Hi', { seed: 1 });
  await adapters.unload('alpha');
  await chat.send('Hi', { adapter: { adapters, name: 'beta' } });
  adapters.dispose();
  await expectError(chat.send('Hi', { adapter: { adapters, name: 'beta' } }), 'ERR_GENAI_DISPOSED', 'The Adapters');
});

test('unload is refused while a generator uses it', async ({ model, prompt }) => {
  using adapters = await loaded(model);
  const generators = await Promise.all([1, 2].map(() => model.createGenerator({ maxLength: 60 })));
  for (const generator of generators) await generator.setActiveAdapter(adapters, 'alpha');
  await expectError(adapters.unload('alpha'), 'ERR_GENAI_BUSY', 'is used by 2 generators');
  await adapters.unload('beta');
  await generators[0]?.dispose();
  await expectError(adapters.unload('alpha'), 'ERR_GENAI_BUSY', 'is used by 1 generator;');
  await generators[1]?.appendTokens(prompt);
  await generators[1]?.dispose();
  await adapters.unload('alpha');
  await expectError(adapters.unload('alpha'), INVALID, 'No adapter is loaded as "alpha"');
  await adapters.load(BETA, 'alpha');
});

test('a generator that switches keeps both until it is gone', async ({ model }) => {
  using adapters = await loaded(model);
  const generator = await model.createGenerator({ maxLength: 60 });
  await generator.setActiveAdapter(adapters, 'alpha');
  await generator.setActiveAdapter(adapters, 'beta');
  await expectError(adapters.unload('alpha'), 'ERR_GENAI_BUSY');
  await expectError(adapters.unload('beta'), 'ERR_GENAI_BUSY');
  await generator.dispose();
  await adapters.unload('alpha');
  await adapters.unload('beta');
});

test('one generator takes the adapters of one object', async ({ model }) => {
  using one = await loaded(model);
  using two = await loaded(model);
  await using generator = await model.createGenerator({ maxLength: 20 });
  await generator.setActiveAdapter(one, 'alpha');
  const text = 'the object that this Generator takes its other adapters from';
  await expectError(generator.setActiveAdapter(two, 'alpha'), INVALID, text);
  await expectError(generator.setActiveAdapter(one, 'gamma'), INVALID, 'No adapter is loaded as "gamma"');
});

test('what is disposed of first does not matter', async ({ prompt }) => {
  const model = await loadFixtureModel('lora');
  const adapters = await loaded(model);
  const generator = await model.createGenerator({ maxLength: 60 });
  await generator.setActiveAdapter(adapters, 'alpha');
  adapters.dispose();
  adapters.dispose();
  await model.dispose();
  await generator.appendTokens(prompt);
  assert.is((await steps(generator, 2)).length, 2);
  await generator.dispose();
  await expectError(adapters.load(ALPHA, 'x'), 'ERR_GENAI_DISPOSED', 'The Adapters were disposed');
  await expectError(() => new Adapters(model), 'ERR_GENAI_DISPOSED', 'The Model was disposed');
});

test('files that are no adapters', async ({ model, demo }) => {
  using adapters = new Adapters(model);
  const folder = mkdtempSync(join(tmpdir(), 'adapters-'));
  try {
    const good = readFileSync(ALPHA);
    const files: Record<string, Buffer> = {
      empty: Buffer.alloc(0),
      text: Buffer.from('not an adapter'),
      zeros: Buffer.alloc(2000),
      'first byte': good.subarray(0, 1),
      header: good.subarray(0, 16),
      half: good.subarray(0, good.length / 2),
      'without its end': good.subarray(0, -100),
    };
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(folder, 'x.onnx_adapter');
      writeFileSync(path, bytes);
      const error = await expectError(adapters.load(path, name), INVALID, `The adapter ${path} cannot be loaded`);
      assert.not.match(error.message, 'onnxruntime_src');
      await expectError(adapters.unload(name), INVALID, 'No adapter is loaded');
    }
    await expectError(adapters.load(join(folder, 'missing'), 'x'), INVALID, 'path must be a file that can');
    await expectError(adapters.load(folder, 'x'), INVALID, 'path must be a file that can');
    const odd = join(folder, 'ünï ☃.onnx_adapter');
    copyFileSync(ALPHA, odd);
    await adapters.load(odd, 'ünï ☃');
    await expectError(adapters.load(ALPHA, 'ünï ☃'), INVALID, 'An adapter is loaded as "ünï ☃" already');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // A model without adapter inputs: told when it runs, or never.
  using others = await loaded(demo);
  await using generator = await demo.createGenerator({ maxLength: 20 });
  await generator.setActiveAdapter(others, 'alpha').then(
    () => expectError(generator.appendTokens([450]), 'ERR_GENAI_NATIVE'),
    error => assert.is(error.code, INVALID),
  );
});

test.run();
