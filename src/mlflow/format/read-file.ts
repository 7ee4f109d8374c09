/** Small text files of a model directory, read within bounds. */
import { readFile, stat } from 'node:fs/promises';
import { GenAIError, isGenAIError } from '../../errors.ts';
import { resolveInside } from './safe-path.ts';

/**
 * The text of a file below a model directory.
 *
 * @param what names the file in messages: `the MLmodel file`
 * @param maxBytes the most that is read
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` for a file that is missing, no file, too long or not UTF-8;
 *   `ERR_MLFLOW_UNSAFE_PATH` for one outside of the directory
 */
export async function readTextInside(
  directory: string,
  relative: unknown,
  what: string,
  maxBytes: number,
): Promise<string> {
  const path = await resolveInside(directory, relative, what);
  const fail = (why: string, cause?: unknown): never => {
    throw new GenAIError('ERR_MLFLOW_FORMAT', `${what} at ${path} ${why}.`, {
      ...(cause === undefined ? {} : { cause }),
      details: { path },
    });
  };
  let bytes: Uint8Array;
  try {
    const info = await stat(path);
    if (info.isDirectory()) return fail('is a directory, where a file is expected');
    // To open a pipe would wait for its writer, and a device may never end.
    if (!info.isFile()) return fail('is no regular file');
    if (info.size > maxBytes) return fail(`has ${info.size} bytes, more than the ${maxBytes} that are read`);
    bytes = await readFile(path);
  } catch (cause) {
    if (isGenAIError(cause)) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    return fail(code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be read: ${message}`, cause);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    return fail('is not UTF-8 text', cause);
  }
}
