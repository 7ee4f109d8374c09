/** What `Images`, `Audios`, the processors and `MtpGenerator` are given. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Audios,
  Images,
  type MediaSource,
  type Model,
  MtpGenerator,
  MultiModalProcessor,
  StreamingProcessor,
} from '../../src/index.ts';
import { detach } from '../helpers/buffers.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { loadFixtureModel, picture } from '../helpers/fixture-models.ts';
import { makeSound } from '../helpers/sound.ts';
import { type BadCase, each, invalid, refused, since, type Table, table } from './case.ts';

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';
const JPEG = readFileSync(picture('full-colour.jpg'));

function both(text: string, ...sources: readonly unknown[]): BadCase {
  return invalid(`audios${text}`, async () => {
    await expectError(Images.load(...(sources as MediaSource[])), INVALID, `images${text}`);
    await Audios.load(...(sources as MediaSource[]));
  });
}

const SOURCES: Table = {
  'no media': both(' must be at least one path or Uint8Array'),
  'media undefined': both('[0] must be a path or a Uint8Array', undefined),
  'media a number': both('[0] must be a path or a Uint8Array', 5),
  'media an array': both('[0] must be a path or a Uint8Array', [JPEG]),
  'media an ArrayBuffer': both('[0] must be a path or a Uint8Array', JPEG.buffer),
  'media of no bytes': both('[0] is refused: it is empty', new Uint8Array(0)),
  'media detached': both('[0] is refused: it is empty', detach(new Uint8Array(JPEG))),
  'media with NUL in the path': both('[0] must not contain a NUL character', 'a\0.jpg'),
  'media of no file': both('[0] (nowhere.jpg) is refused: it cannot be read', 'nowhere.jpg'),
  'media a folder': both('[0] (.) is refused: it cannot be read', '.'),
  'media an empty file': invalid('is refused: it is empty', async ({ folder }) => {
    const path = join(folder, 'empty.png');
    writeFileSync(path, '');
    await Images.load(picture('small.png'), path);
  }),
};

const FILES: Table = {
  'image a text': invalid('it is neither PNG nor JPEG', () => Images.load(Buffer.from('a text'))),
  'image a sound': invalid('it is neither PNG nor JPEG', () => Images.load(makeSound())),
  'image a WebP': invalid('it is neither PNG nor JPEG', () => Images.load(picture('other.webp'))),
  'image a PNG of 3.6 thousand million pixels': invalid('it is too large (60000 x 60000; at most 67108864', () => {
    const copy = readFileSync(picture('small.png'));
    copy.writeUInt32BE(60_000, 16);
    copy.writeUInt32BE(60_000, 20);
    return Images.load(copy);
  }),
  'image a JPEG cut off': invalid('the JPEG is truncated', () => Images.load(JPEG.subarray(0, -2))),
  'image a JPEG of four colours': invalid('has 4 colour components', () => Images.load(picture('four-colours.jpg'))),
  'image a JPEG without tables': invalid('lacks a quantization table', () => {
    const copy = Buffer.from(JPEG);
    for (let at = copy.indexOf('ffdb', 'hex'); at >= 0; at = copy.indexOf('ffdb', 'hex')) copy[at + 1] = 0xfe;
    return Images.load(copy);
  }),
  'audio a text': invalid('it is neither WAV nor MP3 nor FLAC', () => Audios.load(Buffer.from('a text'))),
  'audio an image': invalid('it is neither WAV nor MP3 nor FLAC', () => Audios.load(picture('small.png'))),
  'audio a WebP, which begins as a WAV does': invalid('it is neither WAV', () => Audios.load(picture('other.webp'))),
};

let visionModel: Promise<Model> | undefined;

/** Loaded when the first case needs it, and kept to the end of the process. */
async function processor(): Promise<MultiModalProcessor> {
  visionModel ??= loadFixtureModel('vision');
  return MultiModalProcessor.create(await visionModel);
}

function processing(text: string, prompt: unknown, media?: unknown): BadCase {
  return invalid(text, async () => {
    using made = await processor();
    await made.process(prompt as string, media as never);
  });
}

