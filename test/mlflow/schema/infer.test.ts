/** Inference: the seed's texts, what only JavaScript has, and what cannot be inferred. */
import * as assert from 'uvu/assert';
import { inferSchema, inferSignature } from '../../../src/mlflow/format/schema/infer.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';

const test = suite('schema: infer');

const refused = (value: unknown, text: string): Promise<Error> =>
  expectError(() => void inferSchema(value), 'ERR_MLFLOW_SIGNATURE', text);

test("the seed's signature, to the letter", () => {
  const signature = inferSignature({ prompt: 'What is the capital of Spain?' }, ['Run']);
  assert.is(
    signature.toString(),
    "inputs: \n  ['prompt': string (required)]\noutputs: \n  [string (required)]\nparams: \n  None\n",
  );
  assert.equal(signature.toDict(), {
    inputs: '[{"type": "string", "name": "prompt", "required": true}]',
    outputs: '[{"type": "string", "required": true}]',
    params: null,
  });
});

test('parameters: defaults as MLflow writes them', () => {
  const params = { temperature: 1.5, stop: ['a'], when: new Date('2024-05-17T12:30:15.250Z'), big: 2n ** 60n };
  assert.is(
    inferSignature(undefined, undefined, params).toDict().params,
    '[{"name": "temperature", "default": 1.5, "shape": null, "type": "double"}, ' +
      '{"name": "stop", "default": ["a"], "shape": [-1], "type": "string"}, ' +
      '{"name": "when", "default": "2024-05-17T12:30:15.250000", "shape": null, "type": "datetime"}, ' +
      '{"name": "big", "default": 1152921504606846976, "shape": null, "type": "long"}]',
  );
});

test('undefined is not there; numbers too large to be exact are double', () => {
  assert.equal(inferSchema({ a: 'x', b: undefined }), inferSchema({ a: 'x' }));
  assert.equal(inferSchema([{ a: 1, b: undefined }, { a: 2 }]), inferSchema([{ a: 1 }, { a: 2 }]));
  assert.equal(inferSchema(['a', undefined]), inferSchema(['a', null]));
  assert.equal(inferSchema(2 ** 53), [{ type: 'double', required: true }]);
  assert.equal(inferSchema(2 ** 53 - 1), [{ type: 'long', required: true }]);
  assert.equal(inferSchema(-0), [{ type: 'double', required: true }]);
});

test('properties are sorted by code point, as Python sorts', () => {
  const [column] = inferSchema({ a: { '\u{1f600}': 1, '\uff5e': 1, b: 1, B: 1 } });
  const properties = column?.type === 'object' ? Object.keys(column.properties) : [];
  assert.equal(properties, ['B', 'b', '\uff5e', '\u{1f600}']);
});

test('Buffer is binary, Uint8ClampedArray a tensor, an object without prototype a record', () => {
  assert.equal(inferSchema(Buffer.from('x')), [{ type: 'binary', required: true }]);
  assert.equal(inferSchema(new Uint8ClampedArray(2)), [
    { type: 'tensor', 'tensor-spec': { dtype: 'uint8', shape: [-1] } },
  ]);
  assert.equal(inferSchema(Object.assign(Object.create(null), { a: 1 })), inferSchema({ a: 1 }));
});

test('types without anything in common: any and a warning, or an error', async () => {
  const warnings: string[] = [];
  const options = { onWarning: (text: string) => warnings.push(text) };
  const signature = inferSignature({ a: [1, { b: 'x' }] }, [1, 'a'], null, options);
  assert.equal(signature.inputs, [{ type: 'any', required: true }]);
  assert.equal(warnings, [
    'The schema of the input is "any", which checks nothing: a holds values of different types: ' +
      'element 1 is an object. Give values of one type, or a signature.',
    'The schema of the output is "any", which checks nothing: The output holds values of different types: ' +
      'element 1 is "a". Give values of one type, or a signature.',
  ]);
  const error = await expectError(() => void inferSchema({ a: [1, 'x'] }), 'ERR_MLFLOW_SIGNATURE', 'different types');
  assert.is(error.details['undetermined'], true);
  assert.is(error.details['path'], 'a');
});

test('what has no counterpart is refused, not any', async () => {
  class Prompt {
    text = 'x';
  }
  const values: [unknown, string][] = [
    [() => {}, 'a function'],
    [{ a: { b: [Symbol('x')] } }, 'a.b[0] must be a value that MLflow has, but is a symbol'],
    [{ a: new Map() }, 'an object of class Map'],
    [[new Prompt()], 'an object of class Prompt'],
    [{ a: Promise.resolve() }, 'an object of class Promise'],
    [new Date(Number.NaN), 'an invalid Date'],
    [{ a: new DataView(new ArrayBuffer(1)) }, 'an object of class DataView'],
    [2n ** 63n, 'a whole number of 64 bits'],
    [{ a: Object.assign(new Array(3), { 0: 1, 2: 3 }) }, 'a has a hole at index 1 of 3'],
  ];
  for (const [value, text] of values) {
    await refused(value, text);
    await expectError(() => void inferSignature(value), 'ERR_MLFLOW_SIGNATURE', text);
  }
  await expectError(() => void inferSignature(null), 'ERR_MLFLOW_SIGNATURE', 'nothing to infer');
});

test('parameters that no signature can have', async () => {
  const values: [unknown, string][] = [
    [[], 'is empty, so that nobody can know the type'],
    [['a', 1], 'p[1] must be of the type string'],
    [[1, null], 'p[1]'],
    [[[1]], 'p[0]'],
    [Number.NaN, 'finite number'],
    [null, 'p must be a string, boolean'],
    [Buffer.from('x'), 'p must be'],
    [{}, 'p is an empty object'],
    [{ a: new Date() }, 'p.a must be what JSON can hold'],
    [new BigUint64Array(1), 'an array of uint64'],
    [() => {}, 'a function'],
  ];
  for (const [p, text] of values) {
    await expectError(() => void inferSignature({ a: 1 }, null, { p }), 'ERR_MLFLOW_SIGNATURE', text);
  }
  const list = [1] as unknown as Record<string, unknown>;
  await expectError(() => void inferSignature({ a: 1 }, null, list), 'ERR_MLFLOW_SIGNATURE', 'an object');
  const typo = { onwarning: () => {} } as object;
  await expectError(() => void inferSignature(1, 1, null, typo), 'ERR_GENAI_INVALID_ARGUMENT', 'onwarning');
});

test('lists of parameters: typed arrays become lists', () => {
  const { params } = inferSignature(null, null, { a: new Float32Array([0.5]), b: new Uint32Array([1]), c: [1, 0.5] });
  assert.equal(params, [
    { name: 'a', type: 'float', default: [0.5], shape: [-1] },
    { name: 'b', type: 'long', default: [1], shape: [-1] },
    { name: 'c', type: 'double', default: [1, 0.5], shape: [-1] },
  ]);
});

test.run();
