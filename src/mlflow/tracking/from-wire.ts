/**
 * Entities out of the server's JSON. It leaves empty lists and unset fields away; a required field that is missing or of
 * another type means that something else than MLflow has answered.
 */
import { GenAIError } from '../../errors.ts';
import { isObject } from '../../util/objects.ts';
import type {
  Experiment,
  LoggedModel,
  LoggedModelStatus,
  Metric,
  ModelVersion,
  Page,
  RegisteredModel,
  RunInfo,
  RunRecord,
  RunStatus,
} from './entities.ts';

export type Wire = Readonly<Record<string, unknown>>;

export function toExperiment(wire: Wire): Experiment {
  return {
    experimentId: text(wire, 'experiment_id'),
    name: text(wire, 'name'),
    artifactLocation: textOr(wire, 'artifact_location', ''),
    lifecycleStage: textOr(wire, 'lifecycle_stage', 'active'),
    ...optionalNumber('creationTime', wire, 'creation_time'),
    ...optionalNumber('lastUpdateTime', wire, 'last_update_time'),
    tags: pairs(wire, 'tags'),
  };
}

export function toRunInfo(wire: Wire): RunInfo {
  return {
    runId: text(wire, 'run_id'),
    experimentId: text(wire, 'experiment_id'),
    runName: textOr(wire, 'run_name', ''),
    userId: textOr(wire, 'user_id', ''),
    status: textOr(wire, 'status', 'RUNNING') as RunStatus,
    ...optionalNumber('startTime', wire, 'start_time'),
    ...optionalNumber('endTime', wire, 'end_time'),
    artifactUri: textOr(wire, 'artifact_uri', ''),
    lifecycleStage: textOr(wire, 'lifecycle_stage', 'active'),
  };
}

export function toRun(wire: Wire): RunRecord {
  const data = objectOr(wire, 'data');
  const metrics = list(data, 'metrics').map(metric => [text(metric, 'key'), double(metric, 'value')]);
  return {
    info: toRunInfo(object(wire, 'info')),
    data: { params: pairs(data, 'params'), metrics: Object.fromEntries(metrics), tags: pairs(data, 'tags') },
    modelOutputs: list(objectOr(wire, 'outputs'), 'model_outputs').map(output => ({
      modelId: text(output, 'model_id'),
      step: integer(output, 'step') ?? 0,
    })),
  };
}

export function toMetric(wire: Wire): Metric {
  return {
    key: text(wire, 'key'),
    value: double(wire, 'value'),
    timestamp: integer(wire, 'timestamp') ?? 0,
    step: integer(wire, 'step') ?? 0,
    ...optionalText('modelId', wire, 'model_id'),
    ...optionalText('runId', wire, 'run_id'),
  };
}

const MODEL_STATUS: Readonly<Record<string, LoggedModelStatus>> = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'FAILED',
};

export function toLoggedModel(wire: Wire): LoggedModel {
  const info = object(wire, 'info');
  const data = objectOr(wire, 'data');
  return {
    modelId: text(info, 'model_id'),
    experimentId: text(info, 'experiment_id'),
    name: textOr(info, 'name', ''),
    artifactUri: text(info, 'artifact_uri'),
    ...optionalNumber('creationTimestamp', info, 'creation_timestamp_ms'),
    ...optionalNumber('lastUpdatedTimestamp', info, 'last_updated_timestamp_ms'),
    status: MODEL_STATUS[textOr(info, 'status', '')] ?? 'UNSPECIFIED',
    modelType: textOr(info, 'model_type', ''),
    ...optionalText('sourceRunId', info, 'source_run_id'),
    tags: pairs(info, 'tags'),
    params: pairs(data, 'params'),
    metrics: list(data, 'metrics').map(toMetric),
  };
}

