/**
 * Makes the npm package of a runtime, `onnxruntime-genai-node-<platform>-<arch>-<variant>`, out of what
 * `fetch-runtime.mjs` unpacked, and a tarball of it. The addon finds an installed one by that name.
 */

import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchRuntime } from './fetch-runtime.mjs';
import { isMain, main, PlainError } from './lib/plain-error.mjs';
import { root, runNpm } from './lib/run.mjs';
import { findPair } from './lib/runtime-pairs.mjs';

const USAGE = `usage: node scripts/pack-runtime.mjs [--variant cpu|cuda|directml] [--platform linux-x64] [--out folder]

Writes the runtime package as a folder and as a tarball, and fetches the libraries first when they are missing.
Defaults: cpu, this machine's platform, .cache/packages.`;

const MAIN_PACKAGE = 'onnxruntime-genai-node';

/** What a package without would be useless, or not ours to pass on. */
const NEEDED = {
  'library of onnxruntime-genai': /^(lib)?onnxruntime-genai\.(so|dylib|dll)$/,
  'library of ONNX Runtime': /^(lib)?onnxruntime\.(so|dylib|dll|[\d.]+dylib)/,
  'licence of onnxruntime-genai': /^LICENSE-onnxruntime-genai(\.\w+)?$/,
  'licence of ONNX Runtime': /^LICENSE-onnxruntime(\.\w+)?$/,
  'third-party notices of onnxruntime-genai': /^ThirdPartyNotices-onnxruntime-genai(\.\w+)?$/,
  'third-party notices of ONNX Runtime': /^ThirdPartyNotices-onnxruntime(\.\w+)?$/,
  'version file': /^runtime\.json$/,
};

/**
 * @param {{ variant?: string, platform?: string, out?: string, log?: (line: string) => void }} options
 * @returns {Promise<{ name: string, version: string, folder: string, tarball: string, files: number,
 *   unpackedSize: number, size: number }>} sizes in bytes. Rejects with a `PlainError` when there is no such pair, or
 *   the folder of the libraries lacks a file.
 */
export async function packRuntime(options = {}) {
  const { variant = 'cpu', platform = `${process.platform}-${process.arch}`, log = () => {} } = options;
  const out = resolve(root, options.out ?? join('.cache', 'packages'));
  const pair = findPair(platform, variant);
  await fetchRuntime({ variant, platform, log });
  const source = join(root, '.runtime', pair.name);
  const files = await readdir(source);
  refuseGaps(source, files);

  const manifest = describe(pair, platform, variant);
  const folder = join(out, manifest.name);
  const work = join(out, `.${manifest.name}.${process.pid}`);
  try {
    const ready = join(work, 'ready');
    await mkdir(ready, { recursive: true });
    for (const file of files) await copyFile(join(source, file), join(ready, file), constants.COPYFILE_FICLONE);
    await writeFile(join(ready, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await writeFile(join(ready, 'README.md'), readme(pair, platform, variant));
    const packed = await pack(ready, work);
    const tarball = join(out, packed.filename);
    await rename(folder, join(work, 'old')).catch(ignoreMissing);
    await rename(ready, folder);
    await rename(join(work, packed.filename), tarball);
    const { name, version, entryCount, unpackedSize, size } = packed;
    return { name, version, folder, tarball, files: entryCount, unpackedSize, size };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function refuseGaps(source, files) {
  const missing = Object.entries(NEEDED).filter(([, pattern]) => !files.some(file => pattern.test(file)));
  if (missing.length === 0) return;
  const names = missing.map(([what]) => what).join(', ');
  throw new PlainError(`${source} has no ${names}. Fetch it again: node scripts/fetch-runtime.mjs --force`);
}

/** The package is what upstream released, so it has upstream's version. */
function describe({ name, versions }, platform, variant) {
  const version = versions['onnxruntime-genai'];
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new PlainError(`${version} cannot be the version of an npm package`);
  const [os, cpu] = platform.split('-');
  return {
    name: `${MAIN_PACKAGE}-${name}`,
    version,
    description: `${both(versions)}, ${variant} build for ${platform}: the libraries that ${MAIN_PACKAGE} opens.`,
    license: 'MIT',
    os: [os],
    cpu: [cpu],
    // The published Linux libraries need glibc.
    ...(os === 'linux' ? { libc: ['glibc'] } : {}),
    // Libraries cannot be opened inside an archive, which is where Yarn keeps packages.
    preferUnplugged: true,
  };
}

function readme({ name, versions }, platform, variant) {
  const [os] = platform.split('-');
  return `# ${MAIN_PACKAGE}-${name}

${both(versions)} (${variant}) for ${platform}, as Microsoft released them: the libraries that \`${MAIN_PACKAGE}\` opens.
${os === 'linux' ? 'Only the SONAME of ONNX Runtime is another, so that other packages of a program find their own copy.\n' : ''}Their licences and third-party notices are the files beside this one. There is nothing to import here.
`;
}

function both(versions) {
  return `onnxruntime-genai ${versions['onnxruntime-genai']} and ONNX Runtime ${versions['onnxruntime']}`;
}

/** npm's own report on the tarball that it wrote into the folder `to`. */
async function pack(folder, to) {
  const { stdout } = await runNpm(['pack', folder, '--json', '--ignore-scripts', '--pack-destination', to]);
  // A list in the npm of today, an object by name in newer ones.
  const [report] = Object.values(JSON.parse(stdout));
  return report;
}

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}

function mebibytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const text = { type: 'string' };
    const options = { variant: text, platform: text, out: text, help: { type: 'boolean', short: 'h' } };
    let values;
    try {
      ({ values } = parseArgs({ options }));
    } catch (error) {
      throw new PlainError(`${error.message}\n\n${USAGE}`);
    }
    if (values.help) {
      console.log(USAGE);
      return;
    }
    const packed = await packRuntime({ ...values, log: line => console.error(`runtime: ${line}`) });
    const { name, version, files, unpackedSize, size } = packed;
    console.log(`${name} ${version}: ${files} files, ${mebibytes(unpackedSize)}, packed ${mebibytes(size)}`);
    console.log(packed.tarball);
  });
}
