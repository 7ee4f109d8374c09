/** Runs the bad-input tables in a copy of the checkout, to the last case, whatever crashes or hangs on the way. */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlainError } from './plain-error.mjs';
import { killGroup, startGroup } from './process-group.mjs';

const TEST = ['--expose-gc', '--import', 'tsx', 'test/bad-input/bad-input.test.ts'];
const LIMIT_MS = 180_000;

const running = new Set();

export function killRuns() {
  for (const child of running) killGroup(child);
}

/**
 * @param {string} copy folder
 * @param {{ tables?: string[], env?: object }} options
 * @returns {Promise<{ listed: Set<string>, failed: Map<string, string> }>} every case, and the red ones with their
 *   message
 */
export async function runCases(copy, { tables, env = {} } = {}) {
  const listed = new Set();
  const failed = new Map();
  const done = new Set();
  do {
    const before = done.size;
    const { lines, output, ending } = await runOnce(copy, tables, done, env);
    let current;
    for (const line of lines) {
      if (line.listed !== undefined) listed.add(line.listed);
      if (line.began !== undefined) current = line.began;
      if (line.failed !== undefined) failed.set(line.failed, line.message);
      for (const ended of [line.passed, line.failed]) {
        if (ended === undefined) continue;
        done.add(ended);
        current = undefined;
      }
    }
    if (current !== undefined) {
      failed.set(current, `the process ended with ${ending}`);
      done.add(current);
    }
    if (done.size === before && done.size < listed.size) {
      throw new PlainError(`no case could begin (${ending}):\n${output.slice(-2000)}`);
    }
    if (listed.size === 0) throw new PlainError(`no case was listed (${ending}):\n${output.slice(-2000)}`);
  } while (done.size < listed.size);
  return { listed, failed };
}

/** One process: it ends after the last case, in a crash, or after a case that did harm to those that follow. */
function runOnce(copy, tables, done, env) {
  const file = join(copy, '.cache', 'bad-input.jsonl');
  rmSync(file, { force: true });
  const asked = {
    BAD_INPUT_REPORT: file,
    BAD_INPUT_SKIP: JSON.stringify([...done]),
    ...(tables === undefined ? {} : { BAD_INPUT_TABLES: tables.join(',') }),
  };
  return new Promise(resolve => {
    const { child, output } = startGroup(TEST, { cwd: copy, env: { ...process.env, ...env, ...asked } });
    running.add(child);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child);
    }, LIMIT_MS);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      const ending = late ? `no end within ${LIMIT_MS / 1000} s` : (signal ?? `exit code ${code}`);
      resolve({ lines: readLines(file), output: output(), ending });
    });
  });
}

function readLines(file) {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
