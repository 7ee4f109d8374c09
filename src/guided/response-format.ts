/** `responseFormat`: what an answer must look like, checked and turned into what the library takes. */
import { GenAIError, invalidArgument } from '../errors.ts';
import { isObject } from '../util/objects.ts';
import { checkText } from '../util/text.ts';
import type { ForcedText } from './forced-text.ts';
import { type GuidanceSource, withoutForcing } from './forcing.ts';
import { demandLimit, type GuidanceLimits, guidanceLimits } from './limits.ts';
import { type PlainObject, plainData } from './plain-data.ts';
import { screenLark } from './screen-lark.ts';
import { screenRegex } from './screen-regex.ts';
import { screenSchema } from './screen-schema.ts';

/** The answer is JSON that a schema describes. */
export interface JsonSchemaFormat {
  readonly type: 'json_schema';
  /** A JSON Schema (draft 2020-12 or older) as plain data. */
  readonly schema: object;
}

/** The whole answer matches a regular expression (Rust's syntax: no look-around, no back references). */
export interface RegexFormat {
  readonly type: 'regex';
  readonly pattern: string;
}

/** The answer is a sentence of a grammar in llguidance's dialect of Lark. */
export interface LarkFormat {
  readonly type: 'lark';
  readonly grammar: string;
}

/** What an answer must look like. It limits the output; the model is not told. */
export type ResponseFormat = JsonSchemaFormat | RegexFormat | LarkFormat;

/** What upstream calls the kinds of guidance. */
export type GuidanceType = 'json_schema' | 'regex' | 'lark_grammar';

/** What each of them is given: a text, or a schema as plain data. */
export type GuidanceData<Type extends GuidanceType> = Type extends 'json_schema' ? string | object : string;

/** As the library takes it. */
export interface Guidance {
  readonly type: GuidanceType;
  readonly data: string;
  /** What the caller calls it. */
  readonly format: ResponseFormat['type'];
  /** The longest text without a choice. */
  readonly forced: ForcedText;
}

const FIELDS = { json_schema: 'schema', regex: 'pattern', lark: 'grammar' } as const;

/**
 * Checks a format and measures it against the limits; nothing native is called.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (no format, or no plain data) or `ERR_GENAI_GUIDANCE_REFUSED` with
 *   `details` { limit, max, actual, path }
 */
export function planGuidance(format: ResponseFormat, given?: Partial<GuidanceLimits>): Guidance {
  const limits = guidanceLimits(given);
  const expected = 'an object with type "json_schema", "regex" or "lark"';
  if (!isObject(format)) throw invalidArgument('responseFormat', expected, format);
  const { type } = format;
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) {
    throw invalidArgument('responseFormat.type', '"json_schema", "regex" or "lark"', type);
  }
  refuseOtherFields(format, FIELDS[type]);
  switch (format.type) {
    case 'json_schema':
      return planSchema(format.schema, limits);
    case 'regex':
      return planRegex(format.pattern, limits);
    default:
      checkSource('responseFormat.grammar', format.grammar, limits);
      return guidanceOf({ type: 'lark_grammar', data: format.grammar }, type, screenLark(format.grammar, limits));
  }
}

function guidanceOf(source: GuidanceSource, format: ResponseFormat['type'], forced: ForcedText): Guidance {
  return { ...withoutForcing(source), format, forced };
}

/**
 * @internal What upstream's names for it mean.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for another type, or a schema that is no JSON
 */
export function formatOf(type: GuidanceType, data: string | object): ResponseFormat {
  switch (type) {
    case 'json_schema':
      return { type, schema: typeof data === 'string' ? parseSchema(data) : data };
    case 'regex':
      return { type, pattern: data as string };
    case 'lark_grammar':
      return { type: 'lark', grammar: data as string };
    default:
      throw invalidArgument('type', '"json_schema", "regex" or "lark_grammar"', type);
  }
}

function parseSchema(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    const message = `data must be the text of a JSON Schema, but is no JSON: ${(cause as Error).message}`;
    throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message, { cause, details: { argument: 'data' } });
  }
}

function refuseOtherFields(format: ResponseFormat, field: string): void {
  const values = format as unknown as Readonly<Record<string, unknown>>;
  const other = Object.keys(values).find(key => key !== 'type' && key !== field && values[key] !== undefined);
  if (other === undefined) return;
  throw new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `responseFormat has an unknown property "${other}"; with type "${format.type}" it has "${field}".`,
    { details: { argument: 'responseFormat', property: other } },
  );
}

function planSchema(schema: unknown, limits: GuidanceLimits): Guidance {
  if (!isObject(schema)) throw invalidArgument('responseFormat.schema', 'a JSON Schema, an object', schema);
  const tooDeep = (actual: number, path: string): void => demandLimit(limits, 'depth', actual, path);
  const plain = plainData('#', schema, limits.depth, tooDeep) as PlainObject;
  const data = JSON.stringify(plain);
  demandLimit(limits, 'bytes', Buffer.byteLength(data), '#');
  const forced = screenSchema(plain, limits);
  return guidanceOf({ type: 'json_schema', data }, 'json_schema', forced);
}

function planRegex(data: string, limits: GuidanceLimits): Guidance {
  checkSource('responseFormat.pattern', data, limits);
  const { size: length } = screenRegex(data, 'pattern', limits);
  demandLimit(limits, 'forcedText', length, 'pattern');
  return guidanceOf({ type: 'regex', data }, 'regex', { length, bounded: true });
}

function checkSource(name: string, text: unknown, limits: GuidanceLimits): asserts text is string {
  checkText(name, text);
  if (text === '') throw invalidArgument(name, 'a non-empty string', text);
  demandLimit(limits, 'bytes', Buffer.byteLength(text), name);
}
