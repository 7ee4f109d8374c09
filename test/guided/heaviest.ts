/**
 * What just passes the default limits, one kind of weight each: it must neither stop nor fill the process. Plain data, so
 * that a child process can take them by name.
 */
import { GUIDANCE_LIMITS, type ResponseFormat } from '../../src/index.ts';

const L = GUIDANCE_LIMITS;

type Schema = Readonly<Record<string, unknown>>;

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function named(count: number, make: (index: number) => unknown): Schema {
  return Object.fromEntries(times(count, index => [`p${index}`, make(index)]));
}

function json(schema: Schema): ResponseFormat {
  return { type: 'json_schema', schema };
}

const regex = (pattern: string): ResponseFormat => ({ type: 'regex', pattern });
const lark = (grammar: string): ResponseFormat => ({ type: 'lark', grammar });

/** Schemas within each other. */
function nest(depth: number, around: (inner: Schema) => Schema, innermost: Schema): Schema {
  return times(depth, () => 0).reduce((inner: Schema) => around(inner), innermost);
}

const names = (count: number): string[] => times(count, index => `p${index}`);
const integers = (count: number): number[] => times(count, index => index);
const FORMATS = ['email', 'date-time', 'uuid', 'ipv6', 'hostname', 'time'];
const half = L.optionalProperties / 2;

