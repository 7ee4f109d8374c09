import type { NativeAddon, NativeConfig, NativeModel } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { loadRuntime } from '../binding/runtime.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { abandonOnAbort, throwIfAborted } from '../util/abort.ts';
import { availableCores } from '../util/cores.ts';
import { readControlTokens } from './added-tokens.ts';
import { generate } from './generate.ts';
import { Generator } from './generator.ts';
import { GeneratorParams } from './generator-params.ts';
import { type ModelFolder, readModelFolder } from './model-folder.ts';
import type { SearchOptions } from './search-options.ts';
import { TokenStream } from './token-stream.ts';
import { Tokenizer } from './tokenizer.ts';
import type { GenerateInput, GenerateOptions, GenerateResult } from './types.ts';

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
  /** Merged over `genai_config.json`, of the same shape; the files stay as they are. */
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

interface NativeParts {
  readonly addon: NativeAddon;
  readonly model: NativeModel;
  readonly folder: ModelFolder;
}

/** `createGenerator` allocates the KV cache for this many tokens unless told otherwise. */
const DEFAULT_GENERATOR_LENGTH = 2048;

/**
 * A loaded model. Any number of generations may run at once; each has its own thread and KV cache.
 * Holds the weights until `dispose()` (or `using`); what runs at that moment runs to its end.
 */
export class Model {
  readonly tokenizer: Tokenizer;
  /** `model.type` of genai_config.json: `"phi3"`, `"llama"`, ... */
  readonly type: string;
  /** Where it runs: `"CPU"`, `"CUDA"`, `"DirectML"`, ... */
  readonly deviceType: string;
  /** Most tokens of prompt and answer together. */
  readonly contextLength: number;
  /** Token ids are below this. */
  readonly vocabSize: number;
  /** Absolute path of the folder. */
  readonly directory: string;
  readonly #native: NativeParts;
  #disposed: Promise<void> | undefined;

  private constructor(native: NativeParts, tokenizer: Tokenizer) {
    const { folder, model } = native;
    this.#native = native;
    this.tokenizer = tokenizer;
    this.type = model.type();
    this.deviceType = model.deviceType();
    this.contextLength = folder.contextLength;
    this.vocabSize = folder.vocabSize;
    this.directory = folder.directory;
  }

  /**
   * Loads the model in `directory` (with `genai_config.json`, ONNX files and tokenizer) on a native thread.
   *
   * @throws {GenAIError} `ERR_GENAI_RUNTIME_NOT_FOUND`, `ERR_GENAI_RUNTIME_INCOMPATIBLE`, `ERR_GENAI_MODEL_NOT_FOUND`,
   *   `ERR_GENAI_MODEL_INVALID`, `ERR_GENAI_PROVIDER_UNAVAILABLE`, `ERR_GENAI_INVALID_ARGUMENT`; or the signal's reason
   */
  static async load(directory: string, options: ModelLoadOptions = {}): Promise<Model> {
    const { signal, onProgress } = options;
    throwIfAborted(signal);
    checkLoadOptions(options);
    const folder = await readModelFolder(directory, options.configOverlay);
    const report = (phase: LoadProgress['phase']): void => onProgress?.({ phase, sizeInBytes: folder.sizeInBytes });
    report('runtime');
    const { addon } = await loadRuntime();
    throwIfAborted(signal);
    report('model');
    const loading = loadNative(addon, folder, options);
    const native = await abandonOnAbort(loading, signal).catch(error => {
      loading.then(late => late.dispose()).catch(() => {});
      throw error;
    });
    try {
      throwIfAborted(signal);
      report('tokenizer');
      const tokenizer = await awaitNative(() => addon.createTokenizer(native), 'The tokenizer cannot be loaded');
      throwIfAborted(signal);
      let controlTokens: Promise<readonly string[]> | undefined;
      const readOnce = (): Promise<readonly string[]> => {
        controlTokens ??= readControlTokens(folder.directory);
        return controlTokens;
      };
      const model = new Model({ addon, model: native, folder }, new Tokenizer(tokenizer, folder.vocabSize, readOnce));
      report('done');
      return model;
    } catch (error) {
      void native.dispose();
      throw error;
    }
  }

  /**
   * Generates an answer.
   *
   * @param input raw prompt (control tokens in it count), messages (they do not), or token ids
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_INPUT_TOO_LONG`,
   *   `ERR_GENAI_DISPOSED`; or the signal's reason
   */
  async generate(input: GenerateInput, options: GenerateOptions = {}): Promise<GenerateResult> {
    this.#demandAlive();
    return generate(this, input, options);
  }

