/** Options of a load and their checks. */
import { invalidArgument } from '../errors.ts';
import { isBytes } from '../util/bytes.ts';
import { toJson } from '../util/json.ts';
import { isObject } from '../util/objects.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import { checkDevice, type HardwareDevice } from './hardware-device.ts';

/** Step of a load; `sizeInBytes` are the ONNX files of the model. */
export interface LoadProgress {
  readonly phase: 'runtime' | 'model' | 'tokenizer' | 'done';
  readonly sizeInBytes: number;
}

/** Options of a load whose configuration is ready: that of a `Config`. */
export interface LoadOptions {
  /** Gives up waiting; the library cannot interrupt a load, so what it makes is freed in the background. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

export interface ModelLoadOptions extends LoadOptions {
  /**
   * Where to run: `"cpu"`, `"cuda"`, `"dml"` or another name that ONNX Runtime knows. Default: what the model's
   * `genai_config.json` says.
   */
  readonly executionProvider?: string | undefined;
  /** Options of that provider, such as `{ device_id: "1" }`. */
  readonly providerOptions?: Readonly<Record<string, string>> | undefined;
  /** Which device of that provider, where it has several. */
  readonly hardwareDevice?: HardwareDevice | undefined;
  /**
   * Merged over `genai_config.json`, of the same shape; the files stay as they are. What happens to arrays is the
   * library's choice (`eos_token_id` is added to).
   */
  readonly configOverlay?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Threads of one operator. Default: what `genai_config.json` says, else the cores this process may use. (The library
   * alone behaves as with one.)
   */
  readonly intraOpNumThreads?: number | undefined;
  /**
   * ONNX files as bytes instead of in the folder, by the names that `genai_config.json` has for them (`"model.onnx"`).
   * They are copied while the load runs: leave them as they are until it settles. Weights beside them
   * (`model.onnx.data`) are still read from the folder, so a model that lives in memory whole has its weights within the
   * ONNX file.
   */
  readonly modelData?: Readonly<Record<string, Uint8Array | ArrayBuffer>> | undefined;
  /**
   * Pointers of the host program, by the names that the library knows: `dawnProcTable` for WebGPU. Each is an address as
   * a bigint or an External of another addon, and is used as it is: a wrong one crashes the process. The library takes
   * them with a folder only, so no other option that changes the configuration can be given; the default for
   * `intraOpNumThreads` is then the library's own.
   */
  readonly runtimeSettings?: Readonly<Record<string, bigint | object>> | undefined;
}

const CHANGES = [
  'executionProvider',
  'providerOptions',
  'hardwareDevice',
  'configOverlay',
  'intraOpNumThreads',
  'modelData',
] as const satisfies (keyof ModelLoadOptions)[];

const OPTION_NAMES: readonly string[] = [
  ...CHANGES,
  'runtimeSettings',
  'signal',
  'onProgress',
] satisfies (keyof ModelLoadOptions)[];

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` naming the option */
export function checkLoadOptions(options: ModelLoadOptions): void {
  checkOptions(options, OPTION_NAMES);
  const { configOverlay, intraOpNumThreads, modelData, runtimeSettings, onProgress } = options;
  checkProviderOptions(options);
  if (configOverlay !== undefined) checkOverlay('configOverlay', configOverlay);
  if (intraOpNumThreads !== undefined && !isThreadCount(intraOpNumThreads)) {
    throw invalidArgument('intraOpNumThreads', `an integer from 1 to ${MOST_THREADS}`, intraOpNumThreads);
  }
  if (modelData !== undefined) checkModelData(modelData);
  if (runtimeSettings !== undefined) checkRuntimeSettings(options);
  checkOnProgress(onProgress);
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`: a `Config` has its changes already */
export function checkOptionsOfConfig(options: LoadOptions): void {
  checkOptions(options, OPTION_NAMES);
  const change = [...CHANGES, 'runtimeSettings'].find(name => (options as Record<string, unknown>)[name] !== undefined);
  if (change !== undefined) {
    throw invalidArgument(change, 'set on the Config, not given with it', (options as Record<string, unknown>)[change]);
  }
  checkOnProgress(options.onProgress);
}

function checkOnProgress(onProgress: unknown): void {
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('onProgress', 'a function', onProgress);
  }
}

function checkProviderOptions({ executionProvider, providerOptions, hardwareDevice }: ModelLoadOptions): void {
  if (executionProvider !== undefined) checkText('executionProvider', executionProvider);
  if (executionProvider === '') throw invalidArgument('executionProvider', 'the name of a provider', '');
  if (
    providerOptions !== undefined &&
    (providerOptions === null || typeof providerOptions !== 'object' || Array.isArray(providerOptions))
  ) {
    throw invalidArgument('providerOptions', 'an object of strings', providerOptions);
  }
  for (const [name, value] of Object.entries(providerOptions ?? {})) checkText(`providerOptions.${name}`, value);
  if (hardwareDevice !== undefined) checkDevice('hardwareDevice', hardwareDevice);
  for (const [name, value] of Object.entries({ providerOptions, hardwareDevice })) {
    if (value !== undefined && (executionProvider === undefined || isCpu(executionProvider))) {
      throw invalidArgument(name, 'given together with an executionProvider other than "cpu"', value);
    }
  }
}

/** No machine has more; ONNX Runtime would start them all. */
const MOST_THREADS = 1024;

function isThreadCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_THREADS;
}

/** @returns the overlay as JSON */
export function checkOverlay(name: string, overlay: unknown): string {
  if (!isObject(overlay)) throw invalidArgument(name, 'an object of the shape of genai_config.json', overlay);
  return toJson(name, overlay);
}

function checkModelData(modelData: unknown): void {
  if (!isObject(modelData)) throw invalidArgument('modelData', 'an object of bytes by file name', modelData);
  for (const [name, bytes] of Object.entries(modelData)) checkModelBytes(`modelData["${name}"]`, bytes);
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` also for bytes of a detached buffer, of which none are left */
export function checkModelBytes(name: string, bytes: unknown): void {
  if (!isBytes(bytes) || bytes.byteLength === 0) {
    throw invalidArgument(name, 'a Uint8Array or ArrayBuffer that is not empty', bytes);
  }
}

const MOST_ADDRESS = 2n ** 64n;

function checkRuntimeSettings(options: ModelLoadOptions): void {
  const { runtimeSettings } = options;
  if (!isObject(runtimeSettings)) {
    throw invalidArgument('runtimeSettings', 'an object of handles by name', runtimeSettings);
  }
  const change = CHANGES.find(name => options[name] !== undefined);
  if (change !== undefined) {
    throw invalidArgument(change, 'left out where runtimeSettings are given', options[change]);
  }
  for (const [name, handle] of Object.entries(runtimeSettings)) {
    checkText('name of a runtimeSettings handle', name);
    const isAddress = typeof handle === 'bigint' && handle > 0n && handle < MOST_ADDRESS;
    if (!isAddress && !isObject(handle)) {
      throw invalidArgument(`runtimeSettings.${name}`, 'an address as a bigint, or an External', handle);
    }
  }
}

export function plainProvider(name: string): string {
  return name.toLowerCase().replace(/executionprovider$/, '');
}

export function isCpu(provider: string): boolean {
  return plainProvider(provider) === 'cpu';
}
