import type { NativeMultiModalProcessor } from '../binding/addon-media-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import { Audios } from './audios.ts';
import { Images } from './images.ts';
import type { Model } from './model.ts';
import { checkModel } from './model-argument.ts';
import { NamedTensors } from './named-tensors.ts';
import { TokenizerStream } from './tokenizer-stream.ts';
import { checkTokens } from './tokens.ts';

/** What goes with the prompt. */
export interface MediaOptions {
  readonly images?: Images | undefined;
  readonly audios?: Audios | undefined;
}

/**
 * Prompts, images and audio to the inputs of a multimodal model (`phi3v`, `gemma3`, `whisper`, ...). Work runs on native
 * threads, one call after the other.
 *
 * Holds the model's weights until `dispose()` (or `using`).
 */
export class MultiModalProcessor {
  readonly #native: NativeMultiModalProcessor;
  readonly #vocabSize: number;

  private constructor(native: NativeMultiModalProcessor, vocabSize: number) {
    this.#native = native;
    this.#vocabSize = vocabSize;
  }

  /**
   * Reads the tokenizer and the processor's files from the model's folder.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (a model for text only, a file missing), `ERR_GENAI_DISPOSED`
   */
  static async create(model: Model): Promise<MultiModalProcessor> {
    checkModel('model', model);
    using _ = model.hold();
    const { addon, model: native } = model.native;
    const made = await awaitNative(() => addon.createMultiModalProcessor(native));
    return new MultiModalProcessor(made, model.vocabSize);
  }

  /**
   * Tokens of a prompt and features of its media, for `generator.setInputs()`.
   *
   * @param prompt the whole text with the marks of the model's own format where the media belong (`<|image_1|>`, ...);
   *   an array is a batch, for models that take one
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (media that cannot be decoded or do not fit the prompt, a prompt
   *   that this model does not take), `ERR_GENAI_DISPOSED`
   */
  async process(prompt: string | readonly string[], media: MediaOptions = {}): Promise<NamedTensors> {
    const prompts: readonly unknown[] = Array.isArray(prompt) ? [...prompt] : [prompt];
    if (prompts.length === 0) throw invalidArgument('prompt', 'a text or an array of at least one', prompt);
    for (const [index, text] of prompts.entries())
      checkText(Array.isArray(prompt) ? `prompt[${index}]` : 'prompt', text);
    checkOptions(media, ['images', 'audios']);
    const { images, audios } = media;
    if (images !== undefined && !(images instanceof Images)) throw invalidArgument('images', 'Images', images);
    if (audios !== undefined && !(audios instanceof Audios)) throw invalidArgument('audios', 'Audios', audios);
    const native = await awaitNative(() =>
      this.#native.process(
        prompts as readonly string[],
        Array.isArray(prompt),
        images?.native ?? null,
        audios?.native ?? null,
      ),
    );
    const inputs = new NamedTensors(undefined, native);
    // Phi-3-vision drops a batch without a word.
    if (Array.isArray(prompt) && inputs.get('input_ids')?.size === 0) {
      throw invalidArgument('prompt', 'one text: this model takes no batch', prompt);
    }
    return inputs;
  }

  /**
   * Text of token ids, without special tokens.
   *
   * @throws {GenAIError} `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED`
   */
  async decode(tokens: Int32Array | readonly number[]): Promise<string> {
    const checked = checkTokens('tokens', tokens, this.#vocabSize);
    return awaitNative(() => this.#native.decode(checked));
  }

  /** A decoder for tokens that arrive one by one. @throws {GenAIError} `ERR_GENAI_DISPOSED` */
  createStream(): TokenizerStream {
    return new TokenizerStream(
      callNative(() => this.#native.createStream()),
      this.#vocabSize,
    );
  }

  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
