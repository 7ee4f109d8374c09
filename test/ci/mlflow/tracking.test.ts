/** The client against a real server, and what Python sees of it. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import type { LoggedModel, ModelVersion } from '../../../src/mlflow/tracking/entities.ts';
import type { TransferProgress } from '../../../src/mlflow/tracking/files/progress.ts';
import { allPages } from '../../../src/mlflow/tracking/paging.ts';
import { registerModel } from '../../../src/mlflow/tracking/register-model.ts';
import { type Run, startRun, withRun } from '../../../src/mlflow/tracking/run.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { run as runProgram } from '../run.ts';
import { type MlflowServer, startMlflowServer } from './server.ts';

const test = suite('tracking');

let server: MlflowServer;
let client: MlflowClient;
let experimentId: string;
let run: Run;
let model: LoggedModel;
let version: ModelVersion;
let folder: string;

test.before(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('MLFLOW_')) delete process.env[name];
  server = await startMlflowServer();
  client = new MlflowClient({ trackingUri: server.url });
  folder = join(server.folder, 'node');
  mkdirSync(folder);
});
test.after(async () => {
  await client?.close();
  await server?.stop();
});

/** What a Python program prints, as JSON. `client` is Python's. */
async function python(code: string): Promise<Record<string, unknown>> {
  const program = `import json, mlflow\nclient = mlflow.MlflowClient()\nprint(json.dumps(${code}))\n`;
  const bin = join(process.env['GENAI_MLFLOW'] ?? '', 'python');
  const { stdout } = await runProgram(bin, ['-c', program], { cwd: server.folder, env: server.env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

async function refused(work: Promise<unknown>, status: number, errorCode: string): Promise<void> {
  const error = await expectError(work, 'ERR_MLFLOW_HTTP');
  assert.equal([error.details['status'], error.details['errorCode']], [status, errorCode], error.message);
}

function place(name: string): string {
  return join(folder, name);
}

test('an experiment is made, found and found again', async () => {
  assert.is(await client.getExperimentByName('phi3'), undefined);
  experimentId = await client.createExperiment('phi3', { tags: { team: 'a b', n: 1 } });
  const experiment = await client.getExperiment(experimentId);
  assert.is(experiment.name, 'phi3');
  assert.is(experiment.artifactLocation, `mlflow-artifacts:/${experimentId}`);
  assert.is(experiment.lifecycleStage, 'active');
  assert.equal([experiment.tags['team'], experiment.tags['n']], ['a b', '1']);
  assert.equal(await client.getExperimentByName('phi3'), experiment);
  assert.is(await client.getOrCreateExperiment('phi3'), experimentId);
  assert.ok(Math.abs(Number(experiment.creationTime) - Date.now()) < 120_000);
});

test('an experiment of the same name is refused', async () => {
  await refused(client.createExperiment('phi3'), 400, 'RESOURCE_ALREADY_EXISTS');
});

test('an experiment that is not there', async () => {
  await refused(client.getExperiment('4711'), 404, 'RESOURCE_DOES_NOT_EXIST');
});

test('a tag of an experiment', async () => {
  await client.setExperimentTag(experimentId, 'purpose', 'test');
  assert.is((await client.getExperiment(experimentId)).tags['purpose'], 'test');
});

test('experiments are searched page by page, deleted ones on demand', async () => {
  const gone = await client.createExperiment('gone');
  await client.deleteExperiment(gone);
  const names: string[] = [];
  const search = (pageToken: string | undefined) =>
    client.searchExperiments({ maxResults: 1, orderBy: ['name ASC'], pageToken, viewType: 'ALL' });
  for await (const { name } of allPages(search)) names.push(name);
  assert.equal(names, ['Default', 'gone', 'phi3']);
  const active = await client.searchExperiments();
  assert.equal(active.items.map(({ name }) => name).sort(), ['Default', 'phi3']);
  const deleted = await client.searchExperiments({ viewType: 'DELETED_ONLY', filter: "name LIKE 'go%'" });
  assert.equal(
    deleted.items.map(({ lifecycleStage }) => lifecycleStage),
    ['deleted'],
  );
  const none = await client.searchExperiments({ filter: "name = 'nothing'" });
  assert.equal(none, { items: [] });
});

test('a filter that is wrong is told', async () => {
  await refused(client.searchExperiments({ filter: 'nonsense ===' }), 400, 'INVALID_PARAMETER_VALUE');
});

test('a run is started', async () => {
  run = await startRun({
    client,
    experimentName: 'phi3',
    runName: 'greedy',
    tags: { 'my tag': 'ü' },
    description: '# hi',
  });
  assert.is(run.info.experimentId, experimentId);
  assert.is(run.info.status, 'RUNNING');
  assert.is(run.info.runName, 'greedy');
  assert.match(run.info.artifactUri, /^mlflow-artifacts:\//);
});

test('params, metrics and tags are what Python reads', async () => {
  await run.logParam('temperature', 0.5);
  await run.logParams({ 'a/b c.d-e:f': 'x', text: 'two\nlines ü 😀', flag: true, empty: '' });
  await run.logMetric('loss', 0.25, { step: 1, timestamp: 1000 });
  await run.logMetrics({ loss: 0.125, tokens: 7 }, { step: 2, timestamp: 2000 });
  await run.setTag('t', 'v');
  await run.setTags({ u: 1 });
  const seen = await python(
    `(lambda r: {"params": r.data.params, "metrics": r.data.metrics, "tags": r.data.tags})(client.get_run("${run.runId}"))`,
  );
  const expected = { temperature: '0.5', 'a/b c.d-e:f': 'x', text: 'two\nlines ü 😀', flag: 'true', empty: '' };
  assert.equal(seen['params'], expected);
  assert.equal(seen['metrics'], { loss: 0.125, tokens: 7 });
  const tags = seen['tags'] as Record<string, string>;
  assert.equal([tags['t'], tags['u'], tags['my tag'], tags['mlflow.note.content']], ['v', '1', 'ü', '# hi']);
  assert.equal([tags['mlflow.source.type'], tags['mlflow.runName']], ['LOCAL', 'greedy']);
  const own = await client.getRun(run.runId);
  assert.equal(own.data, seen);
});

test('the history of a metric, with what JSON does not know', async () => {
  await run.logMetrics([
    { key: 'odd', value: Number.NaN, step: 1, timestamp: 1 },
    { key: 'odd', value: Number.POSITIVE_INFINITY, step: 2, timestamp: 2 },
    { key: 'odd', value: Number.NEGATIVE_INFINITY, step: 3, timestamp: 3 },
    { key: 'odd', value: -1e-300, step: -4, timestamp: 4 },
  ]);
  const { items } = await client.getMetricHistory(run.runId, 'odd');
  const sorted = [...items].sort((a, b) => a.timestamp - b.timestamp);
  assert.equal(
    sorted.map(({ step }) => step),
    [1, 2, 3, -4],
  );
  assert.ok(Number.isNaN(sorted[0]?.value));
  assert.ok(Number(sorted[1]?.value) > 1e308 && Number(sorted[2]?.value) < -1e308);
  assert.is(sorted[3]?.value, -1e-300);
  assert.equal((await client.getMetricHistory(run.runId, 'unknown')).items, []);
});

test('more than the server takes at once', async () => {
  const metrics = Array.from({ length: 2300 }, (_, step) => ({ key: 'many', value: step, step, timestamp: step }));
  const params = Object.fromEntries(Array.from({ length: 230 }, (_, index) => [`p${index}`, index]));
  const tags = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`big${index}`, 'ä'.repeat(8000)]));
  await client.logBatch(run.runId, { metrics, params, tags });
  const { data } = await client.getRun(run.runId);
  assert.is(Object.keys(data.params).filter(key => /^p\d/.test(key)).length, 230);
  assert.is(Object.keys(data.tags).filter(key => key.startsWith('big')).length, 130);
  assert.is(data.tags['big0']?.length, 8000);
  assert.is(data.metrics['many'], 2299);
  assert.is((await client.getMetricHistory(run.runId, 'many')).items.length, 2300);
});

test('the longest param, and a key of the longest length', async () => {
  await client.logParam(run.runId, 'k'.repeat(250), '😀'.repeat(6000));
  assert.is((await client.getRun(run.runId)).data.params['k'.repeat(250)], '😀'.repeat(6000));
});

test('a param keeps its value', async () => {
  await client.logParam(run.runId, 'temperature', 0.5);
  await refused(client.logParam(run.runId, 'temperature', 0.6), 400, 'INVALID_PARAMETER_VALUE');
});

test('a tag is deleted; one that is not there cannot be', async () => {
  await client.deleteTag(run.runId, 't');
  assert.is((await client.getRun(run.runId)).data.tags['t'], undefined);
  await refused(client.deleteTag(run.runId, 't'), 404, 'RESOURCE_DOES_NOT_EXIST');
});

test('nested runs are searched by their parent', async () => {
  const child = await startRun({ parentRun: run, runName: 'child' });
  await child.logParam('depth', 1);
  await child.end('KILLED');
  const filter = `tags.mlflow.parentRunId = '${run.runId}' and params.depth = '1'`;
  const { items } = await client.searchRuns({ experimentIds: [experimentId], filter });
  assert.equal(
    items.map(({ info }) => [info.runId, info.status]),
    [[child.runId, 'KILLED']],
  );
  await client.deleteRun(child.runId);
  assert.equal((await client.searchRuns({ experimentIds: [experimentId], filter })).items, []);
  const deleted = { experimentIds: [experimentId], filter, viewType: 'DELETED_ONLY' } as const;
  assert.is((await client.searchRuns(deleted)).items.length, 1);
});

test('runs are searched page by page, by a metric', async () => {
  for (const value of [1, 2, 3]) {
    await withRun({ client, experimentId }, child => child.logMetric('score', value));
  }
  const scores: (number | undefined)[] = [];
  const search = (pageToken: string | undefined) =>
    client.searchRuns({
      experimentIds: [experimentId],
      filter: 'metrics.score > 0',
      orderBy: ['metrics.score DESC'],
      maxResults: 1,
      pageToken,
    });
  for await (const { data, info } of allPages(search)) {
    scores.push(data.metrics['score']);
    assert.is(info.status, 'FINISHED');
  }
  assert.equal(scores, [3, 2, 1]);
});

test('a run is gone on with', async () => {
  const again = await startRun({ client, runId: run.runId, tags: { again: 'yes' } });
  assert.is(again.runId, run.runId);
  assert.is((await client.getRun(run.runId)).data.tags['again'], 'yes');
  await refused(startRun({ client, runId: 'nothing' }), 404, 'RESOURCE_DOES_NOT_EXIST');
});

test('a run that fails is marked', async () => {
  let id = '';
  await withRun({ client, experimentId }, async child => {
    id = child.runId;
    throw new Error('broken');
  }).catch(() => {});
  const { info } = await client.getRun(id);
  assert.is(info.status, 'FAILED');
  assert.ok(Number(info.endTime) >= Number(info.startTime));
});

test('a logged model is made, with more params than one request takes', async () => {
  const params = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, index]));
  model = await client.createLoggedModel(experimentId, {
    name: 'phi3-mini',
    sourceRunId: run.runId,
    modelType: 'chat',
    params,
    tags: { quality: 'good' },
  });
  assert.match(model.modelId, /^m-[0-9a-f]{32}$/);
  assert.equal([model.status, model.name, model.modelType], ['PENDING', 'phi3-mini', 'chat']);
  assert.is(model.artifactUri, `mlflow-artifacts:/${experimentId}/models/${model.modelId}/artifacts`);
  assert.is(Object.keys(model.params).length, 250);
  assert.is(model.tags['quality'], 'good');
  assert.is(model.sourceRunId, run.runId);
});

