/**
 * What the addon exports: every native class and function, declared here and nowhere else. Everything that may block
 * returns a promise. All of them fail with an `Error` whose `code` is an `ERR_GENAI_*` string, or `CANCELLED`.
 */

import type { NativeEngine, NativeScheduler, NativeSchedulerSpec } from './addon-engine-types.ts';
import type {
  NativeAudios,
  NativeImages,
  NativeMultiModalProcessor,
  NativeNamedTensors,
  NativeStreamingProcessor,
  NativeTensor,
} from './addon-media-types.ts';

/** Facts about the loaded libraries. */
export interface NativeRuntimeInfo {
  readonly genaiVersion: string;
  readonly onnxruntimeVersion: string;
  readonly genaiLibrary: string;
  readonly onnxruntimeLibrary: string;
  /** Execution providers compiled into ONNX Runtime, such as `"CUDAExecutionProvider"`. */
  readonly providers: readonly string[];
  /** Names of the C functions this version does not export. */
  readonly absentFunctions: readonly string[];
}

export interface NativeConfig {
  overlay(json: string): void;
  clearProviders(): void;
  appendProvider(provider: string): void;
  setProviderOption(provider: string, key: string, value: string): void;
  /** null takes the choice back, as in the two below. */
  setHardwareDeviceType(provider: string, type: string | null): void;
  setHardwareDeviceId(provider: string, id: number | null): void;
  setHardwareVendorId(provider: string, id: number | null): void;
  /** Copies the bytes. */
  addModelData(name: string, bytes: Uint8Array): void;
  removeModelData(name: string): void;
  dispose(): void;
}

export interface NativeModel {
  type(): string;
  deviceType(): string;
  /** Settles when this reference is gone. */
  dispose(): Promise<void>;
}

export interface NativeSpecialTokenIds {
  readonly bos: number;
  readonly pad: number;
  readonly eos: Int32Array;
  readonly bot: number | null;
  readonly eot: number | null;
  readonly bor: number | null;
  readonly eor: number | null;
}

export interface NativeTokenizer {
  encode(text: string): Promise<Int32Array>;
  decode(tokens: Int32Array): Promise<string>;
  encodeBatch(texts: readonly string[]): Promise<{ tokens: Int32Array; rows: number; columns: number }>;
  decodeBatch(rows: readonly Int32Array[]): Promise<string[]>;
  applyChatTemplate(
    template: string | null,
    messagesJson: string,
    toolsJson: string | null,
    addGenerationPrompt: boolean,
    kwargsJson?: string | null,
  ): Promise<string>;
  /** By their names in the library. */
  updateOptions(options: Readonly<Record<string, string>>): Promise<void>;
  /** -1: not in the vocabulary. */
  toTokenId(token: string): number;
  specialTokenIds(): NativeSpecialTokenIds;
  createStream(): NativeTokenizerStream;
  dispose(): void;
}

export interface NativeTokenizerStream {
  decode(tokenId: number): string;
  dispose(): void;
}

export interface NativeGeneratorParams {
  setSearchNumber(name: string, value: number): void;
  setSearchBool(name: string, value: boolean): void;
  getSearchNumber(name: string): number;
  getSearchBool(name: string): boolean;
  /** The speculative ones need 0.16. */
  setSpeculativeNumber(name: string, value: number): void;
  setSpeculativeBool(name: string, value: boolean): void;
  getSpeculativeNumber(name: string): number;
  getSpeculativeBool(name: string): boolean;
  /** `type`: "json_schema", "regex" or "lark_grammar". Checked by createGenerator. */
  setGuidance(type: string, data: string, enableFfTokens: boolean): void;
  dispose(): void;
}

export interface NativeRunRequest {
  readonly prompt: Int32Array;
  /** Of a multimodal model: set in the place of the prompt, whose tokens they hold. */
  readonly inputs?: NativeNamedTensors | null;
  readonly maxNewTokens: number;
  readonly stop: readonly string[];
  readonly beams: boolean;
  /** Text to the letter of a grammar: a space at its beginning stays. */
  readonly guided: boolean;
  /** A step may give several tokens. */
  readonly bursts: boolean;
}

export interface NativeRunResult {
  readonly tokens: Int32Array;
  readonly text: string;
  readonly reason: 'stop' | 'length' | 'abort';
  /** Index into `stop`, or -1. */
  readonly matchedStop: number;
  readonly queuedMs: number;
  readonly ttftMs: number;
  readonly decodeMs: number;
  readonly totalMs: number;
}

/** By the library's names, and `accepted_lengths`. */
export type NativeSpeculativeStats = Readonly<Record<string, number | boolean | number[]>>;

export interface NativeAdapters {
  load(path: string, name: string): Promise<void>;
  unload(name: string): Promise<void>;
  dispose(): void;
}

export interface NativeMtpGenerator {
  appendTokens(tokens: Int32Array): Promise<void>;
  generateNextToken(): Promise<void>;
  reset(): Promise<void>;
  isDone(): boolean;
  getSequence(): Int32Array;
  getCounts(): { forwards: number; accepted: number; trials: number };
  getSpeculativeStats(): NativeSpeculativeStats;
  /** Settles when the running call has ended and the native object is gone. Call it once. */
  dispose(): Promise<void>;
}

