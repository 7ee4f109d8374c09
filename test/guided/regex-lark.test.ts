/** Answers by a regular expression or a grammar. */
import * as assert from 'uvu/assert';
import { GeneratorParams, type Model, type ResponseFormat } from '../../src/index.ts';
import { ask, loadDemoModel, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('answers by a regular expression or a grammar');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const PATTERNS = [
  '(Madrid|Paris|Rome)',
  '[0-9]{4}-[01][0-9]-[0-3][0-9]',
  '(yes|no), because [a-z ]{5,20}\\.',
  '#[0-9a-f]{6}',
  '[A-Z][a-z]+( [A-Z][a-z]+){1,3}',
  '(?i)MADRID',
  '\\+34( [0-9]{3}){3}',
  ' ?x{0,3}y',
  'the answer is (4|four)\\n',
];

test('the whole answer matches, in one way or another', async ({ model }) => {
  let whole = 0;
  for (const pattern of PATTERNS) {
    const insensitive = pattern.startsWith('(?i)');
    const expected = new RegExp(`^(?:${pattern.replace('(?i)', '')})$`, insensitive ? 'i' : '');
    for (const options of [{}, { temperature: 1.5, seed: 7 }, { forcedForwardTokens: true }]) {
      const responseFormat = { type: 'regex', pattern } as const;
      const { text, finishReason } = await model.generate(SPAIN, { maxNewTokens: 60, ...options, responseFormat });
      if (finishReason !== 'stop') continue;
      whole++;
      assert.match(text, expected);
    }
  }
  assert.ok(whole >= PATTERNS.length * 2, `${whole} whole answers`);
});

test('a space at the beginning stays, with a chat template before it or not', async ({ model }) => {
  for (const input of [SPAIN, 'Once upon a time', [{ role: 'user', content: 'Hello!' }] as const]) {
    for (const pattern of [' Madrid', 'Madrid', '  two']) {
      const { text } = await model.generate(input, { responseFormat: { type: 'regex', pattern } });
      assert.is(text, pattern);
    }
  }
});

const CALCULATION = `
start: sum "="
sum: NUMBER (SIGN NUMBER){2}
SIGN: "+" | "-"
NUMBER: /[1-9][0-9]?/
`;

test('an answer is a sentence of its grammar', async ({ model }) => {
  for (const options of [{}, { temperature: 2, topK: 0, seed: 3 }, { forcedForwardTokens: true }]) {
    const responseFormat = { type: 'lark', grammar: CALCULATION } as const;
    const { text, finishReason } = await model.generate(ask('What is 2 + 2?'), { ...options, responseFormat });
    assert.is(finishReason, 'stop');
    assert.match(text, /^[1-9][0-9]?([+-][1-9][0-9]?){2}=$/);
  }
});

test('a grammar may hold a schema, and name control tokens', async ({ model }) => {
  const schema = JSON.stringify({ enum: ['Madrid', 'Barcelona'] });
  const grammar = `start: "city: " city <|end|>\ncity: %json ${schema}`;
  const { text } = await model.generate(SPAIN, { responseFormat: { type: 'lark', grammar } });
  assert.match(text, /^city: "(Madrid|Barcelona)"$/);
});

test('forced tokens give the same text in fewer steps', async ({ model }) => {
  const responseFormat = {
    type: 'regex',
    pattern: 'The answer that everybody expects is (yes|no), of course\\.',
  } as const;
  const counts: number[] = [];
  const texts: string[] = [];
  for (const forcedForwardTokens of [false, true]) {
    const options = { responseFormat, forcedForwardTokens, maxLength: 80 };
    texts.push((await model.generate(SPAIN, options)).text);
    await using generator = await model.createGenerator(options);
    await generator.appendTokens(await model.tokenizer.encode(SPAIN));
    let count = 0;
    for (; !generator.isDone(); count++) await generator.generateNextToken();
    counts.push(count);
  }
  assert.is(texts[0], texts[1]);
  assert.match(texts[0] ?? '', /^The answer that everybody expects is (yes|no), of course\.$/);
  assert.ok((counts[1] as number) < (counts[0] as number), `${counts} steps`);
});

const LONG = { type: 'regex', pattern: `[ab]${'the quick brown fox '.repeat(20)}` } as const;

test('forced tokens that go beyond maxLength have room there, and the generator is done', async ({ model }) => {
  const tokens = await model.tokenizer.encode(SPAIN);
  for (const extra of [2, 5, 30]) {
    const maxLength = tokens.length + extra;
    await using generator = await model.createGenerator({ maxLength, responseFormat: LONG, forcedForwardTokens: true });
    await generator.appendTokens(tokens);
    while (!generator.isDone()) await generator.generateNextToken();
    const { tokenCount } = generator;
    assert.ok(tokenCount > maxLength, `${tokenCount} tokens`);
    await generator.generateNextToken();
    assert.is(generator.tokenCount, tokenCount);
    assert.match(await model.tokenizer.decode(generator.getSequence()), /[ab](the quick brown fox ){20}$/);
    await expectError(generator.appendTokens([450]), 'ERR_GENAI_INPUT_TOO_LONG');
    assert.is(
      new GeneratorParams(model, { maxLength, responseFormat: LONG, forcedForwardTokens: true }).get('maxLength'),
      maxLength,
    );
  }
});

test('nothing is forced where there is no room for it, or nobody knows how much', async ({ model }) => {
  const tokens = await model.tokenizer.encode(SPAIN);
  const recursive = { type: 'lark', grammar: 'start: "a" start | "the quick brown fox"' } as const;
  const several = { type: 'lark', grammar: 'start: A\nA: /(ab){3}c*/ & /[a-c]*/' } as const;
  for (const [responseFormat, maxLength] of [
    [LONG, model.contextLength],
    [recursive, 100],
    [several, 100],
  ] as const) {
    await using generator = await model.createGenerator({ maxLength, responseFormat, forcedForwardTokens: true });
    await generator.appendTokens(tokens);
    for (let i = 0; i < 12 && !generator.isDone(); i++) {
      const { tokenCount } = generator;
      await generator.generateNextToken();
      assert.ok(generator.tokenCount <= tokenCount + 1, JSON.stringify(responseFormat).slice(0, 100));
    }
  }
});

test('GeneratorParams: set, replaced, cleared; a generator keeps what it was made with', async ({ model }) => {
  const tokens = await model.tokenizer.encode(SPAIN);
  const params = new GeneratorParams(model, { maxLength: tokens.length + 12 });
  const answer = async (): Promise<string> => {
    await using generator = await model.createGenerator(params);
    params.setGuidance('regex', 'later');
    await generator.appendTokens(tokens);
    while (!generator.isDone()) await generator.generateNextToken();
    return model.tokenizer.decode(generator.getSequence().subarray(tokens.length));
  };
  const free = await answer();
  assert.match(free, /^ ?The capital/);
  assert.is(await answer(), 'later');
  params.setGuidance('json_schema', { const: 12 });
  assert.is(await answer(), '12');
  params.setGuidance('json_schema', '{"const": "text"}', { forcedForwardTokens: true });
  assert.is(await answer(), '"text"');
  params.setGuidance('lark_grammar', 'start: "a" "b"');
  assert.is(await answer(), 'ab');
  params.clearGuidance();
  assert.is(await answer(), free);
});

test('rows of a batch are guided each by itself', async ({ model }) => {
  const rows = [await model.tokenizer.encode(SPAIN), await model.tokenizer.encode(STORY)];
  const responseFormat = { type: 'regex', pattern: '(a|b|c)[0-9]{3}' } as const;
  await using generator = await model.createGenerator({ batchSize: 2, maxLength: 60, responseFormat });
  await generator.appendTokenSequences(rows);
  const start = generator.tokenCount;
  while (!generator.isDone()) await generator.generateNextToken();
  for (const index of [0, 1]) {
    const text = await model.tokenizer.decode(generator.getSequence(index).subarray(start));
    assert.match(text, /^[abc][0-9]{3}$/);
  }
});

test('what the library itself refuses names the place, and the model goes on', async ({ model }) => {
  const refusals: readonly (readonly [ResponseFormat, string])[] = [
    [{ type: 'regex', pattern: 'a(b' }, 'unclosed group'],
    [{ type: 'regex', pattern: 'a(?=b)' }, 'look-around'],
    [{ type: 'regex', pattern: '(a)\\1' }, 'backreference'],
    [{ type: 'lark', grammar: 'start: nowhere' }, 'unknown name: "nowhere"'],
    [{ type: 'lark', grammar: 'no grammar at all' }, 'grammar'],
    [{ type: 'json_schema', schema: { type: 'objekt' } }, 'objekt'],
    [{ type: 'json_schema', schema: { not: { type: 'string' } } }, 'not'],
    [{ type: 'json_schema', schema: { $ref: '#/$defs/nowhere' } }, 'nowhere'],
    [{ type: 'json_schema', schema: { type: 'integer', minimum: 5, maximum: 4 } }, ''],
  ];
  for (const [responseFormat, text] of refusals) {
    const error = await expectError(model.generate(SPAIN, { responseFormat }), 'ERR_GENAI_GUIDANCE_REFUSED', text);
    assert.ok(!error.message.includes('<state>'), error.message);
    await expectError(model.createGenerator({ responseFormat }), 'ERR_GENAI_GUIDANCE_REFUSED', text);
  }
  assert.match((await model.generate(SPAIN)).text, /Madrid/);
});

test('letters that the tokenizer writes as bytes come out whole', async ({ model }) => {
  const letters = ['東京', '👩‍👩‍👧‍👦', 'é', 'Größe', 'Ω', '/é\n"\\'];
  for (const text of letters) {
    const schema = {
      type: 'object',
      properties: { [text]: { enum: [`${text}1`, `${text}2`] } },
      required: [text],
      additionalProperties: false,
    };
    const value = JSON.parse(await guided(model, { type: 'json_schema', schema })) as Record<string, string>;
    assert.ok([`${text}1`, `${text}2`].includes(value[text] ?? ''), JSON.stringify(value));
    const pattern = `${text.replaceAll('\\', '\\\\')}[12]`;
    assert.ok([`${text}1`, `${text}2`].includes(await guided(model, { type: 'regex', pattern })), pattern);
    const grammar = `start: ${JSON.stringify(text)} ("1" | "2")`;
    assert.ok([`${text}1`, `${text}2`].includes(await guided(model, { type: 'lark', grammar })), grammar);
  }
  assert.is(await guided(model, { type: 'regex', pattern: '\\u{1F469}\\/\\x{e9}' }), '👩/é');
  assert.is(await guided(model, { type: 'regex', pattern: '(?x) é [1] ' }), 'é1');
});

async function guided(model: Model, responseFormat: ResponseFormat): Promise<string> {
  const { text, finishReason } = await model.generate(SPAIN, { responseFormat, maxNewTokens: 100 });
  assert.is(finishReason, 'stop', text);
  return text;
}

test.run();
