/** Loading a model: options, their checks, and what the library is told. */
import { debuglog } from 'node:util';
import type { NativeAddon, NativeConfig, NativeModel } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { availableCores } from '../util/cores.ts';
import { toJson } from '../util/json.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import type { ModelFolder } from './model-folder.ts';

/** Step of a load; `sizeInBytes` are the ONNX files of the model. */
export interface LoadProgress {
  readonly phase: 'runtime' | 'model' | 'tokenizer' | 'done';
  readonly sizeInBytes: number;
}

export interface ModelLoadOptions {
  /**
   * Where to run: `"cpu"`, `"cuda"`, `"dml"` or another name that ONNX Runtime knows. Default: what the model's
   * `genai_config.json` says.
   */
  readonly executionProvider?: string | undefined;
  /** Options of that provider, such as `{ device_id: "1" }`. */
  readonly providerOptions?: Readonly<Record<string, string>> | undefined;
  /**
   * Merged over `genai_config.json`, of the same shape; the files stay as they are. What happens to arrays is the
   * library's choice (`eos_token_id` is added to).
   */
  readonly configOverlay?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Threads of one operator. Default: what `genai_config.json` says, else the cores this process may use. (The library
   * alone behaves as with one.)
   */
  readonly intraOpNumThreads?: number | undefined;
  /** Gives up waiting; the library cannot interrupt a load, so what it makes is freed in the background. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

const OPTION_NAMES: readonly string[] = [
  'executionProvider',
  'providerOptions',
  'configOverlay',
  'intraOpNumThreads',
  'signal',
  'onProgress',
] satisfies (keyof ModelLoadOptions)[];

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` naming the option */
export function checkLoadOptions(options: ModelLoadOptions): void {
  checkOptions(options, OPTION_NAMES);
  const { executionProvider, providerOptions, configOverlay, intraOpNumThreads, onProgress } = options;
  if (executionProvider !== undefined) checkText('executionProvider', executionProvider);
  if (executionProvider === '') throw invalidArgument('executionProvider', 'the name of a provider', '');
  if (
    providerOptions !== undefined &&
    (providerOptions === null || typeof providerOptions !== 'object' || Array.isArray(providerOptions))
  ) {
    throw invalidArgument('providerOptions', 'an object of strings', providerOptions);
  }
  for (const [name, value] of Object.entries(providerOptions ?? {})) checkText(`providerOptions.${name}`, value);
  if (providerOptions !== undefined && (executionProvider === undefined || isCpu(executionProvider))) {
    throw invalidArgument(
      'providerOptions',
      'given together with an executionProvider other than "cpu"',
      providerOptions,
    );
  }
  if (configOverlay !== undefined) checkOverlay(configOverlay);
  if (intraOpNumThreads !== undefined && !isThreadCount(intraOpNumThreads)) {
    throw invalidArgument('intraOpNumThreads', `an integer from 1 to ${MOST_THREADS}`, intraOpNumThreads);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('onProgress', 'a function', onProgress);
  }
}

/** No machine has more; ONNX Runtime would start them all. */
const MOST_THREADS = 1024;

function isThreadCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_THREADS;
}

function checkOverlay(overlay: unknown): void {
  const expected = 'an object of the shape of genai_config.json';
  if (typeof overlay !== 'object' || overlay === null || Array.isArray(overlay)) {
    throw invalidArgument('configOverlay', expected, overlay);
  }
  toJson('configOverlay', overlay);
}

/** Providers that genai brings itself or loads as a plug-in: ONNX Runtime's list does not know them. */
const PLUG_INS = ['ryzenai', 'amdgpu'];

/**
 * Refuses a provider that the loaded ONNX Runtime was built without, before the library tries it.
 *
 * @throws {GenAIError} `ERR_GENAI_PROVIDER_UNAVAILABLE` naming those that there are
 */
export function checkProvider(
  folder: ModelFolder,
  executionProvider: string | undefined,
  providers: readonly string[],
): void {
  const available = providers.map(plainProvider);
  const configured = folder.sessionOptions['provider_options'];
  const wanted =
    executionProvider === undefined
      ? (Array.isArray(configured) ? configured : []).flatMap(entry => Object.keys(entry ?? {}))
      : [executionProvider];
  for (const provider of wanted) {
    const plain = plainProvider(provider);
    if (plain === 'cpu' || available.includes(plain) || PLUG_INS.includes(plain)) continue;
    const by = executionProvider === undefined ? ` (asked for by ${folder.directory})` : '';
    throw new GenAIError(
      'ERR_GENAI_PROVIDER_UNAVAILABLE',
      `The execution provider "${provider}"${by} is not in the loaded ONNX Runtime, which has ${available.join(', ')}. ` +
        'Use one of these, or the runtime of another variant (such as CUDA or DirectML).',
      { details: { provider, available } },
    );
  }
}

function plainProvider(name: string): string {
  return name.toLowerCase().replace(/executionprovider$/, '');
}

/** Levels of ONNX Runtime's log. */
const VERBOSE = 1;
const FATAL = 4;

/** `NODE_DEBUG=genai-ort`: ONNX Runtime says everything it does, on stderr. */
const debug = debuglog('genai-ort');

/** Loads the weights on a native thread. */
export async function loadNative(
  addon: NativeAddon,
  folder: ModelFolder,
  options: ModelLoadOptions,
): Promise<NativeModel> {
  const config = await awaitNative(() => addon.createConfig(folder.directory), 'genai_config.json was refused');
  try {
    callNative(() => applyOptions(config, folder, options));
    return await awaitNative(
      () => addon.createModel(config, folder.sizeInBytes),
      `The model at ${folder.directory} cannot be loaded`,
    );
  } finally {
    config.dispose();
  }
}

function applyOptions(config: NativeConfig, folder: ModelFolder, options: ModelLoadOptions): void {
  const { executionProvider, providerOptions = {}, configOverlay, intraOpNumThreads } = options;
  const session_options = {
    intra_op_num_threads: intraOpNumThreads ?? folder.sessionOptions['intra_op_num_threads'] ?? availableCores(),
    // ONNX Runtime would print to stderr what it also reports as an error.
    log_severity_level: folder.sessionOptions['log_severity_level'] ?? (debug.enabled ? VERBOSE : FATAL),
  };
  config.overlay(JSON.stringify({ model: { decoder: { session_options } } }));
  if (executionProvider !== undefined) {
    config.clearProviders();
    if (!isCpu(executionProvider)) config.appendProvider(executionProvider);
    for (const [key, value] of Object.entries(providerOptions)) config.setProviderOption(executionProvider, key, value);
  }
  if (configOverlay === undefined) return;
  config.overlay(JSON.stringify(configOverlay));
}

function isCpu(provider: string): boolean {
  return plainProvider(provider) === 'cpu';
}
