import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as assert from 'uvu/assert';
import type {
  DiagnosticChannel,
  DiagnosticEvents,
  EndEvent,
  GenAIError,
  GenerateResult,
  Model,
} from '../../src/index.ts';
import { DEMO_MODEL, loadDemoModel, noise, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('diagnostics');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const CHANNELS = ['genai:model:load', 'genai:generate:prefill', 'genai:generate:tokens', 'genai:generate:end'] as const;

type Heard = { [Name in DiagnosticChannel]?: DiagnosticEvents[Name][] } & { order: string[] };

/** Everything the channels say while `work` runs. */
async function listen(work: () => Promise<unknown>): Promise<Heard> {
  const heard: Heard = { order: [] };
  const listeners = CHANNELS.map(name => {
    const listener = (message: unknown): void => {
      heard.order.push(name.split(':').at(-1) ?? '');
      const list = (heard[name] ?? []) as unknown[];
      list.push(message);
      Object.assign(heard, { [name]: list });
    };
    subscribe(name, listener);
    return () => unsubscribe(name, listener);
  });
  await work();
  for (const stop of listeners) stop();
  return heard;
}

function demandAddsUp({ metrics, usage }: Pick<GenerateResult, 'metrics' | 'usage'>): void {
  const { queuedMs, prefillMs, decodeMs, ttftMs, decodeTokensPerSecond, totalMs } = metrics;
  for (const [name, value] of Object.entries(metrics))
    assert.ok(Number.isFinite(value) && value >= 0, `${name} ${value}`);
  assert.ok(Math.abs(queuedMs + prefillMs + decodeMs - totalMs) < 1e-6, 'parts make the whole');
  if (usage.outputTokens === 0) assert.equal([ttftMs, decodeMs, decodeTokensPerSecond], [0, 0, 0]);
  else assert.ok(Math.abs(queuedMs + prefillMs - ttftMs) < 1e-6, 'the first token ends the prefill');
  if (usage.outputTokens > 1) {
    const stepsMs = ((usage.outputTokens - 1) * 1000) / decodeTokensPerSecond;
    assert.ok(stepsMs > 0 && stepsMs <= decodeMs + 1e-6, `${stepsMs} ms of steps in ${decodeMs} ms`);
  } else assert.is(decodeTokensPerSecond, 0);
}

test('a generation: prefill, tokens, end', async ({ model }) => {
  let result: GenerateResult | undefined;
  for (const run of [() => model.generate(SPAIN), () => model.stream(SPAIN).result]) {
    const heard = await listen(async () => {
      result = await run();
    });
    assert.is(heard.order[0], 'prefill');
    assert.is(heard.order.at(-1), 'end');
    assert.equal(new Set(heard.order.slice(1, -1)), new Set(['tokens']));
    const [prefill] = heard['genai:generate:prefill'] ?? [];
    assert.equal([prefill?.directory, prefill?.inputTokens], [DEMO_MODEL, result?.usage.inputTokens]);
    const tokens = (heard['genai:generate:tokens'] ?? []).flatMap(({ tokenIds }) => [...tokenIds]);
    assert.equal(tokens, [...(result?.tokenIds ?? [])]);
    const [end] = heard['genai:generate:end'] ?? [];
    assert.is(end?.generation, prefill?.generation);
    const { finishReason, usage, metrics } = result as GenerateResult;
    assert.equal(end?.result, { finishReason, usage, metrics });
    assert.is(end?.error, null);
  }
});

test('several at once: each has its number, and one end', async ({ model }) => {
  const heard = await listen(() => Promise.all([SPAIN, STORY, SPAIN].map(prompt => model.generate(prompt))));
  const numbers = (heard['genai:generate:end'] ?? []).map(({ generation }) => generation);
  assert.is(new Set(numbers).size, 3);
  assert.is(numbers.length, 3);
});

test('what fails says with what: bad input, an abort', async ({ model }) => {
  const signal = AbortSignal.abort(new Error('mine'));
  const failures: unknown[] = [];
  const heard = await listen(async () => {
    failures.push(await expectRejection(model.generate('')));
    failures.push(await expectRejection(model.generate(SPAIN, { signal })));
  });
  assert.equal(heard.order, ['end', 'end']);
  const ends = heard['genai:generate:end'] as EndEvent[];
  assert.ok(ends.every(({ error, result }, index) => error === failures[index] && result === null));
});

test('a load, well or not', async () => {
  const heard = await listen(async () => {
    await (await loadDemoModel()).dispose();
    await expectRejection(loadDemoModel({ executionProvider: 'nonsense' }));
  });
  const [good, bad] = heard['genai:model:load'] ?? [];
  assert.equal([good?.directory, good?.deviceType, good?.error], [DEMO_MODEL, 'CPU', null]);
  assert.ok(Number(good?.sizeInBytes) > 1e6 && Number(good?.ms) > 0);
  assert.equal(
    [bad?.deviceType, (bad?.error as GenAIError | undefined)?.code],
    [null, 'ERR_GENAI_PROVIDER_UNAVAILABLE'],
  );
});

test('metrics add up: short, long, one token, no token, aborted in the prefill and in the decode', async ({
  model,
}) => {
  const endless = { minLength: 3000, maxNewTokens: 3000, onAbort: 'return' } as const;
  for (const result of [
    await model.generate(SPAIN),
    await model.generate(SPAIN, { maxNewTokens: 1 }),
    await model.generate(noise(1500), { minLength: 1550, maxNewTokens: 50 }),
    await model.generate(SPAIN, { numBeams: 2 }),
    await model.generate(SPAIN, { ...endless, signal: AbortSignal.abort() }),
    await model.generate(noise(3500), { onAbort: 'return', signal: AbortSignal.timeout(60) }),
    await model.generate(STORY, { ...endless, signal: AbortSignal.timeout(200) }),
  ]) {
    demandAddsUp(result);
  }
});

test('a blocked event loop is not counted as time of the model', async ({ model }) => {
  const block = (): void => {
    unsubscribe('genai:generate:prefill', block);
    setImmediate(() => {
      const until = performance.now() + 3000;
      while (performance.now() < until);
    });
  };
  subscribe('genai:generate:prefill', block);
  const { metrics, usage } = await model.generate(SPAIN, { maxNewTokens: 5 });
  demandAddsUp({ metrics, usage });
  assert.ok(metrics.totalMs < 2900, JSON.stringify(metrics));
});

test('NODE_DEBUG=genai: a line per event on stderr, without what was said; nothing else ever', async () => {
  const program = `
    const model = await loadDemoModel();
    await model.generate(SPAIN);
    await model.generate('').catch(() => {});
    const circle: { self?: unknown } = {};
    circle.self = circle;
    console.assert(await model.generate(SPAIN, { signal: AbortSignal.abort(circle) }).catch(error => error) === circle);
  `;
  const { code, stdout, stderr } = await runInChild(program, { env: { NODE_DEBUG: 'genai' } });
  assert.equal([code, stdout], [0, '']);
  const kinds = stderr.trimEnd().split('\n');
  assert.ok(
    kinds.every(line => /^GENAI \d+: (runtime|model|generate):\w+ \w+=/.test(line)),
    stderr,
  );
  for (const kind of ['runtime:load', 'model:load', 'generate:prefill', 'generate:tokens', 'generate:end']) {
    assert.ok(
      kinds.some(line => line.includes(kind)),
      kind,
    );
  }
  assert.match(stderr, /finishReason=stop .*outputTokens=\d+ .*totalMs=/);
  assert.not.match(stderr, /Spain|Madrid/);
});

test.run();
