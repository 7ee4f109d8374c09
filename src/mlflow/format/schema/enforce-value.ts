/** Values against types: scalars, arrays, objects, maps and any, as deep as the type goes. */
import { castScalar, expectedScalar, hintOf, REFUSED } from './enforce-scalar.ts';
import type { DataType, PropertySpec, TypeSpec } from './schema-types.ts';
import { at, elementsOf, isList, isRecord, listNames, members, misfit, type Path, refusal, setOwn } from './values.ts';

/**
 * The value as the type has it, in new arrays and objects; what stands under `any` is given back untouched.
 *
 * @param required whether null is refused. An array and a map hand it down to what they hold, as in MLflow.
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` with `details` of `column`, `path`, `expected`, `actual`
 */
export function enforceValue(value: unknown, type: TypeSpec, required: boolean, path: Path): unknown {
  switch (type.type) {
    case 'any':
      return value ?? null;
    case 'array':
      return enforceArray(value, type.items, required, path);
    case 'object':
      return enforceObject(value, type.properties, required, path);
    case 'map':
      return enforceMap(value, type.values, required, path);
    default:
      if (isMissing(value) && !required) return null;
      return enforceScalar(value, type.type, path);
  }
}

/** A scalar that must be there. */
export function enforceScalar(value: unknown, type: DataType, path: Path): unknown {
  const cast = castScalar(value, type);
  if (cast === REFUSED) throw misfit(path, expectedScalar(type), value, hintOf(value, type));
  return cast;
}

function enforceArray(value: unknown, type: TypeSpec, required: boolean, path: Path): unknown {
  if (isMissing(value) && (!required || type.type === 'any')) return null;
  if (!isList(value)) throw misfit(path, `an array of ${typeName(type)}`, value);
  const items = elementsOf(value, path);
  switch (type.type) {
    case 'any':
      return items;
    case 'array':
    case 'object':
    case 'map':
      return items.map((item, index) => enforceValue(item, type, required, at(path, index)));
    default:
      return items.map((item, index) => {
        const cast = castScalar(item, type.type);
        if (cast === REFUSED) {
          throw misfit(at(path, index), expectedScalar(type.type), item, hintOf(item, type.type));
        }
        return cast;
      });
  }
}

/** Unlike a row, an object may have no property that the signature does not name. */
export function enforceObject(
  value: unknown,
  properties: Readonly<Record<string, PropertySpec>>,
  required: boolean,
  path: Path,
): unknown {
  if (isMissing(value) && !required) return null;
  if (!isRecord(value)) throw misfit(path, `an object with ${listNames(Object.keys(properties))}`, value);
  const given = new Map(members(value, path));
  if (given.size === 0 && !required) return {};
  for (const name of Object.keys(properties)) {
    const type = properties[name];
    if (type !== undefined && isRequiredProperty(type) && !given.has(name)) {
      throw misfit(at(path, name), typeName(type), undefined);
    }
  }
  const result: Record<string, unknown> = {};
  for (const [name, item] of given) {
    const type = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (type === undefined) throw unknownProperty(name, properties, path);
    setOwn(result, name, enforceValue(item, type, isRequiredProperty(type), at(path, name)));
  }
  return result;
}

function unknownProperty(name: string, properties: Readonly<Record<string, PropertySpec>>, path: Path): Error {
  const known = listNames(Object.keys(properties), 12);
  const why = `is a property that the signature does not have: it has ${known}`;
  return refusal(at(path, name), why, { expected: 'no such property', unknown: name.slice(0, 60) });
}

function enforceMap(value: unknown, type: TypeSpec, required: boolean, path: Path): unknown {
  if (isMissing(value) && (!required || type.type === 'any')) return null;
  if (!isRecord(value)) throw misfit(path, `a map, which is an object, to ${typeName(type)}`, value);
  const result: Record<string, unknown> = {};
  for (const [name, item] of members(value, path))
    setOwn(result, name, enforceValue(item, type, required, at(path, name)));
  return result;
}

/** A property is required unless it says otherwise, of whatever type it is; that of columns is another rule. */
function isRequiredProperty(type: PropertySpec): boolean {
  return type.required ?? true;
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The type in words, not deeper than one level. */
export function typeName(type: TypeSpec): string {
  switch (type.type) {
    case 'any':
      return 'any value';
    case 'array':
      return 'an array';
    case 'object':
      return 'an object';
    case 'map':
      return 'a map';
    default:
      return expectedScalar(type.type);
  }
}
