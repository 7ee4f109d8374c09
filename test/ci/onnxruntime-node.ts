/** The package onnxruntime-node, a neighbour in many programs: installed once into `.cache`, about 290 MB. */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../helpers/demo-model.ts';
import { builderEnvironment, run } from './run.ts';

/** Not the version of the runtime that we fetch: two libraries of different versions are the hard case. */
const VERSION = '1.30.0';
const PREFIX = 'onnxruntime-node-';
const FOLDER = join(ROOT, '.cache', PREFIX + VERSION);

/** Installs it unless that has been done. @returns the folder with its `node_modules` */
export async function installOnnxruntimeNode(): Promise<string> {
  if (existsSync(FOLDER)) return FOLDER;
  for (const name of readdirSync(join(ROOT, '.cache')).filter(file => file.startsWith(PREFIX))) {
    rmSync(join(ROOT, '.cache', name), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(ROOT, '.cache', `${PREFIX}unfinished-`));
  // Its install script would fetch CUDA; the CPU library is in the package.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  await run('npm', ['install', ...flags, `onnxruntime-node@${VERSION}`], {
    cwd: folder,
    env: builderEnvironment(),
    timeoutMs: 300_000,
  });
  // The folder has its name only when it is complete.
  renameSync(folder, FOLDER);
  return FOLDER;
}
