/** Starting and ending runs: which requests are made, by options and by environment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import { registerModel } from '../../../src/mlflow/tracking/register-model.ts';
import { Run, startRun, withRun } from '../../../src/mlflow/tracking/run.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment, type FakeServer, json, QUICK, type Received, withFake } from './fake-server.ts';

const test = suite('run');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
test.before(() => cleanEnvironment(home));
test.before.each(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

const NAME = '/api/2.0/mlflow';

/** Calls and bodies, as `runs/create {...}`. */
function calls(server: FakeServer): string[] {
  return server.requests.map(({ url, body }) => `${url.slice(NAME.length + 1)} ${body}`.trim());
}

function bodyOf(server: FakeServer, call: string): Record<string, unknown> {
  const request = server.requests.find(({ url }) => url.includes(call));
  return JSON.parse(request?.body ?? '{}');
}

function tagsOf(server: FakeServer, call = 'runs/create'): Record<string, string> {
  const tags = bodyOf(server, call)['tags'] as { key: string; value: string }[];
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

/** A server with one experiment, `one`, and runs that are whatever is asked for. */
async function withRuns(
  work: (server: FakeServer) => Promise<void>,
  answers: (request: Received) => unknown = () => undefined,
): Promise<void> {
  await withFake((request, answer) => {
    const special = answers(request);
    if (special !== undefined) return json(answer, 200, special);
    const { pathname, searchParams } = new URL(request.url, 'http://x');
    const body = request.body === '' ? {} : JSON.parse(request.body);
    const info = (run_id: string): object => ({
      info: { run_id, experiment_id: body.experiment_id ?? '1', run_name: body.run_name ?? 'n', status: 'RUNNING' },
    });
    if (pathname.endsWith('/runs/create')) return json(answer, 200, { run: info('new') });
    if (pathname.endsWith('/runs/get')) return json(answer, 200, { run: info(searchParams.get('run_id') ?? '') });
    if (pathname.endsWith('/runs/update')) return json(answer, 200, { run_info: { run_id: 'x', experiment_id: '1' } });
    if (pathname.endsWith('/experiments/create')) return json(answer, 200, { experiment_id: '7' });
    if (!pathname.endsWith('/get-by-name')) return json(answer, 200, {});
    if (searchParams.get('experiment_name') !== 'one') {
      return json(answer, 404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'none' });
    }
    return json(answer, 200, { experiment: { experiment_id: '1', name: 'one' } });
  }, work);
}

test('a run has the tags that Python sets', async () => {
  await withRuns(async server => {
    const tags = { mine: 1, 'mlflow.source.name': 'my script' };
    const run = await startRun({ client: server.client(), runName: 'greedy', description: 'why', tags });
    assert.is(run.runId, 'new');
    assert.equal(tagsOf(server), {
      'mlflow.user': userInfo().username,
      'mlflow.source.name': 'my script',
      'mlflow.source.type': 'LOCAL',
      mine: '1',
      'mlflow.note.content': 'why',
      'mlflow.runName': 'greedy',
    });
    const { experiment_id, run_name, user_id, start_time } = bodyOf(server, 'runs/create');
    assert.equal([experiment_id, run_name, user_id], ['0', 'greedy', userInfo().username]);
    assert.ok(Math.abs(Number(start_time) - Date.now()) < 10_000);
  });
});

test('the user is the one that signs in', async () => {
  await withRuns(async server => {
    await startRun({ client: server.client({ username: 'joe', password: 'pw' }) });
    assert.is(tagsOf(server)['mlflow.user'], 'joe');
    assert.is(tagsOf(server)['mlflow.source.name'], process.argv[1]);
  });
});

test('leaving the block ends the run, once', async () => {
  await withRuns(async server => {
    {
      await using run = await startRun({ client: server.client() });
      await run.logMetric('a', 1, { step: 2 });
    }
    assert.match(calls(server).at(-1) ?? '', /runs\/update .*"status":"FINISHED","end_time":\d+/);
    {
      await using run = await startRun({ client: server.client() });
      await run.end('KILLED');
    }
    assert.match(calls(server).at(-1) ?? '', /"KILLED"/);
    assert.is(calls(server).filter(call => call.startsWith('runs/update')).length, 2);
  });
});

