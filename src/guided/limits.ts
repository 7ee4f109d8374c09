/**
 * How large a schema, a regular expression or a grammar may be before the library gets to see it. The library compiles
 * them without a bound that protects the process: what is named in the comments was seen with 0.18.0 on two cores.
 */
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkOptions } from '../util/options.ts';
import { shortPath } from './plain-data.ts';

/** Upper bounds, each an integer of at least 1, or Infinity for none. */
export interface GuidanceLimits {
  /** UTF-8 bytes of the schema's JSON, the regular expression or the grammar. Default 131,072. */
  readonly bytes: number;
  /** Arrays and objects within each other in the JSON of a schema; the library itself gives up at 128. Default 100. */
  readonly depth: number;
  /** Properties of all objects of a schema together, also those that only `required` names. Default 2,000. */
  readonly properties: number;
  /** Those of them that are not required, in all objects together. Default 400. */
  readonly optionalProperties: number;
  /** Entries of `patternProperties` in all objects together. Default 50. */
  readonly patternProperties: number;
  /** Sum of the larger of `minItems` and `maxItems`, or the `prefixItems`, of all arrays. Default 10,000. */
  readonly items: number;
  /** Each `minLength`, `maxLength`, `minProperties` and `maxProperties`. Default 1,000,000. */
  readonly size: number;
  /** Values in all `enum` and `const` together, counted with what is within them. Default 10,000. */
  readonly enumValues: number;
  /** Uses of `$ref`, recursive ones too. Default 1,000. */
  readonly references: number;
  /** What `allOf`, and `anyOf`, `oneOf` or `$ref` beside other keywords, add when they are multiplied out. Default 2,000. */
  readonly combinations: number;
  /** Patterns and formats that one string must meet at once. Default 5. */
  readonly patternsTogether: number;
  /** Least common multiple of every `multipleOf`, without trailing zeros; their sum may be twice that. Default 10,000. */
  readonly multipleOf: number;
  /** Bound of a repetition in a pattern, a regular expression or a grammar: `{n,m}`. Default 1,000. */
  readonly repetitions: number;
  /** Product of the bounds of repetitions within each other: 50 of `([a-z]{1,5} ){1,10}`. Default 1,000. */
  readonly nestedRepetitions: number;
  /** Characters of a regular expression with every bounded repetition written out. Default 20,000. */
  readonly expandedPattern: number;
  /** Bytes that may follow each other without a choice: constants and names, times `minItems` or `{n}`. Default 200,000. */
  readonly forcedText: number;
  /** Rules and terminals of a grammar. Default 1,000. */
  readonly rules: number;
  /** Names, texts and patterns that the rules of a grammar are made of. Default 5,000. */
  readonly ruleParts: number;
}

/** With these nothing of what was tried (test/guided/heaviest.ts) takes 100 MB or more than a few seconds. */
export const GUIDANCE_LIMITS: GuidanceLimits = Object.freeze({
  bytes: 131_072, // a const of 1 MB: 1.3 s, 212 MB
  depth: 100,
  properties: 2_000, // 5,000: 0.5 s; 9,000 names in required alone: 2 s
  optionalProperties: 400, // 520: the generation fails at the first token
  patternProperties: 50, // 200: 0.8 s; 400: 23 s; 1,000: more than 90 s
  items: 10_000, // maxItems 100,000: 1.4 s, 229 MB; minItems 1e7: 1.5 GB; 1e8: abort
  size: 1_000_000,
  enumValues: 10_000, // 10,000 objects of seven values: 1.6 s, 165 MB
  references: 1_000,
  combinations: 2_000, // two anyOf of 100 in an allOf: 2.4 s, 272 MB
  patternsTogether: 5, // 30: abort (9 GB)
  multipleOf: 10_000, // 99,991: 0.9 s; 1,000,003: 16 s, 280 MB
  repetitions: 1_000,
  nestedRepetitions: 1_000, // ((a{1,1000}){1,1000}){1,1000}: the generation fails in the middle
  expandedPattern: 20_000, // ((a{100}){100}){100}: 1.3 s, 178 MB
  forcedText: 200_000, // 10,000 times a constant of 1,000 letters: 2 s a token, 380 MB
  rules: 1_000, // 5,000: 0.8 s; 20,000: 11 s
  ruleParts: 5_000, // 50,000: 3.4 s
});

export type GuidanceLimitName = keyof GuidanceLimits;

/**
 * The default limits with those that are given in their place.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function guidanceLimits(given: Partial<GuidanceLimits> | undefined): GuidanceLimits {
  if (given === undefined) return GUIDANCE_LIMITS;
  checkOptions(given, Object.keys(GUIDANCE_LIMITS), 'guidanceLimits');
  const limits: Record<string, number> = { ...GUIDANCE_LIMITS };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value >= 1)) {
      throw invalidArgument(`guidanceLimits.${name}`, 'an integer of at least 1, or Infinity', value);
    }
    limits[name] = value;
  }
  return limits as unknown as GuidanceLimits;
}

/** What the message calls the thing that is limited. */
const SUBJECTS: Readonly<Record<GuidanceLimitName, string>> = {
  bytes: 'size in bytes',
  depth: 'depth',
  properties: 'number of properties',
  optionalProperties: 'number of optional properties',
  patternProperties: 'number of patternProperties',
  items: 'sum of the array bounds (minItems, maxItems, prefixItems)',
  size: 'bound of a length or of a number of properties',
  enumValues: 'number of enum and const values',
  references: 'number of $ref',
  combinations: 'number of properties and patterns with allOf, anyOf and oneOf multiplied out',
  patternsTogether: 'number of patterns and formats that one string must meet',
  multipleOf: 'multipleOf (least common multiple, or half the sum)',
  repetitions: 'bound of a repetition (2^40 stands for one with white space in it, under the flag x)',
  nestedRepetitions: 'product of the bounds of nested repetitions',
  expandedPattern: 'size of a regular expression with its repetitions written out',
  forcedText: 'longest text without a choice (constants and names, times minItems and repetitions)',
  rules: 'number of rules',
  ruleParts: 'number of parts of rules',
};

/** @throws {GenAIError} `ERR_GENAI_GUIDANCE_REFUSED` with `details` { limit, max, actual, path } when it is above */
export function demandLimit(limits: GuidanceLimits, limit: GuidanceLimitName, actual: number, path: string): void {
  const max = limits[limit];
  if (actual <= max) return;
  throw new GenAIError(
    'ERR_GENAI_GUIDANCE_REFUSED',
    `responseFormat is too large: the ${SUBJECTS[limit]} is ${actual} at ${shortPath(path)}, and may be ${max}. ` +
      `Make it smaller, or raise guidanceLimits.${limit} if you know where it comes from.`,
    { details: { limit, max, actual, path } },
  );
}
