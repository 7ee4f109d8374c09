import { pairs, pick } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';

/** Node's event loop against a thread of Python: what else a server would do meanwhile. */
export default {
  id: 'loop',
  title: 'Event loop',
  async run(context) {
    const { model, threads, quick, rounds } = context;
    const job = { model, threads, promptTokens: 2000, streams: 3, streamTokens: 2000, idleMs: quick ? 300 : 3000 };
    const results = await pairs(context, rounds, side => side.run('loop', job));
    const late = (state, which) =>
      row(`${state}-${which}`, `${state}, ${which}`, 'ms', 'lower', ...pick(results, r => r[state][which]));
    return {
      rows: [
        ...['idle', 'busy'].flatMap(state => ['median', 'p99', 'max'].map(which => late(state, which))),
        row('busy-prefill', 'busy: the long prompt read', 's', 'lower', ...pick(results, r => r.prefillMs / 1000)),
        row(
          'busy-streams',
          'busy: the three others, together',
          'tokens/s',
          'higher',
          ...pick(results, r => r.tokensPerSecond),
        ),
      ],
    };
  },
};
