/**
 * Native code that a model brings along, or asks for. A model is data to whoever loads it, but genai_config.json can name
 * libraries, which ONNX Runtime loads into this process: `custom_ops_library` of any `session_options` (searched in the
 * model folder, beside execution providers and in the current directory), backends and plugins of execution providers.
 * Source: src/config.cpp, src/models/model.cpp and src/vitisai/session_options.cpp of onnxruntime-genai.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GenAIError } from '../../errors.ts';
import { readTextInside } from '../format/read-file.ts';

const CONFIG = 'genai_config.json';

/** A configuration of a thousand layers is shorter. */
const MAX_BYTES = 16 * 2 ** 20;

/** Sections whose strings reach ONNX Runtime and its execution providers as they are. */
const OPTIONS = ['session_options', 'run_options', 'provider_options'];

/** `custom_ops_library`, `external_ep_libray` (VitisAI, spelled like this), `trt_extra_plugin_lib_paths`, ... */
const LIBRARY = /librar?y|plugin/i;

/**
 * Refuses a configuration that names a library, and one whose options name any file of the model or a path: which of
 * them an execution provider loads as a library, only the provider knows. The plain name of an installed library, such
 * as `QnnHtp.dll`, is let through.
 *
 * @param directory the model folder
 * @throws {GenAIError} `ERR_MLFLOW_UNSAFE_PATH` naming the option; `ERR_MLFLOW_FORMAT` for an endless file
 */
export async function refuseNativeCode(directory: string): Promise<void> {
  const text = await readTextInside(directory, CONFIG, 'The configuration of the model', MAX_BYTES);
  if (!isJson(text)) return; // Model.load says what is wrong with it, before the library reads it
  for (const { path, value } of stringsOf(text)) {
    const key = path.at(-1) ?? '';
    if (LIBRARY.test(key)) throw refused(key, value, 'names a library');
    if (!OPTIONS.some(section => path.includes(section))) continue;
    if (/[/\\]|^[A-Za-z]:/.test(value)) throw refused(key, value, 'names a path');
    if (await isFileOf(directory, value)) throw refused(key, value, 'names a file of the model');
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Found {
  /** Keys from the outside to the value; an element of an array has that of the array. */
  readonly path: readonly string[];
  readonly value: string;
}

/**
 * Every string value of a JSON text. JSON.parse keeps the last of several equal keys, where the library takes all of
 * them, one after the other; so this goes through the text itself.
 */
function* stringsOf(json: string): Generator<Found> {
  const above: string[] = [];
  let key = '';
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token.endsWith(':')) {
      key = JSON.parse(token.slice(0, -1));
      continue;
    }
    if (token === '{' || token === '[') above.push(key);
    else if (token === '}' || token === ']') above.pop();
    else yield { path: [...above, key].filter(name => name !== ''), value: JSON.parse(token) };
    key = '';
  }
}

/** Also under the ending that Windows adds. */
async function isFileOf(directory: string, name: string): Promise<boolean> {
  if (name === '') return false;
  for (const path of [name, `${name}.dll`]) {
    const info = await stat(join(directory, path)).catch(() => null);
    if (info?.isFile() === true) return true;
  }
  return false;
}

function refused(key: string, value: string, why: string): GenAIError {
  const message =
    `${CONFIG} of the model has ${JSON.stringify(key)}: ${JSON.stringify(value)}, which ${why}: native code that would ` +
    'run in this process. If you trust whoever made the model, load it with the option allowCustomOps: true (--allow-custom-ops).';
  return new GenAIError('ERR_MLFLOW_UNSAFE_PATH', message, { details: { key, value } });
}
