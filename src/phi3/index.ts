/// <reference lib="esnext.disposable" preserve="true" />
/** The Phi-3 wrapper with MLflow's shape: `onnxruntime-genai-node/phi3`. */
export type {
  ChatCompletion,
  ChatCompletionChoice,
  ChatCompletionChunk,
  ChatCompletionOptions,
} from './chat-completion.ts';
export { type ModelConfig, searchOptionsOf } from './model-config.ts';
export {
  PHI3_ARTIFACT,
  type Phi3CallOptions,
  type Phi3Context,
  Phi3Model,
  type Phi3PredictOptions,
  type Phi3Prompt,
} from './phi3-model.ts';
