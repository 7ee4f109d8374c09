/**
 * Runs the unit tests (`*.test.ts` below `test`, without `test/types`), each file in its own process, two at a time.
 * Those of `test/ci` install, measure or take long: they run only when a part of their path is given. The last line is
 * `N passed, N failed`; a file that fails without a failed test counts as one failure.
 *
 *   node scripts/run-uvu.mjs [part of a path ...] [--timeout seconds] [--deadline seconds] [--no-skips]
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mlflowEnvironments } from './lib/mlflow.mjs';
import { parityEnvironment } from './lib/parity.mjs';
import { isMain, main, PlainError } from './lib/plain-error.mjs';
import { root } from './lib/run.mjs';
import { killAll, runTestFile } from './lib/test-file.mjs';

/** The tests that `npm test` leaves out. As a filter it names them all. */
export const CI_TESTS = 'test/ci/';

const AT_ONCE = 2;

/**
 * @param {{ filters?: string[], timeout?: number, deadline?: number, noSkips?: boolean, env?: object }} options
 *   `filters`: run files whose path holds one of these (default: all but `CI_TESTS`); `timeout`: seconds per file
 *   (default 240); `deadline`: seconds for all (default 1200); `noSkips`: a skipped test is a failure; `env`: what the
 *   files find in their environment besides this process's
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runUvu({ filters = [], timeout = 240, deadline = 1200, noSkips = false, env = {} } = {}) {
  const files = selectFiles(filters);

  const results = [];
  const { env: prepared, failed: unprepared } = await prepare(files);
  const queue = [...files];
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    console.log(`FAIL deadline of ${deadline} s reached while running: ${killAll().join(', ')}`);
  }, deadline * 1000);
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined && !expired; file = queue.shift()) {
      const result = await runTestFile(file, { timeoutMs: timeout * 1000, env: { ...prepared, ...env } });
      if (noSkips && result.skipped > 0) forbidSkips(result);
      report(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  clearTimeout(timer);

  const notRun = files.length - results.length;
  if (notRun > 0) console.log(`FAIL ${notRun} of ${files.length} files were not run`);
  return { passed: sum(results, 'passed'), failed: sum(results, 'failed') + notRun + unprepared };
}

/** Every filter must match: one that is out of date would silently run less. */
function selectFiles(filters) {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .map(path => `test/${path.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith('.test.ts') && !path.startsWith('test/types/'))
    .sort();
  if (filters.length === 0) return files.filter(path => !path.startsWith(CI_TESTS));
  const idle = filters.filter(part => !files.some(path => path.includes(part)));
  if (idle.length > 0) throw new PlainError(`no test file matches: ${idle.join(', ')}`);
  return files.filter(path => filters.some(part => path.includes(part)));
}

/** Folders of tests that need Python packages, and what installs them. */
const NEEDS = { 'test/parity/': parityEnvironment, 'test/ci/mlflow/': mlflowEnvironments };

/** Tests that compare with Python get it installed; a machine where that fails is told so once, and is not green. */
async function prepare(files) {
  const prepared = { env: {}, failed: 0 };
  for (const [folder, install] of Object.entries(NEEDS)) {
    if (!files.some(file => file.startsWith(folder))) continue;
    try {
      Object.assign(prepared.env, await install());
    } catch (error) {
      console.log(`FAIL the Python packages of ${folder} cannot be installed: ${error.message}`);
      prepared.failed++;
    }
  }
  return prepared;
}

function forbidSkips(result) {
  result.failed += result.skipped;
  result.problems.push(`${result.skipped} tests were skipped`);
}

function report({ file, passed, skipped, problems, output, seconds }) {
  const counts = `${passed} passed${skipped > 0 ? `, ${skipped} skipped` : ''}, ${seconds.toFixed(1)} s`;
  if (problems.length === 0) console.log([`ok   ${file} (${counts})`, ...figuresOf(output)].join('\n'));
  else console.log(`FAIL ${file}: ${problems.join('; ')} (${counts})\n${output.trimEnd().replace(/^/gm, '     ')}`);
}

/** What a test has measured is shown also when all is well: the lines that begin with `figure:`. */
function figuresOf(output) {
  return [...output.matchAll(/^figure: (.*)$/gm)].map(([, text]) => `     ${text}`);
}

function sum(results, field) {
  return results.reduce((total, result) => total + result[field], 0);
}

/** The files run in process groups of their own, which Ctrl-C in a terminal does not reach. */
export function killTestsOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      killAll();
      process.exit(130);
    });
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const seconds = { type: 'string' };
    const options = { timeout: seconds, deadline: seconds, 'no-skips': { type: 'boolean', default: false } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    killTestsOnSignals();
    const { passed, failed } = await runUvu({
      filters: positionals,
      timeout: Number(values.timeout ?? 240),
      deadline: Number(values.deadline ?? 1200),
      noSkips: values['no-skips'],
    });
    console.log(`${passed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  });
}
