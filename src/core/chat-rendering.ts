/** A chat template passes over what it does not know without a word: tools, or the messages of a role. */
import { GenAIError } from '../errors.ts';
import type { PlainMessage } from './chat-messages.ts';

type Render = (
  messages: readonly PlainMessage[],
  options: { tools: readonly unknown[] | undefined },
) => Promise<string>;

/**
 * Makes sure that the tools, and what tools have answered, are in the prompt.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` when the template leaves them out
 */
export async function demandRendered(
  render: Render,
  messages: readonly PlainMessage[],
  tools: readonly unknown[] | undefined,
): Promise<void> {
  const others = messages.filter(({ role }) => role !== 'tool');
  const answered = others.length < messages.length;
  const offered = tools !== undefined && tools.length > 0;
  if (!answered && !offered) return;
  const prompt = await render(messages, { tools });
  if (offered && prompt === (await render(messages, { tools: undefined }))) throw leftOut('tools', 'tools');
  if (answered && (others.length === 0 || prompt === (await render(others, { tools })))) {
    throw leftOut('messages', 'messages of the role "tool"');
  }
}

function leftOut(argument: string, what: string): GenAIError {
  return new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `The chat template of this model leaves out ${what}. Give a template that takes them, or put their text into a ` +
      'system or user message.',
    { details: { argument } },
  );
}