test('withRun tells success from failure', async () => {
  await withRuns(async server => {
    assert.is(await withRun({ client: server.client() }, async run => run.runId), 'new');
    assert.match(calls(server).at(-1) ?? '', /FINISHED/);
    const reason = new Error('broken');
    const failing = withRun({ client: server.client() }, () => {
      throw reason;
    });
    assert.is(await expectRejection(failing), reason);
    assert.match(calls(server).at(-1) ?? '', /FAILED/);
  });
});

/** Runs `work` while `AbortSignal.timeout` fires fifty times as early. @returns the times that were asked for */
async function inQuickTime(work: () => Promise<void>): Promise<number[]> {
  const { timeout } = AbortSignal;
  const asked: number[] = [];
  AbortSignal.timeout = ms => {
    asked.push(ms);
    return timeout(ms / 50);
  };
  try {
    await work();
  } finally {
    AbortSignal.timeout = timeout;
  }
  return asked;
}

test('withRun: a server that is gone at the end does not hide the error, nor hold the caller', async () => {
  for (const silent of [false, true]) {
    const reason = new Error('broken');
    const asked = await inQuickTime(() =>
      withFake(
        ({ url }, answer) => {
          if (url.includes('/runs/create')) {
            return json(answer, 200, { run: { info: { run_id: 'new', experiment_id: '1' } } });
          }
          if (!silent) json(answer, 500, {});
        },
        async server => {
          process.env['MLFLOW_TRACKING_URI'] = server.url;
          const client = server.client({ maxRetries: 0 });
          const failing = withRun({ client }, () => {
            throw reason;
          });
          assert.is(await expectRejection(failing), reason);
          const ends = calls(server).slice(1);
          assert.is(ends.length, 1, ends.join('\n'));
          assert.match(ends[0] ?? '', /"FAILED"/);
        },
      ),
    );
    assert.equal(asked, [10_000]);
  }
});

/** Counts how often a client is closed. */
function countClosing(client: MlflowClient): () => number {
  let closed = 0;
  const close = client.close.bind(client);
  client.close = async () => {
    closed++;
    await close();
  };
  return () => closed;
}

for (const works of [true, false]) {
  test(`withRun closes its own client, also when the work ${works ? 'succeeds' : 'fails'} and the end fails`, async () => {
    await withFake(
      ({ url }, answer) => {
        const found = url.includes('/runs/create');
        json(answer, found ? 200 : 400, found ? { run: { info: { run_id: 'new', experiment_id: '1' } } } : {});
      },
      async server => {
        let closed = (): number => -1;
        const work = withRun({ clientOptions: { trackingUri: server.url, ...QUICK } }, run => {
          closed = countClosing(run.client);
          if (!works) throw new Error('broken');
        });
        const error = await expectRejection(work);
        assert.match(String(error), works ? /runs\/update failed/ : /broken/);
        assert.is(closed(), 1);
      },
    );
  });
}

test('leaving the block closes an own client, also when the end fails; a given one stays open', async () => {
  await withFake(
    ({ url }, answer) => {
      const found = url.includes('/runs/create');
      json(answer, found ? 200 : 400, found ? { run: { info: { run_id: 'new', experiment_id: '1' } } } : {});
    },
    async server => {
      const own = await startRun({ clientOptions: { trackingUri: server.url, ...QUICK } });
      const closed = countClosing(own.client);
      await expectError(async () => own[Symbol.asyncDispose](), 'ERR_MLFLOW_HTTP');
      assert.is(closed(), 1);
      const given = await startRun({ client: server.client() });
      const open = countClosing(given.client);
      await expectError(async () => given[Symbol.asyncDispose](), 'ERR_MLFLOW_HTTP');
      assert.is(open(), 0);
    },
  );
});

test('withRun does not end a run again that the work has ended', async () => {
  await withRuns(async server => {
    await withRun({ client: server.client() }, run => run.end('KILLED'));
    assert.match(calls(server).at(-1) ?? '', /KILLED/);
  });
});

