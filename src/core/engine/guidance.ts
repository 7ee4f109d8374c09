/** What limits the tokens of a turn, measured before the library sees it: a heavy one would hold up every other turn. */
import { GenAIError, invalidArgument } from '../../errors.ts';
import type { GuidanceLimits } from '../../guided/limits.ts';
import { planGuidance, type ResponseFormat } from '../../guided/response-format.ts';
import { isObject } from '../../util/objects.ts';
import { checkOptions } from '../../util/options.ts';
import { checkText } from '../../util/text.ts';
import { checkToken } from '../tokens.ts';

/** A grammar that holds only from one token to another, for tool calls in the middle of free text. */
export interface DelimitedGuidance {
  /** Token after which the grammar holds. */
  readonly openingToken: number;
  /** Token that ends it. */
  readonly closingToken: number;
  /** Grammar in Lark. */
  readonly grammar: string;
}

/** Type and data of a format that has been measured, as the library names them. */
export function planTurnGuidance(
  format: ResponseFormat | undefined,
  limits: Partial<GuidanceLimits> | undefined,
): { readonly type: string; readonly data: string } | undefined {
  if (format === undefined) return undefined;
  const { type, data } = planGuidance(format, limits);
  return { type, data };
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_GUIDANCE_REFUSED` */
export function checkDelimitedGuidance(
  guidance: unknown,
  { vocabSize, eosTokenIds }: { vocabSize: number; eosTokenIds: readonly number[] },
  limits: Partial<GuidanceLimits> | undefined,
): DelimitedGuidance {
  if (!isObject(guidance)) throw invalidArgument('delimitedGuidance', 'an object', guidance);
  checkOptions(guidance, ['openingToken', 'closingToken', 'grammar']);
  const { openingToken, closingToken, grammar } = guidance as Readonly<Record<keyof DelimitedGuidance, unknown>>;
  for (const [name, token] of Object.entries({ openingToken, closingToken })) {
    checkToken(`delimitedGuidance.${name}`, token, vocabSize);
    if (eosTokenIds.includes(token as number)) {
      throw invalidArgument(`delimitedGuidance.${name}`, 'another token than one that ends the answer', token);
    }
  }
  if (openingToken === closingToken) {
    throw invalidArgument('delimitedGuidance.closingToken', 'another token than openingToken', closingToken);
  }
  checkText('delimitedGuidance.grammar', grammar);
  if (grammar === '') throw invalidArgument('delimitedGuidance.grammar', 'a text that is not empty', grammar);
  planGuidance({ type: 'lark', grammar }, limits);
  return { openingToken: openingToken as number, closingToken: closingToken as number, grammar };
}

/** What the library said of the guidance of a turn. */
export function guidanceRefused(cause: GenAIError): GenAIError {
  return new GenAIError('ERR_GENAI_GUIDANCE_REFUSED', `The guidance of the turn was refused: ${cause.message}`, {
    cause,
  });
}
