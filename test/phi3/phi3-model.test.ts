import * as assert from 'uvu/assert';
import type { ChatMessage } from '../../src/index.ts';
import { type ModelConfig, Phi3Model, type Phi3Prompt } from '../../src/phi3/index.ts';
import { ATOM_JOKE, DEMO_MODEL, loadDemoModel, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ phi3: Phi3Model }>('Phi3Model');

const ARTIFACTS = { 'phi3-mini-onnx': DEMO_MODEL };
const QUESTION: readonly ChatMessage[] = [{ role: 'user', content: 'What is the capital of Spain?' }];

test.before(async context => {
  context.phi3 = new Phi3Model();
  await context.phi3.loadContext({ artifacts: ARTIFACTS });
});
test.after(({ phi3 }) => phi3.dispose());

async function load(modelConfig: ModelConfig): Promise<Phi3Model> {
  const phi3 = new Phi3Model();
  await phi3.loadContext({ artifacts: ARTIFACTS, modelConfig });
  return phi3;
}

test('predict: a record, a string, arrays of both, an empty array', async ({ phi3 }) => {
  const answer = await phi3.predict(null, SPAIN);
  assert.match(answer, /^The capital of Spain is Madrid\./);
  assert.is(await phi3.predict(undefined, { prompt: SPAIN }), answer);
  assert.equal(await phi3.predict({}, [{ prompt: SPAIN }]), [answer]);
  assert.equal(await phi3.predict(null, []), []);
  const joke = await phi3.predict(null, { prompt: ATOM_JOKE });
  assert.match(joke, 'electrons');
  assert.equal(await phi3.predict(null, [SPAIN, { prompt: ATOM_JOKE }, SPAIN]), [answer, joke, answer]);
  assert.is(await phi3.predict(null, { prompt: SPAIN, other: 1 } as Phi3Prompt), answer);
});

test('only the new tokens are decoded', async ({ phi3 }) => {
  for (const prompt of [SPAIN, ATOM_JOKE, 'The capital of Spain']) {
    const answer = await phi3.predict(null, prompt);
    assert.not.ok(answer.includes('<|') || answer.includes('stand-up comedian'), answer);
    assert.not.ok(answer.startsWith('What is') || answer.startsWith('The capital of Spain The'), answer);
  }
});

test('max_length is 300 for prompt and answer together', async () => {
  await using phi3 = await load({ min_length: 300 });
  const stream = phi3.predictStream(null, STORY);
  const { usage, finishReason, text } = await stream.result;
  assert.is(usage.inputTokens + usage.outputTokens, 300);
  assert.is(finishReason, 'length');
  assert.is(await phi3.predict(null, STORY), text);
});

test('predict and predictStream: a form for every answer', async ({ phi3 }) => {
  const responseFormat = { type: 'regex', pattern: '(Madrid|Paris)[.!]' } as const;
  const answers = await phi3.predict(null, [SPAIN, ATOM_JOKE], { responseFormat });
  for (const answer of answers) assert.match(answer, /^(Madrid|Paris)[.!]$/);
  const { text } = await phi3.predictStream(null, SPAIN, { responseFormat }).result;
  assert.is(text, answers[0]);
});

test('a prompt that leaves no room is refused', async ({ phi3 }) => {
  await using model = await loadDemoModel();
  const words = await model.tokenizer.decode(noise(400));
  await expectError(phi3.predict(null, words), 'ERR_GENAI_INPUT_TOO_LONG', '300');
  await expectError(phi3.predict(null, [{ prompt: words }]), 'ERR_GENAI_INPUT_TOO_LONG');
  await expectError(phi3.predictStream(null, words).result, 'ERR_GENAI_INPUT_TOO_LONG');
});

test('modelConfig: upstream names, over the defaults', async () => {
  await using short = await load({ max_length: 15 });
  const { usage } = await short.predictStream(null, SPAIN).result;
  assert.is(usage.inputTokens + usage.outputTokens, 15);

  await using sampling = await load({
    do_sample: true,
    temperature: 3,
    top_k: 0,
    random_seed: 5,
    min_length: 60,
    max_length: 60,
  });
  await using other = await load({
    do_sample: true,
    temperature: 3,
    top_k: 0,
    random_seed: 6,
    min_length: 60,
    max_length: 60,
  });
  const answer = await sampling.predict(null, SPAIN);
  assert.is(await sampling.predict(null, SPAIN), answer, 'a seed repeats');
  assert.is.not(await other.predict(null, SPAIN), answer);

  await using greedy = await load({ temperature: 5 });
  const plain = await load({});
  assert.is(await greedy.predict(null, SPAIN), await plain.predict(null, SPAIN), 'do_sample is left to the model');
  await plain.dispose();
});