  /** Starts to generate an answer at once and gives it token by token. Errors reach the reader and `result`. */
  stream(input: GenerateInput, options: GenerateOptions = {}): TokenStream {
    return new TokenStream({
      run: async (onChunks, cancelSignal) => {
        this.#demandAlive();
        return generate(this, input, options, onChunks, cancelSignal);
      },
    });
  }

  /**
   * A generator to be driven step by step.
   *
   * @param options search options, or a `GeneratorParams`; `maxLength` defaults to 2048 or the context length
   */
  async createGenerator(options: SearchOptions | GeneratorParams = {}): Promise<Generator> {
    this.#demandAlive();
    const given = options instanceof GeneratorParams ? options : undefined;
    const params =
      given ??
      new GeneratorParams(this, {
        maxLength: Math.min(this.contextLength, DEFAULT_GENERATOR_LENGTH),
        ...(options as SearchOptions),
      });
    try {
      const { addon, model } = this.#native;
      const native = await awaitNative(() => addon.createGenerator(model, params.native));
      return new Generator(native, {
        vocabSize: this.vocabSize,
        maxLength: params.get('maxLength'),
        batchSize: params.get('batchSize'),
      });
    } finally {
      if (given === undefined) params.dispose();
    }
  }

  /** Frees the weights; settles when they are gone or, while something still runs, when this object's hold is. */
  dispose(): Promise<void> {
    if (this.#disposed === undefined) {
      this.#disposed = this.#native.model.dispose();
      this.tokenizer.native.dispose();
    }
    return this.#disposed;
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** @internal */
  get native(): NativeParts {
    return this.#native;
  }

  #demandAlive(): void {
    if (this.#disposed !== undefined) throw new GenAIError('ERR_GENAI_DISPOSED', 'The Model was disposed.');
  }
}

function checkLoadOptions({
  executionProvider,
  providerOptions,
  configOverlay,
  intraOpNumThreads,
}: ModelLoadOptions): void {
  if (executionProvider !== undefined && (typeof executionProvider !== 'string' || executionProvider === '')) {
    throw invalidArgument('executionProvider', 'the name of a provider, such as "cpu" or "cuda"', executionProvider);
  }
  for (const [name, value] of Object.entries(providerOptions ?? {})) {
    if (typeof value !== 'string') throw invalidArgument(`providerOptions.${name}`, 'a string', value);
  }
  if (providerOptions !== undefined && (executionProvider === undefined || isCpu(executionProvider))) {
    throw invalidArgument(
      'providerOptions',
      'given together with an executionProvider other than "cpu"',
      providerOptions,
    );
  }
  if (configOverlay !== undefined && (typeof configOverlay !== 'object' || configOverlay === null)) {
    throw invalidArgument('configOverlay', 'an object of the shape of genai_config.json', configOverlay);
  }
  if (intraOpNumThreads !== undefined && !(Number.isInteger(intraOpNumThreads) && intraOpNumThreads > 0)) {
    throw invalidArgument('intraOpNumThreads', 'an integer of at least 1', intraOpNumThreads);
  }
}

async function loadNative(addon: NativeAddon, folder: ModelFolder, options: ModelLoadOptions): Promise<NativeModel> {
  const config = await awaitNative(() => addon.createConfig(folder.directory), 'genai_config.json was refused');
  try {
    callNative(() => applyOptions(config, folder, options));
    return await awaitNative(() => addon.createModel(config), `The model at ${folder.directory} cannot be loaded`);
  } finally {
    config.dispose();
  }
}

function applyOptions(config: NativeConfig, folder: ModelFolder, options: ModelLoadOptions): void {
  const { executionProvider, providerOptions = {}, configOverlay, intraOpNumThreads } = options;
  const threads = intraOpNumThreads ?? folder.sessionOptions['intra_op_num_threads'] ?? availableCores();
  config.overlay(JSON.stringify({ model: { decoder: { session_options: { intra_op_num_threads: threads } } } }));
  if (executionProvider !== undefined) {
    config.clearProviders();
    if (!isCpu(executionProvider)) config.appendProvider(executionProvider);
    for (const [key, value] of Object.entries(providerOptions)) config.setProviderOption(executionProvider, key, value);
  }
  if (configOverlay !== undefined) config.overlay(JSON.stringify(configOverlay));
}

function isCpu(provider: string): boolean {
  return /^cpu(executionprovider)?$/i.test(provider);
}
