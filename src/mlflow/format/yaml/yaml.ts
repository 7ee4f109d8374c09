/**
 * YAML as PyYAML reads and writes it, since the files are its: MLmodel, conda.yaml, python_env.yaml.
 *
 * Reading follows its safe loader (YAML 1.1), with bounds that a file by a stranger cannot break.
 */
import {
  binaryTag,
  defineMappingTag,
  defineScalarTag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  Schema,
  seqTag,
  setTag,
  strTag,
  YAMLException,
} from 'js-yaml';
import { GenAIError } from '../../../errors.ts';
import { readBool, readFloat, readInt, readNull, readTimestamp, YamlTimestamp } from './yaml-scalars.ts';

export { stringifyYaml } from './yaml-write.ts';

/** Characters of a YAML text. Real MLmodel files have some thousand. */
export const MAX_YAML_LENGTH: number = 4 * 1024 * 1024;

/** Levels of nesting. */
const MAX_DEPTH = 100;

/** Values, where an alias counts as all that it stands for: a few lines of nested aliases can stand for billions. */
const MAX_VALUES = 200_000;

const TAG = 'tag:yaml.org,2002:';

/** A tag from one of our readers, which answer `undefined` for a text that is not theirs. */
function scalarTag(name: string, read: (text: string) => unknown): ReturnType<typeof defineScalarTag> {
  return defineScalarTag<unknown>(TAG + name, {
    implicit: true,
    resolve: source => {
      const value = read(source);
      return value === undefined ? NOT_RESOLVED : value;
    },
    identify: () => false,
  });
}

function existingTimestamp(text: string): YamlTimestamp | undefined {
  const time = readTimestamp(text);
  if (time === null) throw new RangeError(`there is no such date or time: ${text}`);
  return time;
}

/** PyYAML has a tag for `=`, but nothing that reads it. */
function refuseValueTag(text: string): undefined {
  if (text === '=')
    throw new SyntaxError('"=" without quotes has a meaning of its own in YAML 1.1: write it in quotes');
  return undefined;
}

/** `<<` without quotes. As a key it merges; as a value PyYAML knows it no better than `=`, and `count` refuses it. */
const MERGE_VALUE = Symbol('<<');
const MERGE = { ...mergeTag, resolve: (text: string) => (text === '<<' ? MERGE_VALUE : NOT_RESOLVED) };

const SCHEMA = new Schema([
  strTag,
  seqTag,
  // JavaScript has only texts for keys, so other scalars become texts, as in JSON.
  defineMappingTag<Record<string, unknown>>(mapTag.tagName, {
    ...mapTag,
    addPair: (map, key, value) => mapTag.addPair(map, key instanceof YamlTimestamp ? key.text : key, value),
  }),
  scalarTag('bool', readBool),
  scalarTag('int', readInt),
  scalarTag('float', readFloat),
  MERGE,
  scalarTag('null', readNull),
  scalarTag('timestamp', existingTimestamp),
  scalarTag('value', refuseValueTag),
  binaryTag,
  setTag,
]);

/**
 * Reads one YAML document as PyYAML's `safe_load` does: an empty text is null, of a key that stands twice the last
 * counts, integers that a number cannot hold are bigints, dates are `YamlTimestamp`, `!!binary` and `!!set` are
 * `Uint8Array` and `Set`. No other tag is known, above all none of Python's.
 *
 * @param what names the text in messages: `the MLmodel file at /models/phi3`
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` for what is not YAML, for unknown tags and for more than 4 Mi characters,
 *   100 levels or 200,000 values
 */
export function parseYaml(text: string, what: string): unknown {
  return parse(text, what, false);
}

/** The message for a key that stands twice in one mapping, of which PyYAML silently takes the last; null if none. */
export function duplicateKey(text: string, what: string): string | null {
  try {
    parse(text, what, true);
    return null;
  } catch (error) {
    const { message } = error as Error;
    return message.includes('duplicated mapping key') ? message : null;
  }
}

function parse(text: string, what: string, keysOnce: boolean): unknown {
  if (text.length > MAX_YAML_LENGTH) fail(what, `it has ${text.length} characters, more than ${MAX_YAML_LENGTH}`);
  // PyYAML ends a line at U+0085, U+2028 and U+2029, which other readers of YAML do not.
  const strange = /[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  if (strange !== null) {
    const code = strange[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    fail(
      what,
      `it holds the character U+${code} at index ${strange.index}, which must be written as an escape in quotes`,
    );
  }
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema: SCHEMA, json: !keysOnce, maxDepth: 2 * MAX_DEPTH, maxAliases: 10_000 });
  } catch (cause) {
    return fail(what, reasonOf(cause), cause);
  }
  if (documents.length > 1) fail(what, `it holds ${documents.length} documents, where one is expected`);
  const [value = null] = documents;
  const budget = { left: MAX_VALUES };
  count(value, 0, budget, what);
  return value;
}

/** One line, where js-yaml adds a picture of the place. */
function reasonOf(error: unknown): string {
  if (!(error instanceof YAMLException)) return (error as Error).message;
  const { reason, mark } = error;
  return mark === undefined ? reason : `${reason} (line ${mark.line + 1}, column ${mark.column + 1})`;
}

/** Aliases share values, so a tree of them costs nothing until somebody walks through it. */
function count(value: unknown, depth: number, budget: { left: number }, what: string): void {
  budget.left -= 1;
  if (budget.left < 0) fail(what, `it stands for more than ${MAX_VALUES} values, counting what its aliases repeat`);
  if (depth > MAX_DEPTH) fail(what, `its aliases nest deeper than ${MAX_DEPTH} levels, or in a circle`);
  if (value === MERGE_VALUE) fail(what, '"<<" without quotes has a meaning of its own in YAML 1.1: write it in quotes');
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const item of value instanceof Set ? value : Object.values(value)) count(item, depth + 1, budget, what);
}

function fail(what: string, why: string, cause?: unknown): never {
  throw new GenAIError('ERR_MLFLOW_FORMAT', `${what} cannot be read as YAML: ${why.trimEnd().replace(/\.$/, '')}.`, {
    ...(cause === undefined ? {} : { cause }),
    details: { what },
  });
}
