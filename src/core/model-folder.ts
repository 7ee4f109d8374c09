/** Reads a model folder before the library does, so that what is wrong with it is said plainly. */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GenAIError, invalidArgument } from '../errors.ts';
import { isObject, type JsonObject } from '../util/objects.ts';
import { checkText } from '../util/text.ts';
import { readSlidingWindow } from './sliding-window.ts';

/** What we need to know of `genai_config.json`. */
export interface ModelFolder {
  /** Absolute path. */
  readonly directory: string;
  readonly type: string;
  readonly contextLength: number;
  readonly vocabSize: number;
  /** Bytes of the ONNX files. */
  readonly sizeInBytes: number;
  /** Bytes of one token's keys and values in all layers, as float32 (half of it in 16-bit models). */
  readonly kvBytesPerToken: number;
  /** Tokens that a shared KV buffer holds, where that is less than the context; else null. */
  readonly slidingWindow: number | null;
  /** Speculative decoding is configured, so a step may give several tokens. */
  readonly drafts: boolean;
  /** The `search` section. */
  readonly search: JsonObject;
  /** The decoder's `session_options`. */
  readonly sessionOptions: JsonObject;
  /** Sessions read their weights from the bytes that they were given, for as long as they live. */
  readonly usesModelBytes: boolean;
  /** `engine.dynamic_batching`, which only a model exported with paged attention can have; null: batching is static. */
  readonly dynamicBatching: JsonObject | null;
}

/** A model folder's `genai_config.json`, with nothing said yet of the other files. */
export interface ModelConfigFile {
  /** Absolute path of the folder. */
  readonly directory: string;
  readonly config: JsonObject;
}

/** Bytes of model files that are not read from the folder, by file name. */
export type FilesInMemory = ReadonlyMap<string, number>;

const CONFIG = 'genai_config.json';

/** An entry of `session_options`, of whatever session. */
const USES_MODEL_BYTES = 'session.use_ort_model_bytes_directly';

/**
 * @throws {GenAIError} `ERR_GENAI_MODEL_NOT_FOUND` (folder or configuration missing) or `ERR_GENAI_MODEL_INVALID`
 *   (configuration broken)
 */
export async function readModelConfig(path: unknown): Promise<ModelConfigFile> {
  checkText('model folder', path);
  if (path === '') throw invalidArgument('model folder', 'the path of a folder', path);
  const directory = resolve(path);
  const folder = await statOrNull(directory);
  if (folder === null)
    throw notFound(
      directory,
      'The model folder does not exist',
      'A path is taken from the current directory, and nothing is downloaded: give a folder with genai_config.json, ' +
        'ONNX files and tokenizer.',
    );
  if (!folder.isDirectory()) throw notFound(directory, 'The model path is a file', 'Give the folder that holds it.');
  return { directory, config: await readConfig(join(directory, CONFIG)) };
}

/**
 * @param config what the library is told: the file with every overlay merged over it
 * @throws {GenAIError} `ERR_GENAI_MODEL_NOT_FOUND` (ONNX file missing), `ERR_GENAI_MODEL_INVALID` (configuration
 *   incomplete, ONNX file empty or a folder), `ERR_GENAI_INVALID_ARGUMENT` (bytes for a file that the model has not)
 */
export async function describeModel(
  { directory, config }: ModelConfigFile,
  inMemory: FilesInMemory = new Map(),
): Promise<ModelFolder> {
  const model = section(config, 'model');
  const decoder = section(model, 'decoder');
  return {
    directory,
    type: typeof model['type'] === 'string' ? model['type'] : invalid(directory, 'model.type must be a string'),
    contextLength: positiveInteger(directory, model, 'context_length'),
    vocabSize: positiveInteger(directory, model, 'vocab_size'),
    sizeInBytes: await sizeOfFiles(directory, model, inMemory),
    kvBytesPerToken: kvBytesPerToken(decoder),
    slidingWindow: readSlidingWindow(decoder, directory),
    drafts: [section(model, 'draft'), section(config, 'speculative')].some(found => Object.keys(found).length > 0),
    search: section(config, 'search'),
    sessionOptions: readSessionOptions(config),
    usesModelBytes: JSON.stringify(config).includes(USES_MODEL_BYTES),
    dynamicBatching: readDynamicBatching(section(config, 'engine')),
  };
}

/** The folder as it is. Throws what `readModelConfig` and `describeModel` throw. */
export async function readModelFolder(path: unknown): Promise<ModelFolder> {
  return describeModel(await readModelConfig(path));
}

