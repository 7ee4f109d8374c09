/** logModel to a server that takes everything, or that is silent. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { logModel } from '../../../src/mlflow/flavor/log-model.ts';
import { preparePackage } from '../../../src/mlflow/flavor/package.ts';
import { uploadPackage } from '../../../src/mlflow/flavor/upload-package.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { artifactPath } from '../tracking/artifact-server.ts';
import { cleanEnvironment, type FakeServer, json, type Received, withFake } from '../tracking/fake-server.ts';
import { type TemporaryFolder, temporaryFolder, writeDummyModel, writeFiles } from './folders.ts';

const test = suite<{ folder: TemporaryFolder; model: string }>('logModel');
const home = mkdtempSync(join(tmpdir(), 'flavor-log-'));
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));
test.before.each(context => {
  context.folder = temporaryFolder();
  context.model = writeDummyModel(context.folder.in('model'));
});
test.after.each(({ folder }) => folder[Symbol.dispose]());

const MODEL = {
  model: { info: { model_id: 'm-1', experiment_id: '0', artifact_uri: 'mlflow-artifacts:/0/models/m-1/artifacts' } },
};

const isUpload = ({ method, url }: Received): boolean => method === 'PUT' && url.includes('mlflow-artifacts');

function take(request: Received, answer: ServerResponse): void {
  json(answer, 200, request.url.endsWith('/logged-models') || request.method === 'PATCH' ? MODEL : {});
}

function uploads(server: FakeServer): Map<string, string> {
  return new Map(server.requests.filter(isUpload).map(request => [artifactPath(request), request.body]));
}

function finals(server: FakeServer): string[] {
  return server.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body).status);
}

test('MLmodel is the last file, and the list before it has what was sent', async ({ model }) => {
  await withFake(take, async server => {
    await logModel({ name: 'm', client: server.client(), modelDir: model });
    const sent = uploads(server);
    const names = [...sent.keys()].map(path => path.split('/').at(-1));
    assert.equal(names.slice(-2), ['onnxruntime_genai_files.json', 'MLmodel']);
    assert.equal(finals(server), ['LOGGED_MODEL_READY']);
  });
});

/** The model changes after it was looked at, and before it is read. */
test('a file that changes between the plan and the upload makes no model', async ({ model }) => {
  const file = join(model, 'model.onnx');
  for (const change of [
    () => appendFileSync(file, ' and more'),
    () => writeFileSync(file, 'half'),
    () => writeFileSync(file, 'other, same'), // as long as before
  ]) {
    writeFiles(model, { 'model.onnx': 'not really.' });
    const prepared = await preparePackage({ modelDir: model });
    change();
    await withFake(take, async server => {
      const client = server.client({ maxRetries: 0 });
      const store = client.openStore('mlflow-artifacts:/m');
      await expectError(uploadPackage(store, prepared, prepared.mlmodel, {}), 'ERR_MLFLOW_TRANSFER', 'model.onnx');
      assert.not.ok([...uploads(server).keys()].some(path => path.endsWith('MLmodel')));
    });
  }
});

test('the same from outside: it grows while the server makes the logged model', async ({ model }) => {
  await withFake(
    (request, answer) => {
      if (request.url.endsWith('/logged-models')) appendFileSync(join(model, 'model.onnx'), ' and more');
      take(request, answer);
    },
    async server => {
      const work = logModel({ name: 'm', client: server.client({ maxRetries: 0 }), modelDir: model });
      await expectError(work, 'ERR_MLFLOW_TRANSFER', 'model.onnx');
      assert.equal(finals(server), ['LOGGED_MODEL_UPLOAD_FAILED']);
    },
  );
});

test('names that Python could not read are refused before anything is sent', async ({ model }) => {
  await withFake(take, async server => {
    for (const name of ['a?b.txt', 'a#b.txt', 'a%41.txt']) {
      writeFiles(model, { [name]: '' });
      const work = logModel({ name: 'm', client: server.client(), modelDir: model });
      await expectError(work, 'ERR_MLFLOW_UNSAFE_PATH', name);
      rmSync(join(model, name));
    }
    assert.equal(server.requests, []);
  });
});

test('after an abort a silent server holds nobody for longer than ten seconds', async ({ model }) => {
  const { timeout } = AbortSignal;
  const asked: number[] = [];
  AbortSignal.timeout = ms => {
    asked.push(ms);
    return timeout(ms / 50);
  };
  const controller = new AbortController();
  const reason = new Error('enough');
  try {
    await withFake(
      (request, answer) => {
        if (isUpload(request)) controller.abort(reason);
        else if (request.method !== 'PATCH') take(request, answer);
      },
      async server => {
        const started = performance.now();
        const client = server.client();
        const work = logModel({ name: 'm', client, modelDir: model, signal: controller.signal });
        assert.is(await expectRejection(work), reason);
        assert.equal(asked, [10_000]);
        assert.equal(finals(server), ['LOGGED_MODEL_UPLOAD_FAILED']);
        assert.ok(performance.now() - started < 5000);
      },
    );
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test.run();
