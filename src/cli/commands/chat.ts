/** `ort-genai chat`: a conversation with the model. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { type ChatSession, type GenerateOptions, isGenAIError, type Model } from '../../index.ts';
import { printAnswer } from '../answer.ts';
import { LineReader } from '../line-reader.ts';
import { loadModel } from '../model.ts';
import {
  addModelOptions,
  addSamplingOptions,
  generateOptions,
  type ModelFlags,
  type SamplingFlags,
} from '../options.ts';
import { type Output, usageLine } from '../output.ts';

interface ChatFlags extends ModelFlags, SamplingFlags {
  readonly system?: string;
  readonly usage?: true;
}

const COMMANDS = `/reset   forget the conversation
/help    show this
/exit    leave (also Ctrl-D, or Ctrl-C at an empty prompt)
Ctrl-C   cancel the answer that is being written; what there is of it stays in the conversation`;

const EXAMPLES = `
In the chat:
${COMMANDS.replace(/^/gm, '  ')}

Examples:
  ort-genai chat
  ort-genai chat --model ./phi-3-mini --system "You are a stand-up comedian." --temperature 0.7
  printf 'Hi\\nWho are you?\\n' | ort-genai chat

From a pipe each line is one message; the chat ends where the input ends.
Exit code: 0; 1 after an error; 2 for a wrong command line; from a pipe also 1 when a message had no answer, and 130
after Ctrl-C.`;

export function addChat(program: Command, output: Output): void {
  const command = program
    .command('chat')
    .summary('talk with a model')
    .description('Talk with a model. Every message is answered with the whole conversation in mind.')
    .option('-s, --system <text>', 'system message that stands before the conversation')
    .option('--usage', 'write token counts and speed to stderr, also when that is not a terminal');
  addModelOptions(addSamplingOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ChatFlags) => {
      const options = generateOptions(flags);
      await using model = await loadModel(flags, output);
      process.exitCode = await new Chat(model, options, flags, output).run();
    });
}

class Chat {
  readonly #model: Model;
  readonly #output: Output;
  readonly #usage: boolean;
  readonly #session: ChatSession;
  /** A person sits at the other end: Ctrl-C ends an answer, not the chat. */
  readonly #interactive = process.stdin.isTTY;
  #answering: AbortController | undefined;
  #exitCode = 0;

  constructor(model: Model, options: GenerateOptions, { system, usage }: ChatFlags, output: Output) {
    this.#model = model;
    this.#output = output;
    this.#usage = usage ?? output.terminal;
    this.#session = model.createChat({ ...options, system });
  }

  async run(): Promise<number> {
    if (this.#interactive) this.#output.note(`${basename(this.#model.directory)}: /help shows the commands.`);
    const terminal = process.stdout.isTTY ? process.stdout : process.stderr;
    using reader = new LineReader(this.#interactive ? terminal : undefined, () => this.#answering?.abort());
    const interrupt = (): void => {
      if (!this.#interactive) this.#exitCode = 130;
      reader.interrupt();
    };
    process.on('SIGINT', interrupt);
    try {
      while (!this.#output.closed.aborted && this.#exitCode !== 130) {
        const line = (await reader.next())?.trim() ?? '/exit';
        if (line === '/exit') break;
        if (line.startsWith('/')) this.#command(line);
        else if (line !== '') await this.#answer(line);
      }
    } finally {
      process.off('SIGINT', interrupt);
    }
    return this.#exitCode;
  }

  #command(line: string): void {
    if (line === '/reset') {
      this.#session.rewind(0);
      this.#output.note('The conversation is forgotten.');
    } else if (line === '/help') this.#output.error(COMMANDS);
    else {
      this.#output.error(`There is no command ${line}; /help shows those there are.`);
      if (!this.#interactive) this.#exitCode = 1;
    }
  }

  async #answer(question: string): Promise<void> {
    this.#answering = new AbortController();
    const signal = AbortSignal.any([this.#answering.signal, this.#output.closed]);
    const stream = this.#session.stream(question, { signal, onAbort: 'return' });
    try {
      const result = await printAnswer(stream, this.#output);
      if (this.#usage && !this.#output.closed.aborted) this.#output.note(usageLine(result));
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#answering = undefined;
    }
  }

  /** A message that cannot be answered is taken back; the chat goes on. */
  #refuse(error: unknown): void {
    if (isGenAIError(error, 'ERR_GENAI_INPUT_TOO_LONG')) {
      this.#output.error(`${error.message} /reset forgets the conversation and makes room.`);
    } else if (isGenAIError(error, 'ERR_GENAI_INVALID_ARGUMENT')) this.#output.error(error.message);
    else throw error;
    if (!this.#interactive) this.#exitCode = 1;
  }
}
