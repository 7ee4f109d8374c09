/** The examples that need a tracking server, as a user would run them. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { ROOT } from '../../helpers/demo-model.ts';
import { type MlflowServer, serverSuite } from './server.ts';

const test = serverSuite('mlflow examples');

async function example(server: MlflowServer, file: string): Promise<string> {
  assert.ok(readFileSync(join(ROOT, 'examples', file), 'utf8').split('\n').length <= 41);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join('examples', file)], {
    cwd: ROOT,
    env: { ...process.env, MLFLOW_TRACKING_URI: server.url },
    timeout: 120_000,
  });
  assert.is(stderr, '');
  return stdout;
}

test('mlflow-tracking.mjs', async ({ server, client }) => {
  assert.match(await example(server, 'mlflow-tracking.mjs'), /^The capital of France is Paris\.\n$/);
  const experiment = await client.getExperimentByName('phi3');
  const { items } = await client.searchRuns({ experimentIds: [experiment?.experimentId ?? ''] });
  assert.equal(
    items.map(({ info, data }) => [
      info.runName,
      info.status,
      data.params['quantization'],
      data.metrics['output_tokens'],
    ]),
    [['from Node', 'FINISHED', 'int4', 8]],
  );
});

test('mlflow-tracing.mjs', async ({ server, client }) => {
  assert.match(await example(server, 'mlflow-tracing.mjs'), /^The capital of Spain is Madrid\./);
  const experiment = await client.getExperimentByName('phi3-traces');
  const answer = await fetch(`${server.url}/api/3.0/mlflow/traces/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      locations: [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment?.experimentId } }],
    }),
  });
  const { traces } = (await answer.json()) as { traces: readonly { request_preview?: string }[] };
  assert.is(traces.length, 2);
  assert.ok(traces.some(trace => trace.request_preview?.includes('What is the capital of Spain?')));
});

test.run();
