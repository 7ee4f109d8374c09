/** Plain data that goes to the library as JSON. */
import { GenAIError } from '../errors.ts';

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for what JSON cannot hold: a circle, a bigint */
export function toJson(name: string, value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const message = `${name} must be plain data that JSON can hold: ${(cause as Error).message}`;
    throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message, { cause, details: { argument: name } });
  }
}
