/** Folders for the tests of saving and loading. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** A path in it. */
  in(...names: string[]): string;
}

export function temporaryFolder(parent = tmpdir()): TemporaryFolder {
  const path = mkdtempSync(join(parent, 'flavor-'));
  return {
    path,
    in: (...names) => join(path, ...names),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Writes files by path; missing folders are made. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Files below a folder, sorted, with `/`. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

const GENAI_CONFIG = {
  model: {
    type: 'phi3',
    context_length: 4096,
    vocab_size: 32064,
    decoder: { filename: 'model.onnx', session_options: { provider_options: [] } },
  },
  search: {},
};

/** What is packaged like a model, but is none: small and quick to copy. */
export function writeDummyModel(folder: string, more: Readonly<Record<string, string | Uint8Array>> = {}): string {
  writeFiles(folder, { 'genai_config.json': JSON.stringify(GENAI_CONFIG), 'model.onnx': 'not really', ...more });
  return folder;
}
