/** Text that may go to the library, which takes NUL-terminated UTF-8. */
import { GenAIError } from '../errors.ts';

/**
 * Refuses what the library would silently cut (NUL) or replace (a lone surrogate).
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` with the index of the character
 */
export function checkText(name: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') {
    const kind = text === null ? 'null' : Array.isArray(text) ? 'an array' : typeof text;
    throw refusal(name, 'must be a string', kind, undefined);
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw refusal(name, 'must not contain a NUL character', `has one at index ${nul}`, nul);
  const lone = loneSurrogate(text);
  if (lone >= 0) throw refusal(name, 'must not contain a lone surrogate', `has one at index ${lone}`, lone);
}

function refusal(name: string, rule: string, actual: string, index: number | undefined): GenAIError {
  return new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `${name} ${rule}, but ${index === undefined ? `is ${actual}` : actual}.`,
    {
      details: { argument: name, ...(index === undefined ? {} : { index }) },
    },
  );
}

function loneSurrogate(text: string): number {
  // The u flag reads pairs as one character, so a match is always a lone one. Nearly every text has none.
  return text.search(/\p{Surrogate}/u);
}
