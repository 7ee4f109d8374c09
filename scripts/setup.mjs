/**
 * Makes a fresh clone ready to run: npm packages, runtime libraries, addon, TypeScript. Every step is skipped when its
 * result is up to date; when all are, nothing is printed. Needs Node's builtins only.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fetchRuntime } from './fetch-runtime.mjs';
import { isMain, main, PlainError } from './lib/plain-error.mjs';
import { findPython } from './lib/python.mjs';
import { root, runNode, runNpm } from './lib/run.mjs';
import { describeMissing, missingBuildTools } from './lib/tools.mjs';
import { fingerprint, isNoted, noted } from './lib/up-to-date.mjs';

const RUNTIME = join(root, '.runtime', `${process.platform}-${process.arch}-cpu`, 'runtime.json');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * Does what is missing, in order. Rejects with a `PlainError` when a tool is missing or a step fails.
 *
 * @param {(line: string) => void} log gets one line per step that was needed, with its time
 */
export async function setup(log = line => console.error(line)) {
  await checkTools();
  await timed(log, 'installing npm packages', installPackages);
  await timed(log, 'fetching the runtime libraries', () => fetchRuntime());
  await timed(log, 'compiling the addon (about a minute)', buildAddon);
  await timed(log, 'compiling TypeScript', buildTypeScript);
}

/** Names everything that is missing at once, and demands only what a step of this run will use. */
async function checkTools() {
  const missing = isAddonBuilt(addonPrint()) ? [] : missingBuildTools();
  if (!existsSync(RUNTIME)) {
    const python = await findPython();
    if ('problem' in python) missing.push({ tool: 'python', problem: python.problem });
  }
  if (missing.length > 0) throw new PlainError(describeMissing(missing));
}

/** Says what it is doing when that takes a moment, and how long it took. */
async function timed(log, name, step) {
  const start = performance.now();
  const slow = setTimeout(() => log(`setup: ${name} ...`), 500);
  try {
    const done = await step();
    if (done) log(`setup: ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } finally {
    clearTimeout(slow);
  }
}

/** npm writes its own copy of the lock file when it has installed everything. */
async function installPackages() {
  const wanted = statSync(join(root, 'package-lock.json')).mtimeMs;
  const installed = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  if (installed !== undefined && installed.mtimeMs >= wanted) return false;
  await runNpm(['ci', '--no-audit', '--no-fund']);
  return true;
}

function addonPrint() {
  return fingerprint(['native', 'CMakeLists.txt'], version, process.platform, process.arch);
}

function isAddonBuilt(print) {
  const folder = join(root, 'build', 'Release');
  return isNoted('addon', print) && existsSync(folder) && readdirSync(folder).some(name => name.endsWith('.node'));
}

/** Compiles the addon into `build/Release`, unless it is up to date. @returns true when it had to be done */
export async function buildAddon() {
  const print = addonPrint();
  if (isAddonBuilt(print)) return false;
  // Not `compile`: it answers every compiler error with a second build from nothing, which reports the error again.
  const command = isBuildFolderOurs() ? 'build' : 'rebuild';
  await noted('addon', print, () => runNode(['node_modules/cmake-js/bin/cmake-js', command]));
  return true;
}

/** CMake refuses a build folder that came along in a copied or moved checkout. */
function isBuildFolderOurs() {
  const cache = join(root, 'build', 'CMakeCache.txt');
  if (!existsSync(cache)) return true;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'));
  return home?.[1] !== undefined && relative(home[1].trim(), root) === '';
}

async function buildTypeScript() {
  const print = fingerprint(['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build-ts.mjs']);
  if (isNoted('typescript', print) && existsSync(join(root, 'dist'))) return false;
  await noted('typescript', print, () => runNode(['scripts/build-ts.mjs']));
  return true;
}

if (isMain(import.meta.url)) await main(() => setup());
