import { pairs, pick } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';

/** No options on either side. The number of threads differs, and with it the last bit of a sum: tokens may, too. */
export default {
  id: 'default',
  title: 'Out of the box',
  async run(context) {
    const { model, quick } = context;
    const job = { model, promptTokens: 16, newTokens: quick ? 32 : 64, repeats: quick ? 1 : 3 };
    const results = await pairs(context, context.pairs, side => side.run('decode', job));
    return { rows: [row('default', 'generate(), no options', 'tokens/s', 'higher', ...pick(results, r => r.rate))] };
  },
};
