/** Finds the libraries inside an installed Python package. */

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inspectFolders } from './runtime-folder.ts';
import type { Attempt, RuntimeVariant, SearchWorld } from './runtime-types.ts';

const PYTHON_TIMEOUT_MS = 10_000;

/** Asks for the folders without importing the packages, and without taking the working directory for one. */
const PYTHON_PROGRAM = `import sys
sys.path = [path for path in sys.path if path]
import importlib.util, json
specs = [importlib.util.find_spec(name) for name in ("onnxruntime_genai", "onnxruntime")]
print(json.dumps([list(spec.submodule_search_locations or [])[0] if spec else None for spec in specs]))`;

/**
 * The libraries of the Python packages onnxruntime_genai and onnxruntime, each in its own folder.
 * Python is the one that the environment variable PYTHON names, else the first of the usual names.
 */
export async function findInPython(variant: RuntimeVariant | undefined, world: SearchWorld): Promise<Attempt> {
  const fail = (problem: string, directory: string | null = null): Attempt => ({
    source: 'python',
    directory,
    problem,
  });
  const folders = await askPython(world);
  if (folders === null) return fail('Python was not found or did not answer');
  const [genai, onnxruntime] = folders;
  if (!genai) return fail('the Python package onnxruntime_genai is not installed');
  if (!onnxruntime) return fail('the Python package onnxruntime is not installed', genai);
  const attempt = await inspectFolders('python', [genai, join(onnxruntime, 'capi')], world);
  // The same package name holds every variant; these files tell them apart.
  const mark = { cpu: null, cuda: /onnxruntime-genai-cuda/, directml: /^DirectML\.dll$/i }[variant ?? 'cpu'];
  if (attempt.location === undefined || mark === null) return attempt;
  const names = (await Promise.all([genai, join(onnxruntime, 'capi')].map(path => readdir(path)))).flat();
  return names.some(name => mark.test(name)) ? attempt : fail(`it is not the variant ${variant}`, genai);
}

async function askPython(world: SearchWorld): Promise<[string | null, string | null] | null> {
  const named = world.env['PYTHON'];
  const usual = world.platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];
  for (const command of named ? [named] : usual) {
    try {
      const { stdout } = await promisify(execFile)(command, ['-c', PYTHON_PROGRAM], {
        timeout: PYTHON_TIMEOUT_MS,
        windowsHide: true,
        env: { ...world.env },
      });
      return JSON.parse(stdout) as [string | null, string | null];
    } catch {
      // Not installed under this name, or not a Python: the next name may be.
    }
  }
  return null;
}
