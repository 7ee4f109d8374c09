/**
 * `npm test`: set-up, then every gate under its own heading. `--ci` adds the gates of C++ and of the package, the tests
 * of `test/ci` and the sanitizers, and lets no test skip. A failed gate does not stop the next ones; the last line is
 * `N passed, N failed`.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newestMlflow } from './lib/mlflow.mjs';
import { main, PlainError } from './lib/plain-error.mjs';
import { root, runNode, runNpm } from './lib/run.mjs';
import { SANITIZERS } from './lib/sanitizers.mjs';
import { runTraced } from './lib/traced-tests.mjs';
import { CI_TESTS, killTestsOnSignals, runUvu } from './run-uvu.mjs';
import { setup } from './setup.mjs';
import { testSanitized } from './test-sanitized.mjs';
import { testVersion, versions } from './test-versions.mjs';

const TSC = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'];
const BENCH = ['bench/run.mjs', '--quick'];
const BIOME = ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '.'];

/** Heading and work of every gate. Work that resolves to counts is counted by them, other work as one. */
function gates(ci) {
  const always = [
    ['types', () => runNode(TSC)],
    ['format and lint', () => runNode(BIOME)],
    ['unit tests', () => (ci ? runUnitTestsTraced() : runUvu())],
  ];
  const onlyCi = [
    ['oldest onnxruntime-genai', () => testVersion(versions()[0])],
    ['C++ format and lint', () => runNpm(['run', '--silent', 'lint:cpp'])],
    ['package', () => runNpm(['run', '--silent', 'lint:pkg'])],
    [
      'install, neighbours, real MLflow',
      () => runUvu({ filters: [CI_TESTS], timeout: 600, deadline: 2400, noSkips: true }),
    ],
    ['newest MLflow (may fail)', testNewestMlflow],
    ...Object.entries(SANITIZERS).map(([kind, { heading }]) => [heading, () => testSanitized(kind)]),
    ['bench runs', () => runNode(BENCH)],
  ];
  return [['set-up', () => setup(line => console.log(line))], ...always, ...(ci ? onlyCi : [])];
}

function runUnitTestsTraced() {
  const runtime = join(root, '.runtime', `${process.platform}-${process.arch}-cpu`);
  return runTraced(runtime, versions().at(-1), env => runUvu({ noSkips: true, env }));
}

/** A warning of what is to come, so its tests are told but not counted. */
async function testNewestMlflow() {
  const filters = ['test/ci/mlflow/save', 'test/ci/mlflow/load'];
  try {
    const { bin, version } = await newestMlflow();
    const env = { GENAI_MLFLOW: bin, GENAI_MLFLOW_VERSION: version };
    const { passed, failed } = await runUvu({ filters, timeout: 600, deadline: 900, env });
    console.log(`with MLflow ${version} ${passed} tests pass and ${failed} fail; this is not counted`);
  } catch (error) {
    console.log(`the newest MLflow cannot be tried; this is not counted: ${error.message}`);
  }
}

/** @returns the counts of one gate; a gate that throws has failed once */
async function runGate(heading, work) {
  console.log(`\n== ${heading}`);
  try {
    const counts = await work();
    if (counts?.passed !== undefined) return counts;
    console.log('ok');
    return { passed: 1, failed: 0 };
  } catch (error) {
    console.log(error instanceof PlainError ? `FAIL ${error.message}` : error);
    return { passed: 0, failed: 1 };
  }
}

await main(async () => {
  const { values } = parseArgs({ options: { ci: { type: 'boolean', default: false } } });
  killTestsOnSignals();
  let passed = 0;
  let failed = 0;
  for (const [heading, work] of gates(values.ci)) {
    const begun = performance.now();
    const counts = await runGate(heading, work);
    console.log(`(${heading}: ${Math.round((performance.now() - begun) / 1000)} s)`);
    passed += counts.passed;
    failed += counts.failed;
    if (heading === 'set-up' && counts.failed > 0) break; // nothing below can run
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});
