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
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
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
