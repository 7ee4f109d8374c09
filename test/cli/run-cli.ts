/** Runs `ort-genai` in a child process, as a pipe sees it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../../', import.meta.url));
export const demoModel: string = fileURLToPath(new URL('../../models/phi3-demo', import.meta.url));
export const command: readonly string[] = [process.execPath, '--import', 'tsx', 'src/cli/main.ts'];

/** Thousands of random tokens (this seed meets no end): runs for half a minute unless it is stopped. */
export const ENDLESS: readonly string[] = '--temperature 9 --top-k 0 --seed 1 --max-new-tokens 4000'.split(' ');
/** How soon something that is stopped must be over. */
export const SOON = 10_000;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Shown on a machine so slow that the demo model takes over a second. */
const LOADING = /^Loading phi3-demo \(\d+ MB\)…\n/;

/** The environment without what would change the outcome; undefined removes a variable. */
export function environment(env: Env = {}): NodeJS.ProcessEnv {
  const { ORT_GENAI_MODEL, ORT_GENAI_HOME, NO_COLOR, NODE_DEBUG, ...rest } = process.env;
  return { ...rest, TERM: 'xterm-256color', ...env };
}

export function startCli(args: readonly string[], env: Env = {}): ChildProcessWithoutNullStreams {
  const [node = '', ...before] = command;
  return spawn(node, [...before, ...args], { cwd: root, env: environment(env) });
}

export async function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr: stderr.replace(LOADING, '') };
}

/** Runs it to its end; stdin is `input` (default: empty). */
export function runCli(
  args: readonly string[],
  { input = '', env }: { input?: string; env?: Env } = {},
): Promise<Finished> {
  const child = startCli(args, env);
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return finished(child);
}
