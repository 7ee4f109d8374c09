import type { NativeScheduler, NativeTurnResult, NativeTurnSettings } from '../../binding/addon-engine-types.ts';
import type { NativeRunResult } from '../../binding/addon-types.ts';
import { awaitNative, callNative } from '../../binding/native-error.ts';
import { loadRuntime } from '../../binding/runtime.ts';
import { GenAIError, invalidArgument, isGenAIError } from '../../errors.ts';
import { abandonOnAbort, onAbort, throwIfAborted } from '../../util/abort.ts';
import { checkOptions } from '../../util/options.ts';
import { anySignal, chunkWriter, encodeText, NOTHING, throwReason, toResult } from '../generate.ts';
import { newTokensFor } from '../generate-plan.ts';
import { hasMedia } from '../media-prompt.ts';
import { Model } from '../model.ts';
import { readModelConfig } from '../model-folder.ts';
import { TokenStream } from '../token-stream.ts';
import { Tokenizer } from '../tokenizer.ts';
import type { GenerateInput, GenerateResult, TokenChunk } from '../types.ts';
import { misfit, readSchedulerFolder, type SchedulerFolder } from './scheduler-folder.ts';
import { checkSchedulerOptions, type SchedulerOptions } from './scheduler-options.ts';
import { planSubmit, type SubmitOptions, type SubmitPlan } from './submit-plan.ts';

/** What a scheduler has done, and does at this moment. */
export interface SchedulerStats {
  /** Requests that get tokens, or whose prompt is being read. */
  readonly running: number;
  /** Requests that wait for a place. */
  readonly waiting: number;
  /** Bytes of memory for keys and values. */
  readonly kvBytes: number;
  /** Steps that gave one token to every running request. */
  readonly steps: number;
  /** Mean number of requests in such a step; 0 before the first one. */
  readonly meanBatchSize: number;
  /** Mean duration of such a step, in milliseconds; 0 before the first one. */
  readonly meanStepMs: number;
  /** Tokens of prompts that were read, and tokens that were generated. */
  readonly promptTokens: number;
  readonly generatedTokens: number;
  /** Time in runs of the model, in milliseconds: steps, and reading prompts. */
  readonly decodeMs: number;
  readonly prefillMs: number;
}

type OnChunks = (chunks: readonly TokenChunk[]) => void;

let lastId = 0;

/**
 * Runs many requests on one model at once, on the CPU: each joins between two steps and leaves when it is done. A step
 * gives one token to every running request, and costs much less than as many single ones; prompts are read in parts
 * between the steps. Answers are those of `model.generate()`, whatever else is running.
 *
 * It has a session of ONNX Runtime and a thread of its own. Holds its weights, which are not those of a `Model`, until
 * `dispose()` (or `using`).
 */
export class Scheduler {
  readonly tokenizer: Tokenizer;
  /** Most tokens of prompt and answer together. */
  readonly maxLength: number;
  readonly #native: NativeScheduler;
  readonly #folder: SchedulerFolder['folder'];
  readonly #most: number;
  readonly #ownsTokenizer: boolean;
  #unfinished = 0;
  #disposed: Promise<void> | undefined;

  private constructor(
    native: NativeScheduler,
    { folder }: SchedulerFolder,
    { tokenizer, ownsTokenizer, maxLength, most }: SchedulerParts,
  ) {
    this.#native = native;
    this.#folder = folder;
    this.tokenizer = tokenizer;
    this.#ownsTokenizer = ownsTokenizer;
    this.maxLength = maxLength;
    this.#most = most;
  }

