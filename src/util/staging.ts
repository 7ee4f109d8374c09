/**
 * A directory that appears whole or not at all: it is filled under another name beside its place, brought to the disk,
 * and renamed. A name that ends in `.tmp` and begins with a dot is what a killed process left behind; it can be removed.
 */
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GenAIError } from '../errors.ts';
import { asTransferError } from './file-error.ts';

export interface StageOptions {
  /**
   * Wait until everything is on the disk before it gets its name; default true. Without it, a power cut soon after may leave
   * files without their content under that name: for what can be fetched again, where the wait is not worth its time.
   */
  readonly durable?: boolean;
}

/**
 * Gives `work` an empty directory beside `target`, and renames that to `target` when `work` is done. Missing parent
 * directories are made. Of two writers on one target exactly one wins.
 *
 * @param target a path that does not exist, or an empty directory
 * @param work fills the directory it is given; what it returns is returned
 * @throws {GenAIError} `ERR_MLFLOW_PATH_EXISTS`; `ERR_MLFLOW_TRANSFER` for a full disk, missing rights and other errors
 *   of the file system; or what `work` throws. The temporary directory is gone then.
 */
export async function stageDirectory<T>(
  target: string,
  work: (temporary: string) => Promise<T>,
  { durable = true }: StageOptions = {},
): Promise<T> {
  const place = resolve(target);
  if (await isTaken(place)) throw pathExists(place);
  const temporary = join(dirname(place), stagingName(basename(place)));
  try {
    await mkdir(dirname(place), { recursive: true });
    await mkdir(temporary);
    const result = await work(temporary);
    if (durable) await flush(temporary);
    await moveInto(place, temporary);
    // It stands in its place: whoever were told of a failure now would find the path taken.
    if (durable) await sync(dirname(place)).catch(() => {});
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {}); // the first error is the one that counts
    throw asTransferError(error, `${place} cannot be written`, place);
  }
}

/** A name beside `name` for what is not whole yet. */
export function stagingName(name: string): string {
  return `.${name}.${randomBytes(6).toString('hex')}.tmp`;
}

/** True for such a name: something is being made there, or a killed process left it behind. */
export function isStagingName(name: string): boolean {
  return /^\..+\.[0-9a-f]{12}\.tmp$/.test(name);
}

/** Throws nothing: what cannot be looked at shows itself when the directory is made. */
async function isTaken(place: string): Promise<boolean> {
  const there = await lstat(place).catch(() => null);
  if (there === null) return false;
  return !there.isDirectory() || (await readdir(place).catch(() => [''])).length > 0;
}

async function moveInto(place: string, temporary: string): Promise<void> {
  // Windows renames onto nothing, not even onto an empty directory. Elsewhere an empty one is replaced.
  if (process.platform === 'win32') await rmdir(place).catch(() => {});
  try {
    await rename(temporary, place);
  } catch (error) {
    if (await isTaken(place)) throw pathExists(place);
    throw error;
  }
}

function pathExists(place: string): GenAIError {
  const message = `${place} exists already. Choose another path, or remove it first.`;
  return new GenAIError('ERR_MLFLOW_PATH_EXISTS', message, { details: { path: place } });
}

/** Every file, then the directory that lists it: after a power cut no file of a directory in its place is empty. */
async function flush(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await flush(path);
    else if (entry.isFile()) await sync(path);
  }
  await sync(directory);
}

async function sync(path: string): Promise<void> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    // Windows opens no directory.
    if (process.platform === 'win32') return;
    throw error;
  }
  try {
    await file.sync();
  } catch (error) {
    // Some file systems cannot; Windows not for a file that is open for reading only.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EPERM') throw error;
  } finally {
    await file.close();
  }
}
