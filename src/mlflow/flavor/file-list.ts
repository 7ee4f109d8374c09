/** Sizes and hashes of the files that a saved model runs from. */
import { stat } from 'node:fs/promises';
import { GenAIError } from '../../errors.ts';
import { readTextInside } from '../format/read-file.ts';
import { resolveInside } from '../format/safe-path.ts';
import { FileHasher } from './hash-file.ts';
import { FILE_LIST } from './names.ts';

export interface ListedFile {
  /** Below the model directory, with `/`. */
  readonly path: string;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

export function stringifyFileList(files: readonly ListedFile[]): string {
  return `${JSON.stringify({ files }, null, 2)}\n`;
}

/** A list of ten thousand files is shorter. */
const MAX_BYTES = 4 * 2 ** 20;

/** @throws {GenAIError} `ERR_MLFLOW_FORMAT` for a list that is missing or broken */
export async function readFileList(directory: string, path: unknown): Promise<readonly ListedFile[]> {
  const what = 'The list of files';
  const text = await readTextInside(directory, path, what, MAX_BYTES);
  let files: unknown;
  try {
    files = (JSON.parse(text) as { files?: unknown } | null)?.files;
  } catch (cause) {
    throw broken(`${what}, ${FILE_LIST}, is no JSON: ${(cause as Error).message}.`, {}, cause);
  }
  if (!Array.isArray(files) || !files.every(isListed)) {
    throw broken(`${what}, ${FILE_LIST}, must hold { "files": [{ "path", "size", "sha256" }] }.`, {});
  }
  return files;
}

function isListed(file: Partial<ListedFile> | null): file is ListedFile {
  return typeof file?.path === 'string' && typeof file.size === 'number' && typeof file.sha256 === 'string';
}

/**
 * Compares the files of a model directory with its list.
 *
 * @param verify `"size"` looks at no contents; `"hash"` reads every file
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` naming the file that is missing or differs
 */
export async function verifyFiles(
  directory: string,
  files: readonly ListedFile[],
  verify: 'size' | 'hash',
  signal?: AbortSignal,
): Promise<void> {
  await using hasher = new FileHasher();
  for (const { path, size, sha256 } of files) {
    const file = await resolveInside(directory, path, 'A path in the list of files');
    const info = await stat(file).catch(() => null);
    if (info === null || !info.isFile()) throw damaged(path, 'is missing');
    if (info.size !== size) throw damaged(path, `has ${info.size} bytes, where ${size} were saved`);
    if (verify === 'hash' && (await hasher.hash(file, size, { signal })).sha256 !== sha256) {
      throw damaged(path, 'is not what was saved: its SHA-256 differs');
    }
  }
}

function damaged(path: string, what: string): GenAIError {
  return broken(`${path} of the model ${what}. Copy or download the model again.`, { path });
}

function broken(message: string, details: Record<string, unknown>, cause?: unknown): GenAIError {
  return new GenAIError('ERR_MLFLOW_FORMAT', message, { details, ...(cause === undefined ? {} : { cause }) });
}
