/** Uploads a prepared package. The large files go from where they are: no second copy of them is made. */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GenAIError } from '../../errors.ts';
import { MLMODEL_FILE, type MLmodel, stringifyMLmodel } from '../format/mlmodel.ts';
import type { ArtifactStore } from '../tracking/artifact-store.ts';
import { uploadFiles } from '../tracking/transfer.ts';
import { type ListedFile, stringifyFileList } from './file-list.ts';
import { FileHasher } from './hash-file.ts';
import { hashText } from './hash-text.ts';
import { FILE_LIST } from './names.ts';
import type { ModelPackage, TextFile } from './package.ts';
import type { SaveProgress } from './save-options.ts';
import type { SourceFile } from './source-files.ts';

export interface UploadPackageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SaveProgress) => void) | undefined;
  /** Files under way at once. */
  readonly concurrency?: number | undefined;
}

/** The list of files comes behind the files, the MLmodel file behind everything: until then it is no model. */
export async function uploadPackage(
  store: ArtifactStore,
  model: ModelPackage,
  mlmodel: MLmodel,
  options: UploadPackageOptions,
): Promise<void> {
  const { signal, onProgress, concurrency } = options;
  const { tree, code, texts } = model;
  const folder = await mkdtemp(join(tmpdir(), 'ort-genai-log-'));
  try {
    const small = await writeTexts(folder, [code, ...texts]);
    const large = { signal, onProgress, concurrency };
    const [hashes] = await whileUnchanged(tree.files, () =>
      settle([hashAll(tree.files, signal), uploadFiles(store, [...small, ...tree.files], '', large)]),
    );
    const listed = [...hashes, { path: code.path, ...hashText(code.text) }];
    for (const last of [
      { path: FILE_LIST, text: stringifyFileList(listed) },
      { path: MLMODEL_FILE, text: stringifyMLmodel(mlmodel) },
    ]) {
      await uploadFiles(store, await writeTexts(folder, [last]), '', { signal });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function hashAll(files: readonly SourceFile[], signal: AbortSignal | undefined): Promise<ListedFile[]> {
  await using hasher = new FileHasher();
  const listed: ListedFile[] = [];
  for (const { source, path, size } of files) {
    listed.push({ path, size, sha256: (await hasher.hash(source, size, { signal })).sha256 });
  }
  return listed;
}

async function writeTexts(folder: string, texts: readonly TextFile[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const { path, text } of texts) {
    const source = join(folder, path);
    await mkdir(dirname(source), { recursive: true });
    await writeFile(source, text);
    files.push({ source, path, size: Buffer.byteLength(text) });
  }
  return files;
}

/** As Promise.all, but when one fails the others are waited for: nothing goes on behind the caller's back. */
async function settle<A, B>([first, second]: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

/** Hash and upload read the files apart, and must see the same. */
async function whileUnchanged<T>(files: readonly SourceFile[], work: () => Promise<T>): Promise<T> {
  const look = (): Promise<string[]> =>
    Promise.all(
      files.map(async ({ source }) => {
        const { mtimeNs, size } = await stat(source, { bigint: true });
        return `${mtimeNs} ${size}`;
      }),
    );
  const before = await look();
  const result = await work();
  const after = await look();
  const changed = files.find((_, i) => before[i] !== after[i]);
  if (changed === undefined) return result;
  const message = `${changed.source} was changed while it was uploaded. Log again when nothing writes to it.`;
  throw new GenAIError('ERR_MLFLOW_TRANSFER', message, { details: { path: changed.source } });
}
