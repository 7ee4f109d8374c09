import type { NativeImages } from '../binding/addon-media-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import { loadRuntime } from '../binding/runtime.ts';
import { checkImage } from './image-file.ts';
import { type MediaSource, readMedia } from './media-source.ts';

/**
 * Pictures for a `MultiModalProcessor`: whole PNG or JPEG files, decoded when they are processed.
 * Garbage collection frees them; `dispose()` and `using` do so earlier.
 */
export class Images {
  /** How many there are. */
  readonly count: number;
  readonly #native: NativeImages;

  private constructor(native: NativeImages, count: number) {
    this.#native = native;
    this.count = count;
  }

  /**
   * Reads pictures, in the order in which the prompt names them. The library ends the process over a broken JPEG, so
   * each file is checked first; a file of another format is refused.
   *
   * @param sources paths, or the bytes of files (copied)
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`: no such file, not a PNG or JPEG, broken or truncated
   */
  static async load(...sources: readonly MediaSource[]): Promise<Images> {
    const files = await readMedia('images', sources, checkImage);
    const { addon } = await loadRuntime();
    return new Images(await awaitNative(() => addon.loadImages(files)), files.length);
  }

  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get native(): NativeImages {
    return this.#native;
  }
}
