import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('streams at once');

test('streams that are read, left, cancelled, aborted and thrown out of, all at the same time', async () => {
  const result = await runInChild(`
    const model = await loadDemoModel();
    const endless = { minLength: 3000, maxNewTokens: 3000 };
    const start = (signal?: AbortSignal) => model.stream(STORY, signal === undefined ? endless : { ...endless, signal });
    const { text } = await model.generate(STORY, { maxNewTokens: 40 });
    const readers = {
      async read() {
        let all = '';
        for await (const piece of model.stream(STORY, { maxNewTokens: 40 }).text) all += piece;
        return all === text;
      },
      async left() {
        const stream = start();
        for await (const { index } of stream) if (index === 7) break;
        return (await stream.result).finishReason;
      },
      async cancelled() {
        const stream = start();
        setTimeout(() => stream.cancel(), 40);
        let count = 0;
        for await (const _ of stream) count++;
        return (await stream.result).tokenIds.length === count;
      },
      async aborted() {
        const signal = AbortSignal.timeout(60);
        try { for await (const _ of start(signal)); } catch (error) { return error === signal.reason; }
      },
      async thrown() {
        try { for await (const { index } of start()) if (index === 3) throw new Error('mine'); }
        catch (error) { return (error as Error).message; }
      },
      async prefilled() {
        const generator = await model.createGenerator({ maxLength: 4096 });
        const controller = new AbortController();
        const { signal } = controller;
        const prefill = generator.appendTokens(noise(3000), { signal }).catch(error => error === signal.reason);
        const busy = await generator.appendTokens([1]).catch(error => error.code);
        setTimeout(() => controller.abort(), 20);
        const aborted = await prefill;
        await generator.dispose();
        return [busy, aborted].join();
      },
    };
    for (let round = 0; round < 3; round++) {
      console.log((await Promise.all(Object.values(readers).map(reader => reader()))).join(' '));
    }
    await model.dispose();
  `);
  const line = 'true abort true true mine ERR_GENAI_BUSY,true\n';
  assert.equal(result, { code: 0, signal: null, stdout: line.repeat(3), stderr: '' });
});

test.run();
