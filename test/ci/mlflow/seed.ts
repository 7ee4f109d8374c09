/** The seed's Python wrapper, in real MLflow. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEMO_MODEL, ROOT } from '../../helpers/demo-model.ts';

export interface SeedReport {
  readonly uri: string;
  readonly run_id: string | null;
  readonly signature: string;
  /** What the wrapper answers, by input. */
  readonly answers: readonly unknown[];
}

interface SeedJob {
  readonly task: 'prompt' | 'chat';
  readonly how: 'save' | 'log';
  /** The path to save to, or the name to log by. */
  readonly where: string;
  readonly inputs: readonly unknown[];
  readonly bin?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** Saves or logs it with the demo model, loads it again in Python, and asks it the inputs. */
export async function seedModel(job: SeedJob): Promise<SeedReport> {
  const { task, how, where, inputs, bin = process.env['GENAI_MLFLOW'], env = {} } = job;
  if (bin === undefined) throw new Error('GENAI_MLFLOW is not set: run this file by scripts/run-uvu.mjs');
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-seed-'));
  try {
    const file = join(folder, 'inputs.json');
    await writeFile(file, JSON.stringify(inputs));
    const script = join(ROOT, 'test/fixtures/mlflow/seed/seed_model.py');
    const quiet = { MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', ORT_DISABLE_TELEMETRY: '1' };
    const local = { MLFLOW_TRACKING_URI: `sqlite:///${join(folder, 'mlflow.db')}`, ...quiet };
    const { stdout } = await promisify(execFile)(join(bin, 'python'), [script, DEMO_MODEL, task, how, where, file], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, PYTHONDONTWRITEBYTECODE: '1', ...local, ...env },
      timeout: 180_000,
      maxBuffer: 64 << 20,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as SeedReport;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
