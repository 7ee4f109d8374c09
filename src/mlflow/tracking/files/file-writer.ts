/** A file that is written from its beginning, with the hash of what is in it where that is wanted. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { GenAIError } from '../../../errors.ts';
import type { Fetched } from './artifact-store.ts';
import { asTransferError } from './transfer-error.ts';

/** A network gives 64 KiB at a time; a write for each would cost more than the reading (seen: a third of all CPU time). */
const PIECE_BYTES = 1024 * 1024;

export class FileWriter {
  readonly #file: FileHandle;
  readonly #makeHash: () => Hash | undefined;
  #hash: Hash | undefined;
  #size = 0;
  #piece: Uint8Array[] = [];
  #pieceBytes = 0;
  /** One piece is written while the next one is gathered. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, hash: boolean) {
    this.#file = file;
    this.#makeHash = () => (hash ? createHash('sha256') : undefined);
    this.#hash = this.#makeHash();
  }

  /**
   * A new file: one that exists already was written under another name of it, such as `a` and `A` where case does not
   * count.
   *
   * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH`, `ERR_MLFLOW_TRANSFER`
   */
  static async create(path: string, { hash = false }: { hash?: boolean | undefined } = {}): Promise<FileWriter> {
    try {
      return new FileWriter(await open(path, 'wx'), hash);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw asTransferError(error, path, path);
      const message = `${path} exists already: two names of artifacts are one file on this machine.`;
      throw new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { cause: error, details: { path } });
    }
  }

  /** Bytes taken. */
  get size(): number {
    return this.#size;
  }

  /** Takes bytes. When it returns a promise, wait for it before the next ones. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#hash?.update(chunk);
    this.#size += chunk.length;
    this.#piece.push(chunk);
    this.#pieceBytes += chunk.length;
    return this.#pieceBytes < PIECE_BYTES ? undefined : this.#writePiece();
  }

  /** Begins anew. */
  async restart(): Promise<void> {
    await this.#writing.catch(() => {}); // what was written is thrown away
    await this.#file.truncate(0);
    this.#hash = this.#makeHash();
    this.#size = 0;
    this.#piece = [];
    this.#pieceBytes = 0;
    this.#writing = Promise.resolve();
  }

  /** Writes what is left. */
  async finish(): Promise<Fetched> {
    await this.#writePiece();
    await this.#writing;
    const size = this.#size;
    return this.#hash === undefined ? { size } : { size, sha256: this.#hash.digest('hex') };
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#file.close();
  }

  async #writePiece(): Promise<void> {
    const piece = this.#piece;
    const position = this.#size - this.#pieceBytes;
    this.#piece = [];
    this.#pieceBytes = 0;
    await this.#writing;
    this.#writing = this.#writeAll(piece, position);
    this.#writing.catch(() => {}); // it is awaited with the next piece
  }

  async #writeAll(chunks: readonly Uint8Array[], position: number): Promise<void> {
    if (chunks.length === 0) return;
    const { bytesWritten } = await this.#file.writev(chunks, position);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (bytesWritten === bytes) return;
    const rest = Buffer.concat(chunks).subarray(bytesWritten); // a full disk tells its name at the next write
    await this.#writeAll([rest], position + bytesWritten);
  }
}