test('params, tags and metrics of a logged model', async () => {
  await client.logLoggedModelParams(model.modelId, { later: 'x' });
  await client.setLoggedModelTags(model.modelId, { a: '1', b: '2' });
  await client.deleteLoggedModelTag(model.modelId, 'b');
  await client.logMetric(run.runId, { key: 'quality', value: 0.75, modelId: model.modelId });
  const found = await client.getLoggedModel(model.modelId);
  assert.equal([found.params['later'], found.tags['a'], found.tags['b']], ['x', '1', undefined]);
  assert.equal(
    found.metrics.map(({ key, value, runId }) => [key, value, runId]),
    [['quality', 0.75, run.runId]],
  );
});

test('a run tells of its model', async () => {
  await client.logOutputs(run.runId, [{ modelId: model.modelId, step: 0 }]);
  assert.equal((await client.getRun(run.runId)).modelOutputs, [{ modelId: model.modelId, step: 0 }]);
});

const FILES: Readonly<Record<string, Buffer>> = {
  MLmodel: Buffer.from('flavors:\n  onnxruntime_genai: {}\n'),
  'model/genai_config.json': Buffer.from('{}'),
  'model/weights.onnx': randomBytes(20_000_000),
  'model/empty': Buffer.alloc(0),
  "odd names/ä ö ü 😀 %&+=;,@!$'()[]{}.txt": Buffer.from('odd'),
  'odd names/100%': Buffer.from('percent'),
};

