import { stat } from 'node:fs/promises';
import type { NativeAdapters } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { GenAIError, invalidArgument, isGenAIError } from '../errors.ts';
import { isObject } from '../util/objects.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import type { Model } from './model.ts';
import { checkModel } from './model-argument.ts';

/** A loaded adapter, for one generation. */
export interface AdapterOption {
  readonly adapters: Adapters;
  /** What it was called when it was loaded. */
  readonly name: string;
}

/**
 * LoRA adapters of one model, by name. The model must have been exported with adapter inputs; `generate`,
 * `stream` and chats take one as the option `adapter: { adapters, name }`, a `Generator` by
 * `generator.setActiveAdapter(adapters, name)`.
 *
 * Holds the adapters and the model's weights until `dispose()` (or `using`) and until no generator uses them.
 */
export class Adapters {
  readonly #native: NativeAdapters;
  #disposed = false;

  /** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED` (the model was) */
  constructor(model: Model) {
    checkModel('model', model);
    using _ = model.hold();
    const { addon, model: native } = model.native;
    this.#native = callNative(() => addon.createAdapters(native));
  }

  /**
   * Reads an adapter (an `.onnx_adapter` file, the format of ONNX Runtime) on a native thread.
   *
   * @param name what the adapter is to be called
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (no such file, not an adapter, a name that is taken),
   *   `ERR_GENAI_DISPOSED`
   */
  async load(path: string, name: string): Promise<void> {
    checkName('path', path);
    checkName('name', name);
    try {
      await awaitNative(() => this.#native.load(path, name), `The adapter ${path} cannot be loaded`);
    } catch (error) {
      if (isGenAIError(error, 'ERR_GENAI_INVALID_ARGUMENT')) await checkFile(path);
      throw error;
    }
  }

  /**
   * Frees an adapter.
   *
   * @throws {GenAIError} `ERR_GENAI_BUSY` while a generator has it (dispose of that first), `ERR_GENAI_INVALID_ARGUMENT`
   *   (none of this name), `ERR_GENAI_DISPOSED`
   */
  async unload(name: string): Promise<void> {
    checkName('name', name);
    await awaitNative(() => this.#native.unload(name));
  }

  /** Refuses new calls; what is loaded goes when no generator uses it. */
  dispose(): void {
    this.#disposed = true;
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal @throws {GenAIError} `ERR_GENAI_DISPOSED` */
  get native(): NativeAdapters {
    if (this.#disposed) throw new GenAIError('ERR_GENAI_DISPOSED', 'The Adapters were disposed.');
    return this.#native;
  }
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED` */
export function checkAdapter(adapter: unknown): asserts adapter is AdapterOption {
  if (!isObject(adapter)) throw invalidArgument('adapter', 'an object { adapters, name }', adapter);
  checkOptions(adapter, ['adapters', 'name']);
  const { adapters, name } = adapter as Partial<AdapterOption>;
  if (!(adapters instanceof Adapters)) throw invalidArgument('adapter.adapters', 'Adapters', adapters);
  checkName('adapter.name', name);
  void adapters.native;
}

/** The library calls it an invalid descriptor. */
async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) throw invalidArgument('path', 'a file that can be read, an .onnx_adapter', path);
}

function checkName(argument: string, text: unknown): void {
  checkText(argument, text);
  if (text === '') throw invalidArgument(argument, 'a non-empty string', text);
}
