/** Where the schemas in a JSON Schema are, and what its references mean. */
import { isObject } from '../util/objects.ts';
import { type PlainData, type PlainObject, pointerPart } from './plain-data.ts';

/** Keywords whose value is a schema. */
const SINGLE = [
  'additionalProperties', 'additionalItems', 'items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames',
  'unevaluatedItems', 'unevaluatedProperties', 'contentSchema',
]; // biome-ignore format: a table

/** Keywords whose value is an array of schemas; `items` was one until draft 2019-09. */
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];

/** Keywords whose value has schemas by name. */
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];

export interface FoundSchema {
  readonly schema: PlainObject;
  /** JSON pointer: `#/properties/name`. */
  readonly path: string;
}

/** The schemas right below a schema. */
export function* subschemas({ schema, path }: FoundSchema): Iterable<FoundSchema> {
  for (const key of SINGLE) yield* found(schema[key], `${path}/${key}`);
  for (const key of LISTS) {
    for (const [index, item] of listOf(schema[key]).entries()) yield* found(item, `${path}/${key}/${index}`);
  }
  for (const key of MAPS) {
    for (const [name, item] of entriesOf(schema[key])) yield* found(item, `${path}/${key}/${pointerPart(name)}`);
  }
}

/** A copy in which every schema has gone through `change`, those below a schema before it. */
export function mapSchemas(schema: PlainObject, change: (schema: PlainObject) => PlainObject): PlainObject {
  const mapped = (value: PlainData): PlainData => (isPlainObject(value) ? mapSchemas(value, change) : value);
  const copied: Record<string, PlainData> = { ...schema };
  for (const key of SINGLE) if (isPlainObject(schema[key])) copied[key] = mapped(schema[key]);
  for (const key of LISTS) if (Array.isArray(schema[key])) copied[key] = listOf(schema[key]).map(mapped);
  for (const key of MAPS) {
    if (!isPlainObject(schema[key])) continue;
    copied[key] = Object.fromEntries(entriesOf(schema[key]).map(([name, value]) => [name, mapped(value)]));
  }
  return change(copied);
}

function* found(value: PlainData | undefined, path: string): Iterable<FoundSchema> {
  if (isPlainObject(value)) yield { schema: value, path };
}

export function isPlainObject(value: PlainData | undefined): value is PlainObject {
  return isObject(value);
}

export function listOf(value: PlainData | undefined): readonly PlainData[] {
  return Array.isArray(value) ? (value as readonly PlainData[]) : [];
}

export function entriesOf(value: PlainData | undefined): [string, PlainData][] {
  return isPlainObject(value) ? Object.entries(value) : [];
}

/** A number that may stand for a count; what is no number is the library's to refuse. */
export function countOf(value: PlainData | undefined): number {
  return typeof value === 'number' ? Math.max(0, value) : 0;
}

/** What `#`, `#/$defs/name` and `#anchor` mean in one document. */
export class References {
  readonly #root: PlainObject;
  readonly #anchors = new Map<string, FoundSchema>();

  constructor(root: PlainObject) {
    this.#root = root;
  }

  learn(found: FoundSchema): void {
    const { $anchor: anchor } = found.schema;
    if (typeof anchor === 'string') this.#anchors.set(anchor, found);
  }

  /** Undefined: there is no such schema, which the library refuses. */
  resolve(reference: string): FoundSchema | undefined {
    if (reference === '#') return { schema: this.#root, path: '#' };
    if (!reference.startsWith('#/')) return this.#anchors.get(reference.slice(1));
    let value: PlainData | undefined = this.#root;
    for (const part of reference.slice(2).split('/')) {
      const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
      value = Array.isArray(value) ? value[Number(key)] : isPlainObject(value) ? value[key] : undefined;
    }
    return isPlainObject(value) ? { schema: value, path: reference } : undefined;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