test('a directory goes up, with progress', async () => {
  const source = place('source');
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(join(source, path, '..'), { recursive: true });
    writeFileSync(join(source, path), content);
  }
  const seen: TransferProgress[] = [];
  const done = await client.uploadDirectory(model.artifactUri, source, { onProgress: progress => seen.push(progress) });
  const bytes = Object.values(FILES).reduce((sum, content) => sum + content.length, 0);
  assert.equal(done, { files: 6, bytes });
  assert.ok(seen.length > 20);
  assert.equal(seen.at(-1), { ...seen.at(-1), bytes, totalBytes: bytes, files: 6, totalFiles: 6 });
});

test('what went up is listed', async () => {
  assert.equal(await client.listArtifacts(`models:/${model.modelId}`), [
    { path: 'MLmodel', isDir: false, fileSize: FILES['MLmodel']?.length },
    { path: 'model', isDir: true },
    { path: 'odd names', isDir: true },
  ]);
  const below = await client.listArtifacts(model.artifactUri, { artifactPath: 'model' });
  assert.equal(
    below.map(({ path, fileSize }) => [path, fileSize]),
    [
      ['model/empty', undefined],
      ['model/genai_config.json', 2],
      ['model/weights.onnx', 20_000_000],
    ],
  );
  assert.equal(await client.listArtifacts(model.artifactUri, { artifactPath: 'nothing' }), []);
});

