/** A Lark grammar in pieces, as far as its size needs them. What is no Lark gives pieces as well; the library refuses it. */

export type LarkToken =
  | { readonly kind: 'definition' | 'name' | 'literal' | 'braces' | 'sign'; readonly text: string }
  | { readonly kind: 'regex'; readonly text: string; readonly pattern: string }
  | { readonly kind: 'directive'; readonly text: string; readonly json: string };

/** `name:`, `?name.2:`, `name[max_tokens=5]:`, `name::_:`, `TERMINAL:` */
const DEFINITION = /[?!]?([A-Za-z_]\w*)(?:\.-?\d+)?(?:::\w+)?\s*(?:\[[^\]\n]*\]|\{[^}\n]*\})?\s*:(?!:)/y;
const BLANK = /(?:\s|\/\/[^\n]*|#[^\n]*)+/y;
const STRING = /"(?:\\[\s\S]|[^"\\])*"i?|'(?:\\[\s\S]|[^'\\])*'i?/y;
/** Not `//`, which begins a comment. */
const REGEX = /\/((?:\\[\s\S]|\[(?:\\[\s\S]|[^\]\\\n]){0,500}\]|[^/\\[\n])+)\/([a-z]*)/y;
const LOOSE_REGEX = /\/((?:\\[\s\S]|[^/\\\n])+)\/([a-z]*)/y;
const DIRECTIVE = /%(json|regex|llguidance|lark)\s*(?=\{)/y;
const REFERENCE = /<[^>\n]{0,80}>|@?[A-Za-z_]\w*/y;
const BRACES = /\{[^{}\n]*\}/y;
/** `~5`, `~1..5`; without a number it negates a terminal. */
const TILDE = /~\s*(\d+)(?:\s*\.\.\s*(\d+))?/y;

/** Takes a time that grows with the length only: a text or a pattern that nothing closes is where it ends. */
export function* larkTokens(grammar: string): Iterable<LarkToken> {
  let at = 0;
  let lineStart = true;
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const match = expression.exec(grammar);
    if (match !== null) at += match[0].length;
    return match;
  };
  const next = (): LarkToken | null => {
    const definition = lineStart ? take(DEFINITION) : null;
    if (definition !== null) return { kind: 'definition', text: definition[1] as string };
    if (grammar[at] === '"' || grammar[at] === "'") {
      const text = take(STRING)?.[0];
      return text === undefined ? null : { kind: 'literal', text };
    }
    if (grammar[at] === '/') {
      const [text, body = '', flags = ''] = take(REGEX) ?? take(LOOSE_REGEX) ?? [];
      return text === undefined ? null : { kind: 'regex', text, pattern: flags === '' ? body : `(?${flags})${body}` };
    }
    const directive = take(DIRECTIVE)?.[1];
    if (directive !== undefined) {
      const json = objectAt(grammar, at);
      at += json.length;
      return { kind: 'directive', text: directive, json };
    }
    const name = take(REFERENCE)?.[0];
    if (name !== undefined) return { kind: 'name', text: name };
    const braces = take(BRACES)?.[0];
    if (braces !== undefined) return { kind: 'braces', text: braces };
    const [tilde, low = '', high = low] = take(TILDE) ?? [];
    if (tilde !== undefined) return { kind: 'braces', text: `{${low},${high}}` };
    return { kind: 'sign', text: grammar[at++] as string };
  };
  while (true) {
    const blank = take(BLANK)?.[0];
    lineStart ||= blank?.includes('\n') === true;
    if (at >= grammar.length) return;
    const token = next();
    if (token === null) return;
    lineStart = false;
    yield token;
  }
}

/** The text of the JSON object that begins here, or what is left of the grammar. */
function objectAt(grammar: string, start: number): string {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < grammar.length; i++) {
    const character = grammar[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return grammar.slice(start, i + 1);
  }
  return grammar.slice(start);
}
