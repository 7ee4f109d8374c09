/** The engine with dynamic batching: what each request gets. */
import * as assert from 'uvu/assert';
import { answerOf, eventsOf, loadPaged, pagedPrompt, SYNTHETIC_PAGED } from '../helpers/engine.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { dynamicSuite, withEngine } from './dynamic-suite.ts';

const test = await dynamicSuite('engine with dynamic batching');

test('capabilities come from the configuration', async ({ synthetic, counting, has }) => {
  if (!has.prefixCache) return;
  await withEngine(synthetic, async engine => {
    const expected = { configuredMaxBatchSize: 8, maxScheduledTokens: 2048, maxRequestLength: 128 };
    assert.equal([await engine.capabilities(), engine.maxSessionTokens, engine.maxDraftTokens], [expected, 128, 0]);
  });
  await withEngine(counting, async engine => assert.is(engine.maxDraftTokens, 7));
});

test('requests that come and go at any time get what each gets alone', async ({ synthetic }) => {
  await withEngine(synthetic, async engine => {
    const prompts = [3, 40, 17, 64, 1, 90, 5, 33, 12, 70].map((length, i) => pagedPrompt(length, i));
    const lengths = prompts.map((_, i) => 5 + ((i * 13) % 30));
    const answer = (prompt: Int32Array, i: number) =>
      answerOf(engine, prompt, { minNewTokens: lengths[i], maxNewTokens: lengths[i] });
    const alone: Int32Array[] = [];
    for (const [i, prompt] of prompts.entries()) alone.push((await answer(prompt, i)).tokenIds);
    const together = await Promise.all(prompts.map(answer));
    assert.equal(
      together.map(({ tokenIds }) => tokenIds),
      alone,
    );
    assert.equal(
      alone.map(({ length }) => length),
      lengths,
    );
  });
});

test('a newcomer does not wait for those that run', async () => {
  const configOverlay = { model: { context_length: 512 }, search: { max_length: 512 } };
  await using model = await loadPaged(SYNTHETIC_PAGED, { configOverlay });
  await withEngine(model, async engine => {
    // A step takes 20 microseconds or so: the long turn may be through before this thread knows of its first token.
    for (let attempt = 0; attempt < 10; attempt++) {
      await using request = await engine.createRequest();
      const running = request.beginTurn([2], { minNewTokens: 450, maxNewTokens: 450 });
      let ended = false;
      const end = running.result.then(() => {
        ended = true;
      });
      await running[Symbol.asyncIterator]().next();
      await answerOf(engine, [3], { maxNewTokens: 1 });
      const overtook = !ended;
      await end;
      if (overtook) return;
    }
    assert.unreachable('it always waited');
  });
});

test('the prefix cache: whole blocks of what earlier prompts began with', async ({ synthetic, has }) => {
  if (!has.prefixCache) return;
  await withEngine(synthetic, async engine => {
    const prompt = pagedPrompt(40);
    const cached = async (tokens: Int32Array | number[]): Promise<number> => {
      const { usage } = await answerOf(engine, tokens, { maxNewTokens: 4 });
      assert.is(usage.inputTokens, tokens.length);
      return usage.cachedInputTokens;
    };
    assert.is(await cached(prompt), 0);
    assert.is(await cached([...prompt, 3, 4, 5]), 40, 'ten blocks of 4');
    assert.is(await cached(prompt.subarray(0, 21)), 20, 'the fifth block is not whole');
    assert.is(await cached(pagedPrompt(40, 1)), 0);
    const first = await answerOf(engine, pagedPrompt(30, 2), { maxNewTokens: 9 });
    const again = await answerOf(engine, pagedPrompt(30, 2), { maxNewTokens: 9 });
    assert.equal([first.usage.cachedInputTokens, again.usage.cachedInputTokens], [0, 28]);
    assert.equal(again.tokenIds, first.tokenIds, 'the answer is the same');
  });
});

