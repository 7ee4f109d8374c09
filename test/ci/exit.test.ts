import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';
import { twoAtOnce } from '../lifecycle/two-at-once.ts';

const test = suite('exit under load');

const STREAMS = 24;
const EXITS = 30;

/** Without the gate that waits for the threads (native/napi/owner_thread.cc) about one exit in ten is a SIGSEGV. */
test(`process.exit() with ${STREAMS} streams in decode, ${EXITS} times`, async () => {
  await twoAtOnce([...Array(EXITS).keys()], async i => {
    const result = await runInChild(`
      const model = await loadDemoModel();
      let begun = 0;
      const read = async (temperature: number) => {
        let first = true;
        for await (const _ of model.stream(STORY, { minLength: 2000, maxNewTokens: 2000, temperature })) {
          if (first) begun++;
          first = false;
        }
      };
      for (let i = 0; i < ${STREAMS}; i++) void read(i % 2);
      while (begun < ${STREAMS}) await sleep(1);
      setTimeout(() => process.exit(7), ${(i * 7) % 40});
    `);
    assert.equal(result, { code: 7, signal: null, stdout: '', stderr: '' }, `exit ${i}`);
  });
});

test.run();
