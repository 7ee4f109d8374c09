/** Values made to break what reads them: a coded error, or an answer in reasonable time. */
import * as assert from 'uvu/assert';
import { GenAIError } from '../../../src/errors.ts';
import { enforceInput } from '../../../src/mlflow/format/schema/enforce.ts';
import { enforceParams } from '../../../src/mlflow/format/schema/enforce-params.ts';
import { inferSignature } from '../../../src/mlflow/format/schema/infer.ts';
import type { ColumnSpec, ParamSchema, Schema, TypeSpec } from '../../../src/mlflow/format/schema/schema-types.ts';
import { suite } from '../../helpers/suite.ts';

const test = suite('schema: hostile');

const OBJECT = { type: 'object', properties: { a: { type: 'long', required: false } } } as const;
const SCHEMAS: Readonly<Record<string, Schema | null>> = {
  none: null,
  prompt: [{ type: 'string', name: 'prompt', required: true }],
  'two optional': [
    { type: 'string', name: 'prompt', required: false },
    { type: 'double', name: 'b', required: false },
  ],
  array: [{ type: 'array', items: { type: 'string' }, name: 'prompt', required: true }],
  object: [{ ...OBJECT, name: 'prompt', required: true }],
  map: [{ type: 'map', values: { type: 'array', items: OBJECT }, name: 'prompt', required: true }],
  any: [{ type: 'any', name: 'prompt', required: true }],
  unnamed: [{ type: 'string', required: true }],
  'unnamed array': [{ type: 'array', items: { type: 'string' }, required: true }],
  tensor: [{ type: 'tensor', 'tensor-spec': { dtype: 'float64', shape: [-1] } }],
  'named tensor': [{ type: 'tensor', 'tensor-spec': { dtype: 'float64', shape: [-1, 2] }, name: 'prompt' }],
};

const deep = (levels: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
};
const circle: Record<string, unknown> = { prompt: 'x' };
circle['prompt'] = circle;
const wideCircle: Record<string, unknown> = {};
for (let i = 0; i < 20; i += 1) wideCircle[`k${i}`] = wideCircle;
const ring: unknown[] = [];
ring.push(ring, ring);
const sparse: unknown[] = [];
sparse[4_000_000_000] = 1;
const late = ['x', 'y'];
late[4_000_000_000] = 'z';
const thrower = {
  get prompt(): string {
    throw new Error('no');
  },
};
let turns = 0;
const turncoat = {
  get prompt(): unknown {
    turns += 1;
    return turns % 2 === 0 ? { a: 1 } : 'x';
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const PARAMS: ParamSchema = [
  { name: 'prompt', type: 'string', default: 'x', shape: null },
  { ...OBJECT, name: 'o', default: {}, shape: null },
];

const VALUES: Readonly<Record<string, unknown>> = {
  '10,000 levels of objects': deep(10_000, prompt => ({ prompt })),
  '10,000 levels of arrays': deep(10_000, inner => [inner]),
  '10,000 levels in a property': { prompt: deep(10_000, a => ({ a })) },
  'an object in itself': circle,
  'an object 20 times in itself': wideCircle,
  'an array twice in itself': ring,
  'arrays shared until they are 2**60': deep(60, inner => [inner, inner]),
  'objects shared until they are 2**60': deep(60, inner => ({ a: inner, b: inner })),
  'an array of 4 billion holes': sparse,
  'an array of 4 billion holes, as a column': { prompt: sparse },
  'holes after two elements': { prompt: late },
  'a member __proto__': JSON.parse('{"__proto__": {"prompt": "x"}, "constructor": {"prototype": 1}}'),
  '__proto__ in a property': { prompt: JSON.parse('{"__proto__": {"a": 1}}') },
  'a getter that throws': thrower,
  'a getter that changes its mind': turncoat,
  'a getter in an array': Object.defineProperty(['x'], 0, { get: () => thrower.prompt }),
  'a revoked proxy': revoked.proxy,
  'a revoked proxy as a value': { prompt: revoked.proxy },
  'a proxy without keys': new Proxy(
    {},
    {
      ownKeys: () => {
        throw new TypeError('no');
      },
    },
  ),
  'an array that lies about its length': new Proxy(['x'], {
    get: (t, k) => (k === 'length' ? 2 ** 32 : Reflect.get(t, k)),
  }),
  'a throwing toString': {
    prompt: {
      toString: () => {
        throw new Error('no');
      },
    },
  },
  'a constructor that throws': Object.create({
    get constructor(): never {
      throw new Error('no');
    },
  }),
  'a million elements': { prompt: new Array(1_000_000).fill('x') },
  '100,000 rows': Array.from({ length: 100_000 }, (_, i) => ({ prompt: `text ${i}`, b: i })),
  '100,000 rows with messages': Array.from({ length: 100_000 }, () => ({ prompt: [{ role: 'user', content: 'x' }] })),
  'a text of 50 MB': { prompt: 'x'.repeat(50_000_000) },
  'a function': () => {},
  'a symbol': Symbol('x'),
  'a Map': new Map([['prompt', 'x']]),
  'a boxed string': { prompt: Object('x') },
  undefined,
};

const slowest = { text: '', ms: 0 };

/** Runs it to an end that a caller can handle. */
function survive(text: string, work: () => unknown): boolean {
  const start = performance.now();
  try {
    work();
    return true;
  } catch (error) {
    assert.ok(
      error instanceof GenAIError && error.code === 'ERR_MLFLOW_SIGNATURE',
      `${text}: ${String(error).slice(0, 200)}`,
    );
    assert.ok(error.message.length < 1000, text);
    return false;
  } finally {
    const ms = performance.now() - start;
    if (ms > slowest.ms) Object.assign(slowest, { text, ms });
    assert.ok(ms < 10_000, `${text}: ${Math.round(ms)} ms`);
  }
}

for (const [name, value] of Object.entries(VALUES)) {
  test(name, () => {
    for (const [schema, columns] of Object.entries(SCHEMAS)) {
      survive(`${name}, enforced as ${schema}`, () => enforceInput(value, columns));
    }
    survive(`${name}, inferred`, () => inferSignature(value, null));
    survive(`${name}, as parameters`, () => inferSignature('x', null, value as Record<string, unknown>));
    survive(`${name}, as a parameter`, () => inferSignature('x', null, { p: value }));
    survive(`${name}, enforced as parameters`, () => enforceParams(value as Record<string, unknown>, PARAMS));
  });
}

// A million names are slow in themselves: they are not read sixteen times.
test('a million columns: one is taken, and nothing inferred', () => {
  const many: Record<string, unknown> = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`c${i}`, 1]));
  const prompt = SCHEMAS['prompt'] ?? null;
  const warnings: string[] = [];
  assert.not.ok(survive('a million columns, none of them known', () => enforceInput(many, prompt)));
  many['prompt'] = 'x';
  survive('a million columns, one of them known', () => {
    const { rows } = enforceInput(many, prompt, { onWarning: text => warnings.push(text) });
    assert.equal(rows, [{ prompt: 'x' }]);
  });
  assert.match(warnings[0] ?? '', /"c0", "c1", "c2", "c3", "c4" and more\.$/);
  assert.not.ok(survive('a million columns, inferred', () => inferSignature(many)));
  assert.not.ok(survive('a million parameters, inferred', () => inferSignature('x', null, many)));
  assert.not.ok(survive('a million parameters', () => enforceParams(many, PARAMS)));
});