export type NativeOnPieces = (tokens: Int32Array, texts: string[]) => void;

export interface NativeGenerator {
  appendTokens(tokens: Int32Array): Promise<void>;
  appendTokenSequences(sequences: readonly Int32Array[]): Promise<void>;
  generateNextToken(): Promise<void>;
  run(request: NativeRunRequest, tokenizer: NativeTokenizer, onPieces: NativeOnPieces | null): Promise<NativeRunResult>;
  rewindTo(length: number): Promise<void>;
  getLogits(): Promise<{ values: Float32Array; shape: number[] }>;
  setLogits(logits: Float32Array): Promise<void>;
  setModelInput(name: string, tensor: NativeTensor): Promise<void>;
  /** The set as it is now. */
  setInputs(inputs: NativeNamedTensors): Promise<void>;
  getInput(name: string): Promise<NativeTensor>;
  getOutput(name: string): Promise<NativeTensor>;
  setHiddenStates(hiddenStates: NativeTensor): Promise<void>;
  snapshotState(): Promise<void>;
  setActiveAdapter(adapters: NativeAdapters, name: string): Promise<void>;
  isSessionTerminated(): boolean;
  getSpeculativeStats(): NativeSpeculativeStats;
  isDone(): boolean;
  tokenCount(): number;
  getNextTokens(): Int32Array;
  getSequence(index: number): Int32Array;
  setRuntimeOption(key: string, value: string): void;
  /** Ends the running call, if there is one: it rejects with code CANCELLED; `run` resolves with reason "abort". */
  cancel(): void;
  /** Cancels the running call; settles when the native object is gone and its thread is about to end. Call it once. */
  dispose(): Promise<void>;
}

export interface NativeAddon {
  /** `telemetry`: leave the libraries' usage data to their defaults. */
  loadRuntime(paths: { onnxruntime: string; genai: string; telemetry?: boolean }): Promise<NativeRuntimeInfo>;
  createConfig(folder: string): Promise<NativeConfig>;
  createConfigFromPackage(folder: string, executionProvider: string | null): Promise<NativeConfig>;
  /**
   * `bytes`: what the model holds, for the garbage collector to know. `keepModelData` (default true): bytes that the
   * configuration was given live as long as the model.
   */
  createModel(config: NativeConfig, bytes: number, keepModelData?: boolean): Promise<NativeModel>;
  /** `settings`: addresses or Externals of other addons, by name. */
  createModelWithSettings(
    folder: string,
    settings: Readonly<Record<string, unknown>>,
    bytes: number,
  ): Promise<NativeModel>;
  createTokenizer(model: NativeModel): Promise<NativeTokenizer>;
  createTokenizerFromConfig(config: NativeConfig): Promise<NativeTokenizer>;
  createTokenizerFromFolder(folder: string): Promise<NativeTokenizer>;
  createGeneratorParams(model: NativeModel): NativeGeneratorParams;
  /** `bytes`: what the generator holds, for the garbage collector to know; 0 for one that is surely disposed of. */
  createGenerator(model: NativeModel, params: NativeGeneratorParams, bytes: number): Promise<NativeGenerator>;
  /** The one listener of this thread. `lost`: texts that came after these and found no room. */
  listenToLog(onTexts: (texts: string[], lost: number) => void): void;
  /** Delivers what waits, and ends listening; the log goes off with the last listener of the process. */
  closeLog(): void;
  /** Flags by their names in the library; null: no file any more. Waits until no model runs. */
  changeLog(flags: Readonly<Record<string, boolean>>, filename?: string | null): Promise<void>;
  registerExecutionProviderLibrary(name: string, path: string): Promise<void>;
  unregisterExecutionProviderLibrary(name: string): Promise<void>;
  hasRegisteredProviders(): boolean;
  setGpuDevice(id: number): Promise<void>;
  gpuDevice(): Promise<number>;
  setTelemetryEnabled(enabled: boolean): Promise<void>;
  /** `type`: the number of the element type; `data`: copied, null for zeros. */
  createTensor(type: number, shape: readonly number[], data: ArrayBufferView | null): NativeTensor;
  createNamedTensors(): NativeNamedTensors;
  createAdapters(model: NativeModel): NativeAdapters;
  /** Whole files, copied. */
  loadImages(files: readonly Uint8Array[]): Promise<NativeImages>;
  loadAudios(files: readonly Uint8Array[]): Promise<NativeAudios>;
  createMultiModalProcessor(model: NativeModel): Promise<NativeMultiModalProcessor>;
  createStreamingProcessor(model: NativeModel): Promise<NativeStreamingProcessor>;
  createMtpGenerator(
    mainModel: NativeModel,
    mtpModel: NativeModel,
    params: NativeGeneratorParams,
  ): Promise<NativeMtpGenerator>;
  createScheduler(spec: NativeSchedulerSpec, tokenizer: NativeTokenizer): Promise<NativeScheduler>;
  /** `dynamic`: the model's configuration asks for dynamic batching; `bytes`: as of `createGenerator`. */
  createEngine(model: NativeModel, tokenizer: NativeTokenizer, dynamic: boolean, bytes: number): Promise<NativeEngine>;
}
