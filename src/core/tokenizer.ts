import type { NativeSpecialTokenIds, NativeTokenizer } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { loadRuntime } from '../binding/runtime.ts';
import { invalidArgument } from '../errors.ts';
import { toJson } from '../util/json.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import { readControlTokens } from './added-tokens.ts';
import { checkMessages } from './chat-messages.ts';
import { demandRendered } from './chat-rendering.ts';
import { encodeChat } from './chat-tokens.ts';
import { Config } from './config.ts';
import { Holds } from './holds.ts';
import { type ModelConfigFile, readModelConfig, readVocabSize } from './model-folder.ts';
import { checkKwargs, checkTokenizerOptions, type TokenizerOptions, toUpstream } from './tokenizer-options.ts';
import { TokenizerStream } from './tokenizer-stream.ts';
import { checkTokens } from './tokens.ts';
import type { ChatMessage } from './types.ts';

/** Options of `applyChatTemplate`. */
export interface ChatTemplateOptions {
  /** Template text (Jinja) to use instead of the model's own. */
  readonly template?: string;
  /** Tool definitions for templates that take them, as plain data. */
  readonly tools?: readonly unknown[] | undefined;
  /** End the prompt where the assistant's answer begins. Default true. */
  readonly addGenerationPrompt?: boolean;
  /**
   * Variables for the template, such as `{ enable_thinking: false }`, instead of those of `updateOptions`. Since 0.16.
   */
  readonly chatTemplateKwargs?: Readonly<Record<string, unknown>>;
}

/** What a tokenizer needs to know, and of its model, where it has one. */
interface TokenizerParts {
  readonly vocabSize: number;
  readonly controlTokens: readonly string[];
  readonly holdModel?: () => Disposable;
}

/**
 * Text to token ids and back, as the model was trained. Work runs on native threads; calls may overlap.
 * Comes with a model (`model.tokenizer`) and lives as long as that does; or is made without one by `fromPath` and
 * `fromConfig`, and lives until `dispose()`, `using` or garbage collection.
 */
export class Tokenizer {
  readonly #native: NativeTokenizer;
  readonly #vocabSize: number;
  readonly #controlTokens: readonly string[];
  readonly #holdModel: (() => Disposable) | undefined;
  readonly #holds = new Holds();
  readonly #ids: NativeSpecialTokenIds;

  /** @internal `holdModel` keeps the model for one call, or throws because it is disposed of. */
  constructor(native: NativeTokenizer, { vocabSize, controlTokens, holdModel }: TokenizerParts) {
    this.#native = native;
    this.#vocabSize = vocabSize;
    this.#controlTokens = controlTokens;
    this.#holdModel = holdModel;
    this.#ids = native.specialTokenIds();
  }

  /**
   * The tokenizer of a model folder, without its weights: `genai_config.json` and the tokenizer's files are enough.
   * Since 0.16.
   *
   * @throws {GenAIError} `ERR_GENAI_MODEL_NOT_FOUND`, `ERR_GENAI_MODEL_INVALID`, `ERR_GENAI_INVALID_ARGUMENT`,
   *   `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`, `ERR_GENAI_RUNTIME_NOT_FOUND`, `ERR_GENAI_RUNTIME_INCOMPATIBLE`
   */
  static async fromPath(directory: string): Promise<Tokenizer> {
    const file = await readModelConfig(directory);
    const { addon } = await loadRuntime();
    return Tokenizer.#make(file, () => addon.createTokenizerFromFolder(file.directory));
  }

  /**
   * The tokenizer of a `Config`, its changes included. Since 0.16.
   *
   * @throws {GenAIError} what `fromPath` throws, and `ERR_GENAI_DISPOSED`
   */
  static async fromConfig(config: Config): Promise<Tokenizer> {
    if (!(config instanceof Config)) throw invalidArgument('config', 'a Config', config);
    using _ = config.hold();
    return await Tokenizer.#make(config.file, () => config.runtime.addon.createTokenizerFromConfig(config.native));
  }

