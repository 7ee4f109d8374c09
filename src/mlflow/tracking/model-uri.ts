/** URIs of models: what they say, without asking a server. */
import { safeRelativePath } from '../format/safe-path.ts';
import { checkArtifactPath } from './check.ts';
import { type ArtifactLocation, parseArtifactLocation, schemeOf, uriError } from './files/artifact-uri.ts';

export type ModelUri =
  | { readonly kind: 'models-version'; readonly name: string; readonly version: string }
  | { readonly kind: 'models-alias'; readonly name: string; readonly alias: string }
  /** The newest version of all. */
  | { readonly kind: 'models-latest'; readonly name: string }
  /** The newest version in a stage. */
  | { readonly kind: 'models-stage'; readonly name: string; readonly stage: string }
  /** A logged model. */
  | { readonly kind: 'models-id'; readonly modelId: string }
  /** A path of the run's artifacts, or the name of a model that it logged; `''` is the run's root. */
  | { readonly kind: 'runs'; readonly runId: string; readonly path: string }
  | ArtifactLocation;

/**
 * Understands what `mlflow.pyfunc.load_model` does: `models:/name/1`, `models:/name@alias`, `models:/name/latest`,
 * `models:/name/Production`, `models:/m-...`, `runs:/<run id>/<path or model name>`, `mlflow-artifacts:/...`, `file:`
 * and plain paths.
 *
 * @throws {GenAIError} `ERR_MLFLOW_URI` for a malformed URI and for kinds that are not supported (cloud storage,
 *   `http:`, Databricks); `ERR_MLFLOW_UNSAFE_PATH`; `ERR_GENAI_INVALID_ARGUMENT`
 */
export function parseModelUri(uri: string): ModelUri {
  const scheme = schemeOf(uri);
  if (scheme === 'models') return parseModels(uri);
  if (scheme === 'runs') return parseRuns(uri);
  return parseArtifactLocation(uri);
}

function parseModels(uri: string): ModelUri {
  const parts = partsOf(uri, 'models');
  const [name = '', suffix] = parts;
  if (parts.length > 2 || name.trim() === '' || suffix?.trim() === '') throw improper(uri, MODELS_FORM);
  if (suffix === undefined) {
    const at = name.lastIndexOf('@');
    if (at < 0) return { kind: 'models-id', modelId: modelIdOf(name, uri) };
    const alias = name.slice(at + 1);
    if (at === 0 || alias.trim() === '') throw improper(uri, MODELS_FORM);
    return { kind: 'models-alias', name: name.slice(0, at), alias };
  }
  if (/^\d+$/.test(suffix)) return { kind: 'models-version', name, version: suffix };
  if (suffix.toLowerCase() === 'latest') return { kind: 'models-latest', name };
  return { kind: 'models-stage', name, stage: suffix };
}

/** `m-` and 32 hexadecimal digits, as servers make them; without it a name is meant that lacks its version. */
function modelIdOf(text: string, uri: string): string {
  if (/^m-/.test(text)) return checkedId(text, uri, MODELS_FORM);
  const name = text.trim();
  const wanted = `"models:/${name}/1", "models:/${name}/latest" or "models:/${name}@<alias>"`;
  throw uriError(`"${uri}" says no version: it must be ${wanted}. (The id of a logged model begins with "m-".)`, uri);
}

const MODELS_FORM =
  '"models:/<name>/<version>", "models:/<name>/<stage>", "models:/<name>/latest", "models:/<name>@<alias>" or "models:/<model id>"';
const RUNS_FORM = '"runs:/<run id>/<path or name of a logged model>"';

function parseRuns(uri: string): ModelUri {
  const [runId = '', ...rest] = partsOf(uri, 'runs');
  const path = rest.join('/').replace(/\/+$/, '');
  return {
    kind: 'runs',
    runId: checkedId(runId, uri, RUNS_FORM),
    path: path === '' ? '' : checkArtifactPath(safeRelativePath(path, 'The path of a runs URI')),
  };
}

/** What stands behind `scheme:/`. A host would name a Databricks profile. */
function partsOf(uri: string, scheme: 'models' | 'runs'): string[] {
  const rest = uri.slice(scheme.length + 1);
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path.startsWith('//')) {
    throw uriError(`"${uri}" names a host, which stands for a Databricks workspace; those are not supported.`, uri);
  }
  if (!path.startsWith('/')) throw improper(uri, scheme === 'models' ? MODELS_FORM : RUNS_FORM);
  return path.slice(1).split('/');
}

function checkedId(id: string, uri: string, form: string): string {
  if (!/^[A-Za-z0-9][\w-]{0,255}$/.test(id)) throw improper(uri, form);
  return id;
}

function improper(uri: string, form: string): Error {
  return uriError(`"${uri}" is not a proper URI of its kind: it must be ${form}.`, uri);
}
