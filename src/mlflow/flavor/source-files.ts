/** The files that an artifact consists of. */
import type { BigIntStats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GenAIError } from '../../errors.ts';

/** A file to be packaged. */
export interface SourceFile {
  /** Absolute path, links resolved. */
  readonly source: string;
  /** Below the model directory, with `/`. */
  readonly path: string;
  readonly size: number;
  /** What it looked like when it was listed; see `stampOf`. */
  readonly stamp: string;
}

/** What changes when somebody writes to a file, or puts another one in its place. */
export async function stampOf(path: string): Promise<string> {
  return toStamp(await stat(path, { bigint: true }));
}

function toStamp({ mtimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs} ${size} ${ino}`;
}

/** An empty folder is kept, too; its path. */
export interface SourceTree {
  readonly files: SourceFile[];
  readonly directories: string[];
}

/**
 * Every file below `source`, or `source` itself, sorted by path.
 *
 * A link to a file is followed wherever it leads: the folders of a Hugging Face cache are full of links to
 * `../../blobs`, and who packages such a folder means the files. A link to a folder is refused: it can lead in circles
 * and take half a disk along.
 *
 * @param path where it goes, below the model directory
 * @throws {GenAIError} `ERR_MLFLOW_TRANSFER` for what is missing or cannot be copied (a socket, a device),
 *   `ERR_MLFLOW_UNSAFE_PATH` for a link to a folder
 */
export async function listSource(source: string, path: string): Promise<SourceTree> {
  const tree: SourceTree = { files: [], directories: [] };
  const info = await statOf(source);
  // The artifact itself may be a link: the caller has named it.
  if (info.isDirectory()) await listFolder(await realpath(source), path, tree);
  else tree.files.push(await fileOf(source, path, info));
  return tree;
}

async function listFolder(folder: string, path: string, tree: SourceTree): Promise<void> {
  tree.directories.push(path);
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [from, to] = [join(folder, entry.name), `${path}/${entry.name}`];
    const info = await statOf(from);
    if (!info.isDirectory()) tree.files.push(await fileOf(from, to, info));
    else if (entry.isSymbolicLink()) throw linkToFolder(from);
    else await listFolder(from, to, tree);
  }
}

async function fileOf(source: string, path: string, info: BigIntStats): Promise<SourceFile> {
  if (!info.isFile()) {
    throw new GenAIError('ERR_MLFLOW_TRANSFER', `${source} is ${kindOf(info)}, which cannot be packaged; remove it.`, {
      details: { path: source },
    });
  }
  return { source: await realpath(source), path, size: Number(info.size), stamp: toStamp(info) };
}

function kindOf(info: BigIntStats): string {
  if (info.isSocket()) return 'a socket';
  if (info.isFIFO()) return 'a pipe';
  return 'a device';
}

async function statOf(path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true });
  } catch (cause) {
    const message = `${path} cannot be read: ${(cause as Error).message}.`;
    throw new GenAIError('ERR_MLFLOW_TRANSFER', message, { cause, details: { path } });
  }
}

function linkToFolder(path: string): GenAIError {
  const message = `${path} is a link to a folder, which is not followed; put the folder in its place, or remove it.`;
  return new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { details: { path } });
}
