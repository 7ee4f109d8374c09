/** What uploads to the proxy have in common, whole or in parts. */
import { type FileHandle, open } from 'node:fs/promises';

export const PROXY = '/api/2.0/mlflow-artifacts';

/** Costs less system calls than Node's 64 KiB, and is little with several files at once. More than any socket buffers. */
const PIECE_BYTES = 512 * 1024;

export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/**
 * Opened when it is read, and not before: an attempt that finds no server leaves no open file.
 *
 * Two buffers take turns (new ones for each piece: twice the time, and 30 MiB more memory). A chunk is valid until the next
 * but one is asked for. undici asks when the socket has drained, which a piece of this size always makes it wait for; only
 * the last one is smaller.
 */
export async function* readRange(
  source: string,
  start: number,
  size: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (size === 0) return;
  const file = await open(source, 'r');
  let [current, other] = [newPiece(size), newPiece(size)];
  let read = fill(file, current, start, size);
  try {
    for (let done = 0; done < size; ) {
      const chunk = await read;
      if (chunk.length === 0) return; // the file has become shorter: undici counts, and tells
      done += chunk.length;
      [current, other] = [other, current];
      read = fill(file, current, start + done, size - done); // while this chunk is on its way
      read.catch(() => {}); // it is awaited with the next chunk, if there is one
      onBytes(chunk.length);
      yield chunk;
    }
  } finally {
    await read.catch(() => {});
    await file.close();
  }
}

function newPiece(size: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size));
}

/** As much as there is room and `size` for; less only at the end of the file. */
async function fill(file: FileHandle, piece: Buffer, position: number, size: number): Promise<Buffer> {
  const wanted = Math.min(piece.length, size);
  let length = 0;
  while (length < wanted) {
    const { bytesRead } = await file.read(piece, length, wanted - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return piece.subarray(0, length);
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
