/** Input examples, against what MLflow writes for the same values. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { prepareInputExample, readInputExample } from '../../../src/mlflow/format/input-example.ts';
import { type InputExampleInfo, readMLmodel } from '../../../src/mlflow/format/mlmodel.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { FIXTURES, readTable } from './fixtures.ts';

const test = suite('mlflow/format/input-example');

interface Row {
  readonly example: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly json: string;
  readonly serving: string;
  readonly info: InputExampleInfo;
}

test('both texts and the info are written to the letter', () => {
  const rows = readTable<Row>('examples');
  assert.ok(rows.length >= 30, String(rows.length));
  for (const { example, params, json, serving, info } of rows) {
    const prepared = prepareInputExample(example, params);
    assert.is(prepared.inputExampleJson, json);
    assert.is(prepared.servingInputJson, serving);
    assert.equal(prepared.info, info);
  }
});

test('bytes become base64 in lines of 76 characters, as Python has them', () => {
  const { inputExampleJson } = prepareInputExample({ data: new Uint8Array(60).fill(255), list: [Buffer.from('hi')] });
  assert.is(inputExampleJson, `{"data": "${'/'.repeat(76)}\\n////\\n", "list": ["aGk=\\n"]}`);
});

test('empty parameters count as none', () => {
  assert.equal(prepareInputExample({ prompt: 'hi' }, {}), prepareInputExample({ prompt: 'hi' }));
});

test('refuses what is no example', async () => {
  for (const example of [null, undefined, () => 1, Symbol('x'), { a: () => 1 }]) {
    await expectError(() => prepareInputExample(example), 'ERR_GENAI_INVALID_ARGUMENT');
  }
  for (const params of [null, [], 'x']) {
    const given = params as unknown as Record<string, unknown>;
    await expectError(() => prepareInputExample('hi', given), 'ERR_GENAI_INVALID_ARGUMENT', 'params');
  }
});

test('reads the examples of all kinds of models', async () => {
  const cases: [string, unknown, unknown][] = [
    [
      'seed-wrapper',
      { prompt: '<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>' },
      null,
    ],
    ['list-example', ['hi', 'yo'], null],
    ['dataframe-example', [{ prompt: 'hi' }, { prompt: 'yo' }], null],
    [
      'counted-columns',
      [
        { 0: 1, 1: 'a' },
        { 0: 2, 1: 'b' },
      ],
      null,
    ],
    [
      'sklearn',
      [
        [1, 2],
        [3, 4],
      ],
      null,
    ],
    ['responses-agent', { input: [{ role: 'user', content: 'Hello!' }] }, null],
  ];
  for (const [kind, input, params] of cases) {
    const read = await readInputExample(`${FIXTURES}/${kind}`, await readMLmodel(`${FIXTURES}/${kind}`));
    assert.equal(read, { input, params }, kind);
  }
  const given = `${FIXTURES}/params-example`;
  const read = await readInputExample(given, await readMLmodel(given));
  assert.equal(read?.params, { temperature: 0.1, stop: ['a'] });
  assert.equal(Object.keys(read?.input as object), ['prompt']);
  assert.is(await readInputExample(given, { flavors: {} }), null);
});

test('reads what it has prepared', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'input-example-'));
  try {
    for (const params of [undefined, { temperature: 0.5 }]) {
      const { inputExampleJson, info } = prepareInputExample({ prompt: 'é' }, params);
      await writeFile(join(directory, info.artifact_path), inputExampleJson);
      const read = await readInputExample(directory, { flavors: {}, saved_input_example_info: info });
      assert.equal(read, { input: { prompt: 'é' }, params: params ?? null });
    }
    const broken: [string, object, string][] = [
      ['[', {}, 'is not JSON'],
      ['{}', { params: 'true' }, 'must hold "inputs" and "params"'],
      ['[1]', { type: 'dataframe' }, 'must hold "data"'],
      ['{"data": [1]}', { type: 'dataframe' }, 'must hold "data"'],
      ['{"data": [[1]], "columns": "a"}', { type: 'dataframe' }, 'must hold "data"'],
      ['{}', { type: 'sparse_matrix_csr' }, 'cannot be read here'],
      ['{}', { type: undefined }, 'cannot be read here'],
      ['{}', { artifact_path: 'missing.json' }, 'does not exist'],
    ];
    for (const [text, fields, message] of broken) {
      await writeFile(join(directory, 'input_example.json'), text);
      const info = { artifact_path: 'input_example.json', type: 'json_object', ...fields } as InputExampleInfo;
      const model = { flavors: {}, saved_input_example_info: info };
      await expectError(readInputExample(directory, model), 'ERR_MLFLOW_FORMAT', message);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.run();
