/** Metrics of generations that go to a run, with a server that is there, slow, away, and back. */
import { channel } from 'node:diagnostics_channel';
import * as assert from 'uvu/assert';
import type { EndEvent } from '../../src/index.ts';
import { type AutologOptions, autolog, type Run } from '../../src/mlflow/index.ts';
import { loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('autolog');

interface Sent {
  readonly key: string;
  readonly value: number;
  readonly step: number;
}

/** A run whose server answers as `answer` says. */
function fakeRun(answer: (signal?: AbortSignal) => Promise<void> = async () => {}): { run: Run; sent: Sent[][] } {
  const sent: Sent[][] = [];
  const run = {
    async logMetrics(metrics: readonly Sent[], { signal }: { signal?: AbortSignal } = {}) {
      await answer(signal);
      sent.push([...metrics]);
    },
  };
  return { run: run as unknown as Run, sent };
}

const END: EndEvent = {
  generation: 1,
  result: {
    finishReason: 'stop',
    usage: { inputTokens: 3, outputTokens: 4, cachedInputTokens: 0 },
    metrics: { queuedMs: 1, prefillMs: 2, decodeMs: 3, ttftMs: 3, decodeTokensPerSecond: 9, totalMs: 6 },
  },
  error: null,
};

function generations(count: number, event: EndEvent = END): void {
  for (let i = 0; i < count; i++) channel('genai:generate:end').publish(event);
}

test('real generations: what they cost, in steps', async () => {
  const { run, sent } = fakeRun();
  await using model = await loadDemoModel();
  const logging = autolog(run, { everyMs: 10_000 });
  const { usage, metrics } = await model.generate(SPAIN, { maxNewTokens: 5 });
  await expectRejection(model.generate(''));
  await logging.stop();
  await model.generate(SPAIN, { maxNewTokens: 2 });
  const [batch = []] = sent;
  assert.is(sent.length, 1);
  assert.equal(
    batch.map(({ key, value, step }) => [key, value, step]),
    [
      ['input_tokens', usage.inputTokens, 0],
      ['output_tokens', 5, 0],
      ['queued_ms', metrics.queuedMs, 0],
      ['ttft_ms', metrics.ttftMs, 0],
      ['tokens_per_second', metrics.decodeTokensPerSecond, 0],
      ['total_ms', metrics.totalMs, 0],
      ['failed', 1, 1],
    ],
  );
});

test('sends by itself, and nothing when there is nothing', async () => {
  const { run, sent } = fakeRun();
  const logging = autolog(run, { everyMs: 5 });
  generations(2);
  while (sent.length === 0) await new Promise(resolve => setTimeout(resolve, 5));
  assert.is(sent[0]?.length, 12);
  await new Promise(resolve => setTimeout(resolve, 30));
  await logging.stop();
  assert.is(sent.length, 1);
});

test('a server that is away: nothing is lost and nothing comes twice; stop() tells when it stays away', async () => {
  let away = true;
  const { run, sent } = fakeRun(async () => {
    if (away) throw new Error('away');
  });
  const logging = autolog(run, { everyMs: 10_000 });
  generations(1);
  await expectRejection(logging.flush());
  generations(1);
  await expectRejection(logging.stop());
  away = false;
  await logging.flush();
  assert.equal(
    sent.flat().map(({ step }) => step),
    [...Array(6).fill(0), ...Array(6).fill(1)],
  );
});

test('a server that is slow to fail: stop() waits for what is under way and tries once more', async () => {
  let attempts = 0;
  const { run } = fakeRun(async () => {
    attempts++;
    await new Promise(resolve => setTimeout(resolve, 100));
    throw new Error('away');
  });
  const logging = autolog(run, { everyMs: 5 });
  generations(1);
  await new Promise(resolve => setTimeout(resolve, 350));
  const before = attempts;
  await expectRejection(logging.stop());
  assert.ok(before <= 5, `${before} attempts`);
  assert.ok(attempts <= before + 1, `${attempts - before} attempts after stop()`);
});

test('a signal ends the waiting of stop(), also for what was under way', async () => {
  const { run } = fakeRun(
    signal =>
      new Promise((_, reject) => {
        signal?.throwIfAborted();
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  const logging = autolog(run, { everyMs: 5 });
  generations(1);
  await new Promise(resolve => setTimeout(resolve, 30));
  const patience = new AbortController();
  setTimeout(() => patience.abort(new Error('enough')), 30);
  const error = (await expectRejection(logging.stop({ signal: patience.signal }))) as Error;
  assert.is(error.message, 'enough');
});

test('two flushes at once send everything once, in order', async () => {
  const { run, sent } = fakeRun(() => new Promise(resolve => setTimeout(resolve, 20)));
  const logging = autolog(run, { everyMs: 10_000 });
  generations(1);
  const first = logging.flush();
  generations(1);
  await Promise.all([first, logging.flush(), logging.stop()]);
  assert.equal(
    sent.flat().map(({ step }) => step),
    [...Array(6).fill(0), ...Array(6).fill(1)],
  );
});

test('waiting metrics are bounded, and what was given up is counted', async () => {
  const { run, sent } = fakeRun();
  const logging = autolog(run, { everyMs: 10_000 });
  generations(10_000);
  await logging.stop();
  assert.is(sent.flat().length, 50_000);
  assert.is(logging.dropped, 10_000);
  assert.is(sent.flat().at(-1)?.step, 9999);
});

test('bad arguments', async () => {
  const { run } = fakeRun();
  for (const options of [{ everyMs: 0 }, { everyMs: 1e10 }, { everyMs: Number.NaN }, { every: 1 }, null]) {
    await expectError(() => autolog(run, options as AutologOptions), 'ERR_GENAI_INVALID_ARGUMENT');
  }
  await expectError(() => autolog(undefined as unknown as Run), 'ERR_GENAI_INVALID_ARGUMENT');
});

test.run();
