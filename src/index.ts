/// <reference lib="esnext.disposable" preserve="true" />
/** onnxruntime-genai-node: run ONNX Runtime GenAI models inside Node. */
export { configureRuntime, type RuntimeOptions } from './binding/runtime.ts';
export {
  type Capabilities,
  capabilities,
  type Feature,
  type RuntimeSource,
  type RuntimeVariant,
} from './core/capabilities.ts';
export {
  Engine,
  type EngineCapabilities,
  type EngineOptions,
  type EngineRequestOptions,
} from './core/engine/engine.ts';
export { EngineRequest } from './core/engine/engine-request.ts';
export type { DelimitedGuidance, TurnResponseFormat } from './core/engine/guidance.ts';
export type { SpeculativeStats } from './core/engine/speculative-stats.ts';
export { Turn, type TurnEndEvent, type TurnEvent, type TurnResult, type TurnTokenEvent } from './core/engine/turn.ts';
export type { TurnOptions } from './core/engine/turn-options.ts';
export { Generator, type GeneratorCallOptions, type Logits } from './core/generator.ts';
export { GeneratorParams } from './core/generator-params.ts';
export { Model } from './core/model.ts';
export type { LoadProgress, ModelLoadOptions } from './core/model-load.ts';
export type { SearchOptionName, SearchOptions } from './core/search-options.ts';
export { TokenStream } from './core/token-stream.ts';
export { type ChatTemplateOptions, Tokenizer } from './core/tokenizer.ts';
export { TokenizerStream } from './core/tokenizer-stream.ts';
export type {
  ChatMessage,
  FinishReason,
  GenerateInput,
  GenerateMetrics,
  GenerateOptions,
  GenerateResult,
  TextPart,
  TokenChunk,
  Usage,
} from './core/types.ts';
export type {
  ContentEvent,
  DiagnosticChannel,
  DiagnosticEvents,
  EndEvent,
  ModelLoadEvent,
  PrefillEvent,
  RuntimeLoadEvent,
  TokensEvent,
} from './diagnostics.ts';
export { ERROR_CODES, type ErrorCode, type ErrorDetails, GenAIError, isGenAIError } from './errors.ts';
