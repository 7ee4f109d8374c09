import { GenAIError, invalidArgument } from '../errors.ts';
import { checkOptions } from '../util/options.ts';
import { ChatCache } from './chat-cache.ts';
import { checkMessages } from './chat-messages.ts';
import { type GenerateCall, generate } from './generate.ts';
import { OPTION_NAMES, planGeneration } from './generate-plan.ts';
import type { Model } from './model.ts';
import { TokenStream } from './token-stream.ts';
import type { ChatTemplateOptions } from './tokenizer.ts';
import type { ChatMessage, GenerateOptions, GenerateResult } from './types.ts';

/** Options of one turn, over those of the session. */
export type ChatTurnOptions = GenerateOptions;

/** Options of `createChat`: those of every turn, and what the conversation begins with. */
export interface ChatOptions extends Omit<GenerateOptions, 'signal' | 'onAbort'> {
  /** System message that stands before the conversation. */
  readonly system?: string | undefined;
  /** A conversation to go on with, such as the `messages` of another session; its last message must not be a question. */
  readonly messages?: readonly ChatMessage[] | undefined;
  /** Tool definitions for the chat template; refused at the first turn when the template ignores them. */
  readonly tools?: readonly unknown[] | undefined;
  /** Chat template (Jinja) to use instead of the model's own. */
  readonly template?: string | undefined;
}

const OWN_NAMES: readonly (keyof ChatOptions)[] = ['system', 'messages', 'tools', 'template'];

/**
 * A conversation with a model, made by `model.createChat()`. The KV cache is kept between turns, so that a turn reads
 * the new message only; the answers are those of the whole conversation as one prompt. One turn at a time: a second one
 * meanwhile is refused with `ERR_GENAI_BUSY`.
 *
 * A turn that fails or is aborted leaves the history as it was, unless `onAbort` is `"return"` (or a stream is cancelled
 * without a reason): then what there is of the answer stays in it. Holds its KV cache until `dispose()` (or `using`).
 * The cache has room for twice what the longest turn so far needed, and is made again, and the conversation read again,
 * when that is not enough, after a change of search options between turns, and at every turn with beams, with a
 * `responseFormat`, or on DirectML and QNN.
 */
export class ChatSession {
  readonly #model: Model;
  readonly #options: GenerateOptions;
  readonly #template: Pick<ChatTemplateOptions, 'template' | 'tools'>;
  readonly #cache = new ChatCache();
  readonly #disposal = new AbortController();
  #messages: readonly ChatMessage[];
  #turn: Promise<unknown> | undefined;

