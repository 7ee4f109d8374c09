import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';
import { STAGE_NAMES } from './stages.ts';

const test = suite('garbage collection');

/** Between two collections. One takes a few milliseconds, and the rest of the program wants a turn, too. */
const GC_MS = 3 * SLOWNESS;

/** How the call of a stage ends although nobody keeps the objects; the other stages run nothing. */
const ENDINGS: Record<string, string> = {
  'asking for capabilities': 'string',
  loading: 'phi3',
  'loading from a Config with model data': 'phi3',
  'tokenizers without a model': 'true',
  'making a generator': '0',
  'in prefill': 'appended',
  'in the prefill of generate': 'length',
  'in decode': 'length,length,length',
  'stream unread': 'length',
  'stream half read': 'length',
  'encoding a chat': 'true',
  'chat in its second turn': 'length',
  'phi3 predicting': 'length',
  logging: 'length,length',
  'in turns of an engine': 'length,length,length,length,length',
};

test('at every stage nothing is collected that runs, and everything that has ended', async () => {
  const result = await runInChild(
    `
    import { enter, SHORT, STAGE_NAMES, type StageName } from '../../test/lifecycle/stages.ts';
    const gc = (globalThis as { gc?: () => void }).gc as () => void;
    // Only the promise of what runs is kept.
    const begin = async (name: StageName) => {
      const { made, running } = await enter(name, SHORT);
      return { running, remains: made.map(object => new WeakRef(object)) };
    };
    for (const name of STAGE_NAMES) {
      const timer = setInterval(gc, ${GC_MS});
      const { running, remains } = await begin(name);
      const ending = await running;
      // What a finalizer posts to a thread, and the thread to this one, takes its time.
      for (let i = 0; i < 200 && remains.some(ref => ref.deref() !== undefined); i++) await sleep(20);
      clearInterval(timer);
      console.log(name + ':', ending ?? 'idle', remains.every(ref => ref.deref() === undefined));
    }
  `,
    { timeoutMs: 110_000 },
  );
  const expected = STAGE_NAMES.map(name => `${name}: ${ENDINGS[name] ?? 'idle'} true\n`).join('');
  assert.equal(result, { code: 0, signal: null, stdout: expected, stderr: '' });
});

test('answers are right although the collector runs all the time', async () => {
  const result = await runInChild(`
    const gc = (globalThis as { gc?: () => void }).gc;
    const timer = setInterval(() => gc?.(), ${GC_MS});
    const answer = await (await loadDemoModel()).generate(SPAIN);
    const start = async () => (await loadDemoModel()).stream(SPAIN);
    let text = '';
    for await (const piece of (await start()).text) text += piece;
    const generator = await (await loadDemoModel()).createGenerator({ maxLength: 4000 });
    await generator.appendTokens(noise(500));
    for (let i = 0; i < 30; i++) await generator.generateNextToken();
    clearInterval(timer);
    console.log(answer.text.includes('Madrid'), text === answer.text, generator.tokenCount);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'true true 530\n', stderr: '' });
});

test.run();
