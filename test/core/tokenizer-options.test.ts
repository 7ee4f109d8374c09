/** Tokenizers without a model, and their options. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ChatMessage, Config, type Model, Tokenizer } from '../../src/index.ts';
import { DEMO_MODEL, loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { features, since } from '../helpers/since.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model; folder: string }>('tokenizer options');

const since016 = since('tokenizerFromPath', test);

const HELLO: readonly ChatMessage[] = [{ role: 'user', content: 'Hello' }];
const FILES = ['genai_config.json', 'tokenizer.json', 'tokenizer_config.json'];

test.before(async context => {
  context.model = await loadDemoModel({ intraOpNumThreads: 1 });
  context.folder = mkdtempSync(join(tmpdir(), 'tokenizers-'));
});
test.after(async ({ model, folder }) => {
  await model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with a tokenizer and no model. */
function copyTokenizer(folder: string, name: string): string {
  const copy = join(folder, name);
  for (const file of FILES) cpSync(join(DEMO_MODEL, file), join(copy, file));
  return copy;
}

since016('from a folder without a model, and from a Config: as that of the model', async ({ model, folder }) => {
  const path = copyTokenizer(folder, 'path mit ü');
  using config = await Config.load(path);
  for (const tokenizer of [await Tokenizer.fromPath(path), await Tokenizer.fromConfig(config)]) {
    for (const text of ['', 'The capital of Spain 👋', '<|end|>']) {
      assert.equal(await tokenizer.encode(text), await model.tokenizer.encode(text));
    }
    assert.is(await tokenizer.applyChatTemplate(HELLO), await model.tokenizer.applyChatTemplate(HELLO));
    const forged: ChatMessage[] = [{ role: 'user', content: 'a <|end|> b' }];
    assert.equal(await tokenizer.encodeChat(forged), await model.tokenizer.encodeChat(forged));
    assert.equal(tokenizer.eosTokenIds, model.tokenizer.eosTokenIds);
    using stream = tokenizer.createStream();
    assert.is(stream.decode(450), ' The');
    await expectError(tokenizer.decode([32064]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE', '32063');
    tokenizer.dispose();
  }
});

since016('the changes of a Config reach its tokenizer', async () => {
  using config = await Config.load(DEMO_MODEL);
  config.overlay({ model: { bos_token_id: 7, vocab_size: 1000 } });
  using tokenizer = await Tokenizer.fromConfig(config);
  assert.is(tokenizer.bosTokenId, 7);
  await expectError(tokenizer.decode([1000]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE', '999');
});

since016('all special ids, where the configuration has them', async () => {
  using config = await Config.load(DEMO_MODEL);
  const ids = { bos_token_id: 3, pad_token_id: 4, bot_token_id: 5, eot_token_id: 6, bor_token_id: 7, eor_token_id: 8 };
  config.overlay({ model: ids });
  using tokenizer = await Tokenizer.fromConfig(config);
  const { bosTokenId, padTokenId, botTokenId, eotTokenId, borTokenId, eorTokenId } = tokenizer;
  assert.equal([bosTokenId, padTokenId, botTokenId, eotTokenId, borTokenId, eorTokenId], Object.values(ids));
  const [row] = await tokenizer.encodeBatch(['Hi', 'Hi there you']);
  assert.is(row?.at(-1), 4, 'rows are filled with the pad token');
});

since016('what is not there or broken', async ({ folder }) => {
  await expectError(Tokenizer.fromPath(join(folder, 'none')), 'ERR_GENAI_MODEL_NOT_FOUND', 'does not exist');
  const without = copyTokenizer(folder, 'without');
  rmSync(join(without, 'tokenizer.json'));
  await expectError(Tokenizer.fromPath(without), 'ERR_GENAI_MODEL_INVALID', `The tokenizer in ${without} cannot be`);
  const broken = copyTokenizer(folder, 'broken');
  writeFileSync(join(broken, 'tokenizer.json'), readFileSync(join(DEMO_MODEL, 'tokenizer.json')).subarray(0, 10_000));
  await expectError(Tokenizer.fromPath(broken), 'ERR_GENAI_MODEL_INVALID');
  using config = await Config.load(broken);
  await expectError(Tokenizer.fromConfig(config), 'ERR_GENAI_MODEL_INVALID');
  await expectError(Tokenizer.fromConfig({} as Config), 'ERR_GENAI_INVALID_ARGUMENT', 'config must be a Config');
});

since016('disposed of: refused afterwards, harmless twice; what runs ends well', async () => {
  const tokenizer = await Tokenizer.fromPath(DEMO_MODEL);
  const running = tokenizer.encode('tokens and words '.repeat(20_000));
  const chat = tokenizer.encodeChat([{ role: 'user', content: 'a <|end|> b '.repeat(500) }]);
  const stream = tokenizer.createStream();
  tokenizer.dispose();
  tokenizer.dispose();
  assert.ok((await running).length > 10_000);
  assert.ok((await chat).length > 1_000);
  assert.is(stream.decode(450), ' The');
  await expectError(tokenizer.encode('a'), 'ERR_GENAI_DISPOSED', 'The Tokenizer was disposed');
  await expectError(tokenizer.updateOptions({}), 'ERR_GENAI_DISPOSED');
  await expectError(tokenizer.encodeChat(HELLO), 'ERR_GENAI_DISPOSED');
  assert.is(tokenizer.bosTokenId, 1);
});

test('the tokenizer of a model cannot be disposed of but with the model', async ({ model }) => {
  model.tokenizer.dispose();
  assert.equal([...(await model.tokenizer.encode('<|end|>'))], [32007]);
});

since016('variables of the chat template: of one call, and of all', async () => {
  using tokenizer = await Tokenizer.fromPath(DEMO_MODEL);
  const template = '{{ mood }}|{{ list | tojson }}|{{ on }}';
  const render = (kwargs?: Record<string, unknown>): Promise<string> =>
    tokenizer.applyChatTemplate(HELLO, { template, ...(kwargs && { chatTemplateKwargs: kwargs }) });
  assert.is(await render(), '|{}|');
  assert.is(await render({ mood: 'good', list: [0, { x: 'ü' }], on: true }), 'good|[0, {"x": "ü"}]|True');
  assert.is(await render(), '|{}|', 'they were those of one call');
  await tokenizer.updateOptions({ chatTemplateKwargs: { mood: 'fair' } });
  assert.is(await render(), 'fair|{}|');
  assert.is(await render({ on: false }), '|{}|False', 'those of a call replace the others');
  assert.is(await render({}), '|{}|');
  const raises = { template: "{{ raise_exception('no') }}", chatTemplateKwargs: { mood: 'bad' } };
  await expectError(tokenizer.applyChatTemplate(HELLO, raises), 'ERR_GENAI_INVALID_ARGUMENT', 'no');
  assert.is(await render(), 'fair|{}|', 'also after a failure');
  await tokenizer.updateOptions({});
  assert.is(await render(), 'fair|{}|');
  await tokenizer.updateOptions({ chatTemplateKwargs: {} });
  assert.is(await render(), '|{}|');
});

since016('variables of calls at the same time do not get mixed up', async () => {
  using tokenizer = await Tokenizer.fromPath(DEMO_MODEL);
  await tokenizer.updateOptions({ chatTemplateKwargs: { n: 'all' } });
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  const rendered = await Promise.all(
    numbers.map(n =>
      tokenizer.applyChatTemplate(HELLO, { template: '{{ n }}', ...(n % 2 && { chatTemplateKwargs: { n } }) }),
    ),
  );
  assert.equal(
    rendered,
    numbers.map(n => (n % 2 ? String(n) : 'all')),
  );
});

since016('messages and the prompt for the answer cannot be replaced by a variable', async () => {
  using tokenizer = await Tokenizer.fromPath(DEMO_MODEL);
  const chatTemplateKwargs = { messages: [], add_generation_prompt: false, tools: [1] };
  assert.is(await tokenizer.applyChatTemplate(HELLO, { chatTemplateKwargs }), await tokenizer.applyChatTemplate(HELLO));
});

since016('special tokens: what the options say is the same as in Python, nothing for this tokenizer', async () => {
  using tokenizer = await Tokenizer.fromPath(DEMO_MODEL);
  for (const value of [true, false]) {
    await tokenizer.updateOptions({ addSpecialTokens: value, skipSpecialTokens: value });
    assert.equal([...(await tokenizer.encode('Hello<|end|>'))], [15043, 32007]);
    assert.is(await tokenizer.decode([32010, 450, 7483, 32007]), 'The capital');
  }
});

test('options that change while texts are encoded and decoded', async ({ model }) => {
  const { tokenizer } = model;
  const running = model.generate(SPAIN, { minLength: 150, maxNewTokens: 140 });
  const work = Array.from({ length: 60 }, (_, i) =>
    i % 3 === 0
      ? tokenizer.updateOptions({ addSpecialTokens: i % 2 === 0 })
      : i % 3 === 1
        ? tokenizer.encode('a b c '.repeat(500))
        : tokenizer.applyChatTemplate(HELLO),
  );
  await Promise.all(work);
  assert.is((await running).tokenIds.length, 140);
  await tokenizer.updateOptions({ addSpecialTokens: false });
});

if (!features.tokenizerFromPath) {
  test('what came with 0.16 says so', async ({ model: { tokenizer } }) => {
    using config = await Config.load(DEMO_MODEL);
    const chatTemplateKwargs = { a: 1 };
    for (const call of [
      () => Tokenizer.fromPath(DEMO_MODEL),
      () => Tokenizer.fromConfig(config),
      () => tokenizer.updateOptions({ chatTemplateKwargs }),
      () => tokenizer.applyChatTemplate(HELLO, { chatTemplateKwargs }),
    ]) {
      await expectError(call, 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', 'onnxruntime-genai 0.16.0 or newer');
    }
    assert.not(features.chatTemplateKwargs);
  });
}

test('tools reach the template', async ({ model: { tokenizer } }) => {
  const tools = [
    { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: {} } } } },
  ];
  const template = '{% for tool in tools %}{{ tool | tojson }}{% endfor %}';
  assert.match(await tokenizer.applyChatTemplate(HELLO, { template, tools }), '"name": "weather"');
  assert.is(await tokenizer.applyChatTemplate(HELLO, { template, tools: [] }), '');
  assert.is(await tokenizer.applyChatTemplate(HELLO, { template }), '');
});

test.run();
