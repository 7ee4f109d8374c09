/**
 * SHA-256 of files, in a thread of their own: the event loop stays free, and one thread that reads into one small buffer
 * takes half the processor time of asynchronous reads (its cache keeps the buffer).
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { onAbort, throwIfAborted } from '../../util/abort.ts';

export interface FileHash {
  /** Hex. */
  readonly sha256: string;
  /** Bytes that were read. */
  readonly bytes: number;
}

/** Files up to here are hashed at once; a thread takes longer to start. */
const SMALL = 2 ** 20;

/** What the thread says: so many bytes by now, the end, or an error. */
interface Answer {
  readonly bytes?: number;
  readonly done?: FileHash;
  readonly failed?: { readonly message: string; readonly code: string };
}

export interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the bytes that were read since the last time. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Runs in the thread; it answers one path after the other. A text, so that bundlers and loaders need not find a file. */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { closeSync, openSync, readSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');
const buffer = Buffer.allocUnsafeSlow(2 ** 16);
parentPort.on('message', ({ path, limit }) => {
  try {
    const hash = createHash('sha256');
    const file = openSync(path, 'r');
    let bytes = 0;
    let told = 0;
    try {
      for (let count; bytes <= limit && (count = readSync(file, buffer)) > 0; ) {
        hash.update(count === buffer.length ? buffer : buffer.subarray(0, count));
        bytes += count;
        if (bytes - told >= 2 ** 21) parentPort.postMessage({ bytes: (told = bytes) });
      }
    } finally {
      closeSync(file);
    }
    parentPort.postMessage({ done: { sha256: hash.digest('hex'), bytes } });
  } catch ({ message, code, errno, syscall, path }) {
    parentPort.postMessage({ failed: { message, code, errno, syscall, path } }); // a posted Error loses them
  }
});
`;

/** Hashes files one after the other. Dispose of it, or its thread lives on. */
export class FileHasher {
  #worker: Worker | undefined;

  /**
   * @param size what the file should have; of a longer one little more is read, for it may grow for ever
   * @throws errors of the file system, or what `onBytes` throws; or the signal's reason
   */
  async hash(path: string, size: number, options: HashOptions = {}): Promise<FileHash> {
    throwIfAborted(options.signal);
    if (size <= SMALL) return hashSmall(path, options);
    // Without the arguments of this process: --input-type=module would make the program a module.
    this.#worker ??= new Worker(PROGRAM, { eval: true, execArgv: [] });
    try {
      return await ask(this.#worker, path, size, options);
    } catch (error) {
      // It may be in the middle of the file.
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

async function hashSmall(path: string, { onBytes }: HashOptions): Promise<FileHash> {
  const content = await readFile(path);
  onBytes?.(content.length);
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

function ask(worker: Worker, path: string, limit: number, { signal, onBytes }: HashOptions): Promise<FileHash> {
  return new Promise<FileHash>((resolve, reject) => {
    let told = 0;
    const tell = (bytes: number): void => {
      if (bytes > told) onBytes?.(bytes - told);
      told = bytes;
    };
    const onMessage = ({ bytes, done, failed }: Answer): void => {
      try {
        tell(done?.bytes ?? bytes ?? 0);
      } catch (error) {
        settle(() => reject(error));
      }
      if (done !== undefined) settle(() => resolve(done));
      if (failed !== undefined) settle(() => reject(Object.assign(new Error(failed.message), failed)));
    };
    const onError = (error: unknown): void => settle(() => reject(error));
    const off = onAbort(signal, () => settle(() => reject(signal?.reason)));
    const settle = (end: () => void): void => {
      off();
      worker.off('message', onMessage).off('error', onError);
      end();
    };
    worker.on('message', onMessage).on('error', onError);
    worker.postMessage({ path, limit });
  });
}
