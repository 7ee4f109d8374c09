/**
 * Input examples: what a person gives, what MLflow stores, and what its scoring server takes.
 * Source: mlflow/models/utils.py of MLflow 3.17.2 (`_Example`).
 */
import { GenAIError, invalidArgument } from '../../errors.ts';
import { isObject } from '../../util/objects.ts';
import type { InputExampleInfo, MLmodel } from './mlmodel.ts';
import { parsePythonJson } from './python/parse-python-json.ts';
import { pythonJson } from './python/python-json.ts';
import { readTextInside } from './read-file.ts';

export const INPUT_EXAMPLE_FILE = 'input_example.json';
export const SERVING_EXAMPLE_FILE = 'serving_input_example.json';

/** The keys of chats, completions and embeddings: the server takes an object with one of them as it is. */
const UNIFIED_KEYS = ['messages', 'prompt', 'input'];

/** Bytes of an example that are read. */
const MAX_BYTES = 64 * 1024 * 1024;

/** An example ready to be written. */
export interface PreparedExample {
  /** The text of `input_example.json`. */
  readonly inputExampleJson: string;
  /** The text of `serving_input_example.json`: a body for `POST /invocations`. */
  readonly servingInputJson: string;
  /** `saved_input_example_info` of the MLmodel file. */
  readonly info: InputExampleInfo;
}

/** An example as it is read. */
export interface InputExample {
  /** The input; the rows of a dataframe as objects by column. */
  readonly input: unknown;
  readonly params: Readonly<Record<string, unknown>> | null;
}

/**
 * Both texts of an example, to the letter as MLflow writes them for the same value.
 *
 * @param example plain data: an object, a list, a text, a number, a boolean; bytes become base64
 * @param params parameters of the call; an empty object counts as none
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for null and for what JSON cannot hold
 */
export function prepareInputExample(example: unknown, params?: Readonly<Record<string, unknown>>): PreparedExample {
  if (example === null || example === undefined) throw invalidArgument('inputExample', 'plain data', example);
  if (params !== undefined && !isObject(params)) throw invalidArgument('params', 'an object', params);
  const input = encodeBytes(example);
  const given = params === undefined || Object.keys(params).length === 0 ? null : encodeBytes(params);
  const isUnified = isObject(input) && UNIFIED_KEYS.some(key => Object.hasOwn(input, key));
  const body = isUnified ? input : { inputs: input };
  const extra = given === null ? {} : isUnified ? (given as object) : { params: given };
  return {
    inputExampleJson: pythonJson(given === null ? input : { inputs: input, params: given }),
    servingInputJson: pythonJson({ ...body, ...extra }, { indent: 2 }),
    info: {
      artifact_path: INPUT_EXAMPLE_FILE,
      ...(given === null ? {} : { params: 'true' }),
      serving_input_path: SERVING_EXAMPLE_FILE,
      type: 'json_object',
    },
  };
}

/**
 * The example of a model directory, or null for a model without one.
 *
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` for a file that is missing, broken or of a kind that only Python can hold
 *   (sparse matrices); `ERR_MLFLOW_UNSAFE_PATH` for one outside of the directory
 */
export async function readInputExample(directory: string, model: MLmodel): Promise<InputExample | null> {
  const info = model.saved_input_example_info ?? null;
  if (info === null) return null;
  const what = 'The input example';
  const text = await readTextInside(directory, info.artifact_path, what, MAX_BYTES);
  const stored = parsePythonJson(text, `${what} of ${directory}`);
  const hasParams = Boolean(info.params ?? false);
  if (hasParams && !(isObject(stored) && 'inputs' in stored && isObject(stored['params']))) {
    throw broken(directory, 'must hold "inputs" and "params", as the MLmodel file says');
  }
  const parts = hasParams
    ? (stored as { inputs: unknown; params: Record<string, unknown> })
    : { inputs: stored, params: null };
  return { input: readInput(parts.inputs, info.type, directory), params: parts.params };
}

function readInput(stored: unknown, type: unknown, directory: string): unknown {
  if (type === 'json_object' || type === 'ndarray') return stored;
  if (type === 'dataframe') return readRows(stored, directory);
  throw broken(directory, `is of the type ${JSON.stringify(type)}, which cannot be read here`);
}

/** MLflow leaves the names away where pandas has only counted the columns. */
function readRows(stored: unknown, directory: string): Record<string, unknown>[] {
  const { columns = null, data } = isObject(stored) ? stored : {};
  const isTable = Array.isArray(data) && data.every(Array.isArray) && (columns === null || Array.isArray(columns));
  if (!isTable) throw broken(directory, 'must hold "data" with a list for each row, and may hold "columns"');
  return (data as unknown[][]).map(row =>
    Object.fromEntries(row.map((value, index) => [String((columns as unknown[] | null)?.[index] ?? index), value])),
  );
}

/** Bytes as Python's `base64.encodebytes` writes them: lines of 76 characters, each with its line break. */
function encodeBytes(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return Buffer.from(value)
      .toString('base64')
      .replace(/.{1,76}/g, '$&\n');
  if (Array.isArray(value)) return value.map(encodeBytes);
  if (!isObject(value) || 'toJSON' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodeBytes(item)]));
}

function broken(directory: string, why: string): GenAIError {
  return new GenAIError('ERR_MLFLOW_FORMAT', `The input example of ${directory} ${why}.`, {
    details: { path: directory },
  });
}
