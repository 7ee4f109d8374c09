/** Child processes with plain errors. */

import { spawn } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlainError } from './plain-error.mjs';

/** Root folder of the checkout: the working directory of every command. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Lines of output that are repeated in the message of a failed command: npm says what is wrong first, others last. */
const HEAD_LINES = 15;
const TAIL_LINES = 45;

/**
 * Runs a command to its end.
 *
 * @param {string} command a program; `.cmd` files of Windows need `shell`
 * @param {string[]} args
 * @param {{ shell?: boolean, env?: Record<string, string> }} options `env` is added to that of this process
 * @returns {Promise<{ code: number, stdout: string, output: string }>} the exit code (128 when killed by a signal);
 *   `output` is stdout and stderr in the order they came. Rejects only when the program cannot be started.
 */
export function capture(command, args, { shell = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      shell,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      output += text;
    });
    child.on('error', error => reject(new PlainError(`${command} cannot be started: ${error.message}`)));
    child.on('close', code => resolve({ code: code ?? 128, stdout, output }));
  });
}

/** Like `capture`, but a non-zero exit code rejects with a `PlainError` that holds what it printed. */
export async function run(command, args, options) {
  const result = await capture(command, args, options);
  if (result.code === 0) return result;
  const shown = [basename(command), ...args].join(' ').replaceAll(`${root}/`, '');
  throw new PlainError(`${shown} failed with exit code ${result.code}.\n${excerpt(result.output)}`.trimEnd());
}

function excerpt(output) {
  const lines = output.trimEnd().split('\n');
  const left = lines.length - HEAD_LINES - TAIL_LINES;
  if (left > 0) lines.splice(HEAD_LINES, left, `… ${left} lines left out …`);
  return lines.join('\n');
}

/** Runs a JavaScript program with this very node: works where a `.cmd` shim would not. */
export function runNode(args, options) {
  return run(process.execPath, args, options);
}

/** Runs npm: the one that started this script, where there is one. */
export function runNpm(args, options) {
  const script = process.env['npm_execpath'];
  if (script && /\.c?js$/.test(script)) return runNode([script, ...args], options);
  // Node refuses to start npm.cmd without a shell; the arguments are ours and need no quoting.
  return process.platform === 'win32' ? run('npm.cmd', args, { ...options, shell: true }) : run('npm', args, options);
}
