import * as assert from 'uvu/assert';
import type { GenerateOptions, Model } from '../../src/index.ts';
import { ATOM_JOKE, ask, loadDemoModel, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('generate');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

test('answers, counts and measures', async ({ model }) => {
  const result = await model.generate([{ role: 'user', content: 'What is the capital of Spain?' }]);
  assert.match(result.text, /^The capital of Spain is Madrid\./);
  assert.is(result.finishReason, 'stop');
  assert.equal(result.usage, { inputTokens: 10, outputTokens: result.tokenIds.length, cachedInputTokens: 0 });
  assert.not.ok('matchedStop' in result);
  const { queuedMs, ttftMs, totalMs, decodeTokensPerSecond } = result.metrics;
  assert.ok(0 < queuedMs && queuedMs < ttftMs && ttftMs < totalMs, JSON.stringify(result.metrics));
  assert.ok(decodeTokensPerSecond > 1);
});

test('raw prompt, token ids and messages give the same answer', async ({ model }) => {
  const raw = await model.generate(SPAIN);
  const tokens = await model.tokenizer.encode(SPAIN);
  assert.is((await model.generate(tokens)).text, raw.text);
  assert.is((await model.generate([...tokens])).text, raw.text);
  const parts = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is the ' },
        { type: 'text', text: 'capital of Spain?' },
      ],
    },
  ] as const;
  assert.is((await model.generate(parts)).text, raw.text);
});

test('the seed question: the atom joke, line breaks and all', async ({ model }) => {
  const { text } = await model.generate(ATOM_JOKE);
  assert.match(text, /^Alright, here's a little atom-related joke for you!\n\nWhy don't electrons/);
});

test('text after an ordinary word keeps the space before it', async ({ model }) => {
  const whole = await model.generate(SPAIN);
  const head = `${SPAIN}The capital of`;
  const { text } = await model.generate(head);
  assert.is(`The capital of${text}`, whole.text);
});

test('limits: maxNewTokens, maxLength, the smaller wins', async ({ model }) => {
  const limits: [GenerateOptions, number][] = [
    [{ maxNewTokens: 1 }, 1],
    [{ maxNewTokens: 7 }, 7],
    [{ maxLength: 15 }, 5],
    [{ maxLength: 15, maxNewTokens: 3 }, 3],
    [{ maxLength: 13, maxNewTokens: 9 }, 3],
  ];
  for (const [options, tokens] of limits) {
    const { usage, finishReason } = await model.generate(SPAIN, options);
    assert.is(usage.outputTokens, tokens, JSON.stringify(options));
    assert.is(finishReason, 'length');
  }
  const room = await model.generate(noise(model.contextLength - 2), { maxNewTokens: 100 });
  assert.ok(room.usage.outputTokens <= 2);
});

test('sampling: a seed repeats, a temperature alone is enough to sample', async ({ model }) => {
  const options = { temperature: 1.5, maxNewTokens: 40, topK: 0 };
  const answers = await Promise.all([1, 1, 2, 3].map(seed => model.generate(noise(20), { ...options, seed })));
  assert.equal(answers[0]?.tokenIds, answers[1]?.tokenIds);
  assert.ok(new Set(answers.map(({ tokenIds }) => String(tokenIds))).size > 1, 'different seeds, same tokens');
  const greedy = await model.generate(noise(20), { maxNewTokens: 40 });
  const cold = await model.generate(noise(20), { maxNewTokens: 40, temperature: 0, topP: 0.9 });
  assert.equal(cold.tokenIds, greedy.tokenIds);
});

test('a model whose config says top_k 1 samples all the same', async () => {
  const options = { configOverlay: { search: { top_k: 1, do_sample: true } } };
  await using model = await loadDemoModel(options);
  const seeds = [1, 2, 3, 4];
  const answers = await Promise.all(
    seeds.map(seed => model.generate(noise(20), { temperature: 2, seed, maxNewTokens: 30 })),
  );
  assert.ok(new Set(answers.map(({ tokenIds }) => String(tokenIds))).size > 1, 'different seeds, same tokens');
});

