/** What uploads to the proxy have in common, whole or in parts. */
import { createReadStream } from 'node:fs';

export const PROXY = '/api/2.0/mlflow-artifacts';

/** Half of a megabyte costs less system calls than Node's 64 KiB, and is little with several files at once. */
const READ_BYTES = 512 * 1024;

export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Opened when it is read, and not before: an attempt that finds no server leaves no open file. */
export async function* readRange(
  source: string,
  start: number,
  size: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (size === 0) return;
  const stream = createReadStream(source, { start, end: start + size - 1, highWaterMark: READ_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** Counts the bytes of one attempt. What its body still reads after the attempt has failed counts no more. */
export function countAttempt(onBytes: (bytes: number) => void): {
  add: (bytes: number) => void;
  takeBack: () => void;
} {
  let sent = 0;
  let failed = false;
  return {
    add(bytes) {
      if (failed) return;
      sent += bytes;
      onBytes(bytes);
    },
    takeBack() {
      failed = true;
      onBytes(-sent);
    },
  };
}
