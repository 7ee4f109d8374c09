import * as assert from 'uvu/assert';
import { SEARCH_BOOLEANS, SEARCH_NUMBERS } from '../../src/core/search-options.ts';
import { type ErrorCode, type Generator, GeneratorParams, type Model, type SearchOptions } from '../../src/index.ts';
import { ask, loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('generator');

const EOS = 32007;
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

/** Takes `count` steps, or goes on to the end, and returns the tokens that were chosen (row 0). */
async function steps(generator: Generator, count = Number.POSITIVE_INFINITY): Promise<number[]> {
  const tokens: number[] = [];
  while (tokens.length < count && !generator.isDone()) {
    await generator.generateNextToken();
    tokens.push(generator.getNextTokens()[0] as number);
  }
  return tokens;
}

/** What a fresh generator chooses after `prompt`. */
async function fresh(model: Model, prompt: Int32Array | readonly number[], count: number): Promise<number[]> {
  await using generator = await model.createGenerator({ maxLength: prompt.length + count });
  await generator.appendTokens(prompt);
  return await steps(generator, count);
}

function argmax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0);
}

test('append, generate, read: the tokens of generate()', async ({ model }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  const { tokenIds } = await model.generate(prompt);
  await using generator = await model.createGenerator({ maxLength: 200 });
  assert.is(generator.tokenCount, 0);
  assert.is(generator.isDone(), false);
  assert.equal(generator.getSequence(), new Int32Array(0));
  await generator.appendTokens(prompt);
  assert.is(generator.tokenCount, prompt.length);
  assert.equal(generator.getSequence(), prompt);
  const tokens: number[] = [];
  while (!generator.isDone()) {
    await generator.generateNextToken();
    tokens.push(...generator.getNextTokens());
    if (generator.isDone()) break;
    assert.is(generator.tokenCount, prompt.length + tokens.length);
    assert.equal([...generator.getSequence()], [...prompt, ...tokens]);
  }
  assert.equal(tokens, [...tokenIds, EOS], 'the last step shows the end-of-sequence token');
  assert.equal([...generator.getSequence()], [...prompt, ...tokenIds], 'which is not in the sequence');
  const { tokenCount } = generator;
  await generator.generateNextToken();
  assert.is(generator.tokenCount, tokenCount, 'a step after the end does nothing');
});

test('a copy is given: changing what was read changes nothing', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens([1, 2, 3]);
  generator.getSequence().fill(9);
  assert.equal([...generator.getSequence()], [1, 2, 3]);
  const tokens = Int32Array.of(5, 6, 7);
  const appending = generator.appendTokens(tokens);
  tokens.fill(9);
  await appending;
  assert.equal([...generator.getSequence()], [1, 2, 3, 5, 6, 7]);
});

test('a conversation goes on as one long prompt does', async ({ model }) => {
  const { tokenizer } = model;
  const turns = await Promise.all([SPAIN, ask('What is 2 + 2?')].map(text => tokenizer.encode(text)));
  await using generator = await model.createGenerator({ maxLength: 400 });
  await generator.appendTokens(turns[0] as Int32Array);
  await steps(generator);
  await generator.appendTokens([EOS]);
  assert.is(generator.isDone(), false);
  await generator.appendTokens(turns[1] as Int32Array);
  const prompt = generator.getSequence();
  const tokens = await steps(generator, 30);
  assert.equal(tokens, await fresh(model, prompt, 30));
});

test('rewindTo: as if what came after had never been', async ({ model }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(prompt);
  const first = await steps(generator, 12);
  const full = [...prompt, ...first];

  for (const length of [full.length - 1, prompt.length + 5, prompt.length, 4]) {
    await generator.rewindTo(length);
    assert.is(generator.tokenCount, length);
    assert.equal([...generator.getSequence()], full.slice(0, length));
    const expected = await fresh(model, full.slice(0, length), 6);
    assert.equal(await steps(generator, 6), expected, `generate after rewindTo(${length})`);
    await generator.rewindTo(length);
    assert.is(argmax((await generator.getLogits()).values), expected[0], `logits after rewindTo(${length})`);
    await generator.rewindTo(length);
    await generator.appendTokens(full.slice(length));
    assert.equal([...generator.getSequence()], full, `append after rewindTo(${length})`);
  }

  const { tokenCount } = generator;
  await generator.rewindTo(tokenCount);
  assert.is(generator.tokenCount, tokenCount);
  await generator.rewindTo(0);
  assert.is(generator.tokenCount, 0);
  await generator.appendTokens(prompt);
  assert.equal(await steps(generator, 12), first);

  for (const length of [-1, 1.5, Number.NaN, 1000, '3']) {
    await expectError(generator.rewindTo(length as number), 'ERR_GENAI_INVALID_ARGUMENT', 'length must be');
  }
  assert.equal([...generator.getSequence()], full);
});

