/** What Node logs to a real server: Python loads it from there, and the server shows it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadModel, logModel, MlflowClient, startRun } from '../../../src/mlflow/index.ts';
import { ATOM_JOKE, DEMO_MODEL, SPAIN } from '../../helpers/demo-model.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { writeDummyModel } from '../../mlflow/flavor/folders.ts';
import { python } from './python.ts';
import { type MlflowServer, startMlflowServer } from './server.ts';

const test = suite<{ folder: string; server: MlflowServer; client: MlflowClient }>('logModel to real MLflow');

test.before(async context => {
  context.folder = mkdtempSync(join(tmpdir(), 'mlflow-log-'));
  context.server = await startMlflowServer();
  context.client = new MlflowClient({ trackingUri: context.server.url, maxRetries: 0 });
});
test.after(async ({ folder, server, client }) => {
  await client.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CHAT = { messages: [{ role: 'user', content: 'What is the capital of Spain?' }], max_tokens: 12 };

test('logged, registered and aliased in Node, loaded in Python', async ({ server, client }) => {
  await using run = await startRun({ client, experimentName: 'from-node', runName: 'greedy' });
  await run.logParams({ quantized: 'int4' });
  await run.logMetrics({ tokens_per_second: 42.5 });
  await run.logMetric('tokens_per_second', 50, { step: 3 });
  const model = await logModel({
    name: 'phi3',
    run,
    modelDir: DEMO_MODEL,
    modelConfig: { max_length: 200 },
    tags: { stage: 'test' },
    params: { origin: 'node' },
    registeredModelName: 'phi3-node',
    registeredModelTags: { reviewed: true },
  });
  assert.match(model.modelUri, /^models:\/m-[0-9a-f]{32}$/);
  assert.is(model.registeredModelVersion, '1');
  await client.setRegisteredModelAlias('phi3-node', 'champion', '1');
  const chat = await logModel({
    name: 'phi3-chat',
    run,
    modelDir: DEMO_MODEL,
    task: 'llm/v1/chat',
    registeredModelName: 'phi3-node',
  });
  assert.is(chat.registeredModelVersion, '2');

  const program = `
import json, mlflow
client = mlflow.MlflowClient()
model = mlflow.pyfunc.load_model("models:/phi3-node@champion")
chat = mlflow.pyfunc.load_model("models:/phi3-node/2")
info = mlflow.models.get_model_info("${model.modelUri}")
logged = mlflow.get_logged_model("${model.modelId}")
version = client.get_model_version("phi3-node", "1")
run = client.get_run("${run.runId}")
print(json.dumps({
    "answers": [model.predict({"prompt": prompt}) for prompt in json.loads(${JSON.stringify(JSON.stringify([SPAIN, ATOM_JOKE]))})],
    "chat": chat.predict(json.loads(${JSON.stringify(JSON.stringify(CHAT))}))[0]["choices"],
    "flavors": sorted(info.flavors),
    "signature": str(info.signature),
    "run_id": info.run_id,
    "example": info.saved_input_example_info,
    "status": str(logged.status),
    "params": logged.params,
    "tags": {key: value for key, value in logged.tags.items() if not key.startswith("mlflow.")},
    "metrics": [[metric.key, metric.value, metric.step] for metric in logged.metrics],
    "found": [m.model_id for m in mlflow.search_logged_models(filter_string="name = 'phi3'", output_format="list", experiment_ids=[run.info.experiment_id])],
    "version": [version.source, version.status, version.tags],
    "run_params": run.data.params,
    "outputs": [output.model_id for output in run.outputs.model_outputs],
}))
`;
  const seen = (await python(program, { env: server.env })) as Record<string, unknown>;
  await using loaded = await loadModel('models:/phi3-node@champion', { client });
  await using loadedChat = await loadModel(chat.modelUri, { client, verify: 'hash' });
  assert.equal(seen['answers'], [await loaded.predict({ prompt: SPAIN }), await loaded.predict({ prompt: ATOM_JOKE })]);
  const [completion] = await loadedChat.predict(CHAT);
  assert.equal(seen['chat'], (completion as { choices: unknown }).choices);
  assert.equal(seen['flavors'], ['onnxruntime_genai', 'python_function']);
  assert.is(seen['signature'], String(model.signature));
  assert.is(seen['run_id'], run.runId);
  assert.is((seen['example'] as { artifact_path: string }).artifact_path, 'input_example.json');
  assert.is(seen['status'], 'READY');
  assert.equal(seen['params'], { quantized: 'int4', origin: 'node' });
  assert.equal(seen['tags'], { stage: 'test' });
  // As Python: the metrics of the model's own step.
  assert.equal(seen['metrics'], [['tokens_per_second', 42.5, 0]]);
  assert.equal(seen['found'], [model.modelId]);
  assert.equal(seen['version'], [model.modelUri, 'READY', { reviewed: 'true' }]);
  assert.equal(seen['run_params'], { quantized: 'int4', max_length: '200' });
  assert.equal((seen['outputs'] as string[]).sort(), [model.modelId, chat.modelId].sort()); // the server's order is none
});

test("the server's pages get signature, example and files", async ({ server, client }) => {
  const { modelId } = await logModel({ name: 'shown', client, modelDir: DEMO_MODEL });
  const get = async (path: string): Promise<Response> => {
    const answer = await fetch(`${server.url}/ajax-api/2.0/mlflow/logged-models/${modelId}/${path}`);
    assert.is(answer.status, 200, path);
    return answer;
  };
  const { files } = (await (await get('artifacts/directories')).json()) as { files: { path: string }[] };
  assert.ok(files.some(({ path }) => path.endsWith('MLmodel')) && files.some(({ path }) => path.endsWith('artifacts')));
  const mlmodel = await (await get('artifacts/files?artifact_file_path=MLmodel')).text();
  assert.match(mlmodel, `inputs: '[{"type": "string", "name": "prompt", "required": true}]'`);
  assert.match(mlmodel, new RegExp(`artifact_path: mlflow-artifacts:/0/models/${modelId}/artifacts`));
  const example = await (await get('artifacts/files?artifact_file_path=input_example.json')).json();
  assert.match((example as { prompt: string }).prompt, 'atom');
});

test('a model of an experiment without a run; a parameter that the run has otherwise', async ({ client }) => {
  const alone = await logModel({ name: 'alone', client, modelDir: DEMO_MODEL, experimentName: 'no-runs' });
  assert.is(alone.runId, undefined);
  assert.not.ok('run_id' in alone.mlmodel);
  assert.is((await client.getLoggedModel(alone.modelId)).status, 'READY');
  await using run = await startRun({ client, experimentName: 'no-runs' });
  await run.logParam('max_length', 7);
  const warnings: string[] = [];
  const options = { run: run.runId, client, modelDir: DEMO_MODEL, modelConfig: { max_length: 8 } };
  const model = await logModel({ name: 'other', ...options, onWarning: text => warnings.push(text) });
  assert.is((await client.getLoggedModel(model.modelId)).status, 'READY');
  assert.match(warnings.join(), /max_length/);
});

test('what fails before, leaves nothing; what fails in the upload, is marked as failed', async ({ client, folder }) => {
  const experimentId = await client.createExperiment('failures');
  const modelDir = writeDummyModel(join(folder, 'dummy'), { 'model.onnx.data': Buffer.alloc(30 * 2 ** 20) });
  const log = (options: object): Promise<unknown> =>
    logModel({ name: 'bad', client, experimentId, modelDir, ...options });
  await expectError(log({ name: 'phi-3.5' }), 'ERR_GENAI_INVALID_ARGUMENT');
  await expectError(log({ registeredModelName: 'a/b' }), 'ERR_GENAI_INVALID_ARGUMENT');
  await expectError(log({ registeredModelTags: { a: 1 } }), 'ERR_GENAI_INVALID_ARGUMENT', 'registeredModelTags');
  await expectError(log({ run: 'x' }), 'ERR_GENAI_INVALID_ARGUMENT', 'run');
  await expectError(log({ inputExample: { prompt: 1 } }), 'ERR_MLFLOW_SIGNATURE');
  await expectError(log({ modelDir: join(folder, 'nowhere') }), 'ERR_GENAI_MODEL_NOT_FOUND');
  await expectError(log({ client: { createLoggedModel() {} } }), 'ERR_GENAI_INVALID_ARGUMENT', 'client');
  writeFileSync(join(modelDir, 'a#b.txt'), 'x');
  await expectError(log({}), 'ERR_MLFLOW_UNSAFE_PATH', '#');
  rmSync(join(modelDir, 'a#b.txt'));
  assert.equal((await client.searchLoggedModels({ experimentIds: [experimentId] })).items, []);

  const controller = new AbortController();
  const reason = new Error('enough');
  const onProgress = ({ bytes }: { bytes: number }): void => {
    if (bytes > 5 * 2 ** 20) controller.abort(reason);
  };
  assert.is(await expectRejection(log({ signal: controller.signal, onProgress })), reason);
  let changed = false;
  const change = ({ bytes }: { bytes: number }): void => {
    if (changed || bytes < 2 ** 20) return;
    changed = true;
    writeFileSync(join(modelDir, 'model.onnx.data'), Buffer.alloc(30 * 2 ** 20, 1));
  };
  await expectError(log({ onProgress: change }), 'ERR_MLFLOW_TRANSFER', 'changed');
  const models = (await client.searchLoggedModels({ experimentIds: [experimentId] })).items;
  assert.equal(
    models.map(({ status }) => status),
    ['FAILED', 'FAILED'],
  );
  for (const { modelId } of models) {
    const files = await client.listArtifacts(`models:/${modelId}`);
    assert.not.ok(files.some(({ path }) => path === 'MLmodel'));
    await expectError(loadModel(`models:/${modelId}`, { client }), 'ERR_MLFLOW_FORMAT', 'MLmodel');
  }
});

test.run();
