/** Our own batching: the answers of generate(), whatever else is running. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { type GenerateResult, type Model, Scheduler, type SubmitOptions, type TokenChunk } from '../../src/index.ts';
import { ask, DEMO_MODEL, loadDemoModel, noise, ROOT, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { fixtureModel } from '../helpers/fixture-models.ts';
import { since } from '../helpers/since.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model; scheduler: Scheduler }>('scheduler');

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';
/** With one, the model runs on the scheduler's thread: TSan does not see how threads of ONNX Runtime synchronize. */
const intraOpNumThreads = SLOWNESS > 1 ? 1 : 2;
/** Two rows, so that most wait; parts of 16 tokens, so that prompts have many. */
const SMALL = { intraOpNumThreads, maxBatchSize: 2, chunkSize: 16, maxLength: 300 };

test.before(async context => {
  context.model = await loadDemoModel({ intraOpNumThreads });
  context.scheduler = await Scheduler.create(context.model, { intraOpNumThreads });
});
test.after(async ({ model, scheduler }) => {
  await scheduler.dispose();
  await model.dispose();
});

const essence = ({ metrics: _, ...result }: GenerateResult) => ({ ...result, tokenIds: [...result.tokenIds] });

test('the answer of generate(), for text, messages and tokens, with their options', async ({ model, scheduler }) => {
  const questions = ['What is the capital of Spain?', 'Hello!', 'Who are you?', 'What is 2 + 2?'];
  const chats = questions.map(content => [{ role: 'user', content } as const]);
  const tokens = await model.tokenizer.encode(STORY);
  const calls: readonly (readonly [Parameters<Scheduler['submit']>[0], SubmitOptions])[] = [
    [SPAIN, {}],
    [ask('Say the alphabet.'), { maxNewTokens: 7 }],
    [tokens, { maxNewTokens: 40 }],
    [[...tokens], { maxNewTokens: 40, repetitionPenalty: 1.3 }],
    [tokens, { maxNewTokens: 40, minLength: tokens.length + 40 }],
    [SPAIN, { stop: 'drid' }],
    [SPAIN, { stop: ['nowhere', ' capital'] }],
    [SPAIN, { maxLength: (await model.tokenizer.encode(SPAIN)).length + 3 }],
    ...chats.map(chat => [chat, { maxNewTokens: 30 }] as const),
  ];
  const answers = await Promise.all(calls.map(([input, options]) => scheduler.submit(input, options).result));
  for (const [i, [input, options]] of calls.entries()) {
    const expected = await model.generate(input, options);
    assert.equal(essence(answers[i] as GenerateResult), essence(expected), `call ${i}`);
  }
});

test('chunks: each token with its text, in order; then the result', async ({ scheduler }) => {
  const stream = scheduler.submit(SPAIN, { maxNewTokens: 20 });
  const chunks: TokenChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const { text, tokenIds, metrics } = await stream.result;
  assert.is(chunks.map(chunk => chunk.text).join(''), text);
  assert.equal(
    chunks.map(({ index, tokenId }) => [index, tokenId]),
    [...tokenIds.entries()],
  );
  const { queuedMs, prefillMs, decodeMs, ttftMs, totalMs } = metrics;
  assert.ok(Math.abs(queuedMs + prefillMs + decodeMs - totalMs) < 0.01 && ttftMs > 0 && ttftMs <= totalMs);
});

test('mixed requests that come and go: exactly the tokens of generate()', async ({ model }) => {
  let state = 7;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  await using scheduler = await Scheduler.create(model, {
    intraOpNumThreads,
    maxBatchSize: 5,
    chunkSize: 64,
    maxLength: 900,
  });
  const requests = Array.from({ length: 40 }, (_, i) => ({
    prompt: noise(1 + Math.floor(random() ** 3 * 500), i),
    maxNewTokens: 1 + Math.floor(random() * 60),
    delay: Math.floor(random() * 400),
    leaves: random() < 0.2,
  }));
  const answers = await Promise.all(
    requests.map(async ({ prompt, maxNewTokens, delay, leaves }) => {
      await setTimeout(delay);
      const stream = scheduler.submit(prompt, { maxNewTokens });
      if (leaves) for await (const _ of stream) break;
      return await stream.result;
    }),
  );
  for (const [i, { prompt, maxNewTokens }] of requests.entries()) {
    const { tokenIds, finishReason } = answers[i] as GenerateResult;
    const expected = await model.generate(prompt, { maxNewTokens });
    const wanted = finishReason === 'abort' ? expected.tokenIds.subarray(0, tokenIds.length) : expected.tokenIds;
    assert.equal([...tokenIds], [...wanted], `request ${i}, ${finishReason}`);
    if (finishReason !== 'abort') assert.is(finishReason, expected.finishReason, `request ${i}`);
  }
  const { running, waiting, kvBytes, generatedTokens, meanBatchSize } = await scheduler.stats();
  assert.equal([running, waiting, kvBytes], [0, 0, 0]);
  const told = answers.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  assert.ok(generatedTokens >= told && meanBatchSize > 1);
});