test('rewindTo after the end of the answer', async ({ model }) => {
  const prompt = await model.tokenizer.encode(ask('What is the capital of France?'));
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(prompt);
  const answer = await steps(generator);
  assert.ok(generator.isDone());
  await generator.rewindTo(prompt.length + 2);
  assert.is(generator.isDone(), false);
  assert.equal(await steps(generator), answer.slice(2));
});

test('rewindTo the length of a finished answer takes its end-of-sequence token back', async ({ model }) => {
  const prompt = await model.tokenizer.encode(ask('What is the capital of France?'));
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(prompt);
  await steps(generator);
  await generator.rewindTo(generator.tokenCount);
  assert.is(argmax((await generator.getLogits()).values), EOS);
  assert.is(generator.isDone(), false);
});

test('getLogits: scores of the next token, without taking a step', async ({ model }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(prompt);
  for (let i = 0; i < 4; i++) {
    const { values, shape } = await generator.getLogits();
    assert.equal(shape, [1, 1, model.vocabSize]);
    assert.is(values.length, model.vocabSize);
    const { tokenCount } = generator;
    assert.equal((await generator.getLogits()).values, values);
    assert.is(generator.tokenCount, tokenCount);
    assert.equal(await steps(generator, 1), [argmax(values)]);
  }
});

test('setLogits: the token it prefers comes, and the answer goes on behind it', async ({ model }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(prompt);
  const forced: number[] = [];
  for (const token of [12345, 7, 31999, 450]) {
    const { values: logits } = await generator.getLogits();
    logits[token] = 500;
    const setting = generator.setLogits(logits);
    logits.fill(0);
    await setting;
    forced.push(...(await steps(generator, 1)));
  }
  assert.equal(forced, [12345, 7, 31999, 450]);
  assert.equal([...generator.getSequence()], [...prompt, ...forced]);
  assert.equal(await steps(generator, 5), await fresh(model, [...prompt, ...forced], 5));
});

test('setLogits step by step, without reading them first', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens([1, 2, 3]);
  for (const token of [12345, 7]) {
    const logits = new Float32Array(model.vocabSize).fill(-50);
    logits[token] = 50;
    await generator.setLogits(logits);
    assert.equal(await steps(generator, 1), [token]);
  }
});

test('setLogits of an empty generator is refused, as getLogits is', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 100 });
  await expectError(generator.setLogits(new Float32Array(model.vocabSize)), 'ERR_GENAI_INVALID_ARGUMENT');
});

test('setLogits after rewindTo', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 100 });
  await generator.appendTokens(noise(20));
  await steps(generator, 3);
  await generator.rewindTo(10);
  const logits = new Float32Array(model.vocabSize).fill(-50);
  logits[777] = 50;
  await generator.setLogits(logits);
  assert.equal(await steps(generator, 1), [777]);
  assert.equal([...generator.getSequence()], [...noise(10), 777]);
});

test('logits: bad calls, each with its code', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 100 });
  await expectError(generator.getLogits(), 'ERR_GENAI_INVALID_ARGUMENT', 'given tokens');
  await expectRejection(generator.generateNextToken());
  await generator.appendTokens([1, 2, 3]);
  const right = model.vocabSize;
  for (const bad of [0, 1, right - 1, right + 1].map(length => new Float32Array(length))) {
    await expectError(generator.setLogits(bad), 'ERR_GENAI_INVALID_ARGUMENT');
  }
  for (const bad of [new Float64Array(right), new Int32Array(right), new ArrayBuffer(right * 4), null, undefined]) {
    await expectError(generator.setLogits(bad as never), 'ERR_GENAI_INVALID_ARGUMENT', 'a Float32Array');
  }
  assert.equal(await steps(generator, 3), await fresh(model, [1, 2, 3], 3));
});

