/** MLmodel files that are missing, broken or hostile, each with its code. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../../src/errors.ts';
import { readInputExample } from '../../../src/mlflow/format/input-example.ts';
import { parseMLmodel, readMLmodel, signatureOf, stringifyMLmodel } from '../../../src/mlflow/format/mlmodel.ts';
import { validateModelDirectory } from '../../../src/mlflow/format/validate.ts';
import { DEMO_MODEL } from '../../helpers/demo-model.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';

const test = suite<{ work: string }>('mlflow/format/bad-input');

test.before(async context => {
  context.work = await mkdtemp(join(tmpdir(), 'bad-mlmodel-'));
});

test.after(({ work }) => rm(work, { recursive: true }));

const FLAVORS = 'flavors:\n  python_function:\n    loader_module: x\n';

/** Nine levels of nine aliases each: 387 million values from 400 characters. */
const ALIAS_BOMB = [
  'l0: &l0 [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 8 }, (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]`),
  FLAVORS,
].join('\n');

/** Merges that double with each level. */
const MERGE_BOMB = [
  `m0: &m0 {${Array.from({ length: 50 }, (_, key) => `k${key}: 1`).join(', ')}}`,
  ...Array.from({ length: 300 }, (_, level) => `m${level + 1}: &m${level + 1} {<<: [*m${level}, *m0], x${level}: 1}`),
  FLAVORS,
].join('\n');

