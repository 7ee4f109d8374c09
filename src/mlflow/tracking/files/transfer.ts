/** Files between this machine and a store of artifacts. */
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GenAIError } from '../../../errors.ts';
import { throwIfAborted } from '../../../util/abort.ts';
import { stagingName } from '../../../util/staging.ts';
import type { FileInfo } from '../entities.ts';
import type { ArtifactStore, Fetched } from './artifact-store.ts';
import { inParallel } from './in-parallel.ts';
import { listLocalTree, type TreeFile } from './local-tree.ts';
import { meterProgress } from './progress.ts';
import { listTree } from './remote-tree.ts';
import { asTransferError, transferError } from './transfer-error.ts';
import {
  checkTransfer,
  type DownloadDirectoryOptions,
  type DownloadFileOptions,
  type TransferOptions,
} from './transfer-options.ts';

/** What an upload has stored. */
export interface Uploaded {
  readonly files: number;
  readonly bytes: number;
}

/** A file that was downloaded; `path` is relative to the directory. */
export interface DownloadedFile extends Fetched {
  readonly path: string;
}

export async function uploadTree(
  store: ArtifactStore,
  directory: string,
  below: string,
  options: TransferOptions,
): Promise<Uploaded> {
  return uploadFiles(store, await listLocalTree(resolve(directory)), below, options);
}

export async function uploadFiles(
  store: ArtifactStore,
  files: readonly TreeFile[],
  below: string,
  { signal, onProgress, concurrency }: TransferOptions,
): Promise<Uploaded> {
  const { atOnce } = checkTransfer({ concurrency });
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const meter = meterProgress({ bytes, files: files.length }, onProgress);
  await inParallel(files, atOnce, signal, async (file, stop) => {
    const path = below === '' ? file.path : `${below}/${file.path}`;
    await store.upload(file, path, { signal: stop, onBytes: more => meter.add(file.path, more) });
    meter.finish(file.path);
  });
  return { files: files.length, bytes };
}

/**
 * @param target an existing directory, which only this download writes to
 */
export async function downloadTree(
  store: ArtifactStore,
  below: string,
  target: string,
  options: DownloadDirectoryOptions,
): Promise<DownloadedFile[]> {
  const { signal, onProgress, concurrency, hashes = false } = options;
  // A map: a server may name a file `constructor`.
  const expected = new Map(Object.entries(options.sha256 ?? {}));
  const { atOnce } = checkTransfer({ concurrency });
  const files = await listTree(store, below, signal);
  const where = below === '' ? store.uri : `${store.uri}/${below}`;
  if (files.length === 0) {
    const message = `${where} holds no files. Does it exist, and is it a directory?`;
    throw transferError(message, { uri: where });
  }
  for (const path of expected.keys()) {
    if (!files.some(file => file.path === path)) throw transferError(`${path} is missing in ${where}.`, { path });
  }
  const bytes = files.reduce((sum, file) => sum + (file.fileSize ?? 0), 0);
  const meter = meterProgress({ bytes, files: files.length }, onProgress);
  await makeDirectories(target, files);
  return inParallel(files, atOnce, signal, async (file, stop) => {
    const path = below === '' ? file.path : `${below}/${file.path}`;
    const fetched = await store.download(path, join(target, file.path), {
      size: file.fileSize,
      hash: hashes || expected.has(file.path),
      signal: stop,
      onBytes: more => meter.add(file.path, more),
    });
    checkHash(file.path, fetched, expected.get(file.path));
    meter.finish(file.path);
    return { path: file.path, ...fetched };
  });
}

async function makeDirectories(target: string, files: readonly FileInfo[]): Promise<void> {
  try {
    for (const directory of new Set(files.map(file => dirname(file.path)))) {
      await mkdir(join(target, directory), { recursive: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw asTransferError(error, target, target);
    const message = `The server lists a file and a directory of one name: ${(error as Error).message}`;
    throw new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { cause: error });
  }
}

/** One file, which is there whole or not at all. */
export async function downloadOne(
  store: ArtifactStore,
  path: string,
  target: string,
  { signal, onProgress, hashes = false, sha256 }: DownloadFileOptions,
): Promise<Fetched> {
  throwIfAborted(signal);
  const place = resolve(target);
  const temporary = join(dirname(place), stagingName(basename(place)));
  const size = (await store.list(dirOf(path), signal)).find(file => file.path === basename(path))?.fileSize;
  const meter = meterProgress({ bytes: size ?? 0, files: 1 }, onProgress);
  try {
    await mkdir(dirname(place), { recursive: true });
    const hash = hashes || sha256 !== undefined;
    const onBytes = (more: number): void => meter.add(path, more);
    const fetched = await store.download(path, temporary, { size, hash, signal, onBytes });
    checkHash(path, fetched, sha256);
    await moveFile(temporary, place);
    meter.finish(path);
    return fetched;
  } catch (error) {
    throw asTransferError(error, place, place);
  } finally {
    await rm(temporary, { force: true });
  }
}

function dirOf(path: string): string {
  const directory = dirname(path);
  return directory === '.' ? '' : directory;
}

/** A link is made only where nothing is; a rename would replace what is there. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      const message = `${to} exists already. Choose another path, or remove it first.`;
      throw new GenAIError('ERR_MLFLOW_PATH_EXISTS', message, { cause: error, details: { path: to } });
    }
    await rename(from, to); // a file system without links
  }
}

function checkHash(path: string, { sha256, size }: Fetched, expected: string | undefined): void {
  if (expected === undefined || sha256 === expected.toLowerCase()) return;
  const message = `${path} has ${size} bytes with the SHA-256 ${sha256}, but should have ${expected}.`;
  throw transferError(message, { path, expected, actual: sha256 });
}
