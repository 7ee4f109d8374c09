/** Ten thousand objects of a kind, made and dropped: the process does not grow. (A sanitizer looks at a few hundred.) */
import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';
import { twoAtOnce } from './two-at-once.ts';

const test = suite('ten thousand objects');

const SANITIZED = SLOWNESS > 1;
const COUNT = Number(process.env['GENAI_TEST_OBJECTS'] ?? (SANITIZED ? 400 : 10_000));
const SETTLED = COUNT / 5;
const GROWTH = 1.05;

/** What is done with one object, which nobody disposes of. */
const KINDS: [name: string, step: string][] = [
  ['tensors with data', "new Tensor('float32', [1024], floats);"],
  ['tensors that are read', "new Tensor('int64', [512]).data.fill(5n);"],
  ['sets of tensors', "new NamedTensors({ a: new Tensor('float16', [512]), b: shared }).get('b')?.data.at(0);"],
  ['texts encoded', 'await model.tokenizer.encode(STORY);'],
  ['tokenizer streams', 'model.tokenizer.createStream().decode(450);'],
  ['streams', 'for await (const _ of model.stream([450, 7483], { maxNewTokens: 2 }));'],
  ['outputs of a generator', "(await generator.getOutput('logits')).data.at(0);"],
];

function program(step: string): string {
  return `
    import { NamedTensors, Tensor } from '../../src/index.ts';
    const model = await loadDemoModel({ intraOpNumThreads: 1 });
    const generator = await model.createGenerator({ maxLength: 20 });
    await generator.appendTokens([450]);
    const [floats, shared] = [new Float32Array(1024).fill(0.5), new Tensor('float32', [8])];
    const step = async () => { ${step} };
    const gc = (globalThis as { gc?: () => void }).gc as () => void;
    const rounds = async (count: number) => {
      for (let i = 1; i <= count; i++) {
        await step();
        if (i % 200 === 0) { gc(); await sleep(1); }
      }
      for (let i = 0; i < 4; i++) { gc(); await sleep(20); }
      return process.memoryUsage.rss();
    };
    const settled = await rounds(${SETTLED});
    console.log(JSON.stringify([settled, await rounds(${COUNT})]));
    void [floats, shared, NamedTensors];
  `;
}

test('RSS is flat within 5 %', async () => {
  await twoAtOnce(KINDS, async ([name, step]) => {
    // One arena: what glibc keeps per thread would hide or fake a leak.
    const env = { MALLOC_ARENA_MAX: '1' };
    const { code, stdout, stderr } = await runInChild(program(step), { env, timeoutMs: Math.max(180_000, COUNT * 60) });
    assert.equal([code, stderr], [0, ''], name);
    const [settled, after] = JSON.parse(stdout) as [number, number];
    const megabytes = [settled, after].map(bytes => (bytes / 1e6).toFixed(0)).join(' -> ');
    console.log(`figure: ${COUNT} ${name}: ${megabytes} MB`);
    // A sanitizer keeps what was freed.
    if (!SANITIZED) assert.ok(after <= settled * GROWTH, `${name}: RSS ${megabytes} MB`);
  });
});

test.run();
