import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';
import { twoAtOnce } from './two-at-once.ts';

const test = suite('memory');

/** Runs `step` until memory has settled, then `rounds` times, and prints by how many MB the process grew. */
function growth(before: string, step: string, rounds: number): string {
  return `
    import { GeneratorParams } from '../../src/index.ts';
    ${before}
    const collect = async (times: number) => {
      for (let i = 0; i < times; i++) { (globalThis as { gc?: () => void }).gc?.(); await sleep(15); }
    };
    const step = async () => { ${step} };
    const rounds = async (count: number) => {
      for (let i = 0; i < count; i++) { await step(); await collect(2); }
      await collect(5);
      return process.memoryUsage.rss() / 1e6;
    };
    const settled = await rounds(5);
    console.log((await rounds(${rounds})) - settled);
  `;
}

const LOAD = 'const model = await loadDemoModel({ intraOpNumThreads: 1 });';

/** What is left to the garbage collector (or disposed of), how often, and what one of them holds at least. */
const STAGES: [name: string, before: string, step: string, rounds: number][] = [
  ['models collected', '', 'await loadDemoModel({ intraOpNumThreads: 1 });', 6],
  ['models disposed of', '', 'await (await loadDemoModel({ intraOpNumThreads: 1 })).dispose();', 6],
  ['params', LOAD, 'for (let i = 0; i < 100; i++) new GeneratorParams(model);', 10],
  ['tokenizer streams', LOAD, 'for (let i = 0; i < 100; i++) model.tokenizer.createStream().decode(450);', 10],
  ['generators collected', LOAD, 'await (await model.createGenerator({ maxLength: 4096 })).appendTokens([1, 2]);', 10],
  ['generators disposed of', LOAD, 'await (await model.createGenerator({ maxLength: 4096 })).dispose();', 10],
  ['streams left alone', LOAD, 'model.stream(SPAIN, { maxNewTokens: 500 }).cancel(); await sleep(5);', 10],
  [
    'streams left in the middle',
    LOAD,
    'for await (const _ of model.stream(STORY, { minLength: 3000, maxNewTokens: 3000 })) break;',
    10,
  ],
];

test('memory settles, whether things are disposed of or left to the garbage collector', async () => {
  await twoAtOnce(STAGES, async ([name, before, step, rounds]) => {
    // One arena: what glibc keeps per thread would hide or fake a leak.
    const env = { MALLOC_ARENA_MAX: '1' };
    const { code, stdout, stderr } = await runInChild(growth(before, step, rounds), { env });
    assert.equal([code, stderr], [0, ''], name);
    // One model holds 15 MB, one generator of 4096 tokens 30 MB: a leak of every one would show.
    assert.ok(Number(stdout) < 80, `${name}: grew by ${Number(stdout).toFixed(0)} MB in ${rounds} rounds`);
  });
});

test.run();
