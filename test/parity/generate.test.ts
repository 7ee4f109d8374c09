/** Greedy tokens against the official Python package, token by token. */
import * as assert from 'uvu/assert';
import type { ChatMessage, Model } from '../../src/index.ts';
import { ATOM_JOKE, ask, loadDemoModel, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { askOracle } from '../helpers/oracle.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('generation parity');
const NEW_TOKENS = 120;

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const COUNTRIES = [
  'France', 'Italy', 'Germany', 'Portugal', 'Japan', 'China', 'India', 'Brazil', 'Argentina', 'Chile', 'Peru', 'Mexico',
  'Canada', 'Egypt', 'Kenya', 'Norway', 'Sweden', 'Finland', 'Poland', 'Greece',
]; // biome-ignore format: a table

const RAW_PROMPTS = [
  SPAIN,
  STORY,
  ATOM_JOKE,
  ...COUNTRIES.map(country => ask(`What is the capital of ${country}?`)),
  ...['2 + 2', '7 + 5', '10 + 9', '3+4', '0 + 0'].map(sum => ask(`What is ${sum}?`)),
  ask('Hello!'),
  ask('Who are you?'),
  ask('Say hello in Japanese.'),
  ask('¿Cuál es la capital de España? 🇪🇸'),
  ask('東京はどこの首都ですか？'),
  ask('👩‍👩‍👧‍👦 🏴‍☠️ e\u0301 — “quoted”'),
  ask('Привет, как дела?'),
  ask('مرحبا'),
  'Once upon a time',
  'a',
  '\n',
  '<|assistant|>',
  '{"json": [1, 2, 3]}',
  'const x = 1;\n\tconst y = 2;\n',
];

/** Prompt ids, search options of Python, what the sequence must be. */
async function expectSameTokens(model: Model, prompts: readonly Int32Array[], beams = 1): Promise<void> {
  const jobs = prompts.map(prompt => ({
    kind: 'generate',
    rows: [[...prompt]],
    search: { max_length: prompt.length + NEW_TOKENS, num_beams: beams },
  }));
  const answers = await askOracle<number[][]>(jobs);
  for (const [i, prompt] of prompts.entries()) {
    const { tokenIds } = await model.generate(prompt, { maxNewTokens: NEW_TOKENS, numBeams: beams });
    const sequence = answers[i]?.[0] ?? [];
    assert.equal([...prompt, ...tokenIds], sequence, `prompt ${i}`);
    assert.ok(sequence.length > prompt.length, `prompt ${i} gave no token`);
  }
}

test('more than 40 prompts: questions, Unicode, emoji, code, raw text', async ({ model }) => {
  assert.ok(RAW_PROMPTS.length >= 40);
  const prompts: Int32Array[] = [];
  for (const prompt of RAW_PROMPTS) prompts.push(await model.tokenizer.encode(prompt));
  await expectSameTokens(model, prompts);
});

test('prompts of one token and of 3,000 tokens', async ({ model }) => {
  await expectSameTokens(model, [Int32Array.of(450), Int32Array.of(32001), noise(3000)]);
});

test('chat messages through the template', async ({ model }) => {
  const messages: ChatMessage[] = [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'What is the capital of Italy?' },
  ];
  await expectSameTokens(model, [await model.tokenizer.encodeChat(messages)]);
  const fromMessages = await model.generate(messages, { maxNewTokens: NEW_TOKENS });
  const fromTokens = await model.generate(await model.tokenizer.encodeChat(messages), { maxNewTokens: NEW_TOKENS });
  assert.equal(fromMessages.tokenIds, fromTokens.tokenIds);
  assert.match(fromMessages.text, 'Rome');
});

test('beam search', async ({ model }) => {
  const prompts = [await model.tokenizer.encode(SPAIN), await model.tokenizer.encode(ask('What is 2 + 2?'))];
  await expectSameTokens(model, prompts, 3);
});

test('a batch of four', async ({ model }) => {
  const rows: Int32Array[] = [];
  for (const country of ['Spain', 'France', 'Italy', 'Saudi Arabia']) {
    rows.push(await model.tokenizer.encode(ask(`What is the capital of ${country}?`)));
  }
  const maxLength = 100;
  const [expected] = await askOracle<number[][]>([
    { kind: 'generate', rows: rows.map(row => [...row]), search: { max_length: maxLength, batch_size: 4 } },
  ]);
  await using generator = await model.createGenerator({ batchSize: 4, maxLength });
  await generator.appendTokenSequences(rows);
  while (!generator.isDone()) await generator.generateNextToken();
  assert.equal(
    rows.map((_, i) => [...generator.getSequence(i)]),
    expected,
  );
});

test('logits are bitwise equal', async ({ model }) => {
  const tokens = await model.tokenizer.encode(SPAIN);
  const [expected] = await askOracle<number[]>([{ kind: 'logits', tokens: [...tokens] }]);
  await using generator = await model.createGenerator({ maxLength: tokens.length + 1 });
  await generator.appendTokens(tokens);
  const { values, shape } = await generator.getLogits();
  assert.equal(shape, [1, 1, model.vocabSize]);
  assert.equal([...values], expected);
});

test.run();
