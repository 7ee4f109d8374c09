import { invalidArgument } from '../../errors.ts';
import type { ChatCompletion, ChatCompletionChunk, ModelConfig, Phi3Model } from '../../phi3/index.ts';
import { checkOptions } from '../../util/options.ts';
import { readInputExample } from '../format/input-example.ts';
import type { MLmodel } from '../format/mlmodel.ts';
import { enforceInput } from '../format/schema/enforce.ts';
import { enforceParams } from '../format/schema/enforce-params.ts';
import type { ModelSignature } from '../format/schema/signature.ts';
import { chatRequest } from './chat-request.ts';
import type { Runnable } from './find-runnable.ts';
import { CHAT_TASK, type ModelTask } from './names.ts';
import { rowsOf } from './tensor-prompts.ts';

/** What `predict` gives: for a prompt model a text, or one per record; for a chat model a list of completions. */
/** A record of a chat model. */
export interface ChatInput {
  readonly messages: readonly unknown[];
  readonly [field: string]: unknown;
}

/** A prompt, alone or as the record of the signature. */
export type PromptInput = string | { readonly prompt: string; readonly [field: string]: unknown };

/** Parameters of the signature. */
type Params = Readonly<Record<string, unknown>>;

export type PredictionChunk = string | ChatCompletionChunk;

export type Prediction = string | string[] | ChatCompletion[];

export interface PredictOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a LoadedModel is made of. */
export interface LoadedParts {
  readonly phi3: Phi3Model;
  readonly directory: string;
  readonly mlmodel: MLmodel;
  readonly signature: ModelSignature | null;
  readonly runnable: Runnable;
  readonly onWarning: ((message: string) => void) | undefined;
  /** Removes what was downloaded. */
  readonly cleanUp: () => Promise<void>;
}

/** An MLflow model that is ready to answer. Inputs are checked against its signature, as MLflow does. */
export class LoadedModel {
  /** The contents of its MLmodel file. */
  readonly metadata: MLmodel;
  /** Null for a model without one: then nothing is checked. */
  readonly signature: ModelSignature | null;
  /** Absolute path of the model directory. */
  readonly directory: string;
  readonly task: ModelTask;
  /** Key of the artifact that runs. */
  readonly artifact: string;
  /** What a person should know about this model: that its Python code was not run. */
  readonly notice: string | undefined;
  readonly #parts: LoadedParts;
  #disposed: Promise<void> | undefined;

  /** @internal */
  constructor(parts: LoadedParts) {
    this.metadata = parts.mlmodel;
    this.signature = parts.signature;
    this.directory = parts.directory;
    this.task = parts.runnable.task;
    this.artifact = parts.runnable.artifact;
    this.notice = parts.runnable.notice;
    this.#parts = parts;
  }

  /** The wrapper that runs it. */
  get phi3Model(): Phi3Model {
    return this.#parts.phi3;
  }

  /**
   * Answers what fits the signature.
   *
   * A prompt model answers one record or text with a text, an array with an array of the same length. A chat model
   * answers `{ messages, temperature?, max_tokens?, stop?, n? }` with a list of one completion, as MLflow does, an array
   * of such records with one completion for each. (`stream` is read by `predictStream` only.) Several are answered one
   * after the other.
   *
   * @param params parameters of the signature: search options by their upstream names and `stop`, over the model's
   *   configuration; what the signature does not have is left out, and told to `onWarning`
   * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE`, `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_INPUT_TOO_LONG`,
   *   `ERR_GENAI_DISPOSED`; or the signal's reason
   */
  predict(
    input: ChatInput | readonly ChatInput[],
    params?: Params,
    options?: PredictOptions,
  ): Promise<ChatCompletion[]>;
  predict(input: PromptInput, params?: Params, options?: PredictOptions): Promise<string>;
  predict(input: readonly PromptInput[], params?: Params, options?: PredictOptions): Promise<string[]>;
  predict(input: unknown, params?: Params, options?: PredictOptions): Promise<Prediction>;
  async predict(input: unknown, params?: Params, options: PredictOptions = {}): Promise<Prediction> {
    const { phi3 } = this.#parts;
    const { rows, single, modelConfig, stop, signal } = this.#read(input, params, options);
    if (this.task === CHAT_TASK) {
      const requests = rows.map(chatRequest);
      const completions: ChatCompletion[] = [];
      for (const { messages, options: asked } of requests) {
        completions.push(
          await phi3.chat(messages, { ...asked, stop: asked.stop ?? stop ?? null, modelConfig, signal }),
        );
      }
      return completions;
    }
    const texts = await phi3.predict(null, rows.map(promptOf), { modelConfig, stop, signal });
    return single ? (texts[0] ?? '') : texts;
  }

