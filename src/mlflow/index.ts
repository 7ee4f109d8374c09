/// <reference lib="esnext.disposable" preserve="true" />
/** MLflow models for Node and Python: `onnxruntime-genai-node/mlflow`. */
export {
  type ChatInput,
  type ChatSignature,
  type LoadedModel,
  type LoadModelOptions,
  type LoggedModelInfo,
  type LogModelOptions,
  loadModel,
  logModel,
  type ModelTask,
  type Prediction,
  type PredictionChunk,
  type PredictOptions,
  type PromptInput,
  type SavedModel,
  type SaveModelOptions,
  type SaveProgress,
  saveModel,
} from './flavor/index.ts';
export { describeModel, type ModelFile } from './format/describe.ts';
export { type InputExample, readInputExample } from './format/input-example.ts';
export {
  type MLmodel,
  parseMLmodel,
  readMLmodel,
  signatureOf,
  stringifyMLmodel,
} from './format/mlmodel.ts';
export { type EnforcedInput, type EnforceOptions, enforceInput, enforceParams } from './format/schema/enforce.ts';
export { type InferOptions, inferSchema, inferSignature } from './format/schema/infer.ts';
export {
  type ColumnSpec,
  DATA_TYPES,
  type DataType,
  type ParamSchema,
  type ParamSpec,
  type PropertySpec,
  type Schema,
  type TensorSpec,
  type TypeSpec,
} from './format/schema/schema-types.ts';
export { formatSignature, ModelSignature, type SignatureTexts } from './format/schema/signature.ts';
export { type Problem, validateModelDirectory } from './format/validate.ts';
export { type Autolog, type AutologOptions, autolog } from './tracing/autolog.ts';
export { enableTracing, type Tracing, type TracingOptions } from './tracing/enable-tracing.ts';
export { type TraceEndpoint, traceEndpoint } from './tracing/trace-endpoint.ts';
export { MlflowClient } from './tracking/client.ts';
export type * from './tracking/entities.ts';
export type { TransferProgress } from './tracking/files/progress.ts';
export type { MlflowClientOptions } from './tracking/http/settings.ts';
export { parseModelUri } from './tracking/model-uri.ts';
export { allPages } from './tracking/paging.ts';
export { type RegisterModelOptions, registerModel } from './tracking/register-model.ts';
export { Run, type StartRunOptions, startRun, withRun } from './tracking/run.ts';
