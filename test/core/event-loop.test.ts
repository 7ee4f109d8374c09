import * as assert from 'uvu/assert';
import { loadDemoModel, noise, STORY } from '../helpers/demo-model.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('event loop');

/** Runs `work` beside a timer of 1 ms. The bounds leave room for a machine that is busy with other things. */
async function demandTicks(name: string, work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  let last = begun;
  let ticks = 0;
  let gap = 0;
  const tick = (): void => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  };
  const timer = setInterval(() => {
    ticks++;
    tick();
  }, 1);
  await work();
  tick();
  clearInterval(timer);
  const elapsed = performance.now() - begun;
  const figures = `${name}: ${ticks} ticks in ${elapsed.toFixed(0)} ms, longest gap ${gap.toFixed(0)} ms`;
  assert.ok(elapsed > 40, `${figures}: too short to say anything`);
  assert.ok(gap < 100, figures);
  assert.ok(ticks >= elapsed / 20, figures);
}

test('a timer keeps ticking during load, prefill and decode', async () => {
  await (await loadDemoModel()).dispose(); // the libraries themselves are opened once per process
  const models = await Promise.all([loadDemoModel(), loadDemoModel()]);
  await demandTicks('load', async () => {
    models.push(await loadDemoModel());
    models.push(await loadDemoModel());
  });
  const [model] = models;
  assert.ok(model !== undefined);
  await demandTicks('prefill', () => model.generate(noise(4000), { maxNewTokens: 1 }));
  await demandTicks('append', async () => {
    await using generator = await model.createGenerator({ maxLength: 4096 });
    await generator.appendTokens(noise(4000));
  });
  await demandTicks('decode', () => model.generate(STORY, { minLength: 400, maxNewTokens: 400 }));
  await demandTicks('stream', async () => {
    for await (const _ of model.stream(STORY, { minLength: 400, maxNewTokens: 400 }));
  });
  await Promise.all(models.map(loaded => loaded.dispose()));
});

test.run();
