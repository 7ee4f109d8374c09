/** MLmodel files of real MLflow: read, printed, written again. */
import * as assert from 'uvu/assert';
import { condaYaml, pythonEnvYaml, requirementsTxt } from '../../../src/mlflow/format/environment.ts';
import {
  type MLmodel,
  parseMLmodel,
  readMLmodel,
  signatureOf,
  stringifyMLmodel,
} from '../../../src/mlflow/format/mlmodel.ts';
import {
  parseRegisteredModelMeta,
  stringifyRegisteredModelMeta,
} from '../../../src/mlflow/format/registered-model-meta.ts';
import { parseYaml } from '../../../src/mlflow/format/yaml/yaml.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { assertSame, FIXTURES, KINDS, type Marked, readFixture } from './fixtures.ts';

const test = suite('mlflow/format/mlmodel');

interface Expected {
  readonly repr: string | null;
  readonly to_dict: { readonly dict: readonly (readonly [string, Marked])[] };
}

/** Names that are no texts, in JavaScript are. */
const NOT_TO_THE_LETTER = ['other-names'];

test('every kind of model: signature as repr() prints it, members as to_dict() gives them', async () => {
  assert.ok(KINDS.length >= 20, String(KINDS.length));
  for (const kind of KINDS) {
    const model = await readMLmodel(`${FIXTURES}/${kind}`);
    const expected = JSON.parse(readFixture(kind, 'expected.json')) as Expected;
    const signature = signatureOf(model);
    assert.is(signature === null ? null : String(signature), expected.repr, kind);
    // What MLflow adds when it reads is not in the file.
    const known = new Map(expected.to_dict.dict.filter(([name]) => name in model));
    const members = { ...model, ...(signature === null ? {} : { signature: signature.toDict() }) };
    assertSame(members, { dict: [...known] }, kind);
  }
});

test('every kind of model is written to the letter as MLflow wrote it', () => {
  for (const kind of KINDS) {
    const text = readFixture(kind, 'MLmodel');
    const model = parseMLmodel(text);
    const written = stringifyMLmodel(model);
    if (!NOT_TO_THE_LETTER.includes(kind)) assert.is(written, text, kind);
    assert.equal(parseMLmodel(written), model, kind);
  }
});

test('the files of the environment are written to the letter', () => {
  const versions = { pythonVersion: '3.11.7', pipVersion: '23.2.1', setuptoolsVersion: '65.5.0' };
  for (const kind of KINDS) {
    if (kind === 'transformers') continue;
    const requirements = readFixture(kind, 'requirements.txt').split('\n');
    assert.is(requirementsTxt(requirements), readFixture(kind, 'requirements.txt'), kind);
    const { pythonVersion, pipVersion } = versions;
    assert.is(
      condaYaml({ pythonVersion, pipVersion, pipRequirements: requirements }),
      readFixture(kind, 'conda.yaml'),
      kind,
    );
    assert.is(pythonEnvYaml(versions), readFixture(kind, 'python_env.yaml'), kind);
  }
});

test('an environment without versions of its tools, and with a name', () => {
  const conda = parseYaml(condaYaml({ pythonVersion: '3.11', pipRequirements: ['a'], name: 'my-env' }), 'conda.yaml');
  assert.equal(conda, {
    channels: ['conda-forge'],
    dependencies: ['python=3.11', 'pip', { pip: ['a'] }],
    name: 'my-env',
  });
  assert.is(
    pythonEnvYaml({ pythonVersion: '3.11' }),
    "python: '3.11'\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r requirements.txt\n",
  );
});

test('refuses an environment that would smuggle in a line', async () => {
  const good = { pythonVersion: '3.11.7', pipRequirements: ['numpy'] };
  const bad = [
    { ...good, pythonVersion: '3.11\n- evil' },
    { ...good, pythonVersion: '' },
    { ...good, pythonVersion: undefined },
    { ...good, pipVersion: 'x y' },
    { ...good, name: 'a\nb' },
    { ...good, pipRequirements: ['numpy\nevil'] },
    { ...good, pipRequirements: [' '] },
    { ...good, pipRequirements: [5] },
    { ...good, pipRequirements: 'numpy' },
  ] as unknown as Parameters<typeof condaYaml>[0][];
  for (const environment of bad) await expectError(() => condaYaml(environment), 'ERR_GENAI_INVALID_ARGUMENT');
  await expectError(() => requirementsTxt(['a\rb']), 'ERR_GENAI_INVALID_ARGUMENT', 'pipRequirements[0]');
});

test('registered_model_meta is written and read as MLflow does', async () => {
  const text = readFixture('logged', 'registered_model_meta');
  assert.equal(parseRegisteredModelMeta(text), { model_name: 'phi3-registered', model_version: '1' });
  assert.is(stringifyRegisteredModelMeta(parseRegisteredModelMeta(text)), text);
  const none = { model_name: null, model_version: null };
  assert.is(stringifyRegisteredModelMeta(none), 'model_name: null\nmodel_version: null\n');
  assert.equal(parseRegisteredModelMeta('model_name: null\n'), none);
  assert.equal(parseRegisteredModelMeta('model_name: a\nmodel_version: 2\n'), { model_name: 'a', model_version: '2' });
  for (const broken of ['', '[]', 'model_name: 5', 'model_name: a\nmodel_version: [1]', 'a: [']) {
    await expectError(() => parseRegisteredModelMeta(broken), 'ERR_MLFLOW_FORMAT');
  }
});

test('what is not known is kept, and an MLmodel file may be JSON', () => {
  const model: MLmodel = {
    flavors: { onnxruntime_genai: { nested: { list: [1, { a: null }] } }, python_function: { loader_module: 'x' } },
    x_custom: { a: 1 },
    producer: 'onnxruntime-genai-node',
  };
  assert.equal(parseMLmodel(stringifyMLmodel(model)), model);
  assert.equal(parseMLmodel(JSON.stringify(model)), model);
});

test('versions, ids and times without quotes are read as texts', () => {
  const text =
    'flavors: {}\nmlflow_version: 2.11\nrun_id: 123\nutc_time_created: 2026-01-31 10:00:00\nmodel_uuid: null\n';
  const { mlflow_version: version, run_id: run, utc_time_created: time, model_uuid: uuid } = parseMLmodel(text);
  assert.equal([version, run, time, uuid], ['2.11', '123', '2026-01-31 10:00:00', null]);
});

test.run();
