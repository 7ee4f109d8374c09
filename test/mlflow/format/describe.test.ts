/** What `describe` shows. */
import * as assert from 'uvu/assert';
import { describeModel, formatExample } from '../../../src/mlflow/format/describe.ts';
import { readInputExample } from '../../../src/mlflow/format/input-example.ts';
import { readMLmodel } from '../../../src/mlflow/format/mlmodel.ts';
import { suite } from '../../helpers/suite.ts';
import { FIXTURES, KINDS } from './fixtures.ts';

const test = suite('mlflow/format/describe');

async function describeKind(kind: string): Promise<string> {
  const directory = `${FIXTURES}/${kind}`;
  const model = await readMLmodel(directory);
  const files = [
    { path: 'MLmodel', size: 900 },
    { path: 'artifacts/model.onnx', size: 2_700_000_000 },
  ];
  return describeModel(model, files, await readInputExample(directory, model));
}

test('a model as a person wants to read about it', async () => {
  assert.is(
    await describeKind('seed-wrapper'),
    `MLflow model 0123456789abcdef0123456789abcdef
  MLflow 3.17.2
  created 2026-01-31 12:00:00.123456 UTC

Flavors
  python_function
    artifacts: {"phi3-mini-onnx": {"path": "artifacts/cpu-int4-rtn-block-32-acc-level-4", "uri": "/example/sources/cpu-int4-rtn-block-32-acc-level-4"}}
    cloudpickle_version: 3.1.2
    code: null
    env: {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}
    loader_module: mlflow.pyfunc.model
    python_model: python_model.pkl
    python_version: 3.11.7
    streamable: false

Signature
{inputs: 
  ['prompt': string (required)],
outputs: 
  [string (required)],
params: 
  None}

Input example
{"prompt": "<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>",}

Files (2.7 GB)
   900 B  MLmodel
  2.7 GB  artifacts/model.onnx
`,
  );
});

test('shows the signature of the chat as the tutorial does', async () => {
  const text = await describeKind('seed-chat');
  assert.ok(
    text.includes(
      "\nSignature\n{inputs: \n  ['messages': Array({content: string (required), name: string (optional), role: string (required)}) (required), 'temperature': double (optional), 'max_tokens': long (optional), 'stop': Array(string) (optional), 'n': long (optional), 'stream': boolean (optional)],\noutputs: \n",
    ),
    text,
  );
});

test('examples look as one types them in Python', () => {
  const messages = [{ role: 'user', content: 'What is the capital of Spain?' }];
  const cases: [unknown, Record<string, unknown> | null, string][] = [
    [{ messages }, null, 'messages = [{"role": "user", "content": "What is the capital of Spain?"}]'],
    [{ messages: [], stream: true, seed: null }, null, 'messages = []\nstream = True\nseed = None'],
    [{ a: 1, b: [1.5, false] }, { t: 1e-7 }, '{"a": 1, "b": [1.5, False],}\nparams = {"t": 1e-07}'],
    ['日本 "x"', null, '"日本 \\"x\\""'],
    [['hi', { a: {} }], null, '["hi", {"a": {}}]'],
    [12345678901234567890n, null, '12345678901234567890'],
  ];
  for (const [input, params, text] of cases) assert.is(formatExample({ input, params }), text);
});

test('every kind of model can be described', async () => {
  for (const kind of KINDS) assert.ok((await describeKind(kind)).includes('\nFlavors\n'), kind);
});

test('a broken signature is told, and control characters do nothing', () => {
  const model = {
    flavors: { '\u001b[2Jevil': { path: 'a\u0007\u202eb', at: new Uint8Array(3), set: new Set(['x']) } },
    signature: { inputs: '[{"type": "text"}]' },
    metadata: { note: 'line\nbreak', nested: { a: null, b: [new Uint8Array(2)] } },
  };
  const text = describeModel(model, []);
  assert.ok(text.includes('Signature\ncannot be read: signature.inputs[0] has the unknown type "text"'), text);
  assert.ok(text.includes('  \\u{1b}[2Jevil\n    path: a\\u{7}\\u{202e}b\n    at: 3 bytes\n    set: ["x"]\n'), text);
  assert.ok(text.includes('Metadata\n  note: line\n  break\n  nested: {"a": null, "b": ["2 bytes"]}'), text);
  assert.not(/[^\P{C}\n]/u.test(text));
});

test('sizes are counted in thousands', () => {
  const sizes = [0, 1, 999, 1000, 12_345, 999_999, 1_000_000, 5e15];
  const text = describeModel(
    { flavors: {} },
    sizes.map((size, index) => ({ path: `f${index}`, size })),
  );
  const shown = text
    .split('\n')
    .filter(line => / {2}f\d$/.test(line))
    .map(line => line.trim().split('  ')[0]);
  assert.equal(shown, ['0 B', '1 B', '999 B', '1.0 kB', '12.3 kB', '1000.0 kB', '1.0 MB', '5000.0 TB']);
});

test.run();
