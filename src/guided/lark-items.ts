/** The definitions of a Lark grammar and what they are made of, as far as their size needs it. */
import type { Bounds } from './expansion.ts';
import { type Lexeme, larkLexemes, notLark } from './lark-lexer.ts';

export type LarkPart =
  | { readonly kind: 'name' | 'literal' | 'sign'; readonly text: string }
  | { readonly kind: 'regex'; readonly text: string; readonly pattern: string }
  | { readonly kind: 'repeat'; readonly text: string; readonly bounds: Bounds }
  | { readonly kind: 'json' | 'substrings'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'grammar'; readonly text: string; readonly items: readonly LarkItem[] };

export interface LarkItem {
  readonly name: string;
  /** It becomes one regular expression: capitals, `%ignore`, and rules with attributes like `[lazy]` or `[max_tokens=5]`. */
  readonly terminal: boolean;
  readonly parts: readonly LarkPart[];
}

/** Of `%lark` within `%lark`; the library's own is 30, with brackets counted. */
const MAX_NESTING = 30;
const STATEMENTS: ReadonlySet<string> = new Set(['%ignore', '%import', '%override', '%declare', '%llguidance']);

/**
 * @param count called with what an item is made of, while it is read
 * @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED` for what is none, or what `count` throws
 */
export function larkItems(grammar: string, count: (kind: 'item' | 'part', name: string) => void): LarkItem[] {
  return new LarkReader(grammar, count).items(false);
}

class LarkReader {
  readonly #grammar: string;
  readonly #count: (kind: 'item' | 'part', name: string) => void;
  readonly #lexemes: Iterator<Lexeme, void>;
  #next: Lexeme | undefined;
  #nesting = 0;

  constructor(grammar: string, count: (kind: 'item' | 'part', name: string) => void) {
    this.#grammar = grammar;
    this.#count = count;
    this.#lexemes = larkLexemes(grammar);
    this.#advance();
  }

  /** @param nested up to the `}` that ends it, else up to the end */
  items(nested: boolean): LarkItem[] {
    const items: LarkItem[] = [];
    while (true) {
      this.#skipNewlines();
      if (this.#next === undefined || (nested && this.#next.text === '}')) return items;
      const item = this.#item();
      this.#count('item', item.name);
      items.push(item);
    }
  }

  #item(): LarkItem {
    let first = this.#take();
    if (first.text === '%override') first = this.#take();
    const parts: LarkPart[] = [];
    if (STATEMENTS.has(first.text)) {
      this.#body(parts);
      return { name: first.text, terminal: first.text === '%ignore', parts };
    }
    if (first.kind !== 'rule' && first.kind !== 'terminal') {
      throw this.#refuse(first, 'expected a rule, a terminal or a statement');
    }
    const whole = this.#head(parts);
    this.#body(parts);
    // What is only a schema is none, whatever its attributes.
    const single = parts.length === 1 && (parts[0]?.kind === 'json' || parts[0]?.kind === 'grammar');
    const terminal = first.kind === 'terminal' || (whole && !single);
    return { name: first.text.replace(/^!?\??/, ''), terminal, parts };
  }

  /** Between a name and its colon. @returns whether an attribute makes one expression of it */
  #head(parts: LarkPart[]): boolean {
    let whole = false;
    while (true) {
      const lexeme = this.#take();
      if (lexeme.text === ':') return whole;
      if (lexeme.kind === 'newline' || STATEMENTS.has(lexeme.text)) throw this.#refuse(lexeme, 'expected a colon');
      if (lexeme.kind === 'rule')
        whole ||= lexeme.text !== 'capture'; // else the name of an attribute
      else if (lexeme.kind !== 'sign' && lexeme.kind !== 'number') parts.push(this.#part(lexeme));
    }
  }

  #body(parts: LarkPart[]): void {
    let before: Lexeme | undefined;
    for (let lexeme = this.#next; lexeme !== undefined; before = lexeme, lexeme = this.#next) {
      if (lexeme.kind === 'newline') {
        this.#skipNewlines();
        if (this.#next?.text !== '|') return;
        continue;
      }
      if (lexeme.text === '}') return;
      // But `[0:3]`, some bits of a parameter.
      const colon = lexeme.text === ':' && before?.kind !== 'number';
      if (colon || STATEMENTS.has(lexeme.text)) {
        throw this.#refuse(lexeme, 'a definition must begin on a line of its own');
      }
      this.#advance();
      parts.push(this.#part(lexeme));
    }
  }

  #part(lexeme: Lexeme): LarkPart {
    const part = this.#read(lexeme);
    if (part.kind !== 'sign' && part.kind !== 'repeat') this.#count('part', part.text);
    return part;
  }

  #read({ kind, text, json, at }: Lexeme): LarkPart {
    switch (kind) {
      case 'rule':
      case 'terminal':
      case 'reference':
        return { kind: 'name', text };
      case 'string':
        return { kind: 'literal', text };
      case 'regex': {
        const end = text.lastIndexOf('/');
        const [body, flags] = [text.slice(1, end), text.slice(end + 1)];
        return { kind: 'regex', text, pattern: flags === '' ? body : `(?${flags})${body}` };
      }
      case 'directive':
        if (text === '%lark') return { kind: 'grammar', text, items: this.#nested(at) };
        if (text === '%if') return { kind: 'sign', text };
        return { kind: text === '%json' ? 'json' : 'substrings', text, value: json };
      default:
        if (text === '{') return this.#braces(at);
        if (text === '~' && this.#next?.kind === 'number') return this.#tilde();
        return { kind: 'sign', text };
    }
  }

  #nested(at: number): LarkItem[] {
    if (++this.#nesting > MAX_NESTING) throw this.#refuse({ at }, 'too many grammars within each other');
    this.#expect('{');
    const items = this.items(true);
    this.#expect('}');
    this.#nesting--;
    return items;
  }

  /** `{n}`, `{n,}`, `{,m}`, `{n,m}` */
  #braces(at: number): LarkPart {
    const low = this.#number();
    const comma = this.#next?.text === ',';
    if (comma) this.#advance();
    const high = comma ? this.#number() : low;
    if (low === undefined && high === undefined) throw this.#refuse({ at }, 'expected a repetition');
    this.#expect('}');
    return repeat(low ?? 0, high ?? 0);
  }

  /** `~5`, `~1..5` */
  #tilde(): LarkPart {
    const low = this.#number() ?? 0;
    let dots = false;
    for (; this.#next?.text === '..' || this.#next?.text === '.'; this.#advance()) dots = true;
    return repeat(low, dots ? (this.#number() ?? low) : low);
  }

  #number(): number | undefined {
    const { kind, text } = this.#next ?? {};
    if (kind !== 'number') return undefined;
    this.#advance();
    return Number(text);
  }

  #skipNewlines(): void {
    while (this.#next?.kind === 'newline') this.#advance();
  }

  #expect(text: string): void {
    const lexeme = this.#take();
    if (lexeme.text !== text) throw this.#refuse(lexeme, `expected "${text}"`);
  }

  #take(): Lexeme {
    const lexeme = this.#next;
    if (lexeme === undefined) throw this.#refuse({ at: this.#grammar.length }, 'a definition is not complete');
    this.#advance();
    return lexeme;
  }

  #advance(): void {
    this.#next = this.#lexemes.next().value ?? undefined;
  }

  #refuse({ at }: { readonly at: number }, why: string): Error {
    return notLark(this.#grammar, at, why);
  }
}

function repeat(low: number, high: number): LarkPart {
  return { kind: 'repeat', text: `{${low},${high}}`, bounds: { low, high: Math.max(low, high) } };
}
