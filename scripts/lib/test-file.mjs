/**
 * Runs one uvu test file in a process of its own, so that a crash or a hang of native code takes only that file along,
 * and judges the result more strictly than uvu, which calls these green: a file without `.run()`, a throwing `before`
 * hook, a promise that never settles.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killGroup, startGroup } from './process-group.mjs';
import { root } from './run.mjs';

const TOTALS = /Total: +(\d+)\n +Passed: +(\d+)\n +Skipped: +(\d+)/g;

/** How long after a test file's end its output may stay open. */
const ORPHAN_MS = 5000;

/** Processes that are still running, for `killAll`. */
const running = new Map();

/**
 * @param {string} file path relative to the checkout, with `/`
 * @param {{ timeoutMs: number, env: object }} options
 * @returns {Promise<{ file: string, passed: number, failed: number, skipped: number, problems: string[],
 *   output: string, seconds: number }>} `failed` counts failed tests, or 1 when the file failed without one
 */
export async function runTestFile(file, { timeoutMs, env }) {
  const start = performance.now();
  const { output, ending } = await execute(file, timeoutMs, env);
  const [total, passed, skipped] = lastTotals(output);
  const problems = [
    ...problemsOfSource(readFileSync(join(root, file), 'utf8')),
    ...problemsOfRun(ending, total, passed),
  ];
  const failed = Math.max(total - passed, problems.length > 0 ? 1 : 0);
  return { file, passed, failed, skipped, problems, output, seconds: (performance.now() - start) / 1000 };
}

/** Ends every running file and what it has started. @returns the files, for the message */
export function killAll() {
  const files = [...running.keys()];
  for (const child of running.values()) killGroup(child);
  return files;
}

function execute(file, timeoutMs, env) {
  return new Promise(resolve => {
    const { child, output } = startGroup(['--expose-gc', '--import', 'tsx', file], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: undefined, ...env },
    });
    running.set(file, child);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child);
    }, timeoutMs);
    // 'close' waits for everyone who holds the pipes: also for a process that the test has left behind.
    let orphan = false;
    let orphanTimer;
    child.on('exit', () => {
      orphanTimer = setTimeout(() => {
        orphan = true;
        killGroup(child);
        child.stdout.destroy();
        child.stderr.destroy();
      }, ORPHAN_MS);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearTimeout(orphanTimer);
      running.delete(file);
      resolve({ output: output(), ending: { code, signal, orphan, lateAfterMs: late ? timeoutMs : null } });
    });
  });
}

function lastTotals(output) {
  return [...output.matchAll(TOTALS)].at(-1)?.slice(1).map(Number) ?? [0, 0, 0];
}

function problemsOfRun({ code, signal, orphan, lateAfterMs }, total, passed) {
  const done = total > 0 && passed === total;
  if (lateAfterMs !== null) {
    const why = done ? 'all tests have passed, but something keeps the process alive' : 'a test does not end';
    return [`killed after ${lateAfterMs / 1000} s: ${why}`];
  }
  if (orphan) return ['has left a process behind'];
  if (signal !== null) return [`died of ${signal}`];
  if (total === 0) return [`ran no test (exit code ${code}): is .run() missing, or did it end early?`];
  if (passed < total) return [`${total - passed} of ${total} tests failed`];
  return code === 0 ? [] : [`exit code ${code} although all tests passed`];
}

/** What only the source shows: a suite that is never run beside others that are, and tests shut out by `.only`. */
function problemsOfSource(source) {
  const suites = [...source.matchAll(/\b(?:const|let)\s+(\w+)\s*=\s*suite\b/g)].map(match => match[1]);
  if (/import\s*\{[^}]*\btest\b[^}]*\}\s*from\s*['"]uvu['"]/.test(source)) suites.push('test');
  const problems = suites
    .filter(name => !new RegExp(`\\b${name}\\.run\\(\\)`).test(source))
    .map(name => `${name}.run() is missing`);
  for (const name of suites) if (new RegExp(`\\b${name}\\.only\\(`).test(source)) problems.push(`${name}.only is used`);
  return problems;
}
