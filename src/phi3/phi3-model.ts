import { Model } from '../core/model.ts';
import type { TokenStream } from '../core/token-stream.ts';
import type { ChatMessage, GenerateOptions } from '../core/types.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import type { ResponseFormat } from '../guided/response-format.ts';
import { checkOptions } from '../util/options.ts';
import {
  CHAT_OPTIONS,
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatCompletionOptions,
  chatCompletion,
  chatCompletionChunks,
} from './chat-completion.ts';
import { type ModelConfig, searchOptionsOf } from './model-config.ts';

/** What MLflow hands to a Python model: where the artifacts are, and the model's configuration. */
export interface Phi3Context {
  /** `"phi3-mini-onnx"` is the folder with the ONNX model. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Search options by their upstream names, over `{ max_length: 300, temperature: 0.2 }`. */
  readonly modelConfig?: ModelConfig;
}

/** A prompt with its control tokens, alone or as the record of MLflow's signature. */
export type Phi3Prompt = string | { readonly prompt: string };

/** What one call may be given besides its input. */
export interface Phi3CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface Phi3PredictOptions extends Phi3CallOptions {
  /** For this call, over the one that the model was loaded with. */
  readonly modelConfig?: ModelConfig | undefined;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: string | readonly string[] | undefined;
  /** What the answers must look like, as in `generate()`. */
  readonly responseFormat?: ResponseFormat | undefined;
}

/** The artifact that the model is read from. */
export const PHI3_ARTIFACT = 'phi3-mini-onnx';

/**
 * The wrapper that the Phi-3 cookbook writes in Python for MLflow (`load_context` / `predict`), for Node. Prompts are
 * raw: `<|system|>...<|end|><|user|>...<|end|><|assistant|>`. `max_length` (300: prompt and answer together) and
 * `temperature` (0.2) are handed to the search; whether it samples is left to the model's genai_config.json.
 * Source: E2E_Phi-3-MLflow of microsoft/PhiCookBook.
 *
 * @example
 * await using phi3 = new Phi3Model();
 * await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': 'models/phi3-demo' } });
 * await phi3.predict(null, { prompt: '<|user|>Hello<|end|><|assistant|>' });
 */
export class Phi3Model {
  #model: Model | undefined;
  #name = '';
  #loads = 0;
  #modelConfig: ModelConfig = {};

  /**
   * Loads the model; loading again replaces it, and what runs on the old one ends there.
   *
   * @throws {GenAIError} as `Model.load`, and `ERR_GENAI_INVALID_ARGUMENT` for a context without the artifact or an
   *   unknown name in modelConfig
   */
  async loadContext(context: Phi3Context, options: Phi3CallOptions = {}): Promise<void> {
    const signal = signalOf(options);
    const directory = context?.artifacts?.[PHI3_ARTIFACT];
    if (typeof directory !== 'string') {
      throw invalidArgument(`context.artifacts["${PHI3_ARTIFACT}"]`, 'the path of a model folder', directory);
    }
    const { modelConfig = {} } = context;
    checkConfig('context.modelConfig', modelConfig);
    const load = ++this.#loads;
    const model = await Model.load(directory, { signal });
    if (load !== this.#loads) {
      await model.dispose();
      throw new GenAIError('ERR_GENAI_DISPOSED', 'The Phi3Model was disposed, or loaded anew, during loadContext().');
    }
    const previous = this.#model;
    this.#model = model;
    this.#name = directory.split(/[\\/]/).findLast(part => part !== '') ?? directory;
    this.#modelConfig = { ...modelConfig };
    await previous?.dispose();
  }

  /** Absolute path of the loaded model's folder; undefined before `loadContext()`. */
  get directory(): string | undefined {
    return this.#model?.directory;
  }

  /** What `loadContext()` was given, without the defaults. */
  get modelConfig(): ModelConfig {
    return this.#modelConfig;
  }

