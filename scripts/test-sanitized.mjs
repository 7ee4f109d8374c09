/**
 * The tests that exercise native code, with the addon built under sanitizers (Linux, g++). The libraries themselves are
 * not instrumented, so what is found is ours.
 *
 *   node scripts/test-sanitized.mjs [part of a test path ...]
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { main, PlainError } from './lib/plain-error.mjs';
import { root, runNode } from './lib/run.mjs';
import { killTestsOnSignals, runUvu } from './run-uvu.mjs';
import { setup } from './setup.mjs';

const NATIVE_TESTS = ['test/lifecycle/', 'test/core/', 'test/binding/contract', 'test/phi3/'];

/** Leaks are not asked for: V8 and the libraries keep memory to the end on purpose. */
const OPTIONS = {
  ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=1:abort_on_error=0:exitcode=99',
  UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:exitcode=99',
};

/** The sanitizers' runtimes must come before node's own malloc. */
function preload() {
  const path = name => execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return ['libasan.so', 'libubsan.so'].map(path).join(' ');
}

await main(async () => {
  if (process.platform !== 'linux') throw new PlainError('the sanitized tests run on Linux only');
  const filters = process.argv.slice(2);
  killTestsOnSignals();
  await setup(line => console.log(line));
  const folder = join(root, '.cache', 'sanitized');
  const cmake = ['node_modules/cmake-js/bin/cmake-js', 'build', '--out', join(folder, 'build')];
  await runNode([...cmake, '--CDGENAI_SANITIZE=address,undefined']);
  // node-gyp-build looks for the addon below this folder instead of the package's.
  Object.assign(process.env, OPTIONS, { ONNXRUNTIME_GENAI_NODE_PREBUILD: folder, LD_PRELOAD: preload() });
  const { passed, failed } = await runUvu({
    filters: filters.length > 0 ? filters : NATIVE_TESTS,
    timeout: 600,
    deadline: 3000,
  });
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});
