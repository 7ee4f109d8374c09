/** The type of one value, and the type that several have in common. */
import { types } from 'node:util';
import type { GenAIError } from '../../../errors.ts';
import { isPythonInt } from '../python/python-number.ts';
import { mergeTypes, sortedProperties } from './infer-merge.ts';
import type { DataType, PropertySpec, TypeSpec } from './schema-types.ts';
import {
  at,
  describeValue,
  isNumberArray,
  isRecord,
  members,
  misfit,
  type NumberArray,
  type Path,
  refusal,
  refuseHole,
} from './values.ts';
import { dtypeOfArray } from './values-dtype.ts';

/** A value whose type nobody can know: `inferSignature` takes `any` for the whole, as MLflow does. */
export function undetermined(path: Path, why: string): GenAIError {
  const hint = 'Give values of one type, or a signature.';
  return refusal(path, why, { undetermined: true }, hint);
}

/**
 * @returns undefined for an empty typed array, or an array of nothing else: it fits any array
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE`
 */
export function inferType(value: unknown, path: Path): TypeSpec | undefined {
  if (value === null || value === undefined || Number.isNaN(value)) return { type: 'any' };
  const scalar = scalarType(value, path);
  if (scalar !== undefined) return { type: scalar };
  if (isNumberArray(value)) return inferNumbers(value, path);
  if (Array.isArray(value)) return inferArray(value, path);
  if (isRecord(value)) return inferObject(value, path);
  throw misfit(path, 'a value that MLflow has', value, 'Give plain data: objects without a class, arrays, scalars.');
}

/** The type of a scalar; undefined for what is none. */
function scalarType(value: unknown, path: Path): DataType | undefined {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return isPythonInt(value) ? 'long' : 'double';
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw misfit(path, 'a whole number of 64 bits', value);
    return 'long';
  }
  if (types.isUint8Array(value)) return 'binary';
  if (!types.isDate(value)) return undefined;
  if (Number.isNaN(value.getTime())) throw misfit(path, 'a Date', value);
  return 'datetime';
}

function inferArray(list: readonly unknown[], path: Path): TypeSpec | undefined {
  if (list.length === 0) return { type: 'any' };
  const items = inferItems(list, path);
  return items === undefined ? undefined : { type: 'array', items };
}

/** The type that all elements have in common, where null and an empty array leave it open. */
export function inferItems(list: readonly unknown[], path: Path): TypeSpec | undefined {
  let result: TypeSpec | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index];
    if (item === undefined) refuseHole(list, index, path);
    const type = inferType(item, at(path, index));
    if (type === undefined) continue;
    const merged: TypeSpec | undefined = result === undefined ? type : mergeTypes(result, type);
    if (merged === undefined) {
      throw undetermined(path, `holds values of different types: element ${index} is ${describeValue(item)}`);
    }
    result = merged;
  }
  return result;
}

function inferObject(record: Readonly<Record<string, unknown>>, path: Path): TypeSpec {
  const properties: [string, PropertySpec][] = [];
  for (const [name, value] of members(record, path)) {
    const type = inferType(value, at(path, name));
    if (type === undefined) throw undetermined(at(path, name), 'is an empty array');
    properties.push([name, { ...type, required: type.type !== 'any' }]);
  }
  return properties.length === 0 ? { type: 'any' } : { type: 'object', properties: sortedProperties(properties) };
}

/** Types of the elements of an array in a column; MLflow has none for the others. */
const ELEMENTS: ReadonlyMap<string, DataType> = new Map([
  ['int32', 'integer'],
  ['int64', 'long'],
  ['float32', 'float'],
  ['float64', 'double'],
]);

function inferNumbers(array: NumberArray, path: Path): TypeSpec | undefined {
  if (array.length === 0) return undefined;
  const dtype = dtypeOfArray(array);
  const element = ELEMENTS.get(dtype);
  if (element === undefined) throw undetermined(path, `is an array of ${dtype}, which a column cannot hold`);
  const open = element === 'double' && (array as Float64Array).every(Number.isNaN);
  return { type: 'array', items: { type: open ? 'any' : element } };
}
