/// <reference lib="esnext.disposable" preserve="true" />
/** onnxruntime-genai-node: run ONNX Runtime GenAI models inside Node. */
export { configureRuntime, type RuntimeOptions } from './binding/runtime.ts';
export { Adapters } from './core/adapters.ts';
export { Audios } from './core/audios.ts';
export {
  type Capabilities,
  capabilities,
  type Feature,
  type RuntimeSource,
  type RuntimeVariant,
} from './core/capabilities.ts';
export { type ChatOptions, ChatSession, type ChatTurnOptions } from './core/chat-session.ts';
export { Config } from './core/config.ts';
export {
  Engine,
  type EngineCapabilities,
  type EngineOptions,
  type EngineRequestOptions,
} from './core/engine/engine.ts';
export { EngineRequest } from './core/engine/engine-request.ts';
export type { DelimitedGuidance } from './core/engine/guidance.ts';
export { Turn, type TurnEndEvent, type TurnEvent, type TurnResult, type TurnTokenEvent } from './core/engine/turn.ts';
export type { TurnOptions } from './core/engine/turn-options.ts';
export { type GenerateObjectOptions, type GenerateObjectResult, generateObject } from './core/generate-object.ts';
export { Generator, type Logits } from './core/generator.ts';
export type { GeneratorCallOptions } from './core/generator-call.ts';
export { type GeneratorOptions, GeneratorParams } from './core/generator-params.ts';
export type { GuidanceOptions } from './core/guided-generator.ts';
export type { HardwareDevice } from './core/hardware-device.ts';
export { Images } from './core/images.ts';
export type { LoadOptions, LoadProgress, ModelLoadOptions } from './core/load-options.ts';
export { type LogCallback, type LogOptions, setLogCallback, setLogOptions } from './core/log.ts';
export type { MediaSource } from './core/media-source.ts';
export { Model } from './core/model.ts';
export { type MtpCounts, MtpGenerator } from './core/mtp-generator.ts';
export { type MediaOptions, MultiModalProcessor } from './core/multi-modal-processor.ts';
export { NamedTensors } from './core/named-tensors.ts';
export {
  getCurrentGpuDeviceId,
  registerExecutionProviderLibrary,
  setCurrentGpuDeviceId,
  setTelemetryEnabled,
  unregisterExecutionProviderLibrary,
} from './core/process-settings.ts';
export { Scheduler, type SchedulerStats } from './core/scheduler/scheduler.ts';
export type { SchedulerOptions } from './core/scheduler/scheduler-options.ts';
export type { SubmitOptions } from './core/scheduler/submit-plan.ts';
export type { SearchOptionName, SearchOptions } from './core/search-options.ts';
export type { SpeculativeOptionName, SpeculativeOptions } from './core/speculation.ts';
export type { SpeculativeStats } from './core/speculative-stats.ts';
export { type StreamingOption, StreamingProcessor } from './core/streaming-processor.ts';
export { Tensor } from './core/tensor.ts';
export type { TensorData, TensorType } from './core/tensor-types.ts';
export { TokenStream } from './core/token-stream.ts';
export { type ChatTemplateOptions, Tokenizer } from './core/tokenizer.ts';
export type { TokenizerOptions } from './core/tokenizer-options.ts';
export { TokenizerStream } from './core/tokenizer-stream.ts';
export type {
  AudioPart,
  ChatMessage,
  FinishReason,
  GenerateInput,
  GenerateMetrics,
  GenerateOptions,
  GenerateResult,
  ImagePart,
  MediaMessage,
  TextPart,
  TokenChunk,
  Usage,
} from './core/types.ts';
export type {
  ContentEvent,
  DiagnosticChannel,
  DiagnosticEvents,
  EndEvent,
  LogEvent,
  ModelLoadEvent,
  PrefillEvent,
  RuntimeLoadEvent,
  TokensEvent,
} from './diagnostics.ts';
export { ERROR_CODES, type ErrorCode, type ErrorDetails, GenAIError, isGenAIError } from './errors.ts';
export { GUIDANCE_LIMITS, type GuidanceLimitName, type GuidanceLimits } from './guided/limits.ts';
export type {
  GuidanceData,
  GuidanceType,
  JsonSchemaFormat,
  LarkFormat,
  RegexFormat,
  ResponseFormat,
} from './guided/response-format.ts';
export type { JsonValueOf, ObjectOf } from './guided/schema-value.ts';
export type { StandardIssue, StandardResult, StandardSchema } from './guided/standard-schema.ts';
