/** Requests against servers that answer badly, late, or not at all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { GenAIError } from '../../../src/errors.ts';
import { retryAfterMs } from '../../../src/mlflow/tracking/http/retry.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment, html, json, QUICK, withFake } from './fake-server.ts';

const test = suite('http');
const home = mkdtempSync(`${tmpdir()}/tracking-`);
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

const EXPERIMENT = { experiment: { experiment_id: '1', name: 'one' } };

test('an answer is read, and the request says who asks', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      const found = await server.client().getExperiment('1');
      assert.is(found.name, 'one');
      const [request] = server.requests;
      assert.is(request?.url, '/api/2.0/mlflow/experiments/get?experiment_id=1');
      assert.match(String(request?.headers['user-agent']), /^onnxruntime-genai-node\/\d/);
      assert.match(String(request?.headers['x-mlflow-client-version']), /^\d+\.\d+\.\d+$/);
      assert.is(request?.headers['authorization'], undefined);
    },
  );
});

test('the prefix of the tracking URI is kept', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      await server.client({ trackingUri: `${server.url}/team/mlflow/` }).getExperiment('1');
      assert.is(server.requests[0]?.url, '/team/mlflow/api/2.0/mlflow/experiments/get?experiment_id=1');
    },
  );
});

const REFUSALS: [status: number, errorCode: string, text: string][] = [
  [400, 'INVALID_PARAMETER_VALUE', 'wrong value'],
  [401, 'UNAUTHENTICATED', 'who are you'],
  [403, 'PERMISSION_DENIED', 'not for you'],
  [404, 'RESOURCE_DOES_NOT_EXIST', 'no such thing'],
  [409, 'RESOURCE_CONFLICT', 'changed meanwhile'],
];

for (const [status, errorCode, text] of REFUSALS) {
  test(`${status} is an error with MLflow's code, and is not repeated`, async () => {
    await withFake(
      (_, answer) => json(answer, status, { error_code: errorCode, message: text }),
      async server => {
        const error = await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', text);
        const path = '/api/2.0/mlflow/experiments/get';
        assert.equal(error.details, { status, errorCode, method: 'GET', path, retries: 0 });
        assert.is(server.requests.length, 1);
      },
    );
  });
}

for (const status of [408, 429, 500, 502, 503, 504]) {
  test(`${status} is repeated until it goes well`, async () => {
    let left = 2;
    await withFake(
      (_, answer) => (left-- > 0 ? html(answer, status, 'Busy') : json(answer, 200, EXPERIMENT)),
      async server => {
        await server.client().getExperiment('1');
        assert.is(server.requests.length, 3);
      },
    );
  });

  test(`${status} that stays is an error that tells the number of retries`, async () => {
    await withFake(
      (_, answer) => html(answer, status, 'Busy'),
      async server => {
        const error = await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', 'after 4 tries');
        assert.is(error.details['status'], status);
        assert.is(error.details['retries'], 3);
        assert.is(server.requests.length, 4);
      },
    );
  });
}

for (const [status, requests] of [
  [429, 4],
  [503, 4],
  [500, 1],
  [502, 1],
  [504, 1],
] as const) {
  test(`creating is ${requests > 1 ? '' : 'not '}repeated after ${status}`, async () => {
    await withFake(
      (_, answer) => html(answer, status, 'Busy'),
      async server => {
        await expectError(server.client().createRun('1'), 'ERR_MLFLOW_HTTP');
        assert.is(server.requests.length, requests);
      },
    );
  });
}

test('Retry-After is waited for', async () => {
  let left = 1;
  await withFake(
    (_, answer) => (left-- > 0 ? json(answer, 429, {}, { 'retry-after': '1' }) : json(answer, 200, EXPERIMENT)),
    async server => {
      const started = performance.now();
      await server.client().getExperiment('1');
      assert.ok(performance.now() - started >= 950);
    },
  );
});

test('Retry-After is a number of seconds, a date, or nonsense', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.is(retryAfterMs('7', now), 7000);
  assert.is(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000);
  assert.is(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
  for (const text of ['', 'soon', '-5', '1e3', undefined]) assert.is(retryAfterMs(text, now), undefined);
});

test('a wait between two tries ends with the signal', async () => {
  await withFake(
    (_, answer) => json(answer, 503, {}, { 'retry-after': '60' }),
    async server => {
      const stop = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => stop.abort(reason), 100);
      assert.is(await expectRejection(server.client().getExperiment('1', { signal: stop.signal })), reason);
    },
  );
});

test('a request that hangs ends with the signal', async () => {
  await withFake(
    () => {},
    async server => {
      const reason = new Error('enough');
      const stop = new AbortController();
      setTimeout(() => stop.abort(reason), 100);
      assert.is(await expectRejection(server.client().getExperiment('1', { signal: stop.signal })), reason);
      assert.is(server.requests.length, 1);
    },
  );
});

const UNREADABLE: [what: string, body: string, text: string][] = [
  ['a page', '<html><title>Sign in</title></html>', 'Sign in'],
  ['nothing', '', 'it is empty'],
  ['a cut document', '{"experiment": {"experiment_id"', 'no JSON object'],
  ['a list', '[1]', 'no JSON object'],
  ['null', 'null', 'no JSON object'],
  ['bytes', '\xff\xfe\x00', 'no JSON object'],
  ['JSON of something else', '{"status": "UP"}', '"experiment" should be an object'],
  ['a field of another type', '{"experiment": {"experiment_id": 1, "name": "x"}}', '"experiment_id" should be a text'],
];

for (const [what, body, text] of UNREADABLE) {
  test(`200 with ${what}`, async () => {
    await withFake(
      (_, answer) => {
        answer.writeHead(200, { 'content-type': 'application/json' });
        answer.end(body);
      },
      async server => {
        await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', text);
        assert.is(server.requests.length, 1);
      },
    );
  });
}

test('an error page without an end is read in part only', async () => {
  const mebibyte = 'x'.repeat(2 ** 20);
  let sent = 0;
  await withFake(
    (_, answer) => {
      answer.writeHead(404, { 'content-type': 'text/plain' });
      answer.on('error', () => {});
      const more = (): void => {
        while (!answer.destroyed && answer.write(mebibyte)) sent++;
        sent++;
        if (sent > 200) answer.end();
        else answer.once('drain', more);
      };
      more();
    },
    async server => {
      const error = await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', 'ENDPOINT_NOT_FOUND');
      assert.ok(error.message.length < 1000, `${error.message.length} characters`);
      assert.ok(sent < 100, `${sent} MiB were taken`);
    },
  );
});

test('control characters of an answer do not reach a terminal', async () => {
  await withFake(
    (_, answer) => json(answer, 400, { error_code: 'BAD\u001b[31m', message: 'red\u001b[2J\nline\u0007' }),
    async server => {
      const error = await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', 'red [2J line');
      assert.is(error.details['errorCode'], 'BAD_REQUEST');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
      assert.not.match(error.message, /[\u0000-\u001f]/);
    },
  );
});

test('slow headers end after the timeout', async () => {
  await withFake(
    () => {},
    async server => {
      const client = server.client({ timeoutMs: 300, maxRetries: 0 });
      const error = await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', 'silent for too long');
      assert.is((error.cause as { code?: string }).code, 'UND_ERR_HEADERS_TIMEOUT');
    },
  );
});

test('a slow body ends after the timeout', async () => {
  await withFake(
    (_, answer) => {
      answer.writeHead(200);
      answer.write('{"experiment":');
    },
    async server => {
      const client = server.client({ timeoutMs: 300, maxRetries: 0 });
      const error = await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', 'silent for too long');
      assert.is((error.cause as { code?: string }).code, 'UND_ERR_BODY_TIMEOUT');
    },
  );
});

test('a connection that breaks is tried again; creating is not, and says why', async () => {
  await withFake(
    (_, __, raw) => raw.socket.destroy(),
    async server => {
      const client = server.client();
      await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', 'the connection broke');
      assert.is(server.requests.length, 4);
      await expectError(client.createRun('1'), 'ERR_MLFLOW_HTTP', 'look before you try again');
      assert.is(server.requests.length, 5);
    },
  );
});

test('a body that breaks off is tried again', async () => {
  let left = 1;
  await withFake(
    (_, answer) => {
      if (left-- === 0) return json(answer, 200, EXPERIMENT);
      answer.writeHead(200, { 'content-length': '1000' });
      answer.write('{"experiment":', () => answer.destroy());
    },
    async server => {
      assert.is((await server.client().getExperiment('1')).name, 'one');
      assert.is(server.requests.length, 2);
    },
  );
});

test('nobody there', async () => {
  const port = await unusedPort();
  await withFake(
    () => {},
    async server => {
      const client = server.client({ trackingUri: `http://127.0.0.1:${port}`, maxRetries: 7 });
      const error = await expectError(client.createRun('1'), 'ERR_MLFLOW_HTTP', 'is the server running');
      // Nothing was sent, so also creating is tried again; but not for four minutes.
      assert.is(error.details['retries'], 3);
    },
  );
});

test('something there that is no web server', async () => {
  const server = createServer(socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    await withFake(
      () => {},
      async ({ client }) => {
        const other = client({ trackingUri: `http://127.0.0.1:${port}` });
        await expectError(other.getExperiment('1'), 'ERR_MLFLOW_HTTP', 'does not speak this protocol');
      },
    );
  } finally {
    server.close();
  }
});

const SECRET = 'p@ss:w/rd-zzz';

test('credentials show neither in errors nor in the client', async () => {
  const token = Buffer.from(`joe:${SECRET}`).toString('base64');
  await withFake(
    (request, answer) =>
      json(answer, 400, { error_code: 'X', message: `you sent ${request.headers.authorization} ${SECRET}` }),
    async server => {
      const client = server.client({ username: 'joe', password: SECRET });
      const error = await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', 'you sent Basic ***');
      assert.is(server.requests[0]?.headers['authorization'], `Basic ${token}`);
      for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error), error.stack ?? '']) {
        assert.not.ok(shown.includes(SECRET) || shown.includes(token), shown);
      }
    },
  );
});

test('credentials of the URI are sent, and stand in no message', async () => {
  await withFake(
    (_, answer) => html(answer, 401, 'Who?'),
    async server => {
      const trackingUri = server.url.replace('//', `//joe:${encodeURIComponent(SECRET)}@`);
      const error = await expectError(server.client({ trackingUri }).getExperiment('1'), 'ERR_MLFLOW_HTTP', 'Who?');
      const expected = `Basic ${Buffer.from(`joe:${SECRET}`).toString('base64')}`;
      assert.is(server.requests[0]?.headers['authorization'], expected);
      assert.ok(!error.message.includes('joe') && !error.message.includes('zzz'), error.message);
      assert.match(error.message, /MLFLOW_TRACKING_USERNAME/);
    },
  );
});

test('a redirect on the same host is followed, with credentials', async () => {
  await withFake(
    (request, answer) => {
      if (request.url.startsWith('/moved')) return json(answer, 200, EXPERIMENT);
      answer.writeHead(307, { location: `/moved${request.url}` });
      answer.end();
    },
    async server => {
      await server.client({ token: 'secret-token' }).getExperiment('1');
      assert.equal(
        server.requests.map(request => request.headers['authorization']),
        ['Bearer secret-token', 'Bearer secret-token'],
      );
    },
  );
});

test('a redirect to another host is an error, and nothing is sent there', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async other => {
      await withFake(
        (_, answer) => {
          answer.writeHead(302, { location: `${other.url}/sign-in?next=secret` });
          answer.end();
        },
        async server => {
          const client = server.client({ token: 'secret-token' });
          const error = await expectError(client.getExperiment('1'), 'ERR_MLFLOW_HTTP', other.url);
          assert.not.ok(error.message.includes('next=secret'));
          assert.is(other.requests.length, 0);
        },
      );
    },
  );
});

test('redirects in a circle, to another scheme and of a POST are errors', async () => {
  for (const [status, location, text] of [
    [302, '/again', 'after 5 redirects'],
    [302, 'file:///etc/passwd', 'neither http nor https'],
    [302, 'http://[', 'no URL'],
  ] as const) {
    await withFake(
      (_, answer) => {
        answer.writeHead(status, { location });
        answer.end();
      },
      async server => {
        await expectError(server.client().getExperiment('1'), 'ERR_MLFLOW_HTTP', text);
      },
    );
  }
  await withFake(
    (_, answer) => {
      answer.writeHead(301, { location: '/api' });
      answer.end();
    },
    async server => {
      await expectError(server.client().deleteRun('abc'), 'ERR_MLFLOW_HTTP', 'a POST cannot follow');
    },
  );
});

test('a search that leads in a circle ends', async () => {
  const { allPages } = await import('../../../src/mlflow/tracking/paging.ts');
  await withFake(
    (_, answer) => json(answer, 200, { experiments: [EXPERIMENT.experiment], next_page_token: 'again' }),
    async server => {
      const client = server.client();
      const names: string[] = [];
      const walk = async (): Promise<void> => {
        for await (const { name } of allPages(pageToken => client.searchExperiments({ pageToken }))) names.push(name);
      };
      await expectError(walk(), 'ERR_MLFLOW_HTTP', 'repeats the token');
      assert.equal(names, ['one', 'one']);
    },
  );
});

test('the waits grow as those of Python, and have a limit', async () => {
  const { FailedAttempt, withRetries } = await import('../../../src/mlflow/tracking/http/retry.ts');
  let tries = 0;
  const started = performance.now();
  const failing = withRetries(
    { maxRetries: 2, backoffFactor: 0.2, backoffJitter: 0 },
    { repeatable: true },
    async () => {
      tries++;
      throw new FailedAttempt('refused', retries => new GenAIError('ERR_MLFLOW_HTTP', `${retries}`));
    },
  );
  await expectError(failing, 'ERR_MLFLOW_HTTP', '2');
  // None before the first retry, 0.2 * 2 s before the second.
  assert.is(tries, 3);
  assert.ok(Math.abs(performance.now() - started - 400) < 150, `${performance.now() - started} ms`);
});

test('a client that was closed works again', async () => {
  await withFake(
    (_, answer) => json(answer, 200, EXPERIMENT),
    async server => {
      const client = server.client(QUICK);
      await client.getExperiment('1');
      await client.close();
      assert.is((await client.getExperiment('1')).name, 'one');
    },
  );
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}

test.run();
