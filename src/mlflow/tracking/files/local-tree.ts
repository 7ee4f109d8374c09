/** All files below a directory of this machine that is to be uploaded. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveInside } from '../../format/safe-path.ts';
import { checkUploadPath } from '../check.ts';
import type { LocalFile } from './artifact-store.ts';
import { asTransferError, transferError } from './transfer-error.ts';

export interface TreeFile extends LocalFile {
  /** Relative to the directory, with `/`. */
  readonly path: string;
}

/**
 * Sorted by path. Links to files are followed as long as they stay inside; links to directories are not, as in Python.
 *
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH` for a name that the server refuses or a link that leads out;
 *   `ERR_MLFLOW_TRANSFER` when something cannot be read or is no file
 */
export async function listLocalTree(directory: string): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      else {
        const file = await toFile(directory, path, entry.isSymbolicLink());
        if (file !== undefined) files.push(file);
      }
    }
  };
  try {
    await visit('');
  } catch (error) {
    throw asTransferError(error, directory, directory);
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function toFile(directory: string, path: string, isLink: boolean): Promise<TreeFile | undefined> {
  const what = `The path of a file in ${directory}`;
  checkUploadPath(path, what);
  const source = await resolveInside(directory, path, what);
  const info = await stat(source);
  if (isLink && info.isDirectory()) return undefined;
  if (!info.isFile()) {
    throw transferError(`${source} is neither a file nor a directory. Remove it, or upload the rest alone.`, {
      path: source,
    });
  }
  return { path, source, size: info.size };
}
