/** Typed arrays and numpy's element types. */

const DTYPES: Readonly<Record<string, string>> = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  Float16Array: 'float16',
  Float32Array: 'float32',
  Float64Array: 'float64',
  BigInt64Array: 'int64',
  BigUint64Array: 'uint64',
};

/** numpy's name of the element type of a typed array. */
export function dtypeOfArray(array: NodeJS.TypedArray): string {
  return DTYPES[array[Symbol.toStringTag]] ?? array[Symbol.toStringTag];
}

const FLOAT_MAX: Readonly<Record<string, number>> = {
  float16: 65504,
  float32: (2 - 2 ** -23) * 2 ** 127,
  float64: Number.MAX_VALUE,
};

/** Whether an element of nested arrays is of a type, without a change of the value; floats are not rounded. */
export function fitsDtype(value: unknown, dtype: string): boolean {
  if (dtype === 'object') return true;
  if (dtype === 'bool') return typeof value === 'boolean';
  if (dtype === 'str') return typeof value === 'string';
  const whole = /^(u?)int(8|16|32|64)$/.exec(dtype);
  if (whole !== null) return fitsWhole(value, whole[1] === '', BigInt(whole[2] ?? 0));
  const most = FLOAT_MAX[dtype];
  return most !== undefined && typeof value === 'number' && (!Number.isFinite(value) || Math.abs(value) <= most);
}

function fitsWhole(value: unknown, signed: boolean, bits: bigint): boolean {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return false;
  const whole = BigInt(value as number | bigint);
  return signed ? BigInt.asIntN(Number(bits), whole) === whole : BigInt.asUintN(Number(bits), whole) === whole;
}
