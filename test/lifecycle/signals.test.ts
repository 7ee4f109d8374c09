import * as assert from 'uvu/assert';
import { type ChildResult, runInChild } from '../helpers/run-in-child.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';
import { twoAtOnce } from './two-at-once.ts';

const test = suite('signals');

/** Runs until `controller` aborts it; seconds, if nobody does. */
const RUNNING = {
  'in a prefill': 'model.generate(noise(3500), { signal })',
  'in a prefill of a generator': 'model.createGenerator({ maxLength: 4096 }).then(g => g.appendTokens(noise(3500), { signal }))',
  'in a decode': 'model.generate(STORY, { minLength: 4000, maxNewTokens: 4000, signal })',
  'in a stream': '(async () => { for await (const _ of model.stream(STORY, { minLength: 4000, maxNewTokens: 4000, signal })); })()',
} as const; // biome-ignore format: a table

const CASES = (['SIGINT', 'SIGTERM'] as const).flatMap(signal =>
  Object.entries(RUNNING).map(([stage, call]) => ({ signal, stage, call })),
);

/** Signals itself from another process, so that the signal comes as it does from a terminal or an orchestrator. */
function interrupted({ signal, call }: (typeof CASES)[number], handler: string): Promise<ChildResult> {
  return runInChild(`
    import { spawn } from 'node:child_process';
    const controller = new AbortController();
    const { signal } = controller;
    const model = await loadDemoModel();
    ${handler}
    const running = ${call};
    setTimeout(() => spawn('kill', ['-${signal}', String(process.pid)], { stdio: 'ignore', env: { PATH: process.env.PATH } }), 60);
    await running.catch((error: Error) => console.log(error.name));
  `);
}

test('without a handler a signal ends the process at once, as it ends any other', async () => {
  await twoAtOnce(CASES, async given => {
    const result = await interrupted(given, '');
    assert.equal(result, { code: null, signal: given.signal, stdout: '', stderr: '' }, given.stage);
  });
});

test('with a handler that aborts, the program ends by itself within a second', async () => {
  await twoAtOnce(CASES, async given => {
    const handler = `
      process.once('${given.signal}', () => {
        const begin = performance.now();
        process.on('exit', () => console.log(Math.round(performance.now() - begin)));
        controller.abort();
      });
    `;
    const { stdout, ...rest } = await interrupted(given, handler);
    const name = `${given.signal} ${given.stage}`;
    assert.equal(rest, { code: 0, signal: null, stderr: '' }, name);
    const [error, ms] = stdout.trim().split('\n');
    assert.is(error, 'AbortError', name);
    assert.ok(Number(ms) < 1000 * SLOWNESS, `${name}: ${ms} ms`);
  });
});

test('a handler that does nothing lets the generation go on', async () => {
  const result = await runInChild(`
    let signals = 0;
    process.on('SIGTERM', () => signals++);
    const model = await loadDemoModel();
    const timer = setInterval(() => process.kill(process.pid, 'SIGTERM'), 5);
    const { text } = await model.generate(SPAIN);
    clearInterval(timer);
    console.log(text.includes('Madrid'), signals > 0);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'true true\n', stderr: '' });
});

test.run();
