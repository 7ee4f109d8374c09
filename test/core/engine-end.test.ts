/** The end of requests and engines, with turns that run. */
import * as assert from 'uvu/assert';
import { type Engine, GenAIError, type Model, type Turn } from '../../src/index.ts';
import { loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { answerOf, eventsOf } from '../helpers/engine.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model; engine: Engine }>('end of an engine');

/** Goes on until it is ended. */
const ENDLESS = { minNewTokens: 3000, maxNewTokens: 3000 };

test.before(async context => {
  context.model = await loadDemoModel();
  context.engine = await context.model.createEngine();
});
test.after(async ({ model, engine }) => {
  await engine.dispose();
  await model.dispose();
});

test('a request closed while its turn runs, and closed again', async ({ engine }) => {
  const request = await engine.createRequest();
  const turn = request.beginTurn([450], ENDLESS);
  const reader = turn[Symbol.asyncIterator]();
  await reader.next();
  await Promise.all([request.close(), request.close()]);
  await expectError(turn.result, 'ERR_GENAI_DISPOSED', 'The EngineRequest was closed');
  await expectError(async () => {
    while ((await reader.next()).done !== true);
  }, 'ERR_GENAI_DISPOSED');
  await request.close();
  await expectError(() => request.beginTurn([450]), 'ERR_GENAI_DISPOSED');
  await expectError(request.rewindToStartOfTurn(1), 'ERR_GENAI_DISPOSED');
  await expectError(request.setDraftTokens([450]), 'ERR_GENAI_DISPOSED');
  assert.is((await answerOf(engine, [450], { maxNewTokens: 2 })).usage.outputTokens, 2);
});

test('an engine disposed of with turns that run, that wait and that have ended', async ({ model }) => {
  const engine = await model.createEngine();
  const requests = await Promise.all(Array.from({ length: 7 }, () => engine.createRequest()));
  const [ended, ...running] = requests.map((request, i) =>
    request.beginTurn([450], i === 0 ? { maxNewTokens: 1 } : ENDLESS),
  ) as [Turn, ...Turn[]];
  await ended.result;
  const reading = eventsOf(running[0] as Turn);
  const settled = Promise.allSettled([...running.map(turn => turn.result), reading]);
  await Promise.all([engine.dispose(), engine.dispose()]);
  for (const result of await settled) {
    assert.is(
      result.status === 'rejected' && result.reason instanceof GenAIError && result.reason.code,
      'ERR_GENAI_DISPOSED',
    );
  }
  await engine.dispose();
  for (const request of requests) await request.close();
  await expectError(engine.createRequest(), 'ERR_GENAI_DISPOSED');
  await expectError(engine.getSpeculativeStats(), 'ERR_GENAI_DISPOSED');
});

test('a dead engine fails all that runs and all that comes, and another one of the model works', async () => {
  // The model's tables of positions end at 4096: the step that reads a longer prompt fails.
  const beyond = { model: { context_length: 8192 }, search: { max_length: 8192 } };
  await using model = await loadDemoModel({ configOverlay: beyond });
  const engine = await model.createEngine();
  const requests = await Promise.all([1, 2, 3, 4].map(() => engine.createRequest()));
  // While the first turn runs the others wait, and then begin together.
  const first = requests[0]?.beginTurn([450], { minNewTokens: 50, maxNewTokens: 50 });
  await first?.[Symbol.asyncIterator]().next();
  const together = [noise(4200), [450], [450, 7483]].map((tokens, i) => requests[i + 1]?.beginTurn(tokens) as Turn);
  const failing = [...together.map(({ result }) => result), eventsOf(together[1] as Turn)].map(async turn => {
    const error = await expectError(turn, 'ERR_GENAI_ENGINE_DEAD', 'must be rebuilt');
    assert.match(error.message, 'GroupQueryAttention', 'it says why');
  });
  assert.is((await first?.result)?.finishReason, 'length');
  await Promise.all(failing);
  assert.is(engine.isDead, true);
  await expectError(engine.createRequest(), 'ERR_GENAI_ENGINE_DEAD');
  await expectError(requests[0]?.beginTurn([450]).result as Promise<unknown>, 'ERR_GENAI_ENGINE_DEAD');
  await requests[1]?.close();

  await using rebuilt = await model.createEngine();
  const prompt = await model.tokenizer.encode(SPAIN);
  assert.is((await answerOf(rebuilt, prompt, { maxNewTokens: 3, text: true })).text, 'The capital of');
  await engine.dispose();
  assert.is((await answerOf(rebuilt, prompt, { maxNewTokens: 3, text: true })).text, 'The capital of');
});

test.run();
