/** Programs that crash, exit or leak run in a process of their own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildResult, collectOutput } from './collect-output.ts';
import { ROOT } from './demo-model.ts';
import { SLOWNESS } from './slowness.ts';

export type { ChildResult };

/**
 * Runs TypeScript source (an ES module with top-level await) with tsx; killed after `timeoutMs`, default 60 s, more under
 * a sanitizer.
 */
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
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', file], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  return collectOutput(child);
}
