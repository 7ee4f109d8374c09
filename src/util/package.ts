/** This package, wherever its code lies: in `src`, in `dist`, or bundled into another program. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What this package is called, to servers and in the models that it saves. */
export const PACKAGE = 'onnxruntime-genai-node';

let root: string | undefined;

/** The folder with our package.json; the top of the file system where there is none above this code. */
export function packageRoot(): string {
  root ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return root;
}

/** The version in package.json; `"unknown"` where the code was bundled into another program. */
export function packageVersion(): string {
  return String(manifestIn(packageRoot())?.version ?? 'unknown');
}

function findRoot(folder: string): string {
  const parent = dirname(folder);
  return parent === folder || manifestIn(folder)?.name === PACKAGE ? folder : findRoot(parent);
}

function manifestIn(folder: string): { readonly name?: unknown; readonly version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined; // not there, or nothing of ours
  }
}
