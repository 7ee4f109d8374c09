/**
 * The lexemes of a Lark grammar, as the library divides it (llguidance, `parser/src/lark/lexer.rs`): where it sees another
 * border than we do, something would go unmeasured. So what is none of its lexemes is refused.
 */
import { GenAIError } from '../errors.ts';

export type LexemeKind =
  | 'newline'
  | 'string'
  | 'regex'
  | 'directive'
  | 'reference'
  | 'number'
  | 'rule'
  | 'terminal'
  | 'sign';

export interface Lexeme {
  readonly kind: LexemeKind;
  readonly text: string;
  readonly at: number;
  /** Of `%json`, `%regex` and `%llguidance`: the JSON that follows. */
  readonly json?: unknown;
}

/** The longest one counts, so what may begin another comes after it. */
const KINDS: Readonly<Record<LexemeKind | 'blank', RegExp>> = {
  blank: /[ \t]+|(?:#|\/\/)[^\n]*/,
  newline: /(?:\r?\n)+[ \t]*/,
  string: /"(?:\\["\\/bfnrt]|\\u[a-fA-F0-9]{4}|\\x[a-fA-F0-9]{2}|[^"\\\p{Cc}]|[\u0080-\u009f])*"i?/u,
  regex: /\/(?:\\[^\n]|[^/\\])+\/[imslux]*/,
  directive: /%(?:ignore|import|override|declare|json|regex|llguidance|lark|if)/,
  reference: /<[^<>\s]+>|@[\w-]+/,
  number: /0[xX][0-9a-fA-F]+|[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?/,
  rule: /!?[_?]?[a-z][_a-z0-9-]*/,
  terminal: /_?[A-Z][_A-Z0-9-]*/,
  sign: /->|\.\.|::|[-+*?:=,.(){}[\]~|&_]/,
};
const LEXEME = new RegExp(
  Object.entries(KINDS)
    .map(([kind, { source }]) => `(?<${kind}>${source})`)
    .join('|'),
  'uy',
);
const WITH_JSON: ReadonlySet<string> = new Set(['%json', '%regex', '%llguidance']);
const JSON_SPACE = /[ \t\r\n]*/y;
const BOOLEAN = /true|false/y;

/**
 * Takes a time that grows with the length only.
 *
 * @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED`, while they are read
 */
export function* larkLexemes(grammar: string): Generator<Lexeme, void> {
  for (let at = 0; at < grammar.length; ) {
    LEXEME.lastIndex = at;
    const groups = LEXEME.exec(grammar)?.groups ?? {};
    const [kind, text] = Object.entries(groups).find(([, value]) => value !== undefined) ?? [];
    if (kind === undefined || text === undefined) throw notLark(grammar, at, 'nothing begins like this');
    const start = at;
    at += text.length;
    if (kind === 'blank') continue;
    if (!WITH_JSON.has(text)) {
      yield { kind: kind as LexemeKind, text, at: start };
      continue;
    }
    JSON_SPACE.lastIndex = at;
    const begin = at + (JSON_SPACE.exec(grammar)?.[0].length ?? 0);
    at = endOfSchema(grammar, begin);
    yield { kind: 'directive', text, at: start, json: parse(grammar, begin, at) };
  }
}

export function notLark(grammar: string, at: number, why: string): GenAIError {
  const before = grammar.slice(0, at).split('\n');
  const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
  const found = at < grammar.length ? JSON.stringify(grammar.slice(at, at + 20)) : 'the end';
  const message = `The grammar is not Lark as the library reads it: ${why}, at line ${line}, column ${column}: ${found}.`;
  return new GenAIError('ERR_GENAI_GUIDANCE_REFUSED', message, { details: { line, column } });
}

function parse(grammar: string, begin: number, end: number): unknown {
  try {
    return JSON.parse(grammar.slice(begin, end));
  } catch {
    throw notLark(grammar, begin, 'a directive must be followed by a JSON object');
  }
}

/** Where the JSON object, or `true` or `false`, ends that begins here; if there is none, where the grammar ends. */
function endOfSchema(grammar: string, start: number): number {
  BOOLEAN.lastIndex = start;
  const boolean = BOOLEAN.exec(grammar)?.[0];
  if (boolean !== undefined) return start + boolean.length;
  let depth = 0;
  let quoted = false;
  for (let i = start; i < grammar.length; i++) {
    const character = grammar[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return i + 1;
  }
  return grammar.length;
}
