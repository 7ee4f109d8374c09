/**
 * Proves that every case of the bad-input tables can fail: breaks one line of `src/` at a time (`mutations/`) in a
 * copy of the checkout, and runs the tables there. Red is a mutation that turns no case red, a case that no mutation
 * turns red, and a mutation whose line is no longer there.
 *
 *   node scripts/mutate.mjs [--native] [id of a mutation ...]
 *
 * `--native` breaks lines of `native/` as well, each with a build. With ids only those are run, and no case is missed.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkMutation, makeCopy, mutated, removeCopy } from './lib/mutation-copy.mjs';
import { killRuns, runCases } from './lib/mutation-run.mjs';
import { main, PlainError } from './lib/plain-error.mjs';
import { runNode } from './lib/run.mjs';
import { NATIVE_MUTATIONS, SOURCE_MUTATIONS } from './mutations/index.mjs';
import { setup } from './setup.mjs';

const AT_ONCE = 2;

/** Runs the tables with every mutation. @returns ids by case, and what is wrong with mutations */
async function runMutations(mutations, copies) {
  const reds = new Map();
  const problems = [];
  // One copy only builds, and what it has built once is built quickly again.
  const queues = { native: mutations.filter(isNative), source: mutations.filter(mutation => !isNative(mutation)) };
  const worker = async (copy, index) => {
    const next = () => (index === 0 ? queues.native.shift() : undefined) ?? queues.source.shift();
    for (let mutation = next(); mutation !== undefined; mutation = next()) {
      const start = performance.now();
      const { id, tables } = mutation;
      try {
        const { failed } = await mutated(copy, mutation, async () =>
          runCases(copy, { tables, env: isNative(mutation) ? await buildNative(copy) : {} }),
        );
        for (const name of failed.keys()) reds.set(name, [...(reds.get(name) ?? []), id]);
        if (failed.size === 0) problems.push(`mutation ${id} turned no case red`);
        console.log(`${id}: ${failed.size} red, ${((performance.now() - start) / 1000).toFixed(0)} s`);
      } catch (error) {
        if (!(error instanceof PlainError)) throw error;
        problems.push(`mutation ${id}: ${error.message}`);
      }
    }
  };
  await Promise.all(copies.map(worker));
  return { reds, problems };
}

function isNative({ file }) {
  return file.startsWith('native/');
}

/** node-gyp-build looks for the addon below the folder of that variable. */
async function buildNative(copy) {
  const folder = join(copy, 'native-build');
  const cmake = ['node_modules/cmake-js/bin/cmake-js', 'build', '--directory', copy, '--out', join(folder, 'build')];
  await runNode([...cmake, '--CDGENAI_WERROR=OFF']);
  return { ONNXRUNTIME_GENAI_NODE_PREBUILD: folder };
}

function printTable(listed, reds) {
  console.log('\ncase <- mutations that turned it red');
  for (const name of listed) console.log(`  ${name} <- ${reds.get(name)?.join(', ') ?? 'NONE'}`);
}

/** Removed when the process ends, however it does. */
const copies = [];

/** The cases as they are, all green: one that is always red would prove nothing. */
async function baseline(copy) {
  const { listed, failed } = await runCases(copy);
  if (failed.size === 0) return [...listed];
  const lines = [...failed].map(([name, message]) => `  ${name}: ${message}`);
  throw new PlainError(`without a mutation these are red:\n${lines.join('\n')}`);
}

async function mutate(ids, native) {
  const every = [...SOURCE_MUTATIONS, ...NATIVE_MUTATIONS];
  for (const mutation of every) checkMutation(mutation);
  const unknown = ids.find(id => !every.some(mutation => mutation.id === id));
  if (unknown !== undefined) throw new PlainError(`no mutation is named ${unknown}`);
  const chosen = ids.length > 0 ? every.filter(({ id }) => ids.includes(id)) : SOURCE_MUTATIONS;
  const all = native && ids.length === 0 ? every : chosen;

  for (let i = 0; i < AT_ONCE; i++) copies.push(makeCopy());
  const listed = ids.length > 0 ? [] : await baseline(copies[0]);
  const { reds, problems } = await runMutations(all, copies);
  printTable(ids.length > 0 ? [...reds.keys()] : listed, reds);
  for (const name of listed) if (!reds.has(name)) problems.push(`case "${name}" was never red`);
  for (const problem of problems) console.log(`FAIL ${problem}`);
  const cases = listed.length > 0 ? `${listed.filter(name => reds.has(name)).length} of ${listed.length}` : reds.size;
  console.log(`${all.length} mutations, ${cases} cases seen red, ${problems.length} problems`);
  const shared = new Set(all.filter(mutation => mutation.shared).map(({ id }) => id));
  const weak = [...reds.values()].filter(by => by.every(id => shared.has(id))).length;
  console.log(`${weak} of them only by a mutation of what every error of a kind shares`);
  if (problems.length > 0) process.exitCode = 1;
}

await main(async () => {
  const options = { native: { type: 'boolean', default: false } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  process.once('exit', () => {
    killRuns();
    for (const copy of copies) removeCopy(copy);
  });
  await setup(line => console.log(line));
  await mutate(positionals, values.native);
});
