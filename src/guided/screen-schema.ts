/** A JSON Schema measured against the limits, before the library compiles it. */
import { GenAIError } from '../errors.ts';
import { Combinations, itemsOf, optionalProperties } from './combinations.ts';
import { type ForcedText, forcedText } from './forced-text.ts';
import { demandLimit, type GuidanceLimitName, type GuidanceLimits } from './limits.ts';
import { type PlainData, type PlainObject, shortPath } from './plain-data.ts';
import { countOf, entriesOf, type FoundSchema, isPlainObject, listOf, References, subschemas } from './schema-walk.ts';
import { screenRegex } from './screen-regex.ts';

const SIZES = ['minLength', 'maxLength', 'minProperties', 'maxProperties'];

/** What has been counted so far. */
export type Counts = Map<GuidanceLimitName, number>;

/**
 * @param path what paths in errors begin with
 * @param counts of the other schemas of the same grammar
 * @returns the longest text without a choice
 * @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED`
 */
export function screenSchema(
  root: PlainObject,
  limits: GuidanceLimits,
  path = '#',
  counts: Counts = new Map(),
): ForcedText {
  return new SchemaScreen({ schema: root, path }, limits, counts).run();
}

class SchemaScreen {
  readonly #root: FoundSchema;
  readonly #limits: GuidanceLimits;
  readonly #references: References;
  readonly #counts: Counts;
  readonly #multiples: Multiple[] = [];

  constructor(root: FoundSchema, limits: GuidanceLimits, counts: Counts) {
    this.#root = root;
    this.#limits = limits;
    this.#counts = counts;
    this.#references = new References(root.schema);
  }

  run(): ForcedText {
    const all = this.#collect();
    for (const found of all) this.#screen(found);
    const combinations = new Combinations(this.#references);
    let together = 1;
    for (const { schema, path } of all) {
      const { patterns, parts, optional, items } = combinations.growth(schema);
      demandLimit(this.#limits, 'patternsTogether', patterns, path);
      together = Math.max(together, patterns);
      this.#count('combinations', parts, path);
      this.#count('optionalProperties', optional, path);
      this.#count('items', items, path);
    }
    const forced = forcedText(this.#root.schema, this.#references, together > 1);
    demandLimit(this.#limits, 'forcedText', forced.length, this.#root.path);
    return forced;
  }

  /** Every schema of the document, also one that only a reference leads to. */
  #collect(): FoundSchema[] {
    const queue: FoundSchema[] = [this.#root];
    const seen = new Set<PlainObject>();
    const all: FoundSchema[] = [];
    const dangling: string[] = [];
    const visit = (found: FoundSchema): void => {
      queue.push(found);
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        if (seen.has(next.schema)) continue;
        seen.add(next.schema);
        all.push(next);
        this.#references.learn(next);
        this.#refuseOtherDocuments(next);
        if (typeof next.schema['$ref'] === 'string') dangling.push(next.schema['$ref']);
        queue.push(...subschemas(next));
      }
    };
    visit(this.#root);
    for (let reference = dangling.pop(); reference !== undefined; reference = dangling.pop()) {
      const target = this.#references.resolve(reference);
      if (target !== undefined) visit(target);
    }
    return all;
  }

  /** The library fetches nothing, and says so at length; an `$id` below the root changes what its references mean. */
  #refuseOtherDocuments({ schema, path }: FoundSchema): void {
    const { $ref: reference, $id: id } = schema;
    if (reference !== undefined) this.#count('references', 1, path);
    const outside = typeof reference === 'string' && !reference.startsWith('#');
    if (!outside && (id === undefined || schema === this.#root.schema)) return;
    const what = outside
      ? `$ref "${String(reference).slice(0, 100)}" leaves the document`
      : '$id stands below the root';
    throw new GenAIError(
      'ERR_GENAI_GUIDANCE_REFUSED',
      `The schema is refused: at ${shortPath(path)} ${what}. References must begin with # (put the schema into $defs).`,
      { details: { limit: 'references', path, ...(outside ? { reference } : {}) } },
    );
  }

  #screen({ schema, path }: FoundSchema): void {
    const limits = this.#limits;
    const named = [...entriesOf(schema['properties']).map(([name]) => name), ...listOf(schema['required'])];
    this.#count('properties', new Set(named).size, path);
    this.#count('optionalProperties', optionalProperties(schema), path);
    this.#count('items', itemsOf(schema), path);
    for (const key of SIZES) demandLimit(limits, 'size', countOf(schema[key]), `${path}/${key}`);
    for (const key of ['enum', 'const']) {
      if (schema[key] !== undefined) this.#count('enumValues', valuesIn(schema[key], limits.enumValues), path);
    }
    this.#multipleOf(schema['multipleOf'], `${path}/multipleOf`);
    const patterns = entriesOf(schema['patternProperties']);
    this.#count('patternProperties', patterns.length, path);
    for (const [pattern] of patterns) screenRegex(pattern, `${path}/patternProperties`, limits);
    this.#pattern(schema, 'pattern', path);
    const guidance = schema['x-guidance']; // options of the library in the schema
    if (isPlainObject(guidance)) this.#pattern(guidance, 'whitespace_pattern', `${path}/x-guidance`);
  }

  #pattern(holder: PlainObject, key: string, path: string): void {
    const pattern = holder[key];
    if (typeof pattern === 'string') screenRegex(pattern, `${path}/${key}`, this.#limits);
  }

  #multipleOf(value: PlainData | undefined, path: string): void {
    if (typeof value !== 'number' || value <= 0) return;
    this.#multiples.push(decimalParts(value));
    const sum = this.#multiples.reduce((total, { digits }) => total + Number(digits), 0);
    const limit = Math.max(Number(leastCommonMultiple(this.#multiples)), Math.ceil(sum / 2));
    demandLimit(this.#limits, 'multipleOf', limit, path);
  }

  /** Adds to what there is of something. */
  #count(limit: GuidanceLimitName, more: number, path: string): void {
    if (more === 0) return;
    const sum = (this.#counts.get(limit) ?? 0) + more;
    this.#counts.set(limit, sum);
    demandLimit(this.#limits, limit, sum, path);
  }
}

/** A value and what is in it, counted until there are more than `enough`. */
function valuesIn(value: PlainData | undefined, enough: number): number {
  const queue: PlainData[] = value === undefined ? [] : [...(Array.isArray(value) ? value : [value])];
  let count = 0;
  while (queue.length > 0 && count <= enough) {
    const next = queue.pop();
    count++;
    for (const item of listOf(next)) queue.push(item);
    for (const [, item] of entriesOf(next)) queue.push(item);
  }
  return count;
}

/** `digits * 10 ** exponent`, without trailing zeros. */
interface Multiple {
  readonly digits: bigint;
  readonly exponent: number;
}

function decimalParts(value: number): Multiple {
  const [, whole = '', fraction = '', power = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return trimmed(BigInt(whole + fraction), Number(power) - fraction.length);
}

function trimmed(digits: bigint, exponent: number): Multiple {
  const zeros = /0*$/.exec(String(digits))?.[0].length ?? 0;
  return digits === 0n ? { digits, exponent } : { digits: digits / 10n ** BigInt(zeros), exponent: exponent + zeros };
}

function leastCommonMultiple(multiples: readonly Multiple[]): bigint {
  const lowest = multiples.reduce((least, { exponent }) => Math.min(least, exponent), 0);
  const whole = multiples.map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - lowest));
  const lcm = whole.reduce((left, right) => (left * right) / gcd(left, right), 1n);
  return trimmed(lcm, lowest).digits;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
