/** The two output streams of a command: stdout for answers, stderr for everything about them. */
import type { GenerateResult } from '../index.ts';

/** A stream of the process, or one that stands for it in a test. */
export interface OutputStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Writes plain text; colours only on a terminal, and never when `NO_COLOR` is set.
 * A reader that has gone away (`| head -1`) is no error: `closed` fires, and what is written after that is dropped.
 */
export class Output {
  /** Answers are read by a person: stdout and stderr are the same terminal. */
  readonly terminal: boolean;
  /** Cursor movements and colours may be written to stderr. */
  readonly fancy: boolean;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #closed = new AbortController();

  constructor(
    stdout: OutputStream = process.stdout,
    stderr: OutputStream = process.stderr,
    env: Readonly<Record<string, string | undefined>> = process.env,
  ) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.terminal = stdout.isTTY === true && stderr.isTTY === true;
    this.fancy = stderr.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
    stdout.on('error', error => {
      if (!isClosedPipe(error)) throw error;
      this.#closed.abort();
    });
    stderr.on('error', error => {
      if (!isClosedPipe(error)) throw error;
    });
  }

  /** Fires when nobody reads stdout any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Writes to stdout. What a model says must not move the cursor of a terminal or change its colours. */
  write(text: string): void {
    if (this.closed.aborted) return;
    this.#stdout.write(this.#stdout.isTTY === true ? withoutControls(text) : text);
  }

  /** A line on stderr. */
  error(line: string): void {
    this.#stderr.write(`${line}\n`);
  }

  /** A line on stderr that matters less; dim on a terminal. */
  note(line: string): void {
    this.error(this.fancy ? `\x1b[2m${line}\x1b[22m` : line);
  }

  /** Replaces the last line of the terminal; only when `fancy`. */
  replaceLine(line: string): void {
    this.#stderr.write(`\r\x1b[K${line}`);
  }
}

function isClosedPipe({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EOF';
}

/** Leaves tabs and line ends of the C0 and C1 control characters. */
function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, '');
}

/** `10 + 72 tokens, first after 43 ms, 417 tokens/s` */
export function usageLine({ usage, metrics, finishReason }: GenerateResult): string {
  const parts = [`${usage.inputTokens} + ${usage.outputTokens} tokens`];
  if (usage.outputTokens > 0) parts.push(`first after ${duration(metrics.ttftMs)}`);
  if (metrics.decodeTokensPerSecond > 0) parts.push(`${rate(metrics.decodeTokensPerSecond)} tokens/s`);
  if (finishReason === 'abort') parts.push('cancelled');
  if (finishReason === 'length') parts.push('limit reached');
  return parts.join(', ');
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

/** `740 MB` */
export function megabytes(bytes: number): string {
  const size = bytes / 1e6;
  return size >= 10_000 ? `${(size / 1000).toFixed(1)} GB` : `${Math.max(1, Math.round(size))} MB`;
}