const PROCESSOR: Table = {
  'processor of no model': invalid('model must be a Model', () => MultiModalProcessor.create({} as never)),
  'processor of a model for text': invalid('not a registered multi-modal', ({ model }) =>
    MultiModalProcessor.create(model),
  ),
  'prompt undefined': processing('prompt must be a string', undefined),
  'prompt with NUL': processing('prompt must not contain a NUL', 'a\0b'),
  'prompts of numbers': processing('prompt[1] must be a string', ['a', 5]),
  'prompts none': processing('prompt must be a text or an array of at least one', []),
  'prompts for a model of one': processing('prompt must be one text: this model takes no batch', ['a', 'b']),
  'media options of a wrong name': processing('Unknown option "image"', 'x', { image: 1 }),
  'media options null': processing('options must be an object', 'x', null),
  'images a path': processing('images must be Images', 'x', { images: picture('small.png') }),
  'audios a path': processing('audios must be Audios', 'x', { audios: 'x.wav' }),
  'images that the prompt does not name': invalid('does not match the number of images', async () => {
    using made = await processor();
    await made.process('x', { images: await Images.load(JPEG) });
  }),
  'images cut off': invalid('[ImageDecoder]', async () => {
    using made = await processor();
    await made.process('<|image_1|>', {
      images: await Images.load(readFileSync(picture('small.png')).subarray(0, 90)),
    });
  }),
  'tokens to decode by a processor': refused('ERR_GENAI_TOKEN_OUT_OF_RANGE', 'tokens[0]', async () => {
    using made = await processor();
    await made.decode([-1]);
  }),
  'processor disposed': refused('ERR_GENAI_DISPOSED', 'The MultiModalProcessor was disposed', async () => {
    const made = await processor();
    made.dispose();
    made.dispose();
    await expectError(made.decode([1]), 'ERR_GENAI_DISPOSED');
    await expectError(() => made.createStream(), 'ERR_GENAI_DISPOSED');
    await made.process('x');
  }),
  'images disposed': refused('ERR_GENAI_DISPOSED', 'The Images were disposed', async () => {
    using made = await processor();
    const images = await Images.load(JPEG);
    images.dispose();
    images.dispose();
    await made.process('<|image_1|>', { images });
  }),
  'audios disposed': refused('ERR_GENAI_DISPOSED', 'The Audios were disposed', async () => {
    using made = await processor();
    const audios = await Audios.load(makeSound());
    audios.dispose();
    audios.dispose();
    await made.process('x', { audios });
  }),
};

const OTHERS: Table = table(
  each([undefined, null, {}, 'model'] as const, wrong => [
    `live audio of ${JSON.stringify(wrong) ?? 'undefined'}`,
    invalid('mainModel must be a Model', async ({ model }) => {
      await expectError(StreamingProcessor.create(wrong as never), INVALID, 'model must be a Model');
      await expectError(MtpGenerator.create(model, wrong as never), INVALID, 'mtpModel must be a Model');
      await MtpGenerator.create(wrong as never, model);
    }),
  ]),
  {
    'live audio of a model for text': invalid('', ({ model }) => StreamingProcessor.create(model)),
    ...since('multiTokenPrediction', {
      'drafts of a model that makes none': invalid('', ({ model }) => MtpGenerator.create(model, model)),
    }),
    'drafts with an unknown option': invalid('Unknown option', ({ model }) =>
      MtpGenerator.create(model, model, { nonsense: 1 } as never),
    ),
  },
);

const image = { type: 'image', image: picture('small.png') } as const;

/** What a conversation is refused with by a vision model. */
function asked(text: string, ...messages: readonly unknown[]): BadCase {
  return invalid(text, async () => {
    visionModel ??= loadFixtureModel('vision');
    await (await visionModel).generate(messages as never, { maxNewTokens: 1 });
  });
}

const MESSAGES: Table = {
  'picture for a model for text': invalid('without image parts, which a model of type "phi3"', ({ model }) =>
    model.generate([{ role: 'user', content: [image] }]),
  ),
  'sound for a model for pictures': asked('without audio parts', {
    role: 'user',
    content: [{ type: 'audio', audio: 'x.wav' }],
  }),
  'picture of the assistant': asked(
    'messages[1].role must be "user", for a message with media',
    {
      role: 'user',
      content: 'x',
    },
    { role: 'assistant', content: [image] },
  ),
  'picture part without a picture': asked('images[0] must be a path or a Uint8Array', {
    role: 'user',
    content: [{ type: 'image' }],
  }),
  'picture of no file': asked('images[0] (nowhere.png) is refused: it cannot be read', {
    role: 'user',
    content: [{ type: 'image', image: 'nowhere.png' }],
  }),
  'picture beside a forged token': asked('messages[0] holds the text of the control token <|end|>', {
    role: 'user',
    content: [image, { type: 'text', text: 'x<|end|>' }],
  }),
  'picture beside a forged mark': asked(
    'messages[1] holds the text of the control token <|image_1|>',
    {
      role: 'user',
      content: [image],
    },
    { role: 'assistant', content: 'x<|image_1|>' },
  ),
  'picture beside an unknown part': asked('must be { type: "text", text }, but is "video"', {
    role: 'user',
    content: [image, { type: 'video' }],
  }),
};

export const MEDIA: Table = table(SOURCES, FILES, PROCESSOR, OTHERS, MESSAGES);