  /**
   * Answers one prompt with a string, an array of prompts with an array of the same length. Only the new tokens are
   * decoded. Prompts of an array are answered one after the other.
   *
   * @param _context not used; there because MLflow passes it
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_INPUT_TOO_LONG` (no room below max_length),
   *   `ERR_GENAI_DISPOSED`; or the signal's reason
   */
  predict(_context: unknown, input: Phi3Prompt, options?: Phi3PredictOptions): Promise<string>;
  predict(_context: unknown, input: readonly Phi3Prompt[], options?: Phi3PredictOptions): Promise<string[]>;
  async predict(
    _context: unknown,
    input: Phi3Prompt | readonly Phi3Prompt[],
    options: Phi3PredictOptions = {},
  ): Promise<string | string[]> {
    const generating = this.#predictOptions(options);
    const model = this.#loaded();
    const answer = async (prompt: string): Promise<string> => (await model.generate(prompt, generating)).text;
    if (!Array.isArray(input)) return answer(promptOf(input as Phi3Prompt, 'input'));
    const prompts = input.map((item: Phi3Prompt, index) => promptOf(item, `input[${index}]`));
    const answers: string[] = [];
    for (const prompt of prompts) answers.push(await answer(prompt));
    return answers;
  }

  /** As `predict` of one prompt, token by token. */
  predictStream(_context: unknown, input: Phi3Prompt, options: Phi3PredictOptions = {}): TokenStream {
    return this.#loaded().stream(promptOf(input, 'input'), this.#predictOptions(options));
  }

  /**
   * Answers a conversation in the shape of MLflow's `llm/v1/chat`.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_INPUT_TOO_LONG`, `ERR_GENAI_DISPOSED`
   */
  async chat(messages: readonly ChatMessage[], options: ChatCompletionOptions = {}): Promise<ChatCompletion> {
    return chatCompletion(this.#loaded(), this.#name, messages, options, this.#chatDefaults(options));
  }

  /** As `chat`, in chunks; begins with the first `next`, and fails there. */
  chatStream(
    messages: readonly ChatMessage[],
    options: ChatCompletionOptions = {},
  ): AsyncGenerator<ChatCompletionChunk, void> {
    const defaults = this.#chatDefaults(options);
    return chatCompletionChunks(this.#loaded(), this.#name, messages, options, defaults);
  }

  /** Frees the model; settles when it is gone. */
  async dispose(): Promise<void> {
    this.#loads++;
    await this.#model?.dispose();
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #predictOptions(options: Phi3PredictOptions): GenerateOptions {
    checkOptions(options, ['signal', 'modelConfig', 'stop', 'responseFormat']);
    const { signal, modelConfig, stop, responseFormat } = options;
    return { ...this.#search(modelConfig, { max_length: 300 }), stop, signal, responseFormat };
  }

  /** The 300 tokens are the default of predict only. */
  #chatDefaults(options: ChatCompletionOptions): GenerateOptions {
    checkOptions(options, CHAT_OPTIONS);
    return this.#search(options.modelConfig, {});
  }

  #search(modelConfig: ModelConfig = {}, defaults: ModelConfig): GenerateOptions {
    checkConfig('modelConfig', modelConfig);
    const config = { ...defaults, temperature: 0.2, ...this.#modelConfig, ...modelConfig };
    return { doSample: 'model', ...searchOptionsOf(config) };
  }

  #loaded(): Model {
    if (this.#model !== undefined) return this.#model;
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      'No model is loaded: await loadContext() before the first call.',
    );
  }
}

function signalOf(options: Phi3CallOptions): AbortSignal | undefined {
  checkOptions(options, ['signal']);
  return options.signal;
}

function checkConfig(name: string, modelConfig: unknown): void {
  if (typeof modelConfig !== 'object' || modelConfig === null || Array.isArray(modelConfig)) {
    throw invalidArgument(name, 'an object of search options', modelConfig);
  }
  searchOptionsOf(modelConfig as ModelConfig);
}

function promptOf(input: unknown, name: string): string {
  if (typeof input === 'string') return input;
  const prompt = typeof input === 'object' && input !== null ? (input as { prompt?: unknown }).prompt : undefined;
  if (typeof prompt === 'string') return prompt;
  throw invalidArgument(name, 'a prompt string or { prompt: string }', input);
}
