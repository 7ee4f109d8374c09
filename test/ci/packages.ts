/** What would be published: the package with this platform's addon, and the package of its runtime libraries. */
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../helpers/demo-model.ts';
import { builderEnvironment, run } from './run.ts';

export const PLATFORM = `${process.platform}-${process.arch}`;
export const PACKAGE = 'onnxruntime-genai-node';
export const RUNTIME_PACKAGE = `${PACKAGE}-${PLATFORM}-cpu`;

export interface Tarballs {
  readonly package: string;
  readonly runtime: string;
}

/** What a fresh clone has not: a copy with it would prove less, and be slow to make. */
const NOT_CLONED = /^(node_modules|\.git|\.cache|\.runtime|\.venv|build|dist|coverage|.*\.tgz|prebuilds\/[^/]+-[^/]+)$/;

/** Makes both tarballs in `folder`; takes about a minute, since the addon is compiled as for a release. */
export async function makeTarballs(folder: string): Promise<Tarballs> {
  const clone = join(folder, 'clone');
  const runtime = join(folder, 'runtime');
  await Promise.all([
    makePackage(clone),
    run(process.execPath, ['scripts/pack-runtime.mjs', '--out', runtime], { cwd: ROOT, env: builderEnvironment() }),
  ]);
  return { package: onlyTarball(clone), runtime: onlyTarball(runtime) };
}

/** In a copy: prebuildify takes the addon away from `build/`, which other tests need. */
async function makePackage(clone: string): Promise<void> {
  cpSync(ROOT, clone, { recursive: true, filter: path => !NOT_CLONED.test(inTree(ROOT, path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'), 'junction');
  const options = { cwd: clone, env: builderEnvironment(), timeoutMs: 240_000 };
  for (const script of ['build:ts', 'build:prebuilds']) await run('npm', ['run', script], options);
  await run('npm', ['pack', '--ignore-scripts'], options);
}

function onlyTarball(folder: string): string {
  const names = readdirSync(folder).filter(name => name.endsWith('.tgz'));
  if (names.length !== 1) throw new Error(`${folder} holds ${names.length} tarballs: ${names.join(', ')}`);
  return join(folder, names[0] ?? '');
}

/** What the entry points share, and what is loaded when it is first used: names are made by the bundler. */
export const CHUNK: RegExp = /^dist\/chunks\/[\w-]+-[0-9A-Z]{8}\.js$/;

/** Entry points, as in package.json. */
const ENTRY_POINTS = ['index', 'phi3/index', 'mlflow/index', 'cli/main'];

/** The files that the published package must hold beside chunks: nothing is missing, nothing else comes along. */
export function expectedFiles(): string[] {
  const files = filesBelow(join(ROOT, 'src'));
  const sources = files.filter(path => path.endsWith('.ts')).map(path => path.replace(/\.ts$/, ''));
  return [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
    ...sources.map(path => `dist/${path}.d.ts`),
    ...ENTRY_POINTS.map(path => `dist/${path}.js`),
    ...files.filter(path => path.endsWith('.py')).map(path => `src/${path}`), // copied into the models that it saves
    ...filesBelow(join(ROOT, 'docs')).map(path => `docs/${path}`),
    `prebuilds/${PLATFORM}/${PACKAGE}.node`,
  ];
}

/** Paths of all files below a folder, relative to it and with `/`, sorted. Links are not followed. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => !entry.isDirectory());
  return files.map(entry => inTree(folder, join(entry.parentPath, entry.name))).sort();
}

export function totalSize(folder: string): number {
  return filesBelow(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

export function readJson<Type>(...path: string[]): Type {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as Type;
}

function inTree(folder: string, path: string): string {
  return path.slice(folder.length + 1).replaceAll('\\', '/');
}
