/**
 * Rules of the server that it does not tell of, or tells of too late: it cuts long values and reads unknown words as the
 * default. Source: mlflow/utils/validation.py of 3.17.2.
 */
import { GenAIError, invalidArgument } from '../../errors.ts';
import { safeRelativePath } from '../format/safe-path.ts';

export const MAX_KEY_LENGTH = 250;
export const MAX_PARAM_LENGTH = 6000;
export const MAX_TAG_LENGTH = 8000;
export const MAX_EXPERIMENT_TAG_LENGTH = 20_000;
export const MAX_REGISTRY_TAG_LENGTH = 100_000;

/** What may be logged as a parameter or tag; anything else becomes a text first, by the caller. */
export type Scalar = string | number | boolean;

/** The key of a parameter, a metric or a tag. */
export function checkKey(key: unknown, what: string): asserts key is string {
  if (typeof key !== 'string' || key === '') throw invalidArgument(what, 'a string that is not empty', key);
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    throw invalidArgument(what, 'made of letters, digits, spaces and the characters _ - . : /', key);
  }
  // The server may take it for a file's path.
  if (key.split('/').some(part => part === '' || part === '.' || part === '..')) {
    throw invalidArgument(what, 'without empty parts, "." and ".." between its slashes', key);
  }
  checkLength(key, MAX_KEY_LENGTH, what);
}

/** A value as the text that is stored, of which the server would silently cut what is too long. */
export function checkValue(value: unknown, limit: number, what: string): string {
  const plain = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
  if (!plain) throw invalidArgument(what, 'a string, a number or a boolean', value);
  const text = String(value);
  checkLength(text, limit, what);
  return text;
}

/** As the wire has tags and parameters. */
export function toPairs(
  values: Readonly<Record<string, Scalar>> | undefined,
  limit: number,
  what: string,
): { key: string; value: string }[] {
  if (values === undefined) return [];
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw invalidArgument(`${what}s`, 'an object', values);
  }
  return Object.entries(values).map(([key, value]) => {
    checkKey(key, `The key of a ${what}`);
    return { key, value: checkValue(value, limit, `The value of ${what} "${key}"`) };
  });
}

function checkLength(text: string, limit: number, what: string): void {
  // The server counts characters, JavaScript UTF-16 units, of which there are at least as many.
  const length = text.length > limit ? [...text].length : text.length;
  if (length > limit) {
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `${what} has ${length} characters, but the server takes at most ${limit}.`,
      { details: { argument: what, length, limit } },
    );
  }
}

export function checkExperimentName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name.trim() === '') throw invalidArgument('The experiment name', 'a text', name);
  checkLength(name, 500, 'The experiment name');
}

export function checkLoggedModelName(name: unknown): asserts name is string {
  const good = typeof name === 'string' && name !== '' && !/[/:.%"'\p{Cc}]/u.test(name);
  if (!good) throw invalidArgument('The name of a logged model', 'a text without any of / : . % " \'', name);
}

export function checkRegisteredModelName(name: unknown): asserts name is string {
  const good = typeof name === 'string' && name.trim() !== '' && !/[/:\p{Cc}]/u.test(name) && !/^\.\.?$/.test(name);
  if (!good) throw invalidArgument('The name of a registered model', 'a text without / and :', name);
}

export function checkAlias(alias: unknown): asserts alias is string {
  if (typeof alias !== 'string' || !/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw invalidArgument('alias', 'made of letters, digits, _ and -', alias);
  }
  if (/^(latest|v\d+)$/i.test(alias)) {
    throw invalidArgument('alias', 'another word: "latest" and "v" with a number stand for versions themselves', alias);
  }
  checkLength(alias, 255, 'alias');
}

/** @returns the version as text, which is what the server wants */
export function checkVersion(version: unknown): string {
  const text = typeof version === 'number' ? String(version) : version;
  if (typeof text !== 'string' || !/^[1-9]\d{0,17}$/.test(text)) {
    throw invalidArgument('version', 'an integer from 1', version);
  }
  return text;
}

/** Ids of runs, experiments and logged models, which become parts of a path. */
export function checkId(id: unknown, what: string): asserts id is string {
  if (typeof id !== 'string' || !/^[A-Za-z0-9][\w-]{0,255}$/.test(id)) {
    throw invalidArgument(what, 'an id as the server gives it (letters, digits, _ and -)', id);
  }
}

export function checkOneOf<Word extends string>(
  value: unknown,
  words: readonly Word[],
  what: string,
): asserts value is Word {
  if (!words.includes(value as Word)) {
    throw invalidArgument(what, words.map(word => JSON.stringify(word)).join(', '), value);
  }
}

/** Optional integers such as times, steps and numbers of results. */
export function checkInteger(value: unknown, what: string, least: number = Number.MIN_SAFE_INTEGER): void {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw invalidArgument(what, least === Number.MIN_SAFE_INTEGER ? 'an integer' : `an integer from ${least}`, value);
  }
}

/**
 * A path of an artifact as the server takes it: relative, without `..`, and without `#` (refused) and control characters
 * (not found). A name such as `a%41` is decoded once too often there and would be stored as `aA`.
 *
 * @param path `''` for the root
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH`
 */
export function checkArtifactPath(path: unknown, what = 'artifactPath'): string {
  if (path === '' || path === undefined) return '';
  const safe = safeRelativePath(path, what);
  const why = /[#\p{Cc}]/u.test(safe)
    ? 'the server refuses "#" and control characters in names'
    : isDecodable(safe)
      ? 'the server would decode its percent sign and store another name'
      : undefined;
  if (why === undefined) return safe;
  throw new GenAIError('ERR_MLFLOW_UNSAFE_PATH', `${what} is ${JSON.stringify(safe)}, but ${why}. Rename it.`, {
    details: { path: safe },
  });
}

/**
 * The path of a file that is about to be uploaded. Also without `?`: the server would take it, but Python's client cannot
 * fetch it again (it does not encode it).
 *
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH`
 */
export function checkUploadPath(path: string, what: string): string {
  const safe = checkArtifactPath(path, what);
  if (!safe.includes('?')) return safe;
  const message = `${what} is ${JSON.stringify(safe)}, but Python's client cannot read names with "?". Rename it.`;
  throw new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { details: { path: safe } });
}

function isDecodable(path: string): boolean {
  return /%[0-9a-f]{2}/i.test(path);
}