/** The name of the case, the text of the file, and a part of the message. */
const TEXTS: [string, string | Uint8Array, string][] = [
  ['empty', '', 'is empty'],
  ['only a comment', '# nothing\n', 'is empty'],
  ['not YAML', 'flavors: [a', 'cannot be read as YAML'],
  ['two documents', `${FLAVORS}---\n${FLAVORS}`, '2 documents'],
  ['a list', '- a\n- b\n', 'must hold a mapping'],
  ['a text', 'just text\n', 'must hold a mapping'],
  ['a number', '5\n', 'must hold a mapping'],
  ['a date', '2026-01-31\n', 'must hold a mapping'],
  ['a set', '!!set {flavors}\n', 'must hold a mapping'],
  ['HTML', '<!DOCTYPE html>\n<html><body>404: Not Found</body></html>\n', 'cannot be read as YAML'],
  ['binary', Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) % 256), 'is not UTF-8 text'],
  ['NUL', `${FLAVORS}a: \0\n`, 'U+0000'],
  ['UTF-16', Buffer.from(`\ufeff${FLAVORS}`, 'utf16le'), 'is not UTF-8 text'],
  ['alias bomb', ALIAS_BOMB, 'more than 200000 values'],
  ['merge bomb', MERGE_BOMB, 'merge keys exceeded'],
  ['depth bomb', '['.repeat(100_000), 'nesting exceeded'],
  [
    'depth bomb of mappings',
    Array.from({ length: 1000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
    'nesting exceeded',
  ],
  ['circle of aliases', `${FLAVORS}a: &a [*a]\n`, 'in a circle'],
  ['unknown alias', `${FLAVORS}a: *b\n`, 'cannot be read as YAML'],
  ['a Python object', 'flavors: !!python/object:os.system {}\n', 'python/object:os.system'],
  ['a call of Python', 'flavors: !!python/object/apply:os.system ["true"]\n', 'python/object/apply:os.system'],
  ['a name of Python', `${FLAVORS}a: !!python/name:os.system ''\n`, 'python/name:os.system'],
  ['a tag of JavaScript', `${FLAVORS}a: !!js/function 'function () {}'\n`, 'js/function'],
  ['a tag of its own', `${FLAVORS}a: !mine x\n`, 'mine'],
  ['flavors missing', 'mlflow_version: 3.17.2\n', 'has no "flavors"'],
  ['flavors null', 'flavors:\n', 'has no "flavors"'],
  ['flavors a list', 'flavors: [a]\n', '"flavors" that is no mapping'],
  ['flavors a text', 'flavors: a\n', '"flavors" that is no mapping'],
  ['a flavor null', 'flavors:\n  python_function:\n', 'flavor "python_function" that is no mapping'],
  ['a flavor a list', 'flavors:\n  transformers: [a]\n', 'flavor "transformers" that is no mapping'],
  ['signature a text', `${FLAVORS}signature: x\n`, '"signature" that is no mapping'],
  ['signature a list', `${FLAVORS}signature: [x]\n`, '"signature" that is no mapping'],
  [
    'signature.inputs a list',
    `${FLAVORS}signature:\n  inputs: [{type: string}]\n`,
    '"signature.inputs" that is no text',
  ],
  ['signature.outputs a number', `${FLAVORS}signature:\n  outputs: 5\n`, '"signature.outputs" that is no text'],
  ['signature.params a mapping', `${FLAVORS}signature:\n  params: {a: 1}\n`, '"signature.params" that is no text'],
  [
    'saved_input_example_info a text',
    `${FLAVORS}saved_input_example_info: x\n`,
    '"saved_input_example_info" that is no mapping',
  ],
  ['metadata a list', `${FLAVORS}metadata: [a]\n`, '"metadata" that is no mapping'],
  ['run_id a list', `${FLAVORS}run_id: [a]\n`, '"run_id" that is no text'],
  ['model_uuid a mapping', `${FLAVORS}model_uuid: {a: 1}\n`, '"model_uuid" that is no text'],
  ['mlflow_version a boolean', `${FLAVORS}mlflow_version: yes\n`, '"mlflow_version" that is no text'],
];

for (const [name, text, message] of TEXTS) {
  test(`MLmodel: ${name}`, async ({ work }) => {
    const folder = await mkdtemp(join(work, 'case-'));
    await writeFile(join(folder, 'MLmodel'), text);
    const started = performance.now();
    const error = await expectError(readMLmodel(folder), 'ERR_MLFLOW_FORMAT', message);
    assert.ok(performance.now() - started < 2000, 'within 2 s');
    assert.ok(error.message.includes(folder), 'the message names the folder');
    assert.ok(error.message.length < 1000, 'the message is short');
    const [problem] = await validateModelDirectory(folder);
    assert.equal([problem?.severity, problem?.path], ['error', 'MLmodel']);
  });
}

/** The name of the case, what makes the folder, the code and a part of the message. */
const FOLDERS: [string, (folder: string) => Promise<unknown>, ErrorCode, string][] = [
  ['missing', async () => {}, 'ERR_MLFLOW_FORMAT', 'does not exist'],
  ['a directory', folder => mkdir(join(folder, 'MLmodel')), 'ERR_MLFLOW_FORMAT', 'is a directory'],
  ['a link out', folder => symlink('..', join(folder, 'MLmodel')), 'ERR_MLFLOW_UNSAFE_PATH', 'leads out'],
  [
    'a link to nowhere',
    folder => symlink('nowhere', join(folder, 'MLmodel')),
    'ERR_MLFLOW_UNSAFE_PATH',
    'leads nowhere',
  ],
  ['a link to itself', folder => symlink('MLmodel', join(folder, 'MLmodel')), 'ERR_MLFLOW_UNSAFE_PATH', 'ELOOP'],
  ['50 MB', folder => bigFile(join(folder, 'MLmodel')), 'ERR_MLFLOW_FORMAT', 'has 52428800 bytes, more than'],
  ['a pipe', async folder => execFileSync('mkfifo', [join(folder, 'MLmodel')]), 'ERR_MLFLOW_FORMAT', 'no regular file'],
];

async function bigFile(path: string): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(50 * 1024 * 1024);
  await file.close();
}

for (const [name, make, code, message] of FOLDERS) {
  if (name === 'a pipe' && process.platform === 'win32') continue;
  test(`MLmodel: ${name}`, async ({ work }) => {
    const folder = await mkdtemp(join(work, 'case-'));
    await make(folder);
    const before = process.memoryUsage().rss;
    await expectError(readMLmodel(folder), code, message);
    assert.ok(process.memoryUsage().rss - before < 30e6, 'it is not read');
  });
}

