/** Checks of token ids: the library wraps negative ones silently and fails deep inside on those too large. */
import { GenAIError, invalidArgument } from '../errors.ts';

/**
 * Token ids as the library takes them: a copy, so that nobody changes them between this check and their use.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` or `ERR_GENAI_TOKEN_OUT_OF_RANGE` (details: `tokenId`, `index`)
 */
export function checkTokens(name: string, tokens: unknown, vocabSize: number): Int32Array {
  if (!(tokens instanceof Int32Array) && !Array.isArray(tokens)) {
    throw invalidArgument(name, 'an Int32Array or an array of token ids', tokens);
  }
  // A detached array has no length, and cannot be copied.
  const copy = tokens.length === 0 ? [] : tokens.slice();
  for (let index = 0; index < copy.length; index++) {
    const tokenId: unknown = copy[index];
    if (!isToken(tokenId, vocabSize)) throw outOfRange(`${name}[${index}]`, tokenId, { index, vocabSize });
  }
  return copy instanceof Int32Array ? copy : Int32Array.from(copy as number[]);
}

/** @throws {GenAIError} `ERR_GENAI_TOKEN_OUT_OF_RANGE` (details: `tokenId`) */
export function checkToken(name: string, tokenId: unknown, vocabSize: number): void {
  if (!isToken(tokenId, vocabSize)) throw outOfRange(name, tokenId, { vocabSize });
}

function isToken(value: unknown, vocabSize: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < vocabSize;
}

function outOfRange(name: string, tokenId: unknown, details: { vocabSize: number; index?: number }): GenAIError {
  return new GenAIError(
    'ERR_GENAI_TOKEN_OUT_OF_RANGE',
    `${name} must be an integer from 0 to ${details.vocabSize - 1}, but is ${show(tokenId)}.`,
    { details: { tokenId, ...details } },
  );
}

/** A string in quotes, so that `"1"` is not taken for 1; an object may have no text at all. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
