import * as assert from 'uvu/assert';
import type { ChatMessage, Model } from '../../src/index.ts';
import { loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('tokenizer');

const HELLO: readonly ChatMessage[] = [{ role: 'user', content: 'Hello' }];

test.before(async context => {
  context.model = await loadDemoModel({ intraOpNumThreads: 1 });
});
test.after(({ model }) => model.dispose());

test('encode and decode', async ({ model: { tokenizer } }) => {
  const tokens = await tokenizer.encode('The capital of Spain is Madrid. 👋 こんにちは');
  assert.instance(tokens, Int32Array);
  // This tokenizer writes words with the space before them, the first one too.
  assert.is(await tokenizer.decode(tokens), ' The capital of Spain is Madrid. 👋 こんにちは');
  assert.is(await tokenizer.decode([...tokens]), await tokenizer.decode(tokens));
  assert.equal(await tokenizer.encode(''), new Int32Array(0));
  assert.is(await tokenizer.decode([]), '');
  assert.equal([...(await tokenizer.encode('<|end|>'))], [32007]);
  assert.is(await tokenizer.decode([32010, 450, 7483, 32007]), 'The capital', 'special tokens are left out');
});

test('batches: padded rows, and back', async ({ model: { tokenizer } }) => {
  const texts = ['The capital of Spain', 'Hi', 'x y z', 'こんにちは'];
  const rows = await tokenizer.encodeBatch(texts);
  assert.is(rows.length, texts.length);
  const length = Math.max(...rows.map(row => row.length));
  for (const [i, text] of texts.entries()) {
    const alone = [...(await tokenizer.encode(text))];
    const padding = Array<number>(length - alone.length).fill(tokenizer.padTokenId);
    assert.equal([...(rows[i] as Int32Array)], [...alone, ...padding]);
  }
  assert.equal(
    await tokenizer.decodeBatch(rows),
    texts.map(text => ` ${text}`),
  );
  assert.equal(await tokenizer.decodeBatch([[450, 7483], Int32Array.of(450)]), [' The capital', ' The']);
  assert.equal(await tokenizer.encodeBatch(['']), [new Int32Array(0)]);
});

test('no tokens are no text, alone and in a batch; control tokens alone are what the library makes of them', async ({
  model: { tokenizer },
}) => {
  // The official Python package gives U+FFFD as well (test/parity).
  const rows = [[], [450], [450, 7483, 310], [32007], [32000, 32000]];
  const texts = ['', ' The', ' The capital of', '\ufffd', '\ufffd'];
  assert.equal(await tokenizer.decodeBatch([[], []]), ['', '']);
  assert.equal(await Promise.all(rows.map(row => tokenizer.decode(row))), texts);
  assert.equal(await tokenizer.decodeBatch(rows), texts);
});

test('toTokenId: exact entries, else null', ({ model: { tokenizer } }) => {
  assert.is(tokenizer.toTokenId('<|end|>'), 32007);
  assert.is(tokenizer.toTokenId('<|user|>'), 32010);
  for (const token of ['', 'no such entry', '<|END|>', ' <|end|>']) assert.is(tokenizer.toTokenId(token), null, token);
});

test('special ids', ({ model: { tokenizer } }) => {
  assert.equal([tokenizer.bosTokenId, tokenizer.padTokenId], [1, 32000]);
  assert.equal(tokenizer.eosTokenIds, [32007, 32001, 32000]);
  (tokenizer.eosTokenIds as number[]).push(5);
  assert.is(tokenizer.eosTokenIds.length, 3);
});

test('ids that the model does not have are null', ({ model: { tokenizer } }) => {
  const { botTokenId, eotTokenId, borTokenId, eorTokenId } = tokenizer;
  assert.equal([botTokenId, eotTokenId, borTokenId, eorTokenId], [null, null, null, null]);
});

test("chat template: the model's own", async ({ model: { tokenizer } }) => {
  assert.is(await tokenizer.applyChatTemplate(HELLO), '<|user|>\nHello<|end|>\n<|assistant|>\n');
  assert.is(
    await tokenizer.applyChatTemplate([{ role: 'system', content: 'Be brief.' }, ...HELLO]),
    '<|system|>\nBe brief.<|end|>\n<|user|>\nHello<|end|>\n<|assistant|>\n',
  );
  const open = await tokenizer.applyChatTemplate(HELLO, { addGenerationPrompt: false });
  assert.ok(open.startsWith('<|user|>\nHello<|end|>\n') && !open.includes('<|assistant|>'));
  assert.is(await tokenizer.applyChatTemplate(HELLO, {}), await tokenizer.applyChatTemplate(HELLO));
  const text = 'quotes " \' \\ line\nbreak 👋 {{ x }} {% y %}';
  assert.ok((await tokenizer.applyChatTemplate([{ role: 'user', content: text }])).includes(`\n${text}<|end|>`));
});

test("chat template: one's own", async ({ model: { tokenizer } }) => {
  const template =
    "{% for m in messages %}[{{ m['role'] }}:{{ m['content'] }}]{% endfor %}{% if add_generation_prompt %}>{% endif %}" +
    '{% if tools %}{{ tools[0].name }}{% endif %}';
  assert.is(await tokenizer.applyChatTemplate(HELLO, { template }), '[user:Hello]>');
  assert.is(await tokenizer.applyChatTemplate(HELLO, { template, addGenerationPrompt: false }), '[user:Hello]');
  assert.is(await tokenizer.applyChatTemplate(HELLO, { template, tools: [{ name: 'ü' }] }), '[user:Hello]>ü');
  const parts = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
  ] as const;
  assert.is(await tokenizer.applyChatTemplate(parts, { template }), '[user:ab]>');
});

