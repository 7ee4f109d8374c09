/** What a model directory consists of, made ready before a byte is written. */
import { randomUUID } from 'node:crypto';
import { PACKAGE, packageVersion } from '../../util/package.ts';
import { condaYaml, pythonEnvYaml, requirementsTxt } from '../format/environment.ts';
import { prepareInputExample } from '../format/input-example.ts';
import type { MLmodel } from '../format/mlmodel.ts';
import type { ModelSignature } from '../format/schema/signature.ts';
import { type PlacedArtifact, placeArtifacts } from './artifact-layout.ts';
import { callsOf } from './calls.ts';
import { readLoader } from './loader-file.ts';
import { CHAT_TASK, FILE_LIST, FLAVOR, MODEL_ARTIFACT, type ModelTask, PYFUNC } from './names.ts';
import { checkPackageOptions, type ModelFacts, type PackageOptions, readModelFacts } from './save-options.ts';
import { listSource, type SourceTree } from './source-files.ts';
import { GENAI_VERSION, genaiPackage, MLFLOW_VERSION, PYTHON_VERSION } from './versions.ts';

export interface ModelPackage {
  readonly task: ModelTask;
  readonly signature: ModelSignature;
  /** The large files. */
  readonly tree: SourceTree;
  readonly artifacts: readonly PlacedArtifact[];
  /** The loader, which belongs to the model as the artifacts do. */
  readonly code: TextFile;
  /** Everything else but MLmodel and the list of files. */
  readonly texts: readonly TextFile[];
  readonly mlmodel: MLmodel;
}

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Checks everything that saving could stumble over and that can be known now.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_MODEL_NOT_FOUND`, `ERR_GENAI_MODEL_INVALID`,
 *   `ERR_MLFLOW_SIGNATURE`, `ERR_MLFLOW_TRANSFER`, `ERR_MLFLOW_UNSAFE_PATH`
 */
export async function preparePackage(options: PackageOptions): Promise<ModelPackage> {
  const checked = checkPackageOptions(options);
  const { signature, example } = callsOf(checked);
  const facts = await readModelFacts(checked.artifacts);
  const artifacts = placeArtifacts(checked.artifacts);
  const tree: SourceTree = { files: [], directories: [] };
  for (const { source, path } of artifacts) {
    const { files, directories } = await listSource(source, path);
    tree.files.push(...files);
    tree.directories.push(...directories);
  }
  const loader = await readLoader();
  const code = { path: `code/${loader.module}.py`, text: loader.text };
  const prepared = example === null ? null : prepareInputExample(example.input, example.params);
  const examples = prepared === null ? [] : exampleFiles(prepared);
  const pythonVersion = options.pythonVersion ?? PYTHON_VERSION;
  const { modelConfig, task } = checked;
  return {
    task,
    signature,
    tree,
    artifacts,
    code,
    texts: [...environmentFiles(options, facts, pythonVersion), ...examples],
    mlmodel: {
      flavors: {
        [FLAVOR]: ourFlavor(options, { task, artifacts, modelConfig, facts }),
        [PYFUNC]: {
          code: 'code',
          ...(modelConfig === undefined ? {} : { config: { ...modelConfig } }),
          env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
          loader_module: loader.module,
          python_version: pythonVersion,
          streamable: true,
        },
      },
      is_signature_from_type_hint: false,
      mlflow_version: MLFLOW_VERSION,
      model_id: null,
      // As Python counts: artifacts and examples.
      model_size_bytes: sum([
        ...tree.files.map(file => file.size),
        ...examples.map(({ text }) => Buffer.byteLength(text)),
      ]),
      model_uuid: randomUUID().replaceAll('-', ''),
      prompts: null,
      ...(prepared === null ? {} : { saved_input_example_info: prepared.info }),
      signature: signature.toDict(),
      ...metadataOf(options, task),
      type_hint_from_example: false,
      utc_time_created: utcTime(new Date()),
    },
  };
}

function ourFlavor(
  options: PackageOptions,
  parts: { task: ModelTask; artifacts: readonly PlacedArtifact[]; modelConfig: object | undefined; facts: ModelFacts },
): Record<string, unknown> {
  const { task, artifacts, modelConfig, facts } = parts;
  const version = packageVersion();
  return {
    artifact: MODEL_ARTIFACT,
    artifacts: Object.fromEntries(artifacts.flatMap(({ keys, path, uri }) => keys.map(key => [key, { path, uri }]))),
    files: FILE_LIST,
    ...(modelConfig === undefined ? {} : { model_config: { ...modelConfig } }),
    model_type: facts.type,
    // How Node loads it: import { loadModel } from 'onnxruntime-genai-node/mlflow'.
    node: {
      dependencies: options.nodeDependencies ?? { [PACKAGE]: version },
      entry_point: `${PACKAGE}/mlflow`,
      export: 'loadModel',
      package: PACKAGE,
      version,
    },
    onnxruntime_genai_version: GENAI_VERSION,
    task,
  };
}

function environmentFiles(options: PackageOptions, facts: ModelFacts, pythonVersion: string): TextFile[] {
  const standard = [`mlflow==${MLFLOW_VERSION}`, `${genaiPackage(facts.providers)}==${GENAI_VERSION}`];
  const pipRequirements = options.pipRequirements ?? [...standard, ...(options.extraPipRequirements ?? [])];
  return [
    { path: 'conda.yaml', text: condaYaml({ pythonVersion, pipRequirements }) },
    { path: 'python_env.yaml', text: pythonEnvYaml({ pythonVersion }) },
    { path: 'requirements.txt', text: requirementsTxt(pipRequirements) },
  ];
}

function exampleFiles({
  inputExampleJson,
  servingInputJson,
  info,
}: ReturnType<typeof prepareInputExample>): TextFile[] {
  return [
    { path: info.artifact_path, text: inputExampleJson },
    { path: info.serving_input_path ?? 'serving_input_example.json', text: servingInputJson },
  ];
}

function metadataOf({ metadata }: PackageOptions, task: ModelTask): { metadata?: Record<string, unknown> } {
  if (task === CHAT_TASK) return { metadata: { ...metadata, task } };
  return metadata === undefined ? {} : { metadata: { ...metadata } };
}

/** `2026-11-22 17:52:33.693000`: naive UTC with microseconds, as Python's `datetime` prints it. */
function utcTime(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '000');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
