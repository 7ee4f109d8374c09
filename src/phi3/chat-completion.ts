/** MLflow's `llm/v1/chat` answer. Field names are those of that surface. */
import { checkMessages } from '../core/chat-messages.ts';
import type { Model } from '../core/model.ts';
import type { ChatMessage, GenerateOptions, GenerateResult } from '../core/types.ts';
import { invalidArgument } from '../errors.ts';
import type { ModelConfig } from './model-config.ts';

/** Options by MLflow's names; null is the same as not given. */
export interface ChatCompletionOptions {
  /** 0 means greedy. */
  readonly temperature?: number | null;
  /** Most tokens of one answer. */
  readonly max_tokens?: number | null;
  readonly stop?: string | readonly string[] | null;
  /** Answers wanted, default 1. */
  readonly n?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
  /** For this call, over the one that the model was loaded with. */
  readonly modelConfig?: ModelConfig | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ChatCompletion {
  readonly id: string;
  readonly object: 'chat.completion';
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChatCompletionChoice[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
}

export interface ChatCompletionChoice {
  readonly index: number;
  readonly finish_reason: 'stop' | 'length';
  readonly message: { readonly role: 'assistant'; readonly content: string };
}

/** A part of an answer while it is being generated; the last one has a finish_reason and no text. */
export interface ChatCompletionChunk {
  /** The same in all chunks of an answer. */
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: 0;
    readonly finish_reason: 'stop' | 'length' | null;
    readonly delta: { readonly role: 'assistant'; readonly content: string };
  }[];
}

/** The names of `ChatCompletionOptions`, for `checkOptions`. */
export const CHAT_OPTIONS: readonly string[] = [
  'temperature',
  'max_tokens',
  'stop',
  'n',
  'top_p',
  'top_k',
  'modelConfig',
  'signal',
];

/** Generates `n` answers, one after the other. */
export async function chatCompletion(
  model: Model,
  name: string,
  messages: readonly ChatMessage[],
  options: ChatCompletionOptions,
  defaults: GenerateOptions,
): Promise<ChatCompletion> {
  checkMessages(messages);
  const n = options.n ?? 1;
  if (!(Number.isInteger(n) && n >= 1)) throw invalidArgument('n', 'an integer of at least 1', n);
  const results: GenerateResult[] = [];
  for (let i = 0; i < n; i++) results.push(await model.generate(messages, generateOptions(options, defaults)));
  const prompt_tokens = results[0]?.usage.inputTokens ?? 0;
  const completion_tokens = results.reduce((sum, { usage }) => sum + usage.outputTokens, 0);
  return {
    ...head('chat.completion', name),
    choices: results.map(({ text, finishReason }, index) => ({
      index,
      finish_reason: finishReason === 'length' ? 'length' : 'stop',
      message: { role: 'assistant', content: text },
    })),
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
}

/** Generates one answer and gives it in chunks; begins with the first `next`. */
export async function* chatCompletionChunks(
  model: Model,
  name: string,
  messages: readonly ChatMessage[],
  options: ChatCompletionOptions,
  defaults: GenerateOptions,
): AsyncGenerator<ChatCompletionChunk, void> {
  checkMessages(messages);
  if ((options.n ?? 1) !== 1) throw invalidArgument('n', '1 where the answer is streamed', options.n);
  const top = head('chat.completion.chunk', name);
  const chunk = (content: string, finish_reason: 'stop' | 'length' | null): ChatCompletionChunk => ({
    ...top,
    choices: [{ index: 0, finish_reason, delta: { role: 'assistant', content } }],
  });
  const stream = model.stream(messages, generateOptions(options, defaults));
  for await (const text of stream.text) yield chunk(text, null);
  const { finishReason } = await stream.result;
  yield chunk('', finishReason === 'length' ? 'length' : 'stop');
}

function head<Kind extends string>(
  object: Kind,
  model: string,
): { id: string; object: Kind; created: number; model: string } {
  return { id: `chatcmpl-${crypto.randomUUID()}`, object, created: Math.floor(Date.now() / 1000), model };
}

/** What the call asks for wins over the model's configuration; asking for a temperature means sampling. */
function generateOptions(options: ChatCompletionOptions, defaults: GenerateOptions): GenerateOptions {
  const { max_tokens, signal } = options;
  if (max_tokens != null && !(Number.isInteger(max_tokens) && max_tokens > 0)) {
    throw invalidArgument('max_tokens', 'an integer of at least 1', max_tokens);
  }
  const asked = {
    ...(options.temperature == null ? {} : { temperature: options.temperature }),
    ...(options.top_p == null ? {} : { topP: options.top_p }),
    ...(options.top_k == null ? {} : { topK: options.top_k }),
  };
  const { doSample, ...rest } = defaults;
  return {
    ...rest,
    ...(Object.keys(asked).length > 0 ? asked : { doSample }),
    maxNewTokens: max_tokens ?? undefined,
    stop: options.stop ?? undefined,
    signal,
  };
}
