/** An input against tensors: element type and shape. */
import { types } from 'node:util';
import type { EnforcedInput, Warn } from './enforce.ts';
import type { TensorSpec } from './schema-types.ts';
import { at, elementsOf, isList, isRecord, listNames, misfit, type Path, refusal, setOwn } from './values.ts';
import { dtypeOfArray, fitsDtype } from './values-dtype.ts';

/** A tensor that fits: its elements in C order (the last index runs fastest). */
export interface EnforcedTensor {
  /** Element type by numpy's name, such as `float64`. */
  readonly dtype: string;
  /** Lengths, each 0 or more. */
  readonly shape: readonly number[];
  /** The typed array that was given, or the elements of the nested arrays. */
  readonly data: ArrayLike<unknown>;
}

/** @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` */
export function enforceTensors(input: unknown, specs: readonly TensorSpec[], root: Path, warn: Warn): EnforcedInput {
  const tensors: Record<string, EnforcedTensor> = {};
  for (const [name, value, spec] of valuesByName(input, specs, root, warn)) {
    setOwn(tensors, name, enforceTensor(value, spec, spec.name === undefined ? root : at(root, name)) as unknown);
  }
  return { rows: [], single: false, tensors };
}

type Named = [name: string, value: unknown, spec: TensorSpec];

function valuesByName(input: unknown, specs: readonly TensorSpec[], root: Path, warn: Warn): Named[] {
  const [only] = specs;
  if (
    specs.length === 1 &&
    only !== undefined &&
    (only.name === undefined || (isList(input) && !holdsRecords(input)))
  ) {
    return [[nameOf(only), input, only]];
  }
  const names = new Set(specs.map(nameOf));
  if (isRecord(input)) {
    const extras = Object.keys(input).filter(key => !names.has(key));
    if (extras.length > 0) {
      warn(`The input has tensors that the signature does not have; they are left out: ${listNames(extras)}.`);
    }
    return specs.map(spec => byName(input, spec, root));
  }
  if (!Array.isArray(input)) throw misfit(root, `an object with ${listNames(names)}`, input);
  const records = elementsOf(input, root);
  return specs.map(spec => {
    const column = records.map((record, index) => {
      if (!isRecord(record)) throw misfit(at(root, index), `an object with ${listNames(names)}`, record);
      return byName(record, spec, at(root, index))[1];
    });
    return [nameOf(spec), column, spec];
  });
}

function nameOf(spec: TensorSpec): string {
  return String(spec.name ?? 0);
}

function holdsRecords(input: ArrayLike<unknown>): boolean {
  return input.length > 0 && isRecord(input[0]);
}

function byName(record: Readonly<Record<string, unknown>>, spec: TensorSpec, path: Path): Named {
  const name = nameOf(spec);
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (value === undefined) throw misfit(at(path, name), `a tensor of ${spec['tensor-spec'].dtype}`, value);
  return [name, value, spec];
}

function enforceTensor(value: unknown, spec: TensorSpec, path: Path): EnforcedTensor {
  const { dtype, shape } = spec['tensor-spec'];
  const found = readTensor(value, dtype, shape.length, path);
  if (found.shape.length !== shape.length || shape.some((length, i) => length !== -1 && length !== found.shape[i])) {
    const [expected, actual] = [`the shape ${JSON.stringify(shape)}`, JSON.stringify(found.shape)];
    throw refusal(path, `must have ${expected}, but has ${actual}`, { expected, actual });
  }
  return found;
}

function readTensor(value: unknown, dtype: string, rank: number, path: Path): EnforcedTensor {
  if (types.isTypedArray(value)) {
    const actual = dtypeOfArray(value);
    if (actual !== dtype) throw misfit(path, `a tensor of ${dtype}`, value, `That is a tensor of ${actual}.`);
    return { dtype, shape: [value.length], data: value as unknown as ArrayLike<unknown> };
  }
  if (!Array.isArray(value)) throw misfit(path, `a tensor of ${dtype}: nested arrays or a typed array`, value);
  const shape: number[] = [];
  const data: unknown[] = [];
  flatten(value, { dtype, rank, shape, data }, 0, path);
  return { dtype, shape, data };
}

interface Flat {
  readonly dtype: string;
  /** Dimensions of the signature: deeper arrays would be elements of the type `object`. */
  readonly rank: number;
  readonly shape: number[];
  readonly data: unknown[];
}

function flatten(list: readonly unknown[], flat: Flat, level: number, path: Path): void {
  // The first way down to an element says how deep all of them are.
  const known = flat.data.length > 0;
  const length = flat.shape[level] ?? list.length;
  if (list.length !== length || (known && level >= flat.shape.length)) {
    const expected = level < flat.shape.length ? `an array of ${length}` : 'an element';
    throw misfit(path, `${expected}, as those before it`, list, 'Tensors cannot be ragged.');
  }
  flat.shape[level] = length;
  elementsOf(list, path).forEach((item, index) => {
    if (Array.isArray(item) && (flat.dtype !== 'object' || level + 1 < flat.rank)) {
      flatten(item, flat, level + 1, at(path, index));
    } else if (level + 1 < flat.shape.length || !fitsDtype(item, flat.dtype)) {
      throw misfit(at(path, index), `an element of the type ${flat.dtype}`, item);
    } else flat.data.push(item);
  });
}