test('a batch of three: rows of unequal length, each as alone', async ({ model }) => {
  const { tokenizer } = model;
  const prompts = ['What is the capital of France?', 'What is the capital of Italy?', 'Who are you?'];
  const rows = await Promise.all(prompts.map(prompt => tokenizer.encode(ask(prompt))));
  await using generator = await model.createGenerator({ batchSize: 3, maxLength: 80 });
  await generator.appendTokenSequences(rows);
  const length = Math.max(...rows.map(row => row.length));
  assert.is(generator.tokenCount, length);
  while (!generator.isDone()) {
    await generator.generateNextToken();
    assert.is(generator.getNextTokens().length, 3);
  }
  for (const [i, row] of rows.entries()) {
    const generated = [...generator.getSequence(i)].slice(length);
    const end = generated.indexOf(EOS);
    const alone = await model.generate(row, { maxNewTokens: 60 });
    assert.equal(generated.slice(0, end < 0 ? generated.length : end), [...alone.tokenIds], prompts[i] as string);
    assert.ok(end < 0 || generated.slice(end + 1).every(token => token === tokenizer.padTokenId));
  }
  for (const index of [3, -1, 1.5, Number.NaN, '0', 2 ** 53]) {
    await expectError(() => generator.getSequence(index as number), 'ERR_GENAI_INVALID_ARGUMENT', 'index');
  }
  await expectError(generator.rewindTo(5), 'ERR_GENAI_INVALID_ARGUMENT');
  assert.is(generator.isDone(), true);
});

test('a batch in flat form', async ({ model }) => {
  const one = await model.tokenizer.encode(ask('What is the capital of France?'));
  const two = await model.tokenizer.encode(ask('What is the capital of Italy?'));
  assert.is(one.length, two.length);
  await using generator = await model.createGenerator({ batchSize: 2, maxLength: 40 });
  for (const bad of [[], [1], [1, 2, 3]]) {
    await expectError(generator.appendTokens(bad), 'ERR_GENAI_INVALID_ARGUMENT', '2 rows');
  }
  await generator.appendTokens([...one, ...two]);
  assert.is(generator.tokenCount, one.length);
  assert.equal([generator.getSequence(0), generator.getSequence(1)], [one, two]);
  assert.equal((await generator.getLogits()).shape, [2, 1, model.vocabSize]);
});

test('beams: sequences best first', async ({ model }) => {
  await using generator = await model.createGenerator({ numBeams: 3, numReturnSequences: 2, maxLength: 60 });
  const prompt = await model.tokenizer.encode(ask('What is 2 + 2?'));
  await generator.appendTokens(prompt);
  while (!generator.isDone()) await generator.generateNextToken();
  const { tokenIds } = await model.generate(prompt, { numBeams: 3, maxNewTokens: 60 - prompt.length });
  assert.equal([...generator.getSequence(0)].slice(prompt.length, prompt.length + tokenIds.length), [...tokenIds]);
  assert.ok(generator.getSequence(1).length >= prompt.length);
  await expectError(() => generator.getSequence(2), 'ERR_GENAI_INVALID_ARGUMENT');
});

test('maxLength: nothing goes beyond it', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 12 });
  await expectError(generator.appendTokens(noise(13)), 'ERR_GENAI_INPUT_TOO_LONG', '13');
  assert.is(generator.tokenCount, 0);
  await generator.appendTokens(noise(10));
  const error = await expectError(generator.appendTokens(noise(3)), 'ERR_GENAI_INPUT_TOO_LONG', 'maxLength 12');
  assert.equal(error.details, { length: 13, maxLength: 12 });
  assert.is((await steps(generator)).length, 2);
  assert.equal([generator.isDone(), generator.tokenCount], [true, 12]);
  await expectError(generator.appendTokens([1]), 'ERR_GENAI_INPUT_TOO_LONG');
  await using batch = await model.createGenerator({ maxLength: 4, batchSize: 2 });
  await expectError(batch.appendTokens(noise(10)), 'ERR_GENAI_INPUT_TOO_LONG');
  await expectError(batch.appendTokenSequences([[1], noise(5)]), 'ERR_GENAI_INPUT_TOO_LONG');
});

