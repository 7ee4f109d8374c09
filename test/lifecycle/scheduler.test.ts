/** What the scheduler's thread does to the process, and the process to the scheduler's thread. */
import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('life of a scheduler');

/** The model runs on the scheduler's thread: TSan does not see how threads of ONNX Runtime synchronize. */
const IMPORTS = `
  import { Scheduler } from '../../src/index.ts';
  const ONE = { intraOpNumThreads: 1 };
`;

test('without dispose a program ends by itself when its requests are done', async () => {
  const { stdout, ...rest } = await runInChild(`${IMPORTS}
    const model = await loadDemoModel(ONE);
    const scheduler = await Scheduler.create(model, ONE);
    void scheduler.submit(SPAIN, { maxNewTokens: 20 }).result.then(({ text }) => {
      const ended = Date.now();
      process.on('exit', () => console.log(text.includes('Madrid'), Date.now() - ended));
    });
  `);
  assert.equal(rest, { code: 0, signal: null, stderr: '' });
  const [right, ms] = stdout.split(' ');
  assert.is(right, 'true');
  assert.ok(Number(ms) < 2000 * SLOWNESS, `${ms?.trim()} ms from the last token to the end`);
});

for (const [when, wait] of [
  ['while prompts are read', 'await sleep(3);'],
  ['while tokens are generated', 'for await (const { index } of streams[0]) if (index === 4) break;'],
] as const) {
  test(`process.exit() ${when} keeps its code and prints nothing`, async () => {
    const result = await runInChild(`${IMPORTS}
      const model = await loadDemoModel(ONE);
      const scheduler = await Scheduler.create(model, ONE);
      const prompts = [20, 1000, 30, 2000].map((count, i) => noise(count, i));
      const streams = prompts.map(prompt => scheduler.submit(prompt, { minLength: 3500, maxNewTokens: 2000 }));
      ${wait}
      process.exit(7);
    `);
    assert.equal(result, { code: 7, signal: null, stdout: '', stderr: '' });
  });
}

test('answers are right although the collector runs all the time', async () => {
  const result = await runInChild(`${IMPORTS}
    const timer = setInterval(() => (globalThis as { gc?: () => void }).gc?.(), ${3 * SLOWNESS});
    const model = await loadDemoModel(ONE);
    // Nothing but the promise is kept of scheduler and request.
    const answer = async () => (await Scheduler.create(model, ONE)).submit(SPAIN).result;
    const { text } = await model.generate(SPAIN);
    const answers = await Promise.all([answer(), answer(), answer()]);
    clearInterval(timer);
    console.log(answers.map(other => other.text === text).join());
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'true,true,true\n', stderr: '' });
});

test('two thousand requests leave nothing behind', async () => {
  const count = SLOWNESS > 1 ? 60 : 2000;
  const { stdout, ...rest } = await runInChild(
    `${IMPORTS}
    const model = await loadDemoModel(ONE);
    const scheduler = await Scheduler.create(model, { maxBatchSize: 8, maxLength: 200, intraOpNumThreads: 1 });
    const one = async (i: number) => {
      const stream = scheduler.submit(noise(1 + (i % 60), i), { maxNewTokens: 3 + (i % 5), seed: i, stop: ['zzz'] });
      if (i % 7 === 0) stream.cancel();
      await stream.result;
    };
    const rounds = async (requests: number) => {
      for (let i = 0; i < requests; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => one(i + j)));
      for (let i = 0; i < 5; i++) { (globalThis as { gc?: () => void }).gc?.(); await sleep(20); }
      return process.memoryUsage.rss() / 1e6;
    };
    const settled = await rounds(${0.3 * count});
    console.log((await rounds(${count})) - settled, (await scheduler.stats()).kvBytes);
    await scheduler.dispose();
  `,
    { timeoutMs: 110_000, env: { MALLOC_ARENA_MAX: '1' } },
  );
  assert.equal(rest, { code: 0, signal: null, stderr: '' });
  const [grown, kvBytes] = stdout.split(' ').map(Number) as [number, number];
  assert.is(kvBytes, 0);
  assert.ok(SLOWNESS > 1 || grown < 8, `${grown} MB more`);
});

test.run();
