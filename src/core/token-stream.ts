import { GenAIError } from '../errors.ts';
import type { GenerateResult, TokenChunk } from './types.ts';

/** What a TokenStream needs of the generation behind it. */
export interface StreamSource {
  /** Starts; calls `onChunks` with tokens in order, and settles after the last one. */
  run(onChunks: (chunks: readonly TokenChunk[]) => void, cancelSignal: AbortSignal): Promise<GenerateResult>;
}

/**
 * An answer while it is being generated. Read it once: as chunks (`for await (const chunk of stream)`), as text
 * (`stream.text`) or as a web stream; or do not read it and await `stream.result`.
 *
 * Tokens are never lost and never waited for: those not read yet are kept, at most `maxNewTokens` of them. Leaving the
 * loop early (`break`, `return`, an error) cancels the generation. Reading fails with the error that `result` rejects
 * with; `result` alone may be left without a handler.
 */
export class TokenStream implements AsyncIterable<TokenChunk> {
  /** The whole answer with usage and metrics, once it has ended. */
  readonly result: Promise<GenerateResult>;
  readonly #cancel = new AbortController();
  #chunks: TokenChunk[] = [];
  #next = 0;
  #wake: (() => void) | undefined;
  #ended = false;
  #read = false;

  /** @internal */
  constructor(source: StreamSource) {
    this.result = source.run(chunks => this.#push(chunks), this.#cancel.signal).finally(() => this.#end());
    this.result.catch(() => {});
  }

  /** The texts of the chunks, without the empty ones. */
  get text(): AsyncIterable<string> {
    return { [Symbol.asyncIterator]: () => new TextIterator(this[Symbol.asyncIterator]()) };
  }

  /**
   * Ends the generation; calling it again, or after the end, does nothing. Without a reason reading ends normally and
   * `result` resolves with `finishReason: "abort"`; with one, both fail with it (unless `onAbort` is `"return"`).
   */
  cancel(reason?: unknown): void {
    this.#cancel.abort(reason === undefined ? QUIET : reason);
  }

  /** The chunks as a web stream; cancelling it cancels the generation. */
  toReadableStream(): ReadableStream<TokenChunk> {
    const chunks = this[Symbol.asyncIterator]();
    return new ReadableStream<TokenChunk>({
      pull: async controller => {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => this.cancel(),
    });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<TokenChunk> {
    if (this.#read) {
      throw new GenAIError(
        'ERR_GENAI_BUSY',
        'A TokenStream can be read once, and this one has a reader. Await its result for the whole text, or call stream() again.',
      );
    }
    this.#read = true;
    return new ChunkIterator(
      this,
      () => this.#ready(),
      () => this.#take(),
    );
  }

  /** The next chunk when it is there already. */
  #ready(): TokenChunk | undefined {
    return this.#next < this.#chunks.length ? this.#chunks[this.#next++] : undefined;
  }

  /** The next chunk; undefined at the end. */
  async #take(): Promise<TokenChunk | undefined> {
    while (this.#next === this.#chunks.length) {
      if (this.#ended) {
        await this.result;
        return undefined;
      }
      this.#chunks = [];
      this.#next = 0;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#chunks[this.#next++];
  }

  #push(chunks: readonly TokenChunk[]): void {
    for (const chunk of chunks) this.#chunks.push(chunk);
    this.#wake?.();
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}

/**
 * Reads a stream. Not an async generator: one of those does nothing when it is told to return before its first `next`,
 * and a reader that never starts must end the generation, too.
 */
class ChunkIterator implements AsyncIterableIterator<TokenChunk> {
  readonly #stream: TokenStream;
  readonly #ready: () => TokenChunk | undefined;
  readonly #take: () => Promise<TokenChunk | undefined>;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #done = false;

  constructor(stream: TokenStream, ready: () => TokenChunk | undefined, take: () => Promise<TokenChunk | undefined>) {
    this.#stream = stream;
    this.#ready = ready;
    this.#take = take;
  }

  /** Calls that do not wait for each other are answered in order. */
  next(): Promise<IteratorResult<TokenChunk, undefined>> {
    if (this.#waiting === 0 && !this.#done) {
      const value = this.#ready(); // most chunks of a quick model are, and need no chain of promises
      if (value !== undefined) return Promise.resolve({ done: false, value });
    }
    this.#waiting++;
    const step = this.#last.then(() => this.#step());
    this.#last = step.catch(() => {});
    return step;
  }

  async return(): Promise<IteratorResult<TokenChunk, undefined>> {
    this.#done = true;
    this.#stream.cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #step(): Promise<IteratorResult<TokenChunk, undefined>> {
    try {
      return await this.#nextOrEnd();
    } finally {
      this.#waiting--;
    }
  }

  async #nextOrEnd(): Promise<IteratorResult<TokenChunk, undefined>> {
    if (this.#done) return { done: true, value: undefined };
    try {
      const value = await this.#take();
      if (value !== undefined && !this.#done) return { done: false, value };
    } catch (error) {
      this.#done = true;
      throw error;
    }
    this.#done = true;
    return { done: true, value: undefined };
  }
}

/** The texts of chunks. */
class TextIterator implements AsyncIterableIterator<string> {
  readonly #chunks: AsyncIterableIterator<TokenChunk>;

  constructor(chunks: AsyncIterableIterator<TokenChunk>) {
    this.#chunks = chunks;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    while (true) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return { done, value: undefined };
      if (value.text !== '') return { done: false, value: value.text };
    }
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The reason of a `cancel()` that gives none. */
export const QUIET: unique symbol = Symbol('cancelled without a reason');
