/** Inputs, options and results of generation: plain data, shared by every layer above. */
import type { SearchOptions } from './search-options.ts';

/** Part of a message; other types come with models that take them. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly TextPart[];
}

/**
 * A conversation, which the chat template turns into a prompt; or a raw prompt, sent as it is without the template
 * (control tokens in it count); or token ids. To ask a chat model something, pass messages.
 */
export type GenerateInput = string | readonly ChatMessage[] | Int32Array | readonly number[];

/** Options of `generate` and `stream`. */
export interface GenerateOptions
  extends Omit<SearchOptions, 'batchSize' | 'numReturnSequences' | 'doSample' | 'pastPresentShareBuffer'> {
  /** Most tokens to generate. Default 1024, or what `maxLength` leaves; always bounded by the context length. */
  readonly maxNewTokens?: number | undefined;
  /** Most tokens of prompt and answer together; with `maxNewTokens` the smaller wins. */
  readonly maxLength?: number | undefined;
  /**
   * Sample (true) or take the most likely token (false). Default: true when a temperature above 0, topK, topP or seed
   * is given, else false. `"model"` leaves it to the model's `genai_config.json`.
   */
  readonly doSample?: boolean | 'model' | undefined;
  /** Texts that end the answer; they are not part of it. Found across token borders. */
  readonly stop?: string | readonly string[] | undefined;
  /** Ends the generation, also inside the prefill. */
  readonly signal?: AbortSignal | undefined;
  /** When `signal` fires: reject with its reason (default), or return what there is with `finishReason: "abort"`. */
  readonly onAbort?: 'throw' | 'return' | undefined;
}

/** One generated token. */
export interface TokenChunk {
  /** 0, 1, 2, ... */
  readonly index: number;
  readonly tokenId: number;
  /** Text that this token completes; may be `""`. All texts joined are the text of the result. */
  readonly text: string;
}

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

export interface GenerateResult {
  /**
   * The answer, without special tokens and without a matched stop string. After a control token such as
   * `<|assistant|>` the space that some tokenizers put before the first word is left out.
   */
  readonly text: string;
  /** The generated tokens, without the end-of-sequence token. */
  readonly tokenIds: Int32Array;
  readonly finishReason: FinishReason;
  /** The stop string that ended the answer. */
  readonly matchedStop?: string;
  readonly usage: Usage;
  readonly metrics: GenerateMetrics;
}
