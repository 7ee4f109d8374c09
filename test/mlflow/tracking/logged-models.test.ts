/** Logged models whose parameters need more than one request. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment, type FakeServer, json, withFake } from './fake-server.ts';

const test = suite('logged-models');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

const PARAMS = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, index]));
const MODEL = { model: { info: { model_id: 'm-1', experiment_id: '1', artifact_uri: 'mlflow-artifacts:/m' } } };

/** @param refuse method and end of the path of the call that the server refuses */
async function withModels(refuse: string, work: (server: FakeServer) => Promise<void>): Promise<void> {
  await withFake(({ method, url }, answer) => {
    if (refuse !== '' && `${method} ${url}`.endsWith(refuse)) {
      return json(answer, 400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'not this one' });
    }
    return json(answer, 200, url.endsWith('/params') ? {} : MODEL);
  }, work);
}

function calls(server: FakeServer): string[] {
  return server.requests.map(({ method, url, body }) => {
    const { params, status } = body === '' ? {} : JSON.parse(body);
    return [method, url.replace('/api/2.0/mlflow/', ''), params?.length, status]
      .filter(part => part !== undefined)
      .join(' ');
  });
}

test('a hundred parameters go at once, the others after', async () => {
  await withModels('', async server => {
    await server.client().createLoggedModel('1', { params: PARAMS });
    assert.equal(calls(server), [
      'POST logged-models 100',
      'POST logged-models/m-1/params 100',
      'POST logged-models/m-1/params 50',
      'GET logged-models/m-1',
    ]);
  });
});

for (const refuse of ['POST /api/2.0/mlflow/logged-models/m-1/params', 'GET /api/2.0/mlflow/logged-models/m-1']) {
  test(`a model that nobody gets to know is marked as failed (${refuse})`, async () => {
    await withModels(refuse, async server => {
      const work = server.client().createLoggedModel('1', { params: PARAMS });
      await expectError(work, 'ERR_MLFLOW_HTTP', 'not this one');
      assert.is(calls(server).at(-1), 'PATCH logged-models/m-1 LOGGED_MODEL_UPLOAD_FAILED');
    });
  });
}

test('also after an abort; the first error is the one that counts', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  await withFake(
    ({ method, url }, answer) => {
      if (method === 'PATCH') return json(answer, 400, { error_code: 'INVALID_STATE', message: 'no' });
      if (url.endsWith('/params')) return stop.abort(reason);
      return json(answer, 200, MODEL);
    },
    async server => {
      const work = server.client().createLoggedModel('1', { params: PARAMS, signal: stop.signal });
      assert.is(await expectRejection(work), reason);
      assert.is(calls(server).at(-1), 'PATCH logged-models/m-1 LOGGED_MODEL_UPLOAD_FAILED');
    },
  );
});

test('a server that is silent holds nobody for longer than ten seconds', async () => {
  const { timeout } = AbortSignal;
  const asked: number[] = [];
  AbortSignal.timeout = ms => {
    asked.push(ms);
    return timeout(ms / 50);
  };
  try {
    await withFake(
      ({ method, url }, answer) => {
        if (method === 'PATCH') return undefined; // silent
        if (url.endsWith('/params')) return json(answer, 400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'no' });
        return json(answer, 200, MODEL);
      },
      async server => {
        await expectError(server.client().createLoggedModel('1', { params: PARAMS }), 'ERR_MLFLOW_HTTP', 'no');
        assert.equal(asked, [10_000]);
      },
    );
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test.run();
