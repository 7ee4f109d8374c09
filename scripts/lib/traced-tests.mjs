/** Tests with a record of the C functions that they call, and one more: that they have called every one that is bound. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uncalledFunctions } from './c-api-calls.mjs';
import { canTrace, traceRuntime } from './traced-runtime.mjs';

/**
 * @param {string} runtime folder of the libraries
 * @param {string} version of onnxruntime-genai
 * @param {(env: object) => Promise<{ passed: number, failed: number }>} run runs the tests with these variables
 */
export async function runTraced(runtime, version, run) {
  if (!canTrace()) {
    console.log('which C functions are called cannot be recorded on this platform');
    return run({ ORT_GENAI_HOME: runtime });
  }
  const folder = await mkdtemp(join(tmpdir(), 'genai-calls-'));
  try {
    const { env, called } = await traceRuntime(runtime, folder);
    const { passed, failed } = await run(env);
    const missed = uncalledFunctions(called(), version);
    console.log(
      missed.length === 0 ? 'ok   every bound C function was called' : `FAIL never called: ${missed.join(', ')}`,
    );
    return { passed: passed + (missed.length === 0 ? 1 : 0), failed: failed + (missed.length === 0 ? 0 : 1) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
