/** Model directories, sound and broken, with what our validation says of each and what real MLflow does with it. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { condaYaml, pythonEnvYaml } from '../../../src/mlflow/format/environment.ts';
import { prepareInputExample } from '../../../src/mlflow/format/input-example.ts';
import { type MLmodel, stringifyMLmodel } from '../../../src/mlflow/format/mlmodel.ts';
import { ModelSignature } from '../../../src/mlflow/format/schema/signature.ts';

type Fields = Record<string, unknown>;

/** The MLmodel file before it is written, and the texts of the other files. */
interface Sketch {
  readonly model: MLmodel;
  readonly pyfunc: Fields;
  readonly files: Map<string, string>;
  /** Links by path. */
  readonly links: Map<string, string>;
  /** In place of the text of `model`. */
  text?: string;
}

export interface Case {
  readonly name: string;
  readonly change: (sketch: Sketch) => void;
  /** Severity, field, and a part of the message, of each problem. */
  readonly problems: readonly (readonly [severity: 'error' | 'warning', path: string, text: string])[];
  /** Whether real MLflow loads the directory. */
  readonly loads: boolean;
  /** Why MLflow loads what we call an error. */
  readonly ours?: string;
}

const PYFUNC = 'MLmodel: flavors.python_function';

/** A class that needs no pickle: code that runs when the model is loaded. */
const SCRIPT = `import os
import mlflow


class Answer(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        for path in context.artifacts.values():
            os.listdir(path)

    def predict(self, context, model_input, params=None):
        return ["Run"]


mlflow.models.set_model(Answer())
`;

function useScript({ pyfunc, files }: Sketch): void {
  Object.assign(pyfunc, { loader_module: 'mlflow.pyfunc.loaders.code_model', model_code_path: '/elsewhere/script.py' });
  Object.assign(pyfunc, { artifacts: { phi3: { path: 'data/phi3', uri: 'x' } } });
  delete pyfunc['data'];
  delete pyfunc['code'];
  files.set('script.py', SCRIPT);
}

function signed(inputs: unknown): (sketch: Sketch) => void {
  return ({ model }) => {
    model['signature'] = { inputs: JSON.stringify(inputs), outputs: null, params: null };
  };
}

