import { invalidArgument } from '../../errors.ts';
import { type ModelConfig, Phi3Model } from '../../phi3/index.ts';
import { checkSignal } from '../../util/abort.ts';
import { checkOptions } from '../../util/options.ts';
import { readMLmodel, signatureOf } from '../format/mlmodel.ts';
import { MlflowClient } from '../tracking/client.ts';
import { readFileList, verifyFiles } from './file-list.ts';
import { findRunnable } from './find-runnable.ts';
import { LoadedModel } from './loaded-model.ts';
import { MODEL_ARTIFACT } from './names.ts';
import { refuseNativeCode } from './refuse-native-code.ts';
import { checkTensors } from './tensor-prompts.ts';
import { type FetchOptions, type LocalCopy, toLocal } from './to-local.ts';

export interface LoadModelOptions extends FetchOptions {
  /** The key of the artifact to run, where a model has several. */
  readonly artifact?: string | undefined;
  /**
   * `"size"` (default): the files have the sizes that were saved; `"hash"`: every file is read and compared. What is
   * downloaded is compared by hash on its way in any case.
   */
  readonly verify?: 'size' | 'hash' | undefined;
  /**
   * Allows native code of the model: `custom_ops_library` and files in `session_options` and `provider_options` of its
   * genai_config.json, which ONNX Runtime may load into this process. Only for models of people whom you trust as
   * authors of programs. Default false: such a model is refused. (`Model.load` of a folder never asks.)
   */
  readonly allowCustomOps?: boolean | undefined;
  /** Search options by their upstream names, over those of the model. */
  readonly modelConfig?: ModelConfig | undefined;
  /** Told what an input has that the signature does not, and other things that are accepted. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const OPTIONS: readonly string[] = [
  'artifact',
  'verify',
  'allowCustomOps',
  'modelConfig',
  'onWarning',
  'client',
  'signal',
  'onProgress',
] satisfies (keyof LoadModelOptions)[];

/** What `loadModel` of ./index.ts does; it is documented there. */
export async function loadModel(uri: string | URL, options: LoadModelOptions = {}): Promise<LoadedModel> {
  checkOptions(options, OPTIONS);
  checkValues(options);
  const { client, signal, onProgress } = options;
  const local = await toLocal(uri, { client, signal, onProgress });
  try {
    return await loadLocal(local, options);
  } catch (error) {
    await local.cleanUp();
    throw error;
  }
}

async function loadLocal({ directory, cleanUp }: LocalCopy, options: LoadModelOptions): Promise<LoadedModel> {
  const { artifact, verify = 'size', signal, onWarning } = options;
  const mlmodel = await readMLmodel(directory);
  const signature = signatureOf(mlmodel);
  const runnable = await findRunnable(directory, mlmodel, signature, artifact);
  checkTensors(signature, runnable.task);
  if (options.allowCustomOps !== true) await refuseNativeCode(runnable.directory);
  if (runnable.fileList !== undefined) {
    await verifyFiles(directory, await readFileList(directory, runnable.fileList), verify, signal);
  }
  const phi3 = new Phi3Model();
  const modelConfig = { ...runnable.modelConfig, ...options.modelConfig };
  await phi3.loadContext({ artifacts: { [MODEL_ARTIFACT]: runnable.directory }, modelConfig }, { signal });
  return new LoadedModel({ phi3, directory, mlmodel, signature, runnable, onWarning, cleanUp });
}

function checkValues(options: LoadModelOptions): void {
  const { artifact, verify, allowCustomOps, onWarning, onProgress, client, signal } = options;
  if (client !== undefined && !(client instanceof MlflowClient))
    throw invalidArgument('client', 'an MlflowClient', client);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('onProgress', 'a function', onProgress);
  }
  if (artifact !== undefined && typeof artifact !== 'string') throw invalidArgument('artifact', 'a key', artifact);
  if (verify !== undefined && verify !== 'size' && verify !== 'hash') {
    throw invalidArgument('verify', '"size" or "hash"', verify);
  }
  if (allowCustomOps !== undefined && typeof allowCustomOps !== 'boolean') {
    throw invalidArgument('allowCustomOps', 'a boolean', allowCustomOps);
  }
  if (onWarning !== undefined && typeof onWarning !== 'function') {
    throw invalidArgument('onWarning', 'a function', onWarning);
  }
  checkSignal(signal);
}
