import type { NativeEngineRequest, NativeTurnResult, NativeTurnSettings } from '../../binding/addon-engine-types.ts';
import { awaitNative, callNative } from '../../binding/native-error.ts';
import { GenAIError, invalidArgument, isGenAIError } from '../../errors.ts';
import { onAbort, throwIfAborted } from '../../util/abort.ts';
import { checkTokens } from '../tokens.ts';
import { guidanceRefused } from './guidance.ts';
import { type OnTokens, Turn, type TurnResult } from './turn.ts';
import { planTurn, type TurnLimits, type TurnOptions } from './turn-options.ts';

/** What a request needs of its engine. */
export interface EngineOfRequest {
  readonly limits: TurnLimits;
  readonly maxDraftTokens: number;
  readonly onBlocked: () => void;
}

/**
 * A conversation in an `Engine` (upstream's Request): its tokens stay in the KV cache between its turns, so a later turn
 * is given only what is new. Made by `engine.createRequest()`; holds its place in the batch until `close()`.
 */
export class EngineRequest {
  /** Most tokens of all its turns together, given and generated. */
  readonly maxSessionTokens: number;
  readonly #native: NativeEngineRequest;
  readonly #engine: EngineOfRequest;
  /** Tokens held when a turn began, by its id. */
  readonly #starts = new Map<number, number>();
  #tokenCount = 0;
  #nextId = 1;
  #running = false;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(native: NativeEngineRequest, engine: EngineOfRequest, maxSessionTokens: number) {
    this.#native = native;
    this.#engine = engine;
    this.maxSessionTokens = maxSessionTokens;
  }

  /** Tokens held after the last turn: given and generated. An end-of-sequence token is not among them. */
  get tokenCount(): number {
    return this.#tokenCount;
  }

  /**
   * Gives the request tokens and lets it answer. What is wrong with the arguments is thrown here; what happens later
   * reaches the reader and the `result` of the turn: `ERR_GENAI_GUIDANCE_REFUSED`, `ERR_GENAI_ENGINE_DEAD` (for every
   * running turn), `ERR_GENAI_DISPOSED` (engine disposed of, or request closed, meanwhile), `ERR_GENAI_NATIVE` (this turn
   * failed, or a static engine cannot go on with it), or the reason of the signal.
   *
   * @param tokens what is new since the last turn. A chat format that ends its messages with a token wants that token
   *   first: the engine keeps none that ended the last answer
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_INPUT_TOO_LONG`,
   *   `ERR_GENAI_GUIDANCE_REFUSED` (above the limits), `ERR_GENAI_BUSY` (the last turn runs), `ERR_GENAI_DISPOSED`; or the
   *   signal's reason when it has fired
   */
  beginTurn(tokens: Int32Array | readonly number[], options: TurnOptions = {}): Turn {
    this.#demandIdle();
    const { limits, onBlocked } = this.#engine;
    const checked = checkTokens('tokens', tokens, limits.vocabSize);
    if (checked.length === 0) throw invalidArgument('tokens', 'at least one token', tokens);
    const settings = planTurn(checked, options, limits, this.#roomAfter(checked.length));
    throwIfAborted(options.signal);
    let deliver: OnTokens = () => {};
    const running = callNative(() =>
      this.#native.beginTurn(settings, (tokenIds, texts, blocked) => {
        deliver(tokenIds, texts);
        if (blocked) onBlocked();
      }),
    );
    this.#running = true;
    return new Turn({
      id: this.#nextId,
      text: settings.text,
      run: onTokens => {
        deliver = onTokens;
        return this.#follow(running, settings, options);
      },
      cancel: () => this.#cancel(),
    });
  }

  /**
   * Forgets the turn and everything after it; ids of later turns go on counting up. Since 0.17.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a turn that the request does not hold, `ERR_GENAI_BUSY`,
   *   `ERR_GENAI_NATIVE` (static batching, and the request is not alone), `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`,
   *   `ERR_GENAI_DISPOSED`, `ERR_GENAI_ENGINE_DEAD`
   */
  async rewindToStartOfTurn(id: number): Promise<void> {
    this.#demandIdle();
    const start = this.#starts.get(id);
    if (start === undefined) {
      throw invalidArgument(
        'id',
        `the id of a turn that the request holds (${[...this.#starts.keys()].join(', ') || 'there is none'})`,
        id,
      );
    }
    this.#running = true; // so that no turn begins meanwhile
    try {
      await awaitNative(() => this.#native.rewindToStartOfTurn(id));
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#running = false;
    }
    this.#tokenCount = start;
    for (const later of [...this.#starts.keys()].filter(other => other >= id)) this.#starts.delete(later);
  }

  /**
   * Proposes the next tokens of the running turn: those that the model would have chosen anyway are taken in one step.
   * Used once, by the next step; to be given after the first token of the turn, on an engine whose `maxDraftTokens` is
   * not 0. Since 0.16.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (also when the turn has guidance or penalties, or is not there yet),
   *   `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`, `ERR_GENAI_DISPOSED`, `ERR_GENAI_ENGINE_DEAD`
   */
  async setDraftTokens(tokens: Int32Array | readonly number[]): Promise<void> {
    this.#demandOpen();
    const { limits, maxDraftTokens } = this.#engine;
    const checked = checkTokens('tokens', tokens, limits.vocabSize);
    if (limits.batching !== 'step' && checked.length > maxDraftTokens) {
      throw invalidArgument('tokens', `at most ${maxDraftTokens} tokens (maxDraftTokens of this engine)`, tokens);
    }
    await awaitNative(() => this.#native.setDraftTokens(checked));
  }

  /**
   * Gives its place in the batch and its part of the KV cache back. A running turn fails with `ERR_GENAI_DISPOSED`.
   * Calling it again, or after the engine is gone, does nothing.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.dispose](): void {
    this.close().catch(() => {}); // for want of a thread; everything is freed then
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #follow(
    running: Promise<NativeTurnResult>,
    settings: NativeTurnSettings,
    options: TurnOptions,
  ): Promise<TurnResult> {
    const off = this.#cancelWhen(options);
    try {
      const ended = await awaitNative(() => running);
      this.#account(ended);
      return resultOf(ended, settings, options.signal);
    } catch (error) {
      throw this.#explain(error, settings);
    } finally {
      off();
      this.#running = false;
    }
  }

  async #close(): Promise<void> {
    try {
      await awaitNative(() => this.#native.close());
    } catch (error) {
      if (!isGenAIError(error, 'ERR_GENAI_DISPOSED')) throw error;
    }
  }

  #demandOpen(): void {
    if (this.#closed !== undefined) throw new GenAIError('ERR_GENAI_DISPOSED', 'The EngineRequest was closed.');
  }

  #demandIdle(): void {
    this.#demandOpen();
    if (!this.#running) return;
    throw new GenAIError('ERR_GENAI_BUSY', 'A turn of this EngineRequest is running; await its result first.');
  }

  /** @throws {GenAIError} `ERR_GENAI_INPUT_TOO_LONG` */
  #roomAfter(inputTokens: number): number {
    const limit = this.maxSessionTokens;
    const room = limit - this.#tokenCount - inputTokens;
    if (room >= 1) return room;
    throw new GenAIError(
      'ERR_GENAI_INPUT_TOO_LONG',
      `The request holds ${this.#tokenCount} tokens, and ${inputTokens} more leave no room for an answer: its maxSessionTokens is ${limit}.`,
      { details: { inputTokens: this.#tokenCount + inputTokens, limit } },
    );
  }

  #cancel(): void {
    // Fails only where the turn ends anyway: the engine has been disposed of, or is dead.
    awaitNative(() => this.#native.cancelTurn()).catch(() => {});
  }

  #cancelWhen({ signal, timeoutMs }: TurnOptions): () => void {
    const off = onAbort(signal, () => this.#cancel());
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#cancel(), timeoutMs);
    return () => {
      off();
      clearTimeout(timer);
    };
  }

  #account({ turnId, inputTokens, tokens }: NativeTurnResult): void {
    this.#starts.set(turnId, this.#tokenCount);
    this.#tokenCount += inputTokens + tokens.length;
    this.#nextId = turnId + 1;
  }

  /** The engine tells by text alone why a turn cannot begin; everything but these two was checked before. */
  #explain(error: unknown, { guidance, delimitedGuidance }: Partial<NativeTurnSettings> = {}): unknown {
    if (!isGenAIError(error, 'ERR_GENAI_INVALID_ARGUMENT')) return error;
    if (/\bresident\b/.test(error.message)) {
      return new GenAIError(
        'ERR_GENAI_NATIVE',
        `An engine with static batching goes on with a request only while that is alone in its batch, and no other has run since. ` +
          `Begin a new request with the whole conversation. (${error.message})`,
        { cause: error },
      );
    }
    return (guidance ?? delimitedGuidance) === undefined ? error : guidanceRefused(error);
  }
}

function resultOf(
  ended: NativeTurnResult,
  { stop, text }: NativeTurnSettings,
  signal: AbortSignal | undefined,
): TurnResult {
  const { reason, errorCode, matchedStop, tokens } = ended;
  if (reason === 'failed') {
    throw new GenAIError('ERR_GENAI_NATIVE', `The turn failed in the engine, with its error code ${errorCode}.`, {
      details: { errorCode },
    });
  }
  if (reason === 'abort' && signal?.aborted === true) throw signal.reason;
  const { inputTokens, outputTokens, cachedInputTokens } = ended;
  return {
    tokenIds: tokens,
    ...(text ? { text: ended.text } : {}),
    finishReason: reason,
    ...(matchedStop < 0 ? {} : { matchedStop: stop[matchedStop] as string }),
    usage: { inputTokens, outputTokens, cachedInputTokens },
  };
}
