/** Formats, limits and schemas that are refused: the same by everything that takes them. */
import { type GenerateOptions, GeneratorParams } from '../../src/index.ts';
import { SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, each, invalid, refused, type Table, table } from './case.ts';
import { INVALID, options, params, REFUSED, REGEX } from './guided.ts';

/** Refused when a generator is made. */
function late(text: string, wrong: GenerateOptions): BadCase {
  return refused(REFUSED, text, async ({ model }) => {
    await expectError(model.stream(SPAIN, wrong).result, REFUSED, text);
    await expectError(model.createGenerator({ responseFormat: wrong.responseFormat }), REFUSED, text);
    await model.generate(SPAIN, wrong);
  });
}

const format = (responseFormat: unknown) => ({ responseFormat });
const schema = (wrong: unknown) => format({ type: 'json_schema', schema: wrong });
const TYPES = 'responseFormat.type must be "json_schema", "regex" or "lark", but is ';

const circle: Record<string, unknown> = { type: 'object' };
circle['properties'] = { self: circle };

const FORMATS: Table = {
  'responseFormat null': options(INVALID, 'responseFormat must be an object with type', format(null)),
  'responseFormat a text': options(INVALID, 'responseFormat must be an object with type', format('json')),
  'responseFormat an array': options(INVALID, 'responseFormat must be an object with type', format([REGEX])),
  'responseFormat without type': options(INVALID, `${TYPES}undefined`, format({ pattern: 'a' })),
  'responseFormat of another type': options(INVALID, `${TYPES}"json_object"`, format({ type: 'json_object' })),
  'responseFormat type toString': options(INVALID, `${TYPES}"toString"`, format({ type: 'toString' })),
  'responseFormat with a misspelt property': options(
    INVALID,
    'responseFormat has an unknown property "regex"; with type "regex" it has "pattern"',
    format({ type: 'regex', regex: 'a', pattern: 'a' }),
  ),
  'regex without pattern': options(INVALID, 'responseFormat.pattern must be a string', format({ type: 'regex' })),
  'regex of a RegExp': options(
    INVALID,
    'responseFormat.pattern must be a string',
    format({ type: 'regex', pattern: /a/ }),
  ),
  'regex empty': options(
    INVALID,
    'responseFormat.pattern must be a non-empty string',
    format({ type: 'regex', pattern: '' }),
  ),
  'regex with NUL': options(INVALID, 'must not contain a NUL', format({ type: 'regex', pattern: 'a\0' })),
  'regex with a lone surrogate': options(INVALID, 'a lone surrogate', format({ type: 'regex', pattern: '\ud83d' })),
  'grammar empty': options(
    INVALID,
    'responseFormat.grammar must be a non-empty string',
    format({ type: 'lark', grammar: '' }),
  ),
  'grammar that is none': options(
    REFUSED,
    'The grammar is not Lark as the library reads it: a definition is not complete, at line 1, column 2: the end.',
    format({ type: 'lark', grammar: 'x' }),
  ),
  'grammar a number': options(INVALID, 'responseFormat.grammar must be a string', format({ type: 'lark', grammar: 5 })),
  'schema a text': options(INVALID, 'responseFormat.schema must be a JSON Schema, an object', schema('{}')),
  'schema true': options(INVALID, 'responseFormat.schema must be a JSON Schema, an object', schema(true)),
  'schema missing': options(INVALID, 'responseFormat.schema must be', format({ type: 'json_schema' })),
  'schema a circle': options(INVALID, '#/properties/self contains itself', schema(circle)),
  'schema with a function': options(INVALID, '#/items is a function', schema({ items: () => {} })),
  'schema with NaN': options(INVALID, '#/minimum is NaN', schema({ minimum: Number.NaN })),
  'schema with a bigint': options(INVALID, '#/minimum is a bigint', schema({ minimum: 5n })),
  'schema with a Map': options(INVALID, '#/properties is a Map', schema({ properties: new Map() })),
  'schema with undefined in a list': options(INVALID, '#/enum/0 is undefined', schema({ enum: [undefined] })),
  'schema with a lone surrogate': options(INVALID, 'a lone surrogate', schema({ const: '\ud83d' })),
  'schema with a name that is one': options(INVALID, 'a lone surrogate', schema({ properties: { '\ud83d': {} } })),
};

