/** Where the settings come from, and which of two wins. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { authorization, resolveCredentials } from '../../../src/mlflow/tracking/http/credentials.ts';
import { readSettings } from '../../../src/mlflow/tracking/http/settings.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment } from './fake-server.ts';

const test = suite('settings');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

const URI = 'http://127.0.0.1:5000';

function writeCredentials(text: string): void {
  mkdirSync(join(home, '.mlflow'), { recursive: true });
  writeFileSync(join(home, '.mlflow', 'credentials'), text);
}

test('no tracking URI', async () => {
  await expectError(async () => readSettings({}, {}), 'ERR_MLFLOW_NO_TRACKING_URI', 'MLFLOW_TRACKING_URI');
  await expectError(async () => readSettings({}, { MLFLOW_TRACKING_URI: '' }), 'ERR_MLFLOW_NO_TRACKING_URI');
});

for (const uri of [
  'sqlite:///mlflow.db',
  'sqlite:////home/joe/mlflow.db',
  'file:///tmp/mlruns',
  'file:./mlruns',
  './mlruns',
  '/tmp/mlruns',
  'C:\\mlruns',
  'databricks',
  'databricks://profile',
  'databricks-uc',
  'uc:http://x',
  'ftp://host/x',
  'localhost:5000',
  'http://',
]) {
  test(`${uri} is no server`, async () => {
    const error = await expectError(
      async () => readSettings({ trackingUri: uri }, {}),
      'ERR_MLFLOW_URI',
      'mlflow server',
    );
    assert.is(error.details['argument'], 'trackingUri');
  });
}

test('the password of a database URI is not repeated', async () => {
  const trackingUri = 'postgresql://joe:hunter2@db/mlflow';
  const error = await expectError(async () => readSettings({ trackingUri }, {}), 'ERR_MLFLOW_URI', 'postgresql:');
  assert.not.match(JSON.stringify([error.message, error.details]), /hunter2/);
});

test('defaults, environment and options', () => {
  const plain = readSettings({ trackingUri: URI }, {}).tracking;
  assert.equal(plain.retry, { maxRetries: 7, backoffFactor: 2, backoffJitter: 1 });
  assert.is(plain.timeoutMs, 120_000);
  const env = {
    MLFLOW_TRACKING_URI: `${URI}/pre/`,
    MLFLOW_HTTP_REQUEST_TIMEOUT: '5',
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '3',
    MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: '0.5',
    MLFLOW_TRACKING_SERVER_CERT_PATH: '/ca.pem',
    MLFLOW_TRACKING_CLIENT_CERT_PATH: '/me.pem',
    MLFLOW_WORKSPACE: 'team',
  };
  const { tracking, registry } = readSettings({}, env);
  assert.is(registry, tracking);
  assert.is(tracking.origin, URI);
  assert.is(tracking.prefix, '/pre');
  assert.is(tracking.timeoutMs, 5000);
  assert.equal(tracking.retry, { maxRetries: 0, backoffFactor: 3, backoffJitter: 0.5 });
  assert.is(tracking.serverCertPath, '/ca.pem');
  assert.is(tracking.clientCertPath, '/me.pem');
  assert.is(tracking.workspace, 'team');
  assert.is(readSettings({ timeoutMs: 250 }, env).tracking.timeoutMs, 250);
});

test('the registry may be another server', () => {
  const { registry } = readSettings({ trackingUri: URI }, { MLFLOW_REGISTRY_URI: 'https://registry/x' });
  assert.is(registry.origin, 'https://registry');
  assert.is(registry.prefix, '/x');
});

for (const [env, text] of [
  [{ MLFLOW_TRACKING_INSECURE_TLS: 'yes' }, 'MLFLOW_TRACKING_INSECURE_TLS'],
  [{ MLFLOW_HTTP_REQUEST_TIMEOUT: 'long' }, 'MLFLOW_HTTP_REQUEST_TIMEOUT'],
  [{ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '-1' }, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES'],
  [{ MLFLOW_TRACKING_AUTH: 'kubernetes' }, 'MLFLOW_TRACKING_AUTH'],
  [{ MLFLOW_TRACKING_AWS_SIGV4: 'true' }, 'MLFLOW_TRACKING_AWS_SIGV4'],
  [{ MLFLOW_TRACKING_INSECURE_TLS: 'true', MLFLOW_TRACKING_SERVER_CERT_PATH: '/ca.pem' }, 'contradict'],
] as const) {
  test(`${Object.entries(env)[0]?.join('=')} is refused`, async () => {
    await expectError(async () => readSettings({ trackingUri: URI }, env), 'ERR_GENAI_INVALID_ARGUMENT', text);
  });
}

for (const options of [
  { trackingUri: 5 },
  { trackingUri: URI, trackinguri: URI },
  { trackingUri: URI, timeoutMs: -1 },
  { trackingUri: URI, maxRetries: Number.NaN },
  { trackingUri: URI, password: 'two\nlines' },
  { trackingUri: URI, token: 7 },
  { trackingUri: URI, token: 'two €' },
  { trackingUri: URI, workspace: 'two \u0001' },
  { trackingUri: URI, insecureTls: 'yes' },
]) {
  test(`options ${JSON.stringify(Object.entries(options).at(-1))} are refused`, async () => {
    const error = await expectError(async () => readSettings(options as object, {}), 'ERR_GENAI_INVALID_ARGUMENT');
    assert.not.match(error.message, /two/);
  });
}

test('a name with a password wins over a token, the environment over the file', async () => {
  const basic = { MLFLOW_TRACKING_USERNAME: 'joe', MLFLOW_TRACKING_PASSWORD: 'pw', MLFLOW_TRACKING_TOKEN: 'tok' };
  assert.is(authorization(await resolveCredentials({}, basic)), `Basic ${btoa('joe:pw')}`);
  const { MLFLOW_TRACKING_TOKEN } = basic;
  assert.is(authorization(await resolveCredentials({}, { MLFLOW_TRACKING_TOKEN })), 'Bearer tok');
  assert.is(authorization(await resolveCredentials({}, {})), undefined);

  writeCredentials('[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password = filed\n');
  assert.is(authorization(await resolveCredentials({}, {})), `Basic ${btoa('ann:filed')}`);
  assert.is(authorization(await resolveCredentials({}, basic)), `Basic ${btoa('joe:pw')}`);
  assert.is(
    authorization(await resolveCredentials({}, { MLFLOW_TRACKING_USERNAME: 'joe' })),
    `Basic ${btoa('joe:filed')}`,
  );
  assert.is(authorization(await resolveCredentials({ token: 'given' }, basic)), 'Bearer given');
});

test('the credentials file is read as Python reads it', async () => {
  const read = async (text: string): Promise<unknown> => {
    writeCredentials(text);
    const { username, password } = await resolveCredentials({}, {});
    return [username, password];
  };
  const lines = (name: string, password: string): string =>
    `# who\n[other]\nmlflow_tracking_username = no\n\n[mlflow]\r\nMLflow_Tracking_Username: ${name}\r\n; pw\nmlflow_tracking_password=${password}  \n[x]\n`;
  assert.equal(await read(lines('ann', 'a#b;c "d" e=f')), ['ann', 'a#b;c "d" e=f']);
  assert.equal(await read(lines('ann', '100%%')), ['ann', '100%']);
  assert.equal(await read('nonsense'), [undefined, undefined]);
});

test('line breaks behind a secret do not belong to it', async () => {
  const env = { MLFLOW_TRACKING_USERNAME: 'joe\n', MLFLOW_TRACKING_PASSWORD: 'p w \r\n' };
  assert.is(authorization(await resolveCredentials({}, env)), `Basic ${btoa('joe:p w ')}`);
  assert.is(authorization(await resolveCredentials({}, { MLFLOW_TRACKING_TOKEN: 'tok\n\n' })), 'Bearer tok');
  assert.is(authorization(await resolveCredentials({}, { MLFLOW_TRACKING_TOKEN: '\n' })), undefined);
});

for (const [name, value] of [
  ['MLFLOW_TRACKING_TOKEN', 'sec\nret'],
  ['MLFLOW_TRACKING_TOKEN', 'secret\u0007'],
  ['MLFLOW_TRACKING_TOKEN', 'secret-€'],
  ['MLFLOW_TRACKING_PASSWORD', 'sec\nret'],
  ['MLFLOW_TRACKING_USERNAME', 'joe\u0000'],
] as const) {
  test(`${name}=${JSON.stringify(value)} is refused, and not told`, async () => {
    const error = await expectError(resolveCredentials({}, { [name]: value }), 'ERR_GENAI_INVALID_ARGUMENT', name);
    assert.not.match(error.message, /sec/);
  });
}

test('credentials in the URI win over those of the environment, options over both', () => {
  const trackingUri = 'https://joe:p%40ss@host/x';
  assert.equal(readSettings({ trackingUri }, {}).tracking.credentials, { username: 'joe', password: 'p@ss' });
  const { credentials } = readSettings({ trackingUri, token: 't' }, {}).tracking;
  assert.is(credentials?.token, 't');
  assert.is(credentials?.username, undefined);
});

test.run();