test('the prefix cache can be switched off', async ({ has }) => {
  if (!has.prefixCache) return;
  const configOverlay = { engine: { dynamic_batching: { prefix_caching: false } } };
  await using model = await loadPaged(SYNTHETIC_PAGED, { configOverlay });
  await withEngine(model, async engine => {
    for (let i = 0; i < 2; i++) {
      assert.is((await answerOf(engine, pagedPrompt(40), { maxNewTokens: 4 })).usage.cachedInputTokens, 0);
    }
  });
});

test('stop strings: the one that ends first, across tokens, with and without text', async ({ counting }) => {
  await withEngine(counting, async engine => {
    const [a] = await counting.tokenizer.encode('a');
    const answer = (stop: string[], text: boolean) => answerOf(engine, [a as number], { maxNewTokens: 40, stop, text });
    for (const text of [true, false]) {
      const { tokenIds, finishReason, matchedStop, usage, ...rest } = await answer(
        ['xyz', 'jk', 'hijklm', 'ijk'],
        text,
      );
      assert.equal([finishReason, matchedStop], ['stop', 'ijk']);
      assert.is(await counting.tokenizer.decode(tokenIds), 'bcdefghijk', 'with the token that completed it');
      assert.equal(rest, text ? { text: 'bcdefgh' } : {});
      assert.is(usage.outputTokens, 10);
    }
    const { text, finishReason, matchedStop } = await answer(['dx', '}]'], true);
    assert.equal([text, finishReason, matchedStop], ['bcdefghijklmnopqrstuvwxyz0123456789{}[]"', 'length', undefined]);
  });
});

test('texts of a turn with stop strings: never a part of one', async ({ counting }) => {
  await withEngine(counting, async engine => {
    const [a] = await counting.tokenizer.encode('a');
    await using request = await engine.createRequest();
    const events = await eventsOf(
      request.beginTurn([a as number], { text: true, stop: ['cdX', 'fgh'], maxNewTokens: 20 }),
    );
    const texts = events.map(event => (event.type === 'token' ? event.text : event.matchedStop));
    assert.equal(texts, ['b', 'c', 'd', 'e', '', '', '', 'fgh']);
  });
});

test('a conversation that a stop string ended goes on behind it', async ({ counting }) => {
  await withEngine(counting, async engine => {
    const { tokenizer } = counting;
    await using request = await engine.createRequest();
    await request.beginTurn(await tokenizer.encode('a'), { stop: 'ef', text: true }).result;
    assert.is(request.tokenCount, 1 + 5);
    const { text } = await request.beginTurn(await tokenizer.encode('x'), { maxNewTokens: 3, text: true }).result;
    assert.is(text, 'yz0');
    assert.is(request.tokenCount, 6 + 4);
  });
});

test('seeds: the same seed, the same tokens, whatever runs beside it', async ({ synthetic }) => {
  await withEngine(synthetic, async engine => {
    const prompt = pagedPrompt(12);
    const sampled = (seed?: number) =>
      answerOf(engine, prompt, { minNewTokens: 30, maxNewTokens: 30, temperature: 1.5, topK: 40, seed });
    const first = await sampled(7);
    const seeds = [7, 8, 7, 0, 0, 2 ** 31 - 1];
    const answers = await Promise.all([...seeds, undefined, undefined].map(sampled));
    const texts = [first, ...answers].map(({ tokenIds }) => tokenIds.join());
    assert.is(texts[1], texts[0]);
    assert.is(texts[3], texts[0]);
    assert.is(texts[4], texts[5]);
    assert.is(new Set(texts).size, 6, 'and every other one is different');
  });
});

test('cancelling one of many', async ({ counting }) => {
  await withEngine(counting, async engine => {
    const requests = await Promise.all([1, 2, 3, 4].map(() => engine.createRequest()));
    const turns = requests.map((request, i) => request.beginTurn([2 + i], { minNewTokens: 20, maxNewTokens: 20 }));
    turns[1]?.cancel();
    const results = await Promise.all(turns.map(turn => turn.result));
    assert.equal(
      results.map(({ finishReason }) => finishReason),
      ['length', 'abort', 'length', 'length'],
    );
    assert.equal(
      [...(results[3]?.tokenIds ?? [])],
      Array.from({ length: 20 }, (_, i) => 6 + i),
    );
  });
});

