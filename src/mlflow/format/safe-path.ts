/** Paths that an MLmodel file or a server names. None of them may lead out of the directory they belong to. */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { GenAIError } from '../../errors.ts';

/**
 * Checks a relative path by its letters alone, for names that a server sends.
 *
 * Both `/` and `\` separate names here, whatever the machine: a model is saved on one and loaded on another.
 *
 * @param what names the path in the message: `the path of artifact "phi3"`
 * @returns the path without `.` and empty segments; it names something below the directory, never the directory itself
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH` for an empty or absolute path (POSIX or Windows), `..`, NUL
 */
export function safeRelativePath(relative: unknown, what: string): string {
  const path = lexical(relative, what);
  return path === '' ? refuse(relative, what, 'it names no file') : path;
}

/**
 * The absolute path of `relative` below `root`, which need not exist yet. `.` is the root itself.
 *
 * Symbolic links are followed: one that ends outside of `root`, or nowhere, is refused. A program that swaps a folder
 * for a link after this check is not held off: keep strangers from writing into a model directory.
 *
 * @param what names the path in the message
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH`
 */
export async function resolveInside(root: string, relative: unknown, what: string): Promise<string> {
  const path = lexical(relative, what);
  const base = resolve(root);
  const target = join(base, path);
  const realBase = await deepestReal(base, relative, what);
  const real = await deepestReal(target, relative, what);
  const inside = real === realBase || real.startsWith(realBase.endsWith(sep) ? realBase : realBase + sep);
  if (!inside) refuse(relative, what, 'a symbolic link on it leads out of the directory');
  return target;
}

function lexical(relative: unknown, what: string): string {
  if (typeof relative !== 'string') return refuse(relative, what, 'it is not a string');
  if (relative === '') return refuse(relative, what, 'it is empty');
  if (relative.includes('\0')) return refuse(relative, what, 'it holds a NUL character');
  if (/^(?:[/\\]|[A-Za-z]:)/.test(relative)) return refuse(relative, what, 'it is absolute');
  if (relative.split(/[/\\]/).includes('..')) return refuse(relative, what, 'it climbs up with ".."');
  return relative
    .split('/')
    .filter(name => name !== '' && name !== '.')
    .join('/');
}

/** The real path of the deepest part of `path` that exists. */
async function deepestReal(path: string, relative: unknown, what: string): Promise<string> {
  for (let probe = path; ; probe = dirname(probe)) {
    try {
      return await realpath(probe);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') refuse(relative, what, `it cannot be followed (${code})`, error);
    }
    // Something is there that has no real path: a link whose end is missing. Writing to it would create that end.
    if (await exists(probe)) refuse(relative, what, 'a symbolic link on it leads nowhere');
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function refuse(path: unknown, what: string, why: string, cause?: unknown): never {
  throw new GenAIError(
    'ERR_MLFLOW_UNSAFE_PATH',
    `${what} is ${JSON.stringify(path) ?? String(path)}, but ${why}: it must be a path below its directory.`,
    { details: { path, what }, ...(cause === undefined ? {} : { cause }) },
  );
}
