import { invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import type { MLmodel } from '../format/mlmodel.ts';
import type { ModelSignature } from '../format/schema/signature.ts';
import {
  checkId,
  checkInteger,
  checkLoggedModelName,
  checkRegisteredModelName,
  checkUploadPath,
  type Scalar,
} from '../tracking/check.ts';
import { MlflowClient } from '../tracking/client.ts';
import type { LoggedModel, RunRecord } from '../tracking/entities.ts';
import { allPages } from '../tracking/paging.ts';
import { registerModel } from '../tracking/register-model.ts';
import { Run } from '../tracking/run.ts';
import { type ModelPackage, preparePackage } from './package.ts';
import { PACKAGE_OPTIONS, type PackageOptions } from './save-options.ts';
import { uploadPackage } from './upload-package.ts';

export interface LogModelOptions extends PackageOptions {
  /** Name of the logged model; none of `/ : . % " '`. */
  readonly name: string;
  /** The run that the model belongs to, or its id. Without one, the model belongs to an experiment only. */
  readonly run?: Run | string | undefined;
  /** Where there is no run; default `MLFLOW_EXPERIMENT_ID` or `"0"`. */
  readonly experimentId?: string | undefined;
  /** Instead of its id; made when it is missing. Default `MLFLOW_EXPERIMENT_NAME`. */
  readonly experimentName?: string | undefined;
  /** Default: that of the run, else a new one by the environment. */
  readonly client?: MlflowClient | undefined;
  /** Of the logged model; the run's parameters are added, as MLflow does. */
  readonly params?: Readonly<Record<string, Scalar>> | undefined;
  /** Of the logged model. */
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
  /** Of the run, default 0. Metrics that the run has for this step become the model's, too. */
  readonly step?: number | undefined;
  /** Makes the model a version of this registered model, which is made when it is missing. */
  readonly registeredModelName?: string | undefined;
  /** Of the version. */
  readonly registeredModelTags?: Readonly<Record<string, Scalar>> | undefined;
  /** Files under way at once; default 4. */
  readonly concurrency?: number | undefined;
  /** Told what could not be done and does not matter to the model: a parameter that the run has with another value. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A model that a server has. */
export interface LoggedModelInfo {
  readonly modelId: string;
  /** `models:/m-...`, which everything here and in Python loads. */
  readonly modelUri: string;
  readonly name: string;
  /** Where its files lie: `mlflow-artifacts:/1/models/m-.../artifacts`. */
  readonly artifactUri: string;
  readonly runId: string | undefined;
  /** The version, where `registeredModelName` was given. */
  readonly registeredModelVersion: string | undefined;
  readonly mlmodel: MLmodel;
  readonly signature: ModelSignature;
}

/** A server that does not answer any more is told no longer than this that the model has failed. */
const FINALIZE_MS = 10_000;

const OWN_OPTIONS = [
  'name',
  'run',
  'experimentId',
  'experimentName',
  'client',
  'params',
  'tags',
  'step',
  'registeredModelName',
  'registeredModelTags',
  'concurrency',
  'onWarning',
] satisfies (keyof LogModelOptions)[];

/** What `logModel` of ./index.ts does; it is documented there. */
export async function logModel(options: LogModelOptions): Promise<LoggedModelInfo> {
  checkOptions(options, [...PACKAGE_OPTIONS, ...OWN_OPTIONS]);
  checkNames(options);
  const model = await preparePackage(options);
  for (const { path } of model.tree.files) checkUploadPath(path, 'The path of a file');
  const { run } = options;
  const given = options.client ?? (run instanceof Run ? run.client : undefined);
  if (given !== undefined) return log(given, model, options);
  await using own = new MlflowClient();
  return await log(own, model, options);
}

async function log(client: MlflowClient, model: ModelPackage, options: LogModelOptions): Promise<LoggedModelInfo> {
  const { name, signal, registeredModelName, registeredModelTags: tags } = options;
  const runId = runIdOf(options.run);
  const record = runId === undefined ? undefined : await client.getRun(runId, { signal });
  const experimentId = record?.info.experimentId ?? (await findExperiment(client, options));
  const logged = await client.createLoggedModel(experimentId, {
    name,
    sourceRunId: runId,
    params: { ...record?.data.params, ...options.params },
    tags: options.tags,
    signal,
  });
  const { modelId, artifactUri } = logged;
  const ids = { model_id: modelId, model_uuid: modelId, artifact_path: artifactUri };
  const mlmodel = { ...model.mlmodel, ...ids, ...(runId === undefined ? {} : { run_id: runId }) };
  try {
    if (record !== undefined) await attachToRun(client, record, logged, options);
    await uploadPackage(client.openStore(artifactUri), model, mlmodel, options);
    if (record !== undefined) await logModelConfig(client, record, model, options);
    await client.finalizeLoggedModel(modelId, 'READY', { signal });
  } catch (error) {
    // Without the signal, which may be what has ended it. The first error is the one that counts.
    const signal = AbortSignal.timeout(FINALIZE_MS);
    await client.finalizeLoggedModel(modelId, 'FAILED', { signal }).catch(() => {});
    throw error;
  }
  const modelUri = `models:/${modelId}`;
  const version =
    registeredModelName === undefined
      ? undefined
      : await registerModel(modelUri, registeredModelName, { client, tags, signal });
  const { signature } = model;
  return { modelId, modelUri, name, artifactUri, runId, registeredModelVersion: version?.version, mlmodel, signature };
}

/** The model becomes an output of the run, and gets the metrics that the run has for this step. */
async function attachToRun(
  client: MlflowClient,
  { info: { runId }, data }: RunRecord,
  { modelId }: LoggedModel,
  { step = 0, signal }: LogModelOptions,
): Promise<void> {
  await client.logOutputs(runId, [{ modelId, step }], { signal });
  const metrics = [];
  for (const key of Object.keys(data.metrics)) {
    const history = (pageToken: string | undefined) => client.getMetricHistory(runId, key, { pageToken, signal });
    for await (const metric of allPages(history)) {
      if (metric.step === step && metric.modelId === undefined) metrics.push({ ...metric, modelId });
    }
  }
  if (metrics.length > 0) await client.logBatch(runId, { metrics }, { signal });
}

/** A run may have another value for a name; that is no reason to throw the model away. */
async function logModelConfig(
  client: MlflowClient,
  { info: { runId } }: RunRecord,
  { mlmodel }: ModelPackage,
  { signal, onWarning }: LogModelOptions,
): Promise<void> {
  const config = mlmodel.flavors['python_function']?.['config'];
  if (config === undefined) return;
  try {
    await client.logBatch(runId, { params: config as Record<string, Scalar> }, { signal });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    onWarning?.(
      `The configuration of the model could not be logged as parameters of the run: ${(error as Error).message}`,
    );
  }
}

function runIdOf(run: Run | string | undefined): string | undefined {
  return run instanceof Run ? run.runId : run;
}

async function findExperiment(
  client: MlflowClient,
  { experimentId, experimentName, signal }: LogModelOptions,
): Promise<string> {
  if (experimentId !== undefined) return experimentId;
  const { MLFLOW_EXPERIMENT_NAME, MLFLOW_EXPERIMENT_ID } = process.env;
  const name = experimentName ?? MLFLOW_EXPERIMENT_NAME;
  return name ? client.getOrCreateExperiment(name, { signal }) : MLFLOW_EXPERIMENT_ID || '0';
}

/** What the server would refuse only after the upload. */
function checkNames(options: LogModelOptions): void {
  const { name, run, experimentId, experimentName, step, registeredModelName, concurrency, onWarning, client } =
    options;
  checkLoggedModelName(name);
  if (typeof run === 'string') checkId(run, 'run');
  else if (run !== undefined && !(run instanceof Run)) throw invalidArgument('run', 'a Run or the id of one', run);
  if (client !== undefined && !(client instanceof MlflowClient))
    throw invalidArgument('client', 'an MlflowClient', client);
  if (experimentId !== undefined && experimentName !== undefined) {
    throw invalidArgument('experimentName', 'left out together with experimentId', experimentName);
  }
  if (run !== undefined && (experimentId ?? experimentName) !== undefined) {
    throw invalidArgument('experimentId', 'left out together with run, which has one', experimentId ?? experimentName);
  }
  if (step !== undefined) checkInteger(step, 'step');
  if (concurrency !== undefined) checkInteger(concurrency, 'concurrency', 1);
  if (registeredModelName !== undefined) checkRegisteredModelName(registeredModelName);
  if (options.registeredModelTags !== undefined && registeredModelName === undefined) {
    throw invalidArgument(
      'registeredModelTags',
      'given together with registeredModelName',
      options.registeredModelTags,
    );
  }
  if (onWarning !== undefined && typeof onWarning !== 'function') {
    throw invalidArgument('onWarning', 'a function', onWarning);
  }
}
