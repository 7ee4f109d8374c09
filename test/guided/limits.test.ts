/** What is measured, and what it may be: no model and no library needed. */
import * as assert from 'uvu/assert';
import { planGuidance } from '../../src/guided/response-format.ts';
import { GUIDANCE_LIMITS, type GuidanceLimitName, type ResponseFormat } from '../../src/index.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';
import { HEAVIEST } from './heaviest.ts';
import { SCHEMAS } from './schemas.ts';

const test = suite('guidance limits');

type Schema = Readonly<Record<string, unknown>>;

const json = (schema: Schema): ResponseFormat => ({ type: 'json_schema', schema });
const regex = (pattern: string): ResponseFormat => ({ type: 'regex', pattern });
const lark = (grammar: string): ResponseFormat => ({ type: 'lark', grammar });
const object = (count: number, more: Schema = {}): Schema => ({ type: 'object', properties: named(count), ...more });

function named(count: number): Schema {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { type: 'integer' }]));
}

/** What a repetition counts as that white space hides under the flag x. */
const HIDDEN = 2 ** 40;

/** Formats by how much of the limited thing they have. */
const SIZED: Readonly<Record<GuidanceLimitName, readonly (readonly [number, ResponseFormat])[]>> = {
  bytes: [
    [9, regex('a'.repeat(9))],
    [10, regex('ä'.repeat(5))],
    [18, json({ const: 'abcdef' })],
    [11, lark('start: "ab"')],
  ],
  depth: [
    [1, json({ type: 'object' })],
    [3, json({ properties: { a: { type: 'null' } } })],
    [4, json({ const: [[[]]] })],
    [3, lark('start: %json {"properties": {"a": {}}}')],
  ],
  properties: [
    [3, json(object(3))],
    [5, json(object(2, { additionalProperties: object(3) }))],
    [4, json(object(1, { required: ['p0', 'a', 'b', 'c'] }))],
    [6, json({ $ref: '#/elsewhere/a', elsewhere: { a: object(6) } })],
    [4, lark(`start: a b\na: %json ${JSON.stringify(object(2))}\nb: %json ${JSON.stringify(object(2))}`)],
  ],
  optionalProperties: [
    [3, json(object(3))],
    [1, json(object(3, { required: ['p0', 'p2'] }))],
    [8, json({ anyOf: [{ title: 'a' }, { title: 'b' }], ...object(4) })],
  ],
  patternProperties: [[2, json({ patternProperties: { '^a': {}, '^b': {} } })]],
  items: [
    [7, json({ type: 'array', minItems: 7 })],
    [9, json({ type: 'array', minItems: 2, maxItems: 9 })],
    [3, json({ type: 'array', prefixItems: [{}, {}, {}] })],
    [11, json({ anyOf: [{ minItems: 5 }, { maxItems: 6 }] })],
    [2.5, json({ maxItems: 2.5 })],
  ],
  size: [
    [50, json({ type: 'string', minLength: 50 })],
    [60, json({ type: 'string', maxLength: 60 })],
    [70, json({ type: 'object', minProperties: 70 })],
    [80, json({ type: 'object', maxProperties: 80 })],
  ],
  enumValues: [
    [3, json({ enum: [1, 2, 3] })],
    [6, json({ enum: [[1, 2], { a: 3, b: 4 }] })],
    [1, json({ const: 'x' })],
    [4, json({ anyOf: [{ enum: ['a', 'b'] }, { enum: ['c', 'd'] }] })],
  ],
  references: [
    [2, json({ anyOf: [{ $ref: '#' }, { $ref: '#/$defs/a' }], $defs: { a: {} } })],
    [3, json({ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } })],
  ],
  combinations: [
    [4, json({ allOf: [0, 1].map(() => ({ anyOf: [{ title: 'a' }, { title: 'b' }] })) })],
    [2, json({ ...object(2, { required: ['p0', 'p1'] }), anyOf: [{ title: 'a' }, { title: 'b' }] })],
  ],
  patternsTogether: [
    [2, json({ pattern: 'a', format: 'date' })],
    [3, json({ pattern: 'a', allOf: [{ pattern: 'b' }, { pattern: 'c' }] })],
    [2, lark('start: A\nA: /a/ & /b/')],
    [3, lark('start: A\nA: B & /b/\nB: /a/ & /c/')],
  ],
  multipleOf: [
    [97, json({ multipleOf: 97 })],
    [35, json({ prefixItems: [{ multipleOf: 5 }, { multipleOf: 0.7 }] })],
    [3, json({ multipleOf: 3000 })],
  ],
  repetitions: [
    [40, regex('a{40}')],
    [50, regex('[a-z]{2,50}')],
    [60, regex('(a|b){60,}')],
    [30, json({ pattern: 'a{30}' })],
    [20, json({ patternProperties: { 'a{20}': {} } })],
    [25, json({ 'x-guidance': { whitespace_pattern: ' {25}' } })],
    [31, lark('start: A\nA: /a{31}/')],
    [32, lark('start: "a"{32}')],
    [33, lark('start: "a"~2..33')],
    [34, regex('a{\u0085 34}')],
    [36, regex('\\(?x[0-9]{10}-[0-9]{36}[\\(?x] \\{ ')],
    [35, regex('(?x) # [ \n a{35}')],
    [HIDDEN, regex('(?x) a{3 6}')],
    [HIDDEN, regex('(?ix: a{ 3})')],
    [HIDDEN, regex('(?x) a{3#}\n6}')],
    [HIDDEN, json({ pattern: '^(?x)(ab){1 0 0 0 0 0}c$' })],
    [HIDDEN, lark('start: /(ab){1 0 0 0 0 0}c/x')],
    [HIDDEN, lark('start: A\nA: /a{1 0}/ix')],
  ],
  nestedRepetitions: [
    [12, regex('(a{3}b){4}')],
    [24, regex('((a{2}){3}){4}')],
    [12, regex(`(?P<${'a'.repeat(300)}[>(a{3}b){4})`)],
    [12, lark('start: A\nA: B{4}\nB: /a{3}/')],
    [6, regex('(?x) ( a{2} # ) comment\n ){3}')],
  ],
  expandedPattern: [
    [12, regex('a'.repeat(12))],
    [22, regex('(ab){10}cd')],
    [12, regex('[a-z]{3}\\d{4}\\p{L}{5}')],
    [8, json({ pattern: '[]a]{3}(?:b|c){2}d' })],
    [23, lark('start: A\nA: B{5} "x"\nB: "ab"')],
  ],
  forcedText: [
    [20, regex('a'.repeat(20))],
    [14, lark('start: "abc"{2} "de"\n')],
    [7, lark('start: "abcde" | "b"\n')],
    [13, lark('start: a (b a)*\na: "x"{2} "yy"\nb: "+"')],
    [6, lark('start: a{0,5}\na: "abcd"')],
    [12, lark('start: A A\nA: /abc[def]{2}./')],
    [13, json({ const: 'abcde' })],
    [24, json({ enum: ['a', 'bc'.repeat(8), 17], 'x-guidance': {} })],
  ],
  rules: [[3, lark('start: a b\na: "x"\nb: "y"')]],
  ruleParts: [[5, lark('start: a "x" /y/ // comment "z"\na: "x" "y"')]],
};

