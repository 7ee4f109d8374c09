/**
 * Saving, loading and logging models. What runs a model is loaded with the first call: a program that only reads MLmodel
 * files or talks to a server does not wait for it.
 */
import type { LoadModelOptions } from './load-model.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { LoggedModelInfo, LogModelOptions } from './log-model.ts';
import type { SavedModel, SaveModelOptions } from './save-model.ts';

export type { ChatSignature } from './chat-signature.ts';
export type { LoadModelOptions } from './load-model.ts';
export type {
  ChatInput,
  LoadedModel,
  Prediction,
  PredictionChunk,
  PredictOptions,
  PromptInput,
} from './loaded-model.ts';
export type { LoggedModelInfo, LogModelOptions } from './log-model.ts';
export type { ModelTask } from './names.ts';
export type { SavedModel, SaveModelOptions } from './save-model.ts';
export type { SaveProgress } from './save-options.ts';

/**
 * Writes a model directory that MLflow, Python's `mlflow.pyfunc.load_model` and `loadModel` read. It appears at `path`
 * whole or not at all; of two writers on one path one wins.
 *
 * Two flavors are in its MLmodel file: `onnxruntime_genai`, which says how to run it in Node, and `python_function` with a
 * small loader in `code/` that runs the same folder by the official onnxruntime-genai package. Nothing is pickled. Files
 * are cloned, or copied by the kernel, and listed with size and SHA-256 in `onnxruntime_genai_files.json`; all is on the
 * disk in the end. The MLmodel file says `mlflow_version: 3.17.2`, the version whose format it has.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_MODEL_NOT_FOUND`, `ERR_GENAI_MODEL_INVALID`,
 *   `ERR_MLFLOW_SIGNATURE` (example, signature and task contradict each other), `ERR_MLFLOW_PATH_EXISTS`,
 *   `ERR_MLFLOW_UNSAFE_PATH` (a link to a folder), `ERR_MLFLOW_TRANSFER` (disk full, a file that changes meanwhile);
 *   or the signal's reason. Then nothing is left behind.
 */
export async function saveModel(options: SaveModelOptions): Promise<SavedModel> {
  return (await import('./save-model.ts')).saveModel(options);
}

/**
 * Loads an MLflow model: one that `saveModel` wrote, or one that Python logged with
 * `mlflow.pyfunc.log_model(python_model=..., artifacts={"phi3-mini-onnx": folder})`. Of the latter the ONNX folder is
 * run by `Phi3Model`; its Python code is never executed, its pickle never opened, and `notice` says so.
 *
 * @param uri a model directory or a `file:` URI of one; or what a server has: `models:/name/version`,
 *   `models:/name@alias`, `models:/m-...`, `runs:/id/name`, `mlflow-artifacts:/...`. That is downloaded to a temporary
 *   folder, which `dispose()` removes, or the end of the process (unless a signal kills it). To keep it, use
 *   `client.downloadModel` and load the folder.
 * @throws {GenAIError} `ERR_MLFLOW_FORMAT` (MLmodel missing or broken, files missing or changed), `ERR_MLFLOW_FLAVOR`
 *   (nothing in it runs here), `ERR_MLFLOW_SIGNATURE`, `ERR_MLFLOW_UNSAFE_PATH` (also for native code, see
 *   `allowCustomOps`), `ERR_MLFLOW_URI`, as `Model.load`; for a server's `ERR_MLFLOW_NO_TRACKING_URI`,
 *   `ERR_MLFLOW_HTTP`, `ERR_MLFLOW_TRANSFER` (also for a file that arrives damaged); or the signal's reason
 */
export async function loadModel(uri: string | URL, options?: LoadModelOptions): Promise<LoadedModel> {
  return (await import('./load-model.ts')).loadModel(uri, options);
}

/**
 * Logs a model to a tracking server, as Python's `mlflow.pyfunc.log_model` does and in the same order of effects: a logged
 * model in the state PENDING with the run's parameters, an output of the run, the run's metrics copied to the model, the
 * files, `modelConfig` as parameters of the run, READY, and last a version of the registered model.
 *
 * The files are those of `saveModel`. The large ones are uploaded from where they are. When the upload breaks, the model
 * is marked as failed; it has no MLmodel file then, which is uploaded last.
 *
 * @throws {GenAIError} as `saveModel`, before anything is sent; `ERR_MLFLOW_NO_TRACKING_URI`, `ERR_MLFLOW_HTTP`,
 *   `ERR_MLFLOW_TRANSFER`; or the signal's reason
 */
export async function logModel(options: LogModelOptions): Promise<LoggedModelInfo> {
  return (await import('./log-model.ts')).logModel(options);
}
