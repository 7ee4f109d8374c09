import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findRuntime, runtimeNotFoundMessage } from '../../src/binding/runtime-paths.ts';
import type { RuntimeVariant, SearchWorld } from '../../src/binding/runtime-types.ts';

const test = suite('runtime paths');
/** For tests that need links, a shell script in the place of Python, or the machine's own libraries. */
const onLinux = process.platform === 'linux' ? test : () => {};
const GENAI = 'libonnxruntime-genai.so';
const ORT = 'libonnxruntime.so.1.32.0';

let root: string;
test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'runtime-paths-'));
});
test.after.each(() => rmSync(root, { recursive: true, force: true }));

function elf(machine = 62, tableOffset = 0): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.set([2, 1, 1], 4);
  bytes.writeUInt16LE(3, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(BigInt(tableOffset), 40);
  return bytes;
}

function pe(machine = 0x8664): Buffer {
  const bytes = Buffer.alloc(1024);
  bytes.write('MZ');
  bytes.writeUInt32LE(600, 0x3c); // behind what is read first
  bytes.write('PE\0\0', 600);
  bytes.writeUInt16LE(machine, 604);
  return bytes;
}

function machO(cpu = 0x100000c): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(cpu, 4);
  return bytes;
}

function universal(...cpus: number[]): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32BE(0xcafebabe, 0);
  bytes.writeUInt32BE(cpus.length, 4);
  for (const [index, cpu] of cpus.entries()) bytes.writeUInt32BE(cpu, 8 + 20 * index);
  return bytes;
}

/** Writes files (paths below the temporary root) and returns the folder of the first. */
function files(contents: Record<string, Buffer | string>): string {
  for (const [path, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return dirname(join(root, Object.keys(contents)[0] ?? ''));
}

function pair(folder: string): string {
  return files({ [`${folder}/${GENAI}`]: elf(), [`${folder}/${ORT}`]: elf() });
}

/** A Linux x64 machine without Python, packages and `.runtime/`. */
function world(changes: Partial<SearchWorld> = {}): SearchWorld {
  const env = { PYTHON: join(root, 'no-python') };
  return { platform: 'linux', arch: 'x64', env, packageRoot: root, resolvePackage: () => null, ...changes };
}

async function problemOf(home: string, changes?: Partial<SearchWorld>): Promise<string | null> {
  const { found, tried } = await findRuntime({ home }, world(changes));
  assert.is(tried.length, 1);
  assert.is(found === null, tried[0]?.problem !== null);
  return tried[0]?.problem ?? null;
}

test('the option is taken first, and paths are absolute', async () => {
  const home = pair('mine');
  const env = { ORT_GENAI_HOME: pair('theirs') };
  const { found } = await findRuntime({ home: relative(process.cwd(), home) }, world({ env }));
  assert.equal(found, {
    source: 'option',
    directory: home,
    genaiLibrary: join(home, GENAI),
    onnxruntimeLibrary: join(home, ORT),
  });
});

test('a named folder that is unusable is final', async () => {
  const env = { ORT_GENAI_HOME: join(root, 'missing') };
  const resolvePackage = () => pair('package');
  const byEnvironment = await findRuntime({}, world({ env, resolvePackage }));
  assert.is(byEnvironment.found, null);
  assert.equal(
    byEnvironment.tried.map(({ source }) => source),
    ['ORT_GENAI_HOME'],
  );
  const byOption = await findRuntime({ home: join(root, 'missing') }, world({ env: { ORT_GENAI_HOME: pair('x') } }));
  assert.is(byOption.found, null);
  assert.equal(
    byOption.tried.map(({ source }) => source),
    ['option'],
  );
});

test('an empty ORT_GENAI_HOME counts as not set', async () => {
  const { found } = await findRuntime(
    {},
    world({ env: { ORT_GENAI_HOME: '' }, resolvePackage: () => pair('package') }),
  );
  assert.is(found?.source, 'package');
});

test('libraries may lie in lib/, and runtime.json gives the versions', async () => {
  pair('package/lib');
  files({ 'package/runtime.json': '{"onnxruntime-genai": "0.18.0", "onnxruntime": "1.32.0", "variant": "cpu"}' });
  const { found } = await findRuntime({ home: join(root, 'package') }, world());
  assert.is(found?.directory, join(root, 'package', 'lib'));
  assert.equal(found?.versions, { 'onnxruntime-genai': '0.18.0', onnxruntime: '1.32.0' });
});

test('a damaged runtime.json does not matter', async () => {
  const home = pair('package');
  files({ 'package/runtime.json': 'null' });
  const { found } = await findRuntime({ home }, world());
  assert.is(found?.versions, undefined);
  assert.is(found?.directory, home);
});

test('of several ONNX Runtimes the one with the longest version is taken', async () => {
  const home = pair('many');
  for (const name of ['libonnxruntime.so', 'libonnxruntime.so.1', 'libonnxruntime.so.1.9.1'])
    files({ [`many/${name}`]: elf() });
  const { found } = await findRuntime({ home }, world());
  assert.is(found?.onnxruntimeLibrary, join(home, ORT));
});

test('problems name the file and the reason', async () => {
  const genai = elf();
  const cases: [string, Record<string, Buffer | string>, RegExp][] = [
    ['no genai', { [ORT]: elf() }, /^it has no libonnxruntime-genai\.so$/],
    ['no ORT', { [GENAI]: genai, 'libonnxruntime_providers_shared.so': elf() }, /^it has no libonnxruntime\.so$/],
    [
      'other processor',
      { [GENAI]: genai, [ORT]: elf(183) },
      /^libonnxruntime\.so\.1\.32\.0 is built for arm64, this process is x64$/,
    ],
    ['unknown processor', { [GENAI]: elf(999), [ORT]: elf() }, /built for an unknown processor \(999\)/],
    [
      'other system',
      { [GENAI]: pe(), [ORT]: elf() },
      /^libonnxruntime-genai\.so is a library for win32, this process runs on linux$/,
    ],
    [
      'text',
      { [GENAI]: 'version https://example.invalid/spec/v1\n'.repeat(5), [ORT]: elf() },
      /is not a shared library$/,
    ],
    ['empty', { [GENAI]: '', [ORT]: elf() }, /is not a shared library$/],
    [
      'MZ only',
      { [GENAI]: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]), [ORT]: elf() },
      /is not a shared library$/,
    ],
    ['cut short', { [GENAI]: elf(62, 4096), [ORT]: elf() }, /is incomplete$/],
  ];
  for (const [name, contents, expected] of cases) {
    const home = files(
      Object.fromEntries(Object.entries(contents).map(([file, content]) => [`${name}/${file}`, content])),
    );
    assert.match((await problemOf(home)) ?? '', expected, name);
  }
});