const LARGE = Object.fromEntries(
  Object.keys(GUIDANCE_LIMITS).map(name => [name, Number.POSITIVE_INFINITY]),
) as unknown as typeof GUIDANCE_LIMITS;

for (const [name, formats] of Object.entries(SIZED) as [GuidanceLimitName, (typeof SIZED)[GuidanceLimitName]][]) {
  test(`${name}: as much passes, one more does not`, async () => {
    for (const [size, format] of formats) {
      const limit = Math.ceil(size);
      const text = JSON.stringify(format);
      assert.not.throws(() => planGuidance(format, { ...LARGE, [name]: limit }), undefined, text);
      if (limit === 1) continue;
      const error = await expectError(
        () => planGuidance(format, { ...LARGE, [name]: limit - 1 }),
        'ERR_GENAI_GUIDANCE_REFUSED',
        `guidanceLimits.${name}`,
      );
      const { limit: which, max, actual, path } = error.details;
      assert.equal([which, max], [name, limit - 1], text);
      assert.is(actual, size, `${text} at ${String(path)}`);
    }
  });
}

test('every limit has its cases, and nobody can change the defaults', () => {
  assert.equal(Object.keys(SIZED).sort(), Object.keys(GUIDANCE_LIMITS).sort());
  assert.ok(Object.isFrozen(GUIDANCE_LIMITS));
});

