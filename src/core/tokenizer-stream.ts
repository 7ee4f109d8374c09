import type { NativeTokenizerStream } from '../binding/addon-types.ts';
import { callNative } from '../binding/native-error.ts';
import { checkToken } from './tokens.ts';

/**
 * Turns token ids into text one by one. Make one per answer (`tokenizer.createStream()`): there is no reset.
 * Holds a small native object; garbage collection frees it, `dispose()` and `using` do so earlier.
 */
export class TokenizerStream {
  readonly #native: NativeTokenizerStream;
  readonly #vocabSize: number;

  /** @internal */
  constructor(native: NativeTokenizerStream, vocabSize: number) {
    this.#native = native;
    this.#vocabSize = vocabSize;
  }

  /**
   * Text that this token completes: `""` while a character is incomplete, and for special tokens.
   *
   * @throws {GenAIError} `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_DISPOSED`
   */
  decode(tokenId: number): string {
    checkToken('tokenId', tokenId, this.#vocabSize);
    return callNative(() => this.#native.decode(tokenId));
  }

  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
