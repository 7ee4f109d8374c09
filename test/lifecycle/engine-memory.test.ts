/** What engines and their requests leave behind. */
import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';
import { twoAtOnce } from './two-at-once.ts';

const test = suite('memory of an engine');

/** One arena: what glibc keeps per thread would hide or fake a leak. */
const ENV = { MALLOC_ARENA_MAX: '1' };

const SANITIZED = SLOWNESS > 1;
const REQUESTS_MADE = SANITIZED ? 60 : 1000;

/** Runs `step` until memory has settled, then 1,000 times, and prints the MB before and by how many it grew. */
function thousand(before: string, step: string): string {
  return `
    import { loadPaged, pagedPrompt } from '../../test/helpers/engine.ts';
    void [loadPaged, pagedPrompt];
    ${before}
    const step = async (i: number) => { ${step} };
    const rounds = async (count: number) => {
      for (let i = 0; i < count; i += 10) {
        await Promise.all(Array.from({ length: 10 }, (_, j) => step(i + j)));
        if (i % 100 === 0) { (globalThis as { gc?: () => void }).gc?.(); await sleep(5); }
      }
      for (let i = 0; i < 5; i++) { (globalThis as { gc?: () => void }).gc?.(); await sleep(20); }
      return process.memoryUsage.rss() / 1e6;
    };
    const settled = await rounds(${0.3 * REQUESTS_MADE});
    console.log(settled, (await rounds(${REQUESTS_MADE})) - settled);
    await engine.dispose();
  `;
}

const STATIC =
  'const model = await loadDemoModel({ intraOpNumThreads: 1 }); const engine = await model.createEngine();';
const DYNAMIC = 'const model = await loadPaged(); const engine = await model.createEngine();';

/**
 * Half of the turns are cancelled; requests are closed, or left to the collector. A static batch allocates its cache for
 * the longest session that its requests may have: a short one, so that nothing hides behind that.
 */
const REQUESTS: [name: string, before: string, step: string][] = [
  [
    'static, closed',
    STATIC,
    `const request = await engine.createRequest({ maxSessionTokens: 50 });
     const turn = request.beginTurn([450, 300 + i], { maxNewTokens: 4, minNewTokens: 4, text: true });
     if (i % 2 === 0) turn.cancel();
     await turn.result;
     await request.close();`,
  ],
  [
    'dynamic, closed',
    DYNAMIC,
    `const request = await engine.createRequest();
     const turn = request.beginTurn(pagedPrompt(40, i), { maxNewTokens: 20, minNewTokens: 20, stop: ['zzz'], seed: i });
     if (i % 2 === 0) turn.cancel();
     await turn.result;
     await request.close();`,
  ],
  [
    'static, left to the collector in the middle of a turn',
    STATIC,
    `const request = await engine.createRequest({ maxSessionTokens: 50 });
     for await (const _ of request.beginTurn([450], { maxNewTokens: 4, minNewTokens: 4, signal: new AbortController().signal })) {
       if (i % 2 === 0) break;
     }`,
  ],
];

test('1,000 requests, half of them cancelled: memory stays what it is', async () => {
  await twoAtOnce(REQUESTS, async ([name, before, step]) => {
    const result = await runInChild(thousand(before, step), { env: ENV, timeoutMs: 110_000 });
    assert.equal([result.code, result.stderr], [0, ''], name);
    const [settled, grown] = result.stdout.split(' ').map(Number) as [number, number];
    if (!SANITIZED)
      assert.ok(grown < settled * 0.05, `${name}: ${grown.toFixed(1)} MB on top of ${settled.toFixed(0)} MB`);
  });
});

const ENGINES: [name: string, step: string][] = [
  ['disposed of', 'await engine.dispose();'],
  ['collected', ''],
  ['collected with requests that are open', 'await engine.createRequest();'],
  ['disposed of with turns that run', 'request.beginTurn([450], { minNewTokens: 3000 }); await engine.dispose();'],
];

test('engines that come and go', async () => {
  await twoAtOnce(ENGINES, async ([name, step]) => {
    const source = `
      const model = await loadDemoModel({ intraOpNumThreads: 1 });
      const round = async () => {
        const engine = await model.createEngine();
        const request = await engine.createRequest();
        await request.beginTurn([450], { maxNewTokens: 2 }).result;
        ${step}
      };
      const rounds = async (count: number) => {
        for (let i = 0; i < count; i++) { await round(); (globalThis as { gc?: () => void }).gc?.(); await sleep(15); }
        for (let i = 0; i < 5; i++) { (globalThis as { gc?: () => void }).gc?.(); await sleep(20); }
        return process.memoryUsage.rss() / 1e6;
      };
      const settled = await rounds(5);
      console.log((await rounds(${SANITIZED ? 4 : 20})) - settled);
    `;
    const { code, stdout, stderr } = await runInChild(source, { env: ENV });
    assert.equal([code, stderr], [0, ''], name);
    // One engine with a request in its batch holds 40 MB or more.
    if (!SANITIZED) assert.ok(Number(stdout) < 80, `${name}: grew by ${Number(stdout).toFixed(0)} MB`);
  });
});

test.run();
