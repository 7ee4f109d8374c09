/** JSON as Python's `json.dumps` writes it with its default settings. */
import { GenAIError } from '../../../errors.ts';
import { isPythonInt, PythonFloat, pythonFloat } from './python-number.ts';

/** Separators of `json.dumps`: on one line, or with an indentation of so many spaces. */
export interface PythonJsonOptions {
  readonly indent?: number;
}

const MAX_DEPTH = 200;

/**
 * Writes `", "` and `": "` between values, escapes everything outside ASCII, `NaN` and `Infinity` by these names, and
 * floats as Python does (`1e-07`). Bigints are integers. Members that are undefined are left out, as in JavaScript.
 * A Map is an object with its entries in their order, which a JavaScript object does not keep for names of digits.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for what JSON cannot hold
 */
export function pythonJson(value: unknown, { indent = 0 }: PythonJsonOptions = {}): string {
  return write(value, indent, 0);
}

function write(value: unknown, indent: number, depth: number): string {
  if (depth > MAX_DEPTH) throw cannotHold(`is nested deeper than ${MAX_DEPTH} levels, or holds itself`);
  if (typeof value === 'string') return pythonJsonText(value);
  if (typeof value === 'number') return isPythonInt(value) ? String(value) : jsonFloat(value);
  if (value instanceof PythonFloat) return jsonFloat(value.value);
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  const plain = hasToJson(value) ? value.toJSON() : value;
  if (plain !== value) return write(plain, indent, depth + 1);
  if (Array.isArray(plain)) {
    return enclose(
      '[]',
      plain.map(item => write(item ?? null, indent, depth + 1)),
      indent,
      depth,
    );
  }
  if (typeof plain !== 'object' || plain === null || ArrayBuffer.isView(plain) || plain instanceof Set) {
    throw cannotHold(`holds ${plain === undefined ? 'undefined' : Object.prototype.toString.call(plain)}`);
  }
  const entries = entriesOf(plain).filter(([, item]) => item !== undefined);
  const members = entries.map(([key, item]) => `${pythonJsonText(key)}: ${write(item, indent, depth + 1)}`);
  return enclose('{}', members, indent, depth);
}

function entriesOf(value: object): (readonly [string, unknown])[] {
  return value instanceof Map
    ? [...(value as Map<unknown, unknown>)].map(([key, item]) => [String(key), item])
    : Object.entries(value);
}

function enclose(brackets: string, items: readonly string[], indent: number, depth: number): string {
  const [open = '', close = ''] = brackets;
  if (items.length === 0) return brackets;
  if (indent === 0) return open + items.join(', ') + close;
  const pad = '\n'.padEnd(1 + indent * (depth + 1));
  return `${open}${pad}${items.join(`,${pad}`)}${'\n'.padEnd(1 + indent * depth)}${close}`;
}

/** One text in quotes. */
function pythonJsonText(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function jsonFloat(value: number): string {
  if (Number.isFinite(value)) return pythonFloat(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

function hasToJson(value: unknown): value is { toJSON: () => unknown } {
  return typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
}

function cannotHold(why: string): GenAIError {
  return new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `The value cannot be written as JSON: it ${why}. Give plain data.`,
  );
}
