/** What each kind of URI means, and which are refused. */
import { resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { parseModelUri } from '../../../src/mlflow/tracking/model-uri.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';

const test = suite('model-uri');

const ID = `m-${'0123456789abcdef'.repeat(2)}`;
const GOOD: [uri: string, parsed: object][] = [
  ['models:/phi/3', { kind: 'models-version', name: 'phi', version: '3' }],
  ['models:/phi-3.5 mini/12', { kind: 'models-version', name: 'phi-3.5 mini', version: '12' }],
  ['models:/phi@champion', { kind: 'models-alias', name: 'phi', alias: 'champion' }],
  ['models:/a@b@c', { kind: 'models-alias', name: 'a@b', alias: 'c' }],
  ['models:/phi/latest', { kind: 'models-latest', name: 'phi' }],
  ['models:/phi/LATEST', { kind: 'models-latest', name: 'phi' }],
  ['models:/phi/Production', { kind: 'models-stage', name: 'phi', stage: 'Production' }],
  [`models:/${ID}`, { kind: 'models-id', modelId: ID }],
  [`models:///${ID}`, { kind: 'models-id', modelId: ID }],
  ['Models:/phi/3', { kind: 'models-version', name: 'phi', version: '3' }],
  ['runs:/abc123/model', { kind: 'runs', runId: 'abc123', path: 'model' }],
  ['runs:/abc123/a/b/', { kind: 'runs', runId: 'abc123', path: 'a/b' }],
  ['runs:/abc123', { kind: 'runs', runId: 'abc123', path: '' }],
  ['mlflow-artifacts:/1/models/x/artifacts', { kind: 'mlflow-artifacts', path: '1/models/x/artifacts' }],
  ['mlflow-artifacts:///1/x/', { kind: 'mlflow-artifacts', path: '1/x' }],
  ['mlflow-artifacts:/', { kind: 'mlflow-artifacts', path: '' }],
  ['mlflow-artifacts://host:8080/1/x', { kind: 'mlflow-artifacts', host: 'host:8080', path: '1/x' }],
  ['file:///tmp/a%20b', { kind: 'path', path: '/tmp/a b' }],
  ['file:/tmp/model', { kind: 'path', path: '/tmp/model' }],
  ['/tmp/model', { kind: 'path', path: '/tmp/model' }],
  ['./some/model', { kind: 'path', path: resolve('some/model') }],
  ['model', { kind: 'path', path: resolve('model') }],
];

for (const [uri, parsed] of GOOD) test(uri, () => assert.equal(parseModelUri(uri), parsed));

const REFUSED: [uri: string, text: string][] = [
  ['models:', 'proper URI'],
  ['models:/', 'proper URI'],
  ['models:phi/3', 'proper URI'],
  ['models:/phi/', 'proper URI'],
  ['models:/ /3', 'proper URI'],
  ['models:/phi/3/sub', 'proper URI'],
  ['models:/@champion', 'proper URI'],
  ['models:/phi@', 'proper URI'],
  ['models:/m-..%2f', 'proper URI'],
  ['models:/not an id', 'says no version'],
  ['models:/phi', '"models:/phi/latest"'],
  ['models://profile@databricks/phi/3', 'Databricks'],
  ['runs:/', 'proper URI'],
  ['runs:abc', 'proper URI'],
  ['runs://host/abc', 'Databricks'],
  ['runs:/a b/model', 'proper URI'],
  ['mlflow-artifacts://5000/1', 'no host'],
  ['mlflow-artifacts://joe:pw@host/1', 'credentials'],
  ['s3://bucket/model', '--serve-artifacts'],
  ['gs://bucket/model', '--serve-artifacts'],
  ['wasbs://x@y/model', '--serve-artifacts'],
  ['dbfs:/model', '--serve-artifacts'],
  ['http://host:5000/models/phi', 'MLFLOW_TRACKING_URI'],
  ['https://joe:hunter2@host/x?token=hunter2', 'MLFLOW_TRACKING_URI'],
  ['huggingface:microsoft/phi', 'no kind of URI'],
  ['file://other-host/share', 'not a file URI'],
  ['a\0b', 'NUL'],
];

for (const [uri, text] of REFUSED) {
  test(`${JSON.stringify(uri)} is refused`, async () => {
    const error = await expectError(async () => parseModelUri(uri), 'ERR_MLFLOW_URI', text);
    assert.not.match(JSON.stringify([error.message, error.details]), /hunter2/);
  });
}

for (const uri of [
  'runs:/abc/../x',
  'runs:/abc//etc',
  'runs:/abc/a#b',
  'mlflow-artifacts:/1/../../x',
  'mlflow-artifacts:/a#b',
]) {
  test(`${uri} is unsafe`, async () => {
    await expectError(async () => parseModelUri(uri), 'ERR_MLFLOW_UNSAFE_PATH');
  });
}

for (const uri of ['', undefined, 5, null]) {
  test(`${JSON.stringify(uri)} is no URI`, async () => {
    await expectError(async () => parseModelUri(uri as string), 'ERR_GENAI_INVALID_ARGUMENT');
  });
}

test.run();
