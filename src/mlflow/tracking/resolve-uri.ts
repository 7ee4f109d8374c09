/** From the name of a model to the place of its files. */
import { GenAIError } from '../../errors.ts';
import { checkLoggedModelName } from './check.ts';
import type { LoggedModel, ModelVersion } from './entities.ts';
import { hasErrorCode } from './experiments.ts';
import { uriError } from './files/artifact-uri.ts';
import { type ModelUri, parseModelUri } from './model-uri.ts';
import { allPages } from './paging.ts';
import type { RegistryClient } from './registry.ts';

/** Where a model's files lie, and what the server calls it. */
export interface ResolvedModel {
  /** `mlflow-artifacts:/...` or a path. */
  readonly artifactUri: string;
  readonly modelName?: string;
  readonly modelVersion?: string;
  readonly modelId?: string;
  readonly runId?: string;
}

/**
 * @throws {GenAIError} `ERR_MLFLOW_URI`; `ERR_MLFLOW_HTTP` for a name, version, alias or run that the server does not
 *   know; or the signal's reason
 */
export async function resolveUri(
  client: RegistryClient,
  uri: string,
  signal: AbortSignal | undefined,
): Promise<ResolvedModel> {
  const parsed = parseModelUri(uri);
  switch (parsed.kind) {
    case 'path':
    case 'mlflow-artifacts':
      return { artifactUri: uri };
    case 'runs':
      return resolveRun(client, parsed, signal);
    case 'models-id':
      return fromLoggedModel(await client.getLoggedModel(parsed.modelId, { signal }));
    default:
      return resolveVersion(client, await findVersion(client, parsed, uri, signal), signal);
  }
}

type RegisteredUri = Extract<ModelUri, { name: string }>;

async function findVersion(
  client: RegistryClient,
  uri: RegisteredUri,
  text: string,
  signal: AbortSignal | undefined,
): Promise<{ name: string; version: string }> {
  const { kind, name } = uri;
  if (kind === 'models-version') return { name, version: uri.version };
  if (kind === 'models-alias') return client.getModelVersionByAlias(name, uri.alias, { signal });
  const stages = kind === 'models-stage' ? [uri.stage] : undefined;
  const versions = await client.getLatestVersions(name, { stages, signal });
  const newest = versions.sort((a, b) => Number(b.version) - Number(a.version))[0];
  if (newest !== undefined) return newest;
  const which = kind === 'models-stage' ? ` in the stage "${uri.stage}"` : '';
  throw uriError(`"${text}": the registered model "${name}" has no version${which}.`, text);
}

async function resolveVersion(
  client: RegistryClient,
  { name, version }: { name: string; version: string },
  signal: AbortSignal | undefined,
): Promise<ResolvedModel> {
  const found: ModelVersion = await client.getModelVersion(name, version, { signal });
  const artifactUri = await client.getModelVersionDownloadUri(name, version, { signal });
  const { runId } = found;
  // Servers do not say it in a field of its own (seen: 3.17.2).
  const modelId = found.modelId ?? /^models:\/(m-[0-9a-f]{32})$/.exec(found.source)?.[1];
  const known = {
    modelName: name,
    modelVersion: version,
    ...(modelId === undefined ? {} : { modelId }),
    ...(runId === undefined ? {} : { runId }),
  };
  // A registry that keeps the source as it was given names another URI, one step nearer.
  if (!/^(models|runs):/i.test(artifactUri)) return { ...known, artifactUri };
  const source = parseModelUri(artifactUri);
  if (source.kind !== 'runs' && source.kind !== 'models-id') {
    throw uriError(
      `Version ${version} of "${name}" lies at "${artifactUri}", which is no place of files.`,
      artifactUri,
    );
  }
  return { ...(await resolveUri(client, artifactUri, signal)), ...known };
}

function fromLoggedModel({ artifactUri, modelId, sourceRunId }: LoggedModel): ResolvedModel {
  return { artifactUri, modelId, ...(sourceRunId === undefined ? {} : { runId: sourceRunId }) };
}

/** A model that the run logged under this name (MLflow 3), or else the run's own artifacts, as before. */
async function resolveRun(
  client: RegistryClient,
  { runId, path }: Extract<ModelUri, { kind: 'runs' }>,
  signal: AbortSignal | undefined,
): Promise<ResolvedModel> {
  const { info } = await client.getRun(runId, { signal });
  const [name = '', ...rest] = path.split('/');
  const [model] = name === '' ? [] : await loggedModelsOfRun(client, info, name, signal);
  if (model !== undefined) {
    const found = fromLoggedModel(model);
    return { ...found, artifactUri: join(found.artifactUri, rest.join('/')), runId };
  }
  if (info.artifactUri === '') {
    throw new GenAIError('ERR_MLFLOW_HTTP', `The server does not say where the artifacts of run ${runId} lie.`);
  }
  return { artifactUri: join(info.artifactUri, path), runId };
}

/** Newest first. A server older than MLflow 3 has no logged models. */
export async function loggedModelsOfRun(
  client: RegistryClient,
  { runId, experimentId }: { runId: string; experimentId: string },
  name: string,
  signal: AbortSignal | undefined,
): Promise<LoggedModel[]> {
  try {
    checkLoggedModelName(name);
  } catch {
    return []; // no model has such a name
  }
  const filter = `name = '${name}'`;
  const experimentIds = [experimentId];
  const models: LoggedModel[] = [];
  try {
    const search = (pageToken: string | undefined) =>
      client.searchLoggedModels({ experimentIds, filter, pageToken, signal });
    for await (const model of allPages(search)) if (model.sourceRunId === runId) models.push(model);
  } catch (error) {
    if (!hasErrorCode(error, 'ENDPOINT_NOT_FOUND', 'NOT_FOUND')) throw error;
  }
  return models;
}

function join(uri: string, path: string): string {
  return path === '' ? uri : `${uri.replace(/\/+$/, '')}/${path}`;
}
