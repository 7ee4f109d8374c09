/**
 * One large file to another place, read once: what is written is hashed on the way.
 *
 * Where the file system shares blocks (Btrfs, XFS, ReFS, APFS) a copy is a clone, and the hash is the only work. Node's own
 * copyFile is not used for the rest: it truncates the new file first, which makes ext4 write the file out when it is
 * closed (seen: twice the time of `cp`), and the hash would read everything again.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, open, unlink } from 'node:fs/promises';
import { GenAIError } from '../../errors.ts';
import { throwIfAborted } from '../../util/abort.ts';
import type { SourceFile } from './source-files.ts';

export interface CopyOptions {
  /** Hard links instead of copies, where the file system can. */
  readonly link?: 'hard' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of every piece that is done. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Three pieces are under way: one is read, one hashed, one written. */
const PIECES = 3;
const PIECE_BYTES = 2 ** 20;

/** What is written goes on to the disk meanwhile: whoever saves a model waits for that in the end (stageDirectory). */
const FLUSH_BYTES = 64 * PIECE_BYTES;

/**
 * @param target must not exist
 * @returns the SHA-256 of what was copied, in hex
 * @throws {GenAIError} `ERR_MLFLOW_TRANSFER` when the source changes meanwhile; errors of the file system; or the
 *   signal's reason
 */
export async function copyHashed(file: SourceFile, target: string, options: CopyOptions = {}): Promise<string> {
  await using source = await openSource(file.source);
  const before = await source.stat({ bigint: true });
  const shared =
    (options.link === 'hard' && (await tryLink(file.source, target))) || (await tryClone(file.source, target));
  const hash = createHash('sha256');
  let bytes: number;
  const limit = file.size;
  if (shared) {
    bytes = await pump(source, null, hash, { ...options, limit });
  } else {
    await using copy = await open(target, 'wx');
    bytes = await pump(source, copy, hash, { ...options, limit });
  }
  const after = await source.stat({ bigint: true });
  if (bytes !== file.size || before.mtimeNs !== after.mtimeNs || before.size !== after.size) throw changed(file);
  return hash.digest('hex');
}

/** Reads a file for its hash alone. */
export async function hashFile(path: string, options: CopyOptions = {}): Promise<string> {
  await using source = await open(path, 'r');
  const hash = createHash('sha256');
  await pump(source, null, hash, options);
  return hash.digest('hex');
}

async function openSource(path: string): Promise<FileHandle> {
  return open(path, 'r');
}

interface PumpOptions extends CopyOptions {
  /** A file that has grown beyond this is not read to its end, which may never come. */
  readonly limit?: number;
}

/** @returns the bytes read */
async function pump(source: FileHandle, copy: FileHandle | null, hash: Hash, options: PumpOptions): Promise<number> {
  const { signal, onBytes, limit = Number.POSITIVE_INFINITY } = options;
  const buffers = Array.from({ length: PIECES }, () => Buffer.allocUnsafe(PIECE_BYTES));
  const read = (index: number, position: number): Promise<{ bytesRead: number; buffer: Buffer }> =>
    handled(source.read(buffers[index % PIECES] as Buffer, 0, PIECE_BYTES, position));
  let position = 0;
  let flushed = 0;
  let reading = read(0, 0);
  let writing: Promise<unknown> = Promise.resolve();
  let flushing: Promise<unknown> = Promise.resolve();
  for (let index = 1; ; index++) {
    const { bytesRead, buffer } = await reading;
    throwIfAborted(signal);
    if (bytesRead === 0 || position > limit) break;
    const [piece, at] = [buffer.subarray(0, bytesRead), position];
    position += bytesRead;
    reading = read(index, position);
    await writing;
    if (copy !== null) {
      writing = handled(writeAll(copy, piece, at));
      if (at - flushed >= FLUSH_BYTES) {
        flushed = at;
        flushing = handled(flushing.then(() => copy.datasync()));
      }
    }
    hash.update(piece);
    onBytes?.(bytesRead);
  }
  await writing;
  await flushing;
  return position;
}

/** Fails where it is awaited, not before. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

async function writeAll(copy: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    done += (await copy.write(piece, done, piece.length - done, position + done)).bytesWritten;
  }
}

/** What file systems say that cannot: on another device, not supported, too many links, not permitted. */
const CANNOT = ['EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'ENOTTY', 'EMLINK', 'EPERM', 'EACCES'];

async function tryLink(source: string, target: string): Promise<boolean> {
  return attempt(() => link(source, target));
}

async function tryClone(source: string, target: string): Promise<boolean> {
  const mode = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
  if (await attempt(() => copyFile(source, target, mode))) return true;
  await unlink(target).catch(() => {}); // it may be there, and empty
  return false;
}

async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (CANNOT.includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}

function changed({ source }: SourceFile): GenAIError {
  const message = `${source} was changed while it was copied. Save again when nothing writes to it.`;
  return new GenAIError('ERR_MLFLOW_TRANSFER', message, { details: { path: source } });
}
