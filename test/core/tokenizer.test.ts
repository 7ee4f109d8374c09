import * as assert from 'uvu/assert';
import type { ChatMessage, ErrorCode, Model } from '../../src/index.ts';
import { loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
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

test('bad input, each with its code', async ({ model: { tokenizer } }) => {
  const bad: [string, () => unknown, ErrorCode, string][] = [
    ...([undefined, null, 1, ['a'], new String('a')] as const).flatMap(
      (text): [string, () => unknown, ErrorCode, string][] => [
        ['encode', () => tokenizer.encode(text as string), 'ERR_GENAI_INVALID_ARGUMENT', 'must be a string'],
        ['toTokenId', () => tokenizer.toTokenId(text as string), 'ERR_GENAI_INVALID_ARGUMENT', 'must be a string'],
        ['encodeBatch', () => tokenizer.encodeBatch([text as string]), 'ERR_GENAI_INVALID_ARGUMENT', 'texts[0]'],
      ],
    ),
    ['NUL', () => tokenizer.encode('ab\0c'), 'ERR_GENAI_INVALID_ARGUMENT', 'index 2'],
    ['lone high', () => tokenizer.encode('a\ud83d'), 'ERR_GENAI_INVALID_ARGUMENT', 'lone surrogate'],
    ['lone low', () => tokenizer.encode('\udc4ba'), 'ERR_GENAI_INVALID_ARGUMENT', 'index 0'],
    ['batch', () => tokenizer.encodeBatch(['a', 'b\0']), 'ERR_GENAI_INVALID_ARGUMENT', 'texts[1]'],
    ['no texts', () => tokenizer.encodeBatch([]), 'ERR_GENAI_INVALID_ARGUMENT', 'texts'],
    ['one text', () => tokenizer.encodeBatch('ab' as never), 'ERR_GENAI_INVALID_ARGUMENT', 'texts'],
    ['no rows', () => tokenizer.decodeBatch([]), 'ERR_GENAI_INVALID_ARGUMENT', 'rows'],
    ['flat rows', () => tokenizer.decodeBatch([1, 2] as never), 'ERR_GENAI_INVALID_ARGUMENT', 'rows[0]'],
    ['bad row', () => tokenizer.decodeBatch([[1], [1, 40000]]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE', 'rows[1][1]'],
    ['negative', () => tokenizer.decode([-1]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE', '-1'],
    ['too large', () => tokenizer.decode(Int32Array.of(1, 32064)), 'ERR_GENAI_TOKEN_OUT_OF_RANGE', 'tokens[1]'],
    ['fraction', () => tokenizer.decode([1.5]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE', '1.5'],
    ['text', () => tokenizer.decode('abc' as never), 'ERR_GENAI_INVALID_ARGUMENT', 'tokens must be'],
    ['floats', () => tokenizer.decode(new Float32Array(2) as never), 'ERR_GENAI_INVALID_ARGUMENT', 'tokens must be'],
    ['nothing', () => tokenizer.decode(undefined as never), 'ERR_GENAI_INVALID_ARGUMENT', 'undefined'],
  ];
  for (const [name, call, code, text] of bad) {
    const error = await expectError(call, code, text);
    assert.ok(error.message.length > 0, name);
  }
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

test('chat template: what fails is said', async ({ model: { tokenizer } }) => {
  const bad: [unknown, object, string][] = [
    [HELLO, { template: "{{ raise_exception('roles must alternate') }}" }, 'roles must alternate'],
    [HELLO, { template: '{% if' }, ''],
    [HELLO, { template: '{% for m in messages %}' }, ''],
    [HELLO, { template: '{{ nonsense.replace("a", "b") }}' }, 'replace'],
    [HELLO, { template: 5 }, 'template must be a string'],
    [HELLO, { template: 'a\0b' }, 'NUL'],
    [HELLO, { addGenerationPrompt: 1 }, 'addGenerationPrompt'],
    [[], {}, 'at least one message'],
    [HELLO[0], {}, 'at least one message'],
    ['Hello', {}, 'at least one message'],
    [[null], {}, 'messages[0]'],
    [['Hello'], {}, 'messages[0]'],
    [[...HELLO, { role: 'User', content: 'x' }], {}, 'messages[1].role'],
    [[{ role: 'tool', content: 'x' }], {}, 'messages[0].role'],
    [[{ role: 'user', content: null }], {}, 'messages[0].content'],
    [[{ role: 'user', content: 'a\0' }], {}, 'messages[0].content'],
    [[{ role: 'user', content: [{ type: 'text' }] }], {}, 'content[0].text'],
    [[{ role: 'user', content: [null] }], {}, 'content[0]'],
    [[{ role: 'user', content: 'x', name: 'y' }], {}, 'name'],
  ];
  for (const [messages, options, text] of bad) {
    const call = tokenizer.applyChatTemplate(messages as ChatMessage[], options);
    await expectError(call, 'ERR_GENAI_INVALID_ARGUMENT', text);
  }
  assert.is(await tokenizer.applyChatTemplate(HELLO), '<|user|>\nHello<|end|>\n<|assistant|>\n');
});

test('chat template: tools that are no plain data are refused', async ({ model: { tokenizer } }) => {
  const circular: unknown[] = [];
  circular.push(circular);
  for (const tools of [circular, [1n], 'x', () => 1, {}]) {
    await expectError(tokenizer.applyChatTemplate(HELLO, { tools: tools as unknown[] }), 'ERR_GENAI_INVALID_ARGUMENT');
  }
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
  await expectError(tokenizer.encodeChat([]), 'ERR_GENAI_INVALID_ARGUMENT');
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

test('stream: bad tokens, two at once, dispose', async ({ model: { tokenizer } }) => {
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
  for (const bad of [-1, 32064, 1.5, Number.NaN, '5', undefined, null]) {
    await expectError(() => one.decode(bad as number), 'ERR_GENAI_TOKEN_OUT_OF_RANGE');
  }
  one.dispose();
  one.dispose();
  await expectError(() => one.decode(450), 'ERR_GENAI_DISPOSED');
  assert.is(two.decode(7483), ' capital');
});

test('dispose of the model: every method refuses, a stream goes on', async () => {
  const model = await loadDemoModel({ intraOpNumThreads: 1 });
  const { tokenizer } = model;
  const stream = tokenizer.createStream();
  const running = tokenizer.encode(SPAIN);
  await model.dispose();
  assert.is((await running).length, 10);
  const calls = [
    () => tokenizer.encode('a'),
    () => tokenizer.decode([450]),
    () => tokenizer.encodeBatch(['a']),
    () => tokenizer.decodeBatch([[450]]),
    () => tokenizer.applyChatTemplate(HELLO),
    () => tokenizer.encodeChat(HELLO),
    () => tokenizer.toTokenId('a'),
    () => tokenizer.createStream(),
  ];
  for (const call of calls) await expectError(call, 'ERR_GENAI_DISPOSED');
  assert.is(stream.decode(450).trim(), 'The');
  assert.is(tokenizer.bosTokenId, 1);
});

test.run();
