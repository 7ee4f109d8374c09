import type { NativeGenerator } from '../binding/addon-types.ts';
import { callNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { checkText } from '../util/text.ts';
import { Adapters } from './adapters.ts';
import { type GeneratorCallOptions, refuseBeyond, runGeneratorCall } from './generator-call.ts';
import { checkInputs } from './generator-inputs.ts';
import type { NamedTensors } from './named-tensors.ts';
import { type SpeculativeStats, toSpeculativeStats } from './speculative-stats.ts';
import { nativeTensor, Tensor } from './tensor.ts';
import { checkTokens } from './tokens.ts';

/** Scores of every vocabulary entry for the next token. */
export interface Logits {
  /** Row after row, float32. */
  readonly values: Float32Array;
  /** `[rows, 1, vocabulary]`; rows = batchSize * numBeams. */
  readonly shape: readonly number[];
}

interface GeneratorLimits {
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly batchSize: number;
}

/**
 * One generation, step by step: append tokens, generate, read, rewind. Made by `model.createGenerator()`.
 *
 * Everything that runs the model is a promise and happens on a thread of its own; one call at a time, a second one
 * meanwhile is refused with `ERR_GENAI_BUSY`. Holds the KV cache of `maxLength` tokens until `dispose()` (or `using`);
 * after it every call fails with `ERR_GENAI_DISPOSED`. A run of the model that fails is an `ERR_GENAI_NATIVE`. Since 0.14.1,
 * where a method says nothing else.
 */
export class Generator {
  readonly #native: NativeGenerator;
  readonly #limits: GeneratorLimits;
  #disposed: Promise<void> | undefined;

  /** @internal */
  constructor(native: NativeGenerator, limits: GeneratorLimits) {
    this.#native = native;
    this.#limits = limits;
  }

  /**
   * Appends tokens (for a batch: rows of equal length, one after the other) and runs the model over them.
   *
   * @throws {GenAIError} `ERR_GENAI_INPUT_TOO_LONG` (beyond maxLength), `ERR_GENAI_TOKEN_OUT_OF_RANGE`,
   *   `ERR_GENAI_INVALID_ARGUMENT` (no tokens), `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  async appendTokens(tokens: Int32Array | readonly number[], options: GeneratorCallOptions = {}): Promise<void> {
    const { batchSize, vocabSize } = this.#limits;
    const checked = checkTokens('tokens', tokens, vocabSize);
    if (checked.length === 0 || checked.length % batchSize !== 0) {
      throw invalidArgument(
        'tokens',
        batchSize === 1 ? 'at least one token' : `${batchSize} rows of equal length`,
        tokens,
      );
    }
    this.#checkFirst();
    this.#checkLength(checked.length / batchSize);
    await this.#run(options, () => this.#native.appendTokens(checked));
  }

  /**
   * Appends one row of tokens per row of the batch; shorter rows are padded on the right by the library.
   *
   * @throws {GenAIError} `ERR_GENAI_INPUT_TOO_LONG` (beyond maxLength), `ERR_GENAI_TOKEN_OUT_OF_RANGE`,
   *   `ERR_GENAI_INVALID_ARGUMENT` (not as many rows as the batch has, an empty row), `ERR_GENAI_BUSY`
   */
  async appendTokenSequences(
    rows: readonly (Int32Array | readonly number[])[],
    options: GeneratorCallOptions = {},
  ): Promise<void> {
    const { batchSize, vocabSize } = this.#limits;
    if (!Array.isArray(rows) || rows.length !== batchSize) {
      throw invalidArgument('rows', `an array of ${batchSize} token rows (batchSize)`, rows);
    }
    const checked = rows.map((row, index) => checkTokens(`rows[${index}]`, row, vocabSize));
    const empty = checked.findIndex(row => row.length === 0);
    if (empty >= 0) throw invalidArgument(`rows[${empty}]`, 'at least one token', rows[empty]);
    this.#checkFirst();
    this.#checkLength(Math.max(...checked.map(row => row.length)));
    await this.#run(options, () => this.#native.appendTokenSequences(checked));
  }

  /**
   * Runs one step: chooses the next token of every row. Does nothing when `isDone()`. With `forcedForwardTokens` it may add
   * several, also beyond maxLength.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` before any tokens, `ERR_GENAI_BUSY`
   */
  async generateNextToken(options: GeneratorCallOptions = {}): Promise<void> {
    this.#demandTokens();
    if (this.#isFull()) return;
    await this.#run(options, () => this.#native.generateNextToken());
  }

  /** True when every row has met an end-of-sequence token or maxLength is reached, by the prompt alone as well. */
  isDone(): boolean {
    return callNative(() => this.#native.isDone()) || this.#isFull();
  }

  /** Tokens of a row: prompt and generated. */
  get tokenCount(): number {
    return callNative(() => this.#native.tokenCount());
  }

  /** The tokens that the last step chose, one per row; an end-of-sequence token shows here. Of no use before a step. */
  getNextTokens(): Int32Array {
    return callNative(() => this.#native.getNextTokens());
  }

  /**
   * Prompt and generated tokens of a row. With one row the end-of-sequence token is not in it; in a batch it is, and
   * rows that are done are filled up with the pad token.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a row that does not exist
   */
  getSequence(index = 0): Int32Array {
    if (!(Number.isSafeInteger(index) && index >= 0)) throw invalidArgument('index', 'the number of a row', index);
    return callNative(() => this.#native.getSequence(index));
  }

  /**
   * Goes back to the first `length` tokens; a batch or beams only to 0. Then append other tokens, or generate again.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` beyond the present length
   */
  async rewindTo(length: number): Promise<void> {
    const { tokenCount } = this;
    if (!Number.isInteger(length) || length < 0 || length > tokenCount) {
      throw invalidArgument('length', `an integer from 0 to tokenCount, ${tokenCount}`, length);
    }
    await this.#run({}, () => this.#native.rewindTo(length));
  }

  /**
   * A copy of the scores for the next token; runs the model when the last step's token has not been run yet.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` before any tokens, `ERR_GENAI_BUSY`
   */
  async getLogits(): Promise<Logits> {
    this.#demandTokens();
    return this.#run({}, () => this.#native.getLogits());
  }

  /** Replaces the scores for the next token: as many float32 values as `getLogits()` gives. Copied. */
  async setLogits(logits: Float32Array): Promise<void> {
    this.#demandTokens();
    if (!(logits instanceof Float32Array)) throw invalidArgument('logits', 'a Float32Array', logits);
    await this.#run({}, () => this.#native.setLogits(logits));
  }

  /** Sets an option of the running session, such as `("enable_profiling", "1")`. Allowed while a call runs. */
  setRuntimeOption(key: string, value: string): void {
    checkText('key', key);
    checkText('value', value);
    callNative(() => this.#native.setRuntimeOption(key, value));
  }

  /**
   * Gives a multimodal or speech model what a processor has made of prompt and media, and runs the model over it. The set
   * is copied when the call begins to run; it may be disposed of at once, or be used for another generator.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (also for a model that takes only tokens),
   *   `ERR_GENAI_INPUT_TOO_LONG` (beyond maxLength), `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  async setInputs(inputs: NamedTensors, options: GeneratorCallOptions = {}): Promise<void> {
    this.#checkLength(checkInputs(inputs, this.#limits));
    await this.#run(options, () => this.#native.setInputs(inputs.native));
  }

  /**
   * Sets an input of the model that is not the generator's own, before the first tokens. The tensor is copied while the
   * promise is pending: leave it as it is until then. The library takes any name, and tells a wrong type or shape when
   * the model runs.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (also after the first tokens), `ERR_GENAI_BUSY`,
   *   `ERR_GENAI_DISPOSED`
   */
  async setModelInput(name: string, tensor: Tensor): Promise<void> {
    checkText('name', name);
    if (name === '') throw invalidArgument('name', 'the name of an input', name);
    const native = nativeTensor('tensor', tensor);
    if (this.tokenCount > 0) throw invalidArgument('generator', 'without tokens (set inputs first)', this.tokenCount);
    await this.#run({}, () => this.#native.setModelInput(name, native));
  }

  /**
   * A copy of an input of the model's last run, by its name in the graph.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (no such input, nothing was run yet), `ERR_GENAI_BUSY`,
   *   `ERR_GENAI_DISPOSED`, `ERR_GENAI_UNSUPPORTED_BY_LIBRARY` (before 0.16)
   */
  async getInput(name: string): Promise<Tensor> {
    checkText('name', name);
    this.#demandTokens();
    return new Tensor(await this.#run({}, () => this.#native.getInput(name)));
  }

  /**
   * A copy of an output of the model's last run, such as `"logits"`, by its name in the graph.
   *
   * @throws {GenAIError} as `getInput`; before 0.16 only `"logits"` can be read
   */
  async getOutput(name: string): Promise<Tensor> {
    checkText('name', name);
    this.#demandTokens();
    return new Tensor(await this.#run({}, () => this.#native.getOutput(name)));
  }

  /**
   * Hidden states of another model for the next step, where the model has an input for them; else nothing. Since 0.16.
   * They are copied while the promise is pending: leave them as they are until then.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`,
   *   `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`
   */
  async setHiddenStates(hiddenStates: Tensor): Promise<void> {
    const native = nativeTensor('hiddenStates', hiddenStates);
    await this.#run({}, () => this.#native.setHiddenStates(native));
  }

  /**
   * Keeps the state of a recurrent model at the present length, so that `rewindTo` that length works; nothing for other
   * models. Since 0.16.
   */
  async snapshotState(): Promise<void> {
    this.#demandTokens();
    await this.#run({}, () => this.#native.snapshotState());
  }

  /**
   * Uses a LoRA adapter from here on; choose it before the first tokens, whose keys and values would else be those of
   * another model. The generator keeps the adapter until it is disposed of.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (no such adapter, or the generator has adapters of another
   *   `Adapters`), `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  async setActiveAdapter(adapters: Adapters, name: string): Promise<void> {
    if (!(adapters instanceof Adapters)) throw invalidArgument('adapters', 'Adapters', adapters);
    checkText('name', name);
    await this.#run({}, () => this.#native.setActiveAdapter(adapters.native, name));
  }

  /** True between the runtime options `("terminate_session", "1")` and `"0"`: every call fails. Allowed while one runs. */
  isSessionTerminated(): boolean {
    return callNative(() => this.#native.isSessionTerminated());
  }

  /** What drafted tokens were good for; all 0 without speculative decoding. Since 0.16. */
  getSpeculativeStats(): SpeculativeStats {
    return toSpeculativeStats(callNative(() => this.#native.getSpeculativeStats()) as never);
  }

  /** Ends the running call, which rejects with `ERR_GENAI_DISPOSED`, and frees the KV cache; settles when it is gone. */
  dispose(): Promise<void> {
    // Fails only for want of a thread, and has freed everything then.
    this.#disposed ??= this.#native.dispose().catch(() => {});
    return this.#disposed;
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #isFull(): boolean {
    return this.tokenCount >= this.#limits.maxLength;
  }

  #demandTokens(): void {
    if (this.tokenCount === 0) throw invalidArgument('generator', 'given tokens first (appendTokens)', 'empty');
  }

  /** The library appends to one row only. */
  #checkFirst(): void {
    const { batchSize } = this.#limits;
    if (batchSize === 1 || this.tokenCount === 0) return;
    throw invalidArgument('tokens', 'given to a batch once (rewindTo(0) first)', this.tokenCount);
  }

  #checkLength(added: number): void {
    refuseBeyond(this.#limits.maxLength, this.tokenCount + added);
  }

  #run<T>(options: GeneratorCallOptions, call: () => Promise<T>): Promise<T> {
    return runGeneratorCall(this.#native, options, call, () => this.#disposed !== undefined);
  }
}
