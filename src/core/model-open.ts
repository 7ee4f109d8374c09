/** From a folder or a Config to a native model with its tokenizer, step by step. */
import type { NativeAddon, NativeModel, NativeTokenizer } from '../binding/addon-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import { loadRuntime } from '../binding/runtime.ts';
import { abandonOnAbort, throwIfAborted } from '../util/abort.ts';
import { readControlTokens } from './added-tokens.ts';
import { Config } from './config.ts';
import { checkLoadOptions, checkOptionsOfConfig, type LoadProgress, type ModelLoadOptions } from './load-options.ts';
import { logForDebugging } from './log.ts';
import type { ModelFolder } from './model-folder.ts';
import { checkProviders, describeFolder, loadFromConfig, loadNative, loadOrFree } from './model-load.ts';

export interface NativeParts {
  readonly addon: NativeAddon;
  readonly model: NativeModel;
  readonly folder: ModelFolder;
}

/** What a `Model` is made of. */
export interface OpenedModel {
  readonly native: NativeParts;
  readonly tokenizer: NativeTokenizer;
  readonly controlTokens: readonly string[];
}

/** What was loaded before a failure, an abort, or an error of `onProgress` is freed. */
export async function openModel(source: string | Config, options: ModelLoadOptions): Promise<OpenedModel> {
  const config = source instanceof Config ? source : null;
  using _ = config?.hold();
  if (config === null) checkLoadOptions(options);
  else checkOptionsOfConfig(options);
  const { signal, onProgress } = options;
  throwIfAborted(signal);
  const folder = await (config?.describe() ?? describeFolder(source as string, options));
  const report = (phase: LoadProgress['phase']): void => onProgress?.({ phase, sizeInBytes: folder.sizeInBytes });
  report('runtime');
  const runtime = await abandonOnAbort(loadRuntime(), signal);
  await logForDebugging();
  const { addon } = runtime;
  const { executionProvider: asked } = options;
  checkProviders(runtime, folder, config?.providers ?? (asked === undefined ? undefined : [asked]));
  report('model');
  // Now, and not when they are needed: the folder may be gone then.
  const reading = readControlTokens(folder.directory);
  reading.catch(() => {}); // it is waited for below
  const model = await loadOrFree(
    () => (config === null ? loadNative(addon, folder, options) : loadFromConfig(addon, folder, config)),
    signal,
  );
  let tokenizer: NativeTokenizer | undefined;
  try {
    report('tokenizer');
    tokenizer = await loadOrFree(
      () => awaitNative(() => addon.createTokenizer(model), `The tokenizer in ${folder.directory} cannot be loaded`),
      signal,
    );
    const controlTokens = await reading;
    report('done');
    return { native: { addon, model, folder }, tokenizer, controlTokens };
  } catch (error) {
    tokenizer?.dispose();
    void model.dispose();
    throw error;
  }
}
