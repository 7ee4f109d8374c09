/** Writes a prepared package into an empty directory. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfAborted } from '../../util/abort.ts';
import { MLMODEL_FILE, stringifyMLmodel } from '../format/mlmodel.ts';
import { copyHashed } from './copy-file.ts';
import { type ListedFile, stringifyFileList } from './file-list.ts';
import { FileHasher } from './hash-file.ts';
import { hashText } from './hash-text.ts';
import { FILE_LIST } from './names.ts';
import type { ModelPackage, TextFile } from './package.ts';
import type { SaveProgress } from './save-options.ts';

export interface WriteOptions {
  readonly link?: 'hard' | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SaveProgress) => void) | undefined;
}

/** The MLmodel file comes last: a directory without it is no model, to anybody. */
export async function writePackage(directory: string, model: ModelPackage, options: WriteOptions): Promise<void> {
  const { link, signal, onProgress } = options;
  const { tree, code, texts, mlmodel } = model;
  for (const path of tree.directories) await mkdir(join(directory, path), { recursive: true });
  const totalBytes = tree.files.reduce((total, { size }) => total + size, 0);
  let bytes = 0;
  await using hasher = new FileHasher();
  const listed: ListedFile[] = [];
  for (const file of tree.files) {
    const onBytes = (more: number): void => {
      bytes += more;
      onProgress?.({ file: file.path, bytes, totalBytes });
    };
    const target = join(directory, file.path);
    await mkdir(dirname(target), { recursive: true });
    const sha256 = await copyHashed(file, target, hasher, { link, signal, onBytes });
    listed.push({ path: file.path, size: file.size, sha256 });
  }
  listed.push({ path: code.path, ...hashText(code.text) });
  for (const text of [code, ...texts, { path: FILE_LIST, text: stringifyFileList(listed) }]) {
    await writeText(directory, text);
  }
  throwIfAborted(signal);
  await writeText(directory, { path: MLMODEL_FILE, text: stringifyMLmodel(mlmodel) });
}

async function writeText(directory: string, { path, text }: TextFile): Promise<void> {
  const target = join(directory, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text, { flag: 'wx' });
}
