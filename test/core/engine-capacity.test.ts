/** The engine with dynamic batching, when places in the batch or parts of the cache are missing. */
import * as assert from 'uvu/assert';
import type { Engine } from '../../src/index.ts';
import { answerOf, pagedPrompt } from '../helpers/engine.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { dynamicSuite, withEngine } from './dynamic-suite.ts';

const test = await dynamicSuite('capacity of an engine');

test('who finds no place waits, is told of, and goes on when one is closed', async ({ counting }) => {
  let blocked = 0;
  const work = async (engine: Engine): Promise<void> => {
    const idle = await Promise.all([1, 2, 3, 4].map(() => engine.createRequest()));
    await Promise.all(idle.map(request => request.beginTurn([2], { maxNewTokens: 1 }).result));
    assert.equal([blocked, engine.isBlocked], [0, false], 'four places, each held by an idle request');
    const fifth = await engine.createRequest();
    const turn = fifth.beginTurn([2], { maxNewTokens: 3 });
    while (blocked === 0) await new Promise(resolve => setTimeout(resolve, 2));
    assert.is(engine.isBlocked, true);
    assert.is(engine.isDead, false);
    await idle[0]?.close();
    assert.equal([...(await turn.result).tokenIds], [3, 4, 5]);
    assert.is(engine.isBlocked, false);
    assert.is(blocked, 1, 'told once');
  };
  await withEngine(counting, work, { onBlocked: () => blocked++ });
});

test('a turn that waits for a place can be cancelled, and has its deadline', async ({ counting }) => {
  await withEngine(counting, async engine => {
    const idle = await Promise.all([1, 2, 3, 4].map(() => engine.createRequest()));
    await Promise.all(idle.map(request => request.beginTurn([2], { maxNewTokens: 1 }).result));
    const waiting = await Promise.all([1, 2].map(() => engine.createRequest()));
    const late = waiting[0]?.beginTurn([2], { timeoutMs: 60 });
    const cancelled = waiting[1]?.beginTurn([2]);
    while (!engine.isBlocked) await new Promise(resolve => setTimeout(resolve, 2));
    cancelled?.cancel();
    for (const turn of [cancelled, late]) assert.is((await turn?.result)?.finishReason, 'abort');
    await expectError(() => idle[0]?.beginTurn(pagedPrompt(127)), 'ERR_GENAI_INPUT_TOO_LONG');
    assert.equal([...((await idle[0]?.beginTurn([9], { maxNewTokens: 2 }).result)?.tokenIds ?? [])], [10, 11]);
  });
});

test('requests that grow until no block is left, until one is closed', async ({ counting }) => {
  await withEngine(counting, async engine => {
    const requests = await Promise.all([1, 2].map(() => engine.createRequest()));
    const turns = requests.map(request => request.beginTurn([2], { minNewTokens: 100, maxNewTokens: 100 }));
    while (!engine.isBlocked) await new Promise(resolve => setTimeout(resolve, 2));
    await requests[0]?.close();
    await turns[0]?.result.catch(() => {}); // it may have had the blocks for all its tokens
    assert.is((await turns[1]?.result)?.usage.outputTokens, 100);
  });
});

test('far more requests than places: each gets its answer in its turn', async ({ synthetic }) => {
  await withEngine(synthetic, async engine => {
    const prompts = Array.from({ length: 500 }, (_, i) => pagedPrompt(1 + (i % 30), i % 7));
    const answers = await Promise.all(
      prompts.map(prompt => answerOf(engine, prompt, { maxNewTokens: 4, minNewTokens: 4 })),
    );
    const alone = await answerOf(engine, prompts[499] as Int32Array, { maxNewTokens: 4, minNewTokens: 4 });
    assert.ok(answers.every(({ tokenIds }) => tokenIds.length === 4));
    assert.equal(answers[499]?.tokenIds, alone.tokenIds);
  });
});

test.run();