test('a nested run takes experiment and client of its parent', async () => {
  await withRuns(async server => {
    const parent = await startRun({ client: server.client(), experimentName: 'one' });
    const child = await startRun({ parentRun: parent });
    assert.is(child.client, parent.client);
    const [, create] = server.requests.filter(({ url }) => url.includes('runs/create'));
    const body = JSON.parse(create?.body ?? '');
    assert.is(body.experiment_id, '1');
    assert.ok(
      body.tags.some((tag: { key: string; value: string }) => tag.key === 'mlflow.parentRunId' && tag.value === 'new'),
    );
  });
});

test('a parent may be named by its id, unless it is deleted', async () => {
  await withRuns(async server => {
    await startRun({ client: server.client(), parentRun: 'abc' });
    assert.is(tagsOf(server)['mlflow.parentRunId'], 'abc');
  });
  const deleted = { run: { info: { run_id: 'abc', experiment_id: '1', lifecycle_stage: 'deleted' } } };
  await withRuns(
    async server => {
      await expectError(startRun({ client: server.client(), parentRun: 'abc' }), 'ERR_MLFLOW_HTTP', 'deleted');
    },
    ({ url }) => (url.includes('runs/get') ? deleted : undefined),
  );
});

const EXPERIMENTS: [env: Record<string, string>, options: object, id: string][] = [
  [{}, {}, '0'],
  [{ MLFLOW_EXPERIMENT_ID: '5' }, {}, '5'],
  [{ MLFLOW_EXPERIMENT_NAME: 'one' }, {}, '1'],
  [{ MLFLOW_EXPERIMENT_NAME: 'new' }, {}, '7'],
  [{ MLFLOW_EXPERIMENT_NAME: 'one', MLFLOW_EXPERIMENT_ID: '1' }, {}, '1'],
  [{ MLFLOW_EXPERIMENT_NAME: 'one' }, { experimentId: '9' }, '9'],
  [{ MLFLOW_EXPERIMENT_ID: '5' }, { experimentName: 'new' }, '7'],
];

for (const [env, options, id] of EXPERIMENTS) {
  test(`experiment ${id} by ${JSON.stringify(env)} and ${JSON.stringify(options)}`, async () => {
    Object.assign(process.env, env);
    await withRuns(async server => {
      await startRun({ client: server.client(), ...options });
      assert.is(bodyOf(server, 'runs/create')['experiment_id'], id);
    });
  });
}

test('environment variables that contradict each other', async () => {
  Object.assign(process.env, { MLFLOW_EXPERIMENT_NAME: 'one', MLFLOW_EXPERIMENT_ID: '2' });
  await withRuns(async server => {
    const work = startRun({ client: server.client() });
    await expectError(work, 'ERR_GENAI_INVALID_ARGUMENT', 'has the id 1');
  });
});

test('an experiment that another one makes at the same moment is used', async () => {
  let asked = 0;
  await withFake(
    (request, answer) => {
      if (request.url.includes('get-by-name') && asked++ === 0) {
        return json(answer, 404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: '' });
      }
      if (request.url.includes('experiments/create')) {
        return json(answer, 400, { error_code: 'RESOURCE_ALREADY_EXISTS', message: '' });
      }
      return json(answer, 200, { experiment: { experiment_id: '3', name: 'one' } });
    },
    async server => assert.is(await server.client().getOrCreateExperiment('one'), '3'),
  );
});

test('MLFLOW_RUN_ID is gone on with, once', async () => {
  process.env['MLFLOW_RUN_ID'] = 'abc';
  await withRuns(async server => {
    const client = server.client();
    const run = await startRun({ client, tags: { more: 'x' }, runName: 'again' });
    assert.is(run.runId, 'abc');
    assert.equal(bodyOf(server, 'runs/update'), { run_id: 'abc', status: 'RUNNING', run_name: 'again' });
    assert.equal(tagsOf(server, 'log-batch'), { more: 'x' });
    assert.is((await startRun({ client })).runId, 'new');
    assert.is((await startRun({ client, runId: 'def' })).runId, 'def');
  });
});

test('a run without a client needs a tracking URI', async () => {
  await expectError(startRun(), 'ERR_MLFLOW_NO_TRACKING_URI');
  await withRuns(async server => {
    process.env['MLFLOW_TRACKING_URI'] = server.url;
    await using run = await startRun();
    assert.instance(run, Run);
  });
});

