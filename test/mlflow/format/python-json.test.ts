/** JSON as Python's `json` module writes and reads it. The expected texts are Python's. */
import * as assert from 'uvu/assert';
import { parsePythonJson } from '../../../src/mlflow/format/python/parse-python-json.ts';
import { pythonJson } from '../../../src/mlflow/format/python/python-json.ts';
import { PythonFloat, pythonFloat } from '../../../src/mlflow/format/python/python-number.ts';
import { pythonRepr } from '../../../src/mlflow/format/python/python-repr.ts';
import { parseYaml } from '../../../src/mlflow/format/yaml/yaml.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';

const test = suite('mlflow/format/python-json');

const WRITTEN: [unknown, string][] = [
  [{ a: 1, b: [1, 2.5, null, true], c: {}, d: [] }, '{"a": 1, "b": [1, 2.5, null, true], "c": {}, "d": []}'],
  ['é😀\u2028\u007f"\\\n\b\u0007', '"\\u00e9\\ud83d\\ude00\\u2028\\u007f\\"\\\\\\n\\b\\u0007"'],
  ['\ud800', '"\\ud800"'],
  [1e-7, '1e-07'],
  [1e16, '1e+16'],
  [1e22, '1e+22'],
  [-0, '-0.0'],
  [2 ** 53, '9007199254740992.0'],
  [12345678901234567890n, '12345678901234567890'],
  [[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], '[NaN, Infinity, -Infinity]'],
  [new PythonFloat(1), '1.0'],
  [{ a: undefined, b: [undefined] }, '{"b": [null]}'],
  [{ at: new Date(0) }, '{"at": "1970-01-01T00:00:00.000Z"}'],
];

test('writes what json.dumps writes', () => {
  for (const [value, text] of WRITTEN) assert.is(pythonJson(value), text);
  const indented = pythonJson({ a: [1, { b: 2 }], c: [], d: {} }, { indent: 2 });
  assert.is(indented, '{\n  "a": [\n    1,\n    {\n      "b": 2\n    }\n  ],\n  "c": [],\n  "d": {}\n}');
});

test('writes floats as repr() does', () => {
  const cases: [number, string][] = [
    [1, '1.0'],
    [0.1, '0.1'],
    [100, '100.0'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e16, '1.5e+16'],
    [123456789.125, '123456789.125'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0.00012345, '0.00012345'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [-1.5, '-1.5'],
    [-0, '-0.0'],
    [0, '0.0'],
    [Number.NaN, 'nan'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ];
  for (const [value, text] of cases) assert.is(pythonFloat(value), text);
});

test('prints values as repr() does', () => {
  const cases: [unknown, string][] = [
    [{ a: [1, 1.5, 'x'], b: null, c: true, d: false }, "{'a': [1, 1.5, 'x'], 'b': None, 'c': True, 'd': False}"],
    ["it's", '"it\'s"'],
    ['say "hi"', '\'say "hi"\''],
    ['\'"', "'\\'\"'"],
    [
      '\\\n\r\t\u0007\u007f\u00a0\u00e9\u200b\u2028\u{1f600}\u{e0001}',
      "'\\\\\\n\\r\\t\\x07\\x7f\\xa0é\\u200b\\u2028😀\\U000e0001'",
    ],
  ];
  for (const [value, text] of cases) assert.is(pythonRepr(value), text);
});

test('reads what json.loads reads', () => {
  const cases: [string, unknown][] = [
    [' {"a" : [ 1 , -2.5e3, true , null ] } ', { a: [1, -2500, true, null] }],
    ['[NaN, Infinity, -Infinity]', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['12345678901234567890', 12345678901234567890n],
    ['9007199254740993', 9007199254740993n],
    ['"\\ud83d\\ude00\\u00e9\u007f\u0085\u2028"', '😀é\u007f\u0085\u2028'],
    ['{"a": 1, "a": 2}', { a: 2 }],
    ['-0', 0],
    ['-0.0', -0],
    ['1E2', 100],
    ['[]', []],
    ['{}', {}],
    ['""', ''],
  ];
  for (const [text, value] of cases) assert.equal(parsePythonJson(text, 'text'), value, text);
  assert.ok(Object.is(parsePythonJson('-0', 'text'), 0));
  assert.equal(Object.keys(parsePythonJson('{"__proto__": 1}', 'text') as object), ['__proto__']);
});

test('refuses what is not JSON, and names the place', async () => {
  const cases: [string, string][] = [
    ['', 'expected a value at index 0, found the end'],
    ['[1,]', 'at index 3, found "]"'],
    ['[1 2]', 'expected "," or "]" at index 3'],
    ['{"a" 1}', 'expected ":" at index 5'],
    ['{a: 1}', 'expected a text in double quotes at index 1'],
    ['{"a": 1', 'expected "," or "}" at index 7, found the end'],
    ["['a']", 'expected a value at index 1'],
    ['"a\nb"', 'escapes of JSON'],
    ['"\\x41"', 'escapes of JSON'],
    ['01', 'expected the end at index 1'],
    ['1.', 'expected the end at index 1'],
    ['nan', 'expected a value'],
    ['true false', 'expected the end at index 5'],
    ['['.repeat(300), 'at most 200 levels'],
    ['['.repeat(1_000_000), 'at most 200 levels'],
  ];
  for (const [text, message] of cases) {
    await expectError(() => parsePythonJson(text, 'The text'), 'ERR_MLFLOW_FORMAT', message);
  }
});

test('refuses to write what JSON cannot hold', async () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  for (const value of [undefined, () => 1, Symbol('x'), { a: new Uint8Array(1) }, new Set([1]), circle]) {
    await expectError(() => pythonJson(value), 'ERR_GENAI_INVALID_ARGUMENT', 'cannot be written as JSON');
  }
});

test('a text of 40 MB is read; too many digits are refused at once', async () => {
  const long = 'a'.repeat(40e6);
  assert.is((parsePythonJson(`["${long}\\\\"]`, 'x') as string[])[0]?.length, 40e6 + 1);
  const started = performance.now();
  await expectError(() => parsePythonJson('1'.repeat(20e6), 'x'), 'ERR_MLFLOW_FORMAT', '4300 digits');
  await expectError(() => parseYaml(`a: ${'1:'.repeat(200_000)}1`, 'x'), 'ERR_MLFLOW_FORMAT', 'too long');
  await expectError(() => parseYaml(`a: ${'1'.repeat(4e6)}`, 'x'), 'ERR_MLFLOW_FORMAT', 'too long');
  assert.ok(performance.now() - started < 3000);
});

test.run();