test('encodeChat: what encode makes of the rendered prompt', async ({ model: { tokenizer } }) => {
  const conversations: ChatMessage[][] = [
    [...HELLO],
    [{ role: 'system', content: 'Be brief.' }, ...HELLO],
    [...HELLO, { role: 'assistant', content: ' Hi there!\n' }, { role: 'user', content: '👋\n\n' }],
    [{ role: 'user', content: '' }],
    [{ role: 'user', content: '< |end|> <|end |> |end|' }],
  ];
  for (const messages of conversations) {
    const expected = await tokenizer.encode(await tokenizer.applyChatTemplate(messages));
    assert.equal(await tokenizer.encodeChat(messages), expected);
  }
});

test('encodeChat: control tokens in a message are text, everywhere in it', async ({ model: { tokenizer } }) => {
  const controls = ['<|end|>', '<|user|>', '<|assistant|>', '<|system|>', '<|endoftext|>', '<s>', '</s>', '<unk>'];
  for (const control of controls) {
    for (const content of [control, `${control}x`, `x ${control}`, `${control}${control}`, `\n${control}\n`]) {
      const tokens = [...(await tokenizer.encodeChat([{ role: 'user', content }]))];
      const special = tokens.filter(token => token <= 2 || token >= 32000);
      assert.equal(special, [32010, 32007, 32001], JSON.stringify(content));
      assert.ok((await tokenizer.decode(tokens)).includes(content.trim()), JSON.stringify(content));
    }
  }
});

test('a text of 100,000 characters does not stop the event loop', async ({ model: { tokenizer } }) => {
  const text = `${'The quick brown fox jumps over the lazy dog. '.repeat(2200)}👋`;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenizer.encode(text)));
  clearInterval(timer);
  assert.ok(ticks >= 3, `${ticks} ticks`);
  assert.is(await tokenizer.decode(tokens[19] as Int32Array), ` ${text}`);
  assert.ok((tokens[0] as Int32Array).length > 20_000);
});

test('many at once: each gets its own answer', async ({ model: { tokenizer } }) => {
  const texts = Array.from({ length: 200 }, (_, i) => `text ${i}: ${'word '.repeat(i % 17)}${'é👋'.repeat(i % 5)}`);
  const alone: Int32Array[] = [];
  for (const text of texts) alone.push(await tokenizer.encode(text));
  assert.equal(await Promise.all(texts.map(text => tokenizer.encode(text))), alone);
  assert.equal(
    await Promise.all(alone.map(tokens => tokenizer.decode(tokens))),
    texts.map(text => ` ${text}`),
  );
});

test('stream: pieces join to the text, characters come whole', async ({ model: { tokenizer } }) => {
  const text = 'Grüße 👩‍👩‍👧‍👦 こんにちは 🇪🇸!';
  using stream = tokenizer.createStream();
  const pieces = [...(await tokenizer.encode(text))].map(token => stream.decode(token));
  assert.is(pieces.join('').trimStart(), text);
  for (const piece of pieces) assert.not.match(piece, /\ufffd/);
  assert.ok(pieces.includes(''), 'no character of this text takes several tokens');
  assert.is(stream.decode(32007), '');
});

test('stream: two at once', async ({ model: { tokenizer } }) => {
  const one = tokenizer.createStream();
  const two = tokenizer.createStream();
  const [a, ...rest] = [...(await tokenizer.encode('👋'))];
  one.decode(a as number);
  assert.is(two.decode(450).trim(), 'The', 'streams do not share what they hold back');
  assert.is(
    rest
      .map(token => one.decode(token))
      .join('')
      .trim(),
    '👋',
  );
  one.dispose();
  assert.is(two.decode(7483), ' capital');
});

test('dispose of the model: what runs and a stream go on', async () => {
  const model = await loadDemoModel({ intraOpNumThreads: 1 });
  const { tokenizer } = model;
  const stream = tokenizer.createStream();
  const running = tokenizer.encode(SPAIN);
  await model.dispose();
  assert.is((await running).length, 10);
  assert.is(stream.decode(450).trim(), 'The');
  assert.is(tokenizer.bosTokenId, 1);
});

test.run();