onLinux('folders, dead links and missing folders are problems too', async () => {
  const home = files({ [`dir/${GENAI}`]: elf() });
  mkdirSync(join(home, ORT));
  assert.match((await problemOf(home)) ?? '', /is not a regular file|cannot be read/);
  rmSync(join(home, ORT), { recursive: true });
  symlinkSync(join(home, 'gone'), join(home, ORT));
  assert.is(await problemOf(home), `${ORT} does not exist`);
  assert.is(await problemOf(join(root, 'nowhere')), 'the folder does not exist or cannot be read');
  assert.match((await problemOf(home, { platform: 'sunos' })) ?? '', /no libraries for sunos/);
});

test('Windows and macOS libraries are recognised', async () => {
  const windows = files({ 'win/onnxruntime-genai.dll': pe(), 'win/onnxruntime.dll': pe() });
  assert.is(await problemOf(windows, { platform: 'win32' }), null);
  assert.match(
    (await problemOf(windows, { platform: 'win32', arch: 'arm64' })) ?? '',
    /built for x64, this process is arm64/,
  );
  const mac = files({
    'mac/libonnxruntime-genai.dylib': machO(),
    'mac/libonnxruntime.1.32.0.dylib': universal(0x1000007, 0x100000c),
  });
  assert.is(await problemOf(mac, { platform: 'darwin', arch: 'arm64' }), null);
  assert.match((await problemOf(mac, { platform: 'darwin' })) ?? '', /genai\.dylib is built for arm64/);
});

