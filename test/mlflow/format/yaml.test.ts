/** YAML, against what PyYAML makes of the same texts. */
import * as assert from 'uvu/assert';
import { duplicateKey, parseYaml, stringifyYaml } from '../../../src/mlflow/format/yaml/yaml.ts';
import { YamlTimestamp } from '../../../src/mlflow/format/yaml/yaml-scalars.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { assertSame, type Marked, readTable } from './fixtures.ts';

const test = suite('mlflow/format/yaml');

interface Row {
  readonly text: string;
  readonly value?: Marked;
  readonly refused?: string;
}

const ROWS = readTable<Row>('yaml');

/** Texts that we treat otherwise than PyYAML, with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  '!': 'an empty text with the tag "!" is null for PyYAML',
  'k: !\n': 'the same',
  '|2\n  a\n': 'PyYAML counts the indentation of a block at the root from 0, YAML from -1',
  '...\n': 'PyYAML refuses the end of a document that has not begun',
};

test('reads each text of the table as PyYAML does, or refuses it as PyYAML does', () => {
  assert.ok(ROWS.length > 250, String(ROWS.length));
  const wrong: string[] = [];
  for (const { text, value, refused } of ROWS) {
    if (text in DIFFERENT) continue;
    let read: unknown;
    try {
      read = parseYaml(text, 'text');
    } catch (error) {
      if (refused === undefined) wrong.push(`${JSON.stringify(text)} refused: ${(error as Error).message}`);
      continue;
    }
    if (refused !== undefined) wrong.push(`${JSON.stringify(text)} read, PyYAML: ${refused}: ${JSON.stringify(read)}`);
    else {
      try {
        assertSame(read, value as Marked);
      } catch (error) {
        wrong.push(`${JSON.stringify(text)}: ${(error as Error).message}`);
      }
    }
  }
  assert.is(wrong.join('\n'), '');
});

test('the four known differences are differences still', () => {
  assert.is(Object.keys(DIFFERENT).length, 4);
  for (const text of Object.keys(DIFFERENT)) {
    const row = ROWS.find(candidate => candidate.text === text);
    if (row?.refused !== undefined) parseYaml(text, 'text');
    else assert.throws(() => assertSame(parseYaml(text, 'text'), row?.value as Marked));
  }
});

test('what it cannot write as a number it keeps: big integers, dates, bytes, sets', () => {
  const text =
    'big: 12345678901234567890\nbytes: !!binary |\n  AP8=\nday: 2026-01-31\nset: !!set\n  a: null\n  b: null\n';
  const value = parseYaml(text, 'text') as Record<string, unknown>;
  assert.is(value['big'], 12345678901234567890n);
  assert.ok(value['day'] instanceof YamlTimestamp);
  assert.is(String(value['day']), '2026-01-31');
  assert.is(JSON.stringify(value['day']), '"2026-01-31"');
  assert.equal(value['set'], new Set(['a', 'b']));
  assert.is(stringifyYaml(value), text);
});

test('a key that stands twice: the last counts, as for PyYAML, and can be asked for', () => {
  const text = 'a: 1\nb:\n  c: 2\n  c: 3\n';
  assert.equal(parseYaml(text, 'text'), { a: 1, b: { c: 3 } });
  assert.match(duplicateKey(text, 'text') ?? '', 'duplicated mapping key');
  assert.is(duplicateKey('a: 1\nb: 1\n', 'text'), null);
  assert.is(duplicateKey('base: &b {x: 1}\nuse:\n  <<: *b\n  x: 2\n', 'text'), null);
});

test('members with the names of Object.prototype are members', () => {
  const value = parseYaml('__proto__: {x: 1}\nconstructor: 2\n', 'text') as object;
  assert.equal(Object.keys(value), ['__proto__', 'constructor']);
  assert.is(Object.getPrototypeOf(value), Object.prototype);
  assert.is(stringifyYaml(value), '__proto__:\n  x: 1\nconstructor: 2\n');
});

test('writes block style with sorted keys, quotes and folds where PyYAML does', () => {
  const long = `${'word '.repeat(30)}end`;
  const value = {
    z: [],
    y: {},
    list: [1, [2, [3]], { b: 'yes', a: null }],
    on: true,
    long,
    nl: 'a\nb',
    e: 'é😀',
    none: undefined,
  };
  const folded = `long: word word word word word word word word word word word word word word word word\n  ${'word '.repeat(14)}end\n`;
  assert.is(
    stringifyYaml(value),
    `e: "\\xE9\\U0001F600"\nlist:\n- 1\n- - 2\n  - - 3\n- a: null\n  b: 'yes'\n${folded}nl: 'a\n\n  b'\n'on': true\ny: {}\nz: []\n`,
  );
});

test('quotes the marks of documents, and marks keys that are too long for a line', () => {
  assert.is(stringifyYaml({ a: '---x', b: '...', c: '--' }), "a: '---x'\nb: '...'\nc: --\n");
  const [fits, long] = ['k'.repeat(122), 'k'.repeat(123)];
  assert.is(stringifyYaml({ [fits]: 1 }), `${fits}: 1\n`);
  assert.is(stringifyYaml({ [long]: 1 }), `? ${long}\n: 1\n`);
});

test('sorts keys by code points, not by 16-bit units', () => {
  const keys = ['\u{1f600}', '\ue000', 'Z', 'a', 'aa', '10', '9'];
  const read = parseYaml(stringifyYaml(Object.fromEntries(keys.map(key => [key, 1]))), 'text') as object;
  assert.equal(
    Object.keys(read).filter(key => Number.isNaN(Number(key))),
    ['Z', 'a', 'aa', '\ue000', '\u{1f600}'],
  );
});

test('reads back what it writes: numbers of all sizes, texts of all kinds', () => {
  const numbers = [0, 1, -1, 1.5, 1e-7, 1e16, 1e22, 1e300, 5e-324, 2 ** 53, 2 ** 53 - 1, 0.1, 123456.789, -0];
  const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of [...numbers, ...specials])
    assert.ok(Object.is(parseYaml(stringifyYaml(number), 'text'), number), String(number));
  const texts = ROWS.map(({ text }) => text).filter(text => !/\p{Surrogate}/u.test(text));
  for (const text of texts) {
    assert.is(parseYaml(stringifyYaml(text), 'text'), text);
    assert.equal(parseYaml(stringifyYaml({ [text]: [text] }), 'text'), { [text]: [text] });
  }
});

test('refuses to write what YAML cannot hold, and names the place', async () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const cases: [unknown, string][] = [
    ['\ud800', 'the value holds a lone surrogate'],
    [{ a: ['x', '\udfff'] }, 'a.1 holds a lone surrogate'],
    [{ '\ud800': 1 }, 'lone surrogate'],
    [{ a: new Date(0) }, 'a is Date'],
    [{ a: new Map() }, 'a is Map'],
    [{ a: { b: () => 1 } }, 'a.b is Function'],
    [{ a: Symbol('x') }, 'a is Symbol'],
    [undefined, 'the value is Undefined'],
    [[undefined], '0 is Undefined'],
    [circle, 'nested deeper than 100 levels, or holds itself'],
  ];
  for (const [value, message] of cases)
    await expectError(() => stringifyYaml(value), 'ERR_GENAI_INVALID_ARGUMENT', message);
});

test('bounds: 4 Mi characters, 100 levels, 200,000 values with what aliases repeat', async () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
  assert.ok(Array.isArray(parseYaml(nested(100), 'text')));
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghi'.split('').map((name, index) => {
      const below = 'abcdefgh'[index];
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${below}`).join(', ')}]`;
    }),
  ].join('\n');
  const cases: [string, string][] = [
    [`a: "${'x'.repeat(4 * 1024 * 1024)}"`, 'more than 4194304'],
    [nested(5000), 'nesting exceeded'],
    [nested(101), 'deeper than 100 levels'],
    [bomb, 'more than 200000 values'],
    [`[${'1, '.repeat(200_001)}]`, 'more than 200000 values'],
    ['a: &a [*a]', 'in a circle'],
    ['a: &a {b: *a}', 'recursive alias'],
  ];
  for (const [text, message] of cases) {
    const started = performance.now();
    await expectError(() => parseYaml(text, 'The text'), 'ERR_MLFLOW_FORMAT', message);
    assert.ok(performance.now() - started < 10_000, message); // a bomb that goes off takes for ever
  }
});

test('messages name the text and what is wrong', async () => {
  const cases: [string, string][] = [
    ['a: !!python/object:os.system x', 'python/object:os.system'],
    ['a: =', 'write it in quotes'],
    ['a: <<', 'write it in quotes'],
    ['a: 2024-02-30', 'there is no such date or time: 2024-02-30'],
    ['a\u0000', 'U+0000 at index 1'],
    ['a: "\u2028"', 'U+2028 at index 4, which must be written as an escape'],
    ['a: 1\n---\nb: 2', '2 documents'],
    ['a: 1\nb: [1', '(line 2, column 6)'],
  ];
  for (const [text, message] of cases) {
    const error = await expectError(() => parseYaml(text, 'The file x'), 'ERR_MLFLOW_FORMAT', message);
    assert.ok(error.message.startsWith('The file x cannot be read as YAML: '), error.message);
  }
});

test.run();
