/**
 * The longest text that a schema may leave no choice about, at most: constants, names of properties, what arrays repeat.
 *
 * The library works it out anew for every token (10,000 times a constant of 1,000 letters: 2 s a token, 380 MB), and with
 * forced tokens it writes it behind the sequence at once, even beyond the end of its buffer. So this errs on the side of
 * too much: alternatives count as the longest of them, because the others may be such that nothing fits them.
 */
import type { PlainData, PlainObject } from './plain-data.ts';
import { countOf, entriesOf, isPlainObject, listOf, type References, subschemas } from './schema-walk.ts';
import { regexSize } from './screen-regex.ts';

/** Brackets or quotes of a value, and what separates it from the next one. */
const AROUND = 6;
/** The longest that formats demand: uuid, date-time, ... */
const FORMAT = 64;

export interface ForcedText {
  /** Bytes. */
  readonly length: number;
  /** False: it contains itself, or several patterns meet, and nobody knows what they leave. */
  readonly bounded: boolean;
}

/** @param combined several patterns meet in one string: one may take the choices that another leaves */
export function forcedText(root: PlainObject, references: References, combined: boolean): ForcedText {
  const measuring = new Measuring(root, references, combined);
  const length = measuring.measure(root);
  return { length, bounded: !measuring.recursive && !combined };
}

class Measuring {
  recursive = false;
  readonly #references: References;
  readonly #combined: boolean;
  readonly #required = new Set<PlainData>();
  readonly #known = new Map<PlainObject, number | null>();
  /** What `x-guidance` puts between the parts of JSON. */
  readonly #gap: number;

  constructor(root: PlainObject, references: References, combined: boolean) {
    this.#references = references;
    this.#combined = combined;
    this.#gap = AROUND + this.#gapOf(root['x-guidance']);
    this.#collectRequired(root);
  }

  measure(schema: PlainData | undefined): number {
    if (!isPlainObject(schema)) return this.#gap;
    const known = this.#known.get(schema);
    if (known === null) this.recursive = true;
    if (known !== undefined) return known ?? 0;
    this.#known.set(schema, null);
    const length = this.#own(schema) + this.#applied(schema);
    this.#known.set(schema, length);
    return length;
  }

  /** Which schema a name is required by cannot be told when they are combined. */
  #collectRequired(root: PlainObject): void {
    const queue = [{ schema: root, path: '' }];
    const seen = new Set<PlainObject>();
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (seen.has(next.schema)) continue;
      seen.add(next.schema);
      for (const name of listOf(next.schema['required'])) this.#required.add(name);
      const { $ref: reference } = next.schema;
      const target = typeof reference === 'string' ? this.#references.resolve(reference) : undefined;
      queue.push(...subschemas(next), ...(target === undefined ? [] : [target]));
    }
  }

  #own(schema: PlainObject): number {
    const constants = schema['const'] === undefined ? [] : [schema['const']];
    const values = [...constants, ...listOf(schema['enum'])];
    const longest = values.reduce((most: number, value) => Math.max(most, bytesOf(value)), 0);
    return this.#gap + longest + numberOf(schema) + this.#string(schema) + this.#object(schema) + this.#array(schema);
  }

  /** All of allOf hold at once, as does a reference; of anyOf and oneOf one does. */
  #applied(schema: PlainObject): number {
    const { $ref: reference } = schema;
    let sum = 0;
    for (const member of listOf(schema['allOf'])) sum += this.measure(member);
    for (const key of ['anyOf', 'oneOf']) {
      sum += listOf(schema[key]).reduce((most: number, member) => Math.max(most, this.measure(member)), 0);
    }
    if (typeof reference === 'string') sum += this.measure(this.#references.resolve(reference)?.schema);
    return sum;
  }

  #object(schema: PlainObject): number {
    const { properties, patternProperties, required, additionalProperties: additional, minProperties } = schema;
    const named = new Map(entriesOf(properties));
    const others = isPlainObject(additional) ? this.measure(additional) : 0;
    let demanded = 0;
    let optional = others;
    for (const [name, value] of named) {
      const length = bytesOf(name) + this.#gap + this.measure(value);
      if (this.#required.has(name)) demanded += length;
      else optional = Math.max(optional, length);
    }
    for (const name of listOf(required)) {
      if (!named.has(String(name))) demanded += bytesOf(name) + this.#gap + others;
    }
    let repeated = 0;
    for (const [pattern, value] of entriesOf(patternProperties)) {
      repeated = Math.max(repeated, this.#pattern(pattern) + this.#gap + this.measure(value));
    }
    return Math.max(demanded + Math.max(1, countOf(minProperties)) * repeated, optional);
  }

  #array(schema: PlainObject): number {
    const { items, additionalItems, minItems } = schema;
    const first = [...listOf(schema['prefixItems']), ...listOf(items)];
    let sum = 0;
    for (const item of first) sum += this.#gap + this.measure(item);
    const rest = isPlainObject(items) ? items : additionalItems;
    const demanded = Math.max(0, countOf(minItems) - first.length);
    if (isPlainObject(rest)) sum += Math.max(1, demanded) * (this.#gap + this.measure(rest));
    return sum + (isPlainObject(rest) ? 0 : demanded * this.#gap);
  }

  #string({ pattern, format, minLength }: PlainObject): number {
    const formatted = format === undefined ? 0 : FORMAT;
    return typeof pattern === 'string' ? formatted + this.#pattern(pattern, countOf(minLength)) : formatted;
  }

  #pattern(pattern: string, minLength = 0): number {
    const { size, least } = regexSize(pattern);
    // What JSON writes as an escape has up to six letters.
    const letters = /["\\]|[^ -\u{10ffff}]/u.test(pattern) ? 6 : 1;
    return letters * ((this.#combined ? size : least) + minLength);
  }

  #gapOf(options: PlainData | undefined): number {
    if (!isPlainObject(options)) return 0;
    const { item_separator: item = '', key_separator: key = '', whitespace_pattern: space } = options;
    const separators = Buffer.byteLength(`${String(item)}${String(key)}`);
    return separators + (typeof space === 'string' ? 4 * this.#pattern(space) : 0);
  }
}

function bytesOf(value: PlainData): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Digits of the bounds: of those between 5,000 and 5,001 most are given. */
function numberOf(schema: PlainObject): number {
  const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].map(key => schema[key]);
  return bounds.reduce(
    (most: number, bound) => (typeof bound === 'number' ? Math.max(most, digitsOf(bound)) : most),
    0,
  );
}

function digitsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  return mantissa.length + Math.abs(Number(exponent)) + 1;
}
