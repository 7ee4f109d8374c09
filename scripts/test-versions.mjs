/**
 * The version matrix: the same addon with each pinned onnxruntime-genai, through the tests that do not compare with the
 * Python package of the newest one. What a version lacks has to be refused with its code there.
 *
 *   node scripts/test-versions.mjs [version ...]     default: all, oldest first
 */

import { join } from 'node:path';
import { fetchRuntime } from './fetch-runtime.mjs';
import { isMain, main, PlainError } from './lib/plain-error.mjs';
import { root } from './lib/run.mjs';
import { findPair, olderVersions } from './lib/runtime-pairs.mjs';
import { runTraced } from './lib/traced-tests.mjs';
import { killTestsOnSignals, runUvu } from './run-uvu.mjs';

const TESTS = [
  ...['bad-input', 'binding', 'core', 'guided', 'phi3'].map(folder => `test/${folder}`),
  ...['collect', 'dispose', 'engine', 'exit'].map(name => `test/lifecycle/${name}.test`),
];

const platform = `${process.platform}-${process.arch}`;
const newest = () => findPair(platform, 'cpu').versions['onnxruntime-genai'];

/** Oldest first; on platforms without older pairs the newest alone. */
export function versions() {
  return [...olderVersions(platform, 'cpu'), newest()];
}

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function testVersion(version, log = line => console.log(line)) {
  const genai = version === newest() ? undefined : version;
  await fetchRuntime({ genai, log });
  const { name, versions: pair } = findPair(platform, 'cpu', genai);
  log(`onnxruntime-genai ${pair['onnxruntime-genai']} with ONNX Runtime ${pair.onnxruntime}`);
  const runtime = join(root, '.runtime', genai === undefined ? `${platform}-cpu` : name);
  const run = env => runUvu({ filters: TESTS, timeout: 600, env: { ...env, GENAI_TEST_VERSION: version } });
  // The newest one is traced with all unit tests.
  return genai === undefined ? run({ ORT_GENAI_HOME: runtime }) : runTraced(runtime, version, run);
}

if (isMain(import.meta.url)) {
  await main(async () => {
    killTestsOnSignals();
    const asked = process.argv.slice(2);
    const unknown = asked.find(version => !versions().includes(version));
    if (unknown !== undefined) throw new PlainError(`no ${unknown}; versions are ${versions().join(', ')}`);
    const table = [];
    for (const version of asked.length > 0 ? asked : versions()) {
      table.push({ version, ...(await testVersion(version)) });
    }
    for (const { version, passed, failed } of table) console.log(`${version}: ${passed} passed, ${failed} failed`);
    if (table.some(({ failed }) => failed > 0)) process.exitCode = 1;
  });
}
