/** Runs `ort-genai` in a real pseudo-terminal, as a person sees it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { command, environment, root } from './run-cli.ts';

export const CTRL_C = '\x03';
export const CTRL_D = '\x04';

const PTY = fileURLToPath(new URL('run-in-pty.py', import.meta.url));

export class Terminal {
  /** Everything that was written to the screen, with ␛ for the escape character. */
  screen = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown[]>;
  #mark = 0;

  constructor(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) {
    this.#child = spawn(process.env['PYTHON'] ?? 'python3', [PTY, ...command, ...args], {
      cwd: root,
      env: environment(env),
    });
    this.#child.stdout.setEncoding('utf8').on('data', text => {
      this.screen += text.replaceAll('\x1b', '␛');
    });
    this.#child.stderr.setEncoding('utf8').on('data', text => {
      this.screen += text.replaceAll('\x1b', '␛');
    });
    this.#closed = once(this.#child, 'close');
  }

  /** Types, and forgets for `shows` what was on the screen before. */
  type(keys: string): void {
    this.#mark = this.screen.length;
    this.#child.stdin.write(keys);
  }

  /** Waits for what a pattern matches since the last `type`, and gives that. */
  async shows(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    while (true) {
      const match = pattern.exec(this.screen.slice(this.#mark));
      if (match !== null) return match[1] ?? match[0];
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        this.#child.kill();
        throw new Error(`The screen never showed ${pattern}; it shows:\n${this.screen.slice(-2000)}`);
      }
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  /** Exit code of the command. */
  async exit(timeoutMs = 20_000): Promise<number> {
    const timer = setTimeout(() => this.#child.kill(), timeoutMs);
    const [code] = await this.#closed;
    clearTimeout(timer);
    return code as number;
  }
}