const LIMITS: Table = table(
  each([0, -1, 1.5, Number.NaN, '5', null, 2 ** 53], wrong => [
    `guidanceLimits.items ${typeof wrong === 'string' ? 'a text' : String(wrong)}`,
    options(INVALID, 'guidanceLimits.items must be an integer of at least 1, or Infinity', {
      responseFormat: REGEX,
      guidanceLimits: { items: wrong },
    }),
  ]),
  {
    'guidanceLimits null': options(INVALID, 'guidanceLimits must be an object', {
      responseFormat: REGEX,
      guidanceLimits: null,
    }),
    'guidanceLimits unknown': options(INVALID, 'Unknown option "lines"', {
      responseFormat: REGEX,
      guidanceLimits: { lines: 1 },
    }),
    'guidanceLimits alone': options(INVALID, 'guidanceLimits must be given together with a responseFormat', {
      guidanceLimits: {},
    }),
    'forcedForwardTokens alone': options(INVALID, 'forcedForwardTokens must be given together with a responseFormat', {
      forcedForwardTokens: false,
    }),
    'forcedForwardTokens a text': options(INVALID, 'forcedForwardTokens must be a boolean, but is "yes"', {
      responseFormat: REGEX,
      forcedForwardTokens: 'yes',
    }),
    'a format with beams': options(INVALID, 'numBeams must be 1 together with a responseFormat', {
      responseFormat: REGEX,
      numBeams: 2,
    }),
    'forced tokens of rows': invalid('forcedForwardTokens must be false or left out for a batch', ({ model }) =>
      model.createGenerator({ responseFormat: REGEX, forcedForwardTokens: true, batchSize: 2 }),
    ),
    'forced tokens in a shared buffer': invalid('pastPresentShareBuffer must be false or left out', ({ model }) =>
      model.createGenerator({ responseFormat: REGEX, forcedForwardTokens: true, pastPresentShareBuffer: true }),
    ),
    'beams set later': invalid('numBeams must be 1 together with a responseFormat', ({ model }) =>
      new GeneratorParams(model, { responseFormat: REGEX }).set({ numBeams: 3 }),
    ),
    'a format set after beams': invalid('numBeams must be 1 together with a responseFormat', ({ model }) =>
      new GeneratorParams(model, { numBeams: 3 }).setGuidance('regex', 'a'),
    ),
  },
);

/** What stalls, fills or ends a process that does not look first. */
const BOMBS: Table = {
  'optional properties': options(
    REFUSED,
    'guidanceLimits.optionalProperties',
    schema({ properties: Object.fromEntries(Array.from({ length: 520 }, (_, index) => [`p${index}`, {}])) }),
  ),
  'minItems 1e9': options(REFUSED, 'guidanceLimits.items', schema({ type: 'array', minItems: 1e9 })),
  'maxItems 1e6': options(REFUSED, 'guidanceLimits.items', schema({ type: 'array', maxItems: 1e6 })),
  'repetitions within each other': options(
    REFUSED,
    'guidanceLimits.nestedRepetitions',
    format({ type: 'regex', pattern: '((a{1,1000}){1,1000}){1,1000}' }),
  ),
  'repetitions within each other in a grammar': options(
    REFUSED,
    'guidanceLimits.nestedRepetitions',
    format({ type: 'lark', grammar: 'start: A\nA: B{1000}\nB: /a{1000}/' }),
  ),
  'a deep schema': options(REFUSED, 'guidanceLimits.depth', schema(deep(20_000))),
  'a schema elsewhere': options(REFUSED, 'leaves the document', schema({ $ref: 'https://localhost/x' })),
  'a schema of megabytes': options(REFUSED, 'guidanceLimits.bytes', schema({ const: 'x'.repeat(2e6) })),
  'an expression of megabytes': options(
    REFUSED,
    'guidanceLimits.bytes',
    format({ type: 'regex', pattern: 'x'.repeat(2e6) }),
  ),
};

function deep(depth: number): object {
  let value: object = {};
  for (let i = 0; i < depth; i++) value = { items: value };
  return value;
}

const LIBRARY: Table = {
  'regex that is none': late('unclosed group', { responseFormat: { type: 'regex', pattern: '(' } }),
  'regex with look-ahead': late('look-around', { responseFormat: { type: 'regex', pattern: 'a(?=b)' } }),
  'grammar that names nothing': late('The library refuses the grammar', {
    responseFormat: { type: 'lark', grammar: 'start: x' },
  }),
  'schema of an unknown type': late('Invalid type: objekt', {
    responseFormat: { type: 'json_schema', schema: { type: 'objekt' } },
  }),
  'schema that nothing fits': late('The library refuses the JSON Schema', {
    responseFormat: { type: 'json_schema', schema: { type: 'integer', minimum: 2, maximum: 1 } },
  }),
  'schema with letters that nothing fits': late('The library refuses the JSON Schema', {
    responseFormat: { type: 'json_schema', schema: { title: 'π', type: 'integer', minimum: 2, maximum: 1 } },
  }),
};

const SET_GUIDANCE: Table = {
  'setGuidance of an unknown type': params(
    'type must be "json_schema", "regex" or "lark_grammar", but is "lark"',
    given => given.setGuidance('lark' as 'regex', 'start: "a"'),
  ),
  'setGuidance without data': params('responseFormat.pattern must be a string', given =>
    given.setGuidance('regex', undefined as never),
  ),
  'setGuidance of a text that is no JSON': params('data must be the text of a JSON Schema', given =>
    given.setGuidance('json_schema', '{'),
  ),
  'setGuidance of a text of another kind': params('responseFormat.schema must be a JSON Schema', given =>
    given.setGuidance('json_schema', '[1]'),
  ),
  'setGuidance options null': params('options must be an object, but is null', given =>
    given.setGuidance('regex', 'b', null as never),
  ),
  'setGuidance with a format': params('Unknown option "responseFormat"', given =>
    given.setGuidance('regex', 'b', { responseFormat: REGEX } as never),
  ),
};

export const GUIDANCE: Table = table(FORMATS, LIMITS, BOMBS, LIBRARY, SET_GUIDANCE);
