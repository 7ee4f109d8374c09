/** Artifacts in a directory: of a server with `--no-serve-artifacts`, whose clients must see the same file system. */
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { resolveInside } from '../format/safe-path.ts';
import type { ArtifactStore, CopyOptions, DownloadOptions, Fetched, LocalFile } from './artifact-store.ts';
import type { FileInfo } from './entities.ts';
import { FileWriter } from './file-writer.ts';
import { asTransferError } from './transfer-error.ts';

export class LocalStore implements ArtifactStore {
  readonly uri: string;

  /** @param directory absolute */
  constructor(directory: string) {
    this.uri = directory;
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
      names.sort().map(async name => {
        const info = await stat(await this.#inside(path === '' ? name : `${path}/${name}`));
        return info.isDirectory() ? { path: name, isDir: true } : { path: name, isDir: false, fileSize: info.size };
      }),
    );
  }

  async upload(file: LocalFile, path: string, { onBytes, signal }: CopyOptions): Promise<void> {
    signal?.throwIfAborted();
    const target = await this.#inside(path);
    try {
      await mkdir(dirname(target), { recursive: true });
      await copyFile(file.source, target);
    } catch (error) {
      throw asTransferError(error, file.source, file.source);
    }
    onBytes(file.size);
  }

  async download(path: string, target: string, { onBytes, signal }: DownloadOptions): Promise<Fetched> {
    const source = await this.#inside(path);
    const writer = await FileWriter.create(target);
    try {
      const stream = createReadStream(source, {
        highWaterMark: 1024 * 1024,
        ...(signal === undefined ? {} : { signal }),
      });
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        await writer.add(chunk);
        onBytes(chunk.length);
      }
      return { sha256: await writer.finish(), size: writer.size };
    } catch (error) {
      signal?.throwIfAborted(); // with the caller's reason instead of the stream's error
      throw asTransferError(error, source, source);
    } finally {
      await writer.close();
    }
  }

  async remove(path: string): Promise<void> {
    const target = await this.#inside(path);
    await rm(target, { recursive: true, force: true });
  }

  #inside(path: string): Promise<string> {
    return resolveInside(this.uri, path === '' ? '.' : path, 'The path of an artifact');
  }
}
