/**
 * Attributes by which MLflow shows a span as a model call; every value is JSON in a string, as MLflow writes them.
 * Source: mlflow/tracing/constant.py and mlflow/entities/span.py of MLflow 3.17.2.
 */
import { basename } from 'node:path';
import type { Usage } from '../../usage.ts';
import type { Attributes } from './otel-types.ts';

/** Texts beyond this many characters are cut: a span is no archive, and servers limit a request. */
const MOST_CHARACTERS = 100_000;

export function spanType(type: 'CHAT_MODEL' | 'LLM' | 'TASK'): Attributes {
  return { 'mlflow.spanType': JSON.stringify(type) };
}

export function modelAttributes(directory: string): Attributes {
  const name = basename(directory);
  return { 'mlflow.llm.model': JSON.stringify(name), 'gen_ai.request.model': name };
}

/** MLflow's token counts, and those of OpenTelemetry's own convention for other backends. */
export function usageAttributes({ inputTokens, outputTokens }: Usage): Attributes {
  return {
    'mlflow.chat.tokenUsage': JSON.stringify({
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    }),
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
  };
}

/** What was asked, in OpenAI's shape, which MLflow's pages show as a conversation. */
export function inputAttributes(input: unknown): Attributes {
  return { 'mlflow.spanInputs': shortJson(isConversation(input) ? { messages: input } : { prompt: plain(input) }) };
}

export function outputAttributes(input: unknown, text: string, finishReason: string): Attributes {
  const choice = isConversation(input) ? { message: { role: 'assistant', content: cut(text) } } : { text: cut(text) };
  return { 'mlflow.spanOutputs': JSON.stringify({ choices: [{ index: 0, ...choice, finish_reason: finishReason }] }) };
}

export function isConversation(input: unknown): boolean {
  return Array.isArray(input) && typeof input[0] === 'object';
}

/** Token ids as a number of them: nobody reads ids. */
function plain(input: unknown): unknown {
  return typeof input === 'string' ? cut(input) : `${(input as { length?: number } | null)?.length ?? 0} token ids`;
}

/** An input that was refused may hold anything, also what JSON cannot. */
function shortJson(value: unknown): string {
  try {
    const json = JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? cut(item) : item));
    return json.length <= 10 * MOST_CHARACTERS ? json : JSON.stringify({ prompt: cut(json) });
  } catch {
    return JSON.stringify({ prompt: 'no plain data' });
  }
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}… (${text.length} characters)`;
}
