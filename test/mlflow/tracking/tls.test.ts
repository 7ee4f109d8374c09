/** Certificates: of the server, and of the client. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import * as assert from 'uvu/assert';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment, json, withFake } from './fake-server.ts';

const test = suite('tls');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
const EXPERIMENT = { experiment: { experiment_id: '1', name: 'one' } };

interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly path: string;
}

/** Self-signed, for `subject`. */
function makeCertificate(name: string, subject: string): Certificate {
  const [key, cert] = [join(home, `${name}-key.pem`), join(home, `${name}.pem`)];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync(
    'openssl',
    [...request, '-keyout', key, '-out', cert, '-subj', '/CN=test', '-addext', `subjectAltName=${subject}`],
    {
      stdio: 'ignore',
    },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8'), path: cert };
}

let ours: Certificate;
let wrong: Certificate;
test.before(() => {
  cleanEnvironment(home);
  ours = makeCertificate('ours', 'IP:127.0.0.1');
  wrong = makeCertificate('wrong', 'DNS:elsewhere.example');
});
test.after(() => rmSync(home, { recursive: true, force: true }));

test('an unknown authority is refused, once; named, it is trusted', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      const error = await expectError(
        server.client().getExperiment('1'),
        'ERR_MLFLOW_HTTP',
        'MLFLOW_TRACKING_SERVER_CERT_PATH',
      );
      assert.is(error.details['retries'], 0);
      assert.is(server.requests.length, 0);
      const trusting = server.client({ serverCertPath: ours.path });
      assert.is((await trusting.getExperiment('1')).name, 'one');
      const careless = server.client({ insecureTls: true });
      assert.is((await careless.getExperiment('1')).name, 'one');
    },
    { tls: ours },
  );
});

test('a certificate of another name is refused', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      const client = server.client({ serverCertPath: wrong.path, token: 'secret' });
      const error = await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', 'ERR_TLS_CERT_ALTNAME_INVALID');
      assert.is(error.details['retries'], 0);
      assert.is(server.requests.length, 0);
    },
    { tls: wrong },
  );
});

test('the certificate of the client is shown', async () => {
  const combined = join(home, 'combined.pem');
  writeFileSync(combined, `${wrong.cert}${wrong.key}`);
  let shown: string | undefined;
  await withFake(
    (_, answer, raw) => {
      shown = (raw.socket as TLSSocket).getPeerCertificate().subjectaltname;
      json(answer, 200, EXPERIMENT);
    },
    async server => {
      await server.client({ serverCertPath: ours.path, clientCertPath: combined }).getExperiment('1');
      assert.is(shown, 'DNS:elsewhere.example');
    },
    { tls: { key: ours.key, cert: ours.cert, ca: wrong.cert, requestCert: true, rejectUnauthorized: true } },
  );
});

test('a server that reads slowly gets every byte in its place', async () => {
  const content = randomBytes(6_000_001);
  const path = join(home, 'content');
  writeFileSync(path, content);
  const hash = createHash('sha256');
  await withFake(
    (_, answer, raw) => {
      raw.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        raw.pause();
        setTimeout(() => raw.resume(), Math.random() * 4);
      });
      raw.on('end', () => answer.end());
    },
    async server => {
      await server.client({ serverCertPath: ours.path }).uploadFile('mlflow-artifacts:/', path);
      assert.is(hash.digest('hex'), createHash('sha256').update(content).digest('hex'));
    },
    { tls: ours, early: true },
  );
});

test('http where https is spoken, and the other way round', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      const client = server.client({ trackingUri: server.url.replace('https', 'http'), maxRetries: 0 });
      await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP');
    },
    { tls: ours },
  );
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      const client = server.client({ trackingUri: server.url.replace('http', 'https') });
      await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', 'is it http or https?');
    },
  );
});

test('files that are missing or no PEM', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      const refused = 'ERR_GENAI_INVALID_ARGUMENT';
      const missing = join(home, 'missing.pem');
      await expectError(server.client({ serverCertPath: missing }).getExperiment('1'), refused, 'serverCertPath');
      await expectError(server.client({ clientCertPath: home }).getExperiment('1'), refused, 'clientCertPath');
      const garbage = join(home, 'garbage.pem');
      writeFileSync(garbage, 'garbage');
      await expectError(server.client({ clientCertPath: garbage }).getExperiment('1'), refused, 'clientCertPath');
    },
    { tls: ours },
  );
});

test.run();
