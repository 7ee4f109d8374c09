/**
 * The three ways to write a text in YAML, folded where PyYAML folds it: a line ends at the first chance after column
 * 80. Source: the behaviour of yaml/emitter.py of PyYAML 6.0.3 with `allow_unicode=False`.
 */

/** Where a text stands on its line. */
export interface Place {
  /** Characters before it. */
  readonly column: number;
  /** Spaces before the lines that follow. */
  readonly indent: number;
  /** False for keys, which stay on one line. */
  readonly mayFold: boolean;
}

const WIDTH = 80;

/** @param readsAsText whether the text without quotes would be read as a text */
export function formatScalar(text: string, readsAsText: boolean, place: Place): string {
  // Only double quotes have escapes, and only they keep spaces beside a line break.
  if (/[^\n -~]| \n|\n /.test(text)) return doubleQuoted(text, place);
  const multiline = text.includes('\n');
  if (readsAsText && !multiline && mayStandPlain(text)) return folded(text, '', place);
  return multiline && !place.mayFold ? doubleQuoted(text, place) : folded(text, "'", place);
}

function mayStandPlain(text: string): boolean {
  return text !== '' && !/^(?:[#,[\]{}&*!|>'"%@` ]|[-?:](?: |$)|---|\.\.\.)/.test(text) && !/ $|:(?: |$)| #/.test(text);
}

/** Without quotes or in single ones. A space may become a line break; a line break is written as an empty line. */
function folded(text: string, quote: '' | "'", { column: start, indent, mayFold }: Place): string {
  const pad = ' '.repeat(indent);
  let column = start + quote.length;
  let out = quote;
  for (const match of text.matchAll(/ +|\n+|[^ \n]+/g)) {
    const [run] = match;
    const atEdge = match.index === 0 || match.index + run.length === text.length;
    if (run.startsWith('\n')) {
      out += `\n${run}${pad}`;
      column = indent;
    } else if (run === ' ' && column > WIDTH && mayFold && !atEdge) {
      out += `\n${pad}`;
      column = indent;
    } else {
      const written = quote === '' ? run : run.replaceAll("'", "''");
      out += written;
      column += written.length;
    }
  }
  return out + quote;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

/** In double quotes. A backslash at the end of a line, and one before a space that begins the next, fold it. */
function doubleQuoted(text: string, { column: begin, indent, mayFold }: Place): string {
  const chars = Array.from(text);
  let out = '"';
  let column = begin + 1;
  /** First character that is not written yet. */
  let start = 0;
  const flush = (end: number): void => {
    if (end <= start) return;
    out += chars.slice(start, end).join('');
    column += end - start;
    start = end;
  };
  for (const [index, char] of chars.entries()) {
    if (!/[ !#-[\]-~]/.test(char)) {
      flush(index);
      const escaped = escapeOf(char);
      out += escaped;
      column += escaped.length;
      start = index + 1;
    }
    const mayBreak = mayFold && index > 0 && index < chars.length - 1 && (char === ' ' || start >= index);
    if (mayBreak && column + index - start > WIDTH) {
      flush(index);
      out += `\\\n${' '.repeat(indent)}`;
      column = indent;
      if (chars[start] === ' ') {
        out += '\\';
        column += 1;
      }
    }
  }
  flush(chars.length);
  return `${out}"`;
}

function escapeOf(char: string): string {
  const short = ESCAPES[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
