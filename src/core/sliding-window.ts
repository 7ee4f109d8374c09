/**
 * Models whose attention looks back only so far, such as Phi-3-mini with a window of 2,047 tokens.
 *
 * The library makes the shared KV buffer of such a model only a little longer than the window, and a sequence that goes
 * beyond it fails in the middle (seen on 0.18.0 at window + 17 tokens: shape error of GroupQueryAttention). With buffers
 * that grow the same model runs to its context length and gives the same tokens.
 */
import { GenAIError, invalidArgument } from '../errors.ts';
import type { JsonObject } from '../util/objects.ts';
import type { SearchOptions } from './search-options.ts';

/**
 * The window where it limits a shared KV buffer, else null. `slide_key_value_cache` (the default) slides instead.
 *
 * @param directory for the error
 * @throws {GenAIError} `ERR_GENAI_MODEL_INVALID` for inputs that slide (the default) over a cache that does not: the
 *   library reads beyond its memory (0.18.0: SIGSEGV at the first prompt)
 */
export function readSlidingWindow(decoder: JsonObject, directory: string): number | null {
  const section = decoder['sliding_window'];
  if (typeof section !== 'object' || section === null) return null;
  const { window_size: size, slide_key_value_cache: slides, slide_inputs: slidesInputs = true } = section as JsonObject;
  if (slides === false && slidesInputs === true) {
    throw new GenAIError(
      'ERR_GENAI_MODEL_INVALID',
      `The model at ${directory} cannot be loaded: its sliding_window has slide_key_value_cache false and slide_inputs ` +
        'true (the default), on which the library crashes; set slide_inputs to false.',
      { details: { path: directory } },
    );
  }
  return slides === false && Number.isInteger(size) && (size as number) > 0 ? (size as number) : null;
}

/**
 * The options with a KV cache that holds maxLength tokens.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` when a shared buffer is demanded that cannot
 */
export function withRoomBeyondWindow(options: SearchOptions, window: number | null): SearchOptions {
  const { maxLength = 0, pastPresentShareBuffer: shared } = options;
  if (window === null || maxLength <= window) return options;
  if (shared === true) {
    throw invalidArgument(
      'pastPresentShareBuffer',
      `false or left out for a maxLength of ${maxLength}: a shared buffer of this model holds its sliding window, ${window} tokens`,
      shared,
    );
  }
  return { ...options, pastPresentShareBuffer: false };
}
