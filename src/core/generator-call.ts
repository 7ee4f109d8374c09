/** How a `Generator` runs a native call: with a signal, and with the error that fits what ended it. */
import type { NativeGenerator } from '../binding/addon-types.ts';
import { isCancelled, toGenAIError } from '../binding/native-error.ts';
import { GenAIError } from '../errors.ts';
import { onAbort, throwIfAborted } from '../util/abort.ts';
import { checkOptions } from '../util/options.ts';

/** What a call that runs the model may be given. */
export interface GeneratorCallOptions {
  /** Ends the call, also inside a prefill, with the signal's reason; the generator stays usable. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs `call`, which `options.signal` may end. */
export async function runGeneratorCall<T>(
  generator: NativeGenerator,
  options: GeneratorCallOptions,
  call: () => Promise<T>,
  isDisposed: () => boolean,
): Promise<T> {
  checkOptions(options, ['signal']);
  const { signal } = options;
  throwIfAborted(signal);
  let off = (): void => {};
  try {
    const running = call();
    off = onAbort(signal, () => generator.cancel());
    return await running;
  } catch (error) {
    if (!isCancelled(error)) throw toGenAIError(error);
    if (signal?.aborted === true) throw signal.reason;
    throw isDisposed()
      ? new GenAIError('ERR_GENAI_DISPOSED', 'The Generator was disposed during the call.', { cause: error })
      : toGenAIError(error);
  } finally {
    off();
  }
}

/** @throws {GenAIError} `ERR_GENAI_INPUT_TOO_LONG` */
export function refuseBeyond(maxLength: number, length: number): void {
  if (length <= maxLength) return;
  throw new GenAIError(
    'ERR_GENAI_INPUT_TOO_LONG',
    `The sequence would have ${length} tokens, but this Generator was made for maxLength ${maxLength}; ` +
      'pass a larger maxLength to createGenerator().',
    { details: { length, maxLength } },
  );
}