function nest(depth: number, around: (inner: unknown) => unknown, innermost: unknown = {}): unknown {
  let value = innermost;
  for (let i = 0; i < depth; i++) value = around(value);
  return value;
}

const doubling = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [
    `d${i}`,
    { allOf: [0, 1].map(j => ({ anyOf: [{ title: `${j}` }, { $ref: `#/$defs/d${i + 1}` }] })) },
  ]),
);

/** The longest text without a choice, at least; the measure may give more. */
const FORCED: readonly (readonly [number, Schema])[] = [
  [90 * 100, { type: 'array', items: { const: 'x'.repeat(100) }, minItems: 90 }],
  [50 * 50 * 10, array(50, array(50, { const: 'x'.repeat(10) }))],
  [
    9000,
    {
      type: 'array',
      items: { anyOf: [{ type: 'integer', minimum: 5, maximum: 1 }, { const: 'y'.repeat(100) }] },
      minItems: 90,
    },
  ],
  [9000, { type: 'array', items: { type: 'string', enum: ['y'.repeat(100), 1, 2] }, minItems: 90 }],
  [9000, { type: 'object', patternProperties: { '^x{50}$': { const: 'y'.repeat(50) } }, minProperties: 90 }],
  [
    600,
    { allOf: [{ properties: { ['p'.repeat(300)]: { const: 'y'.repeat(300) } } }, { required: ['p'.repeat(300)] }] },
  ],
  [1000, { type: 'string', pattern: '^x*$', minLength: 1000 }],
  [6000, { type: 'string', pattern: '^\\x01{1000}$' }],
  [300, { type: 'integer', minimum: 1e300, maximum: 1e300 }],
  [500, { $ref: '#/$defs/a', $defs: { a: array(50, { $ref: '#/$defs/b' }), b: { const: 'x'.repeat(10) } } }],
  [4000, { type: 'array', items: { type: 'null' }, minItems: 10, 'x-guidance': { whitespace_pattern: ' {200}' } }],
];

function array(minItems: number, items: Schema): Schema {
  return { type: 'array', items, minItems };
}

test('forcedText is never less than what may be forced', () => {
  for (const [least, schema] of FORCED) {
    const { length } = planGuidance(json(schema), LARGE).forced;
    assert.ok(length >= least && length < least * 5, `${length} for ${JSON.stringify(schema).slice(0, 200)}`);
  }
});

test('what may go on for ever is told', () => {
  const unbounded = [
    json({ type: 'object', properties: { a: { $ref: '#' } } }),
    json({ type: 'array', items: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }),
    json({ pattern: '^((a){7})*$', allOf: [{ pattern: '^((a){11})*$' }] }),
    lark('start: "a" start | "b"'),
    lark('start: A\nA: /(aaaaaaa)*/ & /(aaaaa)*/'),
    lark('start: A\nA: ~/a/'),
    lark('start: %json {"items": {"$ref": "#"}}'),
  ];
  for (const format of unbounded) assert.not.ok(planGuidance(format).forced.bounded, JSON.stringify(format));
  const bounded = [
    json(object(5)),
    regex('a{5}b*'),
    regex('\\(?x[0-9]{10}-[0-9]{10}-[0-9]{11}'),
    lark('start: a a{5}\na: "x" | /y+/'),
    lark('start: %json {"type": "null"}'),
  ];
  for (const format of bounded) assert.ok(planGuidance(format).forced.bounded, JSON.stringify(format));
});

