import type { NativeAudios } from '../binding/addon-media-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import { loadRuntime } from '../binding/runtime.ts';
import { checkAudio } from './audio-file.ts';
import { type MediaSource, readMedia } from './media-source.ts';

/**
 * Recordings for a `MultiModalProcessor`: whole WAV, MP3 or FLAC files, decoded when they are processed.
 * Garbage collection frees them; `dispose()` and `using` do so earlier.
 */
export class Audios {
  /** How many there are. */
  readonly count: number;
  readonly #native: NativeAudios;

  private constructor(native: NativeAudios, count: number) {
    this.#native = native;
    this.count = count;
  }

  /**
   * Reads recordings, in the order in which the prompt names them.
   *
   * @param sources paths, or the bytes of files (copied)
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`: no such file, empty, or neither WAV nor MP3 nor FLAC
   */
  static async load(...sources: readonly MediaSource[]): Promise<Audios> {
    const files = await readMedia('audios', sources, checkAudio);
    const { addon } = await loadRuntime();
    return new Audios(await awaitNative(() => addon.loadAudios(files)), files.length);
  }

  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get native(): NativeAudios {
    return this.#native;
  }
}
