/** Conversations that keep their KV cache. */
import * as assert from 'uvu/assert';
import type { ChatMessage, ChatSession, GenerateOptions, GenerateResult, Model } from '../../src/index.ts';
import { loadDemoModel } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('chat session');

const ENDLESS = { minLength: 4000, maxNewTokens: 4000 } as const;
const QUESTIONS = [
  'What is the capital of Spain?',
  'And what is the capital of France?',
  'Tell me a joke about atoms.',
  'What is the capital of Italy?',
];
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

/** What the model answers to the whole conversation as one prompt. */
function whole(model: Model, chat: ChatSession, question: string, options: GenerateOptions): Promise<GenerateResult> {
  return model.generate([...chat.messages, { role: 'user', content: question }], options);
}

for (const options of [
  { maxNewTokens: 40 },
  { maxNewTokens: 7 },
  { maxNewTokens: 40, stop: [' is', 'the'] },
  { maxNewTokens: 12, numBeams: 2 },
]) {
  test(`the answers are those of the whole prompt: ${JSON.stringify(options)}`, async ({ model }) => {
    await using chat = model.createChat({ system: 'You are a guide.', ...options });
    for (const [turn, question] of QUESTIONS.entries()) {
      const expected = await whole(model, chat, question, options);
      const { tokenIds, text, finishReason, usage } = await chat.send(question);
      assert.equal([...tokenIds], [...expected.tokenIds], `turn ${turn}`);
      assert.is(text, expected.text);
      assert.is(finishReason, expected.finishReason);
      assert.is(usage.inputTokens, expected.usage.inputTokens);
      if (turn > 0 && options.numBeams === undefined) {
        assert.ok(usage.cachedInputTokens > 0 && usage.cachedInputTokens < usage.inputTokens, `${turn}: cached`);
      }
      assert.is(chat.turnCount, turn + 1);
      assert.equal(chat.messages.slice(-2), [
        { role: 'user', content: question },
        { role: 'assistant', content: text },
      ]);
    }
    assert.is(chat.messages.length, 1 + 2 * QUESTIONS.length);
  });
}

test('a finished turn is read from the cache up to its last token', async ({ model }) => {
  await using chat = model.createChat({ system: 'You are a guide.', maxNewTokens: 40 });
  const first = await chat.send(QUESTIONS[0] as string);
  const second = await chat.send(QUESTIONS[1] as string);
  assert.equal([first.finishReason, second.finishReason], ['length', 'stop']);
  const third = await chat.send(QUESTIONS[2] as string);
  const held = [first, second].map(({ usage }) => usage.inputTokens + usage.outputTokens);
  assert.equal(
    [first, second, third].map(({ usage }) => usage.cachedInputTokens),
    [0, held[0], held[1]],
  );
});

test('a conversation outgrows its cache, and a sliding window', async ({ model }) => {
  const options = { maxNewTokens: 60 };
  const sliding = { window_size: 127, slide_key_value_cache: false, slide_inputs: false };
  await using windowed = await loadDemoModel({ configOverlay: { model: { decoder: { sliding_window: sliding } } } });
  for (const each of [model, windowed]) {
    await using chat = each.createChat(options);
    let again = 0;
    for (let turn = 0; turn < 15; turn++) {
      const question = QUESTIONS[turn % 2] as string;
      const expected = await whole(each, chat, question, options);
      const { tokenIds, usage } = await chat.send(question);
      assert.equal([...tokenIds], [...expected.tokenIds], `turn ${turn}`);
      if (usage.cachedInputTokens === 0) again++;
    }
    assert.is(again, each === model ? 2 : 3, 'how often the conversation was read from its beginning');
  }
});

test('options of a turn go over those of the session, and other search options begin a new cache', async ({
  model,
}) => {
  await using chat = model.createChat({ maxNewTokens: 20 });
  await chat.send(QUESTIONS[0] as string);
  const short = await chat.send(QUESTIONS[1] as string, { maxNewTokens: 2, temperature: undefined });
  assert.is(short.usage.outputTokens, 2);
  assert.ok(short.usage.cachedInputTokens > 0);
  const options = { maxNewTokens: 20, seed: 7, temperature: 0.8 };
  const expected = await whole(model, chat, 'Hello', options);
  const sampled = await chat.send('Hello', { seed: 7, temperature: 0.8 });
  assert.equal([...sampled.tokenIds], [...expected.tokenIds]);
  assert.is(sampled.usage.cachedInputTokens, 0);
  const again = await whole(model, chat, 'Hello', options);
  assert.equal([...(await chat.send('Hello', { seed: 7, temperature: 0.8 })).tokenIds], [...again.tokenIds]);
});

