/** Says that something is going on, once it has taken longer than a person waits without a sign. */
import type { Output } from './output.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export interface ProgressOptions {
  /** Text to show; asked for again with every frame. */
  readonly label: () => string;
  /** Without a terminal that shows a spinner: one plain line (default), or nothing. */
  readonly plain?: boolean;
  readonly delayMs?: number;
}

/** Starts to wait; the returned function ends it and leaves no trace of the spinner. May be called again. */
export function startProgress(output: Output, { label, plain = true, delayMs = 1000 }: ProgressOptions): () => void {
  const started = performance.now();
  let frame = 0;
  let spinner: NodeJS.Timeout | undefined;
  const draw = (): void => {
    const seconds = Math.floor((performance.now() - started) / 1000);
    output.replaceLine(`${FRAMES[frame++ % FRAMES.length]} ${label()} ${seconds} s`);
  };
  const timer = setTimeout(() => {
    if (output.fancy) {
      draw();
      spinner = setInterval(draw, 100);
    } else if (plain) output.error(label());
  }, delayMs);
  return () => {
    clearTimeout(timer);
    if (spinner === undefined) return;
    clearInterval(spinner);
    spinner = undefined;
    output.replaceLine('');
  };
}
