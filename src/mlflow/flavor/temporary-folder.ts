/** Folders in the temporary directory that are gone at the end of the process, whoever forgot them. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Removes it; a second call does nothing. */
  readonly remove: () => Promise<void>;
}

const folders = new Set<string>();

/** One listener for all of them, or many loaded models would look like a leak. A process that a signal kills calls none. */
function removeAll(): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Windows removes no file that is in use, and nobody could be told.
    }
  }
}

export async function makeTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  if (folders.size === 0) process.once('exit', removeAll);
  folders.add(path);
  return { path, remove: () => remove(path), [Symbol.asyncDispose]: () => remove(path) };
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  if (folders.delete(path) && folders.size === 0) process.off('exit', removeAll);
}
