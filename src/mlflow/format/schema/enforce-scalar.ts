/** Scalars: which values of JavaScript are a boolean, long, double, ... and nothing that would change them. */
import { types } from 'node:util';
import type { DataType } from './schema-types.ts';
import { parseTime } from './values-time.ts';

/** The answer of `castScalar` for what does not fit: every value of JavaScript may be a right answer. */
export const REFUSED: unique symbol = Symbol('refused');

const INT32 = 2 ** 31;
const INT64 = 2n ** 63n;
const FLOAT_MAX = (2 - 2 ** -23) * 2 ** 127;

/**
 * The value as the type has it, or `REFUSED`. Never null: the caller knows whether a value may be missing.
 *
 * - `boolean`, `string`: themselves
 * - `integer`, `long`: a whole number that is exact (below 2**53), or a bigint; given back as a number where exact
 * - `float`, `double`: every number, a bigint where exact; `float` only within its range, and not rounded
 * - `binary`: a `Uint8Array`, or base64 as in MLflow's JSON
 * - `datetime`: a `Date`, or an ISO 8601 text; given back as a `Date`
 */
export function castScalar(value: unknown, type: DataType): unknown {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : REFUSED;
    case 'string':
      return typeof value === 'string' ? value : REFUSED;
    case 'integer': {
      const whole = castWhole(value);
      return typeof whole === 'number' && whole >= -INT32 && whole < INT32 ? whole : REFUSED;
    }
    case 'long':
      return castWhole(value);
    case 'float': {
      const number = castNumber(value);
      return typeof number === 'number' && Number.isFinite(number) && Math.abs(number) > FLOAT_MAX ? REFUSED : number;
    }
    case 'double':
      return castNumber(value);
    case 'binary':
      return types.isUint8Array(value) ? value : typeof value === 'string' ? decodeBase64(value) : REFUSED;
    case 'datetime':
      return castTime(value);
    default:
      return REFUSED;
  }
}

function castWhole(value: unknown): number | bigint | typeof REFUSED {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : REFUSED;
  if (typeof value !== 'bigint' || value < -INT64 || value >= INT64) return REFUSED;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function castNumber(value: unknown): number | typeof REFUSED {
  if (typeof value === 'number') return value;
  if (typeof value !== 'bigint') return REFUSED;
  const number = Number(value);
  return Number.isFinite(number) && BigInt(number) === value ? number : REFUSED;
}

function castTime(value: unknown): unknown {
  if (typeof value === 'string') return parseTime(value) ?? REFUSED;
  return types.isDate(value) && !Number.isNaN(value.getTime()) ? value : REFUSED;
}

/** Python's encoder breaks lines. Node's decoder skips what it does not know, so the way back must give the same text. */
function decodeBase64(text: string): unknown {
  const line = text.replaceAll(/[\r\n]/g, '');
  const bytes = Buffer.from(line, 'base64');
  return bytes.toString('base64') === line ? new Uint8Array(bytes) : REFUSED;
}

const EXPECTED: Readonly<Record<DataType, string>> = {
  boolean: 'a boolean',
  integer: 'a whole number of 32 bits (integer)',
  long: 'a whole number (long)',
  float: 'a number of 32 bits (float)',
  double: 'a number (double)',
  string: 'a string',
  binary: 'a Uint8Array or base64 (binary)',
  datetime: 'a Date or an ISO 8601 time (datetime)',
};

/** The type in words, for a message. */
export function expectedScalar(type: DataType): string {
  return EXPECTED[type] ?? `of the type "${String(type)}", which MLflow does not have`;
}

/** What to do about the refusals that surprise. */
export function hintOf(value: unknown, type: DataType): string {
  if ((type === 'long' || type === 'integer') && typeof value === 'number' && Number.isInteger(value)) {
    if (!Number.isSafeInteger(value)) return 'Numbers from 2**53 on are not exact: give a bigint.';
    return 'It does not fit into 32 bits.';
  }
  if (type === 'datetime' && typeof value === 'string' && /\.\d{4}/.test(value)) {
    return 'A Date holds milliseconds: parts of them would be lost.';
  }
  return '';
}
