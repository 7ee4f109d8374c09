/** What of an MLmodel file can be run here, and how. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { GenAIError } from '../../errors.ts';
import { type ModelConfig, searchOptionsOf } from '../../phi3/index.ts';
import { isObject } from '../../util/objects.ts';
import type { MLmodel } from '../format/mlmodel.ts';
import { resolveInside } from '../format/safe-path.ts';
import type { ModelSignature } from '../format/schema/signature.ts';
import { CHAT_TASK, FLAVOR, MODEL_ARTIFACT, type ModelTask, PROMPT_TASK, PYFUNC } from './names.ts';

/** A model folder inside of an MLflow model. */
export interface Runnable {
  /** Absolute path of the folder with genai_config.json. */
  readonly directory: string;
  /** Its key among the artifacts. */
  readonly artifact: string;
  readonly task: ModelTask;
  readonly modelConfig: ModelConfig;
  /** Path of the list of files; undefined for a model that has none. */
  readonly fileList: string | undefined;
  /** What a person should know: that Python code was not run, that settings were left out. */
  readonly notice: string | undefined;
}

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Finds our flavor, or else the ONNX artifact of a Python model. Nothing of the model's code is looked at.
 *
 * @param artifact the key of the artifact to run, where there are several
 * @throws {GenAIError} `ERR_MLFLOW_FLAVOR` when nothing here can be run, `ERR_MLFLOW_FORMAT` when the MLmodel file
 *   contradicts itself or the folder, `ERR_MLFLOW_UNSAFE_PATH`
 */
export async function findRunnable(
  root: string,
  mlmodel: MLmodel,
  signature: ModelSignature | null,
  artifact: string | undefined,
): Promise<Runnable> {
  const ours = mlmodel.flavors[FLAVOR];
  const runnable =
    ours === undefined ? await fromPython(root, mlmodel, signature, artifact) : await fromOurs(root, ours, artifact);
  await refuseLinksOut(root, runnable.directory);
  return runnable;
}

async function fromOurs(root: string, flavor: Mapping, wanted: string | undefined): Promise<Runnable> {
  const { task, artifact: key = MODEL_ARTIFACT, files, model_config: modelConfig = {} } = flavor;
  if (task !== PROMPT_TASK && task !== CHAT_TASK) {
    throw format(
      `The task of the flavor ${FLAVOR} must be "${PROMPT_TASK}" or "${CHAT_TASK}", but is ${JSON.stringify(task)}.`,
    );
  }
  if (!isObject(modelConfig)) throw format(`model_config of the flavor ${FLAVOR} must be a mapping.`);
  const artifact = wanted ?? String(key);
  const folders = await folderPaths(root, flavor['artifacts'], FLAVOR);
  const directory = folders.get(artifact);
  if (directory === undefined) throw noSuchArtifact(artifact, [...folders.keys()]);
  if (!(await isModelFolder(directory))) throw missing(root, artifact, directory);
  const fileList = files === undefined || files === null ? undefined : String(files);
  return { directory, artifact, task, fileList, ...knownConfig(modelConfig) };
}

/** The folder that `mlflow.pyfunc.log_model(python_model=..., artifacts={...})` writes. */
async function fromPython(
  root: string,
  mlmodel: MLmodel,
  signature: ModelSignature | null,
  wanted: string | undefined,
): Promise<Runnable> {
  const pyfunc = mlmodel.flavors[PYFUNC];
  const folders = await folderPaths(root, pyfunc?.['artifacts'] ?? {}, PYFUNC);
  if (folders.size === 0) throw noFlavor(Object.keys(mlmodel.flavors));
  if (wanted !== undefined && !folders.has(wanted)) throw noSuchArtifact(wanted, [...folders.keys()]);
  const models: string[] = [];
  for (const [key, directory] of folders) if (await isModelFolder(directory)) models.push(key);
  const artifact = wanted ?? (folders.has(MODEL_ARTIFACT) ? MODEL_ARTIFACT : models[0]);
  if (artifact === undefined) throw noModelFolder([...folders.keys()]);
  const directory = String(folders.get(artifact));
  if (!models.includes(artifact)) throw missing(root, artifact, directory);
  if (wanted === undefined && artifact !== MODEL_ARTIFACT && models.length > 1) throw several(models);
  const config = pyfunc?.['config'] ?? {};
  const { modelConfig, notice } = knownConfig(isObject(config) ? config : {});
  return {
    directory,
    artifact,
    task: taskOf(mlmodel, signature),
    modelConfig,
    fileList: undefined,
    notice: [
      `The Python code of this model was not run: its artifact "${artifact}" was loaded by Phi3Model in its place.`,
      ...(notice === undefined ? [] : [notice]),
    ].join(' '),
  };
}

