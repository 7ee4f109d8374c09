import { pairs, pick, sameTokens } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';

const AT_ONCE = [1, 2, 4];

/** Both models: the big one shows the batch, the demo model what stands around the library. */
export default {
  id: 'engine',
  title: 'Engine',
  async run(context) {
    const { model, demo, threads, quick } = context;
    const models = [
      { id: 'engine', name: '', job: { model, newTokens: quick ? 8 : 64 } },
      { id: 'engine-demo', name: 'demo model, ', job: { model: demo, newTokens: quick ? 32 : 500 } },
    ];
    const rows = [];
    let same = true;
    for (const { id, name, job } of models) {
      for (const atOnce of AT_ONCE) {
        const whole = { ...job, threads, atOnce, promptTokens: 16, repeats: quick ? 1 : 3 };
        const results = await pairs(context, context.pairs, side => side.run('engine', whole));
        const label = `${name}${atOnce} at once`;
        rows.push(row(`${id}-${atOnce}`, label, 'tokens/s', 'higher', ...pick(results, result => result.rate)));
        same &&= sameTokens(results);
      }
    }
    return { rows, sameTokens: same };
  },
};
