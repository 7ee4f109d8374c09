/** Real MLflow for the tests of `test/ci/mlflow` and the scripts that record from it: virtual environments in `.cache`. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { requirePython } from './python.mjs';
import { capture, root, run } from './run.mjs';
import { fingerprint, isNoted, noted } from './up-to-date.mjs';

const FOLDER = 'test/ci/mlflow';

/** Name of the environment and what it holds. */
const ENVIRONMENTS = {
  GENAI_MLFLOW: 'requirements.txt',
  GENAI_MLFLOW_OLDEST: 'requirements-oldest.txt',
};

/**
 * Makes the virtual environments when they are missing or pinned anew (about a minute each).
 *
 * @returns {Promise<Record<string, string>>} by the names above, the folder with `python` and `mlflow` of each. Rejects
 *   with a `PlainError` when one cannot be made.
 */
export async function mlflowEnvironments() {
  const folders = {};
  for (const [name, requirements] of Object.entries(ENVIRONMENTS)) folders[name] = await prepare(requirements);
  return folders;
}

/**
 * The same for the newest MLflow there is, which nobody has tried yet; made anew once a day.
 *
 * @returns {Promise<{ bin: string, version: string }>}
 */
export async function newestMlflow() {
  const bin = await prepare('requirements-newest.txt', new Date().toISOString().slice(0, 10));
  const version = "from importlib.metadata import version; print(version('mlflow'))";
  const { stdout } = await capture(join(bin, 'python'), ['-c', version]);
  return { bin, version: stdout.trim() };
}

async function prepare(requirements, day = '') {
  const { executable, version } = await requirePython();
  const step = `mlflow-${requirements.replace('.txt', '')}`;
  const folder = join(root, '.cache', step);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const print = fingerprint([`${FOLDER}/${requirements}`], version, day);
  if (!isNoted(step, print)) {
    rmSync(folder, { recursive: true, force: true });
    await noted(step, print, async () => {
      await run(executable, ['-m', 'venv', folder]);
      const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', '--quiet', 'install'];
      await run(join(bin, 'python'), [...pip, '-r', join(root, FOLDER, requirements)]);
    });
  }
  return bin;
}
