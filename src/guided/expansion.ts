/** How large an expression becomes when its bounded repetitions are written out. */

export interface Expansion {
  /** Characters. */
  readonly size: number;
  /** Largest product of bounds of repetitions within each other. */
  readonly nested: number;
  /** Characters with the lower bounds instead. */
  readonly least: number;
}

export function atom(size: number): Expansion {
  return { size, nested: 1, least: size };
}

export const ONE: Expansion = atom(1);

/** Adds up an expression from left to right: atoms, groups, and repetitions of what came last. */
export class ExpansionSum {
  readonly #open: Expansion[][] = [[]];
  /** The largest bound so far. */
  largest = 1;

  add(atom: Expansion): void {
    this.#open.at(-1)?.push(atom);
  }

  openGroup(): void {
    this.#open.push([]);
  }

  /** Closes the group; one that was never opened is the library's to refuse. */
  closeGroup(): void {
    if (this.#open.length > 1) this.add(total(this.#open.pop() ?? []));
  }

  repeat({ low, high }: Bounds): void {
    this.largest = Math.max(this.largest, high);
    const { size, nested, least } = this.#open.at(-1)?.pop() ?? ONE;
    const times = Math.max(1, high);
    // What may be left out may be there, and is given as a whole then.
    this.add({ size: size * times, nested: nested * times, least: least * Math.max(1, low) });
  }

  total(): Expansion {
    return total(this.#open.flat());
  }
}

function total(atoms: readonly Expansion[]): Expansion {
  let size = 0;
  let nested = 1;
  let least = 0;
  for (const atom of atoms) {
    size += atom.size;
    nested = Math.max(nested, atom.nested);
    least += atom.least;
  }
  return { size, nested, least };
}

/** How often something occurs. */
export interface Bounds {
  readonly low: number;
  /** The larger number that is written. */
  readonly high: number;
}

/** Rust takes U+0085 for white space as well. */
const BOUNDS = /^\{[\s\u0085]*(\d*)[\s\u0085]*(,?)[\s\u0085]*(\d*)[\s\u0085]*\}$/;

/** Of `{n}`, `{n,}`, `{,m}`, `{n,m}`; null when it is none of these. */
export function boundsOf(braces: string): Bounds | null {
  const [matched, first = '', comma, second = ''] = BOUNDS.exec(braces) ?? [];
  if (matched === undefined || (first === '' && second === '')) return null;
  const low = comma === '' ? Number(first || second) : Number(first);
  return { low, high: Math.max(low, Number(second)) };
}
