/** A server that asks who is there (`--app-name basic-auth`, which needs Flask-WTF). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import { startRun } from '../../../src/mlflow/tracking/run.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { type MlflowServer, startMlflowServer } from './server.ts';

const test = suite('tracking-auth');
/** In ASCII: the server's artifact routes read no other password (seen on 3.17.2), though its REST API does. */
const PASSWORD = 'a#strange: password%';

let server: MlflowServer;

test.before(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('MLFLOW_')) delete process.env[name];
  server = await startMlflowServer({
    args: ['--app-name', 'basic-auth'],
    env: { MLFLOW_FLASK_SERVER_SECRET_KEY: 'a key of the test', MLFLOW_AUTH_ADMIN_PASSWORD: PASSWORD },
  });
  process.env['HOME'] = server.folder;
});
test.after(async () => server?.stop());

async function withClient(options: object, work: (client: MlflowClient) => Promise<void>): Promise<void> {
  await using client = new MlflowClient({ trackingUri: server.url, ...options });
  await work(client);
}

for (const [what, options] of [
  ['nobody', {}],
  ['a wrong password', { username: 'admin', password: 'wrong' }],
  ['a name without a password', { username: 'admin' }],
  ['a token', { token: 'some-token' }],
] as const) {
  test(`${what} is refused with 401`, async () => {
    await withClient(options, async client => {
      const error = await expectError(client.getExperiment('0'), 'ERR_MLFLOW_HTTP', 'MLFLOW_TRACKING_USERNAME');
      assert.equal([error.details['status'], error.details['errorCode']], [401, 'UNAUTHENTICATED']);
    });
  });
}

test('options, environment, URI and file let in', async () => {
  const admin = { username: 'admin', password: PASSWORD };
  await withClient(admin, async client => assert.is((await client.getExperiment('0')).name, 'Default'));

  const trackingUri = server.url.replace('//', `//admin:${encodeURIComponent(PASSWORD)}@`);
  await withClient({ trackingUri }, async client => assert.is((await client.getExperiment('0')).name, 'Default'));

  Object.assign(process.env, { MLFLOW_TRACKING_USERNAME: 'admin', MLFLOW_TRACKING_PASSWORD: PASSWORD });
  // A name with a password wins over a token.
  process.env['MLFLOW_TRACKING_TOKEN'] = 'some-token';
  await withClient({}, async client => assert.is((await client.getExperiment('0')).name, 'Default'));
  for (const name of ['USERNAME', 'PASSWORD', 'TOKEN']) delete process.env[`MLFLOW_TRACKING_${name}`];

  mkdirSync(join(server.folder, '.mlflow'));
  const lines = `[mlflow]\nmlflow_tracking_username = admin\nmlflow_tracking_password = ${PASSWORD.replace('%', '%%')}\n`;
  writeFileSync(join(server.folder, '.mlflow', 'credentials'), lines);
  await withClient({}, async client => assert.is((await client.getExperiment('0')).name, 'Default'));
});

test('a run belongs to who signed in, and artifacts ask as well', async () => {
  const clientOptions = { trackingUri: server.url, username: 'admin', password: PASSWORD };
  await using run = await startRun({ clientOptions, experimentName: 'mine' });
  assert.is((await run.client.getRun(run.runId)).data.tags['mlflow.user'], 'admin');
  writeFileSync(join(server.folder, 'a.txt'), 'content');
  await run.client.uploadFile(`runs:/${run.runId}`, join(server.folder, 'a.txt'));
  const target = join(server.folder, 'back.txt');
  await run.client.downloadFile(`runs:/${run.runId}`, 'a.txt', target);
  await withClient({ username: 'x', password: 'y' }, async stranger => {
    const { artifactUri } = run.info;
    const error = await expectError(stranger.listArtifacts(artifactUri), 'ERR_MLFLOW_HTTP');
    assert.is(error.details['status'], 401);
  });
});

test('what a user may not do is refused with 403', async () => {
  await withClient({ username: 'admin', password: PASSWORD }, async admin => {
    const body = { username: 'ann', password: 'another password' };
    await admin.tracking.call('POST', '/api/2.0/mlflow/users/create', { body });
    const id = await admin.createExperiment('private');
    await withClient(body, async ann => {
      assert.is((await ann.getExperiment(id)).name, 'private');
      const error = await expectError(ann.deleteExperiment(id), 'ERR_MLFLOW_HTTP', 'Permission denied');
      assert.equal([error.details['status'], error.details['errorCode']], [403, 'PERMISSION_DENIED']);
    });
  });
});

test.run();