test('a step of a full generator does nothing, as after an end-of-sequence token', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 4 });
  await generator.appendTokens([1, 2, 3]);
  await steps(generator);
  assert.is(generator.isDone(), true);
  await generator.generateNextToken();
  assert.is(generator.tokenCount, 4);
});

test('bad tokens, each with its code', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 50 });
  const bad: [unknown, ErrorCode][] = [
    [[], 'ERR_GENAI_INVALID_ARGUMENT'],
    [new Int32Array(0), 'ERR_GENAI_INVALID_ARGUMENT'],
    [undefined, 'ERR_GENAI_INVALID_ARGUMENT'],
    ['abc', 'ERR_GENAI_INVALID_ARGUMENT'],
    [new Float32Array(3), 'ERR_GENAI_INVALID_ARGUMENT'],
    [new BigInt64Array(3), 'ERR_GENAI_INVALID_ARGUMENT'],
    [[-1], 'ERR_GENAI_TOKEN_OUT_OF_RANGE'],
    [[1, 32064], 'ERR_GENAI_TOKEN_OUT_OF_RANGE'],
    [[1, 2 ** 32], 'ERR_GENAI_TOKEN_OUT_OF_RANGE'],
    [['1'], 'ERR_GENAI_TOKEN_OUT_OF_RANGE'],
    [[1n], 'ERR_GENAI_TOKEN_OUT_OF_RANGE'],
    [[null], 'ERR_GENAI_TOKEN_OUT_OF_RANGE'],
    [new Array(3), 'ERR_GENAI_TOKEN_OUT_OF_RANGE'],
  ];
  for (const [tokens, code] of bad) {
    await expectError(generator.appendTokens(tokens as number[]), code);
    await expectError(generator.appendTokenSequences([tokens as number[]]), code);
  }
  for (const rows of [[], [[1], [2]], undefined, 'ab', { length: 1 }]) {
    await expectError(generator.appendTokenSequences(rows as never), 'ERR_GENAI_INVALID_ARGUMENT', 'rows');
  }
  assert.is(generator.tokenCount, 0);
});

test('one call at a time', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 1000 });
  const running = generator.appendTokens(noise(900));
  const busy: (() => unknown)[] = [
    () => generator.appendTokens([1]),
    () => generator.appendTokenSequences([[1]]),
    () => generator.generateNextToken(),
    () => generator.rewindTo(0),
    () => generator.getLogits(),
    () => generator.setLogits(new Float32Array(model.vocabSize)),
    () => generator.isDone(),
    () => generator.tokenCount,
    () => generator.getNextTokens(),
    () => generator.getSequence(),
  ];
  for (const call of busy) await expectError(call, 'ERR_GENAI_BUSY', 'another call');
  generator.setRuntimeOption('enable_profiling', '0');
  await running;
  assert.is(generator.tokenCount, 900);
  assert.equal(await steps(generator, 3), await fresh(model, noise(900), 3));
});

test('abort in a prefill leaves the generator as it was', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 3600 });
  const prompt = noise(30);
  const expected = await fresh(model, prompt, 8);
  for (const [round, delay] of [0, 3, 30].entries()) {
    const controller = new AbortController();
    const reason = new Error(`round ${round}`);
    const running = generator.appendTokens(noise(3500), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), delay);
    assert.is(await expectRejection(running), reason);
    assert.is(generator.tokenCount, 0);
    await generator.appendTokens(prompt);
    assert.equal(await steps(generator, 8), expected);
    await generator.rewindTo(0);
  }

  await generator.appendTokens(prompt);
  const before = await steps(generator, 4);
  const sequence = generator.getSequence();
  await expectRejection(generator.appendTokens(noise(3500), { signal: AbortSignal.timeout(20) }));
  assert.equal(generator.getSequence(), sequence);
  assert.is(argmax((await generator.getLogits()).values), expected[4]);
  assert.equal([...before, ...(await steps(generator, 4))], expected, 'goes on as if nothing had happened');

  const again = generator.getSequence();
  await expectRejection(generator.appendTokens(noise(3500), { signal: AbortSignal.timeout(20) }));
  await generator.appendTokens(noise(50));
  assert.equal(await steps(generator, 4), await fresh(model, [...again, ...noise(50)], 4));
});

