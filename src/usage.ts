/** What a generation cost and how it ended: plain data of results and diagnostics alike. */

/** `stop`: end-of-sequence token or stop string; `length`: a limit was reached. */
export type FinishReason = 'stop' | 'length' | 'abort' | 'tool-calls';

export interface Usage {
  /** Tokens of the prompt. */
  readonly inputTokens: number;
  /** Generated tokens: with those of a matched stop string, without the end-of-sequence token. */
  readonly outputTokens: number;
  /** Part of inputTokens that was already in the KV cache. */
  readonly cachedInputTokens: number;
}

/**
 * Where the time of a generation went, in milliseconds:
 * `totalMs = queuedMs + prefillMs + decodeMs`, and `ttftMs = queuedMs + prefillMs` when there is a token.
 */
export interface GenerateMetrics {
  /** From the call until the prefill began: encoding the prompt, making the KV cache, waiting for the thread. */
  readonly queuedMs: number;
  /** From there to the first token, or to the end when there is none. */
  readonly prefillMs: number;
  /** From the first token to the end, with the step that gave the end-of-sequence token. */
  readonly decodeMs: number;
  /** From the call to the first token; 0 when there is none. */
  readonly ttftMs: number;
  /** Tokens per second after the first one; 0 with fewer than two tokens. */
  readonly decodeTokensPerSecond: number;
  /** From the call to the end of the generation, as its thread saw it. */
  readonly totalMs: number;
}
