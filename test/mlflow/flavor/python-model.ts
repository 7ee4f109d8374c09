/** Directories as Python's `mlflow.pyfunc.log_model(python_model=..., artifacts=...)` writes them, with the demo model. */
import { cpSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_MODEL } from '../../helpers/demo-model.ts';
import { writeFiles } from './folders.ts';

export interface PythonModel {
  /** Where artifacts lie, by key; each is a copy of the demo model unless `dummies` has it. */
  readonly artifacts?: Readonly<Record<string, string>>;
  /** Folders with these files in place of the demo model, by their path. */
  readonly dummies?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** YAML lines of the flavor, indented by four spaces. */
  readonly config?: string;
  /** The inputs of the signature as JSON; null: no signature. */
  readonly inputs?: string | null;
  /** Further lines. */
  readonly more?: string;
}

const PROMPT = '[{"type": "string", "name": "prompt", "required": true}]';

/** The text is that of MLflow 3.17.2, to the letter but for ids and sizes. */
export function writePythonModel(folder: string, model: PythonModel = {}): string {
  const {
    artifacts = { 'phi3-mini-onnx': 'artifacts/phi3-demo' },
    dummies = {},
    config = '',
    inputs = PROMPT,
    more = '',
  } = model;
  const lines = Object.entries(artifacts).map(
    ([key, path]) => `      ${key}:\n        path: ${path}\n        uri: somewhere\n`,
  );
  const signature =
    inputs === null
      ? ''
      : `signature:\n  inputs: '${inputs}'\n  outputs: '[{"type": "string", "required": true}]'\n  params: null\n`;
  writeFiles(folder, {
    MLmodel: `flavors:
  python_function:
    artifacts:
${lines.join('')}    cloudpickle_version: 3.1.2
    code: null
${config}    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.pyfunc.model
    python_model: python_model.pkl
    python_version: 3.11.7
    streamable: false
mlflow_version: 3.17.2
model_id: null
${more}${signature}utc_time_created: '2026-11-22 17:52:33.693301'
`,
    // Whoever opened it would fail.
    'python_model.pkl': 'this is no pickle',
  });
  for (const path of new Set(Object.values(artifacts))) {
    const files = dummies[path];
    if (files !== undefined) writeFiles(join(folder, path), files);
    else if (!path.includes('..') && !path.startsWith('/')) linkDemoModel(join(folder, path));
  }
  return folder;
}

/** Quicker than a copy; the tests change no file of it. */
export function linkDemoModel(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(DEMO_MODEL)) {
    try {
      linkSync(join(DEMO_MODEL, name), join(folder, name));
    } catch {
      cpSync(join(DEMO_MODEL, name), join(folder, name)); // on another file system
    }
  }
}