test('a seed gives the same tokens alone and among others', async ({ scheduler }) => {
  const options = { seed: 5, temperature: 1.5, topP: 0.95, topK: 0, maxNewTokens: 40 };
  const alone = await scheduler.submit(STORY, options).result;
  const others = Array.from({ length: 15 }, (_, i) => scheduler.submit(noise(30 + i, i), { seed: i, temperature: 2 }));
  const among = await scheduler.submit(STORY, options).result;
  for (const other of others) other.cancel();
  assert.equal([...among.tokenIds], [...alone.tokenIds]);
  const seeds = await Promise.all([6, 7].map(seed => scheduler.submit(STORY, { ...options, seed }).result));
  assert.not.equal([...(seeds[0] as GenerateResult).tokenIds], [...(seeds[1] as GenerateResult).tokenIds]);
});

test('sampling options do what they say', async ({ scheduler }) => {
  const greedy = await scheduler.submit(STORY, { maxNewTokens: 40 }).result;
  for (const options of [
    { topK: 1, temperature: 2 },
    { minP: 1 },
    { topP: 1e-6, temperature: 2 },
    { temperature: 0, seed: 3 },
  ]) {
    const { tokenIds } = await scheduler.submit(STORY, { ...options, maxNewTokens: 40 }).result;
    assert.equal([...tokenIds], [...greedy.tokenIds], JSON.stringify(options));
  }
  const repeats = (result: GenerateResult): number => result.tokenIds.length - new Set(result.tokenIds).size;
  const length = { maxNewTokens: 100, minLength: 300 };
  const prompt = noise(50, 3);
  const plain = await scheduler.submit(prompt, length).result;
  for (const options of [{ presencePenalty: 2 }, { frequencyPenalty: 2 }, { repetitionPenalty: 2 }]) {
    const result = await scheduler.submit(prompt, { ...length, ...options }).result;
    assert.ok(repeats(result) < repeats(plain), `${JSON.stringify(options)}: ${repeats(result)}, ${repeats(plain)}`);
  }
});

test('aborted while it waits, while its prompt is read, while it runs', async ({ model }) => {
  await using scheduler = await Scheduler.create(model, SMALL);
  const long = { maxNewTokens: 200, minLength: 250 };
  const running = [1, 2].map(seed => scheduler.submit(noise(20, seed), long));
  const waiting = scheduler.submit(SPAIN, { signal: AbortSignal.timeout(20) });
  assert.is(((await expectRejection(waiting.result)) as Error).name, 'TimeoutError');
  const kept = scheduler.submit(SPAIN, { signal: AbortSignal.abort(), onAbort: 'return' });
  assert.is((await kept.result).finishReason, 'abort');
  for await (const _ of running[0] as NonNullable<(typeof running)[0]>) break;
  assert.is((await running[0]?.result)?.finishReason, 'abort');
  const controller = new AbortController();
  const reading = scheduler.submit(noise(280), { signal: controller.signal });
  while ((await scheduler.stats()).running < 2) await setTimeout(1);
  controller.abort(new Error('enough'));
  assert.is(((await expectRejection(reading.result)) as Error).message, 'enough');
  const answer = await scheduler.submit(SPAIN).result;
  assert.match(answer.text, /Madrid/);
  running[1]?.cancel();
  await running[1]?.result;
  while ((await scheduler.stats()).kvBytes > 0) await setTimeout(1);
});

test('a hundred that leave at once, and one that stays', async ({ model, scheduler }) => {
  const streams = Array.from({ length: 100 }, (_, i) => scheduler.submit(noise(40, i), { maxNewTokens: 200 }));
  const stays = scheduler.submit(SPAIN);
  await setTimeout(50);
  for (const stream of streams) stream.cancel();
  const { tokenIds } = await stays.result;
  assert.equal([...tokenIds], [...(await model.generate(SPAIN)).tokenIds]);
  const ends = await Promise.all(streams.map(({ result }) => result));
  assert.ok(ends.every(({ finishReason }) => finishReason === 'abort' || finishReason === 'stop'));
});

test('a prompt up to the limit, and one that is too long', async ({ model }) => {
  await using scheduler = await Scheduler.create(model, SMALL);
  const { tokenIds, finishReason } = await scheduler.submit(noise(299), { maxNewTokens: 50, minLength: 300 }).result;
  assert.equal([tokenIds.length, finishReason], [1, 'length']);
  await expectError(scheduler.submit(noise(300)).result, 'ERR_GENAI_INPUT_TOO_LONG');
  const all = await scheduler.submit(noise(1), { maxNewTokens: 1000, minLength: 300 }).result;
  assert.equal([all.tokenIds.length, all.finishReason], [299, 'length']);
});

