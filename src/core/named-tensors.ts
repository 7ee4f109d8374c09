import { loadAddon } from '../binding/addon.ts';
import type { NativeNamedTensors } from '../binding/addon-media-types.ts';
import { callNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { checkText } from '../util/text.ts';
import { nativeTensor, Tensor } from './tensor.ts';

/**
 * Tensors by name: the inputs of a multimodal or speech model, as a processor makes them. It shares its tensors: what is
 * written into one of them changes what the next `generator.setInputs()` takes.
 * Garbage collection frees it; `dispose()` and `using` do so earlier.
 */
export class NamedTensors implements Iterable<[name: string, tensor: Tensor]> {
  readonly #native: NativeNamedTensors;
  /** The objects that this set was given or has given, so that one tensor stays one object. */
  readonly #known: Map<string, Tensor> = new Map();

  /**
   * @param tensors what it holds at first: an object or pairs; default: nothing
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED` (a tensor was), `ERR_GENAI_RUNTIME_NOT_FOUND`
   *   (no model is loaded yet)
   */
  constructor(tensors?: Readonly<Record<string, Tensor>> | Iterable<readonly [name: string, tensor: Tensor]>);
  /** @internal */
  constructor(tensors: undefined, native: NativeNamedTensors);
  constructor(tensors: unknown = [], native?: NativeNamedTensors) {
    this.#native = native ?? callNative(() => loadAddon().createNamedTensors());
    for (const [name, tensor] of entriesOf(tensors)) this.set(name, tensor as Tensor);
  }

  /** How many tensors it holds. */
  get size(): number {
    return this.names().length;
  }

  /** In no particular order. */
  names(): string[] {
    return callNative(() => this.#native.names());
  }

  /**
   * The tensor of this name; undefined when there is none.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED`
   */
  get(name: string): Tensor | undefined {
    checkText('name', name);
    const native = callNative(() => this.#native.get(name));
    if (native === null) return undefined;
    const known = this.#known.get(name);
    if (known?.disposed === false) {
      native.dispose();
      return known;
    }
    const tensor = new Tensor(native);
    this.#known.set(name, tensor);
    return tensor;
  }

  /**
   * Adds a tensor, or replaces the one of this name. It is shared, not copied.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED`
   */
  set(name: string, tensor: Tensor): this {
    checkText('name', name);
    if (name === '') throw invalidArgument('name', 'the name of a tensor', name);
    const native = nativeTensor('tensor', tensor);
    callNative(() => this.#native.set(name, native));
    this.#known.set(name, tensor);
    return this;
  }

  /** Takes a tensor out; nothing when there is none of this name. */
  delete(name: string): void {
    checkText('name', name);
    callNative(() => this.#native.delete(name));
    this.#known.delete(name);
  }

  *[Symbol.iterator](): IterableIterator<[name: string, tensor: Tensor]> {
    for (const name of this.names()) {
      const tensor = this.get(name);
      if (tensor !== undefined) yield [name, tensor];
    }
  }

  /** The tensors stay as long as somebody else uses them. */
  dispose(): void {
    this.#known.clear();
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get native(): NativeNamedTensors {
    return this.#native;
  }
}

function entriesOf(tensors: unknown): Iterable<readonly [string, unknown]> {
  if (typeof tensors !== 'object' || tensors === null)
    throw invalidArgument('tensors', 'an object of tensors', tensors);
  return Symbol.iterator in tensors ? (tensors as Iterable<[string, unknown]>) : Object.entries(tensors);
}
