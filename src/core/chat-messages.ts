/** Checks of a conversation, and its plain form. */
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkText } from '../util/text.ts';

/** A message whose content is one text. */
export interface PlainMessage {
  readonly role: string;
  readonly content: string;
}

const ROLES = ['system', 'user', 'assistant', 'tool'];

/**
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` naming the message: no messages, an unknown role, content that is
 *   neither a text nor an array of text parts
 */
export function checkMessages(messages: unknown): PlainMessage[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalidArgument('messages', 'an array of at least one message', messages);
  }
  return messages.map((message: unknown, index) => {
    const name = `messages[${index}]`;
    if (typeof message !== 'object' || message === null) {
      throw invalidArgument(name, 'an object with role and content', message);
    }
    const { role, content, ...rest } = message as Record<string, unknown>;
    if (typeof role !== 'string' || !ROLES.includes(role)) {
      throw invalidArgument(`${name}.role`, `one of ${ROLES.join(', ')}`, role);
    }
    const unknown = Object.keys(rest).find(key => rest[key] !== undefined);
    if (unknown !== undefined) {
      throw new GenAIError(
        'ERR_GENAI_INVALID_ARGUMENT',
        `${name} has an unknown property "${unknown}"; a message has role and content.`,
        { details: { argument: name, property: unknown } },
      );
    }
    return { role, content: plainContent(`${name}.content`, content) };
  });
}

function plainContent(name: string, content: unknown): string {
  if (!Array.isArray(content)) {
    if (typeof content !== 'string') throw invalidArgument(name, 'a string or an array of text parts', content);
    checkText(name, content);
    return content;
  }
  return content
    .map((part: unknown, index) => {
      const { type, text } = (typeof part === 'object' && part !== null ? part : {}) as Record<string, unknown>;
      if (type !== 'text') throw invalidArgument(`${name}[${index}]`, '{ type: "text", text }', type ?? part);
      checkText(`${name}[${index}].text`, text);
      return text;
    })
    .join('');
}
