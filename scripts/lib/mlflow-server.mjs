/** A real MLflow tracking server for tests and benchmarks: sqlite, artifacts through the server, a free port. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const LIMIT_MS = 60_000;

/**
 * Starts it and waits until it answers.
 *
 * @param {string} bin folder with `mlflow` (see lib/mlflow.mjs)
 * @param {string} folder for its database, artifacts and log; made when it is missing
 * @param {{ args?: string[], env?: object }} [options] further arguments and environment of `mlflow server`
 * @returns {Promise<{ url: string, stop: () => Promise<void>, log: () => string }>}
 */
export async function startMlflowServer(bin, folder, { args = [], env = {} } = {}) {
  mkdirSync(join(folder, 'artifacts'), { recursive: true });
  const port = await freePort();
  const logFile = join(folder, 'server.log');
  const output = openSync(logFile, 'w');
  const child = spawn(
    join(bin, 'mlflow'),
    [
      ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
      ...['--artifacts-destination', join(folder, 'artifacts')],
      ...args,
    ],
    {
      cwd: folder,
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', PYTHONUNBUFFERED: '1', ...env },
      stdio: ['ignore', output, output],
      detached: true, // its own process group: it starts workers, which must end with it
    },
  );
  closeSync(output);
  const ended = once(child, 'close');
  const log = () => readFileSync(logFile, 'utf8');
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    kill();
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + LIMIT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok) return { url, stop, log };
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`mlflow server did not start:\n${log()}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
