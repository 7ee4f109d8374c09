/** Programs that crash, exit or leak run in a process of their own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './demo-model.ts';
import { SLOWNESS } from './slowness.ts';

export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs TypeScript source (an ES module with top-level await) with tsx; killed after `timeoutMs`, default 60 s, more under a sanitizer. */
export async function runInChild(
  source: string,
  { env = {}, timeoutMs = 60_000 }: { env?: Record<string, string>; timeoutMs?: number } = {},
): Promise<ChildResult> {
  const folder = mkdtempSync(join(ROOT, '.cache', 'child-'));
  const file = join(folder, 'program.mts');
  writeFileSync(file, PRELUDE + source);
  try {
    return await run(file, env, timeoutMs * SLOWNESS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What every program has at hand. */
const PRELUDE = `
import { Model, GenAIError, capabilities, configureRuntime } from '../../src/index.ts';
import { DEMO_MODEL, loadDemoModel, noise, ask, SPAIN, STORY } from '../../test/helpers/demo-model.ts';
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
void [Model, GenAIError, capabilities, configureRuntime, DEMO_MODEL, loadDemoModel, noise, ask, SPAIN, STORY, sleep];
`;

function run(file: string, env: Record<string, string>, timeoutMs: number): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', file], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
