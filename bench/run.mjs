/**
 * Measures this package and the official Python package side by side, in interleaved pairs.
 *
 *   node bench/run.mjs [options]
 *
 *   --model FOLDER     default: .cache/bench-model, else models/phi3-demo
 *   --pairs N          default 11: enough for a bound of more than 95 %
 *   --rounds N         of what takes minutes (event loop, memory); default 3
 *   --threads N        intra_op_num_threads of both sides; default: the cores that this process may use
 *   --only A,B         of: decode, default, ttft, object, loop, abort, memory, cold, mlflow
 *   --save             keep what was measured in bench/results.json, and write docs/performance.md and .svg from it
 *   --quick            one pair with the demo model: shows that everything runs, in well under a minute
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { main, PlainError } from '../scripts/lib/plain-error.mjs';
import { root } from '../scripts/lib/run.mjs';
import { setup } from '../scripts/setup.mjs';
import { writeDocuments } from './draw.mjs';
import { environment } from './lib/environment.mjs';
import { saveSection } from './lib/results.mjs';
import { textTable } from './lib/rows.mjs';
import { bothSides } from './lib/sides.mjs';
import { selfCheck } from './lib/statistics.mjs';
import { SECTIONS } from './sections/index.mjs';

const DEMO = join(root, 'models', 'phi3-demo');
const BENCH = join(root, '.cache', 'bench-model');

const OPTIONS = {
  model: { type: 'string' },
  pairs: { type: 'string' },
  rounds: { type: 'string' },
  threads: { type: 'string' },
  only: { type: 'string' },
  save: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
};

function chosenSections(only) {
  if (only === undefined) return SECTIONS;
  const known = SECTIONS.map(({ id }) => id);
  const wanted = only.split(',');
  const unknown = wanted.find(id => !known.includes(id));
  if (unknown !== undefined) throw new PlainError(`there is no section "${unknown}"; there are: ${known.join(', ')}.`);
  return SECTIONS.filter(({ id }) => wanted.includes(id));
}

function count(name, text, otherwise) {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new PlainError(`--${name} must be a whole number above 0.`);
  return value;
}

function modelFolder({ model, quick }) {
  if (model !== undefined) return resolve(model);
  if (quick) return DEMO;
  if (existsSync(BENCH)) return BENCH;
  console.log('There is no .cache/bench-model (scripts/make-bench-model.py makes it): the demo model is measured,');
  console.log('which is too small to say much about speed.\n');
  return DEMO;
}

/** One line that is overwritten, and only where somebody looks. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

await main(async () => {
  const { values } = parseArgs({ options: OPTIONS });
  selfCheck();
  const sections = chosenSections(values.only);
  const { quick, save } = values;
  const model = modelFolder(values);
  if (save && (quick || model === DEMO)) throw new PlainError('--save is for figures of the bench model.');

  await setup(line => console.log(line));
  const { tsImport } = await import('tsx/esm/api'); // not before the set-up has installed it
  const { availableCores } = await tsImport('../src/util/cores.ts', import.meta.url);
  const cores = availableCores();
  const settings = {
    pairs: count('pairs', values.pairs, quick ? 1 : 11),
    rounds: count('rounds', values.rounds, quick ? 1 : 3),
    threads: count('threads', values.threads, cores),
  };
  const context = { ...settings, sides: await bothSides(), cores, model, demo: DEMO, quick };
  const described = await environment(context);
  for (const [name, text] of Object.entries(described)) console.log(`${`${name}:`.padEnd(9)} ${text}`);
  console.log('ratio:    above 1 ours is better: ours / Python for rates, Python / ours for times and memory');

  for (const { id, title, run } of sections) {
    const started = performance.now();
    const result = await run({ ...context, progress: text => progress(`${title}: ${text}`) });
    progress('');
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`\n== ${title} (${seconds} s)\n${textTable(result.rows)}`);
    if (result.sameTokens !== undefined) console.log(`same tokens on both sides: ${result.sameTokens ? 'yes' : 'NO'}`);
    if (save) await saveSection(described, id, result);
  }
  if (save) await writeDocuments();
});
