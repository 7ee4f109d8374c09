/** A model URI as a directory of this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invalidArgument } from '../../errors.ts';
import { checkText } from '../../util/text.ts';
import { MlflowClient } from '../tracking/client.ts';
import { parseModelUri } from '../tracking/model-uri.ts';
import type { TransferProgress } from '../tracking/progress.ts';

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
 * @throws {GenAIError} `ERR_MLFLOW_URI`, `ERR_MLFLOW_NO_TRACKING_URI`, `ERR_MLFLOW_HTTP`, `ERR_MLFLOW_TRANSFER`,
 *   `ERR_MLFLOW_FORMAT`, `ERR_GENAI_INVALID_ARGUMENT`; or the signal's reason
 */
export async function toLocal(uri: unknown, { client, signal, onProgress }: FetchOptions): Promise<LocalCopy> {
  const text = uri instanceof URL ? uri.href : uri;
  checkText('uri', text);
  if (text === '') throw invalidArgument('uri', 'a directory or a URI', text);
  const parsed = parseModelUri(text);
  if (parsed.kind === 'path') return { directory: parsed.path, cleanUp: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'ort-genai-load-'));
  const cleanUp = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const fetchWith = (used: MlflowClient): Promise<string> =>
    used.downloadModel(text, join(folder, 'model'), { signal, ...(onProgress === undefined ? {} : { onProgress }) });
  try {
    if (client !== undefined) return { directory: await fetchWith(client), cleanUp };
    await using own = new MlflowClient();
    return { directory: await fetchWith(own), cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
