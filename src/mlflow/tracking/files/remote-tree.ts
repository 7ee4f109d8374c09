/**
 * All files below a directory of artifacts. Names come from a server, which may be broken or wicked: each is checked
 * before a path is made of it, and a listing without an end has one here.
 */
import { GenAIError } from '../../../errors.ts';
import { safeRelativePath } from '../../format/safe-path.ts';
import type { FileInfo } from '../entities.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { transferError } from './transfer-error.ts';

const MAX_ENTRIES = 500_000;
const MAX_DEPTH = 64;

/**
 * One level, names checked, sorted.
 *
 * @returns paths relative to `path`
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH`, `ERR_MLFLOW_HTTP`
 */
export async function listChecked(
  store: ArtifactStore,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FileInfo[]> {
  const files = await store.list(path, signal);
  const names = new Set<string>();
  for (const { path: name } of files) {
    checkName(name, store.uri);
    if (names.has(name)) throw unsafe(name, store.uri, 'it stands there twice');
    names.add(name);
  }
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Every file below `path`, with paths relative to it.
 *
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH`; `ERR_MLFLOW_TRANSFER` for too many or too deep; `ERR_MLFLOW_HTTP`
 */
export async function listTree(
  store: ArtifactStore,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FileInfo[]> {
  const files: FileInfo[] = [];
  let entries = 0;
  const visit = async (directory: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) throw tooMuch(store.uri, `is more than ${MAX_DEPTH} directories deep`);
    const listed = await listChecked(store, [path, directory].filter(part => part !== '').join('/'), signal);
    entries += listed.length;
    if (entries > MAX_ENTRIES) throw tooMuch(store.uri, `holds more than ${MAX_ENTRIES} files and directories`);
    for (const file of listed) {
      const full = directory === '' ? file.path : `${directory}/${file.path}`;
      if (file.isDir) await visit(full, depth + 1);
      else files.push({ ...file, path: full });
    }
  };
  await visit('', 0);
  return files;
}

function checkName(name: string, uri: string): void {
  safeRelativePath(name, `A name in ${uri}`);
  const colon = process.platform === 'win32' && name.includes(':');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (/[/\\\u0000-\u001f\u007f]/.test(name) || colon || name === '.') {
    throw unsafe(name, uri, 'it is not the name of one file');
  }
}

function unsafe(name: string, uri: string, why: string): GenAIError {
  const message = `The server lists ${JSON.stringify(name)} in ${uri}, but ${why}.`;
  return new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { details: { path: name } });
}

function tooMuch(uri: string, why: string): GenAIError {
  return transferError(`${uri} ${why}: that is no model, or the server's listing leads in a circle.`, { uri });
}
