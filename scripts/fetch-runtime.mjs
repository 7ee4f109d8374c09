/**
 * Fills `.runtime/<platform>-<variant>/` with the pinned ONNX Runtime and onnxruntime-genai libraries, which pip
 * fetches and checks against the hashes in `scripts/runtime/`. Needs Node's builtins, Python and pip; runs before
 * `node_modules` exists. Does nothing when the folder already holds the pinned versions.
 */

import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renameSoname } from './lib/elf-soname.mjs';
import { isMain, main, PlainError } from './lib/plain-error.mjs';
import { requirePython, runPip } from './lib/python.mjs';
import { root, run } from './lib/run.mjs';
import { findPair, keptName, pairNames } from './lib/runtime-pairs.mjs';

const USAGE = `usage: node scripts/fetch-runtime.mjs [--variant cpu|cuda|directml] [--platform linux-x64]
                                     [--genai version] [--force]

Unpacks the pinned libraries into .runtime/<platform>-<variant>/. Defaults: cpu, this machine's platform.
  --genai   an older onnxruntime-genai, for tests, into .runtime/<platform>-<variant>-<version>/
  --force   fetch again although the folder is up to date
Pairs: ${pairNames().join(', ')}.
Python is found by its usual names; the environment variable PYTHON names another one.`;

const STORE = join(root, '.runtime');
/**
 * Our copy of ONNX Runtime must not have the SONAME of everyone's, libonnxruntime.so.1: to a package that is loaded
 * later, onnxruntime-node for one, glibc would hand our copy, which lacks the symbol versions of its own.
 */
const SONAME = 'libort-of-genai.so';
const HOST_PLATFORM = `${process.platform}-${process.arch}`;

/**
 * @param {{ variant?: string, platform?: string, genai?: string, force?: boolean, log?: (line: string) => void }} options
 * @returns {Promise<boolean>} false when everything was there already. Rejects with a `PlainError` when Python or pip
 *   is missing, no such pair exists, or pip fails.
 */
export async function fetchRuntime(options = {}) {
  const { variant = 'cpu', platform = HOST_PLATFORM, genai, force = false, log = () => {} } = options;
  const pair = findPair(platform, variant, genai);
  const soname = platform.startsWith('linux-') ? SONAME : undefined;
  const manifest = `${JSON.stringify({ ...pair.versions, variant, platform, soname }, null, 2)}\n`;
  const target = join(STORE, pair.name);
  if (!force && (await isUpToDate(target, manifest))) return false;
  if (platform === HOST_PLATFORM) refuseMusl();
  await requirePython();

  await removeLeftovers(pair.name);
  const work = join(STORE, `.${pair.name}.${process.pid}`);
  try {
    log(`fetching ${describe(pair.versions)} (${variant}) for ${platform}`);
    const wheels = await download(pair, join(work, 'wheels'));
    log('unpacking');
    const ready = join(work, 'ready');
    const library = await unpack(wheels, join(work, 'unpacked'), ready);
    if (soname !== undefined) await renameSoname(join(ready, library), soname);
    await writeFile(join(ready, 'runtime.json'), manifest);
    await replace(target, ready, join(work, 'old'));
    log(`ready: .runtime/${pair.name}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return true;
}

/** True when the folder was completed with exactly these versions: it only gets its name once it is complete. */
async function isUpToDate(folder, manifest) {
  return (await readFile(join(folder, 'runtime.json'), 'utf8').catch(() => null)) === manifest;
}

/** Wheels are built for one Python; which one is the same everywhere, so that there is one hash per file. */
async function download(pair, folder) {
  const wheel = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'];
  const pinned = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--platform', pair.pipPlatform];
  await runPip('download', ...pinned, ...wheel, '-r', pair.file, '-d', folder);
  return (await readdir(folder)).map(name => join(folder, name));
}

/** @returns the name of the file that is ONNX Runtime */
async function unpack(wheels, unpacked, ready) {
  const { executable } = await requirePython();
  await mkdir(ready, { recursive: true });
  for (const wheel of wheels) await run(executable, ['-m', 'zipfile', '-e', wheel, unpacked]);
  const kept = [];
  for (const entry of await readdir(unpacked, { recursive: true })) {
    const name = keptName(entry.replaceAll('\\', '/'));
    if (name === null) continue;
    if (kept.includes(name)) throw new PlainError(`the wheels hold two files named ${name}`);
    kept.push(name);
    await copyFile(join(unpacked, entry), join(ready, name));
  }
  const [, onnxruntime] = [/^(lib)?onnxruntime-genai\./, /^(lib)?onnxruntime\./].map(library => {
    const name = kept.find(file => library.test(file));
    if (name === undefined) throw new PlainError(`the wheels hold no file like ${library.source}`);
    return name;
  });
  return onnxruntime;
}

/** Puts the new folder in the place of the old one, which goes only when the new one is ready. */
async function replace(target, ready, old) {
  try {
    await rename(target, old).catch(ignoreMissing);
    await rename(ready, target);
  } catch (error) {
    throw new PlainError(`${target} cannot be replaced; does a running process use it? (${error.message})`);
  }
}

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}

/** Removes what an interrupted run left; the folder of a run that is still going is named after a living process. */
async function removeLeftovers(name) {
  for (const entry of await readdir(STORE).catch(() => [])) {
    const pid = entry.startsWith(`.${name}.`) ? Number(entry.slice(name.length + 2)) : null;
    if (pid === process.pid || (pid !== null && !isAlive(pid)))
      await rm(join(STORE, entry), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The published Linux libraries need glibc 2.28; on musl (Alpine) they would only fail later, in the loader. */
function refuseMusl() {
  if (process.platform !== 'linux') return;
  process.report.excludeNetwork = true;
  if (process.report.getReport().header.glibcVersionRuntime) return;
  throw new PlainError('the published libraries need glibc 2.28 or newer; this Linux has another C library.');
}

function describe(versions) {
  return Object.entries(versions)
    .map(([library, version]) => `${library} ${version}`)
    .join(' and ');
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const text = { type: 'string' };
    const options = { variant: text, platform: text, genai: text, force: { type: 'boolean' } };
    let values;
    try {
      ({ values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }));
    } catch (error) {
      throw new PlainError(`${error.message}\n\n${USAGE}`);
    }
    if (values.help) console.log(USAGE);
    else await fetchRuntime({ ...values, log: line => console.error(`runtime: ${line}`) });
  });
}
