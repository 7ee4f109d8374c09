/** A record of MLflow's `llm/v1/chat` as a call of Phi3Model. The Python loader reads it in the same way. */

import type { ChatMessage } from '../../core/types.ts';
import { GenAIError } from '../../errors.ts';
import type { ChatCompletionOptions } from '../../phi3/index.ts';

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly options: ChatCompletionOptions;
}

type Row = Readonly<Record<string, unknown>>;

/** Fields that would change the answer, and that nothing here can do. 0, false and an empty list ask for nothing. */
const UNSUPPORTED = ['tools', 'frequency_penalty', 'presence_penalty'];
const UNSUPPORTED_OF_MESSAGE = ['tool_calls', 'tool_call_id'];

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for what is not supported; wrong values show themselves later */
export function chatRequest(row: Row): ChatRequest {
  const used = UNSUPPORTED.find(name => !isNothing(row[name]));
  if (used !== undefined) throw unsupported(used);
  const messages = Array.isArray(row['messages']) ? row['messages'].map(plainMessage) : row['messages'];
  const fields = ['temperature', 'max_tokens', 'stop', 'n', 'top_p', 'top_k'];
  const options = Object.fromEntries(fields.map(name => [name, plainNumber(row[name])]));
  // Phi3Model.chat checks both.
  return { messages: messages as ChatMessage[], options: options as ChatCompletionOptions };
}

/** Role and content; a template knows no names. */
function plainMessage(message: unknown, index: number): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const fields = message as Row;
  const used = UNSUPPORTED_OF_MESSAGE.find(name => !isNothing(fields[name]));
  if (used !== undefined) throw unsupported(`messages[${index}].${used}`);
  return { role: fields['role'], content: fields['content'] };
}

/** A `long` beyond the safe integers comes as bigint, which no option takes. */
function plainNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

function unsupported(name: string): GenAIError {
  return new GenAIError('ERR_GENAI_INVALID_ARGUMENT', `${name} is not supported by this model; leave it away.`, {
    details: { argument: name },
  });
}
