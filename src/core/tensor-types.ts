/** Element types of tensors: their numbers in ONNX, and the typed array that holds them in JavaScript. */
import { invalidArgument } from '../errors.ts';

/** What holds the elements of each type. There is no typed array of `float16` and `bfloat16`: their 16 bits, as numbers. */
export interface TensorData {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  /** The bits of IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction; 1 is `0x3c00`. */
  readonly float16: Uint16Array;
  /** The upper half of a float32: 1 sign, 8 exponent, 7 fraction; 1 is `0x3f80`. */
  readonly bfloat16: Uint16Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
  /** 0 and 1. */
  readonly bool: Uint8Array;
}

/** Type of the elements of a tensor. */
export type TensorType = keyof TensorData;

interface TypedArrayConstructor {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TensorData[TensorType];
}

/** How the library and JavaScript have a type of elements. */
export interface ElementType {
  /** As in ONNX. */
  readonly number: number;
  readonly array: TypedArrayConstructor;
}

const TYPES: Readonly<Record<TensorType, ElementType>> = {
  float32: { number: 1, array: Float32Array },
  uint8: { number: 2, array: Uint8Array },
  int8: { number: 3, array: Int8Array },
  uint16: { number: 4, array: Uint16Array },
  int16: { number: 5, array: Int16Array },
  int32: { number: 6, array: Int32Array },
  int64: { number: 7, array: BigInt64Array },
  bool: { number: 9, array: Uint8Array },
  float16: { number: 10, array: Uint16Array },
  float64: { number: 11, array: Float64Array },
  uint32: { number: 12, array: Uint32Array },
  uint64: { number: 13, array: BigUint64Array },
  bfloat16: { number: 16, array: Uint16Array },
};

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function elementType(type: unknown): ElementType {
  if (typeof type === 'string' && Object.hasOwn(TYPES, type)) return TYPES[type as TensorType];
  throw invalidArgument('type', `one of ${Object.keys(TYPES).join(', ')}`, type);
}

/** The type with this number; the library has no tensors of others. */
export function typeOfNumber(number: number): TensorType {
  const found = Object.entries(TYPES).find(([, type]) => type.number === number);
  return (found?.[0] ?? 'uint8') as TensorType;
}