export const HEAVIEST: Readonly<Record<string, ResponseFormat>> = {
  'a const of many bytes': json({ const: 'x'.repeat(L.bytes - 20) }),
  'an enum of long texts': json({ enum: times(1000, index => `${index}${'long text '.repeat(12)}`) }),
  'an enum of many numbers': json({ enum: integers(L.enumValues) }),
  'an enum of objects': json({ enum: times(1200, index => ({ a: index, b: [index, 'x'], c: { d: null } })) }),
  'objects within each other': json(
    nest(48, inner => ({ type: 'object', properties: { a: inner }, required: ['a'] }), { type: 'integer' }),
  ),
  'arrays within each other': json(
    nest(97, inner => ({ type: 'array', items: inner, minItems: 1, maxItems: 100 }), { type: 'integer' }),
  ),
  'anyOf within each other': json(nest(47, inner => ({ anyOf: [inner, { type: 'null' }] }), { type: 'integer' })),
  'many required properties': json({
    type: 'object',
    properties: named(L.properties, () => ({ type: 'string' })),
    required: names(L.properties),
    additionalProperties: false,
  }),
  'many optional properties': json({
    type: 'object',
    properties: named(L.optionalProperties, () => ({ type: 'string', maxLength: 3 })),
    additionalProperties: false,
  }),
  'many names in required alone': json({ type: 'object', required: times(L.properties, index => `name${index}`) }),
  'many pattern properties': json({
    type: 'object',
    patternProperties: Object.fromEntries(
      times(L.patternProperties, index => [`^[a-z]{1,${index + 2}}_${index}$`, { type: 'integer' }]),
    ),
    additionalProperties: false,
  }),
  'a long array': json({ type: 'array', items: { type: 'integer' }, minItems: L.items }),
  'an array up to a great length': json({
    type: 'array',
    items: { type: 'object', properties: named(20, () => ({ type: 'string' })), required: names(20) },
    maxItems: L.items,
  }),
  'a tuple of many': json({ type: 'array', prefixItems: times(L.items, () => true), items: false }),
  'a text of a great length': json({ type: 'string', minLength: L.size, maxLength: L.size }),
  'a text between two lengths': json({ type: 'string', minLength: L.size / 2, maxLength: L.size }),
  'an object of many properties': json({ type: 'object', minProperties: L.size }),
  'a pattern with a length': json({ type: 'string', pattern: '^[a-z ]+$', minLength: 1000, maxLength: 100_000 }),
  'a format with a length': json({ type: 'string', format: 'email', maxLength: 10_000 }),
  'a constant many times': json({ type: 'array', items: { const: 'x'.repeat(180) }, minItems: 1000 }),
  'references in a circle': json({
    $defs: {
      a: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'null' }] },
      b: { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#' }] },
    },
    $ref: '#/$defs/a',
  }),
  'a reference to itself': json({ $ref: '#' }),
  'references that double': json({
    $defs: {
      ...Object.fromEntries(
        times(190, index => {
          const next = { $ref: `#/$defs/d${index + 1}` };
          return [`d${index}`, { type: 'object', properties: { a: next, b: next } }];
        }),
      ),
      d190: { type: 'null' },
    },
    $ref: '#/$defs/d0',
  }),
  'allOf of two anyOf': json({
    allOf: [0, 1].map(part => ({
      anyOf: times(22, index => ({
        type: 'object',
        properties: { [`p${part}`]: { const: index } },
        required: [`p${part}`],
      })),
    })),
  }),
  'oneOf of many': json({
    oneOf: times(900, index => ({
      type: 'object',
      properties: { k: { const: `k${index}` }, v: { type: 'integer' } },
      required: ['k', 'v'],
    })),
  }),
  'anyOf of open objects': json({
    anyOf: times(half, index => ({ type: 'object', properties: { [`p${index}`]: { type: 'number' } } })),
  }),
  'patterns of one text': json({
    allOf: times(L.patternsTogether, index => ({ type: 'string', pattern: `^.{${index},200}$` })),
  }),
  'many multiples': json({
    type: 'array',
    prefixItems: [2 ** 4, 3 ** 2, 5, 7].map(multipleOf => ({ type: 'integer', multipleOf })),
    minItems: 4,
  }),
  'a multiple of a great number': json({ type: 'integer', multipleOf: 9973 }),
  'a multiple of a small number': json({ type: 'number', multipleOf: 1e-10 }),
  'numbers between bounds': json({
    type: 'object',
    properties: named(1000, index => ({ type: 'number', minimum: -index * 79.19, maximum: 1e10 + index / 7 })),
    required: names(1000),
  }),
  'any of many bounds': json({
    anyOf: times(1000, index => ({ type: 'number', minimum: -index * 79.19, maximum: 1e10 + index / 7 })),
  }),
  'any of many lengths': json({
    anyOf: times(1900, index => ({ type: 'string', minLength: index, maxLength: index * 3 + 5 })),
  }),
  'any of many patterns': json({
    anyOf: times(800, index => ({ type: 'string', pattern: `[ab]*a[ab]{${index + 20}}` })),
  }),
  'many formats': json({
    type: 'object',
    properties: named(1400, index => ({ type: 'string', format: FORMATS[index % 6], maxLength: index + 50 })),
    required: names(1400),
  }),
  'a repetition in a pattern': json({ type: 'string', pattern: `^(ab?c?d?){1,${L.repetitions}}$` }),
  'letters of every script': regex(`\\p{L}{1,${L.repetitions}}`),
  'letters of every script without case': regex(`(?i)(\\p{L}\\p{N}){1,${L.repetitions}}`),
  'a regular expression for ever unsure': regex(`[ab]*a[ab]{${L.repetitions}}`),
  'many unsure at once': regex(`(${times(50, index => `[ab]*a[ab]{${index + 300}}c${index}`).join('|')})`),
  'stars of stars': regex('((((a*)*)*)*b?)*c'),
  'many alternatives': regex(times(3500, index => `w${index}`).join('|')),
  'repetitions side by side': regex(times(19, index => `[a-z${index % 10}]{1,1000}`).join('')),
  'rules of a grammar': lark(
    `start: r0\n${times(L.rules - 2, index => `r${index}: "a" r${index + 1} | "b"`).join('\n')}\nr${L.rules - 2}: "c"`,
  ),
  'one rule of many': lark(`start: ${times(L.ruleParts, index => `"w${index}"`).join(' | ')}`),
  'a terminal of many': lark(`start: W\nW: ${times(1900, index => `"w${index}"`).join(' | ')}`),
  'an ambiguous grammar': lark('start: s\ns: s s | s s s | "a" | "b" | " "'),
  'a rule repeated in a rule repeated': lark('start: a{0,1000}\na: b{0,1000}\nb: c{0,1000}\nc: "x"{1,1000} | "y"'),
  'terminals that must hold at once': lark(
    `start: A\nA: ${times(L.patternsTogether, index => `/[a-z ]*${'abcde'[index]}[a-z ]*/`).join(' & ')}`,
  ),
  'a terminal that is not another': lark('start: A\nA: /[a-z ]{1,1000}/ & ~/(.*a.{20}b.*)/'),
  'many terminals alive at once': lark(
    `start: (${times(990, index => `T${index}`).join(' | ')})+\n` +
      times(990, index => `T${index}: /[a-z]*${index}[a-z]*/`).join('\n'),
  ),
  'many unsure terminals': lark(
    `start: (${times(500, index => `T${index}`).join(' | ')})+\n` +
      times(500, index => `T${index}: /[ab ]*a[ab ]{${(index % 35) + 1}}c${index}/`).join('\n'),
  ),
  'rules that may be nothing': lark(
    `start: ${times(1000, index => `a${index % 300}`).join(' ')}\n${times(300, index => `a${index}: "x"?`).join('\n')}`,
  ),
  'a schema in a grammar': lark(
    `start: %json ${JSON.stringify({ type: 'object', properties: named(390, () => ({ type: 'string' })) })}`,
  ),
  'parts of a long text': lark(
    `start: S\nS: %regex { "substring_chars": ${JSON.stringify('the quick brown fox '.repeat(990))} }`,
  ),
  'words of a long text': lark(
    `start: S\nS: %regex { "substring_words": ${JSON.stringify(times(3000, index => `w${index}`).join(' '))} }`,
  ),
  'everything at once': json({
    type: 'object',
    properties: {
      ...named(1000, () => ({ type: 'string', pattern: '^(ab?c?d?){1,200}$' })),
      list: { type: 'array', items: { enum: integers(5000) }, minItems: 500, maxItems: 4000 },
      more: { type: 'array', items: { $ref: '#' }, minItems: 1000, maxItems: 5000 },
      number: { type: 'number', multipleOf: 0.25, minimum: -1e6, maximum: 1e9 },
      either: { anyOf: times(200, index => ({ type: 'object', properties: named(1, () => ({ const: index })) })) },
    },
    patternProperties: Object.fromEntries(times(40, index => [`^[a-z]{1,100}_${index}$`, { type: 'integer' }])),
    required: names(900),
  }),
};
