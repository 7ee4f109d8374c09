/**
 * A Lark grammar measured against the limits. Rules cost by their number: a repetition of a rule is cheap however large
 * its bound is. A terminal becomes one regular expression, with the terminals that it names written out.
 */
import { isObject } from '../util/objects.ts';
import { atom, type Expansion, ExpansionSum, ONE } from './expansion.ts';
import { ForcedParts } from './forced-grammar.ts';
import type { ForcedText } from './forced-text.ts';
import { type LarkItem, type LarkPart, larkItems } from './lark-items.ts';
import { demandLimit, type GuidanceLimits } from './limits.ts';
import { type PlainObject, plainData } from './plain-data.ts';
import { demandNested, screenRegex } from './screen-regex.ts';
import { type Counts, screenSchema } from './screen-schema.ts';

/**
 * @returns the longest text without a choice
 * @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED`
 */
export function screenLark(grammar: string, limits: GuidanceLimits): ForcedText {
  const counted = { item: 0, part: 0 };
  const items = larkItems(grammar, (kind, name) =>
    demandLimit(limits, kind === 'item' ? 'rules' : 'ruleParts', ++counted[kind], name),
  );
  return screenItems(items, limits, new Map());
}

function screenItems(items: readonly LarkItem[], limits: GuidanceLimits, counts: Counts): ForcedText {
  const screen = new LarkScreen(items, limits, counts);
  return { length: screen.longest(), bounded: screen.bounded };
}

interface Measured extends Expansion {
  /** Terminals that one text must meet at once: `A & B`. */
  readonly together: number;
  /** The longest text without a choice. */
  readonly forced: number;
}

const REFERENCE: Measured = { ...ONE, together: 1, forced: 1 };

class LarkScreen {
  bounded = true;
  readonly #definitions = new Map<string, LarkItem>();
  readonly #limits: GuidanceLimits;
  /** Null: it is being measured. */
  readonly #known = new Map<string, Measured | null>();
  readonly #counts: Counts;

  constructor(items: readonly LarkItem[], limits: GuidanceLimits, counts: Counts) {
    this.#limits = limits;
    this.#counts = counts;
    for (const { name, terminal, parts } of items) {
      const before = this.#definitions.get(name); // `%ignore` may occur more than once
      this.#definitions.set(name, { name, terminal, parts: [...(before?.parts ?? []), ...parts] });
    }
  }

  /** Measures everything. @returns the longest text without a choice */
  longest(): number {
    let length = 0;
    for (const item of this.#definitions.values()) length = Math.max(length, this.#measure(item).forced);
    return length;
  }

  #measure({ name, terminal, parts: made }: LarkItem): Measured {
    const known = this.#known.get(name);
    if (known === null) this.bounded = false; // it names itself
    if (known !== undefined) return known ?? REFERENCE;
    this.#known.set(name, null);
    const sum = new ExpansionSum();
    const parts = new ForcedParts();
    let together = 1;
    for (const part of made) together += this.#add(sum, parts, part, name);
    demandLimit(this.#limits, 'repetitions', sum.largest, name);
    const total = sum.total();
    const measured = { ...total, together, forced: terminal ? total.size : parts.length };
    if (terminal) {
      demandNested(measured, sum.largest, name, this.#limits);
      demandLimit(this.#limits, 'patternsTogether', together, name);
    }
    demandLimit(this.#limits, 'forcedText', measured.forced, name);
    this.#known.set(name, measured);
    return measured;
  }

  /** @returns how many terminals more must be met at once */
  #add(sum: ExpansionSum, parts: ForcedParts, part: LarkPart, name: string): number {
    const { text } = part;
    const add = (size: Expansion, forced = size.size): void => {
      sum.add(size);
      parts.add(forced);
    };
    switch (part.kind) {
      case 'regex':
        add(screenRegex(part.pattern, name, this.#limits));
        return 0;
      case 'literal':
        add(atom(Buffer.byteLength(text)));
        return 0;
      case 'json':
        add(ONE, this.#screenSchema(part.value, name));
        return 0;
      case 'substrings':
        add(atom(JSON.stringify(part.value).length));
        return 0;
      case 'grammar':
        add(ONE, this.#screenNested(part.items));
        return 0;
      case 'name': {
        const item = this.#definitions.get(text);
        const { together, forced, ...size } = item === undefined ? REFERENCE : this.#measure(item);
        add(item?.terminal === true ? size : ONE, forced);
        return together - 1;
      }
      case 'repeat':
        sum.repeat(part.bounds);
        parts.repeat(part.bounds.low);
        return 0;
      default:
        if (text === '(' || text === '[') sum.openGroup();
        else if (text === ')' || text === ']') sum.closeGroup();
        else if (text === '&' || text === '~') this.bounded = false;
        parts.sign(text);
        return text === '&' ? 1 : 0;
    }
  }

  /** `%lark { ... }` has names of its own. @returns the longest text without a choice */
  #screenNested(items: readonly LarkItem[]): number {
    const { length, bounded } = screenItems(items, this.#limits, this.#counts);
    this.bounded &&= bounded;
    return length;
  }

  /** `%json { ... }` is a whole schema within a grammar. @returns the longest text without a choice */
  #screenSchema(schema: unknown, name: string): number {
    if (!isObject(schema)) return 0;
    const path = `${name}/%json`;
    const plain = plainData(path, schema, this.#limits.depth, (actual, at) =>
      demandLimit(this.#limits, 'depth', actual, at),
    );
    const { length, bounded } = screenSchema(plain as PlainObject, this.#limits, path, this.#counts);
    this.bounded &&= bounded;
    return length;
  }
}
