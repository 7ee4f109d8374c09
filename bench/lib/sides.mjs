/** The two sides, each as a function that runs one job in a fresh process. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parityEnvironment } from '../../scripts/lib/parity.mjs';
import { PlainError } from '../../scripts/lib/plain-error.mjs';
import { root } from '../../scripts/lib/run.mjs';

const MLFLOW_NODE = fileURLToPath(new URL('../workers/mlflow-client.mjs', import.meta.url));
const MLFLOW_PYTHON = fileURLToPath(new URL('../workers/mlflow_client.py', import.meta.url));
const NODE = fileURLToPath(new URL('../workers/node.mjs', import.meta.url));
const PYTHON = fileURLToPath(new URL('../workers/python.py', import.meta.url));

/** No job takes as long; a side that hangs must not stop the bench for ever. */
const LIMIT_MS = 20 * 60_000;

/**
 * Installs the official Python package into .cache when it is missing.
 *
 * @returns {Promise<Record<'ours' | 'python', Side>>} A Side has `run(task, job)`, which resolves to the worker's
 *   answer, and `time(args)`, which starts its bare interpreter
 */
export async function bothSides() {
  const { GENAI_PYTHON, GENAI_PARITY_PYTHONPATH } = await parityEnvironment();
  return {
    // Collected garbage is what memory figures of both sides are about.
    ours: side(process.execPath, ['--expose-gc', NODE], {}),
    python: side(GENAI_PYTHON, [PYTHON], {
      PYTHONPATH: GENAI_PARITY_PYTHONPATH,
      PYTHONDONTWRITEBYTECODE: undefined, // an import without its cache would be slower than users see it
    }),
  };
}

/** The two sides of the MLflow figures, both with the same server. */
export function mlflowSides(bin, url) {
  const env = { MLFLOW_TRACKING_URI: url, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' };
  return {
    ours: side(process.execPath, [MLFLOW_NODE], env),
    python: side(join(bin, 'python'), [MLFLOW_PYTHON], { ...env, PYTHONDONTWRITEBYTECODE: undefined }),
  };
}

function side(command, worker, extra) {
  // Ours turns the libraries' usage data off, so Python's are turned off, too.
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1', ...extra };
  return {
    async run(task, job = {}) {
      const { stdout } = await timedProcess(command, [...worker, JSON.stringify({ task, ...job })], env);
      return JSON.parse(stdout.trim().split('\n').at(-1));
    },
    time: args => timedProcess(command, args, env),
  };
}

/**
 * Runs a process to its end.
 *
 * @returns {Promise<{ stdout: string, firstOutputMs: number, totalMs: number }>} times from the moment of its start
 */
function timedProcess(command, args, env) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const options = { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, timeout: LIMIT_MS };
    const child = spawn(command, args, options);
    let stdout = '';
    let stderr = '';
    let firstOutputMs = Number.NaN;
    child.stdout.on('data', chunk => {
      if (stdout === '') firstOutputMs = performance.now() - started;
      stdout += chunk;
    });
    child.stderr.on('data', chunk => {
      stderr += chunk;
    });
    child.on('error', error => reject(new PlainError(`${command} cannot be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      const totalMs = performance.now() - started;
      if (code === 0) resolve({ stdout, firstOutputMs, totalMs });
      else reject(new PlainError(`a worker failed (${signal ?? `exit code ${code}`}): ${args.at(-1)}\n${stderr}`));
    });
  });
}
