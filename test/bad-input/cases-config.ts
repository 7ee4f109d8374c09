/** What a `Config`, the options beside it, the log and the settings of the process are given. */
import {
  Config,
  capabilities,
  type LogOptions,
  Model,
  registerExecutionProviderLibrary,
  setCurrentGpuDeviceId,
  setLogCallback,
  setLogOptions,
  setTelemetryEnabled,
  Tokenizer,
  unregisterExecutionProviderLibrary,
} from '../../src/index.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { type BadCase, each, invalid, refused, type Table, table } from './case.ts';

const { features } = await capabilities();

function config(text: string, act: (config: Config) => unknown): BadCase {
  return invalid(text, async () => {
    using made = await Config.load(DEMO_MODEL);
    await act(made);
  });
}

function load(text: string, options: unknown): BadCase {
  return invalid(text, async () => {
    await using _ = await Model.load(DEMO_MODEL, options as never);
  });
}

const BYTES = Uint8Array.of(1, 2, 3);

function detached(): Uint8Array {
  const bytes = Uint8Array.of(1, 2, 3);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const CIRCLE: Record<string, unknown> = {};
CIRCLE['self'] = CIRCLE;

const NO_OBJECTS: Readonly<Record<string, unknown>> = { null: null, 'a string': '{}', 'an array': [], 'a number': 1 };

const OVERLAYS: Table = table(
  each(Object.entries(NO_OBJECTS), ([kind, wrong]) => [
    `overlay ${kind}`,
    config('changes must be an object of the shape of genai_config.json', made => made.overlay(wrong as never)),
  ]),
  {
    'overlay a circle': config('changes must be plain data', made => made.overlay(CIRCLE)),
    'overlay with an unknown key': config('nonsense', made => made.overlay({ search: { nonsense: 1 } })),
    'overlay with a path that climbs': refused('ERR_GENAI_MODEL_NOT_FOUND', 'does not exist', async () => {
      using made = await Config.load(DEMO_MODEL);
      made.overlay({ model: { decoder: { filename: '../none.onnx' } } });
      await Model.load(made);
    }),
  },
);

const PROVIDERS: Table = table(
  each(['', 'cpu', 'CPUExecutionProvider'], name => [
    `provider "${name}" appended`,
    config('provider must be the name of a provider other than "cpu"', made => made.appendProvider(name)),
  ]),
  {
    'provider a number': config('provider must be a string, but is number', made => made.appendProvider(5 as never)),
    'provider option a number': config('value must be a string, but is number', made =>
      made.setProviderOption('cuda', 'device_id', 0 as never),
    ),
    'provider option without a value': config('value must be a string, but is undefined', made =>
      made.setProviderOption('cuda', 'device_id', undefined as never),
    ),
    'provider option with NUL': config('value must not contain a NUL', made =>
      made.setProviderOption('cuda', 'device_id', '0\0'),
    ),
  },
);

const DEVICES: Table = {
  'device null': config('options must be an object, but is null', made => made.setHardwareDevice('x', null as never)),
  'device with an unknown key': config('Unknown option "kind"', made =>
    made.setHardwareDevice('x', { kind: 'GPU' } as never),
  ),
  'device type unknown': config('device.type must be one of CPU, GPU, NPU, or null, but is "TPU"', made =>
    made.setHardwareDevice('x', { type: 'TPU' as never }),
  ),
  'device id negative': config('device.id must be an integer from 0 to 4294967295', made =>
    made.setHardwareDevice('x', { id: -1 }),
  ),
  'device id of 2^32': config('device.id must be an integer from 0 to 4294967295', made =>
    made.setHardwareDevice('x', { id: 2 ** 32 }),
  ),
  'device id NaN': config('device.id must be an integer', made => made.setHardwareDevice('x', { id: Number.NaN })),
  'vendor id a string': config('device.vendorId must be an integer', made =>
    made.setHardwareDevice('x', { vendorId: '0x8086' as never }),
  ),
  'device of a provider that is not there': config('"openvino" is not: append it first', made =>
    made.setHardwareDevice('openvino', { type: 'GPU' }),
  ),
  'hardwareDevice alone': load('hardwareDevice must be given together with an executionProvider', {
    hardwareDevice: { type: 'GPU' },
  }),
  'hardwareDevice of the CPU': load('hardwareDevice must be given together with an executionProvider', {
    executionProvider: 'cpu',
    hardwareDevice: {},
  }),
  'hardwareDevice with a bad type': load('hardwareDevice.type must be one of', {
    executionProvider: 'cuda',
    hardwareDevice: { type: 'gpu' },
  }),
};

const NO_BYTES: Readonly<Record<string, unknown>> = {
  'a string': 'abc',
  'an array': [1, 2],
  'a Float32Array': new Float32Array(2),
  'a DataView': new DataView(new ArrayBuffer(2)),
  empty: new Uint8Array(0),
  'an empty ArrayBuffer': new ArrayBuffer(0),
  detached: detached(),
  null: null,
};

const DATA: Table = table(
  each(Object.entries(NO_BYTES), ([kind, wrong]) => [
    `model data ${kind}`,
    config('bytes must be a Uint8Array or ArrayBuffer that is not empty', made =>
      made.addModelData('model.onnx', wrong as never),
    ),
  ]),
  each(Object.entries(NO_BYTES), ([kind, wrong]) => [
    `modelData ${kind}`,
    load('modelData["model.onnx"] must be a Uint8Array or ArrayBuffer', { modelData: { 'model.onnx': wrong } }),
  ]),
  {
    'model data name a number': config('name must be a string', made => made.addModelData(1 as never, BYTES)),
    'model data name with NUL': config('name must not contain a NUL', made => made.addModelData('a\0', BYTES)),
    'model data twice': config('added previously', made => {
      made.addModelData('a', BYTES);
      made.addModelData('a', BYTES);
    }),
    'model data removed that is not there': config('not found', made => made.removeModelData('a')),
    'model data for no file of the model': config(
      'must be an ONNX file of the model (model.onnx; other files',
      async made => {
        made.addModelData('a', BYTES);
        await Model.load(made);
      },
    ),
    'modelData itself an array': load('modelData must be an object of bytes by file name', { modelData: [BYTES] }),
    'modelData itself a string': load('modelData must be an object of bytes by file name, but is "abc"', {
      modelData: 'abc',
    }),
  },
);

const SETTINGS: Table = {
  'runtimeSettings an array': load('runtimeSettings must be an object of handles', { runtimeSettings: [1n] }),
  'runtimeSettings null': load('runtimeSettings must be an object of handles', { runtimeSettings: null }),
  'runtimeSettings a number': load('runtimeSettings.a must be an address as a bigint', { runtimeSettings: { a: 5 } }),
  'runtimeSettings 0': load('runtimeSettings.a must be an address as a bigint', { runtimeSettings: { a: 0n } }),
  'runtimeSettings of 2^64': load('runtimeSettings.a must be an address', { runtimeSettings: { a: 2n ** 64n } }),
  'runtimeSettings negative': load('runtimeSettings.a must be an address', { runtimeSettings: { a: -1n } }),
  'runtimeSettings an object that is no External': load('must be an address as a bigint, or an External', {
    runtimeSettings: { a: {} },
  }),
  'runtimeSettings name with NUL': load('must not contain a NUL', { runtimeSettings: { 'a\0': 1n } }),
  'runtimeSettings and an overlay': load('configOverlay must be left out where runtimeSettings are given', {
    runtimeSettings: { a: 1n },
    configOverlay: {},
  }),
};

const LOADS: Table = {
  'a Config and an option that changes it': config('configOverlay must be set on the Config', async made => {
    await Model.load(made, { configOverlay: {} } as never);
  }),
  'a Config and an unknown option': config('Unknown option "nonsense"', made =>
    Model.load(made, { nonsense: 1 } as never),
  ),
  'a Config and onProgress no function': config('onProgress must be a function', made =>
    Model.load(made, { onProgress: 1 as never }),
  ),
  'something like a Config': invalid('model folder must be a string, but is object', () =>
    Model.load({ directory: DEMO_MODEL } as never),
  ),
  'Config of no folder': refused('ERR_GENAI_MODEL_NOT_FOUND', 'does not exist', () => Config.load('nowhere')),
  'Config of a number': invalid('model folder must be a string', () => Config.load(5 as never)),
  'Config of nothing': invalid('model folder must be the path of a folder', () => Config.load('')),
  'package of a number': invalid('package folder must be a string', () => Config.fromPackage(5 as never)),
  'package provider a number': invalid('executionProvider must be a string', () =>
    Config.fromPackage(DEMO_MODEL, 5 as never),
  ),
  'package that is none': refused(
    features.modelPackages ? 'ERR_GENAI_MODEL_INVALID' : 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY',
    'ackage',
    () => Config.fromPackage(DEMO_MODEL),
  ),
  'Config disposed': refused('ERR_GENAI_DISPOSED', 'The Config was disposed', async () => {
    const made = await Config.load(DEMO_MODEL);
    made.dispose();
    made.clearProviders();
  }),
  'Config changed while it is loaded from': refused('ERR_GENAI_BUSY', 'while something is loaded from it', async () => {
    using made = await Config.load(DEMO_MODEL);
    const loading = Model.load(made);
    try {
      made.clearProviders();
    } finally {
      await (await loading).dispose();
    }
  }),
  'tokenizer of no Config': invalid('config must be a Config', () => Tokenizer.fromConfig(DEMO_MODEL as never)),
  'tokenizer of a number': invalid('model folder must be a string', () => Tokenizer.fromPath(5 as never)),
};

function log(text: string, options: unknown): BadCase {
  return invalid(text, () => setLogOptions(options as LogOptions));
}

const LOG: Table = {
  'log options null': log('options must be an object, but is null', null),
  'log option unknown': log('Unknown option "level". Options are enabled, ', { level: 'debug' }),
  'log option by its name in Python': log('did you mean "generateNextToken"?', { generate_next_token: true }),
  'log option a number': log('enabled must be a boolean, but is 1', { enabled: 1 }),
  'log file a number': log('filename must be', { filename: 5 }),
  'log file empty': log('filename must be the path of a file, or null', { filename: '' }),
  'log file with NUL': log('filename must not contain a NUL', { filename: 'a\0' }),
  'log file in no folder': log('filename must be a file that can be written', { filename: '/nowhere/none/log.txt' }),
  'log callback a string': invalid('callback must be a function or null, but is "x"', () =>
    setLogCallback('x' as never),
  ),
  'log callback undefined': invalid('callback must be a function or null, but is undefined', () =>
    setLogCallback(undefined as never),
  ),
};

const PROCESS: Table = table(
  each([-1, 1.5, Number.NaN, 2 ** 31, '0', null], wrong => [
    `GPU ${JSON.stringify(wrong) ?? 'undefined'} ${typeof wrong}`,
    invalid('id must be an integer from 0 to 2147483647', () => setCurrentGpuDeviceId(wrong as never)),
  ]),
  {
    'telemetry switch a string': invalid('enabled must be a boolean, but is "no"', () =>
      setTelemetryEnabled('no' as never),
    ),
    'provider library without a name': invalid('name must be a text that is not empty', () =>
      registerExecutionProviderLibrary('', 'x.so'),
    ),
    'provider library without a path': invalid('path must be a text that is not empty', () =>
      registerExecutionProviderLibrary('x', ''),
    ),
    'provider library path a number': invalid('path must be a string', () =>
      registerExecutionProviderLibrary('x', 5 as never),
    ),
    'provider library that is not there': invalid('none.so does not exist', ({ folder }) =>
      registerExecutionProviderLibrary('x', `${folder}/none.so`),
    ),
    'provider library a folder': invalid('cannot be loaded', ({ folder }) =>
      registerExecutionProviderLibrary('x', folder),
    ),
    'provider library of a built-in name': invalid('is registered already', ({ folder }) =>
      registerExecutionProviderLibrary('CPUExecutionProvider', folder),
    ),
    'provider library that was never registered': invalid('name must be a registered one, but "x" is not', () =>
      unregisterExecutionProviderLibrary('x'),
    ),
    'built-in provider taken away': invalid('name must be a registered one', () =>
      unregisterExecutionProviderLibrary('CPUExecutionProvider'),
    ),
  },
);

export const CONFIG: Table = table(OVERLAYS, PROVIDERS, DEVICES, DATA, SETTINGS, LOADS, LOG, PROCESS);