const BOMBS: Readonly<Record<string, ResponseFormat>> = {
  '520 optional properties': json(object(520)),
  'minItems 1e7': json({ type: 'array', minItems: 1e7 }),
  'minItems 1e308': json({ type: 'array', minItems: 1e308 }),
  'maxItems 1e5': json({ type: 'array', maxItems: 1e5 }),
  'repetitions of repetitions': regex('((a{1,1000}){1,1000}){1,1000}'),
  'repetitions of repetitions in a pattern': json({ type: 'string', pattern: '((a{1,1000}){1,1000}){1,1000}' }),
  'repetitions of repetitions under a name': regex('(?<x>(?:a{1,1000}){1,1000})'),
  'repetitions of repetitions of a terminal': lark('start: A\nA: B{1,1000}\nB: C{1,1000}\nC: /a{1,1000}/'),
  'a repetition of a million': regex('a{1000000}'),
  'a repetition of more than a number holds': regex(`a{${'9'.repeat(400)}}`),
  'an enum of 100,000': json({ enum: Array.from({ length: 100_000 }, (_, i) => i) }),
  'minLength 1e9': json({ type: 'string', minLength: 1e9 }),
  'a depth of 20,000': json(nest(20_000, inner => ({ items: inner })) as Schema),
  'a depth of 20,000 in a list': json({ enum: [nest(20_000, inner => [inner])] }),
  'a depth of 20,000 in a grammar': lark(`start: %json ${'{"items":'.repeat(20_000)}{}${'}'.repeat(20_000)}`),
  'ten megabytes': json({ const: 'x'.repeat(1e7) }),
  'thirty patterns at once': json({ allOf: Array.from({ length: 30 }, (_, i) => ({ pattern: `a.*${i}` })) }),
  'alternatives multiplied': json({
    allOf: [0, 1].map(() => ({ anyOf: Array.from({ length: 100 }, (_, i) => object(i)) })),
  }),
  'references that multiply': json({ $ref: '#/$defs/d0', $defs: { ...doubling, d40: {} } }),
  'a great prime': json({ type: 'integer', multipleOf: 1_000_003 }),
  'primes that multiply': json({ prefixItems: [101, 103, 107, 109].map(multipleOf => ({ multipleOf })) }),
  'another document': json({ $ref: 'http://127.0.0.1:9/x' }),
  'a file': json({ properties: { a: { $ref: 'file:///etc/passwd' } } }),
  'an $id below': json({ properties: { a: { $id: 'urn:x', $ref: '#/$defs/a' } } }),
  'a constant ten thousand times': json({ type: 'array', items: { const: 'x'.repeat(1000) }, minItems: 10_000 }),
  'arrays in arrays': json(array(3000, array(3000, array(3000, { const: 'x' })))),
  'a constant that is the only one left': json(array(9000, { type: 'string', enum: ['y'.repeat(1000), 1, 2] })),
  'constants under patterns': json({
    type: 'object',
    patternProperties: { '^x{50}$': { const: 'y'.repeat(1000) } },
    minProperties: 10_000,
  }),
  'rules that multiply': lark('start: a{1000}\na: b{1000}\nb: "xyz"'),
  '5,000 rules': lark(`start: "x"\n${Array.from({ length: 5000 }, (_, i) => `r${i}: "x"`).join('\n')}`),
  '50,000 words': lark(`start: ${'"x" '.repeat(20_000)}`),
};

for (const [name, format] of Object.entries(BOMBS)) {
  test(`${name}: refused within a moment`, async () => {
    const started = performance.now();
    const error = await expectError(() => planGuidance(format), 'ERR_GENAI_GUIDANCE_REFUSED');
    const ms = performance.now() - started;
    assert.ok(ms < 2000, `${ms} ms`);
    assert.ok(error.message.length < 500, error.message);
    assert.type(error.details['path'], 'string');
  });
}

test('what is bounded passes', () => {
  for (const schema of Object.values(SCHEMAS)) planGuidance(json(schema));
  for (const format of Object.values(HEAVIEST)) planGuidance(format);
});

test('the screen takes no time that grows faster than the text', () => {
  const long = 100_000;
  const texts = ['(', '[', '{', '\\', 'a{', '(?', '[^', '((a{2}', '(?x)#', '[[', '{1,', '\\p{', 'x', '(?<', '(?<a'];
  for (const text of texts) {
    for (const format of [regex(text.repeat(long / text.length)), lark(`start: ${text.repeat(long / text.length)}`)]) {
      const started = performance.now();
      try {
        planGuidance(format, LARGE);
      } catch {}
      const ms = performance.now() - started;
      assert.ok(ms < 2000, `${text}: ${ms} ms`);
    }
  }
  for (const text of [
    '"',
    '/',
    "'",
    '%json {',
    '%lark {',
    '%lark {a: ',
    '(?<',
    '%json {"',
    '<',
    '/[',
    '/\\',
    ': ',
    'a: ',
    'A: "x" & ',
  ]) {
    const started = performance.now();
    try {
      planGuidance(lark(`start: ${text.repeat(long / text.length)}\n`), LARGE);
    } catch {}
    const ms = performance.now() - started;
    assert.ok(ms < 2000, `${text}: ${ms} ms`);
  }
});

test.run();
