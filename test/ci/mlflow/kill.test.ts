/** A process that is killed while it saves or logs leaves nothing that passes for a model, and a second try succeeds. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { readFileList, verifyFiles } from '../../../src/mlflow/flavor/file-list.ts';
import {
  type LoggedModel,
  logModel,
  MlflowClient,
  readMLmodel,
  saveModel,
  validateModelDirectory,
} from '../../../src/mlflow/index.ts';
import { isStagingName } from '../../../src/util/staging.ts';
import { ROOT } from '../../helpers/demo-model.ts';
import { suite } from '../../helpers/suite.ts';
import { writeDummyModel } from '../../mlflow/flavor/folders.ts';
import { type MlflowServer, startMlflowServer } from './server.ts';

const test = suite<{ folder: string; modelDir: string; program: string; server: MlflowServer; client: MlflowClient }>(
  'killed by SIGKILL',
);

const KILLS = 10;
const MEBIBYTES = 40;

/**
 * Kills itself at a part of the bytes; above 1 as many milliseconds after the last one as it is thousandths above 1. What
 * is behind that (hashes, MLmodel, rename; the last uploads, READY) takes some milliseconds.
 */
const PROGRAM = `
import { logModel, MlflowClient, saveModel } from ${JSON.stringify(join(ROOT, 'src/mlflow/index.ts'))};
const [how, modelDir, where, killAt, trackingUri] = process.argv.slice(2);
const kill = () => process.kill(process.pid, 'SIGKILL');
let timer;
const onProgress = ({ bytes, totalBytes }) => {
  if (bytes / totalBytes >= killAt) kill();
  if (bytes === totalBytes && killAt < 2) timer ??= setTimeout(kill, (killAt - 1) * 1000);
};
if (how === 'save') await saveModel({ path: where, modelDir, onProgress });
else await logModel({ name: where, modelDir, onProgress, client: new MlflowClient({ trackingUri }), experimentName: 'killed' });
process.exit(0);
`;

/** Eight within the copy, two behind it. */
function points(): number[] {
  const parts = Array.from({ length: KILLS - 2 }, () => Math.random());
  return [...parts, 1 + Math.random() * 0.01, 1 + Math.random() * 0.06];
}

test.before(async context => {
  context.folder = mkdtempSync(join(tmpdir(), 'mlflow-kill-'));
  const data = Buffer.alloc(MEBIBYTES * 2 ** 20, 'weights');
  context.modelDir = writeDummyModel(join(context.folder, 'dummy'), {
    'model.onnx.data': data,
    'tokenizer.json': '{}',
  });
  context.program = join(context.folder, 'program.mts');
  writeFileSync(context.program, PROGRAM);
  context.server = await startMlflowServer();
  context.client = new MlflowClient({ trackingUri: context.server.url });
});
test.after(async ({ folder, server, client }) => {
  await client.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns whether it was killed, and not done before */
async function runUntilKilled(program: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its temporary files, which nobody removes when it is killed, go with this test's folder.
    env: { ...process.env, TMPDIR: dirname(program) },
  });
  let errors = '';
  child.stderr.on('data', chunk => {
    errors += chunk;
  });
  await new Promise<void>(resolve => child.once('close', () => resolve()));
  if (child.signalCode === 'SIGKILL') return true;
  assert.is(child.exitCode, 0, errors);
  return false;
}

/** A directory that MLflow would take for a model is one, down to the last byte. */
async function isWholeModel(directory: string): Promise<boolean> {
  if (!existsSync(join(directory, 'MLmodel'))) return false;
  const flavor = (await readMLmodel(directory)).flavors['onnxruntime_genai'];
  await verifyFiles(directory, await readFileList(directory, flavor?.['files']), 'hash');
  const problems = await validateModelDirectory(directory);
  assert.equal(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  return true;
}

test('saveModel', async ({ folder, modelDir, program }) => {
  let killed = 0;
  for (const [index, point] of points().entries()) {
    const parent = join(folder, 'saved', String(index));
    const target = join(parent, 'model');
    mkdirSync(parent, { recursive: true });
    if (await runUntilKilled(program, ['save', modelDir, target, String(point)])) killed++;
    for (const name of readdirSync(parent)) {
      assert.ok(name === 'model' || isStagingName(name), `${name} at ${point}`);
      const isWhole = await isWholeModel(join(parent, name));
      assert.ok(isWhole || name !== 'model', `half a model at ${point}`);
      assert.ok(point > 1 || !isWhole, `a whole model at ${point}`);
    }
    if (!existsSync(target)) await saveModel({ path: target, modelDir });
    assert.ok(await isWholeModel(target));
    rmSync(parent, { recursive: true, force: true });
  }
  assert.ok(killed >= KILLS - 2, `only ${killed} of ${KILLS} were killed in time`);
});

test('logModel', async ({ folder, modelDir, program, server, client }) => {
  let killed = 0;
  for (const [index, point] of points().entries()) {
    const name = `killed-${index}`;
    if (await runUntilKilled(program, ['log', modelDir, name, String(point), server.url])) killed++;
    const [left, ...others] = await modelsNamed(client, name);
    assert.ok(left !== undefined && others.length === 0);
    const uri = `models:/${left.modelId}`;
    const isModel = (await client.listArtifacts(uri)).some(({ path }) => path === 'MLmodel');
    assert.ok(isModel || left.status === 'PENDING', `${left.status} without an MLmodel at ${point}`);
    assert.ok(point > 1 || !isModel, `an MLmodel at ${point}`);
    if (isModel) {
      const directory = await client.downloadModel(uri, join(folder, 'downloaded', left.modelId));
      assert.ok(await isWholeModel(directory), `half a model at ${point}`);
    }
    const again = await logModel({ name, modelDir, client, experimentName: 'killed' });
    assert.is((await client.getLoggedModel(again.modelId)).status, 'READY');
  }
  assert.ok(killed >= KILLS - 2, `only ${killed} of ${KILLS} were killed in time`);
});

async function modelsNamed(client: MlflowClient, name: string): Promise<readonly LoggedModel[]> {
  const experimentIds = [await client.getOrCreateExperiment('killed')];
  return (await client.searchLoggedModels({ experimentIds, filter: `name = '${name}'` })).items;
}

test.run();
