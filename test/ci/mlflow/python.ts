/** Python programs of the MLflow tests. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface PythonOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The `bin` folder of the environment; default `GENAI_MLFLOW`, which `scripts/run-uvu.mjs` sets. */
  readonly bin?: string | undefined;
  readonly timeoutMs?: number;
}

/** Runs a program in an empty folder of its own; its last line on stdout is the JSON that it answers. */
export async function python(program: string, options: PythonOptions = {}): Promise<unknown> {
  const { env = process.env, bin = process.env['GENAI_MLFLOW'], timeoutMs = 180_000 } = options;
  if (bin === undefined) throw new Error('GENAI_MLFLOW is not set: run this file by scripts/run-uvu.mjs');
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-python-'));
  try {
    const file = join(folder, 'program.py');
    await writeFile(file, program);
    const { stdout } = await promisify(execFile)(join(bin, 'python'), [file], {
      cwd: folder,
      env: { MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', ORT_DISABLE_TELEMETRY: '1', ...env },
      timeout: timeoutMs,
      maxBuffer: 64 << 20,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
