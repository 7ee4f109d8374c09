import type { NativeMtpGenerator } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { GeneratorParams } from './generator-params.ts';
import type { Model } from './model.ts';
import { checkModel } from './model-argument.ts';
import { readOption } from './native-search.ts';
import type { SearchOptions } from './search-options.ts';
import { type SpeculativeStats, toSpeculativeStats } from './speculative-stats.ts';
import { checkTokens } from './tokens.ts';

/** What the drafts of a `MtpGenerator` were good for. */
export interface MtpCounts {
  /** Passes of the main model. */
  readonly forwards: number;
  /** Drafted tokens. */
  readonly trials: number;
  /** Drafted tokens that were taken. */
  readonly accepted: number;
}

/**
 * A generation by a model whose multi-token-prediction head, a model of its own, drafts several tokens ahead. Since 0.16.
 *
 * One row, one beam, no guidance; both models on one device. Everything that runs the models is a promise and happens on
 * a thread of its own; one call at a time, a second one meanwhile is refused with `ERR_GENAI_BUSY`. Holds the KV cache of
 * `maxLength` tokens until `dispose()` (or `using`).
 */
export class MtpGenerator {
  readonly #native: NativeMtpGenerator;
  readonly #vocabSize: number;
  readonly #maxLength: number;
  #disposed: Promise<void> | undefined;

  private constructor(native: NativeMtpGenerator, vocabSize: number, maxLength: number) {
    this.#native = native;
    this.#vocabSize = vocabSize;
    this.#maxLength = maxLength;
  }

  /**
   * @param options search options, or the `GeneratorParams` of the main model
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (models that do not go together, a batch, beams),
   *   `ERR_GENAI_UNSUPPORTED_BY_LIBRARY` (before 0.16), `ERR_GENAI_DISPOSED`
   */
  static async create(
    mainModel: Model,
    mtpModel: Model,
    options: SearchOptions | GeneratorParams = {},
  ): Promise<MtpGenerator> {
    checkModel('mainModel', mainModel);
    checkModel('mtpModel', mtpModel);
    using _main = mainModel.hold();
    using _mtp = mtpModel.hold();
    const params = options instanceof GeneratorParams ? options : new GeneratorParams(mainModel, options);
    if (!params.isFor(mainModel)) throw invalidArgument('options', 'the GeneratorParams of mainModel', params);
    const native = params.createNative();
    try {
      const { addon, model } = mainModel.native;
      const made = await awaitNative(() => addon.createMtpGenerator(model, mtpModel.native.model, native));
      return new MtpGenerator(made, mainModel.vocabSize, Number(readOption(native, 'maxLength')));
    } finally {
      native.dispose();
    }
  }

  /**
   * Appends tokens and runs both models over them.
   *
   * @throws {GenAIError} `ERR_GENAI_INPUT_TOO_LONG` (beyond maxLength), `ERR_GENAI_TOKEN_OUT_OF_RANGE`,
   *   `ERR_GENAI_INVALID_ARGUMENT` (no tokens), `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  async appendTokens(tokens: Int32Array | readonly number[]): Promise<void> {
    const checked = checkTokens('tokens', tokens, this.#vocabSize);
    if (checked.length === 0) throw invalidArgument('tokens', 'at least one token', tokens);
    const length = this.getSequence().length + checked.length;
    const maxLength = this.#maxLength;
    if (length > maxLength) {
      const message = `The sequence would have ${length} tokens, but this MtpGenerator was made for maxLength ${maxLength}.`;
      throw new GenAIError('ERR_GENAI_INPUT_TOO_LONG', message, { details: { length, maxLength } });
    }
    await awaitNative(() => this.#native.appendTokens(checked));
  }

  /** Gives the next token to the sequence. Does nothing when `isDone()`. */
  async generateNextToken(): Promise<void> {
    if (this.getSequence().length === 0) {
      throw invalidArgument('generator', 'given tokens first (appendTokens)', 'empty');
    }
    await awaitNative(() => this.#native.generateNextToken());
  }

  /** Starts over: an empty sequence, the same models. */
  async reset(): Promise<void> {
    await awaitNative(() => this.#native.reset());
  }

  /** True after an end-of-sequence token, or when maxLength is reached. */
  isDone(): boolean {
    return callNative(() => this.#native.isDone());
  }

  /** Prompt and generated tokens; a copy. */
  getSequence(): Int32Array {
    return callNative(() => this.#native.getSequence());
  }

  /** @throws {GenAIError} `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED` */
  getCounts(): MtpCounts {
    return callNative(() => this.#native.getCounts());
  }

  /** What the drafts were good for, in detail. @throws {GenAIError} `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED` */
  getSpeculativeStats(): SpeculativeStats {
    return toSpeculativeStats(callNative(() => this.#native.getSpeculativeStats()) as never);
  }

  /** Waits for the running call, which the library cannot interrupt, and frees the KV cache. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#native.dispose().catch(() => {});
    return this.#disposed;
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