test('abort in the prefill of a batch', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 1600, batchSize: 2 });
  const rows = [noise(1500), noise(1500)];
  await expectRejection(generator.appendTokenSequences(rows, { signal: AbortSignal.timeout(20) }));
  assert.is(generator.tokenCount, 0);
  await generator.appendTokenSequences([noise(10), noise(10)]);
  await generator.generateNextToken();
  const [expected] = await fresh(model, noise(10), 1);
  assert.equal([...generator.getNextTokens()], [expected, expected]);
});

test('a signal that has fired already: nothing is run', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens([1, 2]);
  const reason = new Error('early');
  const options = { signal: AbortSignal.abort(reason) };
  assert.is(await expectRejection(generator.appendTokens([3], options)), reason);
  assert.is(await expectRejection(generator.appendTokenSequences([[3]], options)), reason);
  assert.is(await expectRejection(generator.generateNextToken(options)), reason);
  assert.is(generator.tokenCount, 2);
  const used = new AbortController();
  await generator.generateNextToken({ signal: used.signal });
  used.abort();
  await generator.generateNextToken();
  assert.is(generator.tokenCount, 4);
});

test('something else than a signal is refused before anything runs', async () => {
  const { stdout, stderr, code } = await runInChild(`
    const model = await loadDemoModel();
    const generator = await model.createGenerator({ maxLength: 2000 });
    for (const signal of [{}, 'abort', 1, new AbortController()]) {
      const tried = generator.appendTokens(noise(1000), { signal: signal as AbortSignal });
      console.log(await tried.then(() => 'resolved', (error: GenAIError) => error.code), generator.tokenCount);
    }
    await generator.dispose();
  `);
  assert.equal([code, stderr], [0, '']);
  assert.equal(stdout.trim().split('\n'), Array(4).fill('ERR_GENAI_INVALID_ARGUMENT 0'));
});

test('dispose: in a prefill, between steps, in a step, twice', async ({ model }) => {
  const prefill = await model.createGenerator({ maxLength: 3600 });
  const running = prefill.appendTokens(noise(3500));
  await sleep(20);
  const disposed = Promise.all([prefill.dispose(), prefill.dispose()]);
  await expectError(running, 'ERR_GENAI_DISPOSED');
  await disposed;

  const queued = await model.createGenerator({ maxLength: 3600 });
  const appending = queued.appendTokens(noise(3500));
  void queued.dispose();
  await expectError(appending, 'ERR_GENAI_DISPOSED');

  const stepping = await model.createGenerator({ maxLength: 50 });
  await stepping.appendTokens([1, 2]);
  const step = stepping.generateNextToken().catch((error: { code?: string }) => error.code);
  await stepping.dispose();
  assert.ok([undefined, 'ERR_GENAI_DISPOSED'].includes((await step) ?? undefined));

  const idle = await model.createGenerator({ maxLength: 50 });
  await idle.dispose();
  await idle.dispose();
  idle[Symbol.dispose]();
});

test('after dispose every method refuses', async ({ model }) => {
  const generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens([1, 2]);
  await generator.dispose();
  const calls: (() => unknown)[] = [
    () => generator.appendTokens([1]),
    () => generator.appendTokenSequences([[1]]),
    () => generator.generateNextToken(),
    () => generator.isDone(),
    () => generator.tokenCount,
    () => generator.getNextTokens(),
    () => generator.getSequence(),
    () => generator.rewindTo(0),
    () => generator.getLogits(),
    () => generator.setLogits(new Float32Array(model.vocabSize)),
    () => generator.setRuntimeOption('enable_profiling', '0'),
  ];
  for (const call of calls) await expectError(call, 'ERR_GENAI_DISPOSED');
});

test('a generator outlives its model', async () => {
  const model = await loadDemoModel();
  const generator = await model.createGenerator({ maxLength: 50 });
  const params = new GeneratorParams(model);
  await model.dispose();
  await generator.appendTokens([1, 2, 3]);
  assert.is((await steps(generator, 3)).length, 3);
  await generator.dispose();
  await expectError(() => params.get('topK'), 'ERR_GENAI_DISPOSED');
  await expectError(model.createGenerator(params), 'ERR_GENAI_DISPOSED');
});

