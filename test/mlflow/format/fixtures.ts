/** What real MLflow and PyYAML have written and said: `scripts/mlflow/make-mlmodel-fixtures.py`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { YamlTimestamp } from '../../../src/mlflow/format/yaml/yaml-scalars.ts';

export const FIXTURES = fileURLToPath(new URL('../../fixtures/mlflow/mlmodel', import.meta.url));

/** Folders with a model each. */
export const KINDS = readdirSync(FIXTURES, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
  .sort();

export function readFixture(...path: string[]): string {
  return readFileSync(join(FIXTURES, ...path), 'utf8');
}

export function readTable<Row>(name: string): readonly Row[] {
  return JSON.parse(readFixture(`${name}.json`)) as Row[];
}

/** A Python value in JSON that tells the types apart. */
export type Marked =
  | null
  | boolean
  | { readonly int: string }
  | { readonly float: string }
  | { readonly str: string }
  | { readonly bytes: string }
  | { readonly time: string }
  | { readonly set: readonly string[] }
  | { readonly list: readonly Marked[] }
  | { readonly dict: readonly (readonly [string, Marked])[] };

/** Throws where a value is not the one that Python has, and names the place. Numbers are compared as numbers. */
export function assertSame(value: unknown, marked: Marked, path = 'value'): void {
  if (marked === null || typeof marked === 'boolean') same(value, marked, path);
  else if ('list' in marked) assertSameItems(value as unknown[], marked.list, path);
  else if ('dict' in marked) assertSameMembers(value as Record<string, unknown>, marked.dict, path);
  else if ('int' in marked) same(typeof value === 'bigint' ? value : BigInt(Number(value)), BigInt(marked.int), path);
  else if ('float' in marked) same(value, readFloat(marked.float), path);
  else if ('str' in marked) same(value, marked.str, path);
  else if ('bytes' in marked) same(Buffer.from(value as Uint8Array).toString('hex'), marked.bytes, path);
  else if ('time' in marked) same(value instanceof YamlTimestamp, true, path);
  else same([...(value as Set<unknown>)].sort().join(), marked.set.join(), path);
}

function assertSameItems(value: unknown[], items: readonly Marked[], path: string): void {
  same(value.length, items.length, `${path}.length`);
  for (const [index, item] of items.entries()) assertSame(value[index], item, `${path}[${index}]`);
}

function assertSameMembers(value: object, members: readonly (readonly [string, Marked])[], path: string): void {
  same(Object.keys(value).length, new Map(members).size, `${path}: the number of members`);
  for (const [key, item] of members) {
    same(Object.hasOwn(value, key), true, `${path} has ${key}`);
    assertSame((value as Record<string, unknown>)[key], item, `${path}.${key}`);
  }
}

/** From Python's `repr`. */
function readFloat(text: string): number {
  return Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
}

function same(actual: unknown, expected: unknown, path: string): void {
  if (!Object.is(actual, expected)) throw new Error(`${path} is ${String(actual)}, but Python has ${String(expected)}`);
}
