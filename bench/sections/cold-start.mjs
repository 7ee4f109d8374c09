import { fileURLToPath } from 'node:url';
import { pairs, pick } from '../lib/pairs.mjs';
import { row } from '../lib/rows.mjs';
import { median } from '../lib/statistics.mjs';

/** Arguments of the interpreters: with nothing to do, with the import alone, and with a whole first answer. */
const PROGRAMS = {
  ours: {
    bare: ['--input-type=module', '--eval', ''],
    imported: ['--input-type=module', '--eval', "import 'onnxruntime-genai-node';"],
    first: [fileURLToPath(new URL('../workers/first-token.mjs', import.meta.url))],
  },
  python: {
    bare: ['-c', ''],
    imported: ['-c', 'import onnxruntime_genai'],
    first: [fileURLToPath(new URL('../workers/first_token.py', import.meta.url))],
  },
};

/** Medians of three: a small difference of two large times. */
async function difference(side, more, less) {
  const times = { more: [], less: [] };
  for (let i = 0; i < 3; i++) {
    times.more.push((await side.time(more)).totalMs);
    times.less.push((await side.time(less)).totalMs);
  }
  return median(times.more) - median(times.less);
}

export default {
  id: 'cold',
  title: 'Cold start',
  async run(context) {
    const { demo, threads } = context;
    // One of each beforehand: the first ever has to read the files from the disk.
    const results = await pairs(context, context.pairs + 1, async (side, _, name) => {
      const { bare, imported, first } = PROGRAMS[name];
      const importMs = await difference(side, imported, bare);
      const { firstOutputMs } = await side.time([...first, demo, String(threads)]);
      return { importMs, firstOutputMs };
    });
    const warm = { ours: results.ours.slice(1), python: results.python.slice(1) };
    return {
      rows: [
        row('import', 'import of the package', 'ms', 'lower', ...pick(warm, r => r.importMs)),
        row('first', 'process start to first text, demo model', 'ms', 'lower', ...pick(warm, r => r.firstOutputMs)),
      ],
    };
  },
};
