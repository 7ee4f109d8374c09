/** What two inferred types have in common, by MLflow's rules. */
import { byCodePoint } from '../python/code-points.ts';
import type { PropertySpec, TypeSpec } from './schema-types.ts';

type Properties = Readonly<Record<string, PropertySpec>>;
type ArraySpec = Extract<TypeSpec, { type: 'array' }>;
type ObjectSpec = Extract<TypeSpec, { type: 'object' }>;

/**
 * The type that holds both, or undefined where there is none.
 *
 * `any` says nothing yet (a null, an empty array): it gives way to the other, and makes properties of an object
 * optional. `long` and `double` become `double`, since a number of JavaScript does not tell them apart; MLflow has no
 * type for them. A property that one of two objects lacks is optional.
 */
export function mergeTypes(a: TypeSpec, b: TypeSpec): TypeSpec | undefined {
  if (a.type === 'any') return b.type === 'any' ? a : mergeTypes(b, a);
  if (b.type === 'any') return a.type === 'object' ? { type: 'object', properties: optional(a.properties) } : a;
  if (a.type === 'array') return b.type === 'array' ? mergeArrays(a, b) : undefined;
  if (a.type === 'object') return b.type === 'object' ? mergeObjects(a, b) : undefined;
  if (a.type === b.type) return a;
  return isWideNumber(a) && isWideNumber(b) ? { type: 'double' } : undefined;
}

function isWideNumber({ type }: TypeSpec): boolean {
  return type === 'long' || type === 'double';
}

function mergeArrays(a: ArraySpec, b: ArraySpec): ArraySpec | undefined {
  const items = mergeTypes(a.items, b.items);
  if (items === undefined) return undefined;
  return items === a.items ? a : { type: 'array', items };
}

function optional(properties: Properties): Properties {
  return sortedProperties(Object.entries(properties).map(([name, type]) => [name, { ...type, required: false }]));
}

/** The first one itself where the second adds nothing, as with thousands of records of one kind. */
function mergeObjects(a: ObjectSpec, b: ObjectSpec): ObjectSpec | undefined {
  const merged: [string, PropertySpec][] = [];
  let changed = false;
  for (const [name, type] of Object.entries(a.properties)) {
    const other = Object.hasOwn(b.properties, name) ? b.properties[name] : undefined;
    const common = other === undefined ? type : mergeTypes(type, other);
    if (common === undefined) return undefined;
    const required = type.required === true && other?.required === true;
    const same = common === type && required === (type.required === true);
    merged.push([name, same ? type : { ...common, required }]);
    changed ||= !same;
  }
  for (const [name, type] of Object.entries(b.properties)) {
    if (Object.hasOwn(a.properties, name)) continue;
    merged.push([name, { ...type, required: false }]);
    changed = true;
  }
  return changed ? { type: 'object', properties: sortedProperties(merged) } : a;
}

/** By name as Python sorts; `__proto__` is a name like others. */
export function sortedProperties(entries: readonly (readonly [string, PropertySpec])[]): Properties {
  // The order of UTF-16 units, which is much faster, is another one only where there are surrogates.
  const compare = entries.some(([name]) => /[\ud800-\udfff]/.test(name)) ? byCodePoint : byUnit;
  return Object.fromEntries([...entries].sort(([a], [b]) => compare(a, b)));
}

function byUnit(a: string, b: string): number {
  return a < b ? -1 : 1;
}