test('100,000 rows fit', () => {
  const rows = VALUES['100,000 rows'];
  assert.is(enforceInput(rows, SCHEMAS['two optional'] ?? null).rows.length, 100_000);
  assert.equal(inferSignature(rows).inputs?.length, 2);
});

test('__proto__ is a name like any other, and no prototype', () => {
  const name = '__proto__';
  const schema: Schema = [
    { type: 'string', name, required: true },
    {
      type: 'object',
      properties: Object.fromEntries([[name, { type: 'long', required: true }]]),
      name: 'o',
      required: true,
    },
    { type: 'map', values: { type: 'long' }, name: 'm', required: false },
  ] as Schema;
  const input = JSON.parse('{"__proto__": "x", "o": {"__proto__": 5}, "m": {"__proto__": 6}}') as object;
  const [row = {}] = enforceInput(input, schema).rows;
  assert.is(JSON.stringify(row), '{"__proto__":"x","o":{"__proto__":5},"m":{"__proto__":6}}');
  assert.is(Object.getPrototypeOf(row), Object.prototype);
  assert.is(Object.getPrototypeOf(row['m']), Object.prototype);
  const inferred = inferSignature(input);
  assert.equal(
    inferred.inputs?.map(spec => spec.name),
    [name, 'o', 'm'],
  );
  assert.match(String(inferred.toDict().inputs), '"properties": {"__proto__": {"type": "long", "required": true}}');
  // Nor does the schema find properties that every object has.
  for (const key of ['toString', 'constructor', 'hasOwnProperty']) {
    assert.not.ok(survive(key, () => enforceInput({ prompt: { [key]: 1 } }, SCHEMAS['object'] ?? null)));
    assert.not.ok(survive(key, () => enforceInput({}, [{ type: 'string', name: key, required: true }])));
  }
  assert.equal(({} as Record<string, unknown>)['prompt'], undefined);
});

test('a getter is asked once for what is checked and what is given', () => {
  turns = 0;
  const { rows } = enforceInput(
    [turncoat],
    [
      { type: 'array', items: OBJECT, name: 'x', required: false },
      { type: 'string', name: 'prompt', required: true },
    ],
  );
  assert.equal(rows, [{ prompt: 'x' }]);
  assert.is(turns, 1);
});

test('a schema of 10,000 levels, and one of 200,000 columns', () => {
  let type: TypeSpec = { type: 'string' };
  for (let level = 0; level < 10_000; level += 1) type = { type: 'array', items: type };
  const schema: Schema = [{ ...type, name: 'prompt', required: true } as ColumnSpec];
  assert.not.ok(survive('deep schema', () => enforceInput({ prompt: deep(10_000, inner => [inner]) }, schema)));
  const wide: Schema = Array.from({ length: 200_000 }, (_, i) => ({ type: 'long', name: `c${i}`, required: true }));
  const row = Object.fromEntries(wide.map(({ name }) => [String(name), 1]));
  assert.ok(survive('wide schema', () => enforceInput(row, wide)));
  assert.not.ok(survive('wide schema, nothing given', () => enforceInput({}, wide)));
  console.log(`figure: slowest of all, ${slowest.text}: ${Math.round(slowest.ms)} ms`);
});

test.run();
