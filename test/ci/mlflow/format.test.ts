/** Real MLflow and PyYAML read what we write, and refuse what we call an error. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { condaYaml, pythonEnvYaml } from '../../../src/mlflow/format/environment.ts';
import { prepareInputExample } from '../../../src/mlflow/format/input-example.ts';
import { parseMLmodel, readMLmodel, signatureOf, stringifyMLmodel } from '../../../src/mlflow/format/mlmodel.ts';
import { parsePythonJson } from '../../../src/mlflow/format/python/parse-python-json.ts';
import type { Schema } from '../../../src/mlflow/format/schema/schema-types.ts';
import { ModelSignature, type SignatureTexts } from '../../../src/mlflow/format/schema/signature.ts';
import { validateModelDirectory } from '../../../src/mlflow/format/validate.ts';
import { parseYaml, stringifyYaml } from '../../../src/mlflow/format/yaml/yaml.ts';
import { suite } from '../../helpers/suite.ts';
import { FIXTURES, KINDS, readFixture } from '../../mlflow/format/fixtures.ts';
import { CASES, writeDirectory } from '../../mlflow/format/model-directories.ts';
import { awkwardValues, markNumbers } from './awkward-values.ts';

const test = suite<{ work: string }>('ci/mlflow/format');

const ORACLE = fileURLToPath(new URL('format_oracle.py', import.meta.url));

const NEWEST = process.env['GENAI_MLFLOW'] ?? '';
const OLDEST = process.env['GENAI_MLFLOW_OLDEST'] ?? '';

test.before(async context => {
  assert.ok(NEWEST !== '' && OLDEST !== '', 'run this by scripts/run-uvu.mjs, which installs MLflow');
  context.work = await mkdtemp(join(tmpdir(), 'mlflow-format-'));
});

test.after(({ work }) => rm(work, { recursive: true }));

async function ask<Answer>(bin: string, question: string, input: unknown, work: string): Promise<Answer> {
  const folder = await mkdtemp(join(work, 'ask-'));
  const [source, target] = [join(folder, 'input.json'), join(folder, 'output.json')];
  await writeFile(source, JSON.stringify(input));
  await promisify(execFile)(join(bin, 'python'), [ORACLE, question, source, target], { cwd: folder, maxBuffer: 1e8 });
  return JSON.parse(await readFile(target, 'utf8')) as Answer;
}

test('PyYAML reads back 900 awkward values, and writes each to the letter as we do', async ({ work }) => {
  const values = awkwardValues(900);
  const cases = values.map(value => ({ value: markNumbers(value), text: stringifyYaml(value) }));
  const answers = await ask<{ wrong: string | null; text: string }[]>(NEWEST, 'yaml_texts', cases, work);
  assert.is(answers.length, values.length);
  for (const [index, { wrong, text }] of answers.entries()) {
    const ours = cases[index]?.text ?? '';
    assert.is(wrong, null, ours);
    // PyYAML marks the end of a text that stands alone.
    assert.is(text.replace(/\n\.\.\.\n$/, '\n'), ours);
    assert.equal(markNumbers(parseYaml(text, 'PyYAML')), markNumbers(parseYaml(ours, 'ours')));
  }
});

test('MLmodel files of all kinds, written again by us, are the same to Python', async ({ work }) => {
  const pairs: [string, string][] = [];
  for (const kind of KINDS) {
    const folder = join(work, 'rewritten', kind);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'MLmodel'), stringifyMLmodel(parseMLmodel(readFixture(kind, 'MLmodel'))));
    pairs.push([join(FIXTURES, kind), folder]);
  }
  const answers = await ask<{ different: string[] }[]>(NEWEST, 'models', pairs, work);
  const different = answers.flatMap((answer, index) => answer.different.map(name => `${KINDS[index]}: ${name}`));
  // Names that are numbers become texts.
  assert.equal(different, ['other-names: metadata']);
});

const CHAT_MESSAGE = {
  type: 'object',
  properties: { role: { type: 'string' }, content: { type: 'string' }, name: { type: 'string', required: false } },
} as const;

/** Signatures with the types that all versions know. */
const SIGNATURES = [
  new ModelSignature({ inputs: [{ type: 'string', name: 'prompt' }], outputs: [{ type: 'string' }] }),
  new ModelSignature({
    inputs: [
      { type: 'array', items: CHAT_MESSAGE, name: 'messages', required: true },
      { type: 'double', name: 'temperature', required: false },
      { type: 'array', items: { type: 'string' }, name: 'stop', required: false },
    ],
    outputs: [
      { type: 'object', properties: { '9': { type: 'long' }, '10': { type: 'long' } }, name: 'usage', required: true },
    ],
    params: [
      { name: 'temperature', type: 'double', default: 1, shape: null },
      { name: 'tiny', type: 'float', default: 1e-7, shape: null },
      { name: 'stop', type: 'string', default: ["it's", '"'], shape: [-1] },
      { name: 'since', type: 'datetime', default: '2026-01-31T10:00:00', shape: null },
      { name: 'many', type: 'long', default: 12345678901234567890n, shape: null },
    ],
  }),
  new ModelSignature({
    inputs: [
      { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 3] }, name: "it's" },
      { type: 'tensor', 'tensor-spec': { dtype: 'str', shape: [-1] }, name: '日本' },
    ],
  }),
  new ModelSignature({
    inputs: (['boolean', 'integer', 'long', 'float', 'double', 'string', 'binary', 'datetime'] as const).map(type => ({
      type,
      name: `a ${type}`,
      required: false,
    })) satisfies Schema,
  }),
];