  static async #make(file: ModelConfigFile, create: () => Promise<NativeTokenizer>): Promise<Tokenizer> {
    const vocabSize = readVocabSize(file);
    const controlTokens = await readControlTokens(file.directory);
    const native = await awaitNative(create, `The tokenizer in ${file.directory} cannot be loaded`);
    return new Tokenizer(native, { vocabSize, controlTokens });
  }

  /** Token that begins a text, from genai_config.json (0 when it names none). */
  get bosTokenId(): number {
    return this.#ids.bos;
  }

  /** Token that fills the rows of a batch. */
  get padTokenId(): number {
    return this.#ids.pad;
  }

  /** Tokens that end an answer. */
  get eosTokenIds(): readonly number[] {
    return [...this.#ids.eos];
  }

  /** Token that begins a tool call; null when the model has none. */
  get botTokenId(): number | null {
    return this.#inVocabulary(this.#ids.bot);
  }

  /** Token that ends a tool call; null when the model has none. */
  get eotTokenId(): number | null {
    return this.#inVocabulary(this.#ids.eot);
  }

  /** Token that begins reasoning; null when the model has none. */
  get borTokenId(): number | null {
    return this.#inVocabulary(this.#ids.bor);
  }

  /** Token that ends reasoning; null when the model has none. */
  get eorTokenId(): number | null {
    return this.#inVocabulary(this.#ids.eor);
  }

  /**
   * Token ids of a text. Control tokens written in it (`<|end|>`) become that token; for text of others use
   * `encodeChat`. `""` gives no tokens.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (NUL character, lone surrogate), `ERR_GENAI_DISPOSED`
   */
  async encode(text: string): Promise<Int32Array> {
    checkText('text', text);
    return awaitNative(() => this.#native.encode(text));
  }

  /**
   * Text of token ids, without special tokens. Of nothing but special tokens the library makes U+FFFD.
   *
   * @throws {GenAIError} `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_DISPOSED`
   */
  async decode(tokens: Int32Array | readonly number[]): Promise<string> {
    return awaitNative(() => this.#native.decode(checkTokens('tokens', tokens, this.#vocabSize)));
  }

  /** Token ids of several texts: rows of equal length, padded on the right with `padTokenId`. */
  async encodeBatch(texts: readonly string[]): Promise<Int32Array[]> {
    if (!Array.isArray(texts) || texts.length === 0) throw invalidArgument('texts', 'an array of texts', texts);
    for (const [index, text] of texts.entries()) checkText(`texts[${index}]`, text);
    const { tokens, rows, columns } = await awaitNative(() => this.#native.encodeBatch(texts));
    return Array.from({ length: rows }, (_, row) => tokens.subarray(row * columns, (row + 1) * columns));
  }

  /** Texts of several rows of token ids, of any lengths. */
  async decodeBatch(rows: readonly (Int32Array | readonly number[])[]): Promise<string[]> {
    if (!Array.isArray(rows) || rows.length === 0) throw invalidArgument('rows', 'an array of token rows', rows);
    const checked = rows.map((row, index) => checkTokens(`rows[${index}]`, row, this.#vocabSize));
    if (checked.every(row => row.length === 0)) return checked.map(() => '');
    const texts = await awaitNative(() => this.#native.decodeBatch(checked));
    // An empty row is nothing but padding to the library.
    return texts.map((text, index) => (checked[index]?.length === 0 ? '' : text));
  }

  /**
   * The prompt text of a conversation, by the model's chat template.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (bad messages, or the template raised an error)
   */
  async applyChatTemplate(messages: readonly ChatMessage[], options: ChatTemplateOptions = {}): Promise<string> {
    return this.#render(checkMessages(messages), options);
  }

  /**
   * Token ids of a conversation, ready for the assistant's answer. Text of a message stays text: `<|end|>` in it cannot
   * end a turn. Without such text the ids are those of `encode(await applyChatTemplate(messages, options))`.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (bad messages; tools, or messages of the role `tool`, that the
   *   template leaves out), `ERR_GENAI_DISPOSED`
   */
  async encodeChat(
    messages: readonly ChatMessage[],
    options: Pick<ChatTemplateOptions, 'template' | 'tools'> = {},
  ): Promise<Int32Array> {
    const plain = checkMessages(messages);
    // It takes several native calls, and a dispose() in between must not refuse the later ones.
    using _ = this.#holdModel?.() ?? this.#holds.hold();
    const encoder = {
      encode: (text: string) => awaitNative(() => this.#native.encode(text)),
      render: (rendered: readonly unknown[]) => this.#render(rendered, options),
    };
    await demandRendered((rendered, { tools }) => this.#render(rendered, { ...options, tools }), plain, options.tools);
    return await encodeChat(encoder, plain, this.#controlTokens);
  }

  /** Id of an exact vocabulary entry such as `"<|end|>"`; null when there is none. */
  toTokenId(token: string): number | null {
    checkText('token', token);
    const id = callNative(() => this.#native.toTokenId(token));
    return id < 0 ? null : id;
  }

  /**
   * Changes how this tokenizer works in all later calls; those of `model.tokenizer` concern `generate` and `stream` of the
   * model as well. What is not given stays. Waits for calls that are under way.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`, `ERR_GENAI_DISPOSED`
   */
  async updateOptions(options: TokenizerOptions): Promise<void> {
    checkTokenizerOptions(options);
    await awaitNative(() => this.#native.updateOptions(toUpstream(options)));
  }

  /** A decoder for tokens that arrive one by one. */
  createStream(): TokenizerStream {
    return new TokenizerStream(
      callNative(() => this.#native.createStream()),
      this.#vocabSize,
    );
  }

  /** Frees a tokenizer that was made without a model; calls that run end well. The one of a model goes with the model. */
  dispose(): void {
    if (this.#holdModel === undefined) this.#holds.freeWhenUnused(() => this.#native.dispose());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get native(): NativeTokenizer {
    return this.#native;
  }

  /** Where a model names none, the library may give its default for the model type, which this vocabulary lacks. */
  #inVocabulary(id: number | null): number | null {
    return id !== null && id < this.#vocabSize ? id : null;
  }

  async #render(messages: readonly unknown[], options: ChatTemplateOptions): Promise<string> {
    checkOptions(options, ['template', 'tools', 'addGenerationPrompt', 'chatTemplateKwargs']);
    const { template, tools, addGenerationPrompt = true, chatTemplateKwargs } = options;
    if (template !== undefined) checkText('template', template);
    if (typeof addGenerationPrompt !== 'boolean') {
      throw invalidArgument('addGenerationPrompt', 'a boolean', addGenerationPrompt);
    }
    if (tools !== undefined && !Array.isArray(tools)) throw invalidArgument('tools', 'an array of definitions', tools);
    const toolsJson = tools === undefined ? null : toJson('tools', tools);
    const kwargs = chatTemplateKwargs === undefined ? null : checkKwargs(chatTemplateKwargs);
    const json = JSON.stringify(messages);
    return awaitNative(() =>
      this.#native.applyChatTemplate(template ?? null, json, toolsJson, addGenerationPrompt, kwargs),
    );
  }
}
