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
    const chunks = this[Symbol.asyncIterator]();
    return textOf(chunks);
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
    if (this.#read) throw new TypeError('A TokenStream can be read once; it is being read already.');
    this.#read = true;
    return this.#iterate();
  }

  async *#iterate(): AsyncIterableIterator<TokenChunk> {
    try {
      while (true) {
        const chunks = this.#chunks;
        this.#chunks = [];
        yield* chunks;
        if (this.#chunks.length > 0) continue;
        if (this.#ended) break;
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
      }
      await this.result;
    } finally {
      this.cancel();
    }
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

/** The reason of a `cancel()` that gives none. */
export const QUIET: unique symbol = Symbol('cancelled without a reason');

async function* textOf(chunks: AsyncIterable<TokenChunk>): AsyncGenerator<string, void, undefined> {
  for await (const { text } of chunks) if (text !== '') yield text;
}