for (const [name, bin] of Object.entries({ newest: NEWEST, oldest: OLDEST })) {
  test(`signatures of ours print and write the same in the ${name} MLflow`, async ({ work }) => {
    const texts = SIGNATURES.map(signature => signature.toDict());
    const answers = await ask<{ repr: string; dict: SignatureTexts }[]>(bin, 'signatures', texts, work);
    for (const [index, { repr, dict }] of answers.entries()) {
      assert.is(String(SIGNATURES[index]), repr);
      // Old versions write the members of a parameter in another order.
      assert.equal(parsed(texts[index]), parsed(dict));
      if (bin === NEWEST) assert.equal(texts[index], dict);
    }
  });
}

test('directories of the oldest MLflow are read, and written again to the letter', async ({ work }) => {
  const cases = SIGNATURES.map((signature, index) => [join(work, `oldest-${index}`), signature.toDict()] as const);
  const answers = await ask<string[]>(OLDEST, 'saved', cases, work);
  for (const [index, [directory]] of cases.entries()) {
    const model = await readMLmodel(directory);
    assert.is(model.mlflow_version, '2.11.0');
    assert.is(String(signatureOf(model)), answers[index]);
    assert.is(stringifyMLmodel(model), await readFile(join(directory, 'MLmodel'), 'utf8'));
    assert.equal(await validateModelDirectory(directory), []);
  }
});

function parsed(texts: SignatureTexts | undefined): unknown {
  return Object.values(texts ?? {}).map(text => (text === null ? null : parsePythonJson(text, 'signature')));
}

test('what we call an error MLflow refuses, and it loads what we call sound', async ({ work }) => {
  const folders: string[] = [];
  for (const [index, directory] of CASES.entries()) {
    const folder = join(work, 'directories', `case-${index}`);
    await writeDirectory(folder, directory, `loader_of_case_${index}`);
    folders.push(folder);
  }
  const answers = await ask<(string | null)[]>(NEWEST, 'loads', folders, work);
  const wrong: string[] = [];
  for (const [index, directory] of CASES.entries()) {
    const answer = answers[index] ?? null;
    if ((answer === null) !== directory.loads) wrong.push(`${directory.name}: ${answer ?? 'loads'}`);
    // Each error is one for MLflow, or has a reason why it is ours.
    const isError = directory.problems.some(([severity]) => severity === 'error');
    if (isError && directory.loads && directory.ours === undefined)
      wrong.push(`${directory.name}: loads, but is an error`);
  }
  assert.is(wrong.join('\n'), '');
});

test('examples and environments of ours are read by MLflow', async ({ work }) => {
  const cases: [unknown, Record<string, unknown> | undefined][] = [
    [{ prompt: 'hi é 😀' }, undefined],
    [{ messages: [{ role: 'user', content: 'hi' }] }, { temperature: 0.5, stop: ['a'] }],
    [['a', 'b'], undefined],
    ['text', { n: 1 }],
    [{ question: { deep: [1, null, true] } }, undefined],
  ];
  const folders: string[] = [];
  for (const [index, [example, params]] of cases.entries()) {
    const folder = join(work, 'examples', String(index));
    await mkdir(folder, { recursive: true });
    const { inputExampleJson, servingInputJson, info } = prepareInputExample(example, params);
    const versions = { pythonVersion: '3.11.7', pipVersion: '23.2.1' };
    const texts = {
      MLmodel: stringifyMLmodel({ flavors: {}, saved_input_example_info: info }),
      'input_example.json': inputExampleJson,
      'serving_input_example.json': servingInputJson,
      'conda.yaml': condaYaml({ ...versions, pipRequirements: ['numpy==2.4.6', 'onnxruntime-genai>=0.18'] }),
      'python_env.yaml': pythonEnvYaml(versions),
    };
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
    folders.push(folder);
  }
  const read = await ask<{ input: unknown; params: unknown; serving: object }[]>(NEWEST, 'examples', folders, work);
  for (const [index, { input, params }] of read.entries()) {
    assert.equal([input, params], [cases[index]?.[0], cases[index]?.[1] ?? null]);
  }
  assert.equal(read[1]?.serving, { messages: [{ role: 'user', content: 'hi' }], temperature: 0.5, stop: ['a'] });
  const environments = await ask<unknown[]>(NEWEST, 'environments', folders.slice(0, 1), work);
  assert.equal(environments, [
    {
      python: '3.11.7',
      build: ['pip==23.2.1', 'setuptools', 'wheel'],
      conda: ['numpy==2.4.6', 'onnxruntime-genai>=0.18'],
    },
  ]);
});

test('MLflow reads a directory of ours whole', async ({ work }) => {
  const folder = join(work, 'whole');
  const sound = CASES.find(({ name }) => name === 'sound');
  assert.ok(sound);
  await writeDirectory(folder, sound, 'loader_of_whole');
  await cp(folder, join(work, 'copy'), { recursive: true });
  const [answer] = await ask<{ different: string[] }[]>(NEWEST, 'models', [[folder, join(work, 'copy')]], work);
  assert.equal(answer?.different, []);
});

test.run();