test('the folder is missing, or a file', async ({ work }) => {
  await expectError(
    readMLmodel(join(work, 'nowhere')),
    'ERR_MLFLOW_FORMAT',
    'nowhere does not exist. (A registered model',
  );
  await expectError(readMLmodel(DEMO_MODEL), 'ERR_MLFLOW_FORMAT', 'no MLflow model: save it as one first');
  await writeFile(join(work, 'file'), '');
  await expectError(readMLmodel(join(work, 'file')), 'ERR_MLFLOW_FORMAT', 'does not exist');
});

/** The text of `inputs`, and a part of the message. */
const INPUTS: [string, string][] = [
  ['{', 'is not JSON'],
  ['', 'signature is empty'],
  ["[{'type': 'string'}]", 'is not JSON'],
  ['[]', 'is empty'],
  ['{}', 'must be a list of columns'],
  ['null', 'must hold a list, but holds null'],
  ['[null]', 'must be an object'],
  ['[{}]', 'has no "type"'],
  ['[{"type": "text"}]', 'unknown type "text"'],
  ['[{"type": "sparkml_vector"}]', 'unknown type'],
  ['[{"type": "string", "optional": true}]', 'unknown key "optional"'],
  ['[{"type": "array"}]', 'items is missing'],
  [`${'[{"type": "array", "items": '.repeat(1)}${'{"type": "array", "items": '.repeat(10_000)}`, 'at most 200 levels'],
  ['[{"type": "object", "properties": {"__proto__": 5}}]', '__proto__ must be an object'],
  ['[{"type": "tensor"}]', 'tensor-spec is missing'],
];

for (const [inputs, message] of INPUTS) {
  test(`signature: ${inputs.slice(0, 50)}`, async () => {
    const model = parseMLmodel(stringifyMLmodel({ flavors: {}, signature: { inputs } }));
    await expectError(() => signatureOf(model), 'ERR_MLFLOW_SIGNATURE', message);
  });
}

/** Paths that must not be followed, in every field that names one. */
const PATHS = [
  '..',
  '../x',
  'a/../../x',
  '/etc/hostname',
  'C:\\x',
  '\\\\server\\x',
  'a\\..\\..\\x',
  'out',
  'out/hostname',
  '',
  5,
  ['a'],
];

for (const path of PATHS) {
  test(`path: ${JSON.stringify(path)}`, async ({ work }) => {
    const folder = await mkdtemp(join(work, 'case-'));
    await symlink('/etc', join(folder, 'out'));
    const info = { artifact_path: path as string, type: 'json_object', serving_input_path: path as string };
    const flavor = {
      data: path,
      python_model: path,
      artifacts: { a: { path } },
      loader_module: 'mlflow.pyfunc.model',
      code: path,
    };
    const model = {
      flavors: { python_function: { ...flavor, env: { conda: path, virtualenv: path } } },
      saved_input_example_info: info,
    };
    await expectError(readInputExample(folder, model), 'ERR_MLFLOW_UNSAFE_PATH');
    await writeFile(join(folder, 'MLmodel'), stringifyMLmodel(model));
    const problems = await validateModelDirectory(folder);
    const unsafe = problems.filter(
      ({ severity, message }) => severity === 'error' && message.includes('must be a path below'),
    );
    const fields = ['code', 'data', 'python_model', 'artifacts.a.path', 'env.conda', 'env.virtualenv'];
    const expected = [
      ...fields.map(field => `MLmodel: flavors.python_function.${field}`),
      'MLmodel: saved_input_example_info',
      'MLmodel: saved_input_example_info.serving_input_path',
    ];
    assert.equal(unsafe.map(problem => problem.path).sort(), expected.sort());
  });
}

test.run();