test('Python reads the same files', async () => {
  const seen = await python(
    `(lambda d: {p.relative_to(d).as_posix(): __import__("hashlib").sha256(p.read_bytes()).hexdigest() for p in d.rglob("*") if p.is_file()})(__import__("pathlib").Path(mlflow.artifacts.download_artifacts("${model.artifactUri}")))`,
  );
  const hashes = Object.entries(FILES).map(([path, content]) => [
    path,
    createHash('sha256').update(content).digest('hex'),
  ]);
  assert.equal(seen, Object.fromEntries(hashes));
});

test('a logged model gets ready, or fails', async () => {
  assert.is((await client.finalizeLoggedModel(model.modelId, 'READY')).status, 'READY');
  const other = await client.createLoggedModel(experimentId, { name: 'broken' });
  assert.is((await client.finalizeLoggedModel(other.modelId, 'FAILED')).status, 'FAILED');
  const seen = await python(
    `[str(client.get_logged_model(i).status) for i in ["${model.modelId}", "${other.modelId}"]]`,
  );
  assert.equal(seen, ['READY', 'FAILED'] as never);
  await client.deleteLoggedModel(other.modelId);
  await refused(client.getLoggedModel(other.modelId), 404, 'RESOURCE_DOES_NOT_EXIST');
});

