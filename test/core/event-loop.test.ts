import * as assert from 'uvu/assert';
import { loadDemoModel, noise, STORY } from '../helpers/demo-model.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('event loop');

interface Ticking {
  readonly elapsed: number;
  readonly ticks: number;
  readonly gap: number;
}

/** Runs `work` beside a timer of 1 ms. */
async function measure(work: () => Promise<unknown>): Promise<Ticking> {
  const begun = performance.now();
  let last = begun;
  let ticks = 0;
  let gap = 0;
  const look = (): void => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  };
  const timer = setInterval(() => {
    ticks++;
    look();
  }, 1);
  await work();
  look();
  clearInterval(timer);
  return { elapsed: performance.now() - begun, ticks, gap };
}

/** On a machine busy with other things one try may be held up, but not three: work that blocks is late every time. */
async function demandTicks(name: string, work: () => Promise<unknown>): Promise<void> {
  const tries: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { elapsed, ticks, gap } = await measure(work);
    assert.ok(elapsed > 40, `${name}: ${elapsed} ms is too short to say anything`);
    if (gap < 100 && ticks >= elapsed / 20) return;
    tries.push(`${ticks} ticks in ${elapsed.toFixed(0)} ms, longest gap ${gap.toFixed(0)} ms`);
  }
  assert.unreachable(`${name}: ${tries.join('; ')}`);
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
