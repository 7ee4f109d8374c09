/** Registering a model: a new version under a name. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GenAIError } from '../../errors.ts';
import { throwIfAborted } from '../../util/abort.ts';
import { checkOptions } from '../../util/options.ts';
import { checkInteger, checkRegisteredModelName, type Scalar } from './check.ts';
import { MlflowClient } from './client.ts';
import type { CallOptions } from './client-base.ts';
import type { LoggedModel, ModelVersion } from './entities.ts';
import { hasErrorCode } from './experiments.ts';
import { uriError } from './files/artifact-uri.ts';
import { listChecked } from './files/remote-tree.ts';
import { parseModelUri } from './model-uri.ts';
import { loggedModelsOfRun } from './resolve-uri.ts';

export interface RegisterModelOptions extends CallOptions {
  /** Default: a new one, by the environment. */
  readonly client?: MlflowClient | undefined;
  /** Of the version. */
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
  readonly description?: string | undefined;
  /** How long to wait until the version is ready, in milliseconds; default 5 minutes, 0 does not wait. */
  readonly waitMs?: number | undefined;
}

const DEFAULT_WAIT_MS = 300_000;
const POLL_MS = 1000;

/**
 * Makes a new version of the registered model `name`, which is made when it is missing, as `mlflow.register_model` does.
 *
 * @param modelUri `models:/m-...` (what `logModel` returns), `runs:/<run id>/<name>`, or `models:/<name>/<version>` and its
 *   like for a copy of another version
 * @throws {GenAIError} `ERR_MLFLOW_URI`; `ERR_MLFLOW_HTTP`, also when the version does not get ready;
 *   `ERR_GENAI_INVALID_ARGUMENT`; or the signal's reason
 */
export async function registerModel(
  modelUri: string,
  name: string,
  options: RegisterModelOptions = {},
): Promise<ModelVersion> {
  checkOptions(options, ['client', 'tags', 'description', 'waitMs', 'signal']);
  const { client, waitMs = DEFAULT_WAIT_MS } = options;
  checkInteger(waitMs, 'waitMs', 0);
  checkRegisteredModelName(name);
  if (parseModelUri(modelUri).kind === 'path') {
    const message = `"${modelUri}" is a directory of this machine, which no server can read. Log it first: logModel({ modelDir, registeredModelName }).`;
    throw uriError(message, modelUri);
  }
  if (client !== undefined) return register(client, modelUri, name, options, waitMs);
  await using own = new MlflowClient();
  return register(own, modelUri, name, options, waitMs);
}

async function register(
  client: MlflowClient,
  modelUri: string,
  name: string,
  { tags, description, signal }: RegisterModelOptions,
  waitMs: number,
): Promise<ModelVersion> {
  try {
    await client.createRegisteredModel(name, { signal });
  } catch (error) {
    if (!hasErrorCode(error, 'RESOURCE_ALREADY_EXISTS', 'ALREADY_EXISTS')) throw error;
  }
  const { source, runId, modelId } = await findSource(client, modelUri, signal);
  const created = await client.createModelVersion(name, source, { runId, modelId, tags, description, signal });
  return waitMs === 0 ? created : ready(client, created, waitMs, signal);
}

interface Source {
  readonly source: string;
  readonly runId?: string | undefined;
  readonly modelId?: string | undefined;
}

/** What the server wants to know of the source: the model or the run that it belongs to. */
async function findSource(client: MlflowClient, uri: string, signal: AbortSignal | undefined): Promise<Source> {
  const parsed = parseModelUri(uri);
  switch (parsed.kind) {
    case 'models-id':
      return { source: `models:/${parsed.modelId}`, modelId: parsed.modelId };
    case 'runs':
      return findRunSource(client, parsed, signal);
    case 'path': // refused before
    case 'mlflow-artifacts':
      return { source: uri };
    default: {
      // The server finds the model and the run of that version itself.
      const { modelName, modelVersion } = await client.resolveModelUri(uri, { signal });
      return { source: `models:/${modelName}/${modelVersion}` };
    }
  }
}

/** The run's artifacts when a model lies there; else a model that the run has logged, the one of the last step. */
async function findRunSource(
  client: MlflowClient,
  { runId, path }: { runId: string; path: string },
  signal: AbortSignal | undefined,
): Promise<Source> {
  const { info, modelOutputs } = await client.getRun(runId, { signal });
  const place = `${info.artifactUri.replace(/\/+$/, '')}/${path}`;
  const files = await listChecked(client.openStore(place), '', signal);
  if (files.some(file => file.path === 'MLmodel')) return { source: place, runId };
  const models = path === '' ? [] : await loggedModelsOfRun(client, info, path, signal);
  const stepOf = (model: LoggedModel): number =>
    modelOutputs.find(output => output.modelId === model.modelId)?.step ?? Number.NEGATIVE_INFINITY;
  const [model] = models.sort((a, b) => stepOf(b) - stepOf(a));
  if (model !== undefined) return { source: `models:/${model.modelId}`, runId, modelId: model.modelId };
  const message = `The run ${runId} has no model "${path}": neither among its artifacts nor among its logged models.`;
  throw new GenAIError('ERR_MLFLOW_URI', message, { details: { runId, path } });
}

async function ready(
  client: MlflowClient,
  created: ModelVersion,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<ModelVersion> {
  const deadline = performance.now() + waitMs;
  let version = created;
  while (version.status === 'PENDING_REGISTRATION' && performance.now() < deadline) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => throwIfAborted(signal));
    version = await client.getModelVersion(version.name, version.version, { signal });
  }
  if (version.status === 'READY') return version;
  const { name, version: number, status, statusMessage = '' } = version;
  const message = `Version ${number} of "${name}" did not get ready: its status is ${status}. ${statusMessage}`.trim();
  throw new GenAIError('ERR_MLFLOW_HTTP', message, { details: { name, version: number, status } });
}
