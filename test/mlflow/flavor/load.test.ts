import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { type LoadedModel, loadModel, saveModel } from '../../../src/mlflow/flavor/index.ts';
import type { ChatCompletion, ChatCompletionChunk } from '../../../src/phi3/index.ts';
import { Phi3Model } from '../../../src/phi3/index.ts';
import { ATOM_JOKE, DEMO_MODEL, SPAIN, STORY } from '../../helpers/demo-model.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { type TemporaryFolder, temporaryFolder } from './folders.ts';
import { writePythonModel } from './python-model.ts';

const test = suite<{ folder: TemporaryFolder; prompt: LoadedModel; chat: LoadedModel; phi3: Phi3Model }>('loadModel');

const MESSAGES = [{ role: 'user', content: 'What is the capital of Spain?' }] as const;

test.before(async context => {
  const folder = temporaryFolder();
  const model = { modelDir: DEMO_MODEL, link: 'hard' } as const;
  await saveModel({ ...model, path: folder.in('prompt') });
  await saveModel({ ...model, path: folder.in('chat'), task: 'llm/v1/chat', modelConfig: { temperature: 0.3 } });
  const [prompt, chat] = [await loadModel(folder.in('prompt')), await loadModel(folder.in('chat'))];
  const phi3 = new Phi3Model();
  await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': DEMO_MODEL } });
  Object.assign(context, { folder, prompt, chat, phi3 });
});
test.after(async ({ folder, prompt, chat, phi3 }) => {
  await Promise.all([prompt.dispose(), chat.dispose(), phi3.dispose()]);
  folder[Symbol.dispose]();
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('what was saved answers as Phi3Model does', async ({ prompt, phi3 }) => {
  const [spain, joke] = await phi3.predict(null, [SPAIN, ATOM_JOKE]);
  assert.is(await prompt.predict({ prompt: SPAIN }), spain);
  assert.equal(await prompt.predict([{ prompt: SPAIN }, { prompt: ATOM_JOKE }]), [spain, joke]);
  assert.equal(await prompt.predict([{ prompt: SPAIN }]), [spain]);
  assert.equal(await prompt.predict({ prompt: [SPAIN, ATOM_JOKE] }), [spain, joke]);
  assert.is((await collect(prompt.predictStream({ prompt: ATOM_JOKE }))).join(''), joke);
  assert.is(prompt.task, 'prompt');
  assert.is(prompt.artifact, 'phi3-mini-onnx');
  assert.is(prompt.notice, undefined);
});

test('metadata, signature, example, directory', async ({ prompt, chat, folder }) => {
  assert.is(prompt.directory, folder.in('prompt'));
  assert.is(prompt.metadata.mlflow_version, '3.17.2');
  assert.match(String(prompt.signature), "'prompt': string (required)");
  assert.equal(await prompt.inputExample(), { input: { prompt: ATOM_JOKE }, params: null });
  assert.equal(await chat.inputExample(), { input: { messages: MESSAGES }, params: null });
  assert.is(chat.task, 'llm/v1/chat');
});

test('the signature is enforced before the model is asked', async ({ prompt, chat }) => {
  await expectError(prompt.predict({ prompt: 5 }), 'ERR_MLFLOW_SIGNATURE', 'prompt');
  await expectError(prompt.predict({}), 'ERR_MLFLOW_SIGNATURE', 'prompt');
  await expectError(prompt.predict(undefined), 'ERR_MLFLOW_SIGNATURE');
  await expectError(prompt.predict([{ prompt: SPAIN }, { prompt: 1 }]), 'ERR_MLFLOW_SIGNATURE');
  await expectError(chat.predict({ messages: [{ role: 'user', text: 'x' }] }), 'ERR_MLFLOW_SIGNATURE');
  await expectError(chat.predict({ messages: MESSAGES, stop: 'x' }), 'ERR_MLFLOW_SIGNATURE', 'stop');
  await expectError(collect(prompt.predictStream({ prompt: 5 })), 'ERR_MLFLOW_SIGNATURE');
  assert.equal(await prompt.predict([]).catch(error => error.code), []);
});

test('chat: a list with one completion, as MLflow', async ({ chat, phi3 }) => {
  const expected = await phi3.chat(MESSAGES);
  const [completion, ...none] = (await chat.predict({ messages: MESSAGES })) as ChatCompletion[];
  assert.equal(none, []);
  assert.match(String(completion?.id), /^chatcmpl-/);
  assert.equal({ ...completion, id: '', created: 0, model: '' }, { ...expected, id: '', created: 0, model: '' });
  assert.is(completion?.model, 'phi3-demo');
  const two = (await chat.predict([{ messages: MESSAGES }, { messages: MESSAGES, max_tokens: 3 }])) as ChatCompletion[];
  assert.equal(
    two.map(({ usage }) => usage.completion_tokens),
    [expected.usage.completion_tokens, 3],
  );
  const named = [{ ...MESSAGES[0], name: 'Ana' }];
  const [stopped] = (await chat.predict({
    messages: named,
    stop: [' Madrid'],
    stream: true,
    n: 2,
  })) as ChatCompletion[];
  assert.equal(
    stopped?.choices.map(({ message }) => message.content),
    ['The capital of Spain is', 'The capital of Spain is'],
  );
});

test('chat in chunks', async ({ chat, phi3 }) => {
  const { content } = (await phi3.chat(MESSAGES)).choices[0]?.message ?? {};
  const chunks = (await collect(chat.predictStream({ messages: MESSAGES }))) as ChatCompletionChunk[];
  assert.is(chunks.map(({ choices }) => choices[0]?.delta.content).join(''), content);
  assert.is(new Set(chunks.map(({ id }) => id)).size, 1);
  assert.equal(chunks.map(({ choices }) => choices[0]?.finish_reason).slice(-2), [null, 'stop']);
  await expectError(collect(chat.predictStream({ messages: MESSAGES, n: 2 })), 'ERR_GENAI_INVALID_ARGUMENT', 'n ');
  await expectError(
    collect(chat.predictStream([{ messages: MESSAGES }, { messages: MESSAGES }])),
    'ERR_GENAI_INVALID_ARGUMENT',
    'one record',
  );
});

test('chat: what is not supported is refused, not ignored', async ({ folder }) => {
  await saveModel({
    path: folder.in('wide'),
    modelDir: DEMO_MODEL,
    link: 'hard',
    task: 'llm/v1/chat',
    chatSignature: '3.x',
  });
  await using wide = await loadModel(folder.in('wide'));
  const ask = (more: object): Promise<unknown> => wide.predict({ messages: MESSAGES, max_tokens: 2, ...more });
  await ask({ tools: [], frequency_penalty: 0, top_p: 0.5, top_k: 3, custom_inputs: { a: 1 } });
  await expectError(ask({ presence_penalty: 1.5 }), 'ERR_GENAI_INVALID_ARGUMENT', 'presence_penalty');
  const tools = [{ type: 'function', function: { name: 'f', parameters: { properties: {} } } }];
  await expectError(ask({ tools }), 'ERR_GENAI_INVALID_ARGUMENT', 'tools');
  const call = { id: '1', type: 'function', function: { name: 'f', arguments: '{}' } };
  const messages = [...MESSAGES, { role: 'assistant', content: 'x', tool_calls: [call] }];
  await expectError(ask({ messages }), 'ERR_GENAI_INVALID_ARGUMENT', 'messages[1].tool_calls');
  await expectError(ask({ messages: [{ role: 'tool', content: 'x' }] }), 'ERR_GENAI_INVALID_ARGUMENT', 'role');
});

test('parameters of the signature, over the configuration of the model', async ({ folder, prompt }) => {
  await saveModel({
    path: folder.in('params'),
    modelDir: DEMO_MODEL,
    link: 'hard',
    modelConfig: { max_length: 40 },
    inputExampleParams: { max_length: 20, stop: ['<none>'] },
  });
  await using model = await loadModel(folder.in('params'));
  const whole = String(await prompt.predict({ prompt: SPAIN }));
  const short = String(await model.predict({ prompt: SPAIN }));
  assert.ok(whole.startsWith(short) && short.length < 60, short);
  const longer = String(await model.predict({ prompt: SPAIN }, { max_length: 30 }));
  assert.ok(longer.startsWith(short) && longer.length > short.length);
  assert.is(await model.predict({ prompt: SPAIN }, { stop: ['of', 'Spain'] }), 'The capital ');
  assert.is(
    (await collect(model.predictStream({ prompt: SPAIN }, { stop: ['of', 'Spain'] }))).join(''),
    'The capital ',
  );
  assert.is(await model.predict({ prompt: SPAIN }, { max_length: null }), String(await (await load(40)).text));
  await expectError(model.predict({ prompt: SPAIN }, { max_length: 'x' }), 'ERR_MLFLOW_SIGNATURE');
  await expectError(model.predict({ prompt: SPAIN }, { max_length: -1 }), 'ERR_GENAI_INVALID_ARGUMENT');

  async function load(max_length: number): Promise<{ text: string }> {
    await using other = await loadModel(folder.in('prompt'), { modelConfig: { max_length } });
    return { text: String(await other.predict({ prompt: SPAIN })) };
  }
});

test('what the signature does not have is left out, and told', async ({ folder }) => {
  const warnings: string[] = [];
  await using model = await loadModel(folder.in('prompt'), {
    onWarning: text => warnings.push(text),
    modelConfig: { max_length: 20 },
  });
  await model.predict({ prompt: SPAIN, other: 1 }, { max_length: 5 });
  assert.is(warnings.length, 2);
  assert.match(warnings.join(), /other.*max_length/s);
});

test('a stop within and a signal', async ({ prompt }) => {
  const reason = new Error('enough');
  assert.is(
    await expectRejection(prompt.predict({ prompt: STORY }, {}, { signal: AbortSignal.abort(reason) })),
    reason,
  );
  const controller = new AbortController();
  const reading = (async () => {
    for await (const _ of prompt.predictStream({ prompt: STORY }, {}, { signal: controller.signal }))
      controller.abort(reason);
  })();
  assert.is(await expectRejection(reading), reason);
  for await (const _ of prompt.predictStream({ prompt: STORY })) break;
  await expectError(
    prompt.predict({ prompt: STORY }, {}, { timeout: 1 } as object),
    'ERR_GENAI_INVALID_ARGUMENT',
    'timeout',
  );
});

test('URIs: a file: URI, a URL, a relative path; after dispose() no more', async ({ folder }) => {
  const url = pathToFileURL(folder.in('prompt'));
  for (const uri of [url.href, url]) {
    const model = await loadModel(uri, { modelConfig: { max_length: 15 } });
    assert.is(model.directory, folder.in('prompt'));
    await model.dispose();
    await model.dispose();
    await expectError(model.predict({ prompt: SPAIN }), 'ERR_GENAI_DISPOSED');
    await expectError(collect(model.predictStream({ prompt: SPAIN })), 'ERR_GENAI_DISPOSED');
  }
  assert.ok(readdirSync(folder.in('prompt')).includes('MLmodel'));
});

test("Python's directory: the ONNX artifact runs, the pickle stays shut", async ({ folder, phi3 }) => {
  await using model = await loadModel(writePythonModel(folder.in('seed')));
  assert.is(await model.predict({ prompt: SPAIN }), await phi3.predict(null, SPAIN));
  assert.is(model.task, 'prompt');
  assert.match(String(model.notice), /Python code of this model was not run: its artifact "phi3-mini-onnx"/);
});

test("Python's directory: configuration, chat, another name, no signature", async ({ folder }) => {
  const config = '    config:\n      max_length: 20\n      greeting: hello\n      do_sample: "no"\n';
  const configured = writePythonModel(folder.in('configured'), {
    artifacts: { model: 'artifacts/phi3-demo' },
    config,
    inputs: null,
  });
  await using model = await loadModel(configured);
  assert.is(model.artifact, 'model');
  assert.is(model.signature, null);
  assert.match(String(model.notice), /no search option: greeting, do_sample/);
  const [answer] = (await model.predict([SPAIN])) as string[];
  assert.ok(String(answer).startsWith('The capital of Spain') && String(answer).length < 60, answer);
  assert.is(await model.predict({ prompt: SPAIN }), answer);
  assert.is(await model.predict(SPAIN), answer);
  await expectError(model.predict({ a: SPAIN, b: 1 }), 'ERR_GENAI_INVALID_ARGUMENT', 'prompt');
  await expectError(model.predict(7), 'ERR_GENAI_INVALID_ARGUMENT', 'prompt');

  const more = 'metadata:\n  task: agent/v1/chat\n';
  await using chat = await loadModel(writePythonModel(folder.in('agent'), { inputs: null, more }));
  const [completion] = (await chat.predict({ messages: MESSAGES, max_tokens: 4 })) as ChatCompletion[];
  assert.is(completion?.choices[0]?.message.content, 'The capital of Spain');
});

test('several ONNX artifacts: the option chooses', async ({ folder }) => {
  const artifacts = { a: 'artifacts/0/phi3-demo', b: 'artifacts/1/phi3-demo', notes: 'artifacts/notes' };
  const dummies = { 'artifacts/notes': { 'x.txt': '' } };
  const path = writePythonModel(folder.in('several'), { artifacts, dummies });
  await expectError(loadModel(path), 'ERR_MLFLOW_FLAVOR', 'a, b. Name one');
  await using model = await loadModel(path, { artifact: 'b' });
  assert.is(model.artifact, 'b');
  await expectError(loadModel(path, { artifact: 'c' }), 'ERR_MLFLOW_FLAVOR', 'no artifact "c"; it has a, b, notes');
  await expectError(loadModel(path, { artifact: 'notes' }), 'ERR_MLFLOW_FORMAT', 'genai_config.json');
});

const tensor = (dtype: string, shape: string, name = ''): string =>
  `{"type": "tensor", "tensor-spec": {"dtype": "${dtype}", "shape": ${shape}}${name && `, "name": "${name}"`}}`;

test("Python's directory: an example of numpy texts is a list of prompts", async ({ folder, phi3 }) => {
  const expected = await phi3.predict(null, [SPAIN, ATOM_JOKE]);
  for (const [index, inputs] of [tensor('str', '[-1]'), tensor('object', '[-1]', 'prompt')].entries()) {
    const path = writePythonModel(folder.in(`tensor${index}`), { inputs: `[${inputs}]` });
    await using model = await loadModel(path);
    assert.equal(await model.predict([SPAIN, ATOM_JOKE]), expected);
    assert.equal(await model.predict([SPAIN]), expected.slice(0, 1));
    const byName = model.predict({ prompt: [SPAIN] });
    if (index === 1) assert.equal(await byName, expected.slice(0, 1));
    else await expectError(byName, 'ERR_MLFLOW_SIGNATURE');
    assert.equal(await model.predict([]), []);
    assert.is((await collect(model.predictStream([SPAIN]))).join(''), expected[0]);
    await expectError(model.predict(SPAIN), 'ERR_MLFLOW_SIGNATURE');
    await expectError(model.predict([SPAIN, 7]), 'ERR_MLFLOW_SIGNATURE');
    await expectError(model.predict([[SPAIN]]), 'ERR_MLFLOW_SIGNATURE');
  }
});

test("Python's directory: no other tensors are prompts", async ({ folder }) => {
  const chat = 'metadata:\n  task: llm/v1/chat\n';
  for (const [index, [inputs, more]] of [
    [tensor('float32', '[-1]'), ''],
    [tensor('str', '[-1, 1]'), ''],
    [tensor('str', '[]'), ''],
    [[tensor('str', '[-1]', 'prompt'), tensor('float64', '[-1]', 'warmth')].join(', '), ''],
    [tensor('str', '[-1]'), chat],
  ].entries()) {
    const path = writePythonModel(folder.in(`other${index}`), { inputs: `[${inputs}]`, more: more ?? '' });
    await expectError(loadModel(path), 'ERR_MLFLOW_SIGNATURE', 'tensor');
  }
});

test.run();