test('loadContext again: one that fails leaves the model there was, one that works replaces it', async () => {
  const loaded = await load({});
  const nowhere = { artifacts: { 'phi3-mini-onnx': 'no/such/folder' } };
  await expectError(loaded.loadContext(nowhere), 'ERR_GENAI_MODEL_NOT_FOUND');
  assert.match(await loaded.predict(null, SPAIN), 'Madrid', 'a load that fails leaves the model there was');
  await loaded.loadContext({ artifacts: ARTIFACTS, modelConfig: { max_length: 15 } });
  assert.ok((await loaded.predict(null, SPAIN)).length < 40, 'the second context counts');
  await loaded.dispose();
});

test('predictStream: the pieces of predict', async ({ phi3 }) => {
  let text = '';
  for await (const piece of phi3.predictStream(null, { prompt: SPAIN }).text) text += piece;
  assert.is(text, await phi3.predict(null, SPAIN));
});

test('signal', async ({ phi3 }) => {
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  assert.is(await expectRejection(phi3.predict(null, SPAIN, { signal })), reason);
  assert.is(await expectRejection(phi3.predict(null, [SPAIN, SPAIN], { signal })), reason);
  assert.is(await expectRejection(phi3.predictStream(null, SPAIN, { signal }).result), reason);
  assert.is(await expectRejection(phi3.chat(QUESTION, { signal })), reason);
  assert.is(await expectRejection(new Phi3Model().loadContext({ artifacts: ARTIFACTS }, { signal })), reason);
});

test('chat: the shape of llm/v1/chat', async ({ phi3 }) => {
  const before = Math.floor(Date.now() / 1000);
  const completion = await phi3.chat(QUESTION);
  const { id, created, choices, usage, ...rest } = completion;
  assert.equal(rest, { object: 'chat.completion', model: 'phi3-demo' });
  assert.match(id, /^chatcmpl-.+/);
  assert.ok(Number.isInteger(created) && created >= before && created <= Date.now() / 1000, `created ${created}`);
  assert.is(choices.length, 1);
  const [choice] = choices;
  assert.equal(Object.keys(choice as object).sort(), ['finish_reason', 'index', 'message']);
  assert.equal([choice?.index, choice?.finish_reason, choice?.message.role], [0, 'stop', 'assistant']);
  assert.match(choice?.message.content ?? '', /^The capital of Spain is Madrid/);
  assert.is(usage.prompt_tokens, 10);
  assert.ok(usage.completion_tokens > 5);
  assert.is(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  assert.is.not((await phi3.chat(QUESTION)).id, id);
  assert.equal(JSON.parse(JSON.stringify(completion)), completion);
});

test('chat: max_tokens, stop, n, temperature', async ({ phi3 }) => {
  const short = await phi3.chat(QUESTION, { max_tokens: 3 });
  assert.equal([short.choices[0]?.finish_reason, short.usage.completion_tokens], ['length', 3]);

  const stopped = await phi3.chat(QUESTION, { stop: ['Madrid', 'zzz'] });
  assert.equal(
    [stopped.choices[0]?.finish_reason, stopped.choices[0]?.message.content],
    ['stop', 'The capital of Spain is '],
  );

  const three = await phi3.chat(QUESTION, { n: 3, max_tokens: 4 });
  assert.equal(
    three.choices.map(({ index }) => index),
    [0, 1, 2],
  );
  assert.equal(three.usage, { prompt_tokens: 10, completion_tokens: 12, total_tokens: 22 });

  const sample = async (): Promise<string> => {
    const { choices } = await phi3.chat(QUESTION, { temperature: 100, top_k: 0, max_tokens: 20 });
    return choices[0]?.message.content ?? '';
  };
  assert.is.not(await sample(), await sample(), 'asking for a temperature means sampling');
  const cold = await phi3.chat(QUESTION, { temperature: 0, top_p: 0.9 });
  assert.is(cold.choices[0]?.message.content, (await phi3.chat(QUESTION)).choices[0]?.message.content);
});

test('loading anew: calls meanwhile are answered; dispose during a load leaves nothing behind', async () => {
  const phi3 = new Phi3Model();
  const context = { artifacts: { 'phi3-mini-onnx': DEMO_MODEL } };
  await phi3.loadContext(context);
  const prompt = '<|user|>Hello!<|end|><|assistant|>';
  const reload = phi3.loadContext(context);
  const answers: string[] = [];
  let loading = true;
  void reload.then(() => {
    loading = false;
  });
  while (loading) answers.push(await phi3.predict(null, prompt));
  assert.ok(answers.length > 0 && answers.every(answer => answer.startsWith('Hello')));
  const late = phi3.loadContext(context);
  await phi3.dispose();
  await expectError(late, 'ERR_GENAI_DISPOSED');
  await expectError(phi3.predict(null, prompt), 'ERR_GENAI_DISPOSED');
});

test.run();
