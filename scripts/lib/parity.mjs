/** The official Python packages for the parity tests, in `.cache/parity`, beside whatever the machine's Python has. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { requirePython, runPip } from './python.mjs';
import { root } from './run.mjs';
import { fingerprint, isNoted, noted } from './up-to-date.mjs';

const REQUIREMENTS = 'test/parity/requirements.txt';
const TARGET = join(root, '.cache', 'parity');

/**
 * Installs the packages when they are missing or pinned anew.
 *
 * @returns {Promise<{ GENAI_PYTHON: string, GENAI_PARITY_PYTHONPATH: string }>} the environment of the parity tests:
 *   the interpreter, and what its PYTHONPATH must be. Rejects with a `PlainError` when they cannot be installed.
 */
export async function parityEnvironment() {
  const { executable, version } = await requirePython();
  const print = fingerprint([REQUIREMENTS], version);
  if (!isNoted('parity', print)) {
    rmSync(TARGET, { recursive: true, force: true });
    await noted('parity', print, () => runPip('install', '--target', TARGET, '--no-deps', '-r', REQUIREMENTS));
  }
  return { GENAI_PYTHON: executable, GENAI_PARITY_PYTHONPATH: TARGET };
}
