/**
 * What a schema becomes when the library multiplies it out. `allOf` of two `anyOf` with a hundred members each are ten
 * thousand schemas to it, and so is an `anyOf` beside `properties` a copy of these per member.
 */
import type { PlainObject } from './plain-data.ts';
import { countOf, entriesOf, isPlainObject, listOf, type References } from './schema-walk.ts';

/** Sums over all alternatives, but for `alternatives` and `patterns`. */
interface Weight {
  readonly alternatives: number;
  /** Patterns and formats of one alternative. */
  readonly patterns: number;
  readonly parts: number;
  readonly optional: number;
  readonly items: number;
}

const NOTHING: Weight = { alternatives: 1, patterns: 0, parts: 0, optional: 0, items: 0 };
const SUMS = ['parts', 'optional', 'items'] as const;

/** More than any limit, and never so much that it becomes Infinity, of which the difference is NaN. */
const MANY = 2 ** 40;

/** What multiplying a schema out adds to what is written. */
export interface Growth {
  readonly patterns: number;
  readonly parts: number;
  readonly optional: number;
  readonly items: number;
}

export class Combinations {
  readonly #references: References;
  readonly #known = new Map<PlainObject, Weight | null>();

  constructor(references: References) {
    this.#references = references;
  }

  growth(schema: PlainObject): Growth {
    const factors = this.#factors(schema);
    const whole = product(factors);
    const added = (key: (typeof SUMS)[number]): number =>
      whole[key] - factors.reduce((sum, factor) => sum + factor[key], 0);
    return { patterns: whole.patterns, parts: added('parts'), optional: added('optional'), items: added('items') };
  }

  #weigh(schema: unknown): Weight {
    if (!isPlainObject(schema as PlainObject)) return NOTHING;
    const plain = schema as PlainObject;
    const known = this.#known.get(plain);
    if (known !== undefined) return known ?? NOTHING; // null: a circle
    this.#known.set(plain, null);
    const weight = product(this.#factors(plain));
    this.#known.set(plain, weight);
    return weight;
  }

  /** What holds at once: the keywords of the schema itself, and each of its applicators. */
  #factors(schema: PlainObject): Weight[] {
    const { $ref: reference } = schema;
    const factors = [ownWeight(schema), ...listOf(schema['allOf']).map(member => this.#weigh(member))];
    for (const key of ['anyOf', 'oneOf']) {
      const members = listOf(schema[key]).map(member => this.#weigh(member));
      if (members.length > 0) factors.push(choice(members));
    }
    if (typeof reference === 'string') factors.push(this.#weigh(this.#references.resolve(reference)?.schema));
    return factors;
  }
}

function ownWeight(schema: PlainObject): Weight {
  const properties = entriesOf(schema['properties']).length;
  const others = entriesOf(schema['patternProperties']).length;
  const patterns = ['pattern', 'format', 'multipleOf'].filter(key => schema[key] !== undefined).length;
  const optional = optionalProperties(schema);
  const items = itemsOf(schema);
  return { alternatives: 1, patterns, parts: properties + others + patterns + Math.min(items, 1), optional, items };
}

/** Properties that `required` does not name. */
export function optionalProperties(schema: PlainObject): number {
  const required = new Set(listOf(schema['required']));
  return entriesOf(schema['properties']).filter(([name]) => !required.has(name)).length;
}

/** The array bound that the library writes out. */
export function itemsOf(schema: PlainObject): number {
  const { minItems, maxItems, prefixItems, items } = schema;
  return Math.max(countOf(minItems), countOf(maxItems), listOf(prefixItems).length, listOf(items).length);
}

function choice(members: readonly Weight[]): Weight {
  const sum = (key: keyof Weight): number =>
    Math.min(
      MANY,
      members.reduce((total, member) => total + member[key], 0),
    );
  const patterns = members.reduce((most, member) => Math.max(most, member.patterns), 0);
  return {
    alternatives: sum('alternatives'),
    patterns,
    // A member that says nothing is still one.
    parts: sum('parts') + members.length,
    optional: sum('optional'),
    items: sum('items'),
  };
}

/** Every alternative of each factor with every alternative of the others. */
function product(factors: readonly Weight[]): Weight {
  return factors.reduce((left, right) => {
    const times = (key: (typeof SUMS)[number]): number =>
      Math.min(MANY, left[key] * right.alternatives + right[key] * left.alternatives);
    return {
      alternatives: Math.min(MANY, left.alternatives * right.alternatives),
      patterns: left.patterns + right.patterns,
      parts: times('parts'),
      optional: times('optional'),
      items: times('items'),
    };
  }, NOTHING);
}
