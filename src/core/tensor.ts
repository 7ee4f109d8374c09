import { totalmem } from 'node:os';
import { loadAddon } from '../binding/addon.ts';
import type { NativeTensor } from '../binding/addon-media-types.ts';
import { callNative } from '../binding/native-error.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { type ElementType, elementType, type TensorData, type TensorType, typeOfNumber } from './tensor-types.ts';

/**
 * Numbers of one type with a shape: what goes into a model besides tokens, and what comes out of it.
 *
 * Its memory belongs to the library and lives as long as anyone uses it: this object, a `NamedTensors`, and `data` that
 * somebody still holds. Copied are the data that it is made of, and what a `Generator` is given.
 * Garbage collection frees it; `dispose()` and `using` do so earlier.
 */
export class Tensor<Type extends TensorType = TensorType> {
  /** `"float32"`, `"int64"`, ... */
  readonly type: Type;
  /** Size of each dimension, outermost first; `[]` is a single number. */
  readonly shape: readonly number[];
  readonly #native: NativeTensor;
  readonly #element: ElementType;
  #data: TensorData[Type] | undefined;
  #disposed = false;

  /**
   * @param type type of the elements
   * @param shape size of each dimension, outermost first
   * @param data the elements, the last dimension running fastest: the typed array of this type (`int64`:
   *   BigInt64Array; `float16`, `bfloat16`: Uint16Array of their bits; `bool`: Uint8Array of 0 and 1). It is copied at
   *   once. Default: zeros, to be filled in by way of `data`, which copies nothing.
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (unknown type, a shape that is none or does not fit the data, data
   *   of another type), `ERR_GENAI_OUT_OF_MEMORY`, `ERR_GENAI_RUNTIME_NOT_FOUND` (no model is loaded yet)
   */
  constructor(type: Type, shape: readonly number[], data?: TensorData[Type]);
  /** @internal */
  constructor(native: NativeTensor);
  constructor(type: Type | NativeTensor, shape?: readonly number[], data?: TensorData[Type]) {
    this.#native = isNative(type) ? type : createNative(type, shape, data);
    this.type = typeOfNumber(callNative(() => this.#native.type())) as Type;
    this.shape = Object.freeze(callNative(() => this.#native.shape()));
    this.#element = elementType(this.type);
  }

  /** How many elements it has. */
  get size(): number {
    return this.shape.reduce((product, dimension) => product * dimension, 1);
  }

  /**
   * The elements, the last dimension running fastest: the tensor's own memory, so what is written here is what the next
   * call takes. Do not write while `generator.setInputs()` runs with it. It stays valid after `dispose()`.
   *
   * (Where JavaScript takes no memory from outside, as in Electron, it is a copy.)
   *
   * @throws {GenAIError} `ERR_GENAI_DISPOSED`
   */
  get data(): TensorData[Type] {
    this.#data ??= new this.#element.array(callNative(() => this.#native.data())) as TensorData[Type];
    if (this.#data.length !== this.size) {
      throw invalidArgument('data', 'left where it is: its ArrayBuffer was transferred', this.#data);
    }
    return this.#data;
  }

  dispose(): void {
    this.#disposed = true;
    this.#data = undefined;
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** @internal */
  get native(): NativeTensor {
    return this.#native;
  }
}

function isNative(value: unknown): value is NativeTensor {
  const { type, data } = (value ?? {}) as Partial<NativeTensor>;
  return typeof type === 'function' && typeof data === 'function';
}

function createNative(type: unknown, shape: unknown, data: unknown): NativeTensor {
  const { number, array } = elementType(type as TensorType);
  const dimensions = checkShape(shape);
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  const bytes = size * array.BYTES_PER_ELEMENT;
  // The system would give it, and end the process when it is filled.
  if (bytes > totalmem()) {
    throw new GenAIError('ERR_GENAI_OUT_OF_MEMORY', `A tensor of ${bytes} bytes is more than this machine can hold.`, {
      details: { bytes },
    });
  }
  if (data !== undefined) checkData(type as TensorType, array, dimensions, size, data);
  return callNative(() => loadAddon().createTensor(number, dimensions, (data as ArrayBufferView | undefined) ?? null));
}

function checkShape(shape: unknown): number[] {
  if (!Array.isArray(shape)) throw invalidArgument('shape', 'an array of integers >= 0', shape);
  return Array.from(shape as unknown[], (dimension, index) => {
    if (Number.isSafeInteger(dimension) && (dimension as number) >= 0) return dimension as number;
    throw invalidArgument(`shape[${index}]`, 'an integer >= 0', dimension);
  });
}

function checkData(type: TensorType, array: ElementType['array'], shape: number[], size: number, data: unknown): void {
  if (!(data instanceof (array as unknown as new () => object))) {
    throw invalidArgument('data', `a ${array.name} for elements of type ${type}`, data);
  }
  const { length } = data as Uint8Array;
  if (length !== size) {
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `data must have ${size} elements for the shape [${shape.join(', ')}], but has ${length}.`,
      { details: { argument: 'data', value: data } },
    );
  }
  if (type === 'bool' && (data as Uint8Array).some(value => value > 1)) {
    throw invalidArgument('data', 'zeros and ones for elements of type bool', data);
  }
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function nativeTensor(name: string, tensor: unknown): NativeTensor {
  if (!(tensor instanceof Tensor)) throw invalidArgument(name, 'a Tensor', tensor);
  return tensor.native;
}
