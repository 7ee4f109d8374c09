/** What a value of JavaScript is to MLflow, and how its place in an input is named. */
import { types } from 'node:util';
import { GenAIError, isGenAIError } from '../../../errors.ts';

/** Levels of nesting of an input or an example. */
export const MAX_DEPTH = 64;

/** Values of one input, where a value that is held twice counts twice. */
export const MAX_VALUES = 5_000_000;

/** A place in a value: made on the way down, put into words only when there is something to say. */
export interface Path {
  readonly parent: Path | null;
  /** Name of a property or index of an element; of the root, what the whole is: `input`. */
  readonly key: string | number;
  readonly depth: number;
  /** How many values the whole may have, and how many of these have not been seen yet. */
  readonly budget: { readonly limit: number; left: number };
}

export function rootPath(subject: string, limit: number = MAX_VALUES): Path {
  return { parent: null, key: subject, depth: 0, budget: { limit, left: limit } };
}

/** One step down. Ends what would never end: circles, and values that are shared until they are billions. */
export function at(parent: Path, key: string | number): Path {
  if (parent.depth >= MAX_DEPTH) {
    throw refusal(parent, `is nested deeper than ${MAX_DEPTH} levels, or holds itself`, { limit: MAX_DEPTH });
  }
  spend(parent, 1);
  return { parent, key, depth: parent.depth + 1, budget: parent.budget };
}

/** Counts values that get no path of their own. @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` when there are too many */
export function spend(path: Path, count: number): void {
  path.budget.left -= count;
  if (path.budget.left < 0) {
    const { limit } = path.budget;
    throw refusal(rootOf(path), `has more than ${limit} values`, { limit });
  }
}

/** `messages[0].role`; of the root, what the whole is called. */
export function pathText(path: Path): string {
  const keys = keysOf(path);
  if (keys.length === 0) return `the ${path.key}`;
  const text = keys.map((key, index) => {
    if (typeof key === 'number') return `[${key}]`;
    if (!/^[\p{L}_][\p{L}\p{N}_-]{0,59}$/u.test(key)) return `[${quote(key)}]`;
    return index === 0 ? key : `.${key}`;
  });
  if (text.length > 12) text.splice(6, text.length - 12, '...');
  return text.join('');
}

function keysOf(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let node = path; node.parent !== null; node = node.parent) keys.push(node.key);
  return keys.reverse();
}

function rootOf(path: Path): Path {
  let node = path;
  while (node.parent !== null) node = node.parent;
  return node;
}

/** "messages[0].role must be a string, but is the number 5." */
export function misfit(path: Path, expected: string, value: unknown, hint = ''): GenAIError {
  const actual = describeValue(value);
  return refusal(path, `must be ${expected}, but is ${actual}`, { expected, actual }, hint);
}

/** The refusal of what stands at a path: which column, where, and why. */
export function refusal(
  path: Path,
  why: string,
  details: Readonly<Record<string, unknown>> = {},
  hint = '',
): GenAIError {
  const place = pathText(path);
  const column = keysOf(path).find(key => typeof key === 'string');
  const text = `${place.charAt(0).toUpperCase()}${place.slice(1)}`;
  const message = `${path.parent === null ? text : place} ${why}.${hint === '' ? '' : ` ${hint}`}`;
  return new GenAIError('ERR_MLFLOW_SIGNATURE', message, {
    details: { ...(column === undefined ? {} : { column: cut(column) }), path: place, ...details },
  });
}

/** What was given, never more of it than a few words. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value.length > 40 ? `a string of ${value.length} characters` : quote(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'bigint') return `the bigint ${cut(String(value))}`;
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (types.isTypedArray(value)) return `a ${value[Symbol.toStringTag]} of ${value.length}`;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (isRecord(value)) return 'an object';
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? `an object of class ${cut(name)}` : 'an object with a prototype';
}

/** A text in quotes, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(cut(text));
}

/** How many names a message lists. */
export const MOST_NAMES = 5;

/** Some names in quotes, not all of a million. */
export function listNames(names: Iterable<string>, most: number = MOST_NAMES): string {
  const shown: string[] = [];
  for (const name of names) {
    if (shown.length === most) return `${shown.join(', ')} and more`;
    shown.push(quote(name));
  }
  return shown.join(', ');
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A Python dict: an object without a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second test knows Object.prototype of another realm: the end of its chain, and not of a class.
  return prototype === null || prototype === Object.prototype || isForeignObjectPrototype(prototype);
}

function isForeignObjectPrototype(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}

/** Own members that are there: as in JSON, one that is undefined is not. Each is read once. */
export function members(record: Readonly<Record<string, unknown>>, path: Path): [string, unknown][] {
  const keys = Object.keys(record);
  // A million values are not read to find that they are too many.
  if (keys.length > path.budget.left) spend(path, keys.length);
  const entries: [string, unknown][] = [];
  for (const key of keys) {
    const value = record[key];
    if (value !== undefined) entries.push([key, value]);
  }
  return entries;
}

/** Sets an own property whatever its name is: `__proto__` by assignment would be lost. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}

/** A Python list: an array, or a typed array, where a `Uint8Array` is not a list but bytes. */
export type List = readonly unknown[] | NumberArray;

/** Typed arrays that hold numbers and not bytes. */
export type NumberArray = Exclude<NodeJS.TypedArray, Uint8Array>;

export function isList(value: unknown): value is List {
  return Array.isArray(value) || isNumberArray(value);
}

/** Any typed array but `Uint8Array` and `Buffer`, which are bytes. */
export function isNumberArray(value: unknown): value is NumberArray {
  return types.isTypedArray(value) && !types.isUint8Array(value);
}

/** Refuses the hole at an index: an array of 3 elements may say that it has 4 billion. */
export function refuseHole(list: List, index: number, path: Path): void {
  if (!Object.hasOwn(list, index)) {
    const { length } = list;
    throw refusal(path, `has a hole at index ${index} of ${length}: give null for a missing element`, { index });
  }
}

/** The elements with undefined as null, as JSON has it. */
export function elementsOf(list: List, path: Path): unknown[] {
  spend(path, list.length);
  if (!Array.isArray(list)) return Array.from<unknown>(list as Iterable<unknown>);
  const items: unknown[] = [];
  for (let index = 0; index < list.length; index += 1) {
    const item: unknown = list[index];
    if (item === undefined) refuseHole(list, index, path);
    items.push(item ?? null);
  }
  return items;
}

/**
 * Runs what reads a stranger's value. Getters, proxies and circles may throw anything: it becomes the one error.
 *
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE`, or what `work` throws of this kind
 */
export function guarded<T>(subject: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (isGenAIError(cause)) throw cause;
    const why = cause instanceof RangeError ? 'it is nested too deeply or too large' : 'a property of it failed';
    throw new GenAIError('ERR_MLFLOW_SIGNATURE', `The ${subject} cannot be read: ${why}. Give plain data.`, {
      cause,
      details: { path: `the ${subject}` },
    });
  }
}
