/** A model URI as a directory of this machine. */
import { join } from 'node:path';
import { invalidArgument } from '../../errors.ts';
import { checkText } from '../../util/text.ts';
import { MlflowClient } from '../tracking/client.ts';
import type { TransferProgress } from '../tracking/files/progress.ts';
import { parseModelUri } from '../tracking/model-uri.ts';
import { readFileList } from './file-list.ts';
import { FILE_LIST } from './names.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface LocalCopy {
  readonly directory: string;
  /** Removes what was downloaded; nothing where the model was here already. */
  readonly cleanUp: () => Promise<void>;
}

export interface FetchOptions {
  readonly client?: MlflowClient | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/**
 * What is downloaded is compared with the model's list of files on its way, and gone at the end of the process.
 *
 * @throws {GenAIError} `ERR_MLFLOW_URI`, `ERR_MLFLOW_NO_TRACKING_URI`, `ERR_MLFLOW_HTTP`, `ERR_MLFLOW_TRANSFER`,
 *   `ERR_MLFLOW_FORMAT`, `ERR_GENAI_INVALID_ARGUMENT`; or the signal's reason
 */
export async function toLocal(uri: unknown, options: FetchOptions): Promise<LocalCopy> {
  const text = uri instanceof URL ? uri.href : uri;
  checkText('uri', text);
  if (text === '') throw invalidArgument('uri', 'a directory or a URI', text);
  const parsed = parseModelUri(text);
  if (parsed.kind === 'path') return { directory: parsed.path, cleanUp: async () => {} };
  const folder = await makeTemporaryFolder('ort-genai-load-');
  try {
    if (options.client !== undefined) {
      return { directory: await download(options.client, text, folder.path, options), cleanUp: folder.remove };
    }
    await using own = new MlflowClient();
    return { directory: await download(own, text, folder.path, options), cleanUp: folder.remove };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function download(
  client: MlflowClient,
  uri: string,
  folder: string,
  { signal, onProgress }: FetchOptions,
): Promise<string> {
  const { artifactUri, modelName, modelVersion } = await client.resolveModelUri(uri, { signal });
  // An alias may move between the list and the files.
  const isVersion = modelName !== undefined && modelVersion !== undefined;
  const fixed = isVersion ? `models:/${modelName}/${modelVersion}` : uri;
  const sha256 = await fetchHashes(client, artifactUri, folder, signal);
  const progress = onProgress === undefined ? {} : { onProgress };
  return client.downloadModel(fixed, join(folder, 'model'), { signal, sha256, ...progress });
}

/** By path, in hex; none of a model that Python has logged. */
async function fetchHashes(
  client: MlflowClient,
  artifactUri: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = Object.create(null); // paths are whatever the list says
  const files = await client.listArtifacts(artifactUri, { signal });
  if (!files.some(({ path, isDir }) => path === FILE_LIST && !isDir)) return hashes;
  await client.downloadFile(artifactUri, FILE_LIST, join(folder, FILE_LIST), { signal });
  for (const { path, sha256 } of await readFileList(folder, FILE_LIST)) hashes[path] = sha256;
  return hashes;
}
