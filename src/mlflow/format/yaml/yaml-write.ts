/** YAML as PyYAML's `safe_dump(value, default_flow_style=False)` writes it: block style, sorted keys, ASCII only. */
import { GenAIError } from '../../../errors.ts';
import { byCodePoint } from '../python/code-points.ts';
import { isPythonInt, pythonFloat } from '../python/python-number.ts';
import { isPlainText, YamlTimestamp } from './yaml-scalars.ts';
import { formatScalar, type Place } from './yaml-strings.ts';

const LONGEST_KEY = 122;

const MAX_DEPTH = 100;

/**
 * Writes plain data so that PyYAML reads back an equal value: texts that it would take for something else (`yes`,
 * `012`, `1_000`, `12:30`, `2024-01-31`) get quotes, everything outside ASCII is escaped.
 *
 * Takes null, booleans, numbers, bigints, texts, arrays, plain objects, and what `parseYaml` gives for dates
 * (`YamlTimestamp`), bytes (`Uint8Array`) and sets. Members that are undefined are left out. A number without a
 * fraction is written as an int, since JavaScript has no other mark of a float.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for other values (Date, Map, functions), circles, lone surrogates
 */
export function stringifyYaml(value: unknown): string {
  const inline = formatInline(value, -1, 2, []);
  return inline === null ? formatBlock(value, 0, []).replace(/^\n/, '') : `${inline.trimStart()}\n`;
}

type Path = readonly (string | number)[];

/** What fits on the line of its key, with the space before it; null for collections that need lines of their own. */
function formatInline(value: unknown, column: number, indent: number, path: Path): string | null {
  if (value === null) return ' null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return ` ${value}`;
  if (typeof value === 'number') return ` ${formatNumber(value)}`;
  if (typeof value === 'string') return ` ${formatText(value, { column: column + 1, indent, mayFold: true }, path)}`;
  if (value instanceof YamlTimestamp) return ` ${value.text}`;
  if (value instanceof Uint8Array) return formatBytes(value, indent);
  if (Array.isArray(value)) return value.length === 0 ? ' []' : null;
  if (value instanceof Set) return value.size === 0 ? ' !!set {}' : null;
  if (isPlainObject(value)) return Object.values(value).every(item => item === undefined) ? ' {}' : null;
  throw refusal(path, `is ${Object.prototype.toString.call(value).slice(8, -1)}, which YAML cannot hold`);
}

/** A collection that is not empty, from the line break before it to the one at its end. */
function formatBlock(value: unknown, indent: number, path: Path): string {
  if (path.length > MAX_DEPTH) throw refusal(path, `is nested deeper than ${MAX_DEPTH} levels, or holds itself`);
  if (Array.isArray(value))
    return `\n${value.map((item, index) => formatMarked('-', item, indent, [...path, index])).join('')}`;
  const entries = value instanceof Set ? [...value].map(key => [key, null] as const) : Object.entries(value as object);
  const lines = entries
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => byCodePoint(String(a), String(b)))
    .map(([key, item]) => formatEntry(key, item, indent, [...path, String(key)]));
  return `${value instanceof Set ? ' !!set' : ''}\n${lines.join('')}`;
}

function formatEntry(key: unknown, item: unknown, indent: number, path: Path): string {
  const pad = ' '.repeat(indent);
  if (isLongKey(key)) {
    return `${pad}?${formatInline(key, indent + 1, indent + 2, path)}\n${formatMarked(':', item, indent, path)}`;
  }
  const name =
    typeof key === 'string' ? formatText(key, { column: indent, indent, mayFold: false }, path) : String(key);
  const inline = formatInline(item, indent + name.length + 1, indent + 2, path);
  if (inline !== null) return `${pad}${name}:${inline}\n`;
  // The dashes of a sequence stand under the key.
  return `${pad}${name}:${formatBlock(item, Array.isArray(item) ? indent : indent + 2, path)}`;
}

/** Readers look for the colon behind a key on one line and in a bounded distance; other keys are marked with `?`. */
function isLongKey(key: unknown): boolean {
  return (
    typeof key === 'string' && (key === '' || Array.from(key).length > LONGEST_KEY || /[\n\x85\u2028\u2029]/.test(key))
  );
}

/** What follows a dash, or the colon of a long key. The first entry of a collection stands on the same line. */
function formatMarked(mark: '-' | ':', item: unknown, indent: number, path: Path): string {
  const pad = ' '.repeat(indent);
  const inline = formatInline(item, indent + 1, indent + 2, path);
  if (inline !== null) return `${pad}${mark}${inline}\n`;
  const block = formatBlock(item, indent + 2, path);
  return block.startsWith('\n') ? `${pad}${mark} ${block.slice(1 + indent + 2)}` : `${pad}${mark}${block}`;
}

function formatText(text: string, place: Place, path: Path): string {
  if (/\p{Surrogate}/u.test(text)) throw refusal(path, 'holds a lone surrogate, which no file can hold');
  return formatScalar(text, isPlainText(text), place);
}

/** Lines of 76 characters, as a block. */
function formatBytes(bytes: Uint8Array, indent: number): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return lines.length === 0
    ? " !!binary ''"
    : ` !!binary |${lines.map(line => `\n${' '.repeat(indent)}${line}`).join('')}`;
}

function formatNumber(value: number): string {
  if (isPythonInt(value)) return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  const text = pythonFloat(value);
  // A YAML 1.1 float has a point.
  return text.includes('.') ? text : text.replace('e', '.0e');
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function refusal(path: Path, why: string): GenAIError {
  const name = path.length === 0 ? 'the value' : path.slice(0, 8).join('.');
  return new GenAIError('ERR_GENAI_INVALID_ARGUMENT', `${name} ${why}. Give plain data.`, {
    details: { argument: name },
  });
}
