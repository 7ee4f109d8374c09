/**
 * The tests of threads and lifetimes, with the addon built under a sanitizer (Linux, g++). Node and the libraries are
 * not instrumented, and what they do among themselves does not count.
 *
 *   node scripts/test-sanitized.mjs address|thread [part of a test path ...]
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, main, PlainError } from './lib/plain-error.mjs';
import { root, runNode } from './lib/run.mjs';
import { nameFrames, readReports } from './lib/sanitizer-reports.mjs';
import { preload, SANITIZERS } from './lib/sanitizers.mjs';
import { killTestsOnSignals, runUvu } from './run-uvu.mjs';
import { setup } from './setup.mjs';

const SHOWN_REPORTS = 3;

/**
 * Builds the addon into `.cache/sanitized/<kind>` and runs the tests with it. Every report about our code is a failure,
 * whatever the test makes of it that caused it.
 *
 * @param {keyof SANITIZERS} kind
 * @param {string[]} filters parts of the paths of the test files to run; default: those of the sanitizer
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function testSanitized(kind, filters = []) {
  if (process.platform !== 'linux') throw new PlainError('the sanitized tests run on Linux only');
  if (spawnSync('g++', ['--version']).error) throw new PlainError('g++ is missing: sudo apt-get install g++');
  const sanitizer = SANITIZERS[kind];
  const runtimes = preload(sanitizer);
  const folder = join(root, '.cache', 'sanitized', kind);
  const cmake = ['node_modules/cmake-js/bin/cmake-js', 'build', '--out', join(folder, 'build')];
  await runNode([...cmake, `--CDGENAI_SANITIZE=${sanitizer.sanitize}`, '--CDCMAKE_CXX_COMPILER=g++']);

  const addon = join(folder, 'build', 'Release', 'onnxruntime-genai-node.node');
  const reports = join(folder, 'reports');
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports);
  // Each process writes a file of its own, so that no report is lost with the stderr of a child that nobody reads.
  const options = Object.entries(sanitizer.options).map(([name, value]) => [
    name,
    `${value}:log_path=${join(reports, 'report')}`,
  ]);
  const env = {
    ...Object.fromEntries(options),
    // node-gyp-build looks for the addon below this folder instead of the package's.
    ONNXRUNTIME_GENAI_NODE_PREBUILD: folder,
    LD_PRELOAD: runtimes,
    GENAI_TEST_SLOWNESS: String(sanitizer.slowness),
  };
  await expectLoaded(addon, env);
  const chosen = filters.length > 0 ? filters : sanitizer.tests;
  const { passed, failed } = await runUvu({ filters: chosen, timeout: 600, deadline: 1500, noSkips: true, env });
  return { passed, failed: failed + countReports(reports, addon) };
}

/** Without this addon in the process no test could ever fail. */
async function expectLoaded(addon, env) {
  const program = `
    import { loadRuntime } from './src/binding/runtime.ts';
    await loadRuntime();
    if (!process.report.getReport().sharedObjects.includes(${JSON.stringify(addon)})) process.exit(3);`;
  await runNode(['--import', 'tsx', '--input-type=module', '--eval', program], { env });
}

/** Shows the first of our reports. @returns how many there are */
function countReports(folder, addon) {
  const { ours, vendors } = readReports(folder, addon);
  for (const { file, text } of ours.slice(0, SHOWN_REPORTS)) {
    console.log(`FAIL ${file}\n${nameFrames(text, addon).trimEnd().replace(/^/gm, '     ')}`);
  }
  if (ours.length > SHOWN_REPORTS) console.log(`FAIL ${ours.length - SHOWN_REPORTS} more in ${folder}`);
  if (vendors > 0) console.log(`left out: ${vendors} reports in which none of our code takes part`);
  return ours.length;
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const [kind, ...filters] = process.argv.slice(2);
    if (!Object.hasOwn(SANITIZERS, kind ?? '')) {
      throw new PlainError(`name a sanitizer: ${Object.keys(SANITIZERS).join(' or ')}`);
    }
    killTestsOnSignals();
    await setup(line => console.log(line));
    const { passed, failed } = await testSanitized(kind, filters);
    console.log(`${passed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  });
}
