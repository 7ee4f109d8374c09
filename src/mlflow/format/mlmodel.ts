/**
 * The MLmodel file, the heart of a model directory: which flavors the model has and where their files are.
 * Source: mlflow/models/model.py of MLflow 3.17.2.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GenAIError } from '../../errors.ts';
import { isObject } from '../../util/objects.ts';
import { readTextInside } from './read-file.ts';
import { ModelSignature, type SignatureTexts } from './schema/signature.ts';
import { MAX_YAML_LENGTH, parseYaml, stringifyYaml } from './yaml/yaml.ts';
import { YamlTimestamp } from './yaml/yaml-scalars.ts';

export const MLMODEL_FILE = 'MLmodel';

/** The contents of an MLmodel file, as they stand there. What is not known here is kept. */
export interface MLmodel {
  /** By name: `python_function`, `transformers`, ... */
  flavors: Record<string, Record<string, unknown>>;
  /** JSON in texts; `signatureOf` reads it. */
  signature?: Partial<SignatureTexts> | null;
  saved_input_example_info?: InputExampleInfo | null;
  metadata?: Record<string, unknown> | null;
  model_uuid?: string | null;
  model_id?: string | null;
  run_id?: string | null;
  artifact_path?: string | null;
  mlflow_version?: string | null;
  /** `2026-11-22 17:52:33.693301`, in UTC. */
  utc_time_created?: string | null;
  model_size_bytes?: number | null;
  prompts?: unknown;
  [other: string]: unknown;
}

/** Where the input example is and how it was written. */
export interface InputExampleInfo {
  /** The file, mostly `input_example.json`. */
  artifact_path: string;
  /** `json_object`, `dataframe`, `ndarray`, ... */
  type: string;
  /** The same example as a body for the scoring server. */
  serving_input_path?: string;
  /** Present, and `true` or `'true'`, where the file holds parameters beside the input. */
  params?: boolean | string;
  /** For a dataframe: `split`. */
  pandas_orient?: string;
  [other: string]: unknown;
}

const TEXTS = ['model_uuid', 'model_id', 'run_id', 'artifact_path', 'mlflow_version', 'utc_time_created'];
const MAPPINGS = ['signature', 'saved_input_example_info', 'metadata'];

/**
 * Reads the text of an MLmodel file. Signature, paths and flavors are not looked into.
 *
 * A version, an id or a time that somebody wrote without quotes, so that YAML takes it for a number, is read as text.
 *
 * @param what names the text in messages
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` for what is no YAML or has members of the wrong type
 */
export function parseMLmodel(text: string, what = 'The MLmodel file'): MLmodel {
  const value = parseYaml(text, what);
  if (value === null) throw broken(what, 'is empty');
  if (!isMapping(value)) throw broken(what, 'must hold a mapping with "flavors"');
  checkFlavors(value['flavors'], what);
  for (const name of MAPPINGS) {
    const member = value[name] ?? null;
    if (member !== null && !isMapping(member)) throw broken(what, `has "${name}" that is no mapping`);
  }
  checkSignature(value['signature'], what);
  const texts = TEXTS.filter(name => name in value).map(name => [name, readText(value[name], name, what)] as const);
  // All members with a type have been checked.
  return { ...value, ...Object.fromEntries(texts) } as unknown as MLmodel;
}

/** The text of an MLmodel file, to the letter as MLflow would write it. @throws as `stringifyYaml` */
export function stringifyMLmodel(model: MLmodel): string {
  return stringifyYaml(model);
}

/**
 * Reads the MLmodel file of a model directory.
 *
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` where it is missing, over 4 MiB or broken; `ERR_MLFLOW_UNSAFE_PATH` where it
 *   is a link out of the directory
 */
export async function readMLmodel(directory: string): Promise<MLmodel> {
  const text = await readTextInside(directory, MLMODEL_FILE, 'The MLmodel file', MAX_YAML_LENGTH).catch(async error => {
    const hint = await whatElse(directory);
    throw hint === undefined ? error : new GenAIError('ERR_MLFLOW_FORMAT', hint, { details: { path: directory } });
  });
  return parseMLmodel(text, `The MLmodel file in ${directory}`);
}

/** What a directory without an MLmodel file probably is, and what to do about it. */
async function whatElse(directory: string): Promise<string | undefined> {
  const isThere = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (await isThere(join(directory, MLMODEL_FILE))) return undefined;
  if (await isThere(join(directory, 'genai_config.json'))) {
    return `${directory} is a model folder of onnxruntime-genai, and no MLflow model: save it as one first, by saveModel() or "ort-genai mlflow save <new folder> --model ${directory}".`;
  }
  if (await isThere(directory)) return undefined;
  return `The model directory ${directory} does not exist. (A registered model is "models:/<name>@<alias>".)`;
}

/** The signature, or null for a model without. @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` for a broken one */
export function signatureOf(model: MLmodel): ModelSignature | null {
  const { signature } = model;
  return signature === undefined || signature === null ? null : ModelSignature.fromDict(signature);
}

function checkFlavors(flavors: unknown, what: string): void {
  if (flavors === undefined || flavors === null) throw broken(what, 'has no "flavors": it is no MLmodel file');
  if (!isMapping(flavors)) throw broken(what, 'has "flavors" that is no mapping');
  const odd = Object.keys(flavors).find(name => !isMapping(flavors[name]));
  if (odd !== undefined) throw broken(what, `has a flavor "${odd}" that is no mapping`);
}

function checkSignature(signature: unknown, what: string): void {
  if (!isMapping(signature)) return;
  for (const name of ['inputs', 'outputs', 'params']) {
    const member = signature[name] ?? null;
    if (member !== null && typeof member !== 'string') {
      throw broken(what, `has "signature.${name}" that is no text: it must hold JSON in quotes`);
    }
  }
}

function readText(value: unknown, name: string, what: string): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof YamlTimestamp) return String(value);
  throw broken(what, `has "${name}" that is no text`);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !(value instanceof YamlTimestamp || value instanceof Uint8Array || value instanceof Set);
}

function broken(what: string, why: string): GenAIError {
  return new GenAIError('ERR_MLFLOW_FORMAT', `${what} ${why}.`, { details: { what } });
}
