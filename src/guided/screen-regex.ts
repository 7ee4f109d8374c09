/** Size of a regular expression in the library's syntax, that of Rust: no look-around, no back references. */
import { boundsOf, type Expansion, ExpansionSum, ONE } from './expansion.ts';
import { demandLimit, type GuidanceLimits } from './limits.ts';

/** `\p{L}`, `\x{41}`, `\u{1F600}`, `\d`, ... */
const ESCAPE = /\\(?:[pPxuU]\{[^}]{0,50}\}|[\s\S])/uy;
const BRACES = /\{[^{}]*\}/y;
/** A group that has a name, which may contain `[`, or flags. */
const FLAGS = /\(\?(?:P?<[^>(]*>|[a-zA-Z-]{0,20}[:)])/y;
/** Above every limit but Infinity. */
const HIDDEN = 2 ** 40;
/** The flag x, or what may be one. */
const VERBOSE = /^\(\?[a-zA-Z-]*x/;

export interface RegexSize extends Expansion {
  /** The largest bound of a repetition. */
  readonly largest: number;
}

/** What the expression is when it is part of a larger one. */
export function regexSize(pattern: string): RegexSize {
  const sum = new ExpansionSum();
  const match = (expression: RegExp, at: number): string | undefined => {
    expression.lastIndex = at;
    return expression.exec(pattern)?.[0];
  };
  for (let i = 0; i < pattern.length; ) {
    const character = pattern[i] as string;
    let end = i + 1;
    if (character === '\\') {
      end = i + (match(ESCAPE, i)?.length ?? 1);
      sum.add(ONE);
    } else if (character === '[') {
      end = endOfClass(pattern, i);
      sum.add(ONE);
    } else if (character === '(') {
      const flags = match(FLAGS, i) ?? '(';
      if (VERBOSE.test(flags)) return verboseSize(pattern);
      end = i + flags.length;
      if (!flags.endsWith(')')) sum.openGroup();
    } else if (character === ')') {
      sum.closeGroup();
    } else if (character === '{') {
      const braces = match(BRACES, i) ?? '{';
      const bounds = boundsOf(braces);
      end = i + braces.length;
      if (bounds !== null) sum.repeat(bounds);
    } else if (!'*+?|^$'.includes(character)) {
      sum.add(ONE);
    }
    i = end;
  }
  return { ...sum.total(), largest: sum.largest };
}

/**
 * Under the flag x white space and comments may stand anywhere, also within `{1 0}`, and hide which group a parenthesis
 * closes. So every repetition in the text counts, as if each were within all others, and one that is not written plainly
 * counts as larger than any limit.
 */
function verboseSize(pattern: string): RegexSize {
  let product = 1;
  let largest = 1;
  for (const [braces] of pattern.matchAll(/\{[^{}]*\}?/g)) {
    if (/^\{[^\s\u0085#]*[a-z][^\s\u0085#]*\}$/i.test(braces)) continue; // \p{L}, \x{1f}
    const high = /^\{\d*,?\d*\}$/.test(braces) ? (boundsOf(braces)?.high ?? 1) : HIDDEN;
    largest = Math.max(largest, high);
    product = Math.min(product * Math.max(1, high), HIDDEN);
  }
  const size = pattern.length * product;
  return { size, nested: product, least: size, largest };
}

/**
 * @param path of the expression, for the error
 * @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED`
 */
export function screenRegex(pattern: string, path: string, limits: GuidanceLimits): Expansion {
  const size = regexSize(pattern);
  demandLimit(limits, 'repetitions', size.largest, path);
  demandNested(size, size.largest, path, limits);
  return size;
}

/** One repetition alone may have the bound that it may have. */
export function demandNested({ size, nested }: Expansion, largest: number, path: string, limits: GuidanceLimits): void {
  if (nested > largest) demandLimit(limits, 'nestedRepetitions', nested, path);
  demandLimit(limits, 'expandedPattern', size, path);
}

/** `[a-z]`, `[]a]`, `[^\]]`, and with classes in it. */
function endOfClass(pattern: string, start: number): number {
  let depth = 0;
  for (let i = start; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '\\') i++;
    else if (character === '[') {
      depth++;
      if (pattern[i + 1] === '^') i++;
      if (pattern[i + 1] === ']') i++;
    } else if (character === ']' && --depth === 0) return i + 1;
  }
  return pattern.length;
}