  /**
   * Answers one record piece by piece: texts of a prompt model, chunks of a completion of a chat model. Begins with the
   * first `next`, and fails there; leaving the loop ends the generation.
   *
   * @throws {GenAIError} as `predict`; `ERR_GENAI_INVALID_ARGUMENT` for several records
   */
  predictStream(input: ChatInput, params?: Params, options?: PredictOptions): AsyncGenerator<ChatCompletionChunk, void>;
  predictStream(input: PromptInput, params?: Params, options?: PredictOptions): AsyncGenerator<string, void>;
  predictStream(input: unknown, params?: Params, options?: PredictOptions): AsyncGenerator<PredictionChunk, void>;
  predictStream(input: unknown, params?: Params, options: PredictOptions = {}): AsyncGenerator<PredictionChunk, void> {
    return this.#stream(input, params, options);
  }

  async *#stream(
    input: unknown,
    params: Params | undefined,
    options: PredictOptions,
  ): AsyncGenerator<PredictionChunk, void> {
    const { phi3 } = this.#parts;
    const { rows, modelConfig, stop, signal } = this.#read(input, params, options);
    const [row] = rows;
    if (row === undefined || rows.length > 1) throw invalidArgument('input', 'one record', input);
    if (this.task === CHAT_TASK) {
      const { messages, options: asked } = chatRequest(row);
      yield* phi3.chatStream(messages, { ...asked, stop: asked.stop ?? stop ?? null, modelConfig, signal });
    } else {
      yield* phi3.predictStream(null, promptOf(row), { modelConfig, stop, signal }).text;
    }
  }

  /**
   * The input example, or null.
   *
   * @throws {GenAIError} `ERR_MLFLOW_FORMAT`, `ERR_MLFLOW_UNSAFE_PATH`
   */
  async inputExample(): Promise<{ input: unknown; params: Readonly<Record<string, unknown>> | null } | null> {
    return readInputExample(this.directory, this.metadata);
  }

  /** Frees the model, and removes what was downloaded for it. */
  dispose(): Promise<void> {
    const { phi3, cleanUp } = this.#parts;
    this.#disposed ??= phi3.dispose().then(cleanUp);
    return this.#disposed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #read(input: unknown, params: Params | undefined, options: PredictOptions): Call {
    checkOptions(options, ['signal']);
    const { onWarning } = this.#parts;
    const warn = onWarning === undefined ? {} : { onWarning };
    const enforced = enforceInput(input, this.signature?.inputs ?? null, warn);
    const given = Object.entries(enforceParams(params, this.signature?.params ?? null, warn)).filter(
      ([, value]) => value !== null,
    );
    const { stop, ...modelConfig } = Object.fromEntries(given);
    return {
      rows: rowsOf(enforced),
      single: enforced.single,
      signal: options.signal,
      stop: stop as Call['stop'],
      // Phi3Model checks names and values.
      modelConfig: modelConfig as ModelConfig,
    };
  }
}

interface Call {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly single: boolean;
  readonly modelConfig: ModelConfig;
  readonly stop: string | readonly string[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The column "prompt", or the only one, whatever it is called. */
function promptOf(row: Readonly<Record<string, unknown>>): string {
  const values = Object.values(row);
  const prompt = row['prompt'] ?? (values.length === 1 ? values[0] : undefined);
  if (typeof prompt === 'string') return prompt;
  throw invalidArgument('input', 'a prompt, or records with "prompt"', prompt ?? row);
}
