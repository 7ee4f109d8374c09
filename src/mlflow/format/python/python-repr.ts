/** Values as Python's `repr()` prints them. */
import { isPythonInt, PythonFloat, pythonFloat } from './python-number.ts';

/** `repr()` of plain data: `None`, `True`, `1.5`, `'text'`, `[1, 2]`, `{'a': 1}`. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return isPythonInt(value) ? String(value) : pythonFloat(value);
  if (value instanceof PythonFloat) return pythonFloat(value.value);
  if (typeof value === 'string') return reprOfText(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${reprOfText(key)}: ${pythonRepr(item)}`)
    .join(', ')}}`;
}

/** `repr()` of a tuple of numbers: `(-1,)`, `(2, 3)`. */
export function reprOfTuple(items: readonly number[]): string {
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}

/** In single quotes, in double ones if only these need no escape. What cannot be printed is escaped. */
function reprOfText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'"\p{C}\p{Z}]/gu, char => {
    if (char === ' ') return char;
    if (char === '"' || char === "'") return char === quote ? `\\${char}` : char;
    return SHORT[char] ?? hexEscape(char.codePointAt(0) ?? 0);
  });
  return quote + escaped + quote;
}

const SHORT: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function hexEscape(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
