import { resolve } from 'node:path';
import type { NativeTokenizer } from '../binding/addon-types.ts';
import { isTraced, trace } from '../diagnostics.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { type Settled, withResolvers } from '../util/with-resolvers.ts';
import { type ChatOptions, ChatSession } from './chat-session.ts';
import { Config } from './config.ts';
import { Engine, type EngineOptions } from './engine/engine.ts';
import { generate } from './generate.ts';
import { Generator } from './generator.ts';
import { type GeneratorOptions, GeneratorParams } from './generator-params.ts';
import { createNativeGenerator } from './guided-generator.ts';
import type { LoadOptions, ModelLoadOptions } from './load-options.ts';
import { type NativeParts, openModel } from './model-open.ts';
import { MultiModalProcessor } from './multi-modal-processor.ts';
import { readOption } from './native-search.ts';
import { TokenStream } from './token-stream.ts';
import { Tokenizer } from './tokenizer.ts';
import type { GenerateInput, GenerateOptions, GenerateResult } from './types.ts';

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
  #mediaProcessor: Promise<MultiModalProcessor> | undefined;
  #holds = 0;
  #disposed: Settled | undefined;

  private constructor(native: NativeParts, tokenizer: NativeTokenizer, controlTokens: readonly string[]) {
    const { folder, model } = native;
    this.#native = native;
    this.tokenizer = new Tokenizer(tokenizer, {
      vocabSize: folder.vocabSize,
      controlTokens,
      holdModel: () => this.hold(),
    });
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
  static load(directory: string, options?: ModelLoadOptions): Promise<Model>;
  /** Loads the model of a `Config`, which stays the caller's. Throws `ERR_GENAI_DISPOSED` in addition. */
  static load(config: Config, options?: LoadOptions): Promise<Model>;
  static async load(source: string | Config, options: ModelLoadOptions = {}): Promise<Model> {
    const started = performance.now();
    try {
      const { native, tokenizer, controlTokens } = await openModel(source, options);
      const model = new Model(native, tokenizer, controlTokens);
      model.#traceLoad(performance.now() - started);
      return model;
    } catch (error) {
      if (isTraced('genai:model:load')) {
        const directory =
          source instanceof Config ? source.directory : typeof source === 'string' ? resolve(source) : '';
        const ms = performance.now() - started;
        trace('genai:model:load', { directory, sizeInBytes: 0, ms, deviceType: null, error });
      }
      throw error;
    }
  }

  #traceLoad(ms: number): void {
    if (!isTraced('genai:model:load')) return;
    const { directory, deviceType } = this;
    const { sizeInBytes } = this.#native.folder;
    trace('genai:model:load', { directory, sizeInBytes, ms, deviceType, error: null });
  }

  /**
   * Generates an answer.
   *
   * @param input raw prompt (control tokens in it count), messages (they do not), or token ids
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_INPUT_TOO_LONG`,
   *   `ERR_GENAI_GUIDANCE_REFUSED`, `ERR_GENAI_DISPOSED`; or the signal's reason
   */
  async generate(input: GenerateInput, options: GenerateOptions = {}): Promise<GenerateResult> {
    return generate(this, input, options);
  }

  /** Starts to generate an answer at once and gives it token by token. Errors reach the reader and `result`. */
  stream(input: GenerateInput, options: GenerateOptions = {}): TokenStream {
    return new TokenStream({
      run: (onChunks, cancelSignal) => generate(this, input, options, { onChunks, cancelSignal }),
    });
  }

  /**
   * A conversation that keeps its KV cache from turn to turn. Options are those of every turn, and `system`, `messages`,
   * `tools`, `template`.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED`
   */
  createChat(options: ChatOptions = {}): ChatSession {
    using _ = this.hold();
    return new ChatSession(this, options);
  }

  /**
   * A generator to be driven step by step.
   *
   * @param options search options, guidance and speculation, or the `GeneratorParams` of this model; `maxLength` defaults
   *   to 2048 or less (context length, sliding window)
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_GUIDANCE_REFUSED`, `ERR_GENAI_DISPOSED`
   */
  async createGenerator(options: GeneratorOptions | GeneratorParams = {}): Promise<Generator> {
    using _ = this.hold();
    const params = options instanceof GeneratorParams ? options : new GeneratorParams(this, options);
    if (!params.isFor(this)) throw invalidArgument('options', 'the GeneratorParams of this very model', params);
    const native = params.createNative();
    try {
      const [batchSize, numBeams] = ['batchSize', 'numBeams'].map(name => Number(readOption(native, name))) as [
        number,
        number,
      ];
      const { maxLength, guidance } = params;
      const bytes = this.#native.folder.kvBytesPerToken * maxLength * batchSize * numBeams;
      const generator = await createNativeGenerator(this.#native, native, bytes, guidance);
      return new Generator(generator, { vocabSize: this.vocabSize, maxLength, batchSize });
    } finally {
      native.dispose();
    }
  }

  /**
   * Upstream's engine on this model, for many requests at once; needs 0.16 for more than one turn per request. Keeps the
   * weights until it is disposed of. Any number of engines may share a model.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_MODEL_INVALID` (dynamic batching asked of a model that
   *   was exported without paged attention), `ERR_GENAI_DISPOSED`
   */
  async createEngine(options: EngineOptions = {}): Promise<Engine> {
    return Engine.create(this, options);
  }

  /**
   * Refuses new calls, lets running ones end, then frees the weights; settles when that has happened. (What was made
   * of it and is still there keeps them: a `Generator`, `ChatSession`, `Engine`, `Adapters`, `MultiModalProcessor`.)
   */
  dispose(): Promise<void> {
    if (this.#disposed === undefined) {
      this.#disposed = withResolvers();
      this.#freeWhenUnused();
    }
    return this.#disposed.promise;
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

  /** @internal The one of messages with media; made at the first of them, for it reads the tokenizer again. */
  mediaProcessor(): Promise<MultiModalProcessor> {
    this.#mediaProcessor ??= MultiModalProcessor.create(this).catch(error => {
      this.#mediaProcessor = undefined;
      throw error;
    });
    return this.#mediaProcessor;
  }

  /** @internal Keeps the native parts for one call, whatever dispose() is asked meanwhile. */
  hold(): Disposable {
    if (this.#disposed !== undefined) throw new GenAIError('ERR_GENAI_DISPOSED', 'The Model was disposed.');
    this.#holds++;
    return { [Symbol.dispose]: () => this.#release() };
  }

  /** @internal Keeps the native parts, also of a disposed model, until `work` is done; it must not fail. */
  holdUntil(work: Promise<unknown>): void {
    this.#holds++;
    void work.then(() => this.#release());
  }

  #release(): void {
    this.#holds--;
    this.#freeWhenUnused();
  }

  #freeWhenUnused(): void {
    if (this.#disposed === undefined || this.#holds > 0) return;
    this.tokenizer.native.dispose();
    this.#freeModel().then(this.#disposed.resolve, this.#disposed.resolve);
  }

  async #freeModel(): Promise<void> {
    const processor = await this.#mediaProcessor?.catch(() => undefined);
    processor?.dispose(); // it has the weights, too
    await this.#native.model.dispose();
  }
}
