/** The engine with static batching, which every model has. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { capabilities, type Engine, type Model, type Turn, type TurnOptions } from '../../src/index.ts';
import { ask, loadDemoModel, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { answerOf, eventsOf } from '../helpers/engine.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model; engine: Engine }>('engine');

test.before(async context => {
  context.model = await loadDemoModel();
  context.engine = await context.model.createEngine();
});
test.after(async ({ model, engine }) => {
  await engine.dispose();
  await model.dispose();
});

const QUESTIONS = [SPAIN, STORY, ...['Hello!', 'What is 2 + 2?', 'Who are you?', 'Say the alphabet.'].map(ask)];

test('what it is and was configured for', async ({ model, engine }) => {
  const { features } = await capabilities();
  assert.is(engine.maxSessionTokens, model.contextLength);
  assert.is(engine.maxDraftTokens, 0);
  assert.equal([engine.isDead, engine.isBlocked], [false, false]);
  if (features.engineCapabilities) {
    const expected = { configuredMaxBatchSize: 4, maxScheduledTokens: 0, maxRequestLength: 0 };
    assert.equal(await engine.capabilities(), expected);
  } else {
    await expectError(engine.capabilities(), 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY');
  }
  if (features.engine) {
    const { rounds, acceptanceRate, formulaSupported, acceptedLengths } = await engine.getSpeculativeStats();
    assert.equal([rounds, acceptanceRate, formulaSupported], [0, 0, false]);
    assert.ok(acceptedLengths.length > 0 && acceptedLengths.every(count => count === 0));
  } else {
    await expectError(engine.getSpeculativeStats(), 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', '0.16');
  }
});

test('many at once with prompts of mixed length: the tokens and texts of generate()', async ({ model, engine }) => {
  const lengths = [10, 60, 200, 33, 1, 500];
  const prompts = [
    ...(await Promise.all(QUESTIONS.map(text => model.tokenizer.encode(text)))),
    ...lengths.map(length => noise(length)),
  ];
  const options = { maxNewTokens: 50, text: true };
  const answers = await Promise.all(prompts.map(prompt => answerOf(engine, prompt, options)));
  for (const [i, answer] of answers.entries()) {
    const alone = await model.generate(prompts[i] as Int32Array, { maxNewTokens: 50 });
    const { tokenIds, text, finishReason, usage } = alone;
    assert.equal(answer, { tokenIds, text, finishReason, usage }, `prompt ${i}`);
  }
});

test('turns that begin within a moment are one batch, also when they follow a batch that has ended', async ({
  engine,
}) => {
  const length = { minNewTokens: 100, maxNewTokens: 100 };
  let whole = 0; // a pause of this process between two calls may split a round
  const wanted = SLOWNESS > 1 ? 1 : 6;
  for (let round = 0; whole < wanted; ++round) {
    assert.ok(round < 9, `${whole} rounds of ${round} were one batch`);
    const requests = await Promise.all([1, 2, 3, 4].map(() => engine.createRequest()));
    const before = await engine.createRequest();
    await before.beginTurn([450], { maxNewTokens: 1 }).result; // it ends with the first step
    await before.close();
    await setTimeout(30); // the engine's thread sleeps: it would begin at once
    const seen: string[] = [];
    const read = async (turn: Turn): Promise<void> => {
      for await (const { type } of turn) seen.push(type);
    };
    const turns: Promise<void>[] = [];
    for (const [i, request] of requests.entries()) {
      turns.push(read(request.beginTurn([450, 7483, 310 + i], length)));
      for (const until = performance.now() + 0.4; performance.now() < until; ) await setImmediate();
    }
    await Promise.all(turns);
    if (seen.indexOf('end') > 3 * 100) ++whole;
    await Promise.all(requests.map(request => request.close()));
  }
});

test('events: each token with its text, then the end', async ({ model, engine }) => {
  await using request = await engine.createRequest();
  const prompt = await model.tokenizer.encode(SPAIN);
  const turn = request.beginTurn(prompt, { text: true, maxNewTokens: 30 });
  const events = await eventsOf(turn);
  const { tokenIds, text, ...end } = await turn.result;
  const tokens = events.flatMap(event => (event.type === 'token' ? [event] : []));
  assert.equal(events.at(-1), { type: 'end', ...end });
  assert.is(events.length, tokens.length + 1);
  assert.equal(
    tokens.map(({ index, tokenId }) => [index, tokenId]),
    [...tokenIds.entries()],
  );
  assert.is(tokens.map(event => event.text).join(''), text);
  assert.equal(end, { finishReason: 'length', usage: { inputTokens: 10, outputTokens: 30, cachedInputTokens: 0 } });
});

test('without text there is none, anywhere', async ({ engine }) => {
  await using request = await engine.createRequest();
  const turn = request.beginTurn([450], { maxNewTokens: 2, stop: ['nowhere'] });
  const events = await eventsOf(turn);
  assert.equal(
    events.map(event => Object.keys(event).sort()),
    [
      ['index', 'tokenId', 'type'],
      ['index', 'tokenId', 'type'],
      ['finishReason', 'type', 'usage'],
    ],
  );
  assert.is('text' in (await turn.result), false);
});

test('stop strings across token borders: as stream() has them, with and without text', async ({ model, engine }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  for (const stop of ['drid', ' Madrid. It', 'he', 'capital of Spain is M', ['nowhere', 'large', 'larg']]) {
    const alone = await model.generate(prompt, { maxNewTokens: 40, stop });
    const { matchedStop, tokenIds, text, finishReason } = alone;
    for (const wanted of [true, false]) {
      const answer = await answerOf(engine, prompt, { maxNewTokens: 40, stop, text: wanted });
      assert.equal([answer.matchedStop, answer.tokenIds, answer.finishReason], [matchedStop, tokenIds, finishReason]);
      assert.is(answer.text, wanted ? text : undefined);
      assert.is(answer.usage.outputTokens, tokenIds.length);
    }
  }
});

test('what could become a stop string is held back, and comes when it does not', async ({ model, engine }) => {
  await using request = await engine.createRequest();
  const turn = request.beginTurn(await model.tokenizer.encode(SPAIN), {
    maxNewTokens: 12,
    text: true,
    stop: ' of Spain was',
  });
  const events = await eventsOf(turn);
  const { text } = await turn.result;
  assert.match(text ?? '', 'The capital of Spain is Madrid');
  assert.is(events.map(event => (event.type === 'token' ? event.text : '')).join(''), text);
});

const SAMPLING: [string, TurnOptions][] = [
  ['a temperature', { temperature: 0.7 }],
  ['topK alone', { topK: 5 }],
  ['topP alone', { topP: 0.9 }],
  ['temperature 0 with topP', { temperature: 0, topP: 0.5 }],
  ['doSample with topK 0 and topP 0', { doSample: true, topK: 0, topP: 0 }],
  ['the model', { doSample: 'model' }],
  ['penalties', { repetitionPenalty: 1.2, noRepeatNgramSize: 3 }],
];

for (const [name, options] of SAMPLING) {
  test(`options that the engine takes: ${name}`, async ({ engine }) => {
    const { usage } = await answerOf(engine, [450, 7483, 310], { ...options, minNewTokens: 5, maxNewTokens: 5 });
    assert.is(usage.outputTokens, 5);
  });
}

test('temperature 0 is greedy, whatever else is given', async ({ engine }) => {
  const greedy = await answerOf(engine, [450, 7483, 310], { maxNewTokens: 10 });
  const zero = await answerOf(engine, [450, 7483, 310], { maxNewTokens: 10, temperature: 0, topK: 50, topP: 0.9 });
  assert.equal(zero.tokenIds, greedy.tokenIds);
});

test('minNewTokens holds the end back, maxNewTokens ends', async ({ model, engine }) => {
  const prompt = await model.tokenizer.encode(ask('Hello!'));
  const free = await answerOf(engine, prompt);
  const longer = await answerOf(engine, prompt, { minNewTokens: 30, maxNewTokens: 30 });
  const cut = await answerOf(engine, prompt, { maxNewTokens: 3 });
  assert.equal([free.finishReason, longer.finishReason, cut.finishReason], ['stop', 'length', 'length']);
  assert.equal([longer.usage.outputTokens, cut.usage.outputTokens], [30, 3]);
  assert.equal(longer.tokenIds.subarray(0, free.tokenIds.length), free.tokenIds);
});

test('an answer as a pattern, a schema and a grammar want it', async ({ model, engine }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  if (!(await capabilities()).features.engine) {
    const refused = answerOf(engine, prompt, { responseFormat: { type: 'regex', pattern: 'a' } });
    await expectError(refused, 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', '0.16');
    return;
  }
  const schema = {
    type: 'object',
    properties: { a: { type: 'boolean' } },
    required: ['a'],
    additionalProperties: false,
  };
  const formats = [
    [{ type: 'regex', pattern: 'abc[0-9]{2}' }, /^abc\d\d$/],
    [{ type: 'json_schema', schema }, /^\{\s*"a"\s*:\s*(true|false)\s*\}$/],
    [{ type: 'lark', grammar: 'start: "yes" | "no"' }, /^(yes|no)$/],
  ] as const;
  for (const [responseFormat, expected] of formats) {
    const { text, finishReason } = await answerOf(engine, prompt, { responseFormat, text: true, maxNewTokens: 60 });
    assert.is(finishReason, 'stop');
    assert.match((text ?? '').trim(), expected);
  }
  await expectError(
    answerOf(engine, prompt, { responseFormat: { type: 'regex', pattern: '((' } }),
    'ERR_GENAI_GUIDANCE_REFUSED',
  );
  assert.is((await answerOf(engine, prompt, { maxNewTokens: 3, text: true })).text, 'The capital of');
});

test('the tokens that were given may be changed as soon as the turn has begun', async ({ engine }) => {
  const tokens = Int32Array.of(450, 7483, 310);
  const expected = await answerOf(engine, tokens, { maxNewTokens: 5 });
  await using request = await engine.createRequest();
  const turn = request.beginTurn(tokens, { maxNewTokens: 5 });
  tokens.fill(9);
  assert.equal((await turn.result).tokenIds, expected.tokenIds);
});

test('tokens and their texts wait for a JS thread that is busy; the engine goes on meanwhile', async ({ engine }) => {
  await using request = await engine.createRequest();
  const options = { minNewTokens: 200, maxNewTokens: 200, text: true };
  let started = performance.now();
  await answerOf(engine, [450], options);
  const usual = performance.now() - started;
  const turn = request.beginTurn([450], options);
  const until = performance.now() + 4 * usual;
  while (performance.now() < until);
  started = performance.now();
  assert.is((await eventsOf(turn)).length, 201);
  assert.ok(performance.now() - started < usual / 2, 'nothing was left to compute');
});

test('two engines on one model, at once', async ({ model, engine }) => {
  await using other = await model.createEngine();
  const prompt = await model.tokenizer.encode(SPAIN);
  const options = { maxNewTokens: 40 };
  const answers = await Promise.all([
    answerOf(engine, prompt, options),
    answerOf(other, prompt, options),
    model.generate(prompt, options),
  ]);
  assert.equal(answers[0].tokenIds, answers[2].tokenIds);
  assert.equal(answers[1].tokenIds, answers[2].tokenIds);
});

test('an engine goes on after the dispose of its model', async () => {
  const model = await loadDemoModel();
  await using engine = await model.createEngine();
  await model.dispose();
  assert.is((await answerOf(engine, [450, 7483, 310], { maxNewTokens: 4 })).usage.outputTokens, 4);
  await expectError(model.createEngine(), 'ERR_GENAI_DISPOSED');
});

test('a model whose defaults no request could have is refused with the way out', async () => {
  await using beams = await loadDemoModel({ configOverlay: { search: { num_beams: 2 } } });
  const error = await expectError(beams.createEngine(), 'ERR_GENAI_INVALID_ARGUMENT', 'num_beams: 1');
  assert.equal(error.details, { numBeams: 2, minLength: 0 });
  if (!(await capabilities()).features.engine) return;
  await using paged = await loadDemoModel({ configOverlay: { engine: { dynamic_batching: { num_blocks: 4 } } } });
  await expectError(paged.createEngine(), 'ERR_GENAI_MODEL_INVALID', 'The engine cannot be made');
});

test('one reader, in order, also of calls that do not wait for each other', async ({ engine }) => {
  await using request = await engine.createRequest();
  const turn = request.beginTurn([450], { maxNewTokens: 3, minNewTokens: 3 });
  const reader = turn[Symbol.asyncIterator]();
  assert.is(((await expectRejection(() => turn[Symbol.asyncIterator]())) as { code?: string }).code, 'ERR_GENAI_BUSY');
  const results = await Promise.all(Array.from({ length: 6 }, () => reader.next()));
  assert.equal(
    results.map(({ done, value }) => (done === true ? 'done' : value.type)),
    ['token', 'token', 'token', 'end', 'done', 'done'],
  );
});

test.run();
