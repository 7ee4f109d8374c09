/**
 * Finds the ONNX Runtime and onnxruntime-genai libraries and proves that both are there: onnxruntime-genai ends the
 * process when it is opened and cannot find ONNX Runtime.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from '../util/package.ts';
import { inspectFolders } from './runtime-folder.ts';
import {
  type Attempt,
  type RuntimeCandidate,
  type RuntimeSearch,
  type RuntimeVariant,
  runtimePackage,
  type SearchWorld,
} from './runtime-types.ts';

export { runtimeNotFoundMessage } from './runtime-message.ts';
export type {
  RuntimeCandidate,
  RuntimeLocation,
  RuntimeSearch,
  RuntimeSource,
  RuntimeVariant,
} from './runtime-types.ts';

/** The variants there are, in the order of preference: what works on every machine comes first. */
const VARIANTS: Record<string, readonly RuntimeVariant[]> = {
  linux: ['cpu', 'cuda'],
  darwin: ['cpu'],
  win32: ['cpu', 'cuda', 'directml'],
};

/**
 * Looks in this order: option `home`, environment variable ORT_GENAI_HOME, runtime packages beside this one,
 * `.runtime/` of a source checkout, an installed Python onnxruntime_genai. One of the first two, when given, is final:
 * what the user named is never silently replaced. Never rejects.
 *
 * @param options.home folder that holds both libraries, itself or in `lib/`
 * @param options.variant takes only this variant. Default: the first installed of cpu, cuda, directml
 */
export async function findRuntime(
  options: { readonly home?: string; readonly variant?: RuntimeVariant } = {},
  world: SearchWorld = thisMachine(),
): Promise<RuntimeSearch> {
  const tried: RuntimeCandidate[] = [];
  for await (const attempt of attempts(options, world)) {
    const { location, ...candidate } = attempt;
    tried.push(candidate);
    if (location !== undefined) return { found: location, tried };
  }
  return { found: null, tried };
}

async function* attempts(
  options: { readonly home?: string; readonly variant?: RuntimeVariant },
  world: SearchWorld,
): AsyncGenerator<Attempt> {
  if (options.home !== undefined) return yield inspectFolders('option', [resolve(options.home)], world);
  const home = world.env['ORT_GENAI_HOME'];
  if (home) return yield inspectFolders('ORT_GENAI_HOME', [resolve(home)], world);

  const variants = options.variant === undefined ? (VARIANTS[world.platform] ?? ['cpu']) : [options.variant];
  for (const variant of variants) {
    const name = runtimePackage(world.platform, world.arch, variant);
    const directory = world.resolvePackage(name);
    if (directory === null)
      yield { source: 'package', directory, problem: `the package ${name} is not installed`, variant };
    else yield { ...(await inspectFolders('package', [directory], world)), variant };
  }
  if (existsSync(join(world.packageRoot, 'scripts', 'fetch-runtime.mjs'))) {
    for (const variant of variants) {
      const folder = join(world.packageRoot, '.runtime', `${world.platform}-${world.arch}-${variant}`);
      yield { ...(await inspectFolders('checkout', [folder], world)), variant };
    }
  }
  const { findInPython } = await import('./runtime-python.ts');
  yield findInPython(options.variant, world);
}

function thisMachine(): SearchWorld {
  return {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    packageRoot: packageRoot(),
    resolvePackage,
  };
}

/** As seen from here; else from the program, which may have us from a store or a link outside of its project. */
function resolvePackage(name: string): string | null {
  const program = process.argv[1];
  for (const file of [import.meta.url, ...(program === undefined ? [] : [resolve(program)])]) {
    try {
      return dirname(createRequire(file).resolve(`${name}/package.json`));
    } catch {} // not there
  }
  return null;
}
