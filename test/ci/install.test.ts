/**
 * The packages as they would be published, installed where nothing else is: what they hold, and that they work there.
 * Runs in `npm run test:ci` only: it compiles the addon anew.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ROOT } from '../helpers/demo-model.ts';
import { suite } from '../helpers/suite.ts';
import {
  CHUNK,
  expectedFiles,
  filesBelow,
  makeTarballs,
  PACKAGE,
  PLATFORM,
  RUNTIME_PACKAGE,
  readJson,
  type Tarballs,
  totalSize,
} from './packages.ts';
import { COMMON_JS, ESM, LOAD_ONLY, type Printed, TYPESCRIPT, TYPESCRIPT_COMMON_JS } from './programs.ts';
import { Project } from './project.ts';
import { builderEnvironment, type Finished, NO_PYTHON, run, tryRun } from './run.ts';

const MEBIBYTE = 2 ** 20;
const FRANCE = 'The capital of France is Paris.';

const test = suite('install');
const parent = mkdtempSync(join(realpathSync(tmpdir()), 'genai-install-'));
const bare = new Project(parent, 'bare');
const full = new Project(parent, 'Straße 東京 & more');
let tarballs: Tarballs;
let filesBefore: readonly string[];

test.before(async () => {
  tarballs = await makeTarballs(parent);
  await bare.npmInstall(tarballs.package);
  await full.npmInstall(tarballs.package, tarballs.runtime);
  for (const project of [bare, full]) project.copyModel();
  filesBefore = filesBelow(full.folder);
  mkdirSync(bare.installed('@types'));
  symlinkSync(join(ROOT, 'node_modules', '@types', 'node'), bare.installed('@types', 'node'), 'junction');
});

test.after(() => rmSync(parent, { recursive: true, force: true }));

test('the package holds what a user needs, and nothing else', () => {
  const folder = bare.installed(PACKAGE);
  const chunks = filesBelow(folder).filter(file => CHUNK.test(file));
  assert.ok(chunks.length > 0);
  checkFiles(folder, [...expectedFiles(), ...chunks]);
  printSize(PACKAGE, tarballs.package, folder);
  assert.ok(statSync(tarballs.package).size < MEBIBYTE);
  assert.ok(totalSize(folder) < 2.25 * MEBIBYTE);
});

test('its addon is stripped, and small', () => {
  const addon = readFileSync(bare.installed(PACKAGE, 'prebuilds', PLATFORM, `${PACKAGE}.node`));
  assert.ok(addon.length < MEBIBYTE, `${addon.length} bytes`);
  assert.ok(addon.includes('napi_register_module_v1'));
  assert.not.ok(addon.includes('.symtab'), 'it has a symbol table');
});

test('nothing runs at the installation', () => {
  for (const name of [PACKAGE, RUNTIME_PACKAGE]) {
    const { scripts = {} } = readJson<{ scripts?: object }>(full.installed(name, 'package.json'));
    const atInstall = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
    assert.equal(
      Object.keys(scripts).filter(script => atInstall.includes(script)),
      [],
      name,
    );
    // npm runs node-gyp by itself where it sees this file.
    assert.not.ok(filesBelow(full.installed(name)).includes('binding.gyp'));
  }
});

test('publint and attw have nothing to say', async () => {
  const options = { cwd: parent, env: builderEnvironment() };
  const publint = join(ROOT, 'node_modules', 'publint', 'src', 'cli.js');
  const { stdout } = await run(process.execPath, [publint, 'run', '--strict', tarballs.package], options);
  assert.match(stdout, 'All good!');
  const { version } = readJson<{ version: string }>(ROOT, 'package.json');
  const attw = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const report = await run(process.execPath, [attw, tarballs.package, '--profile', 'esm-only'], options);
  assert.match(report.stdout, `${PACKAGE} v${version}`);
});

test('the runtime package holds libraries, terms and versions, for this platform', () => {
  const folder = full.installed(RUNTIME_PACKAGE);
  printSize(RUNTIME_PACKAGE, tarballs.runtime, folder);
  const files = filesBelow(folder);
  for (const file of ['README.md', 'LICENSE-onnxruntime', 'LICENSE-onnxruntime-genai', 'runtime.json']) {
    assert.ok(files.includes(file), file);
  }
  for (const notices of ['onnxruntime', 'onnxruntime-genai']) {
    assert.ok(statSync(join(folder, `ThirdPartyNotices-${notices}.txt`)).size > 100_000);
  }
  // What was fetched is there as it was, and only that.
  const fetched = join(ROOT, '.runtime', `${PLATFORM}-cpu`);
  checkFiles(folder, [...filesBelow(fetched), 'README.md', 'package.json']);
  for (const file of filesBelow(fetched)) {
    assert.ok(readFileSync(join(folder, file)).equals(readFileSync(join(fetched, file))), file);
  }
  const versions = readJson<Record<string, string>>(folder, 'runtime.json');
  const manifest = readJson<Record<string, unknown>>(folder, 'package.json');
  assert.is(manifest['version'], versions['onnxruntime-genai']);
  assert.equal([manifest['os'], manifest['cpu']], [[process.platform], [process.arch]]);
  assert.equal(manifest['libc'], process.platform === 'linux' ? ['glibc'] : undefined);
});

test('without the runtime package, error and doctor name it', async () => {
  bare.write('load.mjs', LOAD_ONLY);
  const { code, message } = JSON.parse(await output(bare.node('load.mjs'))) as { code: string; message: string };
  assert.is(code, 'ERR_GENAI_RUNTIME_NOT_FOUND');
  assert.match(message, new RegExp(`^- Install the runtime package: npm install .*${RUNTIME_PACKAGE}$`, 'm'));
  const doctor = await bare.command('doctor');
  assert.is(doctor.code, 1);
  assert.match(doctor.stdout, new RegExp(`^- Install the runtime package: .*${RUNTIME_PACKAGE}$`, 'm'));
});

for (const [file, program] of Object.entries({ 'program.mjs': ESM, 'program.cjs': COMMON_JS })) {
  test(`${file} loads and generates, with the libraries of the package`, async () => {
    full.write(file, program);
    checkAnswers(await output(full.node('--no-warnings', file)), full);
  });
}

test('the programs of its README run as they stand there', async () => {
  const text = readFileSync(full.installed(PACKAGE, 'README.md'), 'utf8');
  const programs = [...text.matchAll(/<!-- examples\/(\S+) -->\n```js\n(.*?)```/gs)];
  assert.ok(programs.length >= 6, `${programs.length} programs`);
  for (const [, file = '', program = ''] of programs) {
    full.write(file, program);
    const printed = await output(full.node(file));
    assert.ok(printed.length > 20, `${file}: ${printed}`);
    if (file === programs[0]?.[1]) assert.is(printed, `${FRANCE}\nstop: 10 tokens in, 7 tokens out\n`);
  }
});

test('ort-genai runs, by its link and by npx', async () => {
  const model = ['--model', 'models/phi3-demo'];
  const answer = await outputOfCommand(full.command('generate', 'What is the capital of France?', ...model));
  assert.is(answer.trim(), FRANCE);
  const doctor = await outputOfCommand(full.command('doctor', ...model));
  assert.match(doctor, `- package: ${full.installed(RUNTIME_PACKAGE)}: taken`);
  assert.match(doctor, 'All is fine.');
  const options = { cwd: full.folder, env: { ...builderEnvironment(), ...NO_PYTHON } };
  const npx = tryRun('npx', ['--no', 'ort-genai', 'generate', 'What is 2 + 2?', ...model], options);
  assert.match(await outputOfCommand(npx), '4');
});

test('nothing was written where the programs ran, nor at home', () => {
  checkFiles(full.folder, [...filesBefore, ...full.written]);
  for (const { home } of [bare, full]) checkFiles(home, []);
});

for (const [name, module, moduleResolution] of [
  ['node16', 'node16', 'node16'],
  ['nodenext', 'nodenext', 'nodenext'],
  ['bundler', 'esnext', 'bundler'],
] as const) {
  test(`a TypeScript program compiles with moduleResolution ${name}`, async () => {
    bare.write('user.mts', TYPESCRIPT);
    bare.write('user.cts', TYPESCRIPT_COMMON_JS);
    // Only nodenext knows that Node can require() an ES module.
    const files = ['user.mts', ...(name === 'nodenext' ? ['user.cts'] : [])];
    const target = { target: 'es2022', lib: ['es2022'], types: ['node'] };
    const compilerOptions = { ...target, module, moduleResolution, strict: true, skipLibCheck: false, noEmit: true };
    bare.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    assert.is(await output(bare.node(join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'))), '');
  });
}

test('pnpm installs a package that works', async () => {
  const strict = new Project(parent, 'strict');
  await strict.pnpmInstall(tarballs.package, tarballs.runtime);
  strict.copyModel();
  strict.write('program.mjs', ESM);
  checkAnswers(await output(strict.node('program.mjs')), strict);
});

/** What a program printed; it must have ended well, with nothing on stderr. */
async function output(work: Promise<Finished>): Promise<string> {
  const { stderr } = await work;
  assert.is(stderr, '');
  return outputOfCommand(work);
}

