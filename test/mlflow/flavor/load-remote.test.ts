/** Models of a server: what arrives is what was saved, and nothing of it stays. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadModel, saveModel } from '../../../src/mlflow/flavor/index.ts';
import { toLocal } from '../../../src/mlflow/flavor/to-local.ts';
import { DEMO_MODEL, ROOT, SPAIN } from '../../helpers/demo-model.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { serveFiles } from '../tracking/artifact-server.ts';
import { cleanEnvironment, json, type Received, withFake } from '../tracking/fake-server.ts';
import { filesBelow } from './folders.ts';
import { writePythonModel } from './python-model.ts';

type Files = Record<string, Buffer | string>;

const test = suite<{ files: Files; ours: Files }>('loadModel from a server');
const home = mkdtempSync(join(tmpdir(), 'flavor-remote-'));
const temporary = join(home, 'tmp');

test.before(async context => {
  cleanEnvironment(home);
  mkdirSync(temporary);
  process.env['TMPDIR'] = temporary;
  await saveModel({ path: join(home, 'ours'), modelDir: DEMO_MODEL, link: 'hard' });
  writePythonModel(join(home, 'python'));
  context.ours = filesAt(join(home, 'ours'), 'ours');
  context.files = { ...context.ours, ...filesAt(join(home, 'python'), 'python') };
});
test.after(() => rmSync(home, { recursive: true, force: true }));

function filesAt(folder: string, prefix: string): Files {
  return Object.fromEntries(filesBelow(folder).map(path => [`${prefix}/${path}`, readFileSync(join(folder, path))]));
}

const VERSION = { name: 'phi3', version: '2', source: 'mlflow-artifacts:/ours', run_id: '', status: 'READY' };

/** A registry with one model, and the files. */
function serve(files: Files): (request: Received, answer: ServerResponse) => void {
  return (request, answer) => {
    const { url } = request;
    if (url.includes('/get-download-uri')) json(answer, 200, { artifact_uri: VERSION.source });
    else if (url.includes('/registered-models/alias') || url.includes('/model-versions/get')) {
      json(answer, 200, { model_version: VERSION });
    } else serveFiles(files, request, answer);
  };
}

test('ours and Python’s, by a place and by an alias', async ({ files }) => {
  await withFake(serve(files), async server => {
    const client = server.client();
    for (const uri of ['mlflow-artifacts:/ours', 'models:/phi3@champion', 'mlflow-artifacts:/python']) {
      await using model = await loadModel(uri, { client });
      assert.match(String(await model.predict({ prompt: SPAIN })), 'Madrid');
      assert.is(existsSync(join(model.directory, 'registered_model_meta')), uri.startsWith('models:'));
    }
    assert.equal(readdirSync(temporary), []);
  });
});

test('an alias that moves meanwhile: the list and the files are of one version', async ({ files }) => {
  let asked = 0;
  const before = serve(files);
  const moving = (request: Received, answer: ServerResponse): void => {
    const version = request.url.includes('/alias')
      ? String(asked++ === 0 ? 2 : 3)
      : /version=(\d)/.exec(request.url)?.[1];
    const source = `mlflow-artifacts:/${version === '2' ? 'ours' : 'python'}`;
    if (request.url.includes('/get-download-uri')) json(answer, 200, { artifact_uri: source });
    else if (/alias|model-versions/.test(request.url)) {
      json(answer, 200, { model_version: { ...VERSION, version, source } });
    } else before(request, answer);
  };
  await withFake(moving, async server => {
    await using model = await loadModel('models:/phi3@champion', { client: server.client() });
    assert.is(model.notice, undefined); // ours; Python's has one
  });
});

test('damage that keeps the size is noticed as it arrives', async ({ files }) => {
  for (const path of ['artifacts/phi3-demo/model.onnx.data', 'artifacts/phi3-demo/tokenizer.json']) {
    const damaged = Buffer.from(files[`ours/${path}`] ?? '');
    damaged.writeUInt8(damaged.readUInt8(5000) ^ 1, 5000);
    await withFake(serve({ ...files, [`ours/${path}`]: damaged }), async server => {
      for (const uri of ['mlflow-artifacts:/ours', 'models:/phi3/2']) {
        await expectError(loadModel(uri, { client: server.client() }), 'ERR_MLFLOW_TRANSFER', path);
      }
    });
  }
  assert.equal(readdirSync(temporary), []);
});

test('so is a file that is missing, and a list that is none', async ({ files }) => {
  const { 'ours/artifacts/phi3-demo/tokenizer.json': _, ...less } = files;
  await withFake(serve(less), async server => {
    const work = loadModel('mlflow-artifacts:/ours', { client: server.client() });
    await expectError(work, 'ERR_MLFLOW_TRANSFER', 'tokenizer.json is missing');
  });
  await withFake(serve({ ...files, 'ours/onnxruntime_genai_files.json': '{' }), async server => {
    const work = loadModel('mlflow-artifacts:/ours', { client: server.client() });
    await expectError(work, 'ERR_MLFLOW_FORMAT', 'onnxruntime_genai_files.json');
  });
  assert.equal(readdirSync(temporary), []);
});

test('many loaded models do not warn of listeners; the last one takes it away', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const before = process.listenerCount('exit');
  await withFake(serve({ 'small/MLmodel': 'flavors: {}\n' }), async server => {
    const client = server.client();
    const copies = await Promise.all(Array.from({ length: 15 }, () => toLocal('mlflow-artifacts:/small', { client })));
    assert.is(process.listenerCount('exit'), before + 1);
    await Promise.all(copies.map(({ cleanUp }) => cleanUp()));
    await copies[0]?.cleanUp();
    assert.is(process.listenerCount('exit'), before);
  });
  process.off('warning', onWarning);
  assert.equal(warnings, []);
  assert.equal(readdirSync(temporary), []);
});

/** Loads two models and ends, one way or the other; prints where they were. */
const PROGRAM = `
import { MlflowClient } from ${JSON.stringify(join(ROOT, 'src/mlflow/tracking/client.ts'))};
import { toLocal } from ${JSON.stringify(join(ROOT, 'src/mlflow/flavor/to-local.ts'))};
const client = new MlflowClient({ trackingUri: process.env.SERVER });
const copies = [await toLocal('mlflow-artifacts:/small', { client }), await toLocal('mlflow-artifacts:/small', { client })];
await copies[0].cleanUp();
console.log(copies.map(({ directory }) => directory).join());
if (process.env.HOW === 'exit') process.exit(0);
if (process.env.HOW === 'throw') throw new Error('enough');
await client.close();
`;

test('a process that ends without dispose() leaves nothing', async () => {
  await withFake(serve({ 'small/MLmodel': 'flavors: {}\n' }), async server => {
    for (const HOW of ['end', 'exit', 'throw']) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM], {
        cwd: ROOT,
        env: { ...process.env, SERVER: server.url, HOW },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let output = '';
      child.stdout.on('data', chunk => {
        output += chunk;
      });
      await new Promise(resolve => child.once('close', resolve));
      const places = output.trim().split(',');
      assert.is(places.length, 2, output);
      for (const place of places) {
        assert.is(dirname(dirname(place)), temporary);
        assert.not.ok(existsSync(dirname(place)), `${HOW}: ${place}`);
      }
    }
  });
});

test.run();
