/** A model URI as a folder of this machine; what had to be downloaded is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlflowClient, parseModelUri } from '../../../mlflow/index.ts';
import type { Output } from '../../output.ts';
import type { ServerFlags } from './flags.ts';
import { withProgress } from './transfer.ts';

interface LocalModel extends AsyncDisposable {
  readonly directory: string;
}

export async function localModel(uri: string, { trackingUri }: ServerFlags, output: Output): Promise<LocalModel> {
  const parsed = parseModelUri(uri);
  if (parsed.kind === 'path') return { directory: parsed.path, async [Symbol.asyncDispose]() {} };
  const folder = await mkdtemp(join(tmpdir(), 'ort-genai-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await using client = new MlflowClient({ trackingUri });
    const directory = await withProgress(output, `Downloading ${uri}`, transfer =>
      client.downloadModel(uri, join(folder, 'model'), transfer),
    );
    return { directory, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
