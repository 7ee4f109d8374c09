/** Logged models: a model of MLflow 3 has an id, artifacts, parameters and a status of its own, beside the run. */
import { invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import {
  checkId,
  checkKey,
  checkLoggedModelName,
  checkOneOf,
  MAX_PARAM_LENGTH,
  MAX_TAG_LENGTH,
  type Scalar,
  toPairs,
} from './check.ts';
import { API, type CallOptions, signalOf } from './client-base.ts';
import type { LoggedModel, Page } from './entities.ts';
import { object, toLoggedModel, toPage } from './from-wire.ts';
import { checkSearch, type SearchOptions, searchFields } from './paging.ts';
import { checkIds, RunClient } from './runs.ts';

export interface CreateLoggedModelOptions extends CallOptions {
  /** Default: a random one of the server. */
  readonly name?: string | undefined;
  readonly sourceRunId?: string | undefined;
  readonly modelType?: string | undefined;
  readonly params?: Readonly<Record<string, Scalar>> | undefined;
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
}

export interface SearchLoggedModelsOptions extends Omit<SearchOptions, 'orderBy'> {
  readonly experimentIds: readonly string[];
  /** `[{ fieldName: 'creation_time', ascending: false }]` */
  readonly orderBy?: readonly { readonly fieldName: string; readonly ascending?: boolean }[] | undefined;
}

/** More parameters than these go in requests of their own, as in Python's client. */
const PARAMS_PER_REQUEST = 100;

/** How long an error waits for the server to be told of it. */
const FAILED_END_MS = 10_000;

const FINAL = { READY: 'LOGGED_MODEL_READY', FAILED: 'LOGGED_MODEL_UPLOAD_FAILED' } as const;

/** All methods throw a `GenAIError` `ERR_MLFLOW_HTTP` or `ERR_GENAI_INVALID_ARGUMENT`, or the signal's reason. */
export class LoggedModelClient extends RunClient {
  /**
   * A model in the state `PENDING`: upload its files to `artifactUri`, then call `finalizeLoggedModel`. With more than 100
   * `params`, the others follow in requests of their own; when one fails, the model is marked as failed.
   */
  async createLoggedModel(experimentId: string, options: CreateLoggedModelOptions = {}): Promise<LoggedModel> {
    checkOptions(options, ['name', 'sourceRunId', 'modelType', 'params', 'tags', 'signal']);
    checkId(experimentId, 'experimentId');
    const { name, sourceRunId, modelType, signal } = options;
    if (name !== undefined) checkLoggedModelName(name);
    if (sourceRunId !== undefined) checkId(sourceRunId, 'sourceRunId');
    const params = toPairs(options.params, MAX_PARAM_LENGTH, 'param');
    const tags = toPairs(options.tags, MAX_TAG_LENGTH, 'tag');
    const first = params.slice(0, PARAMS_PER_REQUEST);
    const about = { experiment_id: experimentId, name, model_type: modelType, source_run_id: sourceRunId };
    const body = { ...about, params: first, tags };
    const answer = await this.tracking.call('POST', `${API}/logged-models`, { body, signal, repeatable: false });
    const model = toLoggedModel(object(answer, 'model'));
    if (params.length === first.length) return model;
    try {
      await this.#logParams(model.modelId, params.slice(PARAMS_PER_REQUEST), signal);
      return await this.getLoggedModel(model.modelId, { signal });
    } catch (error) {
      // Nobody gets to know its id: it would stay PENDING for ever. The first error is the one that counts.
      const options = { signal: AbortSignal.timeout(FAILED_END_MS) };
      await this.finalizeLoggedModel(model.modelId, 'FAILED', options).catch(() => {});
      throw error;
    }
  }

  async getLoggedModel(modelId: string, options: CallOptions = {}): Promise<LoggedModel> {
    const answer = await this.tracking.call('GET', modelPath(modelId), { signal: signalOf(options) });
    return toLoggedModel(object(answer, 'model'));
  }

  /** Says how the upload has ended. */
  async finalizeLoggedModel(
    modelId: string,
    status: 'READY' | 'FAILED',
    options: CallOptions = {},
  ): Promise<LoggedModel> {
    checkOneOf(status, ['READY', 'FAILED'], 'status');
    const body = { model_id: modelId, status: FINAL[status] };
    const answer = await this.tracking.call('PATCH', modelPath(modelId), { body, signal: signalOf(options) });
    return toLoggedModel(object(answer, 'model'));
  }

  async searchLoggedModels(options: SearchLoggedModelsOptions): Promise<Page<LoggedModel>> {
    const { orderBy, ...plain } = options;
    checkSearch(plain, ['experimentIds']);
    checkIds(options.experimentIds);
    const order_by = toOrder(orderBy);
    const body = { experiment_ids: options.experimentIds, ...searchFields(plain), ...(order_by && { order_by }) };
    const signal = options.signal;
    const answer = await this.tracking.call('POST', `${API}/logged-models/search`, { body, signal });
    return toPage(answer, 'models', toLoggedModel);
  }

  async setLoggedModelTags(
    modelId: string,
    tags: Readonly<Record<string, Scalar>>,
    options: CallOptions = {},
  ): Promise<void> {
    const body = { tags: toPairs(tags, MAX_TAG_LENGTH, 'tag') };
    await this.tracking.call('PATCH', `${modelPath(modelId)}/tags`, { body, signal: signalOf(options) });
  }

  async deleteLoggedModelTag(modelId: string, key: string, options: CallOptions = {}): Promise<void> {
    checkKey(key, 'The key of a tag');
    // It is a part of the address, where the server sees two parts.
    if (key.includes('/')) throw invalidArgument('key', 'without "/": the server cannot delete such a tag', key);
    const path = `${modelPath(modelId)}/tags/${encodeURIComponent(key)}`;
    await this.tracking.call('DELETE', path, { signal: signalOf(options) });
  }

  /** Each key once: the server refuses a second value, also the same. */
  async logLoggedModelParams(
    modelId: string,
    params: Readonly<Record<string, Scalar>>,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#logParams(modelId, toPairs(params, MAX_PARAM_LENGTH, 'param'), signalOf(options));
  }

  async deleteLoggedModel(modelId: string, options: CallOptions = {}): Promise<void> {
    const body = { model_id: modelId };
    await this.tracking.call('DELETE', modelPath(modelId), { body, signal: signalOf(options) });
  }

  async #logParams(modelId: string, params: readonly object[], signal: AbortSignal | undefined): Promise<void> {
    const path = `${modelPath(modelId)}/params`;
    for (let start = 0; start < params.length; start += PARAMS_PER_REQUEST) {
      const body = { model_id: modelId, params: params.slice(start, start + PARAMS_PER_REQUEST) };
      await this.tracking.call('POST', path, { body, signal, repeatable: false });
    }
  }
}

function modelPath(modelId: string): string {
  checkId(modelId, 'modelId');
  return `${API}/logged-models/${modelId}`;
}

function toOrder(orderBy: SearchLoggedModelsOptions['orderBy']): object[] | undefined {
  if (orderBy === undefined) return undefined;
  const good = Array.isArray(orderBy) && orderBy.every(order => typeof order?.fieldName === 'string');
  if (!good) throw invalidArgument('orderBy', 'a list of objects with fieldName', orderBy);
  return orderBy.map(({ fieldName, ascending = true }) => ({ field_name: fieldName, ascending }));
}