const ALL: readonly Case[] = [
  { name: 'sound', change: () => {}, problems: [], loads: true },
  { name: 'sound with a script', change: useScript, problems: [], loads: true },
  {
    name: 'sound with another flavor first and unknown keys',
    change: ({ model }) =>
      Object.assign(model, { x_custom: { a: 1 }, flavors: { a_flavor: { x: [1] }, ...model.flavors } }),
    problems: [],
    loads: true,
  },
  {
    name: 'a package as loader module',
    change: ({ pyfunc, files }) => {
      files.set('code/loader_package/__init__.py', '');
      files.set('code/loader_package/inner.py', files.get('code/test_loader.py') ?? '');
      pyfunc['loader_module'] = 'loader_package.inner';
    },
    problems: [],
    loads: true,
  },
  {
    name: 'no MLmodel',
    change: sketch => sketch.files.set('MLmodel', 'absent'),
    problems: [['error', 'MLmodel', 'does not exist']],
    loads: false,
  },
  { name: 'MLmodel empty', change: text(''), problems: [['error', 'MLmodel', 'is empty']], loads: false },
  {
    name: 'MLmodel not YAML',
    change: text('a: [1'),
    problems: [['error', 'MLmodel', 'cannot be read as YAML']],
    loads: false,
  },
  {
    name: 'MLmodel a list',
    change: text('- a\n'),
    problems: [['error', 'MLmodel', 'must hold a mapping']],
    loads: false,
  },
  {
    name: 'MLmodel a text',
    change: text('flavors\n'),
    problems: [['error', 'MLmodel', 'must hold a mapping']],
    loads: false,
  },
  {
    name: 'MLmodel with a Python object',
    change: text('flavors: !!python/object/apply:os.getcwd []\n'),
    problems: [['error', 'MLmodel', 'python/object/apply']],
    loads: false,
  },
  {
    name: 'no flavors',
    change: text('mlflow_version: 3.17.2\n'),
    problems: [['error', 'MLmodel', 'has no "flavors"']],
    loads: false,
  },
  {
    name: 'flavors a list',
    change: text('flavors: [python_function]\n'),
    problems: [['error', 'MLmodel', '"flavors" that is no mapping']],
    loads: false,
  },
  {
    name: 'flavor a text',
    change: ({ model }) => Object.assign(model.flavors, { python_function: 'x' }),
    problems: [['error', 'MLmodel', 'flavor "python_function" that is no mapping']],
    loads: false,
  },
  {
    name: 'another flavor only',
    change: ({ model }) => Object.assign(model, { flavors: { onnxruntime_genai: {} } }),
    problems: [['error', 'MLmodel: flavors', 'no flavor "python_function" (flavors: onnxruntime_genai)']],
    loads: false,
  },
  {
    name: 'no loader_module',
    change: ({ pyfunc }) => delete pyfunc['loader_module'],
    problems: [['error', `${PYFUNC}.loader_module`, 'must name the Python module']],
    loads: false,
  },
  {
    name: 'loader_module a number',
    change: ({ pyfunc }) => Object.assign(pyfunc, { loader_module: 5 }),
    problems: [['error', `${PYFUNC}.loader_module`, 'must name the Python module']],
    loads: false,
  },
  {
    name: 'loader module not in code',
    change: ({ files }) => files.set('code/test_loader.py', 'absent'),
    problems: [['error', `${PYFUNC}.loader_module`, 'no module']],
    loads: false,
  },
  {
    name: 'code missing',
    change: ({ pyfunc }) => Object.assign(pyfunc, { code: 'nowhere' }),
    problems: [['error', `${PYFUNC}.loader_module`, 'below "nowhere"']],
    loads: false,
  },
  {
    name: 'no code, and the module is not installed',
    change: ({ pyfunc }) => delete pyfunc['code'],
    problems: [['warning', `${PYFUNC}.loader_module`, 'must be installed']],
    loads: false,
  },
  {
    name: 'data missing',
    change: ({ pyfunc }) => Object.assign(pyfunc, { data: 'nowhere' }),
    problems: [['error', `${PYFUNC}.data`, 'There is no "nowhere"']],
    loads: false,
  },
  {
    name: 'data a number',
    change: ({ pyfunc }) => Object.assign(pyfunc, { data: 5 }),
    problems: [['error', `${PYFUNC}.data`, 'is not a string']],
    loads: false,
  },
  {
    name: 'no data: the root',
    change: ({ pyfunc }) => delete pyfunc['data'],
    problems: [],
    loads: true,
  },
  {
    name: 'data above the directory',
    change: ({ pyfunc }) => Object.assign(pyfunc, { data: '../' }),
    problems: [['error', `${PYFUNC}.data`, 'climbs up']],
    loads: true,
    ours: 'MLflow follows every path',
  },
  {
    name: 'data absolute',
    change: ({ pyfunc }) => Object.assign(pyfunc, { data: '/' }),
    problems: [['error', `${PYFUNC}.data`, 'is absolute']],
    loads: true,
    ours: 'MLflow follows every path',
  },
  {
    name: 'data a link out of the directory',
    change: ({ pyfunc, links }) => {
      links.set('away', '..');
      pyfunc['data'] = 'away';
    },
    problems: [['error', `${PYFUNC}.data`, 'leads out of the directory']],
    loads: true,
    ours: 'MLflow follows every link',
  },
  {
    name: 'code above the directory',
    change: ({ pyfunc }) => Object.assign(pyfunc, { code: 'code/../code' }),
    problems: [['error', `${PYFUNC}.code`, 'climbs up']],
    loads: true,
    ours: 'MLflow follows every path',
  },
  {
    name: 'data null',
    change: ({ pyfunc }) => Object.assign(pyfunc, { data: null }),
    problems: [['error', `${PYFUNC}.data`, 'is not a string']],
    loads: false,
  },
  {
    name: 'code missing, for a loader of MLflow',
    change: sketch => {
      useScript(sketch);
      sketch.pyfunc['code'] = 'nowhere';
    },
    problems: [['warning', `${PYFUNC}.code`, 'There is no "nowhere"']],
    loads: true,
  },
  {
    name: 'artifacts null',
    change: sketch => {
      useScript(sketch);
      sketch.pyfunc['artifacts'] = null;
    },
    problems: [['error', `${PYFUNC}.artifacts`, 'must be a mapping']],
    loads: false,
  },
  {
    name: 'script missing',
    change: sketch => {
      useScript(sketch);
      sketch.files.set('script.py', 'absent');
    },
    problems: [['error', `${PYFUNC}.model_code_path`, 'There is no "script.py"']],
    loads: false,
  },
  {
    name: 'artifact missing',
    change: sketch => {
      useScript(sketch);
      sketch.pyfunc['artifacts'] = { phi3: { path: 'nowhere', uri: 'x' } };
    },
    problems: [['error', `${PYFUNC}.artifacts.phi3.path`, 'There is no "nowhere"']],
    loads: false,
  },
  {
    name: 'artifact without a path',
    change: sketch => {
      useScript(sketch);
      sketch.pyfunc['artifacts'] = { phi3: { uri: 'x' } };
    },
    problems: [['error', `${PYFUNC}.artifacts.phi3`, 'a mapping with "path"']],
    loads: false,
  },
  {
    name: 'artifacts a list',
    change: sketch => {
      useScript(sketch);
      sketch.pyfunc['artifacts'] = ['data/phi3'];
    },
    problems: [['error', `${PYFUNC}.artifacts`, 'must be a mapping']],
    loads: false,
  },
  {
    name: 'artifact above the directory',
    change: sketch => {
      useScript(sketch);
      sketch.pyfunc['artifacts'] = { phi3: { path: '..', uri: 'x' } };
    },
    problems: [['error', `${PYFUNC}.artifacts.phi3.path`, 'climbs up']],
    loads: true,
    ours: 'MLflow follows every path',
  },
  {
    name: 'class without a pickle',
    change: ({ pyfunc }) => Object.assign(pyfunc, { loader_module: 'mlflow.pyfunc.model' }),
    problems: [['error', `${PYFUNC}.python_model`, 'must name the file']],
    loads: false,
  },
  {
    name: 'pickle missing',
    change: ({ pyfunc }) =>
      Object.assign(pyfunc, { loader_module: 'mlflow.pyfunc.model', python_model: 'python_model.pkl' }),
    problems: [['error', `${PYFUNC}.python_model`, 'There is no "python_model.pkl"']],
    loads: false,
  },
  {
    name: 'no signature',
    change: ({ model }) => delete model['signature'],
    problems: [['warning', 'MLmodel: signature', 'There is no signature']],
    loads: true,
  },
  {
    name: 'signature a text',
    change: ({ model }) => Object.assign(model, { signature: 'inputs' }),
    problems: [['error', 'MLmodel', '"signature" that is no mapping']],
    loads: true,
    ours: 'MLflow loads the model, and fails when it predicts',
  },
  {
    name: 'signature empty',
    change: ({ model }) => Object.assign(model, { signature: {} }),
    problems: [['error', 'MLmodel: signature', 'signature is empty']],
    loads: false,
  },
  {
    name: 'signature members lists',
    change: ({ model }) => Object.assign(model, { signature: { inputs: [{ type: 'string', name: 'prompt' }] } }),
    problems: [['error', 'MLmodel', '"signature.inputs" that is no text']],
    loads: false,
  },
  {
    name: 'signature not JSON',
    change: ({ model }) => Object.assign(model, { signature: { inputs: "[{'type': 'string'}]" } }),
    problems: [['error', 'MLmodel: signature', 'signature.inputs is not JSON']],
    loads: false,
  },
  {
    name: 'key optional',
    change: signed([{ type: 'string', name: 'a', optional: true }]),
    problems: [['error', 'MLmodel: signature', 'unknown key "optional"']],
    loads: false,
  },
  {
    name: 'named and unnamed columns',
    change: signed([{ type: 'string', name: 'a' }, { type: 'string' }]),
    problems: [['error', 'MLmodel: signature', 'with and without a name']],
    loads: false,
  },
  { name: 'no columns', change: signed([]), problems: [['error', 'MLmodel: signature', 'is empty']], loads: false },
  {
    name: 'unknown type',
    change: signed([{ type: 'text', name: 'a' }]),
    problems: [['error', 'MLmodel: signature', 'unknown type "text"']],
    loads: false,
  },
  {
    name: 'tensors and columns',
    change: signed([
      { type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1] }, name: 'a' },
      { type: 'string', name: 'b' },
    ]),
    problems: [['error', 'MLmodel: signature', 'mixes tensors']],
    loads: false,
  },
  {
    name: 'array without required',
    change: signed([{ type: 'array', items: { type: 'string' }, name: 'messages' }]),
    problems: [['warning', 'MLmodel: signature.inputs', 'The column "messages" of type array has no "required"']],
    loads: true,
  },
  {
    name: 'a default of the wrong type',
    change: ({ model }) => {
      const params = JSON.stringify([{ name: 'n', type: 'long', default: 'x', shape: null }]);
      model['signature'] = { inputs: null, outputs: null, params };
    },
    problems: [['error', 'MLmodel: signature', 'has the type long, but the default "x"']],
    loads: false,
  },
  {
    name: 'env missing',
    change: ({ pyfunc }) => delete pyfunc['env'],
    problems: [['warning', `${PYFUNC}.env`, 'should be a mapping']],
    loads: true,
  },
  {
    name: 'env a text',
    change: ({ pyfunc }) => Object.assign(pyfunc, { env: 'conda.yaml' }),
    problems: [['warning', `${PYFUNC}.env`, 'should be a mapping']],
    loads: true,
  },
  {
    name: 'env file missing',
    change: ({ files }) => files.set('python_env.yaml', 'absent'),
    problems: [['warning', `${PYFUNC}.env.virtualenv`, 'There is no "python_env.yaml"']],
    loads: true,
  },
  {
    name: 'example missing',
    change: ({ files }) => files.set('input_example.json', 'absent'),
    problems: [['warning', 'MLmodel: saved_input_example_info', 'does not exist']],
    loads: true,
  },
  {
    name: 'example broken',
    change: ({ files }) => files.set('input_example.json', '{'),
    problems: [['warning', 'MLmodel: saved_input_example_info', 'is not JSON']],
    loads: true,
  },
  {
    name: 'example above the directory',
    change: ({ model }) =>
      Object.assign(model, { saved_input_example_info: { artifact_path: '../x', type: 'json_object' } }),
    problems: [['error', 'MLmodel: saved_input_example_info', 'climbs up']],
    loads: true,
    ours: 'MLflow loads the model without the example',
  },
  {
    name: 'serving example missing',
    change: ({ files }) => files.set('serving_input_example.json', 'absent'),
    problems: [
      ['warning', 'MLmodel: saved_input_example_info.serving_input_path', 'There is no "serving_input_example.json"'],
    ],
    loads: true,
  },
  {
    name: 'example info a text',
    change: ({ model }) => Object.assign(model, { saved_input_example_info: 'input_example.json' }),
    problems: [['error', 'MLmodel', '"saved_input_example_info" that is no mapping']],
    loads: true,
    ours: 'MLflow loads the model without the example',
  },
  {
    name: 'metadata a list',
    change: ({ model }) => Object.assign(model, { metadata: ['a'] }),
    problems: [['error', 'MLmodel', '"metadata" that is no mapping']],
    loads: false,
  },
  {
    name: 'model_id',
    change: ({ model }) => Object.assign(model, { model_id: 'm-0123456789abcdef0123456789abcdef' }),
    problems: [['warning', 'MLmodel: model_id', 'asks its tracking server']],
    loads: true,
  },
  {
    name: 'env_vars a text',
    change: ({ model }) => Object.assign(model, { env_vars: 'HOME' }),
    problems: [['error', 'MLmodel: env_vars', 'must be a list of texts']],
    loads: false,
  },
  {
    name: 'a key twice',
    change: sketch => {
      sketch.text = `${stringifyMLmodel(sketch.model)}model_uuid: other\n`;
    },
    problems: [['warning', 'MLmodel', 'MLflow takes the last one']],
    loads: true,
  },
];