  /**
   * Loads a model for many requests.
   *
   * @param source a model folder; or a `Model`, whose folder is then loaded a second time and whose tokenizer is used: keep
   *   the model as long as the scheduler
   * @throws {GenAIError} `ERR_GENAI_MODEL_INVALID` with the reason for a model that cannot be scheduled,
   *   `ERR_GENAI_MODEL_NOT_FOUND`, `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_OUT_OF_MEMORY`, `ERR_GENAI_RUNTIME_NOT_FOUND`,
   *   `ERR_GENAI_RUNTIME_INCOMPATIBLE`, `ERR_GENAI_UNSUPPORTED_BY_LIBRARY` (a folder, before 0.16), `ERR_GENAI_DISPOSED`
   */
  static async create(source: Model | string, options: SchedulerOptions = {}): Promise<Scheduler> {
    if (!(source instanceof Model) && typeof source !== 'string') {
      throw invalidArgument('source', 'a Model or the path of a model folder', source);
    }
    checkOptions(options, ['maxBatchSize', 'maxWaiting', 'maxLength', 'chunkSize', 'intraOpNumThreads']);
    using _ = source instanceof Model ? source.hold() : undefined;
    const file = await readModelConfig(source instanceof Model ? source.directory : source);
    const found = await readSchedulerFolder(file);
    const checked = checkSchedulerOptions(options, found);
    const { addon } = await loadRuntime();
    const ownsTokenizer = !(source instanceof Model);
    const tokenizer = ownsTokenizer ? await Tokenizer.fromPath(source) : source.tokenizer;
    try {
      const native = await awaitNative(() =>
        addon.createScheduler(
          {
            ...found.decoder,
            threads: checked.intraOpNumThreads,
            rows: checked.maxBatchSize,
            capacity: checked.maxLength,
            chunk: checked.chunkSize,
            endTokens: Int32Array.from(tokenizer.eosTokenIds),
            bytes: found.folder.sizeInBytes,
          },
          tokenizer.native,
        ),
      );
      const most = checked.maxBatchSize + checked.maxWaiting;
      return new Scheduler(native, found, { tokenizer, ownsTokenizer, maxLength: checked.maxLength, most });
    } catch (error) {
      if (ownsTokenizer) tokenizer.dispose();
      throw isGenAIError(error, 'ERR_GENAI_MODEL_INVALID') ? misfit(file, error.message, error) : error;
    }
  }

