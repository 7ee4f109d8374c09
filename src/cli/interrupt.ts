import { Interrupted } from './errors.ts';

/**
 * Ctrl-C while something runs: `signal` fires with an `Interrupted` at the first one; a second one ends the process as
 * if nobody listened. Listens until it is disposed.
 */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #listener = (): void => this.#controller.abort(new Interrupted());

  constructor() {
    process.once('SIGINT', this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#listener);
  }
}
