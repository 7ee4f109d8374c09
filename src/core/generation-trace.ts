import { AsyncResource } from 'node:async_hooks';
import type { NativeOnPieces } from '../binding/addon-types.ts';
import { isTraced, trace, traceContent } from '../diagnostics.ts';
import type { GenerateInput, GenerateResult } from './types.ts';

let count = 0;

/** Tells the diagnostics channels of one generation. */
export class GenerationTrace {
  readonly #generation = ++count;
  readonly #directory: string;
  readonly #input: GenerateInput;

  constructor(directory: string, input: GenerateInput) {
    this.#directory = directory;
    this.#input = input;
  }

  prefill(inputTokens: number, maxNewTokens: number): void {
    if (!isTraced('genai:generate:prefill')) return;
    const generation = this.#generation;
    trace('genai:generate:prefill', { generation, directory: this.#directory, inputTokens, maxNewTokens });
  }

  /** What takes the tokens: `onPieces` alone when nobody listens. */
  tokens(onPieces: NativeOnPieces | null): NativeOnPieces | null {
    if (!isTraced('genai:generate:tokens')) return onPieces;
    // The addon calls from where it was loaded: whoever listens is to see the context of this generation.
    return AsyncResource.bind((tokenIds: Int32Array, texts: string[]) => {
      onPieces?.(tokenIds, texts);
      trace('genai:generate:tokens', { generation: this.#generation, tokenIds });
    });
  }

  end({ text, finishReason, usage, metrics }: GenerateResult): void {
    this.#content(text);
    if (!isTraced('genai:generate:end')) return;
    trace('genai:generate:end', {
      generation: this.#generation,
      result: { finishReason, usage, metrics },
      error: null,
    });
  }

  fail(error: unknown): void {
    this.#content(null);
    if (isTraced('genai:generate:end')) {
      trace('genai:generate:end', { generation: this.#generation, result: null, error });
    }
  }

  #content(text: string | null): void {
    traceContent({ generation: this.#generation, directory: this.#directory, input: this.#input, text });
  }
}