  /**
   * Begins to answer, as soon as there is a place. Errors reach the reader and `result`: `ERR_GENAI_INVALID_ARGUMENT`,
   * `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_INPUT_TOO_LONG`, `ERR_GENAI_OVERLOADED` (more wait than `maxWaiting`),
   * `ERR_GENAI_NATIVE` (the model failed, or its logits are no numbers), `ERR_GENAI_ENGINE_DEAD` (memory has run out
   * between two steps: make another Scheduler), `ERR_GENAI_DISPOSED`; or the signal's reason.
   *
   * @param input raw prompt, messages without media, or token ids
   */
  submit(input: GenerateInput, options: SubmitOptions = {}): TokenStream {
    return new TokenStream({ run: (onChunks, cancelSignal) => this.#submit(input, options, onChunks, cancelSignal) });
  }

  /** @throws {GenAIError} `ERR_GENAI_ENGINE_DEAD`, `ERR_GENAI_DISPOSED` */
  async stats(): Promise<SchedulerStats> {
    const { stepRows, prefills: _, ...stats } = await awaitNative(() => this.#native.stats());
    return {
      ...stats,
      meanBatchSize: stats.steps === 0 ? 0 : stepRows / stats.steps,
      meanStepMs: stats.steps === 0 ? 0 : stats.decodeMs / stats.steps,
    };
  }

  /** Ends what runs and waits with `ERR_GENAI_DISPOSED`, and frees the weights; settles when that has happened. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  [Symbol.dispose](): void {
    this.dispose().catch(() => {}); // for want of a thread; everything is freed then
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #dispose(): Promise<void> {
    try {
      await awaitNative(() => this.#native.dispose());
    } finally {
      if (this.#ownsTokenizer) this.tokenizer.dispose();
    }
  }

  async #submit(
    input: GenerateInput,
    options: SubmitOptions,
    onChunks: OnChunks,
    cancelSignal: AbortSignal,
  ): Promise<GenerateResult> {
    const started = performance.now();
    this.#demandOpen();
    const { vocabSize, search } = this.#folder;
    const planned = planSubmit(options, { contextLength: this.maxLength, vocabSize }, search);
    const signal = anySignal(options.signal, cancelSignal);
    using _ = this.#take();
    let inputTokens = 0;
    try {
      throwIfAborted(signal);
      const prompt = await abandonOnAbort(this.#encode(input), signal);
      inputTokens = prompt.length;
      const request = this.#request(prompt, planned);
      const before = performance.now() - started;
      const ended = await this.#run(request, signal, onChunks);
      if (ended.reason === 'abort') throwReason(planned.plan, signal);
      const cachedTokens = ended.cachedInputTokens;
      return toResult(runOf(ended), planned.plan, { inputTokens, cachedTokens }, before);
    } catch (error) {
      if (signal?.aborted !== true || !Object.is(signal.reason, error)) throw error;
      throwReason(planned.plan, signal);
      return toResult(NOTHING, planned.plan, { inputTokens, cachedTokens: 0 }, performance.now() - started);
    }
  }

  #encode(input: GenerateInput): Promise<Int32Array> {
    if (hasMedia(input)) throw invalidArgument('input', 'without pictures and sound', input);
    return encodeText({ tokenizer: this.tokenizer, vocabSize: this.#folder.vocabSize }, input);
  }

  #request(tokens: Int32Array, { plan, sampling, minLength }: SubmitPlan): NativeTurnSettings {
    const maxNewTokens = newTokensFor(plan, tokens.length, this.maxLength, 'the maxLength of the Scheduler');
    const minNewTokens = Math.min(Math.max(0, minLength - tokens.length), maxNewTokens);
    return { tokens, maxNewTokens, minNewTokens, stop: plan.stop, text: true, ...sampling };
  }

  async #run(
    request: NativeTurnSettings,
    signal: AbortSignal | undefined,
    onChunks: OnChunks,
  ): Promise<NativeTurnResult> {
    throwIfAborted(signal);
    this.#demandOpen();
    const id = ++lastId;
    const write = chunkWriter(onChunks);
    const running = callNative(() => this.#native.run(id, request, write));
    const off = onAbort(signal, () => {
      if (this.#disposed === undefined) this.#native.cancel(id);
    });
    try {
      const ended = await awaitNative(() => running);
      if (ended.reason !== 'failed') return ended;
      throw new GenAIError('ERR_GENAI_NATIVE', `The request has failed: ${ended.message}`);
    } finally {
      off();
    }
  }

  /** A place among those that run and wait. */
  #take(): Disposable {
    if (this.#unfinished >= this.#most) {
      throw new GenAIError(
        'ERR_GENAI_OVERLOADED',
        `${this.#unfinished} requests run and wait, as many as may (maxBatchSize + maxWaiting). Try again later.`,
        { details: { unfinished: this.#unfinished } },
      );
    }
    this.#unfinished++;
    return { [Symbol.dispose]: () => this.#unfinished-- };
  }

  #demandOpen(): void {
    if (this.#disposed !== undefined) throw new GenAIError('ERR_GENAI_DISPOSED', 'The Scheduler was disposed.');
  }
}

interface SchedulerParts {
  readonly tokenizer: Tokenizer;
  readonly ownsTokenizer: boolean;
  readonly maxLength: number;
  /** Requests that may run and wait. */
  readonly most: number;
}

function runOf({ tokens, text, reason, matchedStop, queuedMs, ttftMs, totalMs }: NativeTurnResult): NativeRunResult {
  return {
    tokens,
    text,
    reason: reason === 'failed' ? 'abort' : reason,
    matchedStop,
    queuedMs,
    ttftMs,
    decodeMs: totalMs - ttftMs,
    totalMs,
  };
}
