/** A large file to another place. The kernel copies it; nothing of it goes through JavaScript but what is hashed. */
import { constants } from 'node:fs';
import { copyFile, link, open } from 'node:fs/promises';
import { GenAIError } from '../../errors.ts';
import type { FileHasher, HashOptions } from './hash-file.ts';
import { type SourceFile, stampOf } from './source-files.ts';

export interface CopyOptions extends HashOptions {
  /** Hard links instead of copies, where the file system can. */
  readonly link?: 'hard' | undefined;
}

/**
 * Copies a file while its source is hashed: a clone where the file system shares blocks (Btrfs, XFS, ReFS, APFS). What is
 * copied is on its way to the disk when this returns; a copy that has begun is waited for, also after an abort.
 *
 * @param target must not exist
 * @returns the SHA-256 of the file, in hex
 * @throws {GenAIError} `ERR_MLFLOW_TRANSFER` when the source has changed since it was listed; errors of the file system; or the
 *   signal's reason
 */
export async function copyHashed(
  file: SourceFile,
  target: string,
  hasher: FileHasher,
  options: CopyOptions = {},
): Promise<string> {
  const { link: kind, signal, onBytes } = options;
  const copying = copy(file.source, target, kind);
  const hashing = hasher.hash(file.source, file.size, { signal, onBytes });
  // Nothing goes on behind the caller's back when one of them fails.
  await Promise.allSettled([copying, hashing]);
  await copying;
  const { sha256, bytes } = await hashing;
  if (bytes !== file.size || file.stamp !== (await stampOf(file.source))) throw changed(file);
  return sha256;
}

async function copy(source: string, target: string, kind: 'hard' | undefined): Promise<void> {
  if (kind === 'hard' && (await tryLink(source, target))) return;
  await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  // Whoever saves a model waits for the disk in the end; meanwhile the hash goes on.
  const copied = await open(target, 'r+').catch(() => null); // one that is read-only waits for stageDirectory
  try {
    await copied?.datasync();
  } finally {
    await copied?.close();
  }
}

/** What file systems say that cannot: on another device, not supported, too many links, not permitted. */
const CANNOT = ['EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EPERM', 'EACCES'];

async function tryLink(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if (CANNOT.includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}

function changed({ source }: SourceFile): GenAIError {
  const message = `${source} was changed while it was saved. Save again when nothing writes to it.`;
  return new GenAIError('ERR_MLFLOW_TRANSFER', message, { details: { path: source } });
}
