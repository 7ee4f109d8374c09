import { resolve } from 'node:path';
import type { NativeAddon, NativeConfig } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { type LoadedRuntime, loadRuntime } from '../binding/runtime.ts';
import { GenAIError, invalidArgument, isGenAIError } from '../errors.ts';
import { type Bytes, toUint8Array } from '../util/bytes.ts';
import type { JsonObject } from '../util/objects.ts';
import { checkText } from '../util/text.ts';
import { applyDevice, checkDevice, type HardwareDevice } from './hardware-device.ts';
import { Holds } from './holds.ts';
import { checkModelBytes, checkOverlay } from './load-options.ts';
import {
  describeModel,
  type ModelConfigFile,
  type ModelFolder,
  merge,
  readModelConfig,
  readSessionOptions,
} from './model-folder.ts';
import { createConfig } from './model-load.ts';

interface Parts {
  readonly runtime: LoadedRuntime;
  readonly native: NativeConfig;
  readonly file: ModelConfigFile;
}

/**
 * A model folder's configuration and changes to it, for `Model.load(config)` and `Tokenizer.fromConfig(config)`: the
 * long form of the options of `Model.load(folder)`. It may be loaded from any number of times; while something is, a
 * change is refused. Holds little but for the bytes of `addModelData`; garbage collection frees it, `dispose()` and
 * `using` do so earlier.
 */