test('logged models are searched', async () => {
  const experimentIds = [experimentId];
  await client.createLoggedModel(experimentId, { name: 'another' });
  const found = await client.searchLoggedModels({ experimentIds, filter: "name = 'phi3-mini'" });
  assert.equal(
    found.items.map(({ modelId }) => modelId),
    [model.modelId],
  );
  const names: string[] = [];
  const orderBy = [{ fieldName: 'name', ascending: false }];
  const search = (pageToken: string | undefined) =>
    client.searchLoggedModels({ experimentIds, orderBy, maxResults: 1, pageToken });
  for await (const { name } of allPages(search)) names.push(name);
  assert.equal(names, ['phi3-mini', 'another']);
});

test('a logged model is registered, twice', async () => {
  version = await registerModel(`models:/${model.modelId}`, 'phi3 reg-1.0', {
    client,
    tags: { a: 'b' },
    description: 'first',
  });
  assert.equal([version.name, version.version, version.status], ['phi3 reg-1.0', '1', 'READY']);
  assert.is(version.source, `models:/${model.modelId}`);
  assert.is(version.description, 'first');
  assert.is(version.runId, run.runId);
  const second = await registerModel(`runs:/${run.runId}/phi3-mini`, 'phi3 reg-1.0', { client });
  assert.is(second.version, '2');
  assert.is(second.source, `models:/${model.modelId}`);
  const third = await registerModel('models:/phi3 reg-1.0/1', 'copied', { client });
  assert.equal([third.name, third.version, third.runId], ['copied', '1', run.runId]);
});

test('what cannot be registered', async () => {
  await expectError(
    registerModel(`runs:/${run.runId}/nothing`, 'phi3 reg-1.0', { client }),
    'ERR_MLFLOW_URI',
    'nothing',
  );
  await refused(registerModel('runs:/nothing/model', 'phi3 reg-1.0', { client }), 404, 'RESOURCE_DOES_NOT_EXIST');
  await refused(registerModel('models:/phi3 reg-1.0/99', 'phi3 reg-1.0', { client }), 404, 'RESOURCE_DOES_NOT_EXIST');
  // The server's own words for it: it does not say 404 here.
  const unknown = registerModel('models:/m-1', 'phi3 reg-1.0', { client });
  await refused(unknown, 500, 'INTERNAL_ERROR');
  await refused(client.createModelVersion('phi3 reg-1.0', '/etc'), 400, 'INVALID_PARAMETER_VALUE');
  await refused(client.createRegisteredModel('copied'), 400, 'RESOURCE_ALREADY_EXISTS');
});

test('aliases', async () => {
  await client.setRegisteredModelAlias('phi3 reg-1.0', 'champion', 2);
  await client.setRegisteredModelAlias('phi3 reg-1.0', 'champion', '1');
  assert.is((await client.getModelVersionByAlias('phi3 reg-1.0', 'champion')).version, '1');
  assert.equal((await client.getRegisteredModel('phi3 reg-1.0')).aliases, { champion: '1' });
  assert.equal((await client.getModelVersion('phi3 reg-1.0', 1)).aliases, ['champion']);
  await refused(client.setRegisteredModelAlias('phi3 reg-1.0', 'x', 99), 404, 'RESOURCE_DOES_NOT_EXIST');
  await refused(client.getModelVersionByAlias('phi3 reg-1.0', 'nobody'), 400, 'INVALID_PARAMETER_VALUE');
  await client.setRegisteredModelAlias('phi3 reg-1.0', 'shortly', 1);
  await client.deleteRegisteredModelAlias('phi3 reg-1.0', 'shortly');
  assert.equal((await client.getRegisteredModel('phi3 reg-1.0')).aliases, { champion: '1' });
});