test('options that contradict or are unknown', async () => {
  await withRuns(async server => {
    const client = server.client();
    const refused = 'ERR_GENAI_INVALID_ARGUMENT';
    await expectError(startRun({ client, clientOptions: {} }), refused, 'clientOptions');
    await expectError(startRun({ client, ...{ name: 'x' } }), refused, 'name');
    const tags = { 'mlflow.note.content': 'a' };
    await expectError(startRun({ client, description: 'b', tags }), refused, 'description');
    assert.is(server.requests.length, 0);
  });
});

test('params, metrics and tags of a run', async () => {
  await withRuns(async server => {
    const run = await startRun({ client: server.client() });
    await run.logParam('a', true);
    await run.logParams({ b: 1, c: 'x' });
    await run.logMetrics({ m: 1, n: 2 }, { step: 3, timestamp: 5 });
    await run.logMetrics([{ key: 'm', value: 4, step: 9 }], { timestamp: 6 });
    await run.setTag('t', 'u');
    await run.setTags({ v: 'w' });
    assert.equal(calls(server).slice(1), [
      'runs/log-parameter {"run_id":"new","key":"a","value":"true"}',
      'runs/log-batch {"run_id":"new","metrics":[],"params":[{"key":"b","value":"1"},{"key":"c","value":"x"}],"tags":[]}',
      'runs/log-batch {"run_id":"new","metrics":[{"key":"m","value":1,"timestamp":5,"step":3},{"key":"n","value":2,"timestamp":5,"step":3}],"params":[],"tags":[]}',
      'runs/log-batch {"run_id":"new","metrics":[{"key":"m","value":4,"timestamp":6,"step":9}],"params":[],"tags":[]}',
      'runs/set-tag {"run_id":"new","key":"t","value":"u"}',
      'runs/log-batch {"run_id":"new","metrics":[],"params":[],"tags":[{"key":"v","value":"w"}]}',
    ]);
  });
});

/** The registry, whose versions are ready after `polls` questions, or never. */
function registry(polls: number, end = 'READY'): (request: Received) => unknown {
  let asked = 0;
  const version = (status: string): object => ({
    model_version: { name: 'n', version: '1', status, status_message: 'why' },
  });
  return ({ url }) => {
    if (url.includes('registered-models/create')) return { registered_model: { name: 'n' } };
    if (url.includes('model-versions/create')) return version(polls === 0 ? end : 'PENDING_REGISTRATION');
    if (url.includes('model-versions/get')) return version(++asked >= polls ? end : 'PENDING_REGISTRATION');
    return undefined;
  };
}

test('a version is waited for', async () => {
  await withRuns(async server => {
    const version = await registerModel('models:/m-1', 'n', { client: server.client(), tags: { a: 'b' } });
    assert.is(version.status, 'READY');
    assert.equal(bodyOf(server, 'model-versions/create'), {
      name: 'n',
      source: 'models:/m-1',
      model_id: 'm-1',
      tags: [{ key: 'a', value: 'b' }],
    });
  }, registry(2));
});

test('a version that fails, or does not get ready in time', async () => {
  await withRuns(
    async server => {
      const work = registerModel('models:/m-1', 'n', { client: server.client() });
      await expectError(work, 'ERR_MLFLOW_HTTP', 'FAILED_REGISTRATION. why');
    },
    registry(1, 'FAILED_REGISTRATION'),
  );
  await withRuns(async server => {
    const client = server.client();
    await expectError(registerModel('models:/m-1', 'n', { client, waitMs: 500 }), 'ERR_MLFLOW_HTTP', 'PENDING');
    assert.is((await registerModel('models:/m-1', 'n', { client, waitMs: 0 })).status, 'PENDING_REGISTRATION');
  }, registry(100));
});

test('nothing is created for a URI that is none', async () => {
  await withRuns(async server => {
    const client = server.client();
    await expectError(registerModel('http://x/y', 'n', { client }), 'ERR_MLFLOW_URI');
    await expectError(registerModel('./phi3', 'n', { client }), 'ERR_MLFLOW_URI', 'Log it first');
    await expectError(registerModel('models:/m-1', 'a/b', { client }), 'ERR_GENAI_INVALID_ARGUMENT');
    assert.is(server.requests.length, 0);
  });
});

test.run();
