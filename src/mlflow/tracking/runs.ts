/** Runs: parameters, metrics and tags of one execution. */
import { invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import { type LogBatchInput, type MetricInput, toBatches, toWireMetric } from './batches.ts';
import {
  checkId,
  checkInteger,
  checkKey,
  checkOneOf,
  checkValue,
  MAX_PARAM_LENGTH,
  MAX_TAG_LENGTH,
  type Scalar,
  toPairs,
} from './check.ts';
import { API, type CallOptions, signalOf } from './client-base.ts';
import type { Metric, ModelOutput, Page, RunInfo, RunRecord, RunStatus, ViewType } from './entities.ts';
import { ExperimentClient, VIEW_TYPES } from './experiments.ts';
import { object, toMetric, toPage, toRun, toRunInfo } from './from-wire.ts';
import { checkSearch, type SearchOptions, searchFields } from './paging.ts';

export interface CreateRunOptions extends CallOptions {
  /** Default: a random one of the server. */
  readonly runName?: string | undefined;
  /** Milliseconds since 1970; default now. */
  readonly startTime?: number | undefined;
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
  readonly userId?: string | undefined;
}

export interface UpdateRunOptions extends CallOptions {
  readonly status?: RunStatus | undefined;
  /** Milliseconds since 1970. */
  readonly endTime?: number | undefined;
  readonly runName?: string | undefined;
}

export interface SearchRunsOptions extends SearchOptions {
  readonly experimentIds: readonly string[];
  /** Default `ACTIVE_ONLY`. */
  readonly viewType?: ViewType | undefined;
}

const RUN_STATUSES: readonly RunStatus[] = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

/** All methods throw a `GenAIError` `ERR_MLFLOW_HTTP` or `ERR_GENAI_INVALID_ARGUMENT`, or the signal's reason. */
export class RunClient extends ExperimentClient {
  async createRun(experimentId: string, options: CreateRunOptions = {}): Promise<RunRecord> {
    checkOptions(options, ['runName', 'startTime', 'tags', 'userId', 'signal']);
    checkId(experimentId, 'experimentId');
    const { runName, startTime = Date.now(), userId, signal } = options;
    checkRunName(runName);
    checkInteger(startTime, 'startTime', 0);
    const tags = toPairs(options.tags, MAX_TAG_LENGTH, 'tag');
    const body = { experiment_id: experimentId, user_id: userId, run_name: runName, start_time: startTime, tags };
    const answer = await this.tracking.call('POST', `${API}/runs/create`, { body, signal, repeatable: false });
    return toRun(object(answer, 'run'));
  }

  async getRun(runId: string, options: CallOptions = {}): Promise<RunRecord> {
    checkId(runId, 'runId');
    const query = { run_id: runId };
    const answer = await this.tracking.call('GET', `${API}/runs/get`, { query, signal: signalOf(options) });
    return toRun(object(answer, 'run'));
  }

  async updateRun(runId: string, options: UpdateRunOptions): Promise<RunInfo> {
    checkOptions(options, ['status', 'endTime', 'runName', 'signal']);
    checkId(runId, 'runId');
    const { status, endTime, runName, signal } = options;
    if (status !== undefined) checkOneOf(status, RUN_STATUSES, 'status');
    checkInteger(endTime, 'endTime', 0);
    checkRunName(runName);
    const body = { run_id: runId, status, end_time: endTime, run_name: runName };
    const answer = await this.tracking.call('POST', `${API}/runs/update`, { body, signal });
    return toRunInfo(object(answer, 'run_info'));
  }

  /** Ends a run, now. */
  async setTerminated(runId: string, status: RunStatus = 'FINISHED', options: CallOptions = {}): Promise<RunInfo> {
    return this.updateRun(runId, { status, endTime: Date.now(), signal: signalOf(options) });
  }

  async searchRuns(options: SearchRunsOptions): Promise<Page<RunRecord>> {
    checkSearch(options, ['experimentIds', 'viewType']);
    const { experimentIds, viewType = 'ACTIVE_ONLY', signal } = options;
    checkIds(experimentIds);
    checkOneOf(viewType, VIEW_TYPES, 'viewType');
    const body = { experiment_ids: experimentIds, run_view_type: viewType, ...searchFields(options) };
    const answer = await this.tracking.call('POST', `${API}/runs/search`, { body, signal });
    return toPage(answer, 'runs', toRun);
  }

  /** Hides it; `mlflow gc` removes it for good. */
  async deleteRun(runId: string, options: CallOptions = {}): Promise<void> {
    checkId(runId, 'runId');
    const body = { run_id: runId };
    await this.tracking.call('POST', `${API}/runs/delete`, { body, signal: signalOf(options) });
  }

  /** A parameter keeps its first value: the server refuses another one. */
  async logParam(runId: string, key: string, value: Scalar, options: CallOptions = {}): Promise<void> {
    checkId(runId, 'runId');
    checkKey(key, 'The key of a param');
    const body = { run_id: runId, key, value: checkValue(value, MAX_PARAM_LENGTH, `The value of param "${key}"`) };
    await this.tracking.call('POST', `${API}/runs/log-parameter`, { body, signal: signalOf(options) });
  }

  async logMetric(runId: string, metric: MetricInput, options: CallOptions = {}): Promise<void> {
    checkId(runId, 'runId');
    const body = { run_id: runId, ...toWireMetric(metric, Date.now()) };
    await this.tracking.call('POST', `${API}/runs/log-metric`, { body, signal: signalOf(options) });
  }

  /**
   * Any number of metrics, parameters and tags, in as many requests as the server's limits ask for (1000 metrics, 100
   * parameters, 100 tags, 1000 in all and 1 MB each). When one request fails, those before it have been done.
   */
  async logBatch(runId: string, input: LogBatchInput, options: CallOptions = {}): Promise<void> {
    checkId(runId, 'runId');
    checkOptions(input, ['metrics', 'params', 'tags']);
    const signal = signalOf(options);
    for (const batch of toBatches(input)) {
      await this.tracking.call('POST', `${API}/runs/log-batch`, { body: { run_id: runId, ...batch }, signal });
    }
  }

  async setTag(runId: string, key: string, value: Scalar, options: CallOptions = {}): Promise<void> {
    checkId(runId, 'runId');
    checkKey(key, 'The key of a tag');
    const body = { run_id: runId, key, value: checkValue(value, MAX_TAG_LENGTH, `The value of tag "${key}"`) };
    await this.tracking.call('POST', `${API}/runs/set-tag`, { body, signal: signalOf(options) });
  }

  async deleteTag(runId: string, key: string, options: CallOptions = {}): Promise<void> {
    checkId(runId, 'runId');
    checkKey(key, 'The key of a tag');
    await this.tracking.call('POST', `${API}/runs/delete-tag`, {
      body: { run_id: runId, key },
      signal: signalOf(options),
    });
  }

  /** All values of a metric, oldest first. */
  async getMetricHistory(
    runId: string,
    key: string,
    options: Pick<SearchOptions, 'maxResults' | 'pageToken' | 'signal'> = {},
  ): Promise<Page<Metric>> {
    checkId(runId, 'runId');
    checkKey(key, 'The key of a metric');
    checkSearch(options);
    const query = { run_id: runId, metric_key: key, max_results: options.maxResults, page_token: options.pageToken };
    const answer = await this.tracking.call('GET', `${API}/metrics/get-history`, { query, signal: options.signal });
    return toPage(answer, 'metrics', toMetric);
  }

  /** Tells that the run has made these logged models. */
  async logOutputs(runId: string, models: readonly ModelOutput[], options: CallOptions = {}): Promise<void> {
    checkId(runId, 'runId');
    if (!Array.isArray(models)) throw invalidArgument('models', 'an array', models);
    for (const { modelId, step } of models) {
      checkId(modelId, 'modelId');
      checkInteger(step, 'step');
    }
    const wire = models.map(({ modelId, step }) => ({ model_id: modelId, step }));
    await this.tracking.call('POST', `${API}/runs/outputs`, {
      body: { run_id: runId, models: wire },
      signal: signalOf(options),
    });
  }
}

function checkRunName(name: unknown): void {
  if (name === undefined || (typeof name === 'string' && name !== '')) return;
  throw invalidArgument('runName', 'a string that is not empty', name);
}

export function checkIds(ids: unknown): void {
  if (!Array.isArray(ids) || ids.length === 0) throw invalidArgument('experimentIds', 'a list of ids', ids);
  for (const id of ids) checkId(id, 'experimentIds');
}