test('terminate_session by the user: every run fails until it is taken back', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 3600 });
  await generator.appendTokens([1, 2, 3]);
  generator.setRuntimeOption('terminate_session', '1');
  await expectError(generator.generateNextToken(), 'ERR_GENAI_NATIVE', 'erminated');
  await expectError(generator.appendTokens([4]), 'ERR_GENAI_NATIVE', 'erminated');
  await expectError(() => generator.isDone(), 'ERR_GENAI_NATIVE', 'terminated');
  assert.is(generator.tokenCount, 3);
  generator.setRuntimeOption('terminate_session', '0');
  assert.is(generator.isDone(), false);
  assert.equal(await steps(generator, 4), await fresh(model, [1, 2, 3], 4));

  await generator.rewindTo(0);
  const prefill = generator.appendTokens(noise(3500));
  setTimeout(() => generator.setRuntimeOption('terminate_session', '1'), 20);
  await expectError(prefill, 'ERR_GENAI_NATIVE', 'terminate');
  generator.setRuntimeOption('terminate_session', '0');
  assert.is(generator.tokenCount, 0);
  await generator.appendTokens([1, 2, 3]);
  assert.equal(await steps(generator, 4), await fresh(model, [1, 2, 3], 4));

  for (const [key, value] of [
    ['terminate_session', 'maybe'],
    ['terminate_session', 1],
    [1, '1'],
    [undefined, undefined],
  ]) {
    await expectError(() => generator.setRuntimeOption(key as string, value as string), 'ERR_GENAI_INVALID_ARGUMENT');
  }
});

test('a run that fails after rewindTo loses no token', async ({ model }) => {
  await using generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens([1, 2, 3, 4, 5]);
  await generator.rewindTo(4);
  generator.setRuntimeOption('terminate_session', '1');
  await expectError(generator.getLogits(), 'ERR_GENAI_NATIVE', 'erminated');
  generator.setRuntimeOption('terminate_session', '0');
  assert.equal([...generator.getSequence()], [1, 2, 3, 4]);
  assert.equal(await steps(generator, 3), await fresh(model, [1, 2, 3, 4], 3));
});

const WRITE_ONLY = ['blankPenalty', 'audioTemperature', 'audioTopK', 'audioInterleaved'];

test('params: every option goes in and comes back', async ({ model }) => {
  const params = new GeneratorParams(model);
  const numbers: Record<string, number[]> = {
    maxLength: [1, 77, 4096],
    minLength: [0, 5],
    batchSize: [1, 32],
    numBeams: [1, 32],
    temperature: [0, 0.25, 100],
    topK: [0, 1, 32064],
    topP: [0, 0.5, 1],
    repetitionPenalty: [0.5, 2],
    lengthPenalty: [-1, 0, 2.5],
    noRepeatNgramSize: [0, 3],
    diversityPenalty: [-0.5, 0.5],
    seed: [0, 2 ** 31 - 1],
    chunkSize: [0, 128],
    blankPenalty: [0.5],
    audioTemperature: [0.5],
    audioTopK: [5],
  };
  for (const name of Object.keys(SEARCH_NUMBERS)) {
    if (name === 'numReturnSequences') continue;
    assert.ok(numbers[name] !== undefined, `no values for the option ${name}`);
    for (const value of numbers[name] ?? []) {
      params.set({ [name]: value });
      if (WRITE_ONLY.includes(name)) {
        await expectError(() => params.get(name as keyof SearchOptions), 'ERR_GENAI_INVALID_ARGUMENT');
      } else assert.is(params.get(name as keyof SearchOptions), value, name);
    }
  }
  params.set({ numBeams: 4, numReturnSequences: 3 });
  assert.equal([params.get('numBeams'), params.get('numReturnSequences')], [4, 3]);
  await expectError(() => params.set({ doSample: true }), 'ERR_GENAI_INVALID_ARGUMENT', 'numBeams');
  params.set({ numBeams: 1, numReturnSequences: 1 });
  for (const name of Object.keys(SEARCH_BOOLEANS)) {
    for (const value of [true, false]) {
      params.set({ [name]: value });
      if (WRITE_ONLY.includes(name)) {
        await expectError(() => params.get(name as keyof SearchOptions), 'ERR_GENAI_INVALID_ARGUMENT');
      } else assert.is(params.get(name as keyof SearchOptions), value, name);
    }
  }
});