test('many at once share a model', async ({ model }) => {
  const alone = await model.generate(SPAIN);
  const together = await Promise.all(Array.from({ length: 8 }, () => model.generate(SPAIN)));
  for (const { text } of together) assert.is(text, alone.text);
});

test('abort: before, in the prefill, in the decode, after', async ({ model }) => {
  const early = AbortSignal.abort(new Error('early'));
  assert.is(((await expectRejection(model.generate(SPAIN, { signal: early }))) as Error).message, 'early');

  for (const [input, delay] of [
    [noise(4000), 30],
    [STORY, 100],
  ] as const) {
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = model.generate(input, { signal: controller.signal, minLength: 4000, maxNewTokens: 4000 });
    setTimeout(() => controller.abort(reason), delay);
    assert.is(await expectRejection(running), reason);
  }

  const controller = new AbortController();
  const result = await model.generate(SPAIN, { signal: controller.signal });
  controller.abort();
  assert.is(result.finishReason, 'stop');
});

test('abort with onAbort "return" gives what there is', async ({ model }) => {
  const controller = new AbortController();
  const options = { signal: controller.signal, onAbort: 'return', minLength: 4000, maxNewTokens: 4000 } as const;
  const stream = model.stream(STORY, options);
  for await (const { index } of stream) if (index === 5) controller.abort();
  const result = await stream.result;
  assert.is(result.finishReason, 'abort');
  assert.ok(result.usage.outputTokens > 0 && result.text.length > 0);
  const nothing = await model.generate(STORY, { signal: AbortSignal.abort(), onAbort: 'return' });
  assert.equal([nothing.finishReason, nothing.text, nothing.usage.outputTokens], ['abort', '', 0]);
});

test('beams: best answer, stop strings, stream', async ({ model }) => {
  const beams = await model.generate(ask('What is 2 + 2?'), { numBeams: 4 });
  assert.is(beams.finishReason, 'stop');
  assert.match(beams.text, '4');
  const stream = model.stream(SPAIN, { numBeams: 2, stop: 'Madrid' });
  let text = '';
  for await (const piece of stream.text) text += piece;
  assert.is(text, 'The capital of Spain is ');
  assert.is((await stream.result).matchedStop, 'Madrid');
});

test('a disposed model refuses, and what runs goes on', async () => {
  const model = await loadDemoModel();
  const running = model.generate(SPAIN);
  await new Promise(resolve => setTimeout(resolve, 20));
  await Promise.all([model.dispose(), model.dispose()]);
  assert.match((await running).text, 'Madrid');
  await expectError(model.generate(SPAIN), 'ERR_GENAI_DISPOSED');
  await expectError(model.stream(SPAIN).result, 'ERR_GENAI_DISPOSED');
  await expectError(model.createGenerator(), 'ERR_GENAI_DISPOSED');
  await expectError(model.tokenizer.encode('x'), 'ERR_GENAI_DISPOSED');
});

test('token ids may be changed by their owner while they are in use', async ({ model }) => {
  const tokens = await model.tokenizer.encode(SPAIN);
  const running = model.generate(tokens);
  tokens.fill(2_000_000_000);
  assert.match((await running).text, 'Madrid');
});

test('an abort while a long text is being encoded takes effect at once', async ({ model }) => {
  const long = 'naive words '.repeat(600_000);
  const reason = new Error('enough');
  const controller = new AbortController();
  const running = model.generate(long, { signal: controller.signal });
  let aborted = 0;
  setTimeout(() => {
    aborted = performance.now();
    controller.abort(reason);
  }, 20);
  assert.is(await expectRejection(running), reason);
  const late = performance.now() - aborted;
  assert.ok(late < 200, `${late} ms`);
});

test.run();
