import { GenAIError } from '../../errors.ts';
import type { FinishReason, Usage } from '../types.ts';

/** How a turn ended and what it cost. */
export interface TurnResult {
  /** The generated tokens, without the end-of-sequence token, with those of a matched stop string. */
  readonly tokenIds: Int32Array;
  /** With the option `text`: the answer, without special tokens and without a matched stop string. */
  readonly text?: string;
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
  /**
   * With the option `text`: what the token adds to the text, `""` for special tokens and unfinished characters. What
   * could be the beginning of a stop string comes later; all texts joined are the text of the result.
   */
  readonly text?: string;
}

/** The last event. */
export interface TurnEndEvent extends Omit<TurnResult, 'tokenIds' | 'text'> {
  readonly type: 'end';
}

export type TurnEvent = TurnTokenEvent | TurnEndEvent;

/** `texts`: as many as tokens, or none where all are empty. */
export type OnTokens = (tokens: Int32Array, texts: readonly string[]) => void;

/** What a Turn needs of the request behind it. */
export interface TurnSource {
  readonly id: number;
  /** The events have texts. */
  readonly text: boolean;
  /** Starts; calls `onTokens` with tokens in order, and settles after the last one. */
  run(onTokens: OnTokens): Promise<TurnResult>;
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
  #events: TurnTokenEvent[] = [];
  #next = 0;
  #count = 0;
  #wake: (() => void) | undefined;
  #ended = false;
  #read = false;

  /** @internal */
  constructor(source: TurnSource) {
    this.id = source.id;
    this.#source = source;
    this.result = source.run((tokens, texts) => this.#push(tokens, texts)).finally(() => this.#end());
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
    return new TurnReader(
      this,
      () => this.#ready(),
      () => this.#take(),
    );
  }

  /** The next token when it is there already. */
  #ready(): TurnTokenEvent | undefined {
    return this.#next < this.#events.length ? this.#events[this.#next++] : undefined;
  }

  /** The next token; undefined when there are no more. */
  async #take(): Promise<TurnTokenEvent | undefined> {
    while (this.#next === this.#events.length) {
      if (this.#ended) return undefined;
      this.#events = [];
      this.#next = 0;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#events[this.#next++];
  }

  #push(tokens: Int32Array, texts: readonly string[]): void {
    const { text } = this.#source;
    for (const [i, tokenId] of tokens.entries()) {
      const index = this.#count++;
      this.#events.push(
        text ? { type: 'token', index, tokenId, text: texts[i] ?? '' } : { type: 'token', index, tokenId },
      );
    }
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
  readonly #ready: () => TurnTokenEvent | undefined;
  readonly #take: () => Promise<TurnTokenEvent | undefined>;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #done = false;

  constructor(turn: Turn, ready: () => TurnTokenEvent | undefined, take: () => Promise<TurnTokenEvent | undefined>) {
    this.#turn = turn;
    this.#ready = ready;
    this.#take = take;
  }

  /** Calls that do not wait for each other are answered in order. */
  next(): Promise<IteratorResult<TurnEvent, undefined>> {
    if (this.#waiting === 0 && !this.#done) {
      const value = this.#ready(); // most tokens of a quick model are, and need no chain of promises
      if (value !== undefined) return Promise.resolve({ done: false, value });
    }
    this.#waiting++;
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
    try {
      return await this.#nextOrEnd();
    } finally {
      this.#waiting--;
    }
  }

  async #nextOrEnd(): Promise<IteratorResult<TurnEvent, undefined>> {
    if (this.#done) return { done: true, value: undefined };
    const value = await this.#take();
    if (this.#done) return { done: true, value: undefined };
    if (value !== undefined) return { done: false, value };
    this.#done = true;
    const { tokenIds: _, text: __, ...end } = await this.#turn.result;
    return { done: false, value: { type: 'end', ...end } };
  }
}
