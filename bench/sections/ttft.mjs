import { pairs, pick } from '../lib/pairs.mjs';
import { number, row } from '../lib/rows.mjs';

export default {
  id: 'ttft',
  title: 'First token',
  async run(context) {
    const { model, threads, quick } = context;
    const repeats = { 32: 5, 256: 3, 2000: 1 };
    const lengths = Object.keys(repeats).map(n => ({ promptTokens: Number(n), repeats: quick ? 1 : repeats[n] }));
    const results = await pairs(context, context.pairs, side => side.run('ttft', { model, threads, lengths }));
    return {
      rows: lengths.map(({ promptTokens }, i) => {
        const label = `${number(promptTokens).replace(/\.0+$/, '')} prompt tokens`;
        return row(`ttft-${promptTokens}`, label, 'ms', 'lower', ...pick(results, result => result.ms[i]));
      }),
    };
  },
};
