// Builds dist/: what each entry point needs, in few files, and the types of each module. Node takes about a millisecond
// for every module that it loads, and ./mlflow alone has ninety.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { isMain, main } from './lib/plain-error.mjs';
import { root, runNode } from './lib/run.mjs';

/** Entry points by their path in dist/: all that package.json names. */
function entryPoints() {
  const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = [...Object.values(exports).map(entry => entry.default), ...Object.values(bin)];
  const built = files
    .filter(file => file?.startsWith('./dist/'))
    .map(file => file.slice('./dist/'.length, -'.js'.length));
  return Object.fromEntries(built.map(path => [path, join(root, 'src', `${path}.ts`)]));
}

async function buildTypeScript() {
  const outdir = join(root, 'dist');
  rmSync(outdir, { recursive: true, force: true }); // what a deleted source left would be published
  await Promise.all([
    runNode(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']),
    build({
      absWorkingDir: root,
      entryPoints: entryPoints(),
      outdir,
      bundle: true,
      splitting: true, // what two entry points share exists once: classes stay the same
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      packages: 'external',
      keepNames: true, // names of classes and functions are seen in errors
      chunkNames: 'chunks/[name]-[hash]',
      logLevel: 'warning',
    }),
  ]);
}

if (isMain(import.meta.url)) await main(buildTypeScript);
