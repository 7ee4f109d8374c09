/** Programs in the two environments of the install tests: that of who builds packages, and that of a bare user. */
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { collectOutput } from '../helpers/collect-output.ts';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs a program to its end, whatever that is; killed after `timeoutMs`, default 120 s, which rejects. */
export async function tryRun(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const { cwd, env, timeoutMs = 120_000 } = options;
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not the option `timeout`: its timer outlives a program that cannot be started.
    signal: AbortSignal.timeout(timeoutMs),
    killSignal: 'SIGKILL',
  });
  try {
    const { code, stdout, stderr } = await collectOutput(child);
    return { code, stdout, stderr };
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${(error as Error).message}`);
  }
}

/** Like `tryRun`, but throws unless the exit code is 0. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const finished = await tryRun(command, args, options);
  if (finished.code === 0) return finished;
  const { code, stdout, stderr } = finished;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`.trimEnd());
}

/** npm and compilers as they are set up here, without what `npm run` has told its children about the checkout. */
export function builderEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(npm_(package|lifecycle)_|npm_config_(local_|global_)?prefix$|npm_command$|INIT_CWD$|ORT_|GENAI_)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** The machine's Python may have the libraries, too. The variable names the only one that is asked. */
export const NO_PYTHON = { PYTHON: join('no', 'such', 'python') };

/** Nothing but Node and the system; home and temporary folder are `home`, to see what gets written there. */
export function userEnvironment(home: string): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
  return { PATH: path, HOME: home, TMPDIR: home, ...NO_PYTHON };
}
