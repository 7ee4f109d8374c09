import { pairs, pick } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';

/** The big model for what it takes, the demo model for what many rounds leave behind. */
export default {
  id: 'memory',
  title: 'Memory',
  async run(context) {
    const { model, demo, threads, quick, rounds } = context;
    const [few, many] = quick ? [2, 4] : [20, 200];
    const one = { model, threads, promptTokens: 256, newTokens: quick ? 8 : 32, rounds: [1] };
    const again = { model: demo, threads, promptTokens: 256, newTokens: 8, rounds: [few, many] };
    const large = await pairs(context, rounds, side => side.run('memory', one));
    const small = await pairs(context, rounds, side => side.run('memory', again));
    const mebibytes = (id, label, results, value) => row(id, label, 'MiB', 'lower', ...pick(results, value));
    return {
      rows: [
        mebibytes('rss-start', 'package imported', large, r => r.start),
        mebibytes('rss-loaded', 'model loaded', large, r => r.loaded),
        mebibytes('rss-answered', 'after an answer', large, r => r.answered),
        mebibytes('rss-disposed', 'model disposed', large, r => r.after[1]),
        mebibytes('rss-few', `demo model, after ${few} rounds`, small, r => r.after[few]),
        mebibytes('rss-many', `demo model, after ${many} rounds`, small, r => r.after[many]),
      ],
    };
  },
};
