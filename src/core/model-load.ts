/** Loading a model: what the library is told, and by whom. */
import { debuglog } from 'node:util';
import type { NativeAddon, NativeConfig, NativeModel } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import type { LoadedRuntime } from '../binding/runtime.ts';
import { GenAIError } from '../errors.ts';
import { abandonOnAbort, throwIfAborted } from '../util/abort.ts';
import { toUint8Array } from '../util/bytes.ts';
import { availableCores } from '../util/cores.ts';
import type { Config } from './config.ts';
import { applyDevice } from './hardware-device.ts';
import { isCpu, type ModelLoadOptions, plainProvider } from './load-options.ts';
import { describeModel, type ModelFolder, merge, readModelConfig } from './model-folder.ts';

/** Providers that genai brings itself or loads as a plug-in: ONNX Runtime's list does not know them. */
const PLUG_INS = ['ryzenai', 'amdgpu'];

/**
 * Refuses a provider that the loaded ONNX Runtime was built without, before the library tries it. Where libraries of
 * providers were registered, the library alone knows.
 *
 * @param asked the providers that somebody asked for; undefined: those of the folder's configuration
 * @throws {GenAIError} `ERR_GENAI_PROVIDER_UNAVAILABLE` naming those that there are
 */
export function checkProviders(
  { addon, info }: Pick<LoadedRuntime, 'addon' | 'info'>,
  folder: ModelFolder,
  asked: readonly string[] | undefined,
): void {
  if (addon.hasRegisteredProviders()) return;
  const available = info.providers.map(plainProvider);
  const configured = folder.sessionOptions['provider_options'];
  const wanted = asked ?? (Array.isArray(configured) ? configured : []).flatMap(entry => Object.keys(entry ?? {}));
  for (const provider of wanted) {
    const plain = plainProvider(provider);
    if (plain === 'cpu' || available.includes(plain) || PLUG_INS.includes(plain)) continue;
    const by = asked === undefined ? ` (asked for by ${folder.directory})` : '';
    throw new GenAIError(
      'ERR_GENAI_PROVIDER_UNAVAILABLE',
      `The execution provider "${provider}"${by} is not in the loaded ONNX Runtime, which has ${available.join(', ')}. ` +
        'Use one of these, or the runtime of another variant (such as CUDA or DirectML).',
      { details: { provider, available } },
    );
  }
}

/** Levels of ONNX Runtime's log. */
const VERBOSE = 1;
const FATAL = 4;

/** `NODE_DEBUG=genai-ort`: ONNX Runtime says everything it does, on stderr. */
const debug = debuglog('genai-ort');

/** Loads the weights on a native thread. */
export async function loadNative(
  addon: NativeAddon,
  folder: ModelFolder,
  options: ModelLoadOptions,
): Promise<NativeModel> {
  const { runtimeSettings } = options;
  if (runtimeSettings !== undefined) {
    return await awaitNative(
      () => addon.createModelWithSettings(folder.directory, runtimeSettings, folder.sizeInBytes),
      cannotBeLoaded(folder),
    );
  }
  const config = await createConfig(addon, folder);
  try {
    callNative(() => applyOptions(config, options));
    return await createModel(addon, config, folder, options.modelData !== undefined);
  } finally {
    config.dispose();
  }
}

/** The same from a configuration that is ready. */
export function loadFromConfig(addon: NativeAddon, folder: ModelFolder, config: Config): Promise<NativeModel> {
  return createModel(addon, config.native, folder, config.hasModelData);
}

/** What `Model.load` must know of a folder before it loads the model. */
export async function describeFolder(path: unknown, options: ModelLoadOptions): Promise<ModelFolder> {
  const { configOverlay = {}, modelData = {} } = options;
  const { directory, config } = await readModelConfig(path);
  const inMemory = new Map(Object.entries(modelData).map(([name, bytes]) => [name, bytes.byteLength]));
  return describeModel({ directory, config: merge(config, configOverlay) }, inMemory);
}

/** `modelData`: whether the configuration was given model files as bytes. */
function createModel(
  addon: NativeAddon,
  config: NativeConfig,
  folder: ModelFolder,
  modelData: boolean,
): Promise<NativeModel> {
  const keep = modelData && folder.usesModelBytes;
  return awaitNative(() => addon.createModel(config, folder.sizeInBytes, keep), cannotBeLoaded(folder));
}

function cannotBeLoaded({ directory }: ModelFolder): string {
  return `The model at ${directory} cannot be loaded`;
}

/** The library's object for the folder, with our defaults where its `genai_config.json` says nothing. */
export async function createConfig(
  addon: NativeAddon,
  { directory, sessionOptions }: Pick<ModelFolder, 'directory' | 'sessionOptions'>,
): Promise<NativeConfig> {
  const config = await awaitNative(() => addon.createConfig(directory), 'genai_config.json was refused');
  const session_options = {
    intra_op_num_threads: sessionOptions['intra_op_num_threads'] ?? availableCores(),
    // ONNX Runtime would print to stderr what it also reports as an error.
    log_severity_level: sessionOptions['log_severity_level'] ?? (debug.enabled ? VERBOSE : FATAL),
  };
  callNative(() => config.overlay(JSON.stringify({ model: { decoder: { session_options } } })));
  return config;
}

function applyOptions(config: NativeConfig, options: ModelLoadOptions): void {
  const { executionProvider, providerOptions = {}, hardwareDevice = {}, configOverlay, intraOpNumThreads } = options;
  if (intraOpNumThreads !== undefined) {
    const session_options = { intra_op_num_threads: intraOpNumThreads };
    config.overlay(JSON.stringify({ model: { decoder: { session_options } } }));
  }
  if (executionProvider !== undefined) {
    config.clearProviders();
    if (!isCpu(executionProvider)) config.appendProvider(executionProvider);
    for (const [key, value] of Object.entries(providerOptions)) config.setProviderOption(executionProvider, key, value);
    applyDevice(config, executionProvider, hardwareDevice);
  }
  if (configOverlay !== undefined) config.overlay(JSON.stringify(configOverlay));
  for (const [name, bytes] of Object.entries(options.modelData ?? {})) config.addModelData(name, toUint8Array(bytes));
}

/** Waits for a load that cannot be interrupted; when the signal fires first, what it makes is freed. */
export async function loadOrFree<T extends { dispose(): unknown }>(
  begin: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  throwIfAborted(signal);
  return abandonOnAbort(begin(), signal, late => late.dispose());
}