/** The command says on stderr that it is loading when that takes a moment; npx has words of its own for it. */
async function outputOfCommand(work: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await work;
  assert.is(code, 0, stdout + stderr);
  return stdout;
}

function checkFiles(folder: string, expected: readonly string[]): void {
  const files = filesBelow(folder);
  const missing = expected.filter(file => !files.includes(file));
  const unexpected = files.filter(file => !expected.includes(file));
  assert.equal({ missing, unexpected }, { missing: [], unexpected: [] }, folder);
}

function checkAnswers(printed: string, project: Project): void {
  const { text, joke, signature, capabilities } = JSON.parse(printed) as Printed;
  assert.is(text, FRANCE);
  assert.match(signature, "['prompt': string (required)]");
  assert.match(joke, /atom/);
  assert.equal([capabilities.source, capabilities.variant], ['package', 'cpu']);
  assert.is(join(capabilities.genaiLibrary, '..'), realpathSync(project.installed(RUNTIME_PACKAGE)));
}

function printSize(name: string, tarball: string, folder: string): void {
  const kibibytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;
  const packed = kibibytes(statSync(tarball).size);
  console.log(`${name}: ${filesBelow(folder).length} files, ${kibibytes(totalSize(folder))}, packed ${packed}`);
}

test.run();
