/** The official Python package as the oracle: one process, all questions at once. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEMO_MODEL, ROOT } from './demo-model.ts';

/** Sends `jobs` to test/parity/oracle.py and returns its answers in order. */
export async function askOracle<Answer>(jobs: readonly object[]): Promise<Answer[]> {
  const { GENAI_PYTHON: python, GENAI_PARITY_PYTHONPATH: path } = process.env;
  if (python === undefined || path === undefined) {
    throw new Error('The parity tests need the Python packages: run them by "npm test" or "npm run test:unit".');
  }
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  const files = [join(folder, 'jobs.json'), join(folder, 'answers.json')] as const;
  try {
    writeFileSync(files[0], JSON.stringify(jobs));
    const env = { ...process.env, PYTHONPATH: path, ORT_DISABLE_TELEMETRY: '1', PYTHONUTF8: '1' };
    await promisify(execFile)(python, [join(ROOT, 'test/parity/oracle.py'), DEMO_MODEL, ...files], { env });
    return JSON.parse(readFileSync(files[1], 'utf8')) as Answer[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
