/** The engine against that of the official Python package: tokens, ends and counts of every turn. */
import * as assert from 'uvu/assert';
import { type Engine, type EngineRequest, Model, type TurnOptions, type TurnResult } from '../../src/index.ts';
import { ask, loadDemoModel, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { COUNTING_PAGED, loadPaged, pagedPrompt, SYNTHETIC_PAGED } from '../helpers/engine.ts';
import { askOracle } from '../helpers/oracle.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('engine parity');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

/** One turn, for both sides: ours and what Python's setters are given. */
interface Given {
  readonly tokens: Int32Array;
  readonly ours: TurnOptions;
  readonly theirs: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly tokens: readonly number[];
  readonly finish: string;
  readonly stop: number | null;
  readonly usage: readonly number[];
}

interface Answers {
  readonly rounds: readonly (readonly (Answer | null)[])[];
  readonly capabilities: readonly number[];
  readonly stats: readonly string[];
  readonly max_drafts: number;
}

const FINISH: Readonly<Record<string, string>> = {
  EOS: 'stop',
  STOP_STRING: 'stop',
  MAX_GENERATED_TOKENS: 'length',
  MAX_SESSION_TOKENS: 'length',
  CANCELLED: 'abort',
};

function greedy(tokens: Int32Array, maxNewTokens: number): Given {
  return { tokens, ours: { maxNewTokens }, theirs: { max_generated_tokens: maxNewTokens } };
}

/** One turn of every request, all begun at once; null: it rests. */
type Round = readonly (Given | null)[];

async function run(engine: Engine, rounds: readonly Round[], rewind?: number): Promise<(TurnResult | null)[][]> {
  const requests = await Promise.all((rounds[0] ?? []).map(() => engine.createRequest()));
  const begin = (request: EngineRequest, turn: Given | null | undefined): Promise<TurnResult> | null =>
    turn ? request.beginTurn(turn.tokens, turn.ours).result : null;
  const round = (turns: Round): Promise<(TurnResult | null)[]> =>
    Promise.all(requests.map((request, i) => begin(request, turns[i])));
  const results: (TurnResult | null)[][] = [];
  for (const turns of rounds) results.push(await round(turns));
  if (rewind !== undefined) {
    for (const request of requests) await request.rewindToStartOfTurn(rewind);
    results.push(await round(rounds.at(-1) ?? []));
  }
  return results;
}

/** Runs the rounds on both sides and compares everything. @returns Python's answers */
async function expectSame(
  model: Model,
  rounds: readonly Round[],
  { rewind, folder }: { rewind?: number; folder?: string } = {},
): Promise<Answers> {
  const turns = rounds.map(round => round.map(turn => turn && { tokens: [...turn.tokens], options: turn.theirs }));
  const [expected] = (await askOracle<Answers>([{ kind: 'engine', rounds: turns, rewind, folder }])) as [Answers];
  await using engine = await model.createEngine();
  const results = await run(engine, rounds, rewind);
  const stops = [...rounds, rounds.at(-1)].map(round => round?.map(turn => [turn?.ours.stop ?? []].flat()));
  // Python begins all turns before it steps. Here the engine steps meanwhile, so that a turn may find more in the cache.
  const leastCached = (cached: number, i: number, j: number): number =>
    Math.min(cached, expected.rounds[i]?.[j]?.usage[2] ?? 0);
  assert.equal(
    results.map((round, i) =>
      round.map(
        (result, j) =>
          result && [
            [...result.tokenIds],
            result.finishReason,
            result.matchedStop,
            [result.usage.inputTokens, result.usage.outputTokens, leastCached(result.usage.cachedInputTokens, i, j)],
          ],
      ),
    ),
    expected.rounds.map((round, i) =>
      round.map((answer, j) => {
        if (answer === null) return null;
        const { tokens, finish, stop, usage } = answer;
        return [tokens, FINISH[finish], stop === null ? undefined : stops[i]?.[j]?.[stop], usage];
      }),
    ),
  );
  const { configuredMaxBatchSize, maxScheduledTokens, maxRequestLength } = await engine.capabilities();
  assert.equal([configuredMaxBatchSize, maxScheduledTokens, maxRequestLength], expected.capabilities);
  assert.is(engine.maxDraftTokens, expected.max_drafts);
  return expected;
}

test('static: prompts of mixed length side by side', async ({ model }) => {
  const texts = [SPAIN, STORY, ask('Hello!'), ask('What is 2 + 2?'), ask('Who are you?')];
  const prompts = await Promise.all(texts.map(text => model.tokenizer.encode(text)));
  prompts.push(...[1, 10, 33, 60, 200, 500].map(length => noise(length)));
  await expectSame(model, [prompts.map((prompt, i) => greedy(prompt, 40 + i))]);
});

test('static: a conversation, its last turn taken back and run again', async ({ model }) => {
  const questions = ['What is the capital of Spain?', 'What is the capital of France?', 'What is 2 + 2?'];
  const prompts = await Promise.all(questions.map(question => model.tokenizer.encode(ask(question))));
  const rounds = prompts.map((prompt, i) => [greedy(i === 0 ? prompt : Int32Array.of(32007, ...prompt), 90)]);
  await expectSame(model, rounds, { rewind: 3 });
});

test('static: penalties, shortest answers and guidance', async ({ model }) => {
  const tokens = await model.tokenizer.encode(SPAIN);
  const pattern = '[a-z]{3,9} [0-9]{2}';
  const turns: Given[] = [
    {
      tokens,
      ours: { repetitionPenalty: 1.3, noRepeatNgramSize: 2, maxNewTokens: 60 },
      theirs: { repetition_penalty: 1.3, no_repeat_ngram_size: 2, max_generated_tokens: 60 },
    },
    {
      tokens: await model.tokenizer.encode(ask('Hello!')),
      ours: { minNewTokens: 30, maxNewTokens: 50 },
      theirs: { min_generated_tokens: 30, max_generated_tokens: 50 },
    },
    {
      tokens,
      ours: { responseFormat: { type: 'regex', pattern }, maxNewTokens: 30 },
      theirs: { guidance: ['regex', pattern], max_generated_tokens: 30 },
    },
  ];
  await expectSame(model, [turns]);
});

test('dynamic: many, of every length, with seeds and stop strings; a turn taken back', async () => {
  await using model = await loadPaged(SYNTHETIC_PAGED);
  const turns = Array.from({ length: 8 }, (_, i): Given => {
    const count = 10 + i * 3;
    const sampled = { temperature: 1.5, topK: 30, topP: 0.95, seed: 100 + i };
    const same = { temperature: 1.5, top_k: 30, top_p: 0.95, seed: 100 + i, do_sample: true };
    const stop = ['a', 'b0', '7'];
    return {
      tokens: pagedPrompt(3 + i * 5, i % 3),
      ours: { ...(i % 2 === 0 ? {} : sampled), ...(i % 4 < 2 ? {} : { stop }), minNewTokens: 2, maxNewTokens: count },
      theirs: {
        ...(i % 2 === 0 ? {} : same),
        ...(i % 4 < 2 ? {} : { stop_strings: stop }),
        min_generated_tokens: 2,
        max_generated_tokens: count,
      },
    };
  });
  const { rounds, stats } = await expectSame(
    model,
    [turns, turns.map(({ tokens }) => greedy(tokens.subarray(0, 3), 5))],
    {
      folder: SYNTHETIC_PAGED,
      rewind: 2,
    },
  );
  assert.ok(rounds[0]?.some(answer => answer?.finish === 'STOP_STRING'));

  await using engine = await model.createEngine();
  const names = Object.keys(await engine.getSpeculativeStats()).filter(name => name !== 'acceptedLengths');
  const theirs = stats.filter(name => name !== 'acceptance_length_histogram');
  const camel = theirs.map(name => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
  assert.equal(names.sort(), camel.sort(), 'statistics by the same names');
});

test('dynamic: what the prefix cache holds of earlier prompts', async () => {
  await using model = await Model.load(COUNTING_PAGED);
  const prompts = [pagedPrompt(20), pagedPrompt(20), pagedPrompt(35), pagedPrompt(35, 1)];
  const rounds = prompts.map((tokens, i) => prompts.map((_, j) => (i === j ? greedy(tokens, 4) : null)));
  const answers = await expectSame(model, rounds, { folder: COUNTING_PAGED });
  const cached = answers.rounds.map((round, i) => round[i]?.usage[2]);
  assert.equal(cached, [0, 16, 16, 0], 'whole blocks of 16');
});

test.run();
