import { pairs, pick } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';

/** Values between 0 and 1, the same in every run (Park and Miller's generator). */
function* fractions() {
  let state = 12345;
  while (true) {
    state = (state * 48271) % (2 ** 31 - 1);
    yield state / 2 ** 31;
  }
}

export default {
  id: 'abort',
  title: 'Abort',
  async run(context) {
    const { model, threads, quick, sides } = context;
    const random = fractions();
    const waits = (count, from, to) =>
      Array.from({ length: count }, () => Math.round(from + (to - from) * random.next().value));

    // 0 to 50 ms after the eighth token.
    const inDecode = Array.from({ length: context.pairs }, () => waits(quick ? 1 : 5, 0, 50));
    const decode = await pairs(context, context.pairs, (side, pair) =>
      side.run('abort', { model, threads, promptTokens: 16, tokensBefore: 8, waits: inDecode[pair] }),
    );

    const lengths = [{ promptTokens: 2000, repeats: 1 }];
    context.progress('how long a prefill takes');
    const [prefillMs] = (await sides.ours.run('ttft', { model, threads, lengths })).ms;
    const inPrefill = Array.from({ length: context.pairs }, () => waits(1, 0.1 * prefillMs, 0.7 * prefillMs));
    const prefill = await pairs(context, context.pairs, (side, pair) =>
      side.run('abort', { model, threads, promptTokens: 2000, tokensBefore: 0, waits: inPrefill[pair] }),
    );

    const due = result => result.fromDue;
    const call = result => result.fromCall;
    return {
      rows: [
        row('abort-decode', 'in decode', 'ms', 'lower', ...pick(decode, due)),
        row('abort-steps', 'in decode, in steps', 'steps', 'lower', ...pick(decode, r => r.fromDue / r.stepMs)),
        row('abort-prefill', 'in a prefill of 2,000 tokens', 'ms', 'lower', ...pick(prefill, due)),
        row('abort-call-decode', 'in decode, from abort()', 'ms', 'lower', decode.ours.map(call), null),
        row('abort-call-prefill', 'in the prefill, from abort()', 'ms', 'lower', prefill.ours.map(call), null),
      ],
    };
  },
};
