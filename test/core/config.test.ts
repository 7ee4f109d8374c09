import * as assert from 'uvu/assert';
import { Config, capabilities, Model, Tokenizer } from '../../src/index.ts';
import { DEMO_MODEL, loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('config');

const { features } = await capabilities();

const UNKNOWN_TYPE = { type: 'XPU' } as never;

test('a model of a Config answers as one of the folder; the Config stays and is loaded from again', async () => {
  using config = await Config.load(DEMO_MODEL);
  config.overlay({ model: { decoder: { session_options: { intra_op_num_threads: 2 } } } });
  await using folder = await loadDemoModel();
  const expected = (await folder.generate(SPAIN)).text;
  for (let i = 0; i < 2; i++) {
    await using model = await Model.load(config);
    assert.equal([model.directory, model.type], [DEMO_MODEL, 'phi3']);
    assert.is((await model.generate(SPAIN)).text, expected);
  }
  const tokenizer = features.tokenizerFromPath ? Tokenizer.fromConfig(config) : Model.load(config);
  const models = await Promise.all([Model.load(config), Model.load(config), tokenizer]);
  for (const made of models) await made.dispose();
});

test('overlays, one over the other', async () => {
  using config = await Config.load(DEMO_MODEL);
  config.overlay({ model: { context_length: 100 }, search: { top_k: 3 } });
  config.overlay({ model: { context_length: 64 } });
  config.overlay({});
  await using model = await Model.load(config);
  assert.is(model.contextLength, 64);
  await expectError(model.generate(noise(64)), 'ERR_GENAI_INPUT_TOO_LONG', '64');
});

test('an overlay of 2 MiB: in many entries, and in one, which ONNX Runtime refuses', async () => {
  const entries = Array.from({ length: 300 }, (_, i) => [`session.nobody_reads_${i}`, 'x'.repeat(7_000)]);
  using config = await Config.load(DEMO_MODEL);
  config.overlay({ model: { decoder: { session_options: Object.fromEntries(entries) } } });
  await using model = await Model.load(config);
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
  const entry = { 'session.nobody_reads_this': 'x'.repeat(2 * 1024 * 1024) };
  config.overlay({ model: { decoder: { session_options: entry } } });
  await expectError(Model.load(config), 'ERR_GENAI_MODEL_INVALID', 'longer than maximum length');
});

test('an overlay as deep as JSON can be', async () => {
  for (const depth of [100, 2_000]) {
    using config = await Config.load(DEMO_MODEL);
    const deep = JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`) as unknown;
    await expectError(() => config.overlay({ model: { eos_token_id: deep } }), 'ERR_GENAI_INVALID_ARGUMENT');
  }
});

test('a refused overlay: what is not known, what is of another type; the config is half changed then', async () => {
  for (const [changes, text] of [
    [{ model: { context_length: 100 }, nonsense: {} }, 'nonsense'],
    [{ search: { top_k: 'x' } }, 'top_k'],
    [{ model: { context_length: 'x' } }, 'Expected a number but saw a string'],
  ] as const) {
    using config = await Config.load(DEMO_MODEL);
    await expectError(() => config.overlay(changes), 'ERR_GENAI_INVALID_ARGUMENT', text);
    for (const call of [() => Model.load(config), () => config.overlay({}), () => Tokenizer.fromConfig(config)]) {
      await expectError(call, 'ERR_GENAI_INVALID_ARGUMENT', 'half changed');
    }
  }
});

test('providers: those of other builds are refused when a model is loaded', async () => {
  using config = await Config.load(DEMO_MODEL);
  config.appendProvider('cuda');
  config.setProviderOption('cuda', 'device_id', '0');
  config.setProviderOption('OpenVINO', 'device_type', 'GPU');
  await expectError(Model.load(config), 'ERR_GENAI_PROVIDER_UNAVAILABLE', 'The execution provider "cuda"');
  config.clearProviders();
  await using model = await Model.load(config);
  assert.is(model.deviceType, 'CPU');
});

test('the device of a provider: of one that is there, by type, id and vendor, and taken back', async () => {
  using config = await Config.load(DEMO_MODEL);
  await expectError(
    () => config.setHardwareDevice('openvino', { type: 'NPU' }),
    'ERR_GENAI_INVALID_ARGUMENT',
    '"openvino" is not: append it first',
  );
  config.appendProvider('openvino');
  config.setHardwareDevice('openvino', { type: 'NPU', id: 0, vendorId: 0x8086 });
  config.setHardwareDevice('OpenVINO', { id: 2 ** 32 - 1 });
  config.setHardwareDevice('openvino', { type: null, id: null, vendorId: null });
  config.setHardwareDevice('openvino', {});
  const options = { executionProvider: 'openvino', hardwareDevice: { type: 'GPU' } } as const;
  await expectError(Model.load(DEMO_MODEL, options), 'ERR_GENAI_PROVIDER_UNAVAILABLE');
  await expectError(() => config.setHardwareDevice('openvino', UNKNOWN_TYPE), 'ERR_GENAI_INVALID_ARGUMENT', 'CPU, GPU');
});

test('while a model is loaded from it, a change is refused; disposing of it is not', async () => {
  const config = await Config.load(DEMO_MODEL);
  const loading = Model.load(config);
  await expectError(() => config.overlay({}), 'ERR_GENAI_BUSY', 'cannot be changed while something is loaded');
  config.dispose();
  config.dispose();
  await expectError(() => config.overlay({}), 'ERR_GENAI_DISPOSED');
  await expectError(Model.load(config), 'ERR_GENAI_DISPOSED', 'The Config was disposed');
  await expectError(Tokenizer.fromConfig(config), 'ERR_GENAI_DISPOSED');
  await using model = await loading;
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
});

test('a load that is given up leaves the Config usable', async () => {
  using config = await Config.load(DEMO_MODEL);
  const reason = new Error('mine');
  const controller = new AbortController();
  const loading = Model.load(config, {
    signal: controller.signal,
    onProgress: ({ phase }) => void (phase === 'model' && setImmediate(() => controller.abort(reason))),
  });
  assert.is(await expectRejection(loading), reason);
  // The library goes on loading, and what it reads is not changed meanwhile.
  const error = await expectRejection(async () => config.overlay({})).catch(() => undefined);
  if (error !== undefined) assert.is((error as { code?: string }).code, 'ERR_GENAI_BUSY');
  await using model = await Model.load(config);
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
});

test('a package that is none', async () => {
  const code = features.modelPackages ? 'ERR_GENAI_MODEL_INVALID' : 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY';
  for (const provider of [undefined, 'cpu']) {
    await expectError(Config.fromPackage(DEMO_MODEL, provider), code, 'ackage');
  }
  await expectError(Config.fromPackage('nowhere'), code, 'ackage');
});

test.run();
