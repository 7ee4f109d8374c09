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
export { Config } from './core/config.ts';
export { Generator, type GeneratorCallOptions, type Logits } from './core/generator.ts';
export { GeneratorParams } from './core/generator-params.ts';
export type { HardwareDevice } from './core/hardware-device.ts';
export type { LoadOptions, LoadProgress, ModelLoadOptions } from './core/load-options.ts';
export { type LogCallback, type LogOptions, setLogCallback, setLogOptions } from './core/log.ts';
export { Model } from './core/model.ts';
export {
  getCurrentGpuDeviceId,
  registerExecutionProviderLibrary,
  setCurrentGpuDeviceId,
  setTelemetryEnabled,
  unregisterExecutionProviderLibrary,
} from './core/process-settings.ts';
export type { SearchOptionName, SearchOptions } from './core/search-options.ts';
export { TokenStream } from './core/token-stream.ts';
export { type ChatTemplateOptions, Tokenizer } from './core/tokenizer.ts';
export type { TokenizerOptions } from './core/tokenizer-options.ts';
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
  LogEvent,
  ModelLoadEvent,
  PrefillEvent,
  RuntimeLoadEvent,
  TokensEvent,
} from './diagnostics.ts';
export { ERROR_CODES, type ErrorCode, type ErrorDetails, GenAIError, isGenAIError } from './errors.ts';
