/** Configurations, tokenizers without a model, and the log against the official Python package. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ChatMessage, Config, Model, setLogCallback, setLogOptions, Tokenizer } from '../../src/index.ts';
import { DEMO_MODEL, loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { askOracle } from '../helpers/oracle.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('config parity');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const HELLO: readonly ChatMessage[] = [{ role: 'user', content: 'Hello ü' }];
const TOOLS = [
  { type: 'function', function: { name: 'weather', description: 'of a city', parameters: { a: [1, null] } } },
];

test('chat templates with tools and variables', async () => {
  using tokenizer = await Tokenizer.fromPath(DEMO_MODEL);
  const cases = [
    { template: '{{ tools }}', tools: TOOLS, kwargs: {} },
    { template: '{{ tools | tojson }}', tools: TOOLS, kwargs: {} },
    {
      template: '{% for tool in tools %}{{ tool.function.name }};{% endfor %}',
      tools: [...TOOLS, ...TOOLS],
      kwargs: {},
    },
    { template: '{{ tools }}', tools: null, kwargs: {} },
    {
      template: '{{ a }}|{{ b | tojson }}|{{ c }}',
      tools: null,
      kwargs: { a: 'ü', b: { x: [1, 2.5, null] }, c: false },
    },
    { template: '{% if enable_thinking %}on{% else %}off{% endif %}', tools: null, kwargs: { enable_thinking: true } },
    { template: '{{ messages[0].content }}{{ add_generation_prompt }}', tools: TOOLS, kwargs: { messages: 5 } },
  ];
  const jobs = cases.map(entry => ({ kind: 'chat_template_with', messages: HELLO, ...entry }));
  const expected = await askOracle<string>(jobs);
  for (const [i, { template, tools, kwargs }] of cases.entries()) {
    const options = { template, chatTemplateKwargs: kwargs, ...(tools && { tools }) };
    assert.is(await tokenizer.applyChatTemplate(HELLO, options), expected[i], template);
  }
});

test('options of a tokenizer, batches, ids of entries', async ({ model }) => {
  const text = 'Hello <|end|> world';
  const options = [{ add_special_tokens: 'true' }, { add_special_tokens: 'false' }, { skip_special_tokens: 'false' }];
  const expected = await askOracle<[number[], string]>(
    options.map(entry => ({ kind: 'encode_with', text, options: entry })),
  );
  for (const [i, entry] of options.entries()) {
    using config = await Config.load(DEMO_MODEL);
    using tokenizer = await Tokenizer.fromConfig(config);
    const [[name, value]] = Object.entries(entry) as [[string, string]];
    const camel = name === 'add_special_tokens' ? 'addSpecialTokens' : 'skipSpecialTokens';
    await tokenizer.updateOptions({ [camel]: value === 'true' });
    const tokens = await tokenizer.encode(text);
    assert.equal([[...tokens], await tokenizer.decode(tokens)], expected[i], name);
  }
  const rows = [
    [450, 7483, 310],
    [32010, 450, 32007],
    [450, 32000, 32000],
  ];
  const entries = ['<|end|>', '▁The', 'no such entry', '', '<|user|>'];
  const [texts, ids] = await askOracle<unknown>([
    { kind: 'decode_batch', rows },
    { kind: 'to_token_ids', texts: entries },
  ]);
  assert.equal(await model.tokenizer.decodeBatch(rows), texts);
  assert.equal(
    entries.map(entry => model.tokenizer.toTokenId(entry) ?? -1),
    ids,
  );
});

test('a changed configuration, and the ONNX file from memory: the same tokens', async ({ model }) => {
  const prompt = [...(await model.tokenizer.encode(SPAIN))];
  const overlays = [{}, { search: { do_sample: false, repetition_penalty: 1.5 } }, { model: { eos_token_id: [3681] } }];
  const cases = overlays.map((overlay, i) => ({ overlay, data: i !== 1, max_length: 60 }));
  const jobs = cases.map(entry => ({ kind: 'generate_with', prompt, ...entry }));
  const expected = await askOracle<number[]>(jobs);
  for (const [i, { overlay, data, max_length }] of cases.entries()) {
    using config = await Config.load(DEMO_MODEL);
    config.overlay({ model: { decoder: { session_options: { intra_op_num_threads: 2 } } } });
    config.overlay(overlay);
    if (data) config.addModelData('model.onnx', readFileSync(join(DEMO_MODEL, 'model.onnx')));
    await using changed = await Model.load(config);
    await using generator = await changed.createGenerator({ maxLength: max_length });
    await generator.appendTokens(prompt);
    while (!generator.isDone()) await generator.generateNextToken();
    assert.equal([...generator.getSequence()], expected[i], JSON.stringify(overlay));
  }
});

test('the log says the same, text by text', async ({ model }) => {
  const prompt = [1, 450, 7483];
  const flags = { generate_next_token: true, append_next_tokens: true, model_output_shapes: true };
  const [expected] = await askOracle<string[]>([{ kind: 'log_texts', flags, prompt, steps: 4 }]);
  const texts: string[] = [];
  await setLogCallback(text => texts.push(text));
  await setLogOptions({ enabled: true, generateNextToken: true, appendNextTokens: true, modelOutputShapes: true });
  await using generator = await model.createGenerator({ maxLength: 64 });
  await generator.appendTokens(prompt);
  for (let i = 0; i < 4; i++) await generator.generateNextToken();
  await new Promise(resolve => setTimeout(resolve, 30));
  await setLogOptions({ enabled: false });
  assert.equal(
    texts,
    expected?.map(text => text.replace(/[\r\n]+$/, '')),
  );
});

test.run();