function taskOf({ metadata }: MLmodel, signature: ModelSignature | null): ModelTask {
  if (signature?.inputs?.some(({ name }) => name === 'messages') === true) return CHAT_TASK;
  const task = metadata?.['task'];
  return task === CHAT_TASK || task === 'agent/v1/chat' ? CHAT_TASK : PROMPT_TASK;
}

/** A Python class may be configured with anything; what is no search option is not for us. */
function knownConfig(config: Mapping): { modelConfig: ModelConfig; notice: string | undefined } {
  const entries = Object.entries(config);
  const known = entries.filter(([name, value]) => isSearchOption(name, value)) as [string, number | boolean][];
  const others = entries.filter(([name, value]) => !isSearchOption(name, value)).map(([name]) => name);
  return {
    modelConfig: Object.fromEntries(known),
    notice: others.length === 0 ? undefined : `Its configuration has what is no search option: ${others.join(', ')}.`,
  };
}

function isSearchOption(name: string, value: unknown): boolean {
  if (typeof value !== 'number' && typeof value !== 'boolean') return false;
  try {
    searchOptionsOf({ [name]: value });
    return true;
  } catch {
    return false;
  }
}

/** Absolute paths by key. */
async function folderPaths(root: string, artifacts: unknown, flavor: string): Promise<Map<string, string>> {
  if (!isObject(artifacts)) throw format(`The artifacts of the flavor ${flavor} must be a mapping.`);
  const paths = new Map<string, string>();
  for (const [key, artifact] of Object.entries(artifacts)) {
    const path = isObject(artifact) ? artifact['path'] : undefined;
    paths.set(key, await resolveInside(root, path, `The path of artifact "${key}"`));
  }
  return paths;
}

async function isModelFolder(directory: string): Promise<boolean> {
  const info = await stat(join(directory, 'genai_config.json')).catch(() => null);
  return info?.isFile() === true;
}

/** The library reads whatever a file of the folder leads to. */
async function refuseLinksOut(root: string, directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isSymbolicLink()) await resolveInside(root, relative(root, path), 'A link in the model folder');
    else if (entry.isDirectory()) await refuseLinksOut(root, path);
  }
}

function noFlavor(flavors: readonly string[]): GenAIError {
  const there = flavors.length === 0 ? 'no flavor at all' : `only ${flavors.join(', ')}`;
  const what = `The model has ${there}: neither ${FLAVOR} nor a ${PYFUNC} with an ONNX artifact, which is what runs here.`;
  const advice = flavors.includes('transformers')
    ? ' The weights of a transformers model are not ONNX. Convert them by the model builder of onnxruntime-genai ' +
      '(python -m onnxruntime_genai.models.builder -i <folder> -o <output> -p int4 -e cpu), and save the output by saveModel().'
    : ' Save a model folder with a genai_config.json by saveModel(), or log one from Python as an artifact.';
  return new GenAIError('ERR_MLFLOW_FLAVOR', what + advice, { details: { flavors } });
}

function noModelFolder(artifacts: readonly string[]): GenAIError {
  return new GenAIError(
    'ERR_MLFLOW_FLAVOR',
    `None of the artifacts of the model (${artifacts.join(', ')}) is a folder with a genai_config.json, which is what runs here.`,
    { details: { artifacts } },
  );
}

function several(models: readonly string[]): GenAIError {
  const message = `The model has several artifacts that can be run: ${models.join(', ')}. Name one by the option "artifact".`;
  return new GenAIError('ERR_MLFLOW_FLAVOR', message, { details: { artifacts: models } });
}

function noSuchArtifact(artifact: string, artifacts: readonly string[]): GenAIError {
  const message = `The model has no artifact "${artifact}"; it has ${artifacts.join(', ') || 'none'}.`;
  return new GenAIError('ERR_MLFLOW_FLAVOR', message, { details: { artifact, artifacts } });
}

function missing(root: string, artifact: string, directory: string): GenAIError {
  const path = relative(root, directory);
  return format(`The artifact "${artifact}" is to be a model folder, but ${path} has no genai_config.json.`, { path });
}

function format(message: string, details: Record<string, unknown> = {}): GenAIError {
  return new GenAIError('ERR_MLFLOW_FORMAT', message, { details });
}
