/** Our own batching: the answers of generate(), whatever else is running. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { type GenerateResult, Model, Scheduler, type SubmitOptions, type TokenChunk } from '../../src/index.ts';
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

test('temperature, top k, top p and min p leave what they should, as often as they should', async ({
  model,
  scheduler,
}) => {
  const prompt = noise(7, 11);
  await using generator = await model.createGenerator({ maxLength: 20 });
  await generator.appendTokens(prompt);
  const { values: logits } = await generator.getLogits();
  for (const options of [
    { temperature: 3, topK: 12, topP: 0.8, minP: 0.05 },
    { temperature: 3, topK: 0, topP: 0.6, minP: 0.2 },
    { temperature: 4, topK: 6, topP: 1, minP: 0 },
  ]) {
    const expected = distribution(logits, options);
    assert.ok(expected.size > 1, `${JSON.stringify(options)}: ${expected.size} tokens`);
    const counts = new Map<number, number>();
    const draws = 400;
    const results = Array.from(
      { length: draws },
      (_, seed) => scheduler.submit(prompt, { ...options, seed, maxNewTokens: 1 }).result,
    );
    for (const { tokenIds } of await Promise.all(results)) {
      const token = tokenIds[0] ?? -1; // of the end of a sequence
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    for (const token of counts.keys()) {
      if (token >= 0) assert.ok(expected.has(token), `${JSON.stringify(options)}: token ${token}`);
    }
    for (const [token, share] of expected) {
      const seen = (counts.get(token) ?? 0) / draws;
      if (!model.tokenizer.eosTokenIds.includes(token)) {
        assert.ok(Math.abs(seen - share) < 0.1, `${JSON.stringify(options)}: ${token} ${seen}, not ${share}`);
      }
    }
  }
});

/** What may be drawn, by the order that the sampler documents. */
function distribution(
  logits: ArrayLike<number>,
  { temperature, topK, topP, minP }: { temperature: number; topK: number; topP: number; minP: number },
): Map<number, number> {
  const largest = Array.from(logits).reduce((most, logit) => Math.max(most, logit));
  const sorted = Array.from(logits, (logit, token) => ({ token, weight: Math.exp((logit - largest) / temperature) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, topK === 0 ? logits.length : topK);
  const sum = sorted.reduce((total, { weight }) => total + weight, 0);
  let upto = 0;
  const kept = sorted.filter(({ weight }) => {
    const before = upto;
    upto += weight;
    return before < topP * sum;
  });
  const likely = kept.filter(({ weight }) => weight >= minP);
  const left = likely.reduce((total, { weight }) => total + weight, 0);
  return new Map(likely.map(({ token, weight }) => [token, weight / left]));
}

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
  const text = 'the maxLength of the Scheduler is 300';
  await expectError(scheduler.submit(noise(300)).result, 'ERR_GENAI_INPUT_TOO_LONG', text);
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

test('what the config of a model says is taken, or refused', async () => {
  const options = { intraOpNumThreads };
  const change = (values: { model?: object; search?: object }): string => {
    const folder = fixtureModel('lora'); // the graph runs without an adapter, as the demo model
    const file = join(folder, 'genai_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(
      file,
      JSON.stringify({
        ...config,
        model: { ...config.model, ...values.model },
        search: { ...config.search, ...values.search },
      }),
    );
    return folder;
  };
  const create = async (folder: string): Promise<{ other: Model; scheduler: Scheduler }> => {
    const other = await Model.load(folder, { intraOpNumThreads });
    return { other, scheduler: await Scheduler.create(other, options) };
  };
  const long = await create(change({ model: { context_length: 131_072 } }));
  assert.is(long.scheduler.maxLength, 4096, 'a phi3 with a long context chooses its rotary factors by the longest row');
  const odd = await create(change({ search: { do_sample: true, temperature: -1, top_p: 7, random_seed: 3 } }));
  const [one, two] = await Promise.all([1, 2].map(() => odd.scheduler.submit(STORY, { doSample: 'model' }).result));
  assert.equal([...(one as GenerateResult).tokenIds], [...(two as GenerateResult).tokenIds]);
  for (const { scheduler, other } of [long, odd]) {
    await scheduler.dispose();
    await other.dispose();
  }
  for (const [search, reason] of [
    [{ num_beams: 4 }, 'search.num_beams of its config is 4, and must be 1'],
    [{ no_repeat_ngram_size: 3 }, 'search.no_repeat_ngram_size of its config is 3, and must be 0'],
  ] as const) {
    await expectError(Scheduler.create(change({ search })), 'ERR_GENAI_MODEL_INVALID', reason);
  }
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
    [{ chunkSize: 1.5 }, 'chunkSize must be an integer from 1 to 1024'],
    [{ rows: 2 } as object, 'Unknown option "rows"'],
  ] as const) {
    await expectError(Scheduler.create(model, wrong), INVALID, text);
  }
  await expectError(Scheduler.create(5 as never), INVALID, 'source must be a Model or the path');
  await expectError(Scheduler.create('/nowhere/at/all'), 'ERR_GENAI_MODEL_NOT_FOUND');
});

test.run();
