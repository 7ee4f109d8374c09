/** Binary data as callers have it. */

/** Bytes of a `Uint8Array` (a `Buffer` is one) or an `ArrayBuffer`. */
export type Bytes = Uint8Array | ArrayBuffer;

export function isBytes(value: unknown): value is Bytes {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

export function toUint8Array(bytes: Bytes): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
}