test('params: defaults are those of the model but for maxLength, undefined leaves them', async ({ model }) => {
  const params = new GeneratorParams(model, { topK: undefined, temperature: undefined });
  assert.equal(
    (['maxLength', 'topK', 'temperature', 'doSample', 'numBeams'] as const).map(name => params.get(name)),
    [2048, 50, 1, false, 1],
  );
  params.set({});
  const given = new GeneratorParams(model, { maxLength: 9 });
  await using generator = await model.createGenerator(given);
  given.set({ maxLength: 20 });
  await expectError(generator.appendTokens(noise(10)), 'ERR_GENAI_INPUT_TOO_LONG', '9');
});

test('params: bad names and values are refused, and nothing is set', async ({ model }) => {
  const params = new GeneratorParams(model);
  const bad: [string, unknown, string][] = [
    ['nonsense', 1, 'nonsense'],
    ['top_k', 1, 'topK'],
    ['TOPK', 1, 'topK'],
    ['max_new_tokens', 1, 'max_new_tokens'],
    ['stop', 'x', 'stop'],
    ['maxLength', 0, 'from 1 to 4096'],
    ['maxLength', 4097, 'from 1 to 4096'],
    ['maxLength', '5', 'maxLength'],
    ['minLength', -1, 'minLength'],
    ['batchSize', 0, 'batchSize'],
    ['batchSize', 33, 'batchSize'],
    ['numBeams', 1.5, 'numBeams'],
    ['numReturnSequences', 2, 'numReturnSequences'],
    ['temperature', Number.POSITIVE_INFINITY, 'temperature'],
    ['temperature', null, 'temperature'],
    ['topK', 32065, 'topK'],
    ['topP', -0.1, 'topP'],
    ['repetitionPenalty', 0, 'above 0'],
    ['lengthPenalty', Number.NaN, 'finite'],
    ['seed', 2 ** 31, 'seed'],
    ['seed', -1, 'seed'],
    ['doSample', 1, 'a boolean'],
    ['earlyStopping', 'true', 'a boolean'],
    ['chunkSize', 2 ** 31, 'chunkSize'],
    ['noRepeatNgramSize', 1n, 'noRepeatNgramSize'],
  ];
  for (const [name, value, text] of bad) {
    const options = { topP: 0.123, [name]: value } as SearchOptions;
    await expectError(() => params.set(options), 'ERR_GENAI_INVALID_ARGUMENT', text);
    assert.is(params.get('topP'), 1, `${name} was refused, but topP was set`);
    await expectError(model.createGenerator(options), 'ERR_GENAI_INVALID_ARGUMENT', text);
  }
  await expectError(() => params.get('nonsense' as 'topK'), 'ERR_GENAI_INVALID_ARGUMENT', 'nonsense');
  await expectError(() => params.set({ numBeams: 2, doSample: true }), 'ERR_GENAI_INVALID_ARGUMENT', 'numBeams');
});

test('params: names that every object has are unknown options too', async ({ model }) => {
  const params = new GeneratorParams(model);
  for (const name of ['toString', 'constructor', 'hasOwnProperty']) {
    await expectError(() => params.set({ [name]: 1 } as SearchOptions), 'ERR_GENAI_INVALID_ARGUMENT', name);
    await expectError(() => params.get(name as 'topK'), 'ERR_GENAI_INVALID_ARGUMENT', name);
  }
});

test('params: what a generator was made with stays, whatever is set afterwards', async ({ model }) => {
  const params = new GeneratorParams(model, { maxLength: 16, pastPresentShareBuffer: false });
  await using generator = await model.createGenerator(params);
  await generator.appendTokens([450, 7483, 310]);
  params.set({ maxLength: 4000, minLength: 3999, batchSize: 32, numBeams: 4, numReturnSequences: 2 });
  for (let i = 0; i < 20; i++) await generator.generateNextToken();
  assert.ok(generator.tokenCount <= 16, `${generator.tokenCount} tokens`);
  assert.is(params.get('numReturnSequences'), 2);
});

test('params: of another model, or no options at all, are refused', async ({ model }) => {
  await using other = await loadDemoModel();
  await expectError(model.createGenerator(new GeneratorParams(other)), 'ERR_GENAI_INVALID_ARGUMENT', 'this very model');
  await expectError(() => model.createGenerator(null as unknown as GeneratorParams), 'ERR_GENAI_INVALID_ARGUMENT');
  assert.is(new GeneratorParams(model).get('maxLength'), 2048);
});

test.run();
