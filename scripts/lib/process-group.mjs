/** Node processes that lead a process group, so that they can be ended together with everything they have started. */

import { spawn } from 'node:child_process';

/**
 * Starts Node and collects what it prints.
 *
 * @param {string[]} args
 * @param {{ cwd: string, env: object }} options
 * @returns {{ child: import('node:child_process').ChildProcess, output: () => string }}
 */
export function startGroup(args, { cwd, env }) {
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32', // leads a process group, which can be killed as a whole
    windowsHide: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text;
    });
  }
  return { child, output: () => output };
}

export function killGroup(child) {
  if (process.platform === 'win32') {
    const killer = spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    killer.on('error', () => child.kill('SIGKILL'));
  } else {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself in the meantime.
    }
  }
}