test('tags and descriptions of the registry', async () => {
  const name = 'phi3 reg-1.0';
  await client.setRegisteredModelTag(name, 'owner', 'x'.repeat(100_000));
  await client.setRegisteredModelTag(name, 'gone', 1);
  await client.deleteRegisteredModelTag(name, 'gone');
  await client.updateRegisteredModel(name, 'what it is');
  const found = await client.getRegisteredModel(name);
  assert.is(found.tags['owner']?.length, 100_000);
  assert.is(found.tags['gone'], undefined);
  assert.is(found.description, 'what it is');
  await client.setModelVersionTag(name, 1, 'checked', true);
  await client.setModelVersionTag(name, 1, 'gone', true);
  await client.deleteModelVersionTag(name, 1, 'gone');
  await client.updateModelVersion(name, 1, 'the first');
  const first = await client.getModelVersion(name, 1);
  assert.equal(first.tags, { a: 'b', checked: 'true' });
  assert.is(first.description, 'the first');
});

test('stages, and the latest versions', async () => {
  const name = 'phi3 reg-1.0';
  assert.is((await client.transitionModelVersionStage(name, 1, 'Production')).currentStage, 'Production');
  await client.transitionModelVersionStage(name, 2, 'Production', { archiveExistingVersions: true });
  assert.is((await client.getModelVersion(name, 1)).currentStage, 'Archived');
  const production = await client.getLatestVersions(name, { stages: ['Production'] });
  assert.equal(
    production.map(({ version: number }) => number),
    ['2'],
  );
  assert.is((await client.getLatestVersions(name)).length, 2);
});

test('the registry is searched page by page', async () => {
  const names: string[] = [];
  const search = (pageToken: string | undefined) => client.searchRegisteredModels({ maxResults: 1, pageToken });
  for await (const { name } of allPages(search)) names.push(name);
  assert.equal(names.sort(), ['copied', 'phi3 reg-1.0']);
  const versions: string[] = [];
  const filter = "name = 'phi3 reg-1.0'";
  const searchVersions = (pageToken: string | undefined) =>
    client.searchModelVersions({ filter, orderBy: ['version_number ASC'], maxResults: 1, pageToken });
  for await (const found of allPages(searchVersions)) versions.push(found.version);
  assert.equal(versions, ['1', '2']);
});

const URIS: [title: string, uri: () => string, meta: string | undefined][] = [
  ['a version', () => 'models:/phi3 reg-1.0/1', "model_name: phi3 reg-1.0\nmodel_version: '1'\n"],
  ['an alias', () => 'models:/phi3 reg-1.0@champion', "model_name: phi3 reg-1.0\nmodel_version: '1'\n"],
  ['the latest', () => 'models:/phi3 reg-1.0/latest', "model_name: phi3 reg-1.0\nmodel_version: '2'\n"],
  ['a stage', () => 'models:/phi3 reg-1.0/Production', "model_name: phi3 reg-1.0\nmodel_version: '2'\n"],
  ['a logged model', () => `models:/${model.modelId}`, 'model_name: null\nmodel_version: null\n'],
  ['a copied version', () => 'models:/copied/1', "model_name: copied\nmodel_version: '1'\n"],
  ['a run', () => `runs:/${run.runId}/phi3-mini`, undefined],
  ['a place', () => model.artifactUri, undefined],
];

