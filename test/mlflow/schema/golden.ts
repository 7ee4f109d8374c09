/** The golden files of scripts/mlflow/make-schema-fixtures.py, and the deliberate differences from them. */
import { readFileSync } from 'node:fs';
import { isGenAIError } from '../../../src/errors.ts';

const FOLDER = new URL('../../fixtures/mlflow/schema/', import.meta.url);

/** What one side does with a case: a result, or a refusal. */
export type Outcome = Readonly<Record<string, unknown>> & { readonly ok: boolean };

/** A case of a golden file: its input by the names of that file, and what MLflow does with it. */
export type Case = Readonly<Record<string, unknown>> & { readonly mlflow: Outcome };

/** The golden files, by what they show. */
export const GOLDEN = ['infer', 'enforce', 'params'] as const;

export type Golden = (typeof GOLDEN)[number];

export function readCases(name: Golden): Map<string, Case> {
  const document = readJson(`${name}.json`) as { cases: Record<string, Case> };
  return new Map(Object.entries(document.cases));
}

/** One row of the table in docs/mlflow-schema.md. */
export interface Difference {
  readonly id: string;
  readonly about: Golden;
  readonly value: string;
  readonly mlflow: string;
  readonly here: string;
  readonly reason: string;
  /** The golden cases that show it, as `file/name`, each with what this package does. */
  readonly cases: Readonly<Record<string, Outcome>>;
}

export function readDifferences(): Difference[] {
  return readJson('differences.json') as Difference[];
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
}

const ARRAYS = { Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array };

/** A value of a golden file: what stands for it in JavaScript. */
export function untag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untag);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  if ('$bytes' in fields) return new Uint8Array(Buffer.from(String(fields['$bytes']), 'base64'));
  if ('$datetime' in fields) return readTime(String(fields['$datetime']));
  if ('$float' in fields) return Number(String(fields['$float']).replace('inf', 'Infinity'));
  if ('$int' in fields) return BigInt(String(fields['$int']));
  if ('$tensor' in fields) return readTensor(fields['$tensor'] as { dtype: string; data: unknown[] });
  return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, untag(item)]));
}

/** A Date where it can hold the time, else the text. */
function readTime(text: string): Date | string {
  return text.endsWith('000') ? new Date(`${text.slice(0, -3)}Z`) : text;
}

/** One dimension is a typed array where there is one; more are nested arrays. */
function readTensor({ dtype, data }: { dtype: string; data: unknown[] }): unknown {
  const items = untag(data) as unknown[];
  if (items.some(item => typeof item === 'object')) return items;
  if (dtype === 'int64') return BigInt64Array.from(items as number[], BigInt);
  const name = `${dtype.charAt(0).toUpperCase()}${dtype.slice(1)}Array`;
  const type = name in ARRAYS ? ARRAYS[name as keyof typeof ARRAYS] : undefined;
  return type === undefined ? items : type.from(items as number[]);
}

/** Both sides in one form: no typed arrays, tagged, so that they can be compared and written to a file. */
export function tag(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, tag);
  if (value instanceof Date) return { $datetime: value.toISOString() };
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : { $int: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { $float: String(value) };
  if (Array.isArray(value)) return value.map(tag);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, tag(item)]));
}

/** What this package does, and nothing of a refusal but its message. */
export function outcomeOf(work: () => Readonly<Record<string, unknown>>): Outcome {
  try {
    return { ok: true, ...(tag(work()) as Record<string, unknown>) };
  } catch (error) {
    if (!isGenAIError(error, 'ERR_MLFLOW_SIGNATURE')) throw error;
    return { ok: false, message: error.message };
  }
}

/** What MLflow does, in the form of `outcomeOf`, without its messages, which are other ones. */
export function expectedOf({ ok, fallback: _, tensors, ...result }: Outcome): Outcome {
  if (!ok) return { ok };
  if (tensors === undefined) return { ok, ...(tag(untag(result)) as Record<string, unknown>) };
  return {
    ok,
    tensors: Object.fromEntries(Object.entries(tensors as object).map(([key, value]) => [key, flat(value)])),
  };
}

/** A tensor of a golden file as `EnforcedTensor`. */
function flat({ $tensor: { dtype, data } }: { $tensor: { dtype: string; data: unknown } }): unknown {
  const shape: number[] = [];
  for (let inner: unknown = data; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  return { dtype, shape, data: tag(untag((data as unknown[]).flat(Number.POSITIVE_INFINITY))) };
}
