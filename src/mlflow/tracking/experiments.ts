/** Experiments: the folders that runs and logged models lie in. */
import { isGenAIError } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import {
  checkExperimentName,
  checkId,
  checkKey,
  checkOneOf,
  checkValue,
  MAX_EXPERIMENT_TAG_LENGTH,
  type Scalar,
  toPairs,
} from './check.ts';
import { API, type CallOptions, ClientBase, signalOf } from './client-base.ts';
import type { Experiment, Page, ViewType } from './entities.ts';
import { object, text, toExperiment, toPage } from './from-wire.ts';
import { checkSearch, type SearchOptions, searchFields } from './paging.ts';

export interface CreateExperimentOptions extends CallOptions {
  /** Where artifacts go; default: the server decides. */
  readonly artifactLocation?: string | undefined;
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
}

export interface SearchExperimentsOptions extends SearchOptions {
  /** Default `ACTIVE_ONLY`. */
  readonly viewType?: ViewType | undefined;
}

export const VIEW_TYPES: readonly ViewType[] = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'];

/** The server wants a number; this is the default of Python's client. */
const DEFAULT_MAX_RESULTS = 1000;

/** All methods throw a `GenAIError` `ERR_MLFLOW_HTTP` or `ERR_GENAI_INVALID_ARGUMENT`, or the signal's reason. */
export class ExperimentClient extends ClientBase {
  /** @returns the id of the new experiment */
  async createExperiment(name: string, options: CreateExperimentOptions = {}): Promise<string> {
    checkOptions(options, ['artifactLocation', 'tags', 'signal']);
    checkExperimentName(name);
    const { artifactLocation, signal } = options;
    const tags = toPairs(options.tags, MAX_EXPERIMENT_TAG_LENGTH, 'tag');
    const body = { name, artifact_location: artifactLocation, tags };
    const answer = await this.tracking.call('POST', `${API}/experiments/create`, { body, signal, repeatable: false });
    return text(answer, 'experiment_id');
  }

  async getExperiment(experimentId: string, options: CallOptions = {}): Promise<Experiment> {
    checkId(experimentId, 'experimentId');
    const query = { experiment_id: experimentId };
    const signal = signalOf(options);
    const answer = await this.tracking.call('GET', `${API}/experiments/get`, { query, signal });
    return toExperiment(object(answer, 'experiment'));
  }

  /** @returns `undefined` when there is none of this name */
  async getExperimentByName(name: string, options: CallOptions = {}): Promise<Experiment | undefined> {
    checkExperimentName(name);
    const signal = signalOf(options);
    try {
      const query = { experiment_name: name };
      const answer = await this.tracking.call('GET', `${API}/experiments/get-by-name`, { query, signal });
      return toExperiment(object(answer, 'experiment'));
    } catch (error) {
      if (hasErrorCode(error, 'RESOURCE_DOES_NOT_EXIST')) return undefined;
      throw error;
    }
  }

  /** The id of the experiment of this name, which is made when it is missing, also when two do so at once. */
  async getOrCreateExperiment(name: string, options: CallOptions = {}): Promise<string> {
    const found = await this.getExperimentByName(name, options);
    if (found !== undefined) return found.experimentId;
    try {
      return await this.createExperiment(name, options);
    } catch (error) {
      if (!hasErrorCode(error, 'RESOURCE_ALREADY_EXISTS')) throw error;
      const other = await this.getExperimentByName(name, options);
      if (other === undefined) throw error;
      return other.experimentId;
    }
  }

  async searchExperiments(options: SearchExperimentsOptions = {}): Promise<Page<Experiment>> {
    checkSearch(options, ['viewType']);
    const { viewType = 'ACTIVE_ONLY', signal } = options;
    checkOneOf(viewType, VIEW_TYPES, 'viewType');
    const body = { max_results: DEFAULT_MAX_RESULTS, ...searchFields(options), view_type: viewType };
    const answer = await this.tracking.call('POST', `${API}/experiments/search`, { body, signal });
    return toPage(answer, 'experiments', toExperiment);
  }

  async setExperimentTag(experimentId: string, key: string, value: Scalar, options: CallOptions = {}): Promise<void> {
    checkId(experimentId, 'experimentId');
    checkKey(key, 'The key of a tag');
    const text = checkValue(value, MAX_EXPERIMENT_TAG_LENGTH, `The value of tag "${key}"`);
    const body = { experiment_id: experimentId, key, value: text };
    await this.tracking.call('POST', `${API}/experiments/set-experiment-tag`, { body, signal: signalOf(options) });
  }

  /** Hides it and its runs; `mlflow gc` removes them for good. */
  async deleteExperiment(experimentId: string, options: CallOptions = {}): Promise<void> {
    checkId(experimentId, 'experimentId');
    const body = { experiment_id: experimentId };
    await this.tracking.call('POST', `${API}/experiments/delete`, { body, signal: signalOf(options) });
  }
}

/** True for a refusal of the server with this code of MLflow's. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return isGenAIError(error, 'ERR_MLFLOW_HTTP') && codes.includes(String(error.details['errorCode']));
}