for (const [title, uri, meta] of URIS) {
  test(`a model comes down by ${title}`, async () => {
    const target = place(`down-${title}`);
    assert.is(await client.downloadModel(uri(), target), target);
    for (const [path, content] of Object.entries(FILES)) assert.equal(readFileSync(join(target, path)), content, path);
    const file = join(target, 'registered_model_meta');
    assert.is(existsSync(file) ? readFileSync(file, 'utf8') : undefined, meta);
    const { artifactUri, modelId } = await client.resolveModelUri(uri());
    assert.is(artifactUri, model.artifactUri);
    if (title !== 'a place' && title !== 'a copied version') assert.is(modelId, model.modelId);
  });
}

test('the file registered_model_meta is the one of Python', async () => {
  const seen = await python(
    '(lambda d: open(d + "/registered_model_meta").read())(mlflow.artifacts.download_artifacts("models:/phi3 reg-1.0@champion").rstrip("/"))',
  );
  assert.is(seen as unknown, readFileSync(join(place('down-an alias'), 'registered_model_meta'), 'utf8'));
});

const MISSING: [uri: string, status: number, code: string][] = [
  ['models:/phi3 reg-1.0/99', 404, 'RESOURCE_DOES_NOT_EXIST'],
  ['models:/phi3 reg-1.0@nobody', 400, 'INVALID_PARAMETER_VALUE'],
  ['models:/nothing/1', 404, 'RESOURCE_DOES_NOT_EXIST'],
  ['models:/nothing/latest', 404, 'RESOURCE_DOES_NOT_EXIST'],
  ['models:/m-00000000000000000000000000000000', 404, 'RESOURCE_DOES_NOT_EXIST'],
  ['models:/phi3 reg-1.0/Nowhere', 400, 'INVALID_PARAMETER_VALUE'],
  ['runs:/nothing/phi3-mini', 404, 'RESOURCE_DOES_NOT_EXIST'],
];

for (const [uri, status, code] of MISSING) {
  test(`${uri} is not there`, async () => {
    const target = place('missing');
    await refused(client.downloadModel(uri, target), status, code);
    assert.not.ok(existsSync(target));
  });
}

test('a stage without a version, a run without such a model', async () => {
  await expectError(
    client.downloadModel('models:/phi3 reg-1.0/Staging', place('missing')),
    'ERR_MLFLOW_URI',
    'Staging',
  );
  const nothing = client.downloadModel(`runs:/${run.runId}/nothing`, place('missing'));
  await expectError(nothing, 'ERR_MLFLOW_FORMAT', 'MLmodel');
});

test('one file comes down, and its hash is checked', async () => {
  const content = FILES['model/weights.onnx'] ?? Buffer.alloc(0);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const path = 'model/weights.onnx';
  const fetched = await client.downloadFile(model.artifactUri, path, place('weights'), { sha256 });
  assert.equal(fetched, { size: content.length, sha256 });
  assert.equal(readFileSync(place('weights')), content);
  const wrong = { sha256: '0'.repeat(64) };
  await expectError(client.downloadFile(model.artifactUri, path, place('wrong'), wrong), 'ERR_MLFLOW_TRANSFER', sha256);
  await refused(client.downloadFile(model.artifactUri, 'nothing', place('no')), 404, 'RESOURCE_DOES_NOT_EXIST');
  await expectError(client.downloadFile(model.artifactUri, 'model', place('no')), 'ERR_MLFLOW_HTTP');
  assert.not.ok(existsSync(place('wrong')) || existsSync(place('no')));
});