/** The decoder's. */
export function readSessionOptions(config: JsonObject): JsonObject {
  return section(section(section(config, 'model'), 'decoder'), 'session_options');
}

/** Most tokens of the vocabulary, which is all that a tokenizer needs to know of a model. */
export function readVocabSize({ directory, config }: ModelConfigFile): number {
  return positiveInteger(directory, section(config, 'model'), 'vocab_size');
}

/** Of two kinds of batching the library takes the last one. */
function readDynamicBatching(engine: JsonObject): JsonObject | null {
  const kind = Object.keys(engine)
    .filter(key => key === 'dynamic_batching' || key === 'static_batching')
    .at(-1);
  return kind === 'dynamic_batching' ? section(engine, kind) : null;
}

function kvBytesPerToken(decoder: JsonObject): number {
  const counts = ['num_hidden_layers', 'num_key_value_heads', 'head_size'].map(key => Number(decoder[key] ?? 0));
  const product = counts.reduce((total, count) => total * count, 2 * Float32Array.BYTES_PER_ELEMENT);
  return Number.isSafeInteger(product) && product > 0 ? product : 0;
}

async function readConfig(file: string): Promise<JsonObject> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw notFound(
      file,
      `The model folder has no readable ${CONFIG}`,
      'It needs a model in the format of onnxruntime-genai (model builder).',
      cause,
    );
  }
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : invalid(file, 'it must hold a JSON object');
  } catch (cause) {
    if (cause instanceof GenAIError) throw cause;
    return invalid(file, (cause as Error).message, cause);
  }
}

/** Every `filename` below `model` must exist and not be empty; the external data beside it counts for the size. */
async function sizeOfFiles(directory: string, model: JsonObject, inMemory: FilesInMemory): Promise<number> {
  const names = filenames(model);
  const unknown = [...inMemory.keys()].find(name => !names.includes(name));
  if (unknown !== undefined) {
    const others = 'other files, such as weights beside it, stay in the folder';
    throw invalidArgument('modelData', `an ONNX file of the model (${names.join(', ')}; ${others})`, unknown);
  }
  if (names.length === 0) invalid(join(directory, CONFIG), 'it names no ONNX file (model.decoder.filename)');
  let total = 0;
  for (const name of names) {
    const file = join(directory, name);
    const bytes = inMemory.get(name);
    if (bytes !== undefined) {
      total += bytes + ((await statOrNull(`${file}.data`))?.size ?? 0);
      continue;
    }
    const info = await statOrNull(file);
    if (info === null)
      throw notFound(file, `The ONNX file that ${CONFIG} names does not exist`, 'Download the model again.');
    if (!info.isFile()) throw invalid(file, `it is a folder, where ${CONFIG} names an ONNX file`);
    if (info.size === 0) throw invalid(file, 'the ONNX file is empty');
    const data = await statOrNull(`${file}.data`);
    if (data?.size === 0) throw invalid(`${file}.data`, 'the file with the weights is empty');
    total += info.size + (data?.size ?? 0);
  }
  return total;
}

function filenames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(filenames);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'filename' && typeof item === 'string' && item !== '' ? [item] : filenames(item),
  );
}

function positiveInteger(path: string, object: JsonObject, key: string): number {
  const value = object[key];
  return Number.isInteger(value) && (value as number) > 0
    ? (value as number)
    : invalid(path, `model.${key} must be a positive integer in ${CONFIG}`);
}

/** As the library merges an overlay, but for arrays, which it adds to. */
export function merge(base: JsonObject, overlay: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overlay)) {
    const below = merged[key];
    merged[key] = isObject(below) && isObject(value) ? merge(below, value) : value;
  }
  return merged;
}

function section(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

async function statOrNull(path: string): Promise<(Awaited<ReturnType<typeof stat>> & { size: number }) | null> {
  try {
    return await stat(path);
  } catch {
    return null;
  }
}

function notFound(path: string, what: string, advice: string, cause?: unknown): GenAIError {
  return new GenAIError('ERR_GENAI_MODEL_NOT_FOUND', `${what}: ${path}. ${advice}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { path },
  });
}

function invalid(path: string, message: string, cause?: unknown): never {
  throw new GenAIError('ERR_GENAI_MODEL_INVALID', `The model at ${path} cannot be loaded: ${message}.`, {
    ...(cause === undefined ? {} : { cause }),
    details: { path },
  });
}
