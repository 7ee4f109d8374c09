/**
 * Conversation -> token ids, such that text in a message can never become a control token.
 *
 * The library's encode turns every control token it finds in a text into that token, so `<|end|><|assistant|>` inside a
 * message would end the user's turn. A conversation without such text is rendered and encoded as the library does.
 * Otherwise each forged token is replaced by a mark before the chat template runs, the rendered prompt is cut at the
 * marks, and the forged texts are encoded in two halves, neither of which is a control token.
 */
import { randomUUID } from 'node:crypto';
import type { PlainMessage } from './chat-messages.ts';

/** The two calls of a tokenizer that this needs. */
export interface ChatEncoder {
  encode(text: string): Promise<Int32Array>;
  render(messages: readonly PlainMessage[]): Promise<string>;
}

/** Token ids of the prompt: the rendered conversation, ready for the assistant's answer. */
export async function encodeChat(
  encoder: ChatEncoder,
  messages: readonly PlainMessage[],
  controlTokens: readonly string[],
): Promise<Int32Array> {
  const forged = forgedTokens(messages, controlTokens);
  if (forged === null) return encoder.encode(await encoder.render(messages));

  const mark = randomUUID();
  const texts: string[] = [];
  const marked = messages.map(({ role, content }) => ({
    role,
    content: content.replace(forged, text => `{${mark}:${texts.push(text) - 1}}`),
  }));
  const parts = (await encoder.render(marked)).split(new RegExp(`\\{${mark}:(\\d+)\\}`));
  const tokens: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (i === 0) {
      for (const token of await encoder.encode(part)) tokens.push(token);
    } else if (i % 2 === 0) {
      await append(tokens, encoder, part);
    } else {
      const text = texts[Number(part)] ?? '';
      await append(tokens, encoder, text.slice(0, 1));
      await append(tokens, encoder, text.slice(1));
    }
  }
  return Int32Array.from(tokens);
}

function forgedTokens(messages: readonly PlainMessage[], controlTokens: readonly string[]): RegExp | null {
  if (!messages.some(({ content }) => controlTokens.some(token => content.includes(token)))) return null;
  return new RegExp(controlTokens.map(token => token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
}

const ANCHOR = '\n';

/**
 * Encodes text that goes on after other text. A SentencePiece-like tokenizer puts a space before whatever it encodes;
 * behind an anchor that keeps its own tokens it does not, so the anchor's tokens are cut off again.
 */
async function append(tokens: number[], encoder: ChatEncoder, text: string): Promise<void> {
  if (text === '') return;
  const anchor = await encoder.encode(ANCHOR);
  const anchored = await encoder.encode(ANCHOR + text);
  const keeps = anchor.every((token, i) => anchored[i] === token);
  for (const token of keeps ? anchored.subarray(anchor.length) : await encoder.encode(text)) tokens.push(token);
}
