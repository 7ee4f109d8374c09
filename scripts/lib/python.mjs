/** Finds a Python that can run pip. */

import { PlainError } from './plain-error.mjs';
import { capture, run } from './run.mjs';
import { describeMissing } from './tools.mjs';

const CANDIDATES = process.platform === 'win32' ? [['py', '-3'], ['python'], ['python3']] : [['python3'], ['python']];

let found;

/**
 * The Python to use: the one named by the environment variable PYTHON, else the first of the usual names with pip.
 *
 * @returns {Promise<{ executable: string, version: string } | { problem: string }>} the full path and the version
 *   that the interpreter gives for itself
 */
export function findPython() {
  found ??= search();
  return found;
}

/** Like `findPython`, but rejects with a `PlainError` that says what is missing and how to get it. */
export async function requirePython() {
  const python = await findPython();
  if ('problem' in python) throw new PlainError(describeMissing([{ tool: 'python', problem: python.problem }]));
  return python;
}

async function search() {
  const named = process.env['PYTHON'];
  let problem = 'python3 is not on the PATH';
  for (const [command, ...args] of named ? [[named]] : CANDIDATES) {
    const probe = await capture(command, [
      ...args,
      '-c',
      'import sys; print(sys.executable); print(sys.version)',
    ]).catch(() => null);
    if (probe?.code !== 0) {
      if (named) problem = `PYTHON is set to ${named}, which cannot be run`;
      continue;
    }
    const [executable, version] = probe.stdout.trim().split(/\r?\n/);
    const pip = await capture(executable, ['-m', 'pip', '--version']);
    if (pip.code === 0) return { executable, version };
    problem = `${executable} has no pip`;
  }
  return { problem };
}

/** Runs pip, told to ask nothing and to print only what went wrong. Rejects with a `PlainError`. */
export async function runPip(...args) {
  const { executable } = await requirePython();
  return run(executable, ['-m', 'pip', '--disable-pip-version-check', '--no-input', '--quiet', ...args]);
}
