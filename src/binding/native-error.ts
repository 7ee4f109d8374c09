/** The error door from native code: an addon error becomes a `GenAIError` here and nowhere else. */
import { ERROR_CODES, type ErrorCode, type ErrorDetails, GenAIError } from '../errors.ts';

/** True for the rejection of a call that was ended by `cancel()` or `dispose()`. */
export function isCancelled(error: unknown): boolean {
  return codeOf(error) === 'CANCELLED';
}

/**
 * `error` as a `GenAIError`; one that already is stays as it is. Call it in the `catch` of the public method, so that
 * the stack shows the caller and not a native thread.
 *
 * @param doing what failed, put before the library's text: "The model could not be loaded"
 */
export function toGenAIError(error: unknown, doing?: string, details?: ErrorDetails): GenAIError {
  if (error instanceof GenAIError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? withoutSource(error.message) : String(error);
  return new GenAIError(
    code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'ERR_GENAI_NATIVE',
    doing === undefined ? message : `${doing}: ${message}`,
    { cause: error, ...(details === undefined ? {} : { details }) },
  );
}

/** ONNX Runtime puts its own source files and signatures before what it has to say; the cause keeps them. */
function withoutSource(message: string): string {
  return message
    .replace(/^.*\[ONNXRuntimeError\] : \d+ : \w+ : /s, '')
    .replace(/^\/\S+\.cc:\d+ .*?\(.*?\)(?: const)? (?=[A-Z])/, '')
    .replace(/\b\w+\.cc:\d+ \w+ /, '')
    .trim();
}

/** Runs a short native call and translates what it throws. */
export function callNative<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toGenAIError(error);
  }
}

/** Runs a native call that gives a promise and translates what it throws or rejects with. */
export async function awaitNative<T>(call: () => Promise<T>, doing?: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toGenAIError(error, doing);
  }
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