test('artifacts of a run: up, listed, down, deleted', async () => {
  const uri = `runs:/${run.runId}`;
  writeFileSync(place('note.txt'), 'hello');
  await client.uploadFile(uri, place('note.txt'), { artifactPath: 'notes/today' });
  await client.uploadFile(`${uri}/notes`, place('note.txt'));
  const seen = await python(`[f.path for f in client.list_artifacts("${run.runId}", "notes")]`);
  assert.equal(seen, ['notes/note.txt', 'notes/today'] as never);
  assert.equal(
    (await client.listArtifacts(uri, { artifactPath: 'notes' })).map(({ path }) => path),
    ['notes/note.txt', 'notes/today'],
  );
  const files = await client.downloadDirectory(uri, place('notes'), { artifactPath: 'notes' });
  assert.equal(
    files.map(({ path, size }) => [path, size]),
    [
      ['note.txt', 5],
      ['today/note.txt', 5],
    ],
  );
  await client.deleteArtifacts(uri, { artifactPath: 'notes/today' });
  assert.equal((await client.listArtifacts(uri, { artifactPath: 'notes' })).length, 1);
  await client.deleteArtifacts(uri, { artifactPath: 'notes/never' });
});

test('files that are uploaded again replace the old ones', async () => {
  writeFileSync(place('note.txt'), 'shorter'.slice(0, 3));
  const uri = `runs:/${run.runId}`;
  await client.uploadFile(uri, place('note.txt'), { artifactPath: 'notes' });
  await client.downloadFile(uri, 'notes/note.txt', place('again.txt'));
  assert.is(readFileSync(place('again.txt'), 'utf8'), 'sho');
});

test('a model among the artifacts of a run, as before MLflow 3', async () => {
  const uri = `runs:/${run.runId}`;
  await client.uploadDirectory(uri, place('source'), { artifactPath: 'old/model' });
  await client.downloadModel(`${uri}/old/model`, place('old'));
  assert.equal(readFileSync(join(place('old'), 'MLmodel')), FILES['MLmodel']);
  const registered = await registerModel(`${uri}/old/model`, 'old', { client });
  assert.equal([registered.source, registered.runId], [`${run.info.artifactUri}/old/model`, run.runId]);
  await client.downloadModel('models:/old/1', place('old-registered'));
});

test('what Python logs is read here', async () => {
  const seen = await python(
    '(lambda r: [r.info.run_id, [client.log_text(r.info.run_id, "from Python", "p/t.txt"), client.log_metric(r.info.run_id, "m", 1.5), client.log_param(r.info.run_id, "q", True)] and r.info.run_name])(client.create_run("' +
      experimentId +
      '", run_name="py"))',
  );
  const [id, name] = seen as unknown as [string, string];
  const { info, data } = await client.getRun(id);
  assert.equal([info.runName, name, data.metrics['m'], data.params['q']], ['py', 'py', 1.5, 'True']);
  await client.downloadFile(`runs:/${id}`, 'p/t.txt', place('t.txt'));
  assert.is(readFileSync(place('t.txt'), 'utf8'), 'from Python');
});

test('a registered model gets another name, and goes', async () => {
  assert.is((await client.renameRegisteredModel('copied', 'renamed')).name, 'renamed');
  await refused(client.getRegisteredModel('copied'), 404, 'RESOURCE_DOES_NOT_EXIST');
  await client.deleteModelVersion('renamed', 1);
  await refused(client.getModelVersion('renamed', 1), 404, 'RESOURCE_DOES_NOT_EXIST');
  await client.deleteRegisteredModel('renamed');
  await refused(client.getRegisteredModel('renamed'), 404, 'RESOURCE_DOES_NOT_EXIST');
});

test('an unknown call of the server, and its answer in HTML', async () => {
  await refused(client.tracking.call('GET', '/api/2.0/mlflow/nothing'), 404, 'ENDPOINT_NOT_FOUND');
  const error = await expectError(client.tracking.call('DELETE', '/api/2.0/mlflow/runs/get'), 'ERR_MLFLOW_HTTP');
  assert.is(error.details['status'], 405);
});

test('the run ends', async () => {
  await run.end();
  const { info } = await client.getRun(run.runId);
  assert.is(info.status, 'FINISHED');
  assert.ok(Number(info.endTime) > 0);
  rmSync(folder, { recursive: true });
});

test.run();
