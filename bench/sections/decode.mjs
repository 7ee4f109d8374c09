import { pairs, pick, sameTokens } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';

export default {
  id: 'decode',
  title: 'Decode',
  async run(context) {
    const { model, demo, threads, quick } = context;
    const whole = { model, threads, promptTokens: 16, newTokens: quick ? 32 : 64, repeats: quick ? 1 : 3 };
    const streamed = { model: demo, threads, promptTokens: 16, newTokens: quick ? 64 : 500, repeats: quick ? 1 : 3 };
    const decode = await pairs(context, context.pairs, side => side.run('decode', whole));
    const stream = await pairs(context, context.pairs, side => side.run('stream', streamed));
    const rate = result => result.rate;
    return {
      rows: [
        row('decode', 'generate()', 'tokens/s', 'higher', ...pick(decode, rate)),
        row('stream', 'stream() of the demo model, read one by one', 'tokens/s', 'higher', ...pick(stream, rate)),
      ],
      sameTokens: sameTokens(decode) && sameTokens(stream),
    };
  },
};