export class Config {
  /** Absolute path of the folder. */
  readonly directory: string;
  readonly #parts: Parts;
  readonly #holds = new Holds();
  readonly #modelData = new Map<string, number>();
  #config: JsonObject;
  #providers: string[] | undefined;
  #disposed = false;
  #spoiled = false;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.directory = parts.file.directory;
    this.#config = parts.file.config;
  }

  /**
   * Reads the `genai_config.json` in `directory`. Where it says nothing of threads, the decoder gets as many as this
   * process has cores.
   *
   * @throws {GenAIError} `ERR_GENAI_MODEL_NOT_FOUND`, `ERR_GENAI_MODEL_INVALID`, `ERR_GENAI_INVALID_ARGUMENT`,
   *   `ERR_GENAI_RUNTIME_NOT_FOUND`, `ERR_GENAI_RUNTIME_INCOMPATIBLE`
   */
  static async load(directory: string): Promise<Config> {
    const file = await readModelConfig(directory);
    const runtime = await loadRuntime();
    const sessionOptions = readSessionOptions(file.config);
    const native = await createConfig(runtime.addon, { directory: file.directory, sessionOptions });
    return new Config({ runtime, native, file });
  }

  /**
   * Reads a model package: a folder with variants of one model, of which the library takes one for
   * `executionProvider`. Since 0.15.2; the official builds of 0.15 to 0.18 know no package.
   *
   * @throws {GenAIError} `ERR_GENAI_MODEL_INVALID` (not a package, none for this provider),
   *   `ERR_GENAI_MODEL_NOT_FOUND`, `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`, `ERR_GENAI_INVALID_ARGUMENT`
   */
  static async fromPackage(directory: string, executionProvider?: string): Promise<Config> {
    checkText('package folder', directory);
    if (executionProvider !== undefined) checkText('executionProvider', executionProvider);
    const path = resolve(directory);
    const runtime = await loadRuntime();
    const native = await awaitNative(() => createFromPackage(runtime.addon, path, executionProvider));
    return new Config({ runtime, native, file: await readModelConfig(path) });
  }

  /**
   * Merges `changes` over the configuration: an object of the shape of `genai_config.json`. What happens to arrays is
   * the library's choice (`eos_token_id` is added to).
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (also for a key that this version does not know: the library has
   *   changed what came before it, so the Config is half changed and refused from then on), `ERR_GENAI_BUSY`,
   *   `ERR_GENAI_DISPOSED`
   */
  overlay(changes: Readonly<Record<string, unknown>>): void {
    const json = checkOverlay('changes', changes);
    try {
      this.#change(native => native.overlay(json));
    } catch (error) {
      this.#spoiled ||= isGenAIError(error, 'ERR_GENAI_INVALID_ARGUMENT');
      throw error;
    }
    this.#config = merge(this.#config, JSON.parse(json) as JsonObject);
  }

  /**
   * Leaves the CPU as the only provider.
   *
   * @throws {GenAIError} `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  clearProviders(): void {
    this.#change(native => native.clearProviders());
    this.#providers = [];
  }

  /**
   * Adds a provider: `"cuda"`, `"dml"`, `"webgpu"`, ... Whether this build has it is seen when a model is loaded.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (also for `"cpu"`, which is always there), `ERR_GENAI_BUSY`,
   *   `ERR_GENAI_DISPOSED`
   */
  appendProvider(provider: string): void {
    checkProvider(provider);
    this.#change(native => native.appendProvider(provider));
    this.#providers = [...(this.#providers ?? []), provider];
  }

  /**
   * Sets an option of a provider, which is added where it is not there yet.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  setProviderOption(provider: string, key: string, value: string): void {
    checkProvider(provider);
    checkText('key', key);
    checkText('value', value);
    this.#change(native => native.setProviderOption(provider, key, value));
    this.#providers = [...(this.#providers ?? []), provider];
  }

  /**
   * Chooses the device of a provider that the configuration has: type, device id, vendor id, each on its own; null takes
   * a choice back. It concerns the decoder.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (also for a provider that was not added; the library would ignore
   *   the choice), `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  setHardwareDevice(provider: string, device: HardwareDevice): void {
    checkProvider(provider);
    checkDevice('device', device);
    this.#change(native => applyDevice(native, provider, device));
  }

  /**
   * Gives an ONNX file of the model as bytes, which are copied: `name` as in `genai_config.json` (`"model.onnx"`), and the
   * file need not be in the folder then. Weights beside it (`model.onnx.data`) are still read from there.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (no bytes, a name twice), `ERR_GENAI_OUT_OF_MEMORY`,
   *   `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  addModelData(name: string, bytes: Bytes): void {
    checkText('name', name);
    checkModelBytes('bytes', bytes);
    this.#change(native => native.addModelData(name, toUint8Array(bytes)));
    this.#modelData.set(name, bytes.byteLength);
  }

  /**
   * Takes the bytes of a file away.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (none of that name), `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  removeModelData(name: string): void {
    checkText('name', name);
    this.#change(native => native.removeModelData(name));
    this.#modelData.delete(name);
  }

  /** Refuses new calls; loads that are under way go on. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#holds.freeWhenUnused(() => this.#parts.native.dispose());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Keeps it as it is for one load. */
  hold(): Disposable {
    this.#demandUsable();
    return this.#holds.hold();
  }

  /** @internal */
  get native(): NativeConfig {
    return this.#parts.native;
  }

  /** @internal */
  get runtime(): LoadedRuntime {
    return this.#parts.runtime;
  }

  /** @internal What the library is told. */
  get file(): ModelConfigFile {
    return { directory: this.directory, config: this.#config };
  }

  /** @internal Those that were asked for here; undefined: what the file says. */
  get providers(): readonly string[] | undefined {
    return this.#providers;
  }

  /** @internal */
  get hasModelData(): boolean {
    return this.#modelData.size > 0;
  }

  /** @internal */
  describe(): Promise<ModelFolder> {
    return describeModel(this.file, this.#modelData);
  }

  #change(change: (native: NativeConfig) => void): void {
    this.#demandUsable();
    if (this.#holds.held) {
      throw new GenAIError('ERR_GENAI_BUSY', 'The Config cannot be changed while something is loaded from it.');
    }
    callNative(() => change(this.#parts.native));
  }

  #demandUsable(): void {
    if (this.#disposed) throw new GenAIError('ERR_GENAI_DISPOSED', 'The Config was disposed.');
    if (this.#spoiled) {
      const message = 'A refused overlay has left the Config half changed. Load it again, without what was refused.';
      throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message);
    }
  }
}

function createFromPackage(addon: NativeAddon, path: string, executionProvider?: string): Promise<NativeConfig> {
  return addon.createConfigFromPackage(path, executionProvider ?? null);
}

function checkProvider(provider: string): void {
  checkText('provider', provider);
  if (provider === '' || /^cpu(executionprovider)?$/i.test(provider)) {
    throw invalidArgument('provider', 'the name of a provider other than "cpu", which is always there', provider);
  }
}
