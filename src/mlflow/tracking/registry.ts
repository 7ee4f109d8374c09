/** The model registry: names, and under each name versions, aliases and stages. */
import { invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import {
  checkAlias,
  checkId,
  checkKey,
  checkOneOf,
  checkRegisteredModelName,
  checkValue,
  checkVersion,
  MAX_REGISTRY_TAG_LENGTH,
  type Scalar,
  toPairs,
} from './check.ts';
import { API, type CallOptions, signalOf } from './client-base.ts';
import type { ModelVersion, ModelVersionStage, Page, RegisteredModel } from './entities.ts';
import { list, object, text, toModelVersion, toPage, toRegisteredModel, type Wire } from './from-wire.ts';
import { LoggedModelClient } from './logged-models.ts';
import { checkSearch, type SearchOptions, searchFields } from './paging.ts';

export interface RegisteredModelOptions extends CallOptions {
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
  readonly description?: string | undefined;
}

export interface CreateModelVersionOptions extends RegisteredModelOptions {
  readonly runId?: string | undefined;
  /** Needed for a source `models:/m-...`. */
  readonly modelId?: string | undefined;
}

export type Version = string | number;

const STAGES: readonly ModelVersionStage[] = ['None', 'Staging', 'Production', 'Archived'];
const MODELS = `${API}/registered-models`;
const VERSIONS = `${API}/model-versions`;

/** All methods throw a `GenAIError` `ERR_MLFLOW_HTTP` or `ERR_GENAI_INVALID_ARGUMENT`, or the signal's reason. */
export class RegistryClient extends LoggedModelClient {
  /** Refused with `errorCode` `RESOURCE_ALREADY_EXISTS` when there is one of this name. */
  async createRegisteredModel(name: string, options: RegisteredModelOptions = {}): Promise<RegisteredModel> {
    checkOptions(options, ['tags', 'description', 'signal']);
    checkRegisteredModelName(name);
    const tags = toPairs(options.tags, MAX_REGISTRY_TAG_LENGTH, 'tag');
    const body = { name, tags, description: options.description };
    return this.#model('POST', 'create', { body, signal: options.signal, repeatable: false });
  }

  async getRegisteredModel(name: string, options: CallOptions = {}): Promise<RegisteredModel> {
    checkRegisteredModelName(name);
    return this.#model('GET', 'get', { query: { name }, signal: signalOf(options) });
  }

  async searchRegisteredModels(options: SearchOptions = {}): Promise<Page<RegisteredModel>> {
    checkSearch(options);
    const request = { query: searchFields(options), signal: options.signal };
    return toPage(await this.registry.call('GET', `${MODELS}/search`, request), 'registered_models', toRegisteredModel);
  }

  async renameRegisteredModel(name: string, newName: string, options: CallOptions = {}): Promise<RegisteredModel> {
    checkRegisteredModelName(name);
    checkRegisteredModelName(newName);
    const body = { name, new_name: newName };
    return this.#model('POST', 'rename', { body, signal: signalOf(options), repeatable: false });
  }

  async updateRegisteredModel(name: string, description: string, options: CallOptions = {}): Promise<RegisteredModel> {
    checkRegisteredModelName(name);
    return this.#model('PATCH', 'update', { body: { name, description }, signal: signalOf(options) });
  }

  /** With all its versions, for good. */
  async deleteRegisteredModel(name: string, options: CallOptions = {}): Promise<void> {
    checkRegisteredModelName(name);
    await this.registry.call('DELETE', `${MODELS}/delete`, { body: { name }, signal: signalOf(options) });
  }

  async setRegisteredModelTag(name: string, key: string, value: Scalar, options: CallOptions = {}): Promise<void> {
    checkRegisteredModelName(name);
    const body = { name, ...toTag(key, value) };
    await this.registry.call('POST', `${MODELS}/set-tag`, { body, signal: signalOf(options) });
  }

  async deleteRegisteredModelTag(name: string, key: string, options: CallOptions = {}): Promise<void> {
    checkRegisteredModelName(name);
    checkKey(key, 'The key of a tag');
    await this.registry.call('DELETE', `${MODELS}/delete-tag`, { body: { name, key }, signal: signalOf(options) });
  }

  /** @param source `models:/m-...` (with `modelId`), `runs:/<id>/<path>`, or an artifact URI of `runId` */
  async createModelVersion(
    name: string,
    source: string,
    options: CreateModelVersionOptions = {},
  ): Promise<ModelVersion> {
    checkOptions(options, ['tags', 'description', 'runId', 'modelId', 'signal']);
    checkRegisteredModelName(name);
    if (typeof source !== 'string' || source === '') throw invalidArgument('source', 'a URI', source);
    const { runId, modelId, description, signal } = options;
    if (runId !== undefined) checkId(runId, 'runId');
    if (modelId !== undefined) checkId(modelId, 'modelId');
    const tags = toPairs(options.tags, MAX_REGISTRY_TAG_LENGTH, 'tag');
    const body = { name, source, run_id: runId, model_id: modelId, description, tags };
    return this.#version('POST', 'create', { body, signal, repeatable: false });
  }

  async getModelVersion(name: string, version: Version, options: CallOptions = {}): Promise<ModelVersion> {
    return this.#version('GET', 'get', { query: toId(name, version), signal: signalOf(options) });
  }

  async searchModelVersions(options: SearchOptions = {}): Promise<Page<ModelVersion>> {
    checkSearch(options);
    const request = { query: searchFields(options), signal: options.signal };
    return toPage(await this.registry.call('GET', `${VERSIONS}/search`, request), 'model_versions', toModelVersion);
  }

  async updateModelVersion(
    name: string,
    version: Version,
    description: string,
    options: CallOptions = {},
  ): Promise<ModelVersion> {
    return this.#version('PATCH', 'update', {
      body: { ...toId(name, version), description },
      signal: signalOf(options),
    });
  }

  async deleteModelVersion(name: string, version: Version, options: CallOptions = {}): Promise<void> {
    const request = { body: toId(name, version), signal: signalOf(options) };
    await this.registry.call('DELETE', `${VERSIONS}/delete`, request);
  }

  async setModelVersionTag(
    name: string,
    version: Version,
    key: string,
    value: Scalar,
    options: CallOptions = {},
  ): Promise<void> {
    const body = { ...toId(name, version), ...toTag(key, value) };
    await this.registry.call('POST', `${VERSIONS}/set-tag`, { body, signal: signalOf(options) });
  }

  async deleteModelVersionTag(name: string, version: Version, key: string, options: CallOptions = {}): Promise<void> {
    checkKey(key, 'The key of a tag');
    const request = { body: { ...toId(name, version), key }, signal: signalOf(options) };
    await this.registry.call('DELETE', `${VERSIONS}/delete-tag`, request);
  }

  /** Stages are MLflow's older way; aliases say the same more freely. */
  async transitionModelVersionStage(
    name: string,
    version: Version,
    stage: ModelVersionStage,
    options: CallOptions & { readonly archiveExistingVersions?: boolean | undefined } = {},
  ): Promise<ModelVersion> {
    checkOptions(options, ['archiveExistingVersions', 'signal']);
    checkOneOf(stage, STAGES, 'stage');
    const { archiveExistingVersions = false, signal } = options;
    const body = { ...toId(name, version), stage, archive_existing_versions: archiveExistingVersions };
    return this.#version('POST', 'transition-stage', { body, signal });
  }

  /** The newest version of each stage, or of those asked for. */
  async getLatestVersions(
    name: string,
    options: CallOptions & { readonly stages?: readonly string[] | undefined } = {},
  ): Promise<ModelVersion[]> {
    checkOptions(options, ['stages', 'signal']);
    checkRegisteredModelName(name);
    const body = { name, stages: options.stages };
    const answer = await this.registry.call('POST', `${MODELS}/get-latest-versions`, { body, signal: options.signal });
    return list(answer, 'model_versions').map(toModelVersion);
  }

  /** Gives a version a further name; an alias that another version has moves here. */
  async setRegisteredModelAlias(
    name: string,
    alias: string,
    version: Version,
    options: CallOptions = {},
  ): Promise<void> {
    checkAlias(alias);
    const body = { ...toId(name, version), alias };
    await this.registry.call('POST', `${MODELS}/alias`, { body, signal: signalOf(options) });
  }

  async deleteRegisteredModelAlias(name: string, alias: string, options: CallOptions = {}): Promise<void> {
    checkRegisteredModelName(name);
    checkAlias(alias);
    await this.registry.call('DELETE', `${MODELS}/alias`, { body: { name, alias }, signal: signalOf(options) });
  }

  /** A missing alias is an error with `errorCode` `INVALID_PARAMETER_VALUE`. */
  async getModelVersionByAlias(name: string, alias: string, options: CallOptions = {}): Promise<ModelVersion> {
    checkRegisteredModelName(name);
    const request = { query: { name, alias }, signal: signalOf(options) };
    return toModelVersion(object(await this.registry.call('GET', `${MODELS}/alias`, request), 'model_version'));
  }

  /** Where the files of a version lie, such as `mlflow-artifacts:/1/models/m-.../artifacts`. */
  async getModelVersionDownloadUri(name: string, version: Version, options: CallOptions = {}): Promise<string> {
    const request = { query: toId(name, version), signal: signalOf(options) };
    return text(await this.registry.call('GET', `${VERSIONS}/get-download-uri`, request), 'artifact_uri');
  }

  async #model(
    method: string,
    call: string,
    request: Parameters<typeof this.registry.call>[2],
  ): Promise<RegisteredModel> {
    const answer: Wire = await this.registry.call(method, `${MODELS}/${call}`, request);
    return toRegisteredModel(object(answer, 'registered_model'));
  }

  async #version(
    method: string,
    call: string,
    request: Parameters<typeof this.registry.call>[2],
  ): Promise<ModelVersion> {
    const answer: Wire = await this.registry.call(method, `${VERSIONS}/${call}`, request);
    return toModelVersion(object(answer, 'model_version'));
  }
}

function toId(name: string, version: Version): { name: string; version: string } {
  checkRegisteredModelName(name);
  return { name, version: checkVersion(version) };
}

function toTag(key: string, value: Scalar): { key: string; value: string } {
  checkKey(key, 'The key of a tag');
  return { key, value: checkValue(value, MAX_REGISTRY_TAG_LENGTH, `The value of tag "${key}"`) };
}
