/** HTTP proxies, which the environment names as for other programs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment, json, withFake } from './fake-server.ts';

const test = suite('proxy');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
const EXPERIMENT = { experiment: { experiment_id: '1', name: 'one' } };
test.before.each(() => cleanEnvironment(home));
test.after(() => {
  cleanEnvironment(home);
  rmSync(home, { recursive: true, force: true });
});

interface Proxy {
  readonly url: string;
  /** `GET http://127.0.0.1:1/x` or `CONNECT 127.0.0.1:1`, in order. */
  readonly seen: string[];
  /** `Proxy-Authorization` headers. */
  readonly authorizations: (string | undefined)[];
}

/** A proxy that forwards, and makes tunnels, to any host. With `refuse`, it answers that status instead. */
async function withProxy(work: (proxy: Proxy) => Promise<void>, refuse?: number): Promise<void> {
  const seen: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server: Server = createServer((asked, answer) => {
    seen.push(`${asked.method} ${asked.url}`);
    authorizations.push(asked.headers['proxy-authorization']);
    if (refuse !== undefined) {
      answer.writeHead(refuse).end('<title>no</title>');
      return;
    }
    const { method, headers, url = '' } = asked;
    const forwarded = httpRequest(url, { method, headers }, reply => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    asked.pipe(forwarded);
  });
  server.on('connect', (asked, socket) => {
    seen.push(`CONNECT ${asked.url}`);
    authorizations.push(asked.headers['proxy-authorization']);
    socket.on('error', () => {});
    if (refuse !== undefined) return void socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
    const [host = '', port] = (asked.url ?? '').split(':');
    const tunnel = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    tunnel.on('error', () => socket.destroy());
    socket.on('close', () => tunnel.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await work({ url: `http://127.0.0.1:${port}`, seen, authorizations });
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
}

const withServer = (work: Parameters<typeof withFake>[1], options = {}): Promise<unknown> =>
  withFake((_, answer) => json(answer, 200, EXPERIMENT), work, options);

for (const name of ['http_proxy', 'HTTP_PROXY']) {
  test(`${name}: requests go through the proxy, in one piece`, async () => {
    await withProxy(proxy =>
      withFake(
        (request, answer) => json(answer, 200, request.method === 'PUT' ? {} : EXPERIMENT),
        async server => {
          process.env[name] = proxy.url.replace('://', '://joe:p%40w@');
          const client = server.client({ token: 'tok' });
          assert.is((await client.getExperiment('1')).name, 'one');
          await client.uploadFile('mlflow-artifacts:/1', new URL(import.meta.url).pathname);
          assert.is(proxy.seen.length, 2);
          assert.match(proxy.seen[0] ?? '', new RegExp(`^GET ${server.url}/api/2.0/mlflow/experiments/get\\?`));
          assert.match(proxy.seen[1] ?? '', /^PUT .*\/proxy\.test\.ts$/);
          assert.equal([...new Set(proxy.authorizations)], [`Basic ${btoa('joe:p@w')}`]);
          const [asked, sent] = server.requests;
          assert.is(asked?.headers['authorization'], 'Bearer tok');
          assert.is(asked?.headers['host'], new URL(server.url).host);
          assert.is(sent?.body, readFileSync(new URL(import.meta.url), 'utf8'));
        },
      ).then(() => {}),
    );
  });
}

for (const noProxy of ['127.0.0.1', 'example.com, 127.0.0.1', '*', '127.0.0.0/8', '10.0.0.0/8,127.0.0.0/24']) {
  test(`NO_PROXY=${noProxy}: the server is asked directly`, async () => {
    await withProxy(async proxy => {
      await withServer(async server => {
        process.env['HTTP_PROXY'] = proxy.url;
        process.env['NO_PROXY'] = noProxy;
        assert.is((await server.client().getExperiment('1')).name, 'one');
        assert.equal(proxy.seen, []);
      });
    });
  });
}

for (const noProxy of ['', 'example.com', '10.0.0.0/8', '127.0.0.1:1', 'nonsense/99', '/8']) {
  test(`NO_PROXY=${noProxy}: the proxy is used`, async () => {
    await withProxy(async proxy => {
      await withServer(async server => {
        process.env['HTTP_PROXY'] = proxy.url;
        process.env['NO_PROXY'] = noProxy;
        assert.is((await server.client().getExperiment('1')).name, 'one');
        assert.is(proxy.seen.length, 1);
      });
    });
  });
}

test('HTTPS_PROXY: a tunnel, in which certificates count as without one', async () => {
  const [key, cert] = [join(home, 'key.pem'), join(home, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  await withProxy(async proxy => {
    await withServer(
      async server => {
        process.env['HTTPS_PROXY'] = proxy.url;
        const trusting = server.client({ serverCertPath: cert, token: 'tok' });
        assert.is((await trusting.getExperiment('1')).name, 'one');
        const { host } = new URL(server.url);
        assert.equal(proxy.seen, [`CONNECT ${host}`]);
        assert.is((await server.client({ insecureTls: true }).getExperiment('1')).name, 'one');
        const error = await expectError(
          server.client().getExperiment('1'),
          'ERR_MLFLOW_HTTP',
          'MLFLOW_TRACKING_SERVER_CERT_PATH',
        );
        assert.is(error.details['retries'], 0);
        assert.is(server.requests.length, 2);
      },
      { tls: { key: readFileSync(key), cert: readFileSync(cert) } },
    );
  });
});

test('HTTPS_PROXY is not for http, nor the other way round', async () => {
  await withProxy(async proxy => {
    await withServer(async server => {
      process.env['HTTPS_PROXY'] = proxy.url;
      assert.is((await server.client().getExperiment('1')).name, 'one');
      assert.equal(proxy.seen, []);
    });
  });
});

test('a proxy that refuses, is gone, or is no URL', async () => {
  await withServer(async server => {
    await withProxy(async proxy => {
      process.env['HTTP_PROXY'] = proxy.url;
      const error = await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP');
      assert.is(error.details['status'], 403);
    }, 403);
    await withProxy(async proxy => {
      process.env['HTTP_PROXY'] = proxy.url;
      await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', '407');
    }, 407);
    await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', 'proxy'); // the last one is gone
    for (const url of ['http://:secret', 'nonsense secret', 'ftp://secret']) {
      process.env['HTTP_PROXY'] = url;
      const error = await expectError(server.client().getExperiment('1'), 'ERR_GENAI_INVALID_ARGUMENT', 'HTTP_PROXY');
      assert.not.match(error.message, /secret/);
    }
    assert.is(server.requests.length, 0);
  });
});

test('a proxy that refuses a tunnel', async () => {
  await withProxy(async proxy => {
    process.env['HTTPS_PROXY'] = proxy.url;
    await withServer(async server => {
      const client = server.client({ trackingUri: server.url.replace('http', 'https'), maxRetries: 0 });
      await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', '407');
    });
  }, 407);
});

test.run();