test('a rewind at any time, also beside others', async ({ synthetic, has }) => {
  if (!has.rewind) return;
  await withEngine(synthetic, async engine => {
    await using other = await engine.createRequest();
    const running = other.beginTurn([3], { minNewTokens: 100, maxNewTokens: 100 });
    await using request = await engine.createRequest();
    const options = { minNewTokens: 6, maxNewTokens: 6 };
    await request.beginTurn(pagedPrompt(9), options).result;
    const expected = await request.beginTurn([5, 6], options).result;
    await request.beginTurn([7], options).result;
    await request.rewindToStartOfTurn(2);
    assert.equal((await request.beginTurn([5, 6], options).result).tokenIds, expected.tokenIds);
    assert.is((await running.result).usage.outputTokens, 100);
  });
});

test('drafts: taken where the model agrees, and the answer is the same', async ({ counting }) => {
  await withEngine(counting, async engine => {
    await using request = await engine.createRequest();
    const turn = request.beginTurn([2], { minNewTokens: 100, maxNewTokens: 100 });
    const reader = turn[Symbol.asyncIterator]();
    await reader.next();
    // The engine goes on by itself: where it will be when they arrive is not known.
    let proposed = 0;
    for (let first = 5; first < 60; first += 3) {
      const drafts = Array.from({ length: 7 }, (_, i) => 2 + ((first - 2 + i) % 62));
      await request.setDraftTokens(drafts).then(
        () => proposed++,
        () => {},
      );
    }
    const { tokenIds, usage } = await turn.result;
    assert.equal(
      [...tokenIds],
      Array.from({ length: 100 }, (_, i) => 2 + ((1 + i) % 62)),
    );
    assert.is(usage.outputTokens, 100);
    const { draftTokensProposed, draftTokensAccepted, rounds } = await engine.getSpeculativeStats();
    if (proposed > 0) assert.ok(rounds > 0 && draftTokensProposed > 0);
    assert.ok(draftTokensAccepted <= draftTokensProposed);
    await expectError(request.setDraftTokens([3]), 'ERR_GENAI_INVALID_ARGUMENT');
    await expectError(request.setDraftTokens([64]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE');
    await expectError(request.setDraftTokens(pagedPrompt(8)), 'ERR_GENAI_INVALID_ARGUMENT', 'at most 7 tokens');
  });
});

test('guidance, and guidance between two tokens', async ({ counting, has }) => {
  await withEngine(counting, async engine => {
    const { tokenizer } = counting;
    const [a] = await tokenizer.encode('a');
    const options = { maxNewTokens: 8, text: true };
    const pattern = { type: 'regex', pattern: 'xy[0-4]{2}' } as const;
    assert.match(
      (await answerOf(engine, [a as number], { ...options, responseFormat: pattern })).text ?? '',
      /^xy[0-4]{2}$/,
    );
    if (!has.delimitedGuidance) return;
    const [openingToken, closingToken] = (await tokenizer.encode('cz')) as unknown as [number, number];
    const delimitedGuidance = { openingToken, closingToken, grammar: 'start: "42"' };
    const { text } = await answerOf(engine, [a as number], { ...options, delimitedGuidance });
    assert.is(text, 'bc42z012', 'free, until c; then the grammar, until z');
    const broken = { openingToken, closingToken, grammar: 'start: (' };
    await expectError(answerOf(engine, [a as number], { delimitedGuidance: broken }), 'ERR_GENAI_GUIDANCE_REFUSED');
  });
});

test('what static batching cannot do, dynamic batching can: no option is refused for its kind', async ({
  synthetic,
}) => {
  await withEngine(synthetic, async engine => {
    const all = {
      seed: 1,
      stop: ['zzz'],
      repetitionPenalty: 1.1,
      noRepeatNgramSize: 3,
      topP: 0.9,
      topK: 9,
      text: true,
    };
    assert.is((await answerOf(engine, [2], { ...all, minNewTokens: 4, maxNewTokens: 4 })).usage.outputTokens, 4);
  });
});

test.run();
