/** A model URI as a folder of this machine; what had to be downloaded is gone afterwards. */
import { toLocal } from '../../../mlflow/flavor/to-local.ts';
import type { Output } from '../../output.ts';
import { clientOf, type ServerFlags } from './flags.ts';
import { withProgress } from './transfer.ts';

interface LocalModel extends AsyncDisposable {
  readonly directory: string;
}

export async function localModel(uri: string, flags: ServerFlags, output: Output): Promise<LocalModel> {
  const { directory, cleanUp } = await withProgress(output, `Downloading ${uri}`, transfer =>
    toLocal(uri, { client: clientOf(flags), ...transfer }),
  );
  return { directory, [Symbol.asyncDispose]: cleanUp };
}
