import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ERROR_CODES, type ErrorCode, GenAIError, invalidArgument, isGenAIError } from '../src/errors.ts';
import { ROOT } from './helpers/demo-model.ts';

const test = suite('errors');

test('GenAIError has code, details, cause and a name', () => {
  const cause = new Error('below');
  const error = new GenAIError('ERR_GENAI_BUSY', 'text', { cause, details: { path: 'x' } });
  assert.instance(error, Error);
  assert.equal(
    [error.name, error.code, error.message, error.cause, error.details],
    ['GenAIError', 'ERR_GENAI_BUSY', 'text', cause, { path: 'x' }],
  );
  assert.match(String(error), 'GenAIError: text');
  assert.match(error.stack ?? '', 'errors.test');
  const plain = new GenAIError('ERR_GENAI_NATIVE', 'text');
  assert.equal(plain.details, {});
  assert.not.ok('cause' in plain);
  assert.ok('cause' in new GenAIError('ERR_GENAI_NATIVE', 'text', { cause: undefined }));
});

test('isGenAIError: by name and code, also of another copy of the package', () => {
  const error = new GenAIError('ERR_GENAI_BUSY', 'text');
  assert.ok(isGenAIError(error));
  assert.ok(isGenAIError(error, 'ERR_GENAI_BUSY'));
  assert.not.ok(isGenAIError(error, 'ERR_GENAI_NATIVE'));
  const copy = Object.assign(new Error('text'), { name: 'GenAIError', code: 'ERR_GENAI_BUSY' });
  assert.ok(isGenAIError(copy) && isGenAIError(copy, 'ERR_GENAI_BUSY'));
  const others: unknown[] = [
    undefined,
    null,
    'GenAIError',
    { name: 'GenAIError', code: 'ERR_GENAI_BUSY' },
    new Error('x'),
    Object.assign(new Error('x'), { code: 'ERR_GENAI_BUSY' }),
    Object.assign(new Error('x'), { name: 'GenAIError' }),
    Object.assign(new Error('x'), { name: 'GenAIError', code: 'ERR_OTHER' }),
    Object.assign(new Error('x'), { name: 'GenAIError', code: 5 }),
  ];
  for (const other of others) assert.not.ok(isGenAIError(other), String(other));
});

test('isGenAIError: a name that every object has is no code', () => {
  assert.not.ok(isGenAIError(Object.assign(new Error('x'), { name: 'GenAIError', code: 'toString' })));
});

test('every code is documented by one sentence', () => {
  for (const [code, text] of Object.entries(ERROR_CODES)) {
    assert.match(code, /^ERR_(GENAI|MLFLOW)_[A-Z_]+$/);
    assert.match(text, /^[A-Z].{20,}\.$/, code);
  }
});

test('every code of the native side is in the table', () => {
  const source = readFileSync(join(ROOT, 'native/oga/error.cc'), 'utf8');
  const codes = [...source.matchAll(/"(ERR_\w+)"/g)].map(match => match[1] as string);
  assert.ok(codes.length > 5);
  for (const code of codes) assert.ok(code in ERROR_CODES, code);
});

test('invalidArgument says what was expected and what was given', () => {
  const cases: [unknown, string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [5n, '5'],
    [true, 'true'],
    ['a"b', '"a\\"b"'],
    ['x'.repeat(61), 'a string of 61 characters'],
    [[1, 2], 'an array of 2'],
    [{}, 'an object (Object)'],
    [Object.create(null), 'an object (without prototype)'],
    [new Int32Array(2), 'an object (Int32Array)'],
    [() => 1, 'a function'],
    [Symbol('s'), 'Symbol(s)'],
  ];
  for (const [value, text] of cases) {
    const error = invalidArgument('name', 'an integer', value);
    assert.is(error.code, 'ERR_GENAI_INVALID_ARGUMENT' satisfies ErrorCode);
    assert.is(error.message, `name must be an integer, but is ${text}.`);
    assert.is(error.details['argument'], 'name');
    assert.ok(Object.is(error.details['value'], value));
  }
});

test.run();
