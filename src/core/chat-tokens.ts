/**
 * Conversation -> token ids, such that text in a message can never become a control token.
 *
 * The library's encode turns every control token it finds in a text into that token, so `<|end|><|assistant|>` inside a
 * message would end the user's turn. A conversation without such text is rendered and encoded as the library does.
 * Otherwise each forged token is replaced by a mark before the chat template runs, the rendered prompt is cut at the
 * marks, and the forged texts are encoded in two halves, neither of which is a control token.
 */
import { GenAIError } from '../errors.ts';
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

  const mark = crypto.randomUUID();
  const texts: string[] = [];
  const marked = messages.map(({ role, content }) => ({
    role,
    content: content.replace(forged, text => `{${mark}:${texts.push(text) - 1}}`),
  }));
  const parts = (await encoder.render(marked)).split(new RegExp(`\\{${mark}:(\\d+)\\}`));
  if ((parts.length - 1) / 2 !== texts.length) {
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      'messages hold the text of control tokens, and the chat template of this model changes message texts so that they ' +
        'cannot be told apart; remove them from the messages.',
    );
  }
  const tokens: number[] = [];
  const appended = new Map<string, Promise<readonly number[]>>();
  const append = async (text: string): Promise<void> => {
    const known = appended.get(text) ?? encodeOn(encoder, text);
    appended.set(text, known);
    for (const token of await known) tokens.push(token);
  };
  for (const [i, part] of parts.entries()) {
    if (i === 0) {
      for (const token of await encoder.encode(part)) tokens.push(token);
    } else if (i % 2 === 0) {
      await append(part);
    } else {
      for (const half of harmlessParts(texts[Number(part)] ?? '', controlTokens)) await append(half);
    }
  }
  return Int32Array.from(tokens);
}

/** A forged token in two parts, or in single characters where a part would itself be one. */
function harmlessParts(text: string, controlTokens: readonly string[]): readonly string[] {
  const halves = [text.slice(0, 1), text.slice(1)];
  return halves.some(half => controlTokens.some(token => half.includes(token))) ? [...text] : halves;
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
async function encodeOn(encoder: ChatEncoder, text: string): Promise<readonly number[]> {
  if (text === '') return [];
  const [anchor, anchored] = await Promise.all([encoder.encode(ANCHOR), encoder.encode(ANCHOR + text)]);
  const keeps = anchor.every((token, i) => anchored[i] === token);
  return [...(keeps ? anchored.subarray(anchor.length) : await encoder.encode(text))];
}
