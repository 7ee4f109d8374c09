/** JSON as Python's `json.loads` reads it. */
import { GenAIError } from '../../../errors.ts';

const MAX_DEPTH = 200;

/** Python's own limit. Turning digits into a number takes time by the square of their count. */
const MOST_DIGITS = 4300;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const WORD = /-?Infinity|NaN|true|false|null/y;

const WORDS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * Reads JSON and, as Python does, `NaN`, `Infinity` and `-Infinity`. Of a name that stands twice the last counts.
 * Integers that a number cannot hold are bigints.
 *
 * @param what names the text in messages: `signature.inputs of the MLmodel file`
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` for what is not JSON and for more than 200 levels
 */
export function parsePythonJson(text: string, what: string): unknown {
  let at = 0;

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  const space = (): void => {
    if ((text[at] ?? '!') <= ' ') take(SPACE);
  };
  const skip = (char: string): boolean => {
    space();
    if (text[at] !== char) return false;
    at += 1;
    return true;
  };
  const fail = (expected: string): never => {
    const found = at < text.length ? JSON.stringify(text.slice(at, at + 20)) : 'the end';
    throw new GenAIError(
      'ERR_MLFLOW_FORMAT',
      `${what} is not JSON: expected ${expected} at index ${at}, found ${found}.`,
      {
        details: { what, index: at },
      },
    );
  };

  const readText = (): string => {
    space();
    const end = text[at] === '"' ? endOfText(text, at) : -1;
    if (end < 0) return fail('a text in double quotes');
    try {
      const value = JSON.parse(text.slice(at, end)) as string;
      at = end;
      return value;
    } catch {
      return fail('a text with the escapes of JSON');
    }
  };
  const readNumber = (): number | bigint | undefined => {
    const match = take(NUMBER);
    if (match === null) return undefined;
    const [digits, fraction, exponent] = match;
    const number = Number(digits);
    if (fraction !== undefined || exponent !== undefined || Number.isSafeInteger(number)) {
      // Python has no negative zero among its integers.
      return fraction === undefined && exponent === undefined ? number + 0 : number;
    }
    return digits.length > MOST_DIGITS ? fail(`an integer of at most ${MOST_DIGITS} digits`) : BigInt(digits);
  };
  const readArray = (depth: number): unknown[] => {
    const items: unknown[] = [];
    if (skip(']')) return items;
    do items.push(readValue(depth));
    while (skip(','));
    return skip(']') ? items : fail('"," or "]"');
  };
  const readObject = (depth: number): Record<string, unknown> => {
    const members: [string, unknown][] = [];
    if (skip('}')) return {};
    do {
      const name = readText();
      if (!skip(':')) fail('":"');
      members.push([name, readValue(depth)]);
    } while (skip(','));
    // Also a member "__proto__" becomes one like all others.
    return skip('}') ? Object.fromEntries(members) : fail('"," or "}"');
  };
  const readValue = (depth: number): unknown => {
    if (depth > MAX_DEPTH) return fail(`at most ${MAX_DEPTH} levels`);
    if (skip('[')) return readArray(depth + 1);
    if (skip('{')) return readObject(depth + 1);
    if (text[at] === '"') return readText();
    const word = take(WORD);
    return word === null ? (readNumber() ?? fail('a value')) : WORDS[word[0]];
  };

  const value = readValue(0);
  space();
  return at === text.length ? value : fail('the end');
}

/**
 * Behind the quote that ends the text which begins at `start`; -1 without one. Not a regular expression: it fails on a text
 * of some megabytes.
 */
function endOfText(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote > 0) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return -1;
}