test('stream: the chunks are the answer, which is in the history afterwards', async ({ model }) => {
  await using chat = model.createChat({ maxNewTokens: 20 });
  const stream = chat.stream(QUESTIONS[0] as string);
  let text = '';
  for await (const chunk of stream) text += chunk.text;
  assert.is((await stream.result).text, text);
  assert.is(chat.messages.at(-1)?.content, text);
});

test('an aborted turn leaves the history as it was, and the next one is right', async ({ model }) => {
  await using chat = model.createChat({ maxNewTokens: 20 });
  await chat.send(QUESTIONS[0] as string);
  const before = chat.messages;
  const reason = new Error('enough');
  const controller = new AbortController();
  const running = chat.send('Tell me a long story about the sea.', { ...ENDLESS, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 60);
  assert.is(await expectRejection(running), reason);
  assert.equal(chat.messages, before);

  const stream = chat.stream('Tell me a long story about the sea.', ENDLESS);
  for await (const chunk of stream) if (chunk.index === 3) break;
  assert.is((await stream.result).finishReason, 'abort');
  assert.is(chat.turnCount, 2, 'what there is of the answer stays');

  const expected = await whole(model, chat, 'So?', { maxNewTokens: 20 });
  const { tokenIds, usage } = await chat.send('So?');
  assert.equal([...tokenIds], [...expected.tokenIds]);
  assert.ok(usage.cachedInputTokens === 0, 'other search options had been used');

  await expectRejection(chat.send('x', { signal: AbortSignal.abort(reason) }));
  assert.is(chat.turnCount, 3);
});

test('an abort in the prefill of a turn', async ({ model }) => {
  await using chat = model.createChat({ maxNewTokens: 8 });
  await chat.send(QUESTIONS[0] as string);
  const long = 'word '.repeat(3000);
  for (const delay of [0, 5, 40]) {
    const signal = AbortSignal.timeout(delay);
    assert.is(await expectRejection(chat.send(long, { signal })), signal.reason);
  }
  const expected = await whole(model, chat, 'So?', { maxNewTokens: 8 });
  assert.equal([...(await chat.send('So?')).tokenIds], [...expected.tokenIds]);
});

test('rewind: as if the later turns had never been', async ({ model }) => {
  const options = { maxNewTokens: 20 };
  await using chat = model.createChat({ system: 'Be brief.', ...options });
  for (const question of QUESTIONS) await chat.send(question);
  const all = chat.messages;
  for (const turns of [3, 1, 0]) {
    chat.rewind(turns);
    assert.equal(chat.messages, all.slice(0, 1 + 2 * turns));
    assert.is(chat.turnCount, turns);
    const expected = await whole(model, chat, 'So?', options);
    const { tokenIds, usage } = await chat.send('So?');
    assert.equal([...tokenIds], [...expected.tokenIds]);
    assert.ok(usage.cachedInputTokens > 0);
    chat.rewind(turns);
  }
  chat.rewind(0);
  for (const turns of [-1, 1, 0.5, Number.NaN, '0' as unknown as number]) {
    await expectError(() => chat.rewind(turns), 'ERR_GENAI_INVALID_ARGUMENT', 'turns');
  }
});

test('fork and export: the same conversation, twice', async ({ model }) => {
  await using chat = model.createChat({ system: 'Be brief.', maxNewTokens: 20 });
  await chat.send(QUESTIONS[0] as string);
  await using fork = chat.fork();
  const saved: ChatMessage[] = JSON.parse(JSON.stringify(chat.messages));
  await using loaded = model.createChat({ messages: saved, maxNewTokens: 20 });
  const answers = [];
  for (const each of [chat, fork, loaded]) answers.push((await each.send(QUESTIONS[1] as string)).text);
  assert.is(new Set(answers).size, 1);
  assert.equal(fork.messages, chat.messages);
  assert.equal(loaded.messages, chat.messages);
  await fork.send('More?');
  assert.is(chat.turnCount, 2);
  saved.push({ role: 'assistant', content: 'x' });
  chat.messages.pop();
  assert.is(chat.turnCount, 2, 'histories are copies');
});

const TOOL = { type: 'function', function: { name: 'time', parameters: { type: 'object' } } };
const TEMPLATE =
  "{% if tools %}<|system|>{{ tools }}<|end|>\n{% endif %}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>\n' }}{% endfor %}<|assistant|>\n";

test('tools reach the template, and what tools answer is a message', async ({ model }) => {
  await using chat = model.createChat({ tools: [TOOL], template: TEMPLATE, maxNewTokens: 5 });
  await using plain = model.createChat({ template: TEMPLATE, maxNewTokens: 5 });
  const { usage } = await chat.send('What time is it?');
  assert.ok(usage.inputTokens > (await plain.send('What time is it?')).usage.inputTokens + 5);
  await chat.send({ role: 'tool', content: '12:00' });
  assert.equal(
    chat.messages.map(({ role }) => role),
    ['user', 'assistant', 'tool', 'assistant'],
  );

  await using ignored = model.createChat({ tools: [TOOL] });
  await expectError(ignored.send('x'), 'ERR_GENAI_INVALID_ARGUMENT', 'leaves out tools');
  await using none = model.createChat({ tools: [] });
  await expectError(none.send({ role: 'tool', content: 'x' }), 'ERR_GENAI_INVALID_ARGUMENT', 'role "tool"');
  await expectError(model.generate([{ role: 'tool', content: 'x' }]), 'ERR_GENAI_INVALID_ARGUMENT', 'role "tool"');
});

test('one turn at a time', async ({ model }) => {
  await using chat = model.createChat(ENDLESS);
  const stream = chat.stream('x');
  await expectError(chat.send('y'), 'ERR_GENAI_BUSY', 'one turn at a time');
  await expectError(chat.stream('y').result, 'ERR_GENAI_BUSY');
  await expectError(() => chat.rewind(0), 'ERR_GENAI_BUSY');
  await expectError(() => chat.fork(), 'ERR_GENAI_BUSY');
  stream.cancel();
  await stream.result;
  chat.rewind(0);
});

test('dispose ends the running turn; then everything is refused', async ({ model }) => {
  const chat = model.createChat(ENDLESS);
  const running = chat.send('x');
  await sleep(50);
  const [error] = await Promise.all([expectRejection(running), chat.dispose(), chat.dispose()]);
  assert.is((error as { code?: string }).code, 'ERR_GENAI_DISPOSED');
  await expectError(chat.send('x'), 'ERR_GENAI_DISPOSED');
  await expectError(chat.stream('x').result, 'ERR_GENAI_DISPOSED');
  await expectError(() => chat.rewind(0), 'ERR_GENAI_DISPOSED');
  await expectError(() => chat.fork(), 'ERR_GENAI_DISPOSED');
  await chat.dispose();
  assert.equal(chat.messages, [], 'the history can still be read');
});

test('a disposed model ends its chats', async () => {
  const model = await loadDemoModel();
  const chat = model.createChat({ maxNewTokens: 5 });
  await chat.send('x');
  await model.dispose();
  await expectError(chat.send('y'), 'ERR_GENAI_DISPOSED', 'Model');
  await chat.dispose();
  await expectError(() => model.createChat(), 'ERR_GENAI_DISPOSED');
});

const USER: ChatMessage = { role: 'user', content: 'x' };
const BAD: readonly [string, unknown, string][] = [
  ['an unknown option', { systemPrompt: 'x' }, 'systemPrompt'],
  ['a signal', { signal: new AbortController().signal }, 'signal'],
  ['a bad search option', { temperature: -1 }, 'temperature'],
  ['no system text', { system: 5 }, 'content'],
  ['two system messages', { system: 'x', messages: [{ role: 'system', content: 'y' }] }, 'system'],
  ['no messages', { messages: 'x' }, 'messages'],
  ['a question at the end', { messages: [USER] }, 'messages'],
  ['an unknown role', { messages: [{ role: 'bot', content: 'x' }] }, 'role'],
  ['tools that are none', { tools: {} }, 'tools'],
  ['no options', null, 'options'],
];
for (const [what, options, message] of BAD) {
  test(`createChat refuses ${what}`, async ({ model }) => {
    await expectError(() => model.createChat(options as never), 'ERR_GENAI_INVALID_ARGUMENT', message);
  });
}

for (const [what, message] of [
  ['nothing', undefined],
  ['no messages', []],
  ['a number', 5],
  ['an unknown role', { role: 'bot', content: 'x' }],
  ['a lone surrogate', '\ud800'],
] as const) {
  test(`send refuses ${what}, and the session goes on`, async ({ model }) => {
    await using chat = model.createChat({ maxNewTokens: 3 });
    await expectError(chat.send(message as never), 'ERR_GENAI_INVALID_ARGUMENT');
    await expectError(chat.send('x', { maxTokens: 3 } as never), 'ERR_GENAI_INVALID_ARGUMENT', 'maxNewTokens');
    assert.equal(chat.messages, []);
    await chat.send('x');
  });
}

test('a conversation that is too long is refused and can be shortened', async ({ model }) => {
  await using chat = model.createChat({ maxNewTokens: 3 });
  await chat.send('word '.repeat(3000));
  await expectError(chat.send('word '.repeat(3000)), 'ERR_GENAI_INPUT_TOO_LONG');
  assert.is(chat.turnCount, 1);
  chat.rewind(0);
  await chat.send('x');
});

test.run();
