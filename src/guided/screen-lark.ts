/**
 * A Lark grammar measured against the limits. Rules cost by their number: a repetition of a rule is cheap however large
 * its bound is. A terminal becomes one regular expression, with the terminals that it names written out.
 */
import { isObject } from '../util/objects.ts';
import { atom, boundsOf, type Expansion, ExpansionSum, ONE } from './expansion.ts';
import { ForcedParts } from './forced-grammar.ts';
import type { ForcedText } from './forced-text.ts';
import { type LarkToken, larkTokens } from './lark-tokens.ts';
import { demandLimit, type GuidanceLimits } from './limits.ts';
import { type PlainObject, plainData } from './plain-data.ts';
import { demandNested, screenRegex } from './screen-regex.ts';
import { type Counts, screenSchema } from './screen-schema.ts';

/**
 * @returns the longest text without a choice
 * @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED`
 */
export function screenLark(grammar: string, limits: GuidanceLimits): ForcedText {
  const definitions = new Map<string, LarkToken[]>();
  let body: LarkToken[] = [];
  let parts = 0;
  for (const token of larkTokens(grammar)) {
    if (token.kind === 'definition') {
      body = definitions.get(token.text) ?? [];
      definitions.set(token.text, body);
      demandLimit(limits, 'rules', definitions.size, token.text);
      continue;
    }
    body.push(token);
    if (token.kind !== 'sign' && token.kind !== 'braces') demandLimit(limits, 'ruleParts', ++parts, token.text);
  }
  const screen = new LarkScreen(definitions, limits);
  let length = 0;
  for (const name of definitions.keys()) length = Math.max(length, screen.measure(name).forced);
  return { length, bounded: screen.bounded };
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
  readonly #definitions: ReadonlyMap<string, readonly LarkToken[]>;
  readonly #limits: GuidanceLimits;
  /** Null: it is being measured. */
  readonly #known = new Map<string, Measured | null>();
  readonly #counts: Counts = new Map();

  constructor(definitions: ReadonlyMap<string, readonly LarkToken[]>, limits: GuidanceLimits) {
    this.#definitions = definitions;
    this.#limits = limits;
  }

  measure(name: string): Measured {
    const known = this.#known.get(name);
    if (known === null) this.bounded = false; // it names itself
    if (known !== undefined) return known ?? REFERENCE;
    this.#known.set(name, null);
    const sum = new ExpansionSum();
    const parts = new ForcedParts();
    let together = 1;
    for (const token of this.#definitions.get(name) ?? []) together += this.#add(sum, parts, token, name);
    demandLimit(this.#limits, 'repetitions', sum.largest, name);
    const total = sum.total();
    const measured = { ...total, together, forced: isTerminal(name) ? total.size : parts.length };
    if (isTerminal(name)) {
      demandNested(measured, sum.largest, name, this.#limits);
      demandLimit(this.#limits, 'patternsTogether', together, name);
    }
    demandLimit(this.#limits, 'forcedText', measured.forced, name);
    this.#known.set(name, measured);
    return measured;
  }

  /** @returns how many terminals more must be met at once */
  #add(sum: ExpansionSum, parts: ForcedParts, token: LarkToken, name: string): number {
    const { text } = token;
    const add = (size: Expansion, forced = size.size): void => {
      sum.add(size);
      parts.add(forced);
    };
    switch (token.kind) {
      case 'regex':
        add(screenRegex(token.pattern, name, this.#limits));
        return 0;
      case 'literal':
        add(atom(Buffer.byteLength(text)));
        return 0;
      case 'directive':
        add(atom(token.json.length), this.#screenDirective(token, name));
        return 0;
      case 'name': {
        const { together, forced, ...size } = this.#definitions.has(text) ? this.measure(text) : REFERENCE;
        add(isTerminal(text) ? size : ONE, forced);
        return together - 1;
      }
      case 'braces':
        sum.repeat(boundsOf(text) ?? { low: 1, high: 1 });
        parts.braces(token);
        return 0;
      default:
        if (text === '(' || text === '[') sum.openGroup();
        else if (text === ')' || text === ']') sum.closeGroup();
        else if (text === '&' || text === '~') this.bounded = false;
        parts.sign(text);
        return text === '&' ? 1 : 0;
    }
  }

  /** `%json { ... }` is a whole schema within a grammar. @returns the longest text without a choice */
  #screenDirective({ text, json }: { readonly text: string; readonly json: string }, name: string): number {
    if (text !== 'json') return json.length;
    let schema: unknown;
    try {
      schema = JSON.parse(json);
    } catch {
      return 0; // the library's to refuse
    }
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

/** Names of terminals are in capitals. */
function isTerminal(name: string): boolean {
  return /^_?[A-Z]/.test(name);
}
