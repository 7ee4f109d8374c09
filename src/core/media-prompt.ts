/** Messages with pictures and sound -> the inputs of a multimodal model. */
import { GenAIError, invalidArgument } from '../errors.ts';
import { readControlTokens } from './added-tokens.ts';
import { Audios } from './audios.ts';
import { checkMessages } from './chat-messages.ts';
import { Images } from './images.ts';
import type { MediaSource } from './media-source.ts';
import type { Model } from './model.ts';
import type { NamedTensors } from './named-tensors.ts';
import type { Tensor } from './tensor.ts';
import type { ChatTemplateOptions } from './tokenizer.ts';
import type { ChatMessage, MediaMessage } from './types.ts';

/** What a generation begins with. */
export interface Prompt {
  /** With pictures there are ids below 0 among them: the places of their features. */
  readonly tokens: Int32Array;
  /** What is set in the place of the tokens. */
  readonly inputs: NamedTensors | null;
}

type Kind = 'image' | 'audio';

/** How the prompt of a model names its pictures and recordings, from 1 on. */
const MARKS: Readonly<Record<string, Readonly<Partial<Record<Kind, (number: number) => string>>>>> = {
  phi3v: { image: number => `<|image_${number}|>\n` },
  phi4mm: { image: number => `<|image_${number}|>`, audio: number => `<|audio_${number}|>` },
};

const MARK = /<\|(?:image|audio)_\d+\|>/;

type Messages = readonly (ChatMessage | MediaMessage)[];

/** True for messages of which one has a picture or a recording. */
export function hasMedia(input: unknown): input is Messages {
  return Array.isArray(input) && input.some(message => partsOf(message).some(part => kindOf(part) !== undefined));
}

/**
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`: a model that takes none, media that are refused, a text with control
 *   tokens in it, which could not be told from those of the template
 */
export async function encodeMedia(
  model: Model,
  messages: Messages,
  template: Pick<ChatTemplateOptions, 'template' | 'tools'> = {},
): Promise<Prompt> {
  await refuseForgedTokens(model, messages);
  const sources: Record<Kind, MediaSource[]> = { image: [], audio: [] };
  const marked = messages.map((message, index) => withMarks(message, index, model.type, sources));
  const prompt = await model.tokenizer.applyChatTemplate(marked as readonly ChatMessage[], template);
  using images = sources.image.length > 0 ? await Images.load(...sources.image) : null;
  using audios = sources.audio.length > 0 ? await Audios.load(...sources.audio) : null;
  const processor = await model.mediaProcessor();
  const inputs = await processor.process(prompt, { images: images ?? undefined, audios: audios ?? undefined });
  const { data } = inputs.get('input_ids') as Tensor<'int32'>;
  return { tokens: data.slice(), inputs };
}

/** The processor encodes the whole prompt as one text. */
async function refuseForgedTokens(model: Model, messages: Messages): Promise<void> {
  const texts = checkMessages(messages.map(withoutMedia));
  const tokens = await readControlTokens(model.directory);
  for (const [index, { content }] of texts.entries()) {
    const forged = MARK.exec(content)?.[0] ?? tokens.find(token => content.includes(token));
    if (forged === undefined) continue;
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `messages[${index}] holds the text of the control token ${forged}, which is refused beside pictures and sound.`,
      { details: { argument: `messages[${index}]`, token: forged } },
    );
  }
}

function withoutMedia(message: ChatMessage | MediaMessage): unknown {
  const { content } = message;
  if (!Array.isArray(content)) return message;
  return { ...message, content: content.filter(part => kindOf(part) === undefined) };
}

function withMarks(
  message: ChatMessage | MediaMessage,
  index: number,
  type: string,
  sources: Record<Kind, MediaSource[]>,
): unknown {
  if (!partsOf(message).some(part => kindOf(part) !== undefined)) return message;
  const name = `messages[${index}]`;
  if (message.role !== 'user') throw invalidArgument(`${name}.role`, '"user", for a message with media', message.role);
  const content = partsOf(message).map(part => {
    const kind = kindOf(part);
    if (kind === undefined) return part;
    const mark = Object.hasOwn(MARKS, type) ? MARKS[type]?.[kind] : undefined;
    if (mark === undefined) {
      throw invalidArgument(
        `${name}.content`,
        `without ${kind} parts, which a model of type "${type}" is not given here`,
        kind,
      );
    }
    const number = sources[kind].push((part as Record<Kind, MediaSource>)[kind]);
    return { type: 'text', text: mark(number) };
  });
  return { ...message, content };
}

function partsOf(message: unknown): readonly unknown[] {
  const content = typeof message === 'object' && message !== null ? (message as { content?: unknown }).content : null;
  return Array.isArray(content) ? content : [];
}

function kindOf(part: unknown): Kind | undefined {
  const type = typeof part === 'object' && part !== null ? (part as { type?: unknown }).type : undefined;
  return type === 'image' || type === 'audio' ? type : undefined;
}
