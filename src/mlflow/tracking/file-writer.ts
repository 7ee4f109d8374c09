/** A file that is written from its beginning, with the hash of what is in it. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { GenAIError } from '../../errors.ts';
import { asTransferError } from './transfer-error.ts';

export class FileWriter {
  readonly #file: FileHandle;
  #hash: Hash = createHash('sha256');
  #size = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * A new file: one that exists already was written under another name of it, such as `a` and `A` where case does not
   * count.
   *
   * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH`, `ERR_MLFLOW_TRANSFER`
   */
  static async create(path: string): Promise<FileWriter> {
    try {
      return new FileWriter(await open(path, 'wx'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw asTransferError(error, path, path);
      const message = `${path} exists already: two names of artifacts are one file on this machine.`;
      throw new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { cause: error, details: { path } });
    }
  }

  /** Bytes written. */
  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#file.write(chunk, done, chunk.length - done, this.#size + done);
      done += bytesWritten;
    }
    this.#size += chunk.length;
  }

  /** Begins anew. */
  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash('sha256');
    this.#size = 0;
  }

  /** In hexadecimal digits; the last thing to ask for. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
