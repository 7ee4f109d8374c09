import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';
import { STAGE_NAMES, type StageName } from './stages.ts';
import { twoAtOnce } from './two-at-once.ts';

const test = suite('exit');

const ENDLESS = '{ minLength: 4000, maxNewTokens: 4000 }';

/** Brings the child to a stage; it exits with 9 when the stage has passed before the event. */
function reach(stage: StageName): string {
  return `
    import { enter, isStill } from '../../test/lifecycle/stages.ts';
    const reached = await enter(${JSON.stringify(stage)});
    if (!(await isStill(reached))) process.exit(9);
  `;
}

test('process.exit() at every stage keeps its code and prints nothing', async () => {
  await twoAtOnce(STAGE_NAMES, async stage => {
    const result = await runInChild(`${reach(stage)} process.exit(7);`);
    assert.equal(result, { code: 7, signal: null, stdout: '', stderr: '' }, stage);
  });
});

const FAILURES: Record<string, string> = {
  'an uncaught exception': `setTimeout(() => { throw new Error('mine'); }, 5);`,
  'an unhandled rejection': `setTimeout(() => void Promise.reject(new Error('mine')), 5);`,
};

for (const [name, source] of Object.entries(FAILURES)) {
  test(`${name} mid-generation: the code of a failure, and only Node says something`, async () => {
    await twoAtOnce(['in prefill', 'in decode', 'loading', 'stream half read'] as const, async stage => {
      const { code, signal, stdout, stderr } = await runInChild(`${reach(stage)} ${source}`);
      assert.equal([code, signal, stdout], [1, null, ''], stage);
      assert.match(stderr, 'Error: mine', stage);
      assert.not.match(stderr, /onnx[^/]*:|terminate called|Segmentation/, stage);
    });
  });
}

test('a throw in the reader of a stream that nobody catches', async () => {
  const { code, signal, stderr } = await runInChild(`
    const model = await loadDemoModel();
    for await (const { index } of model.stream(STORY, ${ENDLESS})) if (index === 4) throw new Error('mine');
  `);
  assert.equal([code, signal], [1, null]);
  assert.match(stderr, 'Error: mine');
});

test('without dispose a program ends by itself when everything is done', async () => {
  const { stdout, ...rest } = await runInChild(`
    const model = await loadDemoModel();
    const generator = await model.createGenerator();
    await generator.appendTokens([1, 2]);
    const stream = model.stream(SPAIN, { maxNewTokens: 5 });
    for await (const _ of stream);
    model.tokenizer.createStream();
    const ended = Date.now();
    process.on('exit', () => console.log(Date.now() - ended));
  `);
  assert.equal(rest, { code: 0, signal: null, stderr: '' });
  assert.ok(Number(stdout) < 2000 * SLOWNESS, `${stdout.trim()} ms from the last line to the end`);
});

test('what runs keeps the process alive to its end', async () => {
  const result = await runInChild(`
    const model = await loadDemoModel();
    void model.generate(SPAIN, { maxNewTokens: 20 }).then(({ text }) => console.log(text.includes('Madrid')));
    void model.tokenizer.encode('a').then(({ length }) => console.log(length > 0));
  `);
  assert.equal([result.code, result.stdout.trim().split('\n')], [0, ['true', 'true']]);
});

test('a program that does everything prints nothing of its own accord', async () => {
  const result = await runInChild(`
    const model = await loadDemoModel({ onProgress: () => {} });
    await model.generate(SPAIN, { numBeams: 2, maxNewTokens: 5 });
    await model.generate(SPAIN, { signal: AbortSignal.timeout(30), onAbort: 'return' });
    await model.generate(noise(4000), { signal: AbortSignal.timeout(30) }).catch(() => {});
    await model.generate([{ role: 'user', content: 'x' }], { maxNewTokens: 3, temperature: 1 });
    await model.tokenizer.applyChatTemplate([{ role: 'user', content: 'x' }], { template: '{% if' }).catch(() => {});
    await Model.load('nowhere').catch(() => {});
    await Model.load(DEMO_MODEL, { executionProvider: 'cuda' }).catch(() => {});
    const generator = await model.createGenerator();
    await generator.generateNextToken().catch(() => {});
    await generator.dispose();
    await model.dispose();
  `);
  assert.equal(result, { code: 0, signal: null, stdout: '', stderr: '' });
});

test.run();
