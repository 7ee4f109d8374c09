/**
 * Types of a schema, checked as MLflow checks them when it reads a signature.
 * Source: mlflow/types/schema.py of MLflow 3.17.2 (`Property`, `Object`, `Array`, `Map`).
 */
import { GenAIError } from '../../../errors.ts';
import { isObject } from '../../../util/objects.ts';
import { byCodePoint } from '../python/code-points.ts';
import { DATA_TYPES, type DataType, type PropertySpec, type TypeSpec } from './schema-types.ts';

/** A mapping of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Types that are no scalars. */
const NESTED_TYPES = ['array', 'object', 'map', 'any'] as const;

/** A type, without whatever else stands beside it. @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` */
export function readType(fields: Fields, what: string): TypeSpec {
  const type = fields['type'];
  if (isDataType(type)) return { type };
  switch (type) {
    case 'array':
      return { type, items: readType(mapping(fields['items'], `${what}.items`), `${what}.items`) };
    case 'map':
      return { type, values: readType(mapping(fields['values'], `${what}.values`), `${what}.values`) };
    case 'object':
      return { type, properties: readProperties(fields['properties'], `${what}.properties`) };
    case 'any':
      return { type };
    case undefined:
      throw schemaError(what, 'has no "type"');
    default:
      throw schemaError(what, `has the unknown type ${quote(type)}; types are ${typeNames()}`);
  }
}

/** Sorted by name, as MLflow keeps them. @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` */
export function readProperties(value: unknown, what: string): Readonly<Record<string, PropertySpec>> {
  const entries = Object.entries(mapping(value, what)).sort(([a], [b]) => byCodePoint(a, b));
  if (entries.length === 0) throw schemaError(what, 'is empty, where an object needs a property');
  const read = entries.map(([name, property]) => {
    const fields = mapping(property, `${what}.${name}`);
    return [name, { ...readType(fields, `${what}.${name}`), required: isRequired(fields['required']) }] as const;
  });
  return Object.fromEntries(read);
}

export function isDataType(type: unknown): type is DataType {
  return (DATA_TYPES as readonly unknown[]).includes(type);
}

/** As Python takes any value for a truth value; true where there is none. */
export function isRequired(value: unknown): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` for what is not a mapping */
export function mapping(value: unknown, what: string): Fields {
  if (isObject(value)) return value;
  throw schemaError(what, value === undefined ? 'is missing' : `must be an object, but is ${quote(value)}`);
}

export function schemaError(what: string, why: string, cause?: unknown): GenAIError {
  return new GenAIError('ERR_MLFLOW_SIGNATURE', `${what} ${why}.`, {
    details: { what },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A value for a message, cut where it is long. */
export function quote(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function typeNames(): string {
  return [...DATA_TYPES, ...NESTED_TYPES].join(', ');
}
