/** MLflow's `llm/v1/chat` answer. Field names are those of that surface. */
import { randomUUID } from 'node:crypto';
import { checkMessages } from '../core/chat-messages.ts';
import type { Model } from '../core/model.ts';
import type { ChatMessage, GenerateOptions, GenerateResult } from '../core/types.ts';
import { invalidArgument } from '../errors.ts';

/** Options by MLflow's names. */
export interface ChatCompletionOptions {
  /** 0 means greedy. */
  readonly temperature?: number;
  /** Most tokens of one answer. */
  readonly max_tokens?: number;
  readonly stop?: string | readonly string[];
  /** Answers wanted, default 1. */
  readonly n?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly signal?: AbortSignal;
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

const KNOWN = ['temperature', 'max_tokens', 'stop', 'n', 'top_p', 'top_k', 'signal'];

/** Generates `n` answers, one after the other. */
export async function chatCompletion(
  model: Model,
  name: string,
  messages: readonly ChatMessage[],
  options: ChatCompletionOptions,
  defaults: GenerateOptions,
): Promise<ChatCompletion> {
  const unknown = Object.keys(options).find(key => !KNOWN.includes(key));
  if (unknown !== undefined) throw invalidArgument('option', `one of ${KNOWN.join(', ')}`, unknown);
  checkMessages(messages);
  const { n = 1 } = options;
  if (!(Number.isInteger(n) && n >= 1)) throw invalidArgument('n', 'an integer of at least 1', n);
  const results: GenerateResult[] = [];
  for (let i = 0; i < n; i++) results.push(await model.generate(messages, generateOptions(options, defaults)));
  const prompt_tokens = results[0]?.usage.inputTokens ?? 0;
  const completion_tokens = results.reduce((sum, { usage }) => sum + usage.outputTokens, 0);
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: name,
    choices: results.map(({ text, finishReason }, index) => ({
      index,
      finish_reason: finishReason === 'length' ? 'length' : 'stop',
      message: { role: 'assistant', content: text },
    })),
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
}

/** What the call asks for wins over the model's configuration; asking for a temperature means sampling. */
function generateOptions(options: ChatCompletionOptions, defaults: GenerateOptions): GenerateOptions {
  const { temperature, max_tokens, stop, top_p, top_k, signal } = options;
  const asked = [temperature, top_p, top_k].some(value => value !== undefined);
  const { doSample, ...rest } = defaults;
  return {
    ...rest,
    ...(asked ? {} : { doSample }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { topP: top_p }),
    ...(top_k === undefined ? {} : { topK: top_k }),
    maxNewTokens: max_tokens,
    stop,
    signal,
  };
}
