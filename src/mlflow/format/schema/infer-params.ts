/** The parameters that an example shows: type and default of each. */
import { types } from 'node:util';
import { isPythonInt } from '../python/python-number.ts';
import { enforceScalar } from './enforce-value.ts';
import { inferType } from './infer-type.ts';
import type { DataType, ParamSchema, ParamSpec } from './schema-types.ts';
import {
  at,
  elementsOf,
  isList,
  isNumberArray,
  isRecord,
  members,
  misfit,
  type Path,
  refusal,
  rootPath,
  setOwn,
} from './values.ts';
import { dtypeOfArray } from './values-dtype.ts';
import { naiveTime } from './values-time.ts';

/** Values of all defaults, where those in objects count twice. */
const MAX_DEFAULTS = 100_000;

/** @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` for a value that no parameter can have */
export function inferParams(params: unknown): ParamSchema | null {
  if (params === undefined || params === null) return null;
  const root = rootPath('parameters', MAX_DEFAULTS);
  if (!isRecord(params)) throw misfit(root, 'an object', params);
  const specs = members(params, root).map(([name, value]) => inferParam(name, value, at(root, name)));
  return specs.length === 0 ? null : specs;
}

function inferParam(name: string, value: unknown, path: Path): ParamSpec {
  if (isRecord(value)) return inferRecord(name, value, path);
  if (!isList(value)) {
    const type = scalarType(value, path);
    return { name, default: defaultOf(value, type, path), shape: null, type };
  }
  const items = elementsOf(value, path);
  if (items.length === 0) {
    throw refusal(
      path,
      'is empty, so that nobody can know the type of its elements',
      {},
      'Give a default with elements.',
    );
  }
  const type = isNumberArray(value) ? arrayType(dtypeOfArray(value), path) : listType(items, path);
  return { name, default: items.map((item, index) => defaultOf(item, type, at(path, index))), shape: [-1], type };
}

function inferRecord(name: string, value: Record<string, unknown>, path: Path): ParamSpec {
  const inferred = inferType(value, path);
  if (inferred?.type !== 'object') throw refusal(path, 'is an empty object', {}, 'Give an object with members.');
  return { name, default: copyJson(value, path), shape: null, type: 'object', properties: inferred.properties };
}

function listType(items: readonly unknown[], path: Path): DataType {
  let result: DataType | undefined;
  items.forEach((item, index) => {
    const type = scalarType(item, at(path, index));
    if (result === undefined || result === type) result = type;
    else if (isNumber(result) && isNumber(type)) result = 'double';
    else throw misfit(at(path, index), `of the type ${result}, as the elements before it`, item);
  });
  return result ?? 'string';
}

function isNumber(type: DataType): boolean {
  return type === 'long' || type === 'double';
}

function scalarType(value: unknown, path: Path): DataType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  // NaN and infinity have no JSON: MLflow writes a signature that only Python reads.
  if (typeof value === 'number' && Number.isFinite(value)) return isPythonInt(value) ? 'long' : 'double';
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return 'long';
  if (types.isDate(value) && !Number.isNaN(value.getTime())) return 'datetime';
  throw misfit(path, 'a string, boolean, finite number or Date, an array of these, or an object', value);
}

const ARRAY_TYPES: ReadonlyMap<string, DataType> = new Map([
  ['int8', 'integer'],
  ['int16', 'integer'],
  ['int32', 'integer'],
  ['uint8', 'integer'],
  ['uint16', 'integer'],
  ['uint32', 'long'],
  ['int64', 'long'],
  ['float16', 'float'],
  ['float32', 'float'],
  ['float64', 'double'],
]);

function arrayType(dtype: string, path: Path): DataType {
  const type = ARRAY_TYPES.get(dtype);
  if (type === undefined) throw refusal(path, `is an array of ${dtype}, which a parameter cannot hold`);
  return type;
}

/** A default as JSON holds it. */
function defaultOf(value: unknown, type: DataType, path: Path): unknown {
  const cast = enforceScalar(value, type, path);
  return types.isDate(cast) ? naiveTime(cast) : cast;
}

/** Signatures are JSON: a default holds what JSON does. */
function copyJson(value: unknown, path: Path): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if ((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint') return value;
  if (Array.isArray(value)) return elementsOf(value, path).map((item, index) => copyJson(item, at(path, index)));
  if (!isRecord(value)) throw misfit(path, 'what JSON can hold', value);
  const copy: Record<string, unknown> = {};
  for (const [name, item] of members(value, path)) setOwn(copy, name, copyJson(item, at(path, name)));
  return copy;
}
