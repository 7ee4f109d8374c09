import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';
import { STAGE_NAMES, type StageName } from './stages.ts';
import { twoAtOnce } from './two-at-once.ts';
import { WORKERS } from './workers.ts';

const test = suite('worker threads');

test('two at once and the main thread answer alike, and end by themselves', async () => {
  const result = await runInChild(`${WORKERS}
    const body = 'const model = await Model.load(DIR); parentPort.postMessage((await model.generate(SPAIN)).text);';
    const answers = [start(body), start(body)].map(async worker => {
      const [[text], code] = await Promise.all([once(worker, 'message'), exitOf(worker)]);
      return [text as string, code] as const;
    });
    const { text } = await (await loadDemoModel()).generate(SPAIN);
    for (const [answer, code] of await Promise.all(answers)) console.log(answer === text, code);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'true 0\ntrue 0\n', stderr: '' });
});

/** What an end in the middle could take along. */
const BUSY: StageName[] = [
  'loading',
  'in prefill',
  'in decode',
  'stream half read',
  'between steps',
  'encoding a chat',
];

/** How a worker ends at a stage: what it does itself, what is done to it, its exit code and its error. */
const ENDS = {
  'is terminated': {
    stages: STAGE_NAMES,
    within: 'setInterval(() => {}, 1000);',
    outside: 'await worker.terminate();',
    ending: '1',
  },
  'calls process.exit()': { stages: BUSY, within: 'process.exit(5);', outside: '', ending: '5' },
  'has an uncaught error': {
    stages: BUSY,
    within: "setImmediate(() => { throw new Error('mine'); });",
    outside: '',
    ending: '1 mine',
  },
};

test('one ends in the middle, in every way, while the main thread goes on', async () => {
  await twoAtOnce(Object.entries(ENDS), async ([name, { stages, within, outside, ending }]) => {
    const result = await runInChild(
      `${WORKERS}
      const model = await loadDemoModel();
      const expected = (await model.generate(SPAIN)).text;
      for (const stage of ${JSON.stringify(stages)}) {
        const worker = start(\`
          const reached = await enter('\${stage}');
          parentPort.postMessage(await isStill(reached));
          ${within}
        \`);
        let error = '';
        worker.once('error', ({ message }) => { error = ' ' + message; });
        const ended = exitOf(worker);
        const still = await new Promise(resolve => worker.once('message', resolve));
        const running = model.generate(SPAIN);
        ${outside}
        console.log(stage + ':', still, (await ended) + error, (await running).text === expected);
      }`,
      { timeoutMs: 180_000 },
    );
    const stdout = stages.map(stage => `${stage}: true ${ending} true\n`).join('');
    assert.equal(result, { code: 0, signal: null, stdout, stderr: '' }, name);
  });
});

test('workers one after the other, when the main thread has none', async () => {
  const result = await runInChild(`${WORKERS}
    for (let i = 0; i < 4; i++) {
      const worker = start('const model = await Model.load(DIR); await model.generate(SPAIN, { maxNewTokens: 3 });' + (i % 2 ? 'await model.dispose();' : ''));
      console.log(await exitOf(worker));
    }
  `);
  assert.equal(result, { code: 0, signal: null, stdout: '0\n'.repeat(4), stderr: '' });
});

test.run();
