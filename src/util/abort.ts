/** AbortSignal plumbing. */
import { invalidArgument } from '../errors.ts';

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for something else than a signal or nothing */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return;
  throw invalidArgument('signal', 'an AbortSignal', signal);
}

/** Throws the signal's reason when it has fired; refuses what `checkSignal` refuses. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  checkSignal(signal);
  if (signal?.aborted === true) throw signal.reason;
}

/** Calls `cancel` once when the signal fires (at once when it has) until the returned function is called. */
export function onAbort(signal: AbortSignal | undefined, cancel: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    cancel();
    return () => {};
  }
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}

/**
 * Settles as `promise`, or rejects with the signal's reason as soon as it fires; `promise` itself goes on, and `free` gets
 * what comes of it then.
 */
export async function abandonOnAbort<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  free: (late: T) => unknown = () => {},
): Promise<T> {
  if (signal === undefined) return promise;
  let off = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    off = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    promise.then(free).catch(() => {});
    throw error;
  } finally {
    off();
  }
}
