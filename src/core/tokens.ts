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
  const copy = tokens.slice();
  for (let index = 0; index < copy.length; index++) {
    const tokenId: unknown = copy[index];
    if (Number.isInteger(tokenId) && (tokenId as number) >= 0 && (tokenId as number) < vocabSize) continue;
    throw new GenAIError(
      'ERR_GENAI_TOKEN_OUT_OF_RANGE',
      `${name}[${index}] must be an integer from 0 to ${vocabSize - 1}, but is ${String(tokenId)}.`,
      { details: { tokenId, index, vocabSize } },
    );
  }
  return copy instanceof Int32Array ? copy : Int32Array.from(copy as number[]);
}
