/** What the server would cut, swallow or take for something else is refused before anything is sent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { toBatches } from '../../../src/mlflow/tracking/batches.ts';
import type { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment, type FakeServer, json, startFake } from './fake-server.ts';

const test = suite('checks');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
let server: FakeServer;
let client: MlflowClient;
test.before(async () => {
  cleanEnvironment(home);
  server = await startFake((_, answer) => json(answer, 200, {}));
  client = server.client();
});
test.after(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const LONG = 'x'.repeat(251);
const anything = (value: unknown): never => value as never;

const REFUSED: [what: string, call: () => Promise<unknown>][] = [
  ['an empty experiment name', () => client.createExperiment(' ')],
  ['an experiment name of 501 characters', () => client.createExperiment('x'.repeat(501))],
  ['an experiment id with a slash', () => client.getExperiment('1/2')],
  ['an experiment id that is a number', () => client.getExperiment(anything(1))],
  ['an unknown view', () => client.searchExperiments({ viewType: anything('DELETED') })],
  ['no results at all', () => client.searchExperiments({ maxResults: 0 })],
  ['half a result', () => client.searchRuns({ experimentIds: ['1'], maxResults: 1.5 })],
  ['a search of no experiment', () => client.searchRuns({ experimentIds: [] })],
  ['an order that is a text', () => client.searchRuns({ experimentIds: ['1'], orderBy: anything('a') })],
  ['an unknown option', () => client.searchRuns({ experimentIds: ['1'], ...{ max_results: 5 } })],
  ['a run name that is empty', () => client.createRun('1', { runName: '' })],
  ['a start before 1970', () => client.createRun('1', { startTime: -1 })],
  ['an unknown run status', () => client.updateRun('r', { status: anything('DONE') })],
  ['a run status in small letters', () => client.setTerminated('r', anything('finished'))],
  ['a run id with dots', () => client.getRun('../r')],
  ['an empty key', () => client.logParam('r', '', 'x')],
  ['a key of 251 characters', () => client.logParam('r', LONG, 'x')],
  ['a key with #', () => client.logParam('r', 'a#b', 'x')],
  ['a key with a line break', () => client.logParam('r', 'a\n', 'x')],
  ['a key with ..', () => client.logParam('r', 'a/../b', 'x')],
  ['a key that begins with /', () => client.logParam('r', '/a', 'x')],
  ['a key that ends with /', () => client.setTag('r', 'a/', 'x')],
  ['a key with //', () => client.logMetric('r', { key: 'a//b', value: 1 })],
  ['a param of 6001 characters', () => client.logParam('r', 'k', 'x'.repeat(6001))],
  ['a param that is null', () => client.logParam('r', 'k', anything(null))],
  ['a param that is an object', () => client.logParam('r', 'k', anything({}))],
  ['a tag of 8001 characters', () => client.setTag('r', 'k', 'x'.repeat(8001))],
  ['a metric that is a text', () => client.logMetric('r', { key: 'k', value: anything('1') })],
  ['a metric that is a boolean', () => client.logMetric('r', { key: 'k', value: anything(true) })],
  ['a metric without a value', () => client.logMetric('r', { key: 'k', value: anything(undefined) })],
  ['half a step', () => client.logMetric('r', { key: 'k', value: 1, step: 0.5 })],
  ['a metric before 1970', () => client.logMetric('r', { key: 'k', value: 1, timestamp: -1 })],
  ['a bad tag in a batch', () => client.logBatch('r', { params: { fine: 1 }, tags: { 'a#b': 1 } })],
  ['metrics that are an object', () => client.logBatch('r', { metrics: anything({ a: 1 }) })],
  ['params that are a list', () => client.logBatch('r', { params: anything(['a']) })],
  ['an unknown part of a batch', () => client.logBatch('r', anything({ parameters: {} }))],
  ['outputs that are no list', () => client.logOutputs('r', anything({}))],
  ...['', 'phi-3.5', 'a/b', 'a:b', '50%', 'a"b', "a'b"].map((name): [string, () => Promise<unknown>] => [
    `a logged model named ${JSON.stringify(name)}`,
    () => client.createLoggedModel('1', { name }),
  ]),
  ['a final status in the words of the wire', () => client.finalizeLoggedModel('m-1', anything('LOGGED_MODEL_READY'))],
  ['a model that is pending for good', () => client.finalizeLoggedModel('m-1', anything('PENDING'))],
  ['a model id that climbs', () => client.getLoggedModel('../x')],
  ['a tag that cannot be deleted', () => client.deleteLoggedModelTag('m-1', 'a/b')],
  ['an order without a field', () => client.searchLoggedModels({ experimentIds: ['1'], orderBy: anything([{}]) })],
  ...['', ' ', 'a/b', 'a:b', '..'].map((name): [string, () => Promise<unknown>] => [
    `a registered model named ${JSON.stringify(name)}`,
    () => client.createRegisteredModel(name),
  ]),
  ['a registry tag of 100001 characters', () => client.setRegisteredModelTag('n', 'k', 'x'.repeat(100_001))],
  ...['0', '-1', '1.5', 'latest', '', 'v1', 1.5, -1].map((version): [string, () => Promise<unknown>] => [
    `version ${JSON.stringify(version)}`,
    () => client.getModelVersion('n', version),
  ]),
  ...['latest', 'LATEST', 'v1', 'V22', 'a b', 'a/b', '', 'x'.repeat(256)].map(
    (alias): [string, () => Promise<unknown>] => [
      `alias ${JSON.stringify(alias.slice(0, 20))}`,
      () => client.setRegisteredModelAlias('n', alias, 1),
    ],
  ),
  ['a stage in small letters', () => client.transitionModelVersionStage('n', 1, anything('production'))],
  ['a source that is empty', () => client.createModelVersion('n', '')],
  ['a signal that is none', () => client.getExperiment('1', { signal: anything({}) })],
  ['a concurrency of 0', () => client.uploadDirectory('mlflow-artifacts:/1', home, { concurrency: 0 })],
  ['progress that is no function', () => client.downloadModel('models:/a/1', home, { onProgress: anything(1) })],
];

for (const [what, call] of REFUSED) {
  test(`${what} is refused`, async () => {
    const before = server.requests.length;
    await expectError(call, 'ERR_GENAI_INVALID_ARGUMENT');
    assert.is(server.requests.length, before);
  });
}

test('what is just allowed goes through', async () => {
  const before = server.requests.length;
  await client.logParam('r', 'x'.repeat(250), 'x'.repeat(6000));
  // 6000 characters of two UTF-16 units each: the server counts characters.
  await client.logParam('r', 'schlüssel 1/a.b-c_d:é', '😀'.repeat(6000));
  await client.setTag('r', 'k', 'x'.repeat(8000));
  await client.setRegisteredModelAlias('n', 'vv1', '7');
  await client.logParam('r', 'number', 0.5);
  assert.is(server.requests.length, before + 5);
  assert.is(JSON.parse(server.requests.at(-1)?.body ?? '').value, '0.5');
});

test('numbers that JSON does not know go as protobuf writes them', async () => {
  await client.logMetric('r', { key: 'k', value: Number.NaN, timestamp: 5, step: -1 });
  const body = JSON.parse(server.requests.at(-1)?.body ?? '');
  assert.equal(body, { run_id: 'r', key: 'k', value: 'NaN', timestamp: 5, step: -1 });
  const [batch] = toBatches({
    metrics: [
      { key: 'a', value: Number.POSITIVE_INFINITY, timestamp: 0 },
      { key: 'b', value: Number.NEGATIVE_INFINITY, timestamp: 0 },
    ],
  });
  assert.equal(
    batch?.metrics.map(metric => (metric as { value: unknown }).value),
    ['Infinity', '-Infinity'],
  );
});

const SIZES: [metrics: number, params: number, tags: number, batches: number][] = [
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [1000, 0, 0, 1],
  [1001, 0, 0, 2],
  [0, 100, 0, 1],
  [0, 101, 0, 2],
  [0, 0, 100, 1],
  [800, 100, 100, 1],
  [801, 100, 100, 2],
  [2500, 250, 150, 6],
];

for (const [metrics, params, tags, batches] of SIZES) {
  test(`${metrics} metrics, ${params} params and ${tags} tags are ${batches} requests`, () => {
    const values = (count: number): Record<string, number> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
    const cut = toBatches({
      metrics: Array.from({ length: metrics }, (_, index) => ({ key: 'm', value: index, step: index })),
      params: values(params),
      tags: values(tags),
    });
    assert.is(cut.length, batches);
    for (const batch of cut) {
      assert.ok(batch.metrics.length <= 1000 && batch.params.length <= 100 && batch.tags.length <= 100);
      assert.ok(batch.metrics.length + batch.params.length + batch.tags.length <= 1000);
    }
    const all = (kind: 'metrics' | 'params' | 'tags'): number =>
      cut.reduce((sum, batch) => sum + batch[kind].length, 0);
    assert.equal([all('metrics'), all('params'), all('tags')], [metrics, params, tags]);
  });
}

test('a request has less than a million bytes, also in another script', () => {
  const tags = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, '😀'.repeat(8000)]));
  const cut = toBatches({ tags });
  assert.is(cut.length, 4);
  for (const batch of cut) assert.ok(Buffer.byteLength(JSON.stringify({ run_id: 'x'.repeat(32), ...batch })) <= 1e6);
});

test.run();