export function toRegisteredModel(wire: Wire): RegisteredModel {
  const aliases = list(wire, 'aliases').map(alias => [text(alias, 'alias'), text(alias, 'version')]);
  return {
    name: text(wire, 'name'),
    ...optionalNumber('creationTimestamp', wire, 'creation_timestamp'),
    ...optionalNumber('lastUpdatedTimestamp', wire, 'last_updated_timestamp'),
    description: textOr(wire, 'description', ''),
    latestVersions: list(wire, 'latest_versions').map(toModelVersion),
    tags: pairs(wire, 'tags'),
    aliases: Object.fromEntries(aliases),
  };
}

export function toModelVersion(wire: Wire): ModelVersion {
  const aliases = wire['aliases'];
  return {
    name: text(wire, 'name'),
    version: text(wire, 'version'),
    ...optionalNumber('creationTimestamp', wire, 'creation_timestamp'),
    ...optionalNumber('lastUpdatedTimestamp', wire, 'last_updated_timestamp'),
    description: textOr(wire, 'description', ''),
    currentStage: textOr(wire, 'current_stage', 'None'),
    source: textOr(wire, 'source', ''),
    ...optionalText('runId', wire, 'run_id'),
    ...optionalText('modelId', wire, 'model_id'),
    status: textOr(wire, 'status', 'READY'),
    ...optionalText('statusMessage', wire, 'status_message'),
    tags: pairs(wire, 'tags'),
    aliases: Array.isArray(aliases) ? aliases.filter(alias => typeof alias === 'string') : [],
  };
}

/** A page of `name` with the token of the next one; the server sends an empty token, or none, with the last. */
export function toPage<Item>(wire: Wire, name: string, toItem: (wire: Wire) => Item): Page<Item> {
  const items = list(wire, name).map(toItem);
  const token = textOr(wire, 'next_page_token', '');
  return token === '' ? { items } : { items, nextPageToken: token };
}

export function object(wire: Wire, name: string): Wire {
  const value = wire[name];
  return isObject(value) ? value : unexpected(wire, name, 'an object');
}

export function text(wire: Wire, name: string): string {
  const value = wire[name];
  return typeof value === 'string' && value !== '' ? value : unexpected(wire, name, 'a text');
}

export function list(wire: Wire, name: string): readonly Wire[] {
  const value = wire[name] ?? [];
  return Array.isArray(value) && value.every(isObject) ? value : unexpected(wire, name, 'a list of objects');
}

function objectOr(wire: Wire, name: string): Wire {
  return wire[name] === undefined ? {} : object(wire, name);
}

function textOr(wire: Wire, name: string, fallback: string): string {
  const value = wire[name] ?? fallback;
  return typeof value === 'string' ? value : unexpected(wire, name, 'a text');
}

function optionalText<Key extends string>(key: Key, wire: Wire, name: string): Partial<Record<Key, string>> {
  const value = textOr(wire, name, '');
  return (value === '' ? {} : { [key]: value }) as Partial<Record<Key, string>>;
}

function optionalNumber<Key extends string>(key: Key, wire: Wire, name: string): Partial<Record<Key, number>> {
  const value = integer(wire, name);
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, number>>;
}

/** Protobuf's JSON may write 64-bit integers as text. */
export function integer(wire: Wire, name: string): number | undefined {
  const value = wire[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : unexpected(wire, name, 'an integer');
}

const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** JSON has no NaN: it goes as a text. */
function double(wire: Wire, name: string): number {
  const value = wire[name];
  const number = typeof value === 'string' ? NOT_FINITE[value] : value;
  return typeof number === 'number' ? number : unexpected(wire, name, 'a number');
}

function pairs(wire: Wire, name: string): Record<string, string> {
  return Object.fromEntries(list(wire, name).map(pair => [text(pair, 'key'), textOr(pair, 'value', '')]));
}

function unexpected(wire: Wire, name: string, wanted: string): never {
  const value = wire[name];
  const kind = value === undefined ? 'is missing' : `is ${value === null ? 'null' : `of the type ${typeof value}`}`;
  throw new GenAIError(
    'ERR_MLFLOW_HTTP',
    `The server's answer makes no sense: "${name}" should be ${wanted}, but ${kind}.`,
    {
      details: { field: name },
    },
  );
}
