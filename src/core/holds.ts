/** Keeps something until the last call that uses it is done, whatever is asked meanwhile. */
export class Holds {
  #count = 0;
  #free: (() => void) | undefined;

  get held(): boolean {
    return this.#count > 0;
  }

  /** For one call. */
  hold(): Disposable {
    this.#count++;
    return {
      [Symbol.dispose]: () => {
        this.#count--;
        this.#freeWhenUnused();
      },
    };
  }

  /** Calls `free` once nothing holds any more. */
  freeWhenUnused(free: () => void): void {
    this.#free = free;
    this.#freeWhenUnused();
  }

  #freeWhenUnused(): void {
    if (this.#count > 0 || this.#free === undefined) return;
    const free = this.#free;
    this.#free = undefined;
    free();
  }
}
