import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  capabilities,
  getCurrentGpuDeviceId,
  Model,
  registerExecutionProviderLibrary,
  setCurrentGpuDeviceId,
  setTelemetryEnabled,
  unregisterExecutionProviderLibrary,
} from '../../src/index.ts';
import { compile } from '../bad-input/libraries.ts';
import { DEMO_MODEL, loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ folder: string }>('process settings');

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';

/** A provider of no device: as small as ONNX Runtime takes them. */
const PROVIDER = `
  #include <cstddef>
  extern "C" void* CreateEpFactories(const char*, const void*, const void*, void**, size_t, size_t* count) {
    *count = 0;
    return nullptr;
  }
  extern "C" void* ReleaseEpFactory(void*) { return nullptr; }
`;

/** The first function of ONNX Runtime's table makes an error. */
const REFUSES = `
  #include <cstddef>
  struct Api { const void* const* (*get)(unsigned); const char* (*version)(); };
  extern "C" void* CreateEpFactories(const char*, const Api* api, const void*, void**, size_t, size_t*) {
    using Create = void* (*)(int, const char*);
    return reinterpret_cast<Create>(const_cast<void*>(api->get(22)[0]))(1, "no such device here");
  }
  extern "C" void* ReleaseEpFactory(void*) { return nullptr; }
`;

test.before(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'providers-'));
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

if (process.platform === 'linux') {
  test('the library of a provider: registered, used by nobody, taken away, registered again', async ({ folder }) => {
    const library = join(folder, 'provider.so');
    compile(library, PROVIDER);
    for (let round = 0; round < 3; round++) {
      await registerExecutionProviderLibrary('mine', library);
      await expectError(registerExecutionProviderLibrary('mine', library), INVALID, '"mine" is registered already');
      await registerExecutionProviderLibrary('Mein Gerät', library);
      await using model = await loadDemoModel();
      await expectError(unregisterExecutionProviderLibrary('mine'), 'ERR_GENAI_BUSY', 'models are loaded (1)');
      assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
      // Whether a plug-in has it only the library knows now.
      await expectError(Model.load(DEMO_MODEL, { executionProvider: 'nonsense' }), 'ERR_GENAI_MODEL_INVALID');
      await model.dispose();
      await unregisterExecutionProviderLibrary('mine');
      await unregisterExecutionProviderLibrary('Mein Gerät');
      await expectError(unregisterExecutionProviderLibrary('mine'), INVALID, '"mine" is not');
    }
    await expectError(Model.load(DEMO_MODEL, { executionProvider: 'nonsense' }), 'ERR_GENAI_PROVIDER_UNAVAILABLE');
  });

  test('what is no library of a provider, and names that are taken', async ({ folder }) => {
    const library = join(folder, 'good.so');
    compile(library, PROVIDER);
    const file = (name: string, source: string): string => {
      compile(join(folder, name), source);
      return join(folder, name);
    };
    const text = join(folder, 'text.so');
    writeFileSync(text, 'not a library');
    for (const [path, message] of [
      [join(folder, 'none.so'), 'none.so does not exist'],
      [folder, 'cannot be loaded'],
      [text, 'cannot be loaded'],
      [file('empty.so', ''), 'does not export CreateEpFactories'],
      [file('half.so', 'extern "C" void CreateEpFactories() {}'), 'does not export ReleaseEpFactory'],
      [file('unresolved.so', 'extern "C" void nobody(); extern "C" void use() { nobody(); }'), 'nobody'],
    ] as const) {
      await expectError(registerExecutionProviderLibrary('bad', path), INVALID, message);
    }
    for (const name of ['CPUExecutionProvider', 'cpuexecutionprovider']) {
      await expectError(registerExecutionProviderLibrary(name, library), INVALID, 'is registered already');
      await expectError(unregisterExecutionProviderLibrary(name), INVALID, 'name must be a registered one');
    }
    await using model = await loadDemoModel();
    assert.is(model.deviceType, 'CPU');
  });

  test('two at once under one name: one of them has it', async ({ folder }) => {
    const library = join(folder, 'twice.so');
    compile(library, PROVIDER);
    const calls = Array.from({ length: 6 }, () => registerExecutionProviderLibrary('twice', library));
    const outcomes = await Promise.allSettled(calls);
    assert.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    await unregisterExecutionProviderLibrary('twice');
  });

  test('a provider that says no: its words are in the error, and the process goes on', async ({ folder }) => {
    // An exception of the library is caught in this build; see native/oga/execution_providers.h.
    const library = join(folder, 'refuses.so');
    compile(library, REFUSES);
    const { stdout, stderr, code } = await runInChild(`
      import { registerExecutionProviderLibrary, unregisterExecutionProviderLibrary } from '../../src/index.ts';
      const error = await registerExecutionProviderLibrary('mine', ${JSON.stringify(library)}).catch(error => error);
      console.log(error.code, error.message.includes('no such device here'));
      console.log(await unregisterExecutionProviderLibrary('mine').catch(error => error.code));
      await using model = await loadDemoModel();
      console.log((await model.generate(SPAIN, { maxNewTokens: 8 })).text.includes('Madrid'));
    `);
    assert.equal([code, stderr], [0, '']);
    assert.is(stdout, 'ERR_GENAI_PROVIDER_UNAVAILABLE true\nERR_GENAI_INVALID_ARGUMENT\ntrue\n');
  });

  test('a registered library at the end of the process is nobody’s trouble', async ({ folder }) => {
    const library = join(folder, 'exit.so');
    compile(library, PROVIDER);
    const result = await runInChild(`
      import { registerExecutionProviderLibrary } from '../../src/index.ts';
      await registerExecutionProviderLibrary('mine', ${JSON.stringify(library)});
      const model = await loadDemoModel();
      process.exitCode = 5;
    `);
    assert.equal(result, { code: 5, signal: null, stdout: '', stderr: '' });
  });
}

