/** Inputs, options and results of generation: plain data, shared by every layer above. */
import type { FinishReason, GenerateMetrics, Usage } from '../usage.ts';
import type { AdapterOption } from './adapters.ts';
import type { GuidanceOptions } from './guided-generator.ts';
import type { MediaSource } from './media-source.ts';
import type { SearchOptions } from './search-options.ts';
import type { SpeculativeOptions } from './speculation.ts';

export type { FinishReason, GenerateMetrics, Usage };

/** Part of a message. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A picture in a message: a PNG or JPEG, its path or its bytes. */
export interface ImagePart {
  readonly type: 'image';
  readonly image: MediaSource;
}

/** A recording in a message: a WAV, MP3 or FLAC, its path or its bytes. */
export interface AudioPart {
  readonly type: 'audio';
  readonly audio: MediaSource;
}

/** A message with pictures or recordings, for models of the types `phi3v` (pictures) and `phi4mm`. */
export interface MediaMessage {
  readonly role: 'user';
  readonly content: readonly (TextPart | ImagePart | AudioPart)[];
}

/** One message of a conversation. The role `tool` (what a tool answered) is for chat templates that know it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly TextPart[];
}

/**
 * A conversation, which the chat template turns into a prompt; or a raw prompt, sent as it is without the template
 * (control tokens in it count); or token ids. To ask a chat model something, pass messages.
 */
export type GenerateInput = string | readonly (ChatMessage | MediaMessage)[] | Int32Array | readonly number[];

/** Options of `generate` and `stream`. */
export interface GenerateOptions
  extends Omit<SearchOptions, 'batchSize' | 'numReturnSequences' | 'doSample' | 'pastPresentShareBuffer'>,
    GuidanceOptions {
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
  /** A LoRA adapter that is loaded: `{ adapters, name }`. Default: the model as it is. */
  readonly adapter?: AdapterOption | undefined;
  /** Speculative decoding: the same answer, sooner from large models where it repeats itself. Since 0.16. */
  readonly speculative?: SpeculativeOptions | undefined;
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
