/** A real MLflow tracking server with sqlite and proxied artifacts, in a temporary folder, for tests and benchmarks. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './process-group.mjs';

/** It imports for 5 s on a quiet machine; on a busy one much longer. */
const START_MS = 180_000;

/**
 * Starts it and waits until it answers `/health`.
 *
 * @param {string} bin folder with `mlflow` (see lib/mlflow.mjs)
 * @param {{ args?: readonly string[], env?: object }} [options] further arguments and environment of `mlflow server`
 * @returns {Promise<{ url: string, folder: string, env: object, output: () => string, stop: () => Promise<void> }>}
 *   `folder`: its own, gone after `stop`; `env`: for Python programs that use it: no telemetry, nothing written outside
 *   `folder`; `output`: what it has printed so far
 */
export async function startMlflowServer(bin, { args = [], env: more = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-server-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = cleanEnvironment(folder);
  const address = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  const stores = [
    ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
    ...['--artifacts-destination', join(folder, 'artifacts')],
  ];
  const child = spawn(join(bin, 'mlflow'), ['server', ...address, ...stores, ...args], {
    cwd: folder,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32', // its workers are processes of their own: one group, ended together
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text;
    });
  }
  const end = () => killGroup(child);
  process.once('exit', end);
  const stop = async () => {
    process.off('exit', end);
    await stopped(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await healthy(url, child);
  } catch (error) {
    await stop();
    throw new Error(`mlflow server does not start: ${error.message}\n${output}`);
  }
  return { url, folder, env: { ...env, MLFLOW_TRACKING_URI: url }, output: () => output, stop };
}

/** What a Python program needs, without settings of this machine's user. */
function cleanEnvironment(folder) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MLFLOW_'));
  return {
    ...Object.fromEntries(inherited),
    HOME: folder,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: 'true',
    ORT_DISABLE_TELEMETRY: '1',
    PYTHONUNBUFFERED: '1',
  };
}

async function healthy(url, child) {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if ((await health(url)) === 'OK') return;
    await sleep(100);
  }
  throw new Error(`no answer after ${START_MS / 1000} s`);
}

async function health(url) {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined; // not yet there, or slow: the signal may fire while the body is read, too
  }
}

async function stopped(child) {
  const ended = new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', resolve);
  });
  killGroup(child);
  child.stdout?.destroy();
  child.stderr?.destroy();
  await ended;
}

async function freePort() {
  const server = createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise(resolve => server.close(resolve));
  return port;
}