test('the GPU: nothing that a build for the CPU could choose', async () => {
  const { executionProviders } = await capabilities();
  if (executionProviders.includes('CUDAExecutionProvider')) return;
  await expectError(setCurrentGpuDeviceId(0), 'ERR_GENAI_PROVIDER_UNAVAILABLE', 'CUDA');
  await expectError(getCurrentGpuDeviceId(), 'ERR_GENAI_PROVIDER_UNAVAILABLE', 'CUDA');
  await using model = await loadDemoModel();
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
});

test('usage data: the switch can be moved, and is off from the start', async () => {
  assert.is(process.env['ORT_DISABLE_TELEMETRY'], '1');
  const { features } = await capabilities();
  for (const enabled of [true, false]) {
    if (features.telemetrySwitch) await setTelemetryEnabled(enabled);
    else await expectError(setTelemetryEnabled(enabled), 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', '0.15.2 or newer');
  }
});

test('configureRuntime says who decides of usage data; what the environment says stays', async () => {
  // Nothing is sent here: that begins with the first model.
  const say = async (options: string, before: string): Promise<string> => {
    const source = `${before} configureRuntime(${options}); await capabilities(); console.log(process.env.ORT_DISABLE_TELEMETRY);`;
    return (await runInChild(source)).stdout.trim();
  };
  assert.is(await say('{}', "process.env.ORT_DISABLE_TELEMETRY = 'yes';"), 'yes');
  assert.is(await say('{ telemetry: true }', "process.env.ORT_DISABLE_TELEMETRY = '1';"), '1');
  for (const [options, expected] of [
    ['{}', '1'],
    ['{ telemetry: false }', '1'],
    ['{ telemetry: true }', 'undefined'],
  ] as const) {
    assert.is(await say(options, 'delete process.env.ORT_DISABLE_TELEMETRY;'), expected, options);
  }
});

test('runtime settings: handles by name, which the library takes with a folder', async () => {
  // Only dawnProcTable is ever read; other names are kept and looked at by nobody.
  await using model = await Model.load(DEMO_MODEL, { runtimeSettings: { nobody: 2n ** 64n - 1n, other: 1n } });
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
  const { executionProviders } = await capabilities();
  if (executionProviders.some(name => name.startsWith('WebGpu'))) return;
  const dawn = Model.load(DEMO_MODEL, { runtimeSettings: { dawnProcTable: 4096n } });
  await expectError(dawn, 'ERR_GENAI_MODEL_INVALID', 'WebGPU');
});

test.run();