test('more than may wait are refused', async ({ model }) => {
  await using scheduler = await Scheduler.create(model, { ...SMALL, maxWaiting: 1 });
  const long = { maxNewTokens: 200, minLength: 250 };
  const streams = [1, 2, 3].map(seed => scheduler.submit(noise(20, seed), long));
  await expectError(scheduler.submit(SPAIN).result, 'ERR_GENAI_OVERLOADED', '3 requests run and wait');
  for (const stream of streams) stream.cancel();
  await Promise.all(streams.map(({ result }) => result));
  assert.match((await scheduler.submit(SPAIN).result).text, /Madrid/);
});

test('disposed of with requests that run and wait', async ({ model }) => {
  const scheduler = await Scheduler.create(model, SMALL);
  const streams = [1, 2, 3, 4].map(seed => scheduler.submit(noise(20, seed), { maxNewTokens: 200, minLength: 250 }));
  for await (const _ of streams[0] as NonNullable<(typeof streams)[0]>) break;
  const disposing = scheduler.dispose();
  assert.is(scheduler.dispose(), disposing);
  for (const { result } of streams.slice(1)) await expectError(result, 'ERR_GENAI_DISPOSED');
  await disposing;
  await expectError(scheduler.submit(SPAIN).result, 'ERR_GENAI_DISPOSED');
  await expectError(scheduler.stats(), 'ERR_GENAI_DISPOSED');
});

since('tokenizerFromPath', test)('without a model: a folder, with a tokenizer of its own', async ({ model }) => {
  await using scheduler = await Scheduler.create(DEMO_MODEL, { intraOpNumThreads });
  const chat = [{ role: 'user', content: 'What is the capital of Spain?' }] as const;
  assert.is((await scheduler.submit(chat).result).text, (await model.generate(chat)).text);
});

since('tokenizerFromPath', test)('models that do not fit say why', async () => {
  for (const [folder, reason] of [
    [fixtureModel('bias'), 'it has an input that is not known: hidden_bias'],
    [fixtureModel('vision'), 'it has a part "'],
    [
      join(ROOT, 'test', 'fixtures', 'engine', 'synthetic-paged'),
      'it was exported with paged attention; use an Engine',
    ],
  ] as const) {
    const error = await expectError(Scheduler.create(folder), 'ERR_GENAI_MODEL_INVALID', reason);
    assert.match(error.message, 'A Scheduler cannot run the model at');
  }
});

test('bad input', async ({ model, scheduler }) => {
  const options: readonly (readonly [object, string])[] = [
    [{ minP: 1.1 }, 'minP must be a number from 0 to 1'],
    [{ presencePenalty: Number.NaN }, 'presencePenalty must be a number from -2 to 2'],
    [{ frequencyPenalty: '1' }, 'frequencyPenalty must be'],
    [{ temperature: -1 }, 'temperature'],
    [{ numBeams: 2 }, 'The option "numBeams" is for model.generate()'],
    [{ responseFormat: { type: 'regex', pattern: 'a' } }, '"responseFormat" is for model.generate()'],
    [{ maxNewTokens: 0 }, 'maxNewTokens'],
    [{ best_of: 2 }, 'Unknown option "best_of"'],
  ];
  for (const [wrong, text] of options) await expectError(scheduler.submit(SPAIN, wrong).result, INVALID, text);
  await expectError(scheduler.submit(SPAIN, null as never).result, INVALID, 'options must be an object');
  await expectError(scheduler.submit('').result, INVALID, 'input must be at least one token long');
  await expectError(scheduler.submit([]).result, INVALID, 'input must be');
  await expectError(scheduler.submit([model.vocabSize]).result, 'ERR_GENAI_TOKEN_OUT_OF_RANGE');
  await expectError(scheduler.submit(5 as never).result, INVALID);
  for (const [wrong, text] of [
    [{ maxBatchSize: 0 }, 'maxBatchSize must be an integer from 1 to 256'],
    [{ maxWaiting: -1 }, 'maxWaiting must be an integer of at least 0'],
    [{ maxLength: 5000 }, 'maxLength must be an integer from 1 to 4096'],
    [{ chunkSize: 1.5 }, 'chunkSize must be an integer from 1 to 4096'],
    [{ rows: 2 } as object, 'Unknown option "rows"'],
  ] as const) {
    await expectError(Scheduler.create(model, wrong), INVALID, text);
  }
  await expectError(Scheduler.create(5 as never), INVALID, 'source must be a Model or the path');
  await expectError(Scheduler.create('/nowhere/at/all'), 'ERR_GENAI_MODEL_NOT_FOUND');
});

test.run();
