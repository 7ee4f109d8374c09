/** Turns of a request: one after the other, taken back, ended from outside. */
import * as assert from 'uvu/assert';
import { capabilities, type Engine, type Model, type Turn } from '../../src/index.ts';
import { ask, loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { answerOf } from '../helpers/engine.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model; engine: Engine; turns: boolean; rewinds: boolean }>('turns of an engine');

/** Ends the messages of the demo model's chat format; the engine keeps none of those that ended an answer. */
const END = 32007;

/** Goes on until it is ended. */
const ENDLESS = { minNewTokens: 3000, maxNewTokens: 3000 };

test.before(async context => {
  const { features } = await capabilities();
  context.turns = features.engine;
  context.rewinds = features.engineCapabilities; // came in the same version
  context.model = await loadDemoModel();
  context.engine = await context.model.createEngine();
});
test.after(async ({ model, engine }) => {
  await engine.dispose();
  await model.dispose();
});

async function conversation(model: Model): Promise<Int32Array[]> {
  const questions = ['What is the capital of Spain?', 'What is the capital of France?', 'What is 2 + 2?'];
  const prompts = await Promise.all(questions.map(question => model.tokenizer.encode(ask(question))));
  return prompts.map((prompt, i) => (i === 0 ? prompt : Int32Array.of(END, ...prompt)));
}

/** What a fresh prompt gives that holds the whole conversation so far. */
async function wholePrompt(engine: Engine, prompts: readonly Int32Array[]): Promise<number[][]> {
  const answers: number[][] = [];
  const held: number[] = [];
  for (const prompt of prompts) {
    held.push(...prompt);
    const { tokenIds } = await answerOf(engine, held, { maxNewTokens: 100 });
    answers.push([...tokenIds]);
    held.push(...tokenIds);
  }
  return answers;
}

test('turns go on as one long prompt does', async ({ model, engine, turns }) => {
  const prompts = await conversation(model);
  const expected = await wholePrompt(engine, turns ? prompts : prompts.slice(0, 1));
  await using request = await engine.createRequest();
  let tokenCount = 0;
  for (const [i, answer] of expected.entries()) {
    const prompt = prompts[i] as Int32Array;
    const turn = request.beginTurn(prompt, { maxNewTokens: 100 });
    assert.is(turn.id, i + 1);
    const { tokenIds, usage } = await turn.result;
    assert.equal([...tokenIds], answer, `turn ${i}`);
    assert.equal([usage.inputTokens, usage.outputTokens], [prompt.length, answer.length]);
    tokenCount += prompt.length + answer.length;
    assert.is(request.tokenCount, tokenCount);
  }
  if (!turns) {
    await expectError(request.beginTurn([END]).result, 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', '0.16');
  }
});

test('a turn is taken back with all that came after it', async ({ model, engine, turns, rewinds }) => {
  const prompts = await conversation(model);
  await using request = await engine.createRequest();
  const [first, second, third] = prompts as [Int32Array, Int32Array, Int32Array];
  await request.beginTurn(first, { maxNewTokens: 100 }).result;
  if (!rewinds) {
    await expectError(request.rewindToStartOfTurn(1), 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY');
    if (!turns) return;
  }
  const held = request.tokenCount;
  const expected = await request.beginTurn(third, { maxNewTokens: 100 }).result;
  if (!rewinds) return;
  await request.rewindToStartOfTurn(2);
  assert.is(request.tokenCount, held);
  await request.beginTurn(second, { maxNewTokens: 100 }).result;
  await request.rewindToStartOfTurn(3);
  const again = request.beginTurn(third, { maxNewTokens: 100 });
  assert.is(again.id, 4, 'ids go on counting up');
  assert.equal((await again.result).tokenIds, expected.tokenIds);
  await expectError(request.rewindToStartOfTurn(2), 'ERR_GENAI_INVALID_ARGUMENT', '(1, 4)');
  await request.rewindToStartOfTurn(1);
  assert.is(request.tokenCount, 0);
  const { tokenIds } = await request.beginTurn(first, { maxNewTokens: 100 }).result;
  assert.equal(tokenIds, (await answerOf(engine, first, { maxNewTokens: 100 })).tokenIds);
});

test('cancel ends one turn with what it has, and no other', async ({ model, engine }) => {
  const prompt = await model.tokenizer.encode(SPAIN);
  const expected = await answerOf(engine, prompt, { maxNewTokens: 60 });
  await using long = await engine.createRequest();
  await using other = await engine.createRequest();
  const endless = long.beginTurn(prompt, { ...ENDLESS, text: true });
  const answer = other.beginTurn(prompt, { maxNewTokens: 60 });
  let read = 0;
  for await (const event of endless) {
    if (event.type !== 'token') assert.is(event.finishReason, 'abort');
    else if (++read === 5) endless.cancel();
  }
  const { tokenIds, finishReason, text } = await endless.result;
  assert.is(finishReason, 'abort');
  assert.ok(tokenIds.length >= 5 && tokenIds.length < 3000);
  assert.is(tokenIds.length, read);
  assert.ok((text ?? '').length > 0);
  endless.cancel();
  assert.equal((await answer.result).tokenIds, expected.tokenIds);
});

test('a turn that waits for its place can be cancelled', async ({ engine }) => {
  await using busy = await engine.createRequest();
  const running = busy.beginTurn([450], ENDLESS);
  await running[Symbol.asyncIterator]().next();
  await using waiting = await engine.createRequest();
  const turn = waiting.beginTurn([450]);
  turn.cancel();
  const { finishReason, tokenIds } = await turn.result;
  assert.equal([finishReason, tokenIds.length], ['abort', 0]);
  running.cancel();
  await running.result;
});

test('what a cancelled turn has said stays said: the next one goes on behind it', async ({ model, engine, turns }) => {
  if (!turns) return;
  const prompt = await model.tokenizer.encode(SPAIN);
  const more = [END, ...(await model.tokenizer.encode(ask('Hello!')))];
  for (const running of [true, false]) {
    await using request = await engine.createRequest();
    const turn = request.beginTurn(prompt, ENDLESS);
    if (running) await turn[Symbol.asyncIterator]().next();
    turn.cancel();
    const { tokenIds } = await turn.result;
    assert.is(request.tokenCount, prompt.length + tokenIds.length);
    const next = await request.beginTurn(more, { maxNewTokens: 10 }).result;
    const fresh = await answerOf(engine, [...prompt, ...tokenIds, ...more], { maxNewTokens: 10 });
    assert.equal(next.tokenIds, fresh.tokenIds);
  }
});

test('a deadline ends one turn, and no other', async ({ engine }) => {
  await using one = await engine.createRequest();
  await using two = await engine.createRequest();
  const late = one.beginTurn([450], { ...ENDLESS, timeoutMs: 50 });
  const other = two.beginTurn([450], { minNewTokens: 300, maxNewTokens: 300, timeoutMs: 60_000 });
  const { finishReason, usage } = await late.result;
  assert.is(finishReason, 'abort');
  assert.ok(usage.outputTokens < 3000);
  assert.is((await other.result).finishReason, 'length');
});

test('a signal ends a turn with its reason', async ({ engine }) => {
  const controller = new AbortController();
  const reason = new Error('enough');
  await using request = await engine.createRequest();
  const turn = request.beginTurn([450], { ...ENDLESS, signal: controller.signal });
  const read = async (): Promise<void> => {
    for await (const event of turn) if (event.type === 'token' && event.index === 2) controller.abort(reason);
  };
  assert.is(await expectRejection(read()), reason);
  assert.is(await expectRejection(turn.result), reason);
  assert.is(await expectRejection(() => request.beginTurn([450], { signal: controller.signal })), reason);
});

test('leaving the loop, also by an error, cancels the turn', async ({ engine }) => {
  const leave: ((turn: Turn) => Promise<unknown>)[] = [
    async turn => {
      for await (const _ of turn) break;
    },
    turn =>
      expectRejection(async () => {
        for await (const _ of turn) throw new Error('mine');
      }),
    async turn => turn[Symbol.asyncIterator]().return?.(),
    async turn => {
      const reader = turn[Symbol.asyncIterator]();
      const next = reader.next();
      await reader.return?.();
      assert.equal(await next, { done: true, value: undefined });
    },
  ];
  for (const act of leave) {
    await using request = await engine.createRequest();
    const turn = request.beginTurn([450], ENDLESS);
    await act(turn);
    assert.is((await turn.result).finishReason, 'abort');
  }
});

test('one turn at a time; what is refused leaves the request as it is', async ({ engine, turns }) => {
  await using request = await engine.createRequest({ maxSessionTokens: 40 });
  assert.is(request.maxSessionTokens, 40);
  await expectError(() => request.beginTurn(noise(40)), 'ERR_GENAI_INPUT_TOO_LONG', '40');
  const turn = request.beginTurn([450], { minNewTokens: 5, maxNewTokens: 5 });
  await expectError(() => request.beginTurn([450]), 'ERR_GENAI_BUSY');
  await expectError(request.rewindToStartOfTurn(1), 'ERR_GENAI_BUSY');
  await turn.result;
  assert.is(request.tokenCount, 6);
  if (!turns) return;
  const rest = request.beginTurn([450, 7483], { minNewTokens: 32 });
  assert.is(rest.id, 2);
  const { finishReason, usage } = await rest.result;
  assert.equal([finishReason, usage.outputTokens], ['length', 32], 'what the request had left');
  assert.is(request.tokenCount, 40);
  await expectError(() => request.beginTurn([450]), 'ERR_GENAI_INPUT_TOO_LONG');
});

test('a static engine goes on with a request only while that is alone, and says so', async ({ engine, turns }) => {
  if (!turns) return;
  await using one = await engine.createRequest();
  await using two = await engine.createRequest();
  const begun = [one, two].map(request => request.beginTurn([450], { minNewTokens: 5, maxNewTokens: 5 }));
  await Promise.all(begun.map(turn => turn.result));
  await expectError(one.beginTurn([450]).result, 'ERR_GENAI_NATIVE', 'static batching');
});

test('a second turn whose guidance the library refuses; the request goes on', async ({ engine, turns }) => {
  if (!turns) return;
  using request = await engine.createRequest();
  await request.beginTurn([450], { maxNewTokens: 3 }).result;
  const broken = request.beginTurn([END, 450], { responseFormat: { type: 'regex', pattern: '((' } });
  await expectError(broken.result, 'ERR_GENAI_GUIDANCE_REFUSED', 'unclosed group');
  assert.is((await request.beginTurn([END, 450], { maxNewTokens: 3 }).result).usage.outputTokens, 3);
});

test.run();
