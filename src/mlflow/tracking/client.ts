/** The client of a tracking server. */
import { ArtifactClient } from './artifacts.ts';

/**
 * Talks to an MLflow tracking server and its model registry over REST: experiments, runs, logged models, registered models
 * with versions and aliases, artifacts. Method names are those of Python's `mlflow.MlflowClient`, in camelCase.
 *
 * Settings come from the options, or else from the environment variables of Python's client. Failed requests are repeated as
 * there, but one that creates something only when the server cannot have done it. Values that the server would cut or
 * silently read as something else are refused before they are sent.
 *
 * ```ts
 * await using client = new MlflowClient({ trackingUri: 'http://127.0.0.1:5000' });
 * const run = await client.createRun('0');
 * for await (const run of allPages(pageToken => client.searchRuns({ experimentIds: ['0'], pageToken }))) ...
 * ```
 *
 * @throws {GenAIError} by the constructor: `ERR_MLFLOW_NO_TRACKING_URI`, `ERR_MLFLOW_URI`, `ERR_GENAI_INVALID_ARGUMENT`
 */
export class MlflowClient extends ArtifactClient {}
