/**
 * A Lark grammar measured against the limits. Rules cost by their number: a repetition of a rule is cheap however large
 * its bound is. A terminal becomes one regular expression, with the terminals that it names written out.
 */
import { isObject } from '../util/objects.ts';
import { boundOf, type Expansion, ExpansionSum, ONE } from './expansion.ts';
import { type LarkToken, larkTokens } from './lark-tokens.ts';
import { demandLimit, type GuidanceLimits } from './limits.ts';
import { type PlainObject, plainData } from './plain-data.ts';
import { demandNested, screenRegex } from './screen-regex.ts';
import { type Counts, screenSchema } from './screen-schema.ts';

/** @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED` */
export function screenLark(grammar: string, limits: GuidanceLimits): void {
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
  for (const name of definitions.keys()) screen.measure(name);
}

interface Measured extends Expansion {
  /** Terminals that one text must meet at once: `A & B`. */
  readonly together: number;
}

const REFERENCE: Measured = { ...ONE, together: 1 };

class LarkScreen {
  readonly #definitions: ReadonlyMap<string, readonly LarkToken[]>;
  readonly #limits: GuidanceLimits;
  readonly #known = new Map<string, Measured>();
  readonly #counts: Counts = new Map();

  constructor(definitions: ReadonlyMap<string, readonly LarkToken[]>, limits: GuidanceLimits) {
    this.#definitions = definitions;
    this.#limits = limits;
  }

  measure(name: string): Measured {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#known.set(name, REFERENCE); // for one that names itself
    const sum = new ExpansionSum();
    let together = 1;
    for (const token of this.#definitions.get(name) ?? []) together += this.#add(sum, token, name);
    demandLimit(this.#limits, 'repetitions', sum.largest, name);
    const measured = { ...sum.total(), together };
    if (isTerminal(name)) {
      demandNested(measured, sum.largest, name, this.#limits);
      demandLimit(this.#limits, 'patternsTogether', together, name);
    }
    this.#known.set(name, measured);
    return measured;
  }

  /** @returns how many terminals more must be met at once */
  #add(sum: ExpansionSum, token: LarkToken, name: string): number {
    switch (token.kind) {
      case 'regex':
        sum.add(screenRegex(token.pattern, name, this.#limits));
        return 0;
      case 'literal':
        sum.add({ size: token.text.length, nested: 1 });
        return 0;
      case 'directive':
        this.#screenDirective(token, name);
        sum.add({ size: token.json.length, nested: 1 });
        return 0;
      case 'name':
        return this.#addReference(sum, token.text);
      case 'braces': {
        const bound = boundOf(token.text);
        if (bound !== null) sum.repeat(bound);
        return 0;
      }
      default:
        if (token.text === '(' || token.text === '[') sum.openGroup();
        else if (token.text === ')' || token.text === ']') sum.closeGroup();
        return token.text === '&' ? 1 : 0;
    }
  }

  #addReference(sum: ExpansionSum, name: string): number {
    const measured = isTerminal(name) && this.#definitions.has(name) ? this.measure(name) : REFERENCE;
    sum.add(measured);
    return measured.together - 1;
  }

  /** `%json { ... }` is a whole schema within a grammar. */
  #screenDirective({ text, json }: { readonly text: string; readonly json: string }, name: string): void {
    if (text !== 'json') return;
    let schema: unknown;
    try {
      schema = JSON.parse(json);
    } catch {
      return; // the library's to refuse
    }
    if (!isObject(schema)) return;
    const path = `${name}/%json`;
    const plain = plainData(path, schema, this.#limits.depth, (actual, at) =>
      demandLimit(this.#limits, 'depth', actual, at),
    );
    screenSchema(plain as PlainObject, this.#limits, path, this.#counts);
  }
}

/** Names of terminals are in capitals. */
function isTerminal(name: string): boolean {
  return /^_?[A-Z]/.test(name);
}
