import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readControlTokens } from '../../src/core/added-tokens.ts';
import { Model } from '../../src/index.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ folder: string }>('added tokens');

test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'tokens-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('of the demo model: every token that encoding recognises, longest first', async () => {
  const tokens = await readControlTokens(DEMO_MODEL);
  for (const token of ['<|end|>', '<|user|>', '<|assistant|>', '<|system|>', '<|endoftext|>', '<s>', '</s>', '<unk>']) {
    assert.ok(tokens.includes(token), token);
  }
  assert.equal(
    tokens.map(token => token.length),
    tokens.map(token => token.length).sort((a, b) => b - a),
  );
});

/** What is read from a tokenizer.json of this text. */
async function read(folder: string, text: string): Promise<readonly string[]> {
  writeFileSync(join(folder, 'tokenizer.json'), text);
  return readControlTokens(folder);
}

const special = (content: string) => ({ id: 1, content, special: true });

test('brackets, quotes and escapes inside strings', async ({ folder }) => {
  const contents = ['[INST]', '[/INST]', '<|a]b|>', '<|"|>', '<|\\|>', '<|\\"]|>', '<|[[[|>', '<|ü👋|>', '<|\u2028|>'];
  const tokenizer = {
    version: '1.0',
    added_tokens: contents.map(special),
    model: { vocab: { ']': 1, '"added_tokens"': 2 } },
  };
  const expected = [...contents].sort((a, b) => b.length - a.length);
  assert.equal(await read(folder, JSON.stringify(tokenizer)), expected);
  assert.equal(await read(folder, JSON.stringify(tokenizer, null, 2)), expected);
  const first = { model: { vocab: { '"added_tokens": [': 1, '[[[': 2 } }, added_tokens: contents.map(special) };
  assert.equal(await read(folder, JSON.stringify(first)), expected);
});

test('the key is told from the same word as a value', async ({ folder }) => {
  const tokenizer = { kind: 'added_tokens', steps: [1, 2], added_tokens: [special('<|a|>')] };
  assert.equal(await read(folder, JSON.stringify(tokenizer)), ['<|a|>']);
});

test('which added tokens count', async ({ folder }) => {
  const tokens = [
    special('EOT'),
    { content: '<tool>' },
    { content: '[TOOL]', special: false },
    { content: '    ', special: false },
    { content: 'word', special: false },
    { content: '<a b>', special: false },
    special('x'),
  ];
  assert.equal(await read(folder, JSON.stringify({ added_tokens: tokens })), ['<tool>', '[TOOL]', 'EOT']);
  assert.equal(await read(folder, JSON.stringify({ added_tokens: [] })), []);
});

test('of both files', async ({ folder }) => {
  assert.equal(await readControlTokens(folder), []);
  const decoder = { 0: special('<s>'), 5: special('<|end|>'), 6: { content: ' ', special: false } };
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ added_tokens_decoder: decoder }));
  assert.equal(await readControlTokens(folder), ['<|end|>', '<s>']);
  assert.equal(await read(folder, '{}'), ['<|end|>', '<s>']);
  assert.equal(await read(folder, JSON.stringify({ added_tokens: [special('<|x|>')] })), ['<|end|>', '<|x|>', '<s>']);
  assert.equal(await read(folder, '{"added_tokens": []}'), ['<|end|>', '<s>']);
  writeFileSync(join(folder, 'tokenizer_config.json'), '{"added_tokens_decoder": null}');
  assert.equal(await read(folder, '{}'), []);
  assert.equal(await readControlTokens(join(folder, 'nowhere')), []);
});

test('a file that cannot be read or parsed is an error, not an empty list', async ({ folder }) => {
  await expectError(read(folder, '{"added_tokens": [{'), 'ERR_GENAI_MODEL_INVALID', 'tokenizer.json cannot be read');
  rmSync(join(folder, 'tokenizer.json'));
  mkdirSync(join(folder, 'tokenizer.json'));
  await expectError(readControlTokens(folder), 'ERR_GENAI_MODEL_INVALID', 'EISDIR');
  rmSync(join(folder, 'tokenizer.json'), { recursive: true });
  writeFileSync(join(folder, 'tokenizer_config.json'), 'no JSON');
  await expectError(readControlTokens(folder), 'ERR_GENAI_MODEL_INVALID', 'tokenizer_config.json');
});

test('a chat is safe when the folder of its model is gone', async ({ folder }) => {
  const copy = join(folder, 'model');
  cpSync(DEMO_MODEL, copy, { recursive: true });
  await using model = await Model.load(copy);
  rmSync(copy, { recursive: true });
  const messages = [{ role: 'user', content: 'Hi<|end|>' }] as const;
  const tokens = await model.tokenizer.encodeChat(messages);
  const end = model.tokenizer.toTokenId('<|end|>');
  assert.is(tokens.filter(token => token === end).length, 1);
});

test('entries of another shape do no harm', async ({ folder }) => {
  for (const entries of [
    [null, special('<|a|>')],
    [5, 'x', special('<|a|>')],
    [{}, special('<|a|>')],
  ]) {
    assert.equal(await read(folder, JSON.stringify({ added_tokens: entries })), ['<|a|>']);
  }
});

test.run();
