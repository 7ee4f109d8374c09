/** Lines that a person types at a prompt, or that a pipe brings. */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

const PROMPT = '> ';

/**
 * One line at a time. On a terminal it edits lines, remembers them (arrow up), and keeps what is typed while an answer
 * is being written out of that answer: it appears at the next prompt. No line is lost, also not of a pasted text.
 */
export class LineReader {
  readonly #readline: Interface;
  readonly #screen: Screen | undefined;
  readonly #onInterrupt: () => void;
  readonly #lines: string[] = [];
  #waiting: ((line: string | null) => void) | undefined;
  #ended = false;

  /**
   * @param terminal the terminal to show the prompt on; undefined when stdin is no terminal
   * @param onInterrupt Ctrl-C while no line is being waited for
   */
  constructor(terminal: NodeJS.WriteStream | undefined, onInterrupt: () => void) {
    this.#onInterrupt = onInterrupt;
    this.#screen = terminal && new Screen(terminal);
    this.#readline = createInterface({
      input: process.stdin,
      ...(this.#screen && { output: this.#screen, terminal: true, prompt: PROMPT }),
    });
    this.#readline.on('line', line => this.#onLine(line));
    this.#readline.on('SIGINT', () => this.interrupt());
    this.#readline.on('close', () => this.#onClose());
  }

  /** The next line; null when there is none any more (end of input, Ctrl-D, Ctrl-C at an empty prompt). */
  next(): Promise<string | null> {
    const line = this.#lines.shift();
    if (line !== undefined) {
      this.#screen?.terminal.write(`${PROMPT}${line}\n`);
      return Promise.resolve(line);
    }
    if (this.#ended) return Promise.resolve(null);
    return new Promise(resolve => {
      this.#waiting = resolve;
      if (this.#screen !== undefined) this.#prompt(this.#screen);
    });
  }

  /** What Ctrl-C does: drops the line being typed, leaves at an empty prompt, or calls `onInterrupt`. */
  interrupt(): void {
    if (this.#waiting === undefined) this.#onInterrupt();
    else if (this.#screen === undefined || this.#readline.line === '') this.close();
    else this.#dropLine(this.#screen);
  }

  close(): void {
    this.#readline.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #dropLine(screen: Screen): void {
    this.#readline.write(null, { ctrl: true, name: 'e' });
    screen.terminal.write('^C\n');
    screen.visible = false;
    this.#readline.write(null, { ctrl: true, name: 'u' });
    this.#prompt(screen);
  }

  #prompt(screen: Screen): void {
    // readline takes a line that it wrapped unseen for one on the screen, and would clear the rows above the prompt.
    Object.assign(this.#readline, { prevRows: 0 });
    screen.visible = true;
    this.#readline.prompt(true);
  }

  #onLine(line: string): void {
    const resolve = this.#waiting;
    if (resolve === undefined) {
      this.#lines.push(line);
      return;
    }
    this.#waiting = undefined;
    if (this.#screen !== undefined) this.#screen.visible = false;
    resolve(line);
  }

  #onClose(): void {
    this.#ended = true;
    if (this.#waiting === undefined) return;
    this.#screen?.terminal.write('\n');
    this.#waiting(null);
    this.#waiting = undefined;
  }
}

/** Where readline draws. What it draws while an answer is written is dropped. */
class Screen extends Writable {
  readonly terminal: NodeJS.WriteStream;
  visible = false;

  constructor(terminal: NodeJS.WriteStream) {
    super({ decodeStrings: false });
    this.terminal = terminal;
    terminal.on('resize', () => this.emit('resize'));
  }

  get columns(): number {
    return this.terminal.columns;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    if (this.visible) this.terminal.write(chunk);
    done();
  }
}
