/** Artifacts in a directory: of a server with `--no-serve-artifacts`, whose clients must see the same file system. */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GenAIError } from '../../../errors.ts';
import { throwIfAborted } from '../../../util/abort.ts';
import { isStagingName, stagingName } from '../../../util/staging.ts';
import { resolveInside } from '../../format/safe-path.ts';
import type { FileInfo } from '../entities.ts';
import type { ArtifactStore, CopyOptions, DownloadOptions, Fetched, LocalFile } from './artifact-store.ts';
import { FileWriter } from './file-writer.ts';
import { asTransferError } from './transfer-error.ts';

/** `.../<run id>/artifacts` and `.../models/<model id>/artifacts`, which is where all servers put them. */
const OF_A_RUN_OR_MODEL = /[/\\](m-)?[0-9a-f]{32}[/\\]artifacts([/\\]|$)/;

export class LocalStore implements ArtifactStore {
  readonly uri: string;
  readonly #namedBy: 'caller' | 'server';

  /**
   * @param directory absolute
   * @param namedBy a directory of the `server`'s choice is never emptied, and written to only where MLflow would have it:
   *   else a server could have any file of this machine replaced
   */
  constructor(directory: string, namedBy: 'caller' | 'server') {
    this.uri = directory;
    this.#namedBy = namedBy;
  }

  async list(path: string): Promise<readonly FileInfo[]> {
    const directory = await this.#inside(path);
    let names: string[];
    try {
      names = await readdir(directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw asTransferError(error, directory, directory);
    }
    return Promise.all(
      names
        .sort()
        .filter(name => !isStagingName(name))
        .map(async name => {
          const info = await stat(await this.#inside(path === '' ? name : `${path}/${name}`));
          return info.isDirectory() ? { path: name, isDir: true } : { path: name, isDir: false, fileSize: info.size };
        }),
    );
  }

  /** The file appears when it is whole, in place of one that was there. */
  async upload(file: LocalFile, path: string, { onBytes, signal }: CopyOptions): Promise<void> {
    this.#refuseForeign('written to', 'uploadDirectory');
    throwIfAborted(signal);
    const target = await this.#inside(path);
    const temporary = join(dirname(target), stagingName(basename(target)));
    try {
      await mkdir(dirname(target), { recursive: true });
      await copyInPieces(file.source, temporary, { onBytes, signal });
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {}); // the first error is the one that counts
      throwIfAborted(signal); // with the caller's reason instead of the stream's error
      throw asTransferError(error, file.source, file.source);
    }
  }

  async download(path: string, target: string, { onBytes, signal, hash }: DownloadOptions): Promise<Fetched> {
    const source = await this.#inside(path);
    const writer = await FileWriter.create(target, { hash });
    try {
      const stream = createReadStream(source, {
        highWaterMark: 1024 * 1024,
        ...(signal === undefined ? {} : { signal }),
      });
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        await writer.add(chunk);
        onBytes(chunk.length);
      }
      return await writer.finish();
    } catch (error) {
      signal?.throwIfAborted(); // with the caller's reason instead of the stream's error
      throw asTransferError(error, source, source);
    } finally {
      await writer.close();
    }
  }

  async remove(path: string): Promise<void> {
    if (this.#namedBy === 'server') throw this.#foreign('emptied', 'deleteArtifacts');
    const target = await this.#inside(path);
    try {
      const names = path === '' ? await namesIn(target) : ['']; // the root itself belongs to whoever made it
      for (const name of names) await rm(join(target, name), { recursive: true, force: true });
    } catch (error) {
      throw asTransferError(error, target, target);
    }
  }

  #refuseForeign(what: string, method: string): void {
    if (this.#namedBy === 'server' && !OF_A_RUN_OR_MODEL.test(this.uri)) throw this.#foreign(what, method);
  }

  #foreign(what: string, method: string): GenAIError {
    const message =
      `The server says that the artifacts lie in ${this.uri} on this machine, but by its word alone that directory is not ` +
      `${what}. If it is the right one, name it yourself: ${method}(${JSON.stringify(this.uri)}, ...).`;
    return new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { details: { path: this.uri } });
  }

  #inside(path: string): Promise<string> {
    return resolveInside(this.uri, path === '' ? '.' : path, 'The path of an artifact');
  }
}

/** Empty for a directory that is not there. */
async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
}

const PIECE_BYTES = 4 * 1024 * 1024;

/** Slower than the kernel's own copy, but it can be stopped, and tells how far it is. `target` gets the same rights. */
async function copyInPieces(source: string, target: string, { onBytes, signal }: CopyOptions): Promise<void> {
  await using from = await open(source, 'r');
  const { mode } = await from.stat();
  await using to = await open(target, 'wx', mode & 0o777);
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (;;) {
    throwIfAborted(signal);
    const { bytesRead } = await from.read(piece, 0, PIECE_BYTES);
    if (bytesRead === 0) return;
    await to.writeFile(piece.subarray(0, bytesRead)); // goes on where it is, and writes all of it
    onBytes(bytesRead);
  }
}