export const CASES = ALL;

function text(value: string): (sketch: Sketch) => void {
  return sketch => {
    sketch.text = value;
  };
}

/** @param loader the module of this directory; Python keeps modules by their name, so each directory needs its own */
export async function writeDirectory(directory: string, { change }: Case, loader = 'test_loader'): Promise<void> {
  const sketch = soundSketch();
  change(sketch);
  const { files, links, model, pyfunc } = sketch;
  if (pyfunc['loader_module'] === 'test_loader') pyfunc['loader_module'] = loader;
  if (!files.has('MLmodel'))
    files.set('MLmodel', (sketch.text ?? stringifyMLmodel(model)).replace('module: test_loader', `module: ${loader}`));
  for (const [path, content] of files) {
    if (content === 'absent') continue;
    const file = join(directory, path.replace('test_loader', loader));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  for (const [path, target] of links) await symlink(target, join(directory, path));
}

function soundSketch(): Sketch {
  const example = prepareInputExample({ prompt: 'hi' });
  const pyfunc: Fields = {
    loader_module: 'test_loader',
    code: 'code',
    data: 'data',
    env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
    python_version: '3.11.7',
  };
  const signature = new ModelSignature({ inputs: [{ type: 'string', name: 'prompt' }], outputs: [{ type: 'string' }] });
  const loader =
    'import os\n\n\nclass Answer:\n    def predict(self, data, params=None):\n        return ["Run"]\n\n\n' +
    'def _load_pyfunc(path, model_config=None):\n    os.listdir(path)\n    return Answer()\n';
  return {
    model: {
      flavors: { python_function: pyfunc },
      mlflow_version: '3.17.2',
      model_uuid: '0123456789abcdef0123456789abcdef',
      saved_input_example_info: example.info,
      signature: signature.toDict(),
      utc_time_created: '2026-01-31 12:00:00.123456',
    },
    pyfunc,
    files: new Map([
      ['code/test_loader.py', loader],
      ['data/phi3/genai_config.json', '{}'],
      ['conda.yaml', condaYaml({ pythonVersion: '3.11.7', pipRequirements: ['numpy'] })],
      ['python_env.yaml', pythonEnvYaml({ pythonVersion: '3.11.7' })],
      ['requirements.txt', 'numpy'],
      ['input_example.json', example.inputExampleJson],
      ['serving_input_example.json', example.servingInputJson],
    ]),
    links: new Map(),
  };
}
