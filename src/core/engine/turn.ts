import { GenAIError } from '../../errors.ts';
import type { FinishReason, Usage } from '../types.ts';

/** How a turn ended and what it cost. */
export interface TurnResult {
  /** The generated tokens, without the end-of-sequence token, with those of a matched stop string. */
  readonly tokenIds: Int32Array;
  readonly finishReason: Exclude<FinishReason, 'tool-calls'>;
  /** The stop string that ended the turn. */
  readonly matchedStop?: string;
  /** `inputTokens` are those given to `beginTurn`; of these, `cachedInputTokens` came from the prefix cache. */
  readonly usage: Usage;
}

export interface TurnTokenEvent {
  readonly type: 'token';
  /** 0, 1, 2, ... */
  readonly index: number;
  readonly tokenId: number;
}

/** The last event. */
export interface TurnEndEvent extends Omit<TurnResult, 'tokenIds'> {
  readonly type: 'end';
}

export type TurnEvent = TurnTokenEvent | TurnEndEvent;

/** What a Turn needs of the request behind it. */
export interface TurnSource {
  readonly id: number;
  /** Starts; calls `onTokens` with tokens in order, and settles after the last one. */
  run(onTokens: (tokens: Int32Array) => void): Promise<TurnResult>;
  cancel(): void;
}

/**
 * One answer of an `EngineRequest`. Read its events once (`for await (const event of turn)`), or await `turn.result`.
 *
 * The engine never waits for a reader: tokens not read yet are kept, at most `maxNewTokens` of them. Leaving the loop
 * early cancels the turn. Reading fails with the error that `result` rejects with; `result` may be left alone.
 */
export class Turn implements AsyncIterable<TurnEvent> {
  /** For `rewindToStartOfTurn`: 1, 2, 3, ... of this request. A turn that could not begin leaves its number to the next. */
  readonly id: number;
  readonly result: Promise<TurnResult>;
  readonly #source: TurnSource;
  readonly #tokens: number[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #read = false;

  /** @internal */
  constructor(source: TurnSource) {
    this.id = source.id;
    this.#source = source;
    this.result = source.run(tokens => this.#push(tokens)).finally(() => this.#end());
    this.result.catch(() => {});
  }

  /**
   * Ends the turn after the step that runs; `result` resolves with `finishReason: "abort"` and the tokens until then.
   * Other turns go on. Calling it again, or after the end, does nothing.
   */
  cancel(): void {
    if (!this.#ended) this.#source.cancel();
  }

  /** @throws {GenAIError} `ERR_GENAI_BUSY` when the turn has a reader */
  [Symbol.asyncIterator](): AsyncIterableIterator<TurnEvent> {
    if (this.#read) throw new GenAIError('ERR_GENAI_BUSY', 'A Turn can be read once, and this one has a reader.');
    this.#read = true;
    return new TurnReader(this, index => this.#tokenAt(index));
  }

  /** Undefined when there are no more. */
  async #tokenAt(index: number): Promise<number | undefined> {
    while (index >= this.#tokens.length && !this.#ended) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#tokens[index];
  }

  #push(tokens: Int32Array): void {
    for (const token of tokens) this.#tokens.push(token);
    this.#wake?.();
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}

/** Not an async generator: one of those does nothing when it is left before its first `next`. */
class TurnReader implements AsyncIterableIterator<TurnEvent> {
  readonly #turn: Turn;
  readonly #tokenAt: (index: number) => Promise<number | undefined>;
  #last: Promise<unknown> = Promise.resolve();
  #index = 0;
  #done = false;

  constructor(turn: Turn, tokenAt: (index: number) => Promise<number | undefined>) {
    this.#turn = turn;
    this.#tokenAt = tokenAt;
  }

  /** Calls that do not wait for each other are answered in order. */
  next(): Promise<IteratorResult<TurnEvent, undefined>> {
    const step = this.#last.then(() => this.#step());
    this.#last = step.catch(() => {});
    return step;
  }

  async return(): Promise<IteratorResult<TurnEvent, undefined>> {
    this.#done = true;
    this.#turn.cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #step(): Promise<IteratorResult<TurnEvent, undefined>> {
    if (this.#done) return { done: true, value: undefined };
    const index = this.#index;
    const tokenId = await this.#tokenAt(index);
    if (this.#done) return { done: true, value: undefined };
    if (tokenId !== undefined) {
      this.#index++;
      return { done: false, value: { type: 'token', index, tokenId } };
    }
    this.#done = true;
    const { tokenIds: _, ...end } = await this.#turn.result;
    return { done: false, value: { type: 'end', ...end } };
  }
}
