/** That nothing of a Lark grammar goes unmeasured: it is divided as the library divides it. */
import * as assert from 'uvu/assert';
import { larkLexemes } from '../../src/guided/lark-lexer.ts';
import { planGuidance } from '../../src/guided/response-format.ts';
import type { GuidanceLimitName, Model } from '../../src/index.ts';
import { loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('lark');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const REPEATED = '/((a{100}){100}){100}/';
const LONG = `"${'abcdefghij '.repeat(9_000)}"{3}`;
const ITEMS = '%json {"type": "array", "items": {"const": 1}, "minItems": 1000000}';

/** Where something too large once hid: the library compiles each of these. */
const HIDDEN: readonly (readonly [GuidanceLimitName, string])[] = [
  ['nestedRepetitions', `a-b: ${REPEATED}\nstart: a-b`],
  ['forcedText', `a-b: ${LONG}\nstart: a-b`],
  ['items', `x-y: ${ITEMS}\nstart: x-y`],
  ['nestedRepetitions', `!?a: ${REPEATED}\nstart: a`],
  ['nestedRepetitions', `!_a: ${REPEATED}\nstart: _a`],
  ['nestedRepetitions', 'start: A-B\nA-B: C{300}\nC: /x{300}/'],
  ['nestedRepetitions', `start: %lark {\n  start: "a" ${REPEATED}\n}`],
  ['forcedText', `start: %lark { start: ${LONG}\n}`],
  ['items', `start: %lark { start: %lark { start: ${ITEMS} } }`],
  ['nestedRepetitions', `%ignore ${REPEATED}\nstart: "a" "b"`],
  ['nestedRepetitions', 'start: "a"\n%ignore " "\n%ignore C{300}\nC: /x{300}/'],
  ['nestedRepetitions', `start: /(?P<a[>b)/ "[" ${REPEATED} "]" /c/`],
  ['repetitions', 'start: /(?x)a#[/ "x"{2000} "]" /c/'],
  ['nestedRepetitions', 'start: /(a{50}\n){50}/'],
  ['nestedRepetitions', `start: a\na[stop=${REPEATED}]: /.*/`],
  ['nestedRepetitions', 'start: a\na[lazy]: C{300}\nC: /x{300}/'],
  ['nestedRepetitions', 'start: a\na[capture, max_tokens=5]: C{300}\nC: /x{300}/'],
  ['repetitions', 'start: A\nA: "a"{+2000}'],
  ['repetitions', 'start: A\nA: "a"{ ,\t2000 }'],
  ['repetitions', 'start: A\nA: "a" ~ 1 .. 2000'],
  ['repetitions', 'start: A\nA: "a"\n  | "b"{2000}'],
  ['repetitions', 'start: A // "\nA: "#" "//" /#/ "b"{2000}'],
];

test('what is too large is found wherever the library finds it', async () => {
  for (const [limit, grammar] of HIDDEN) {
    const refused = () => planGuidance({ type: 'lark', grammar });
    const error = await expectError(refused, 'ERR_GENAI_GUIDANCE_REFUSED');
    assert.is(error.details['limit'], limit, `${grammar.slice(0, 100)}: ${error.message}`);
  }
});

/** All that the library has for a grammar, each in one that it takes. */
const TAKEN: Readonly<Record<string, string>> = {
  names: 'start: a-b C-D _e _F ?g\na-b: "a"\nC-D: "b"\n_e: "c"\n_F: "d"\n?g: "e"'.replace(' ?g\n', ' g\n'),
  marks: '!?start: "a" | b\n!b: "b"',
  comments: '// one\nstart: "a" // two\n  | b # "four\nb: "#" "//"',
  texts: 'start: "\\"\\\\\\n\\u0041"i "a".."z" "ä€😀"',
  patterns: 'start: /a\\/b/ /[^\\/]/i /(?P<n>x)/s /a\nb/x',
  repetitions: 'start: "a"{2} "b"{1,2} "c"{,3} "d"{2,} ("e" | "f")~2 ["g"] "h"*\n',
  'terminals with & and ~': 'start: A\nA: /[a-z]+/ & ~/ab/',
  attributes: 'start: a b c\na[capture]: "x"\nb[stop="y"]: /[a-z]*/\nc[max_tokens=3, temperature=0.5]: /[a-z]+/',
  statements:
    '%llguidance {"no_forcing": false}\n%import common.INT\n%import common (WS, DIGIT)\n%ignore WS\nstart: INT',
  'schemas and substrings': 'start: %json {"enum": [1, "}"]} %json true %regex {"substring_words": "a b {"} "c"',
  'a grammar in a grammar': 'start: %lark {\n  start: "a" b\n  b: "c"{2}\n} b\nb: "d"',
  'alternatives on lines': '\n\nstart: "a"\n     | "b"\n     | "c" -> named\n\n',
  tokens: 'start: <|end|>',
  parameters: 'start: a::0x0\na::_: "x" a::set_bit(0) %if bit_clear(0)\n  | "" %if ne([0:1], 0)',
};

test('what the library takes is taken', async ({ model }) => {
  for (const [name, grammar] of Object.entries(TAKEN)) {
    try {
      (await model.createGenerator({ responseFormat: { type: 'lark', grammar } })).dispose();
    } catch (error) {
      assert.unreachable(`${name}: ${(error as Error).message}`);
    }
  }
});

test('what is no grammar is refused with its place', async ({ model }) => {
  const places: readonly (readonly [string, number, number, string])[] = [
    ["start: 'a'", 1, 8, 'nothing begins like this'],
    ['start: "a" $', 1, 12, 'nothing begins like this'],
    ['start: "a', 1, 8, 'nothing begins like this'],
    ['start: "a"\n| "b"\n"c"', 3, 1, 'expected a rule'],
    ['start: "a" b: "b"', 1, 13, 'a line of its own'],
    ['start: "a" -> c %ignore " "', 1, 17, 'a line of its own'],
    ['start', 1, 6, 'not complete'],
    ['start "a"\n', 1, 10, 'expected a colon'],
    ['start: a{b}', 1, 9, 'expected a repetition'],
    ['start: %json 5 "a"', 1, 14, 'a JSON object'],
    ['start: %json {"a": }', 1, 14, 'a JSON object'],
    ['start: %lark "a"', 1, 14, 'expected "{"'],
    ['start: %lark { start: "a"', 1, 26, 'not complete'],
    [`start: ${'%lark { start: '.repeat(100)}`, 1, 458, 'within each other'],
  ];
  for (const [grammar, line, column, message] of places) {
    const responseFormat = { type: 'lark', grammar } as const;
    const error = await expectError(model.generate(SPAIN, { responseFormat }), 'ERR_GENAI_GUIDANCE_REFUSED', message);
    assert.equal(error.details, { line, column }, grammar);
  }
});

test('a lexeme is the longest that fits', () => {
  const texts = (grammar: string): string[] => [...larkLexemes(grammar)].map(({ text }) => text);
  assert.equal(texts('a-b!?c _D::_->..5.x{1,+2}'), 'a-b !?c _D :: _ -> .. 5. x { 1 , +2 }'.split(' '));
  assert.equal(texts('aB A-b'), ['a', 'B', 'A-', 'b']);
  assert.equal(texts('/a/ix//b/'), ['/a/ix']);
  assert.equal(texts('"a"i"b" @g-1<|x|>'), ['"a"i', '"b"', '@g-1', '<|x|>']);
  assert.equal(texts('%json\n{"}": {}} a\r\n\n \tb'), ['%json', 'a', '\r\n\n \t', 'b']);
});

test.run();
