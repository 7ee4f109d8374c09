/** A run as a handle: started, logged to, and ended. */
import { userInfo } from 'node:os';
import { GenAIError, invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import type { MetricInput } from './batches.ts';
import type { Scalar } from './check.ts';
import { MlflowClient } from './client.ts';
import type { CallOptions } from './client-base.ts';
import type { RunInfo, RunStatus } from './entities.ts';
import type { MlflowClientOptions } from './http/settings.ts';

export interface StartRunOptions extends CallOptions {
  /** Default: a new one with `clientOptions`, or that of `parentRun`. */
  readonly client?: MlflowClient | undefined;
  readonly clientOptions?: MlflowClientOptions | undefined;
  /** Default: `experimentName`, that of `parentRun`, `MLFLOW_EXPERIMENT_NAME`, `MLFLOW_EXPERIMENT_ID`, or `"0"`. */
  readonly experimentId?: string | undefined;
  /** Made when it is missing. */
  readonly experimentName?: string | undefined;
  /** Goes on with a run instead of starting one; `MLFLOW_RUN_ID`, for the first run without a parent. */
  readonly runId?: string | undefined;
  readonly runName?: string | undefined;
  /** Markdown, shown beside the run. */
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
  /** Makes this a nested run. */
  readonly parentRun?: Run | string | undefined;
}

const OPTIONS = [
  ...['client', 'clientOptions', 'experimentId', 'experimentName', 'runId', 'runName', 'description', 'tags'],
  ...['parentRun', 'signal'],
];

interface LogOptions extends CallOptions {
  readonly step?: number | undefined;
  readonly timestamp?: number | undefined;
}

/** A run that has been started. `await using` ends it as `FINISHED` unless `end` was called before. */
export class Run {
  /** As it was when the run started. */
  readonly info: RunInfo;
  readonly client: MlflowClient;
  readonly #ownsClient: boolean;
  #ended = false;

  constructor(client: MlflowClient, info: RunInfo, { ownsClient = false }: { ownsClient?: boolean } = {}) {
    this.client = client;
    this.info = info;
    this.#ownsClient = ownsClient;
  }

  get runId(): string {
    return this.info.runId;
  }

  async logParam(key: string, value: Scalar, options: CallOptions = {}): Promise<void> {
    await this.client.logParam(this.runId, key, value, options);
  }

  /** In as few requests as the server's limits allow. */
  async logParams(params: Readonly<Record<string, Scalar>>, options: CallOptions = {}): Promise<void> {
    await this.client.logBatch(this.runId, { params }, options);
  }

  async logMetric(key: string, value: number, options: LogOptions = {}): Promise<void> {
    checkOptions(options, ['step', 'timestamp', 'signal']);
    const { step, timestamp, signal } = options;
    await this.client.logMetric(this.runId, { key, value, step, timestamp }, { signal });
  }

  /** Several metrics of one moment, or a list with steps and times of their own. */
  async logMetrics(
    metrics: Readonly<Record<string, number>> | readonly MetricInput[],
    options: LogOptions = {},
  ): Promise<void> {
    checkOptions(options, ['step', 'timestamp', 'signal']);
    const { step, timestamp = Date.now(), signal } = options;
    const common = { step, timestamp };
    const list = isList(metrics)
      ? metrics.map(metric => ({ ...common, ...metric }))
      : Object.entries(metrics).map(([key, value]) => ({ key, value, ...common }));
    await this.client.logBatch(this.runId, { metrics: list }, { signal });
  }

  async setTag(key: string, value: Scalar, options: CallOptions = {}): Promise<void> {
    await this.client.setTag(this.runId, key, value, options);
  }

  async setTags(tags: Readonly<Record<string, Scalar>>, options: CallOptions = {}): Promise<void> {
    await this.client.logBatch(this.runId, { tags }, options);
  }

  /** Tells the server how the run has ended. */
  async end(
    status: Exclude<RunStatus, 'RUNNING' | 'SCHEDULED'> = 'FINISHED',
    options: CallOptions = {},
  ): Promise<void> {
    await this.client.setTerminated(this.runId, status, options);
    this.#ended = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#ended) await this.end();
    } finally {
      if (this.#ownsClient) await this.client.close();
    }
  }
}

/**
 * Starts a run (or goes on with one), with the tags that Python's `mlflow.start_run` sets.
 *
 * ```ts
 * await using run = await startRun({ experimentName: 'phi3', runName: 'greedy' });
 * await run.logParams({ temperature: 0 });
 * ```
 *
 * @throws {GenAIError} `ERR_MLFLOW_NO_TRACKING_URI`, `ERR_MLFLOW_URI`, `ERR_MLFLOW_HTTP`, `ERR_GENAI_INVALID_ARGUMENT`; or
 *   the signal's reason
 */
export async function startRun(options: StartRunOptions = {}): Promise<Run> {
  checkOptions(options, OPTIONS);
  const { client, clientOptions, parentRun } = options;
  if (client !== undefined && clientOptions !== undefined) {
    throw invalidArgument('clientOptions', 'left away when client is given', clientOptions);
  }
  const given = givenClient(options);
  const used = given ?? new MlflowClient(clientOptions ?? {});
  try {
    const runId = options.runId ?? (parentRun === undefined ? takeRunIdOfEnvironment() : undefined);
    const info = runId === undefined ? await begin(used, options) : await goOn(used, runId, options);
    return new Run(used, info, { ownsClient: given === undefined });
  } catch (error) {
    if (given === undefined) await used.close();
    throw error;
  }
}

function givenClient({ client, parentRun }: StartRunOptions): MlflowClient | undefined {
  return client ?? (parentRun instanceof Run ? parentRun.client : undefined);
}

/** Somebody waits for an error: a server that is gone must not hold it back for all its retries. */
const FAILED_END_MS = 10_000;

/**
 * Runs `work` in a run of its own, which ends as `FINISHED`, or as `FAILED` when `work` throws. What `await using` cannot
 * tell apart.
 *
 * @throws what `work` throws, also when the server cannot be told of it; else as `startRun`
 */
export async function withRun<T>(options: StartRunOptions, work: (run: Run) => T | Promise<T>): Promise<T> {
  const run = await startRun(options);
  let result: T;
  try {
    result = await work(run);
  } catch (error) {
    // The first error is the one that counts.
    await run.end('FAILED', { signal: AbortSignal.timeout(FAILED_END_MS) }).catch(() => {});
    if (givenClient(options) === undefined) await run.client.close().catch(() => {});
    throw error;
  }
  await run[Symbol.asyncDispose]();
  return result;
}

/** Once, as in Python: else each further run would go on with the same one. */
function takeRunIdOfEnvironment(): string | undefined {
  const runId = process.env['MLFLOW_RUN_ID'];
  delete process.env['MLFLOW_RUN_ID'];
  return runId === '' ? undefined : runId;
}

async function begin(client: MlflowClient, options: StartRunOptions): Promise<RunInfo> {
  const { parentRun, runName, signal } = options;
  const parent = parentRun === undefined ? undefined : await readParent(client, parentRun, signal);
  const experimentId = await findExperiment(client, options, parent);
  const user = (await client.tracking.user()) ?? userName();
  const tags = {
    'mlflow.user': user,
    'mlflow.source.name': process.argv[1] ?? '<console>',
    'mlflow.source.type': 'LOCAL',
    ...userTags(options),
    ...(parent === undefined ? {} : { 'mlflow.parentRunId': parent.runId }),
    ...(runName === undefined ? {} : { 'mlflow.runName': runName }),
  };
  return (await client.createRun(experimentId, { runName, tags, userId: user, signal })).info;
}

async function goOn(client: MlflowClient, runId: string, options: StartRunOptions): Promise<RunInfo> {
  const { runName, signal } = options;
  const { info } = await client.getRun(runId, { signal });
  refuseDeleted(info);
  await client.updateRun(runId, { status: 'RUNNING', runName, endTime: info.endTime, signal });
  await client.logBatch(runId, { tags: userTags(options) }, { signal });
  return { ...info, status: 'RUNNING', ...(runName === undefined ? {} : { runName }) };
}

async function readParent(
  client: MlflowClient,
  parent: Run | string,
  signal: AbortSignal | undefined,
): Promise<RunInfo> {
  if (parent instanceof Run) return parent.info;
  const { info } = await client.getRun(parent, { signal });
  refuseDeleted(info);
  return info;
}

function refuseDeleted({ runId, lifecycleStage }: RunInfo): void {
  if (lifecycleStage !== 'deleted') return;
  throw new GenAIError('ERR_MLFLOW_HTTP', `The run ${runId} has been deleted.`, { details: { runId } });
}

function userTags({ tags = {}, description }: StartRunOptions): Readonly<Record<string, Scalar>> {
  if (description === undefined) return tags;
  if ('mlflow.note.content' in tags)
    throw invalidArgument('description', 'left away: a tag says it already', description);
  return { ...tags, 'mlflow.note.content': description };
}

async function findExperiment(
  client: MlflowClient,
  { experimentId, experimentName, signal }: StartRunOptions,
  parent: RunInfo | undefined,
): Promise<string> {
  if (experimentId !== undefined) return experimentId;
  if (experimentName !== undefined) return client.getOrCreateExperiment(experimentName, { signal });
  if (parent !== undefined) return parent.experimentId;
  const { MLFLOW_EXPERIMENT_NAME: name, MLFLOW_EXPERIMENT_ID: id } = process.env;
  if (!name) return id || '0';
  const found = await client.getOrCreateExperiment(name, { signal });
  if (!id || id === found) return found;
  const message = `MLFLOW_EXPERIMENT_ID is ${id}, but the experiment of MLFLOW_EXPERIMENT_NAME, "${name}", has the id ${found}.`;
  throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message, { details: { argument: 'MLFLOW_EXPERIMENT_ID' } });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a user without a name, as in containers
  }
}

function isList(metrics: unknown): metrics is readonly MetricInput[] {
  return Array.isArray(metrics);
}
