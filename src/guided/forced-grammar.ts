/** The longest text that the rules of a grammar may leave no choice about, at most; see `forced-text.ts`. */

/**
 * Parts of a rule one after the other. What may be left out, and each of several alternatives, begins with a choice: it
 * counts by itself, and not together with what stands beside it.
 */
export class ForcedParts {
  readonly #open: Group[] = [new Group()];

  add(length: number): void {
    this.#open.at(-1)?.add(length);
  }

  /** Brackets, alternatives, and how often the last part occurs. */
  sign(text: string): void {
    const group = this.#open.at(-1);
    if (text === '(' || text === '[') this.#open.push(new Group());
    else if (text === '|') group?.next();
    else if (text === '*' || text === '?') group?.repeat(0);
    else if ((text === ')' || text === ']') && this.#open.length > 1) {
      const closed = this.#open.pop()?.length ?? 0;
      this.add(closed);
      if (text === ']') this.#open.at(-1)?.repeat(0);
    }
  }

  repeat(times: number): void {
    this.#open.at(-1)?.repeat(times);
  }

  get length(): number {
    return Math.max(...this.#open.map(group => group.length));
  }
}

class Group {
  #sum = 0;
  #last = 0;
  /** The longest of the alternatives before, and of what may be left out. */
  #longest = 0;

  add(length: number): void {
    this.#sum += length;
    this.#last = length;
  }

  repeat(times: number): void {
    if (times === 0) this.#longest = Math.max(this.#longest, this.#last);
    this.#sum += (times - 1) * this.#last;
    this.#last *= times;
  }

  next(): void {
    this.#longest = this.length;
    this.#sum = 0;
    this.#last = 0;
  }

  get length(): number {
    return Math.max(this.#sum, this.#longest);
  }
}