test('the CPU package is preferred, another variant is taken when it is the only one', async () => {
  const installed = (...variants: RuntimeVariant[]) =>
    world({
      resolvePackage: name => (variants.some(variant => name.endsWith(`-linux-x64-${variant}`)) ? pair(name) : null),
    });
  assert.match((await findRuntime({}, installed('cuda', 'cpu'))).found?.directory ?? '', /-linux-x64-cpu$/);
  const other = await findRuntime({}, installed('cuda'));
  assert.match(other.found?.directory ?? '', /onnxruntime-genai-node-linux-x64-cuda$/);
  assert.is(other.tried[0]?.problem, 'the package onnxruntime-genai-node-linux-x64-cpu is not installed');
  assert.match((await findRuntime({ variant: 'cuda' }, installed('cuda', 'cpu'))).found?.directory ?? '', /-cuda$/);
  assert.is((await findRuntime({ variant: 'cuda' }, installed('cpu'))).found, null);
});

test('a source checkout is looked at, an installed package is not', async () => {
  const folder = pair('.runtime/linux-x64-cpu');
  assert.is((await findRuntime({}, world())).found, null);
  files({ 'scripts/fetch-runtime.mjs': '' });
  const { found } = await findRuntime({}, world());
  assert.is(found?.source, 'checkout');
  assert.is(found?.directory, folder);
});

onLinux('an installed Python package is the last resort', async () => {
  pair('site/onnxruntime_genai');
  rmSync(join(root, 'site/onnxruntime_genai', ORT));
  files({ [`site/onnxruntime/capi/${ORT}`]: elf() });
  const paths = [join(root, 'site/onnxruntime_genai'), join(root, 'site/onnxruntime')];
  const python = (answer: unknown) => {
    files({ python: `#!/bin/sh\necho '${JSON.stringify(answer)}'\n` });
    chmodSync(join(root, 'python'), 0o755);
    return world({ env: { PYTHON: join(root, 'python') } });
  };
  const { found } = await findRuntime({}, python(paths));
  assert.is(found?.source, 'python');
  assert.is(found?.onnxruntimeLibrary, join(root, 'site/onnxruntime/capi', ORT));

  const problem = async (answer: unknown, variant?: RuntimeVariant) =>
    (await findRuntime(variant ? { variant } : {}, python(answer))).tried.at(-1)?.problem;
  assert.is(await problem([null, paths[1]]), 'the Python package onnxruntime_genai is not installed');
  assert.is(await problem([paths[0], null]), 'the Python package onnxruntime is not installed');
  assert.is(await problem(paths, 'cuda'), 'it is not the variant cuda');
  assert.is((await findRuntime({}, world())).tried.at(-1)?.problem, 'Python was not found or did not answer');
});

onLinux('a real library of this machine passes', async () => {
  const libc = /=> (\/\S+libc\.so\S*)/.exec(execFileSync('ldd', [process.execPath], { encoding: 'utf8' }))?.[1] ?? '';
  mkdirSync(join(root, 'real'));
  symlinkSync(libc, join(root, 'real', GENAI));
  symlinkSync(libc, join(root, 'real', ORT));
  assert.is(await problemOf(join(root, 'real'), { arch: process.arch }), null);
});

test('the message says what was tried and what to do in that case', async () => {
  const advice = async (options: { home?: string; variant?: RuntimeVariant }, changes?: Partial<SearchWorld>) =>
    runtimeNotFoundMessage((await findRuntime(options, world(changes))).tried);
  const installed = await advice({});
  assert.match(installed, /- package: the package onnxruntime-genai-node-linux-x64-cuda is not installed/);
  assert.match(installed, /npm install --include=optional onnxruntime-genai-node-\S+-cpu/);
  assert.match(installed, /ort-genai doctor/);
  assert.match(
    await advice({ home: join(root, 'x') }),
    /option \(.*x\): the folder does not exist[\s\S]*Correct the option "home"/,
  );
  assert.match(await advice({}, { env: { ORT_GENAI_HOME: root } }), /Unset ORT_GENAI_HOME/);
  files({ 'scripts/fetch-runtime.mjs': '' });
  assert.match(await advice({ variant: 'cuda' }), /npm run runtime -- --variant cuda$/m);
});

test('the machine itself can be searched without an error', async () => {
  const { tried } = await findRuntime();
  assert.ok(tried.length > 0);
});

test.run();
