/** What the addon has for engines. See addon-types.ts. */

import type { NativeSpeculativeStats } from './addon-types.ts';

export interface NativeTurnSettings {
  /** At least one. */
  readonly tokens: Int32Array;
  readonly maxNewTokens: number;
  readonly stop: readonly string[];
  readonly text: boolean;
  readonly minNewTokens?: number | undefined;
  readonly doSample?: boolean | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly noRepeatNgramSize?: number | undefined;
  readonly seed?: number | undefined;
  /** This one and the next two: of a NativeScheduler only. */
  readonly minP?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly guidance?: { readonly type: string; readonly data: string } | undefined;
  readonly delimitedGuidance?:
    | { readonly openingToken: number; readonly closingToken: number; readonly grammar: string }
    | undefined;
}

export interface NativeTurnResult {
  readonly turnId: number;
  readonly tokens: Int32Array;
  /** Empty where no text is asked for. */
  readonly text: string;
  readonly reason: 'stop' | 'length' | 'abort' | 'failed';
  /** Index into `stop`, or -1. */
  readonly matchedStop: number;
  /** What the library says of a turn that has failed; else 0. */
  readonly errorCode: number;
  /** Of a turn that has failed; else empty. */
  readonly message: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  /** Milliseconds since the request came: until its prompt began to be read. 0 but for a NativeScheduler, as the others. */
  readonly queuedMs: number;
  /** Until the first token; until the end where there is none. */
  readonly ttftMs: number;
  readonly totalMs: number;
}

/**
 * `texts`: as many as tokens, or none where all are empty; `blocked`: no turn of the engine can go on until something
 * is closed or cancelled.
 */
export type NativeOnTurnEvents = (tokens: Int32Array, texts: string[], blocked: boolean) => void;

export interface NativeEngineRequest {
  /** Settles when the turn has ended; one at a time. */
  beginTurn(turn: NativeTurnSettings, onEvents: NativeOnTurnEvents): Promise<NativeTurnResult>;
  /** Nothing when no turn runs. The turn ends soon after with reason "abort". */
  cancelTurn(): Promise<void>;
  rewindToStartOfTurn(turnId: number): Promise<void>;
  setDraftTokens(tokens: Int32Array): Promise<void>;
  /** A running turn fails with ERR_GENAI_DISPOSED. */
  close(): Promise<void>;
}

export interface NativeEngine {
  /** `maxSessionTokens`: 0 = the default. */
  createRequest(maxSessionTokens: number): Promise<NativeEngineRequest>;
  capabilities(): Promise<{ maxBatchSize: number; maxScheduledTokens: number; maxRequestLength: number }>;
  getSpeculativeStats(): Promise<NativeSpeculativeStats>;
  maxDraftTokens(): number;
  /** 0: the engine sets none. */
  maxRequestLength(): number;
  isDead(): boolean;
  isBlocked(): boolean;
  /** Running turns fail with ERR_GENAI_DISPOSED; settles when the native engine is gone. Call it once. */
  dispose(): Promise<void>;
}

/** A model for a NativeScheduler; names of keys and values hold one `%d`. */
export interface NativeSchedulerSpec {
  /** Of the ONNX file, absolute. */
  readonly path: string;
  /** 0: as many as there are cores. */
  readonly threads: number;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabSize: number;
  readonly inputIds: string;
  readonly attentionMask: string;
  readonly pastKey: string;
  readonly pastValue: string;
  readonly logits: string;
  readonly presentKey: string;
  readonly presentValue: string;
  /** Most requests in one step. */
  readonly rows: number;
  /** Most tokens of a request, prompt and answer. */
  readonly capacity: number;
  /** Most tokens of prompts in one step. */
  readonly chunk: number;
  readonly endTokens: Int32Array;
  /** What the garbage collector is told that it holds. */
  readonly bytes: number;
}

export interface NativeSchedulerStats {
  /** Requests that decode, or whose prompt is being read. */
  readonly running: number;
  readonly waiting: number;
  /** Bytes of keys and values that rows have memory for. */
  readonly kvBytes: number;
  /** Steps of decoding, and the sum of their rows. */
  readonly steps: number;
  readonly stepRows: number;
  readonly prefills: number;
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly decodeMs: number;
  readonly prefillMs: number;
}

export interface NativeScheduler {
  /** Settles when the request has ended. No two that run have the same id. */
  run(id: number, request: NativeTurnSettings, onTokens: NativeOnTurnEvents): Promise<NativeTurnResult>;
  /** The request ends soon after, with reason "abort". Nothing when it has ended. */
  cancel(id: number): void;
  stats(): Promise<NativeSchedulerStats>;
  /** Running requests fail with ERR_GENAI_DISPOSED; settles when the model is gone. Call it once. */
  dispose(): Promise<void>;
}
