/** The oldest server that is supported. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { registerModel } from '../../../src/mlflow/tracking/register-model.ts';
import { startRun } from '../../../src/mlflow/tracking/run.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { withServer } from './server-with-model.ts';

const test = suite('tracking-oldest');

/** On files: it is older than the SQLAlchemy that pip finds for it. */
const OLDEST = { bin: process.env['GENAI_MLFLOW_OLDEST'], args: ['--backend-store-uri', './store'] };

test('MLflow 2.11 has runs, artifacts and a registry, but no logged models', async () => {
  await withServer(OLDEST, async (server, client, source) => {
    const run = await startRun({ client, experimentName: 'old', runName: 'r' });
    await run.logParams({ a: 1 });
    await run.logMetrics({ m: Number.NaN, n: 2 });
    assert.is((await client.getRun(run.runId)).data.metrics['n'], 2);
    const uri = `runs:/${run.runId}/model`;
    await client.uploadDirectory(uri, source);
    const [target, registered] = [join(server.folder, 'down'), join(server.folder, 'registered')];
    await client.downloadModel(uri, target);
    assert.is(readFileSync(join(target, 'sub', 'weights.onnx'), 'utf8').length, 1_000_000);
    const version = await registerModel(uri, 'old', { client });
    assert.equal([version.version, version.status, version.runId], ['1', 'READY', run.runId]);
    await client.setRegisteredModelAlias('old', 'champion', 1);
    await client.downloadModel('models:/old@champion', registered);
    assert.ok(existsSync(join(registered, 'registered_model_meta')));
    const missing = client.createLoggedModel(run.info.experimentId, { name: 'x' });
    const error = await expectError(missing, 'ERR_MLFLOW_HTTP');
    assert.is(error.details['errorCode'], 'ENDPOINT_NOT_FOUND');
    await run.end();
  });
});

test.run();
