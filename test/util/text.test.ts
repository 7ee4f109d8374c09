import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isGenAIError } from '../../src/errors.ts';
import { checkText } from '../../src/util/text.ts';

const test = suite('text');

test('text that the library can take passes', () => {
  for (const text of ['', 'abc', 'ü', '👋', '👩‍👩‍👧‍👦', '\u0001', '\uffff', '\ufeff', '🇪🇸'.repeat(1000)])
    checkText('text', text);
});

test('what it cannot take is refused with the place', () => {
  const bad: [unknown, string, number | undefined][] = [
    [undefined, 'text must be a string, but is undefined.', undefined],
    [null, 'text must be a string, but is null.', undefined],
    [[], 'text must be a string, but is an array.', undefined],
    [{}, 'text must be a string, but is object.', undefined],
    [5, 'text must be a string, but is number.', undefined],
    ['\0', 'text must not contain a NUL character, but has one at index 0.', 0],
    ['ab\0', 'text must not contain a NUL character, but has one at index 2.', 2],
    ['\ud83d', 'text must not contain a lone surrogate, but has one at index 0.', 0],
    ['a👋\udc4b', 'text must not contain a lone surrogate, but has one at index 3.', 3],
    ['\udc4b\ud83d', 'text must not contain a lone surrogate, but has one at index 0.', 0],
    ['👋👋\ud83dx', 'text must not contain a lone surrogate, but has one at index 4.', 4],
  ];
  for (const [text, message, index] of bad) {
    try {
      checkText('text', text);
      assert.unreachable(JSON.stringify(text));
    } catch (error) {
      assert.ok(isGenAIError(error, 'ERR_GENAI_INVALID_ARGUMENT'));
      assert.is(error.message, message);
      assert.equal(error.details, { argument: 'text', ...(index === undefined ? {} : { index }) });
    }
  }
});

test.run();
