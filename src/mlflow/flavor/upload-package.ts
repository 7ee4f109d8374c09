/** Uploads a prepared package. The large files go from where they are: no second copy of them is made. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GenAIError } from '../../errors.ts';
import { MLMODEL_FILE, type MLmodel, stringifyMLmodel } from '../format/mlmodel.ts';
import type { ArtifactStore } from '../tracking/files/artifact-store.ts';
import { inParallel } from '../tracking/files/in-parallel.ts';
import type { TreeFile } from '../tracking/files/local-tree.ts';
import { uploadFiles } from '../tracking/files/transfer.ts';
import { type ListedFile, stringifyFileList } from './file-list.ts';
import { FileHasher } from './hash-file.ts';
import { hashText } from './hash-text.ts';
import { FILE_LIST } from './names.ts';
import type { ModelPackage, TextFile } from './package.ts';
import type { SaveProgress } from './save-options.ts';
import { type SourceFile, stampOf } from './source-files.ts';

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
    let hashes: readonly ListedFile[] = [];
    const hash = async (stop: AbortSignal): Promise<void> => {
      hashes = await hashAll(tree.files, stop);
    };
    const send = async (stop: AbortSignal): Promise<void> => {
      await uploadFiles(store, [...small, ...tree.files], '', { signal: stop, onProgress, concurrency });
    };
    await inParallel([hash, send], 2, signal, (work, stop) => work(stop));
    // Hash and upload have read the files apart, and must have seen the same: what was listed.
    for (const file of tree.files) if ((await stampOf(file.source)) !== file.stamp) throw changed(file);
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
  for (const file of files) {
    const { path, size } = file;
    const { sha256, bytes } = await hasher.hash(file.source, size, { signal });
    if (bytes !== size) throw changed(file);
    listed.push({ path, size, sha256 });
  }
  return listed;
}

async function writeTexts(folder: string, texts: readonly TextFile[]): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for (const { path, text } of texts) {
    const source = join(folder, path);
    await mkdir(dirname(source), { recursive: true });
    await writeFile(source, text);
    files.push({ source, path, size: Buffer.byteLength(text) });
  }
  return files;
}

function changed({ source }: SourceFile): GenAIError {
  const message = `${source} was changed while it was uploaded. Log again when nothing writes to it.`;
  return new GenAIError('ERR_MLFLOW_TRANSFER', message, { details: { path: source } });
}
