import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('200 rounds of load, generate, dispose');

/**
 * Resident megabytes after every round, without the free part of V8's heap, which takes and gives back 16 MB as it
 * likes. One thread: what the libraries do between two rounds is the same.
 */
async function rounds(env: Record<string, string>): Promise<number[]> {
  const { code, stdout, stderr } = await runInChild(
    `
    const megabytes = [];
    for (let round = 0; round < 200; round++) {
      const model = await loadDemoModel({ intraOpNumThreads: 1 });
      await model.generate(SPAIN, { maxNewTokens: 20 });
      await model.dispose();
      (globalThis as { gc?: () => void }).gc?.();
      const { rss, heapTotal, heapUsed } = process.memoryUsage();
      megabytes.push((rss - (heapTotal - heapUsed)) / 1e6);
    }
    console.log(JSON.stringify(megabytes));
    `,
    { env, timeoutMs: 500_000 },
  );
  assert.equal([code, stderr], [0, '']);
  return JSON.parse(stdout) as number[];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** A leak of 40 kB a round, one part in 400 of the model, would be seen. */
test('with one malloc arena: at most 5 % more after 200 rounds than after 20', async () => {
  const megabytes = await rounds({ MALLOC_ARENA_MAX: '1' });
  const [early, late] = [median(megabytes.slice(15, 25)), median(megabytes.slice(190))];
  console.log(`figure: one arena, ${early.toFixed(1)} MB after 20 rounds, ${late.toFixed(1)} MB after 200`);
  assert.ok(late < early * 1.05, `${early.toFixed(1)} MB, then ${late.toFixed(1)} MB`);
});

/**
 * As users run it. glibc gives new threads a heap of their own, up to eight per core, and what is free in them comes back
 * only when a model is gone (native/oga/model.cc), and never what is free at its top. How many heaps are in use is a matter
 * of chance: up and down by some megabytes, with no trend. So the peaks are compared; and chance has three goes, where
 * what grows would grow in each of them.
 */
test('as users run it: the peaks do not grow', async () => {
  const peaks: string[] = [];
  while (peaks.length < 3) {
    const megabytes = await rounds({});
    const [early, late] = [Math.max(...megabytes.slice(20, 80)), Math.max(...megabytes.slice(140))];
    const at = (round: number): string => (megabytes[round - 1] ?? 0).toFixed(1);
    peaks.push(`${early.toFixed(1)} MB, then ${late.toFixed(1)} MB`);
    console.log(`${at(20)} MB after 20 rounds, ${at(200)} MB after 200; peaks of ${peaks.at(-1)}`);
    if (late < early * 1.1) return;
  }
  assert.unreachable(`peaks of ${peaks.join('; ')}`);
});

test.run();
