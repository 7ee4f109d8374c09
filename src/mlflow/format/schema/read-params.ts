/**
 * Parameters of a signature, checked as MLflow checks them when it reads them.
 * Source: mlflow/types/schema.py of MLflow 3.17.2 (`ParamSpec`, `ParamSchema`).
 */
import { enforceObject } from './enforce-value.ts';
import { isoTime } from './param-time.ts';
import { isDataType, mapping, quote, readProperties, schemaError } from './read-type.ts';
import type { DataType, ParamSchema, ParamSpec } from './schema-types.ts';
import { rootPath } from './values.ts';

/**
 * The parameters of plain data. The old name `dtype` is read as `type`.
 *
 * @param what names the list in messages: `signature.params`
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE`, also for a default that is not of the type
 */
export function readParams(value: unknown, what: string): ParamSchema {
  if (!Array.isArray(value)) throw schemaError(what, `must be a list of parameters, but is ${quote(value)}`);
  const params = value.map((item: unknown, index) => readParam(item, `${what}[${index}]`));
  const names = new Set<string>();
  for (const { name } of params) {
    if (names.has(name)) throw schemaError(what, `has two parameters with the name ${quote(name)}`);
    names.add(name);
  }
  return params;
}

function readParam(value: unknown, what: string): ParamSpec {
  const fields = mapping(value, what);
  const { default: preset, shape = null } = fields;
  const name = typeof fields['name'] === 'number' ? String(fields['name']) : fields['name'];
  if (name === undefined || preset === undefined) throw schemaError(what, 'needs "name", "type" and "default"');
  if (typeof name !== 'string') throw schemaError(what, `has the name ${quote(name)}, which is no text`);
  const isList = Array.isArray(shape) && shape.length === 1 && shape[0] === -1;
  if (shape !== null && !isList) {
    throw schemaError(what, `has the shape ${quote(shape)}, which must be null for one value or [-1] for a list`);
  }
  const type = fields['type'] ?? fields['dtype'];
  if (type === 'object') return { name, ...objectParam(fields['properties'], preset, isList, what) };
  if (!isDataType(type) || type === 'binary') {
    throw schemaError(
      what,
      `has the type ${quote(type)}; a parameter has a scalar type other than binary, or is an object`,
    );
  }
  if (!isList) return { name, type, default: readDefault(preset, type, what), shape: null };
  if (!Array.isArray(preset))
    throw schemaError(what, `has the shape [-1], but its default ${quote(preset)} is no list`);
  return { name, type, default: preset.map(item => readDefault(item, type, what)), shape: [-1] };
}

function objectParam(
  properties: unknown,
  preset: unknown,
  isList: boolean,
  what: string,
): Omit<Extract<ParamSpec, { type: 'object' }>, 'name'> {
  if (isList) throw schemaError(what, 'is a list of objects, which MLflow does not know');
  const read = readProperties(properties, `${what}.properties`);
  enforceObject(preset, read, true, rootPath(`${what}.default`));
  return { type: 'object', properties: read, default: preset, shape: null };
}

/** A default as its type has it; whole numbers do for floats. */
function readDefault(value: unknown, type: DataType, what: string): unknown {
  if (value === null) return null;
  if (type === 'datetime') {
    const time = typeof value === 'string' ? isoTime(value) : null;
    if (time !== null) return time;
  } else if (fits(value, type)) {
    return typeof value === 'bigint' && (type === 'float' || type === 'double') ? Number(value) : value;
  }
  throw schemaError(what, `has the type ${type}, but the default ${quote(value)}`);
}

function fits(value: unknown, type: DataType): boolean {
  if (type === 'string' || type === 'boolean') return typeof value === type;
  if (type === 'integer' || type === 'long') return Number.isInteger(value) || typeof value === 'bigint';
  return typeof value === 'number' || typeof value === 'bigint';
}