  /** @internal */
  constructor(model: Model, options: ChatOptions) {
    checkOptions(options, [...OWN_NAMES, ...OPTION_NAMES.filter(name => name !== 'signal' && name !== 'onAbort')]);
    const { system, messages = [], tools, template, ...turn } = options;
    planGeneration(turn, model, model.native.folder.search);
    if (tools !== undefined && !Array.isArray(tools)) throw invalidArgument('tools', 'an array of definitions', tools);
    this.#model = model;
    this.#options = turn;
    this.#template = {
      ...(tools === undefined ? {} : { tools: structuredClone(tools) }),
      ...(template === undefined ? {} : { template }),
    };
    this.#messages = beginning(system, messages);
  }

  /** A copy of the history: the system message, and every question with its answer. Plain data; `JSON.stringify` it. */
  get messages(): ChatMessage[] {
    return this.#messages.map(message => structuredClone(message));
  }

  /** How many answers there are in the history. */
  get turnCount(): number {
    return this.#messages.filter(({ role }) => role === 'assistant').length;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param message text of the user, or one or more messages (the results of tools, say)
   * @returns with `usage.inputTokens` of the whole conversation, `cachedInputTokens` of which the KV cache held
   * @throws {GenAIError} `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`, `ERR_GENAI_INPUT_TOO_LONG` (`rewind`, or begin another
   *   session), and what `model.generate` throws; or the signal's reason
   */
  async send(
    message: string | ChatMessage | readonly ChatMessage[],
    options: ChatTurnOptions = {},
  ): Promise<GenerateResult> {
    return this.#ask(message, options, {});
  }

  /** Asks, and gives the answer token by token. Errors reach the reader and `result`. */
  stream(message: string | ChatMessage | readonly ChatMessage[], options: ChatTurnOptions = {}): TokenStream {
    return new TokenStream({
      run: (onChunks, cancelSignal) => this.#ask(message, options, { onChunks, cancelSignal }),
    });
  }

  /**
   * Goes back to the first `turns` answers; 0 keeps the system message alone. Costs nothing: the next turn reuses what
   * the cache has in common with it.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` beyond `turnCount`, `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  rewind(turns: number): void {
    this.#demandIdle();
    const { turnCount } = this;
    if (!Number.isInteger(turns) || turns < 0 || turns > turnCount) {
      throw invalidArgument('turns', `an integer from 0 to turnCount, ${turnCount}`, turns);
    }
    this.#messages = this.#messages.slice(0, lengthOf(this.#messages, turns));
  }

  /**
   * Another session with the same history and options. The library cannot copy a KV cache: the first turn of the new
   * session reads the conversation.
   *
   * @throws {GenAIError} `ERR_GENAI_BUSY`, `ERR_GENAI_DISPOSED`
   */
  fork(): ChatSession {
    this.#demandIdle();
    return this.#model.createChat({ ...this.#options, ...this.#template, messages: this.#messages });
  }

  /** Ends the running turn, which rejects with `ERR_GENAI_DISPOSED`, and frees the KV cache; settles when it is gone. */
  async dispose(): Promise<void> {
    this.#disposal.abort(new GenAIError('ERR_GENAI_DISPOSED', 'The ChatSession was disposed.'));
    await this.#turn?.catch(() => {});
    await this.#cache.clear();
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #ask(
    message: string | ChatMessage | readonly ChatMessage[],
    options: ChatTurnOptions,
    call: GenerateCall,
  ): Promise<GenerateResult> {
    this.#demandIdle();
    const turn = this.#take(message, options, call);
    this.#turn = turn;
    try {
      return await turn;
    } finally {
      this.#turn = undefined;
    }
  }

  async #take(
    message: string | ChatMessage | readonly ChatMessage[],
    options: ChatTurnOptions,
    { onChunks, cancelSignal }: GenerateCall,
  ): Promise<GenerateResult> {
    checkOptions(options, OPTION_NAMES);
    const messages = [...this.#messages, ...questions(message)];
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const result = await generate(
      this.#model,
      messages,
      { ...this.#options, ...given },
      {
        ...(onChunks === undefined ? {} : { onChunks }),
        cancelSignal: AbortSignal.any([this.#disposal.signal, ...(cancelSignal === undefined ? [] : [cancelSignal])]),
        chatTemplate: this.#template,
        lend: (...args) => this.#cache.lend(...args),
      },
    );
    if (this.#disposal.signal.aborted) throw this.#disposal.signal.reason;
    if (result.finishReason !== 'abort' || result.text.trim() !== '') {
      this.#messages = [...messages, { role: 'assistant', content: result.text }];
    }
    return result;
  }

  #demandIdle(): void {
    if (this.#disposal.signal.aborted) throw this.#disposal.signal.reason;
    if (this.#turn === undefined) return;
    throw new GenAIError(
      'ERR_GENAI_BUSY',
      'A ChatSession takes one turn at a time, and one is running. Await it, cancel it, or fork() before it.',
    );
  }
}

function beginning(system: string | undefined, messages: readonly ChatMessage[]): readonly ChatMessage[] {
  if (!Array.isArray(messages)) throw invalidArgument('messages', 'an array of messages', messages);
  const all = [...(system === undefined ? [] : [{ role: 'system', content: system } as const]), ...messages];
  if (all.length === 0) return [];
  checkMessages(all);
  if (system !== undefined && messages[0]?.role === 'system') {
    throw invalidArgument('system', 'left out where messages begin with a system message', system);
  }
  const last = all.at(-1)?.role;
  if (last === 'user' || last === 'tool') {
    throw invalidArgument('messages', 'a conversation that ends with an answer; send() the question', last);
  }
  return structuredClone(all);
}

function questions(message: string | ChatMessage | readonly ChatMessage[]): readonly ChatMessage[] {
  if (typeof message === 'string') return [{ role: 'user', content: message }];
  const list = (Array.isArray(message) ? message : [message]) as readonly ChatMessage[];
  checkMessages(list);
  return structuredClone(list);
}

/** How many messages there are up to the answer of that turn; before the first one the system messages. */
function lengthOf(messages: readonly ChatMessage[], turns: number): number {
  if (turns === 0) {
    const first = messages.findIndex(({ role }) => role !== 'system');
    return first < 0 ? messages.length : first;
  }
  let answers = 0;
  return messages.findIndex(({ role }) => role === 'assistant' && ++answers === turns) + 1;
}
