/** What limits the tokens of a turn to a schema, a pattern or a grammar, on its way to the library. */
import { GenAIError, invalidArgument } from '../../errors.ts';
import { toJson } from '../../util/json.ts';
import { isObject, type JsonObject } from '../../util/objects.ts';
import { checkOptions } from '../../util/options.ts';
import { checkText } from '../../util/text.ts';
import { checkToken } from '../tokens.ts';

/** The answer must be JSON of this schema, match this regular expression, or be of this grammar (Lark, as llguidance has it). */
export type TurnResponseFormat =
  | { readonly type: 'json_schema'; readonly schema: JsonObject }
  | { readonly type: 'regex'; readonly pattern: string }
  | { readonly type: 'lark'; readonly grammar: string };

/** A grammar that holds only from one token to another, for tool calls in the middle of free text. */
export interface DelimitedGuidance {
  /** Token after which the grammar holds. */
  readonly openingToken: number;
  /** Token that ends it. */
  readonly closingToken: number;
  /** Grammar in Lark. */
  readonly grammar: string;
}

/** Type and data as the library names them. */
export interface Guidance {
  readonly type: string;
  readonly data: string;
}

/**
 * The one place through which guidance of a turn goes: what a schema or a pattern may hold is to be screened here.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function screenGuidance(format: unknown): Guidance {
  if (!isObject(format)) throw invalidArgument('responseFormat', 'an object with a type', format);
  const { type } = format;
  if (type === 'json_schema') {
    checkOptions(format, ['type', 'schema']);
    if (!isObject(format['schema'])) throw invalidArgument('responseFormat.schema', 'an object', format['schema']);
    return { type: 'json_schema', data: toJson('responseFormat.schema', format['schema']) };
  }
  if (type === 'regex') {
    checkOptions(format, ['type', 'pattern']);
    return { type: 'regex', data: grammarText('responseFormat.pattern', format['pattern']) };
  }
  if (type === 'lark') {
    checkOptions(format, ['type', 'grammar']);
    return { type: 'lark_grammar', data: grammarText('responseFormat.grammar', format['grammar']) };
  }
  throw invalidArgument('responseFormat.type', '"json_schema", "regex" or "lark"', type);
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_TOKEN_OUT_OF_RANGE` */
export function checkDelimitedGuidance(
  guidance: unknown,
  { vocabSize, eosTokenIds }: { vocabSize: number; eosTokenIds: readonly number[] },
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
  return {
    openingToken: openingToken as number,
    closingToken: closingToken as number,
    grammar: grammarText('delimitedGuidance.grammar', grammar),
  };
}

function grammarText(name: string, text: unknown): string {
  checkText(name, text);
  if (text === '') throw invalidArgument(name, 'a text that is not empty', text);
  return text;
}

/** What the library said of the guidance of a turn. */
export function guidanceRefused(cause: GenAIError): GenAIError {
  return new GenAIError('ERR_GENAI_GUIDANCE_REFUSED', `The guidance of the turn was refused: ${cause.message}`, {
    cause,
  });
}
