/** A server whose clients write artifacts themselves. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { withServer } from './server-with-model.ts';

const test = suite('tracking-local');

test('without a proxy, artifacts go to the directory that the server names', async () => {
  await withServer({ args: ['--no-serve-artifacts'] }, async (server, client, source) => {
    const root = join(server.folder, 'plain');
    const experimentId = await client.createExperiment('plain', { artifactLocation: root });
    const model = await client.createLoggedModel(experimentId, { name: 'plain' });
    assert.ok(model.artifactUri.startsWith(root), model.artifactUri);
    assert.not.ok(existsSync(dirname(model.artifactUri)), 'made by the first client that writes');
    await client.uploadDirectory(`models:/${model.modelId}`, source);
    assert.ok(existsSync(join(model.artifactUri, 'sub', 'weights.onnx')));
    const files = await client.listArtifacts(`models:/${model.modelId}`);
    assert.equal(
      files.map(({ path }) => path),
      ['MLmodel', 'sub'],
    );
    const target = join(server.folder, 'down');
    await client.downloadModel(`models:/${model.modelId}`, target);
    assert.is(readFileSync(join(target, 'MLmodel'), 'utf8'), 'flavors: {}\n');
    const run = await client.createRun(experimentId);
    const { runId } = run.info;
    await client.uploadFile(`runs:/${runId}`, join(source, 'MLmodel'), { artifactPath: 'notes' });
    assert.ok(existsSync(join(root, runId, 'artifacts', 'notes', 'MLmodel')));
    // By the server's word alone nothing is removed from this machine.
    await expectError(client.deleteArtifacts(`runs:/${runId}`), 'ERR_MLFLOW_UNSAFE_PATH', 'name it yourself');
    await client.deleteArtifacts(run.info.artifactUri);
    assert.equal(await client.listArtifacts(`runs:/${runId}`), []);
    // Without retries: the answer stays the same for the four minutes that they would take.
    await using hasty = new MlflowClient({ trackingUri: server.url, maxRetries: 0 });
    const error = await expectError(hasty.listArtifacts('mlflow-artifacts:/1'), 'ERR_MLFLOW_HTTP');
    assert.is(error.details['status'], 503);
  });
});

test.run();
