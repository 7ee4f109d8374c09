/** Model directories that are wrong, one by one. */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../../src/errors.ts';
import { type LoadModelOptions, loadModel, saveModel } from '../../../src/mlflow/flavor/index.ts';
import { DEMO_MODEL } from '../../helpers/demo-model.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { type TemporaryFolder, temporaryFolder, writeDummyModel, writeFiles } from './folders.ts';
import { linkDemoModel, writePythonModel } from './python-model.ts';

const test = suite<{ folder: TemporaryFolder }>('loadModel, bad input');

test.before.each(context => {
  context.folder = temporaryFolder();
});
test.after.each(({ folder }) => folder[Symbol.dispose]());

interface BadModel {
  readonly code: ErrorCode;
  /** Part of the message. */
  readonly text: string;
  /** Makes the directory. */
  readonly make: (path: string) => unknown;
  readonly options?: LoadModelOptions;
}

const save = (path: string): Promise<unknown> => saveModel({ path, modelDir: DEMO_MODEL });

/** Saves a good model and changes its MLmodel file. */
const edited =
  (from: string | RegExp, to: string) =>
  async (path: string): Promise<void> => {
    await saveModel({ path, modelDir: DEMO_MODEL, link: 'hard' });
    const file = join(path, 'MLmodel');
    const before = readFileSync(file, 'utf8');
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${from} is not in the MLmodel file`);
    writeFileSync(file, after);
  };

const MLMODEL = (flavors: string): string => `flavors:\n${flavors}\nmlflow_version: 3.17.2\n`;

const TRANSFORMERS = MLMODEL(`  python_function:
    loader_module: mlflow.transformers
  transformers:
    task: text-generation
    model_binary: model
    transformers_version: 4.57.1`);

const CASES: Readonly<Record<string, BadModel>> = {
  'nothing there': { code: 'ERR_MLFLOW_FORMAT', text: 'does not exist', make: () => {} },
  'a model folder that is no MLflow model': { code: 'ERR_MLFLOW_FORMAT', text: 'saveModel()', make: linkDemoModel },
  'an MLmodel that is no YAML': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'MLmodel',
    make: path => writeFiles(path, { MLmodel: 'flavors: [1, {' }),
  },
  'an empty MLmodel': { code: 'ERR_MLFLOW_FORMAT', text: 'empty', make: path => writeFiles(path, { MLmodel: '' }) },
  'an MLmodel that is HTML': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'MLmodel',
    make: path => writeFiles(path, { MLmodel: '<!doctype html><html><body>Login</body></html>' }),
  },
  'an MLmodel that is a folder': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'directory',
    make: path => mkdirSync(join(path, 'MLmodel'), { recursive: true }),
  },
  'a bomb of aliases': {
    code: 'ERR_MLFLOW_FORMAT',
    text: '',
    make: path => {
      const lines = [
        'a0: &a0 [x, x]',
        ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
      ];
      writeFiles(path, { MLmodel: `${lines.join('\n')}\nflavors: {}\n` });
    },
  },
  'a tag that makes Python objects': {
    code: 'ERR_MLFLOW_FORMAT',
    text: '',
    make: path => writeFiles(path, { MLmodel: 'flavors: !!python/object/apply:os.system ["touch /tmp/oops"]\n' }),
  },
  'no flavors': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'flavors',
    make: path => writeFiles(path, { MLmodel: 'run_id: x\n' }),
  },
  'an empty mapping of flavors': {
    code: 'ERR_MLFLOW_FLAVOR',
    text: 'no flavor at all',
    make: path => writeFiles(path, { MLmodel: 'flavors: {}\n' }),
  },
  'an unknown flavor': {
    code: 'ERR_MLFLOW_FLAVOR',
    text: 'only sklearn',
    make: path => writeFiles(path, { MLmodel: MLMODEL('  sklearn:\n    pickled_model: model.pkl') }),
  },
  'transformers, whose weights are not ONNX': {
    code: 'ERR_MLFLOW_FLAVOR',
    text: 'not ONNX. Convert them by the model builder',
    make: path => writeFiles(path, { MLmodel: TRANSFORMERS }),
  },
  'a Python model without artifacts': {
    code: 'ERR_MLFLOW_FLAVOR',
    text: 'only python_function',
    make: path => writeFiles(path, { MLmodel: MLMODEL('  python_function:\n    loader_module: mlflow.pyfunc.model') }),
  },
  'a Python model with other artifacts': {
    code: 'ERR_MLFLOW_FLAVOR',
    text: 'None of the artifacts of the model (weights)',
    make: path =>
      writePythonModel(path, { artifacts: { weights: 'artifacts/w' }, dummies: { 'artifacts/w': { a: '' } } }),
  },
  'artifacts that are a list': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'must be a mapping',
    make: path => writeFiles(path, { MLmodel: MLMODEL('  python_function:\n    artifacts: [a]') }),
  },
  'an artifact with ".." in its path': {
    code: 'ERR_MLFLOW_UNSAFE_PATH',
    text: '".."',
    make: path => {
      linkDemoModel(join(path, '..', 'outside'));
      writePythonModel(path, { artifacts: { 'phi3-mini-onnx': '../outside' } });
    },
  },
  'an artifact with an absolute path': {
    code: 'ERR_MLFLOW_UNSAFE_PATH',
    text: 'absolute',
    make: path => writePythonModel(path, { artifacts: { 'phi3-mini-onnx': DEMO_MODEL } }),
  },
  'an artifact that is a link out of the model': {
    code: 'ERR_MLFLOW_UNSAFE_PATH',
    text: 'leads out',
    make: path => {
      writePythonModel(path, { artifacts: { 'phi3-mini-onnx': 'artifacts/out' }, dummies: { 'artifacts/out': {} } });
      mkdirSync(join(path, 'artifacts'));
      symlinkSync(DEMO_MODEL, join(path, 'artifacts', 'out'));
    },
  },
  'a weights file that is a link out of the model': {
    code: 'ERR_MLFLOW_UNSAFE_PATH',
    text: 'leads out',
    make: path => {
      writePythonModel(path);
      rmSync(join(path, 'artifacts/phi3-demo/model.onnx.data'));
      symlinkSync(join(DEMO_MODEL, 'model.onnx.data'), join(path, 'artifacts/phi3-demo/model.onnx.data'));
    },
  },
  'our own path with ".."': {
    code: 'ERR_MLFLOW_UNSAFE_PATH',
    text: '".."',
    make: edited('path: artifacts/phi3-demo', 'path: artifacts/../../phi3-demo'),
  },
  'our own list of files outside': {
    code: 'ERR_MLFLOW_UNSAFE_PATH',
    text: '',
    make: edited('onnxruntime_genai_files.json', '../onnxruntime_genai_files.json'),
  },
  'a path that is a number': {
    code: 'ERR_MLFLOW_UNSAFE_PATH',
    text: 'not a string',
    make: edited('path: artifacts/phi3-demo', 'path: 7'),
  },
  'an unknown task': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'task',
    make: edited('task: prompt', 'task: llm/v1/embeddings'),
  },
  'an artifact that is not listed': {
    code: 'ERR_MLFLOW_FLAVOR',
    text: 'phi4',
    make: edited('artifact: phi3-mini-onnx', 'artifact: phi4'),
  },
  'a broken signature': {
    code: 'ERR_MLFLOW_SIGNATURE',
    text: '',
    make: edited(/"type": "string", "name": "prompt"/, '"type": "text", "name": "prompt"'),
  },
  'a signature that is YAML': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'signature.inputs',
    make: edited(/ {2}inputs: '.*'/, '  inputs:\n  - type: string'),
  },
  'a file of the model that is missing': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'model.onnx.data of the model is missing',
    make: async path => {
      await save(path);
      rmSync(join(path, 'artifacts/phi3-demo/model.onnx.data'));
    },
  },
  'a truncated file': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'has 1000 bytes, where 8317952 were saved',
    make: async path => {
      await save(path);
      truncateSync(join(path, 'artifacts/phi3-demo/model.onnx.data'), 1000);
    },
  },
  'a file that was changed': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'tokenizer_config.json of the model is not what was saved',
    options: { verify: 'hash' },
    make: async path => {
      await save(path);
      const file = join(path, 'artifacts/phi3-demo/tokenizer_config.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace('true', 'TRUE'));
    },
  },
  'a loader that was changed': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'code/ort_genai_node_',
    make: async path => {
      await save(path);
      const mlmodel = readFileSync(join(path, 'MLmodel'), 'utf8');
      appendFileSync(join(path, 'code', `${/loader_module: (\w+)/.exec(mlmodel)?.[1]}.py`), '\n');
    },
  },
  'no list of files, though it is named': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'does not exist',
    make: async path => {
      await save(path);
      rmSync(join(path, 'onnxruntime_genai_files.json'));
    },
  },
  'a list of files that is none': {
    code: 'ERR_MLFLOW_FORMAT',
    text: '"path", "size", "sha256"',
    make: async path => {
      await save(path);
      writeFileSync(join(path, 'onnxruntime_genai_files.json'), '{"files": [{"path": 1}]}');
    },
  },
  'no model folder at all': {
    code: 'ERR_MLFLOW_FORMAT',
    text: 'genai_config.json',
    make: async path => {
      await save(path);
      renameSync(join(path, 'artifacts'), join(path, 'others'));
    },
  },
  'a folder that the library refuses': {
    code: 'ERR_GENAI_MODEL_INVALID',
    text: '',
    make: async path => saveModel({ path, modelDir: writeDummyModel(join(path, '..', 'dummy')) }),
  },
};

test('every bad directory gets its code', async ({ folder }) => {
  const failures: string[] = [];
  for (const [index, [name, { code, text, make, options = {} }]] of Object.entries(CASES).entries()) {
    try {
      const path = folder.in(String(index), 'model');
      mkdirSync(folder.in(String(index)));
      await make(path);
      await expectError(loadModel(path, options), code, text);
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
});

test('bad arguments', async ({ folder }) => {
  const load = (uri: unknown, options: unknown = {}): Promise<unknown> =>
    loadModel(uri as string, options as LoadModelOptions);
  await expectError(load(''), 'ERR_GENAI_INVALID_ARGUMENT', 'uri');
  await expectError(load(undefined), 'ERR_GENAI_INVALID_ARGUMENT', 'uri');
  await expectError(load('a\0b'), 'ERR_GENAI_INVALID_ARGUMENT', 'NUL');
  await expectError(load('file://elsewhere/x'), 'ERR_MLFLOW_URI', 'file://elsewhere/x');
  for (const options of [
    { verify: 'all' },
    { artifact: 1 },
    { onWarning: 'log' },
    { signal: {} },
    { modelconfig: {} },
  ]) {
    await expectError(load(folder.path, options), 'ERR_GENAI_INVALID_ARGUMENT', Object.keys(options)[0]);
  }
  await save(folder.in('m'));
  await expectError(load(folder.in('m'), { modelConfig: { max_len: 3 } }), 'ERR_GENAI_INVALID_ARGUMENT', 'max_len');
  const reason = new Error('enough');
  await loadModel(folder.in('m'), { signal: AbortSignal.abort(reason) }).then(
    () => Promise.reject(new Error('loaded')),
    error => {
      if (error !== reason) throw error;
    },
  );
});

test.run();
