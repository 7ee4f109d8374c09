/** How large an expression becomes when its bounded repetitions are written out. */

export interface Expansion {
  /** Characters. */
  readonly size: number;
  /** Largest product of bounds of repetitions within each other. */
  readonly nested: number;
}

export const ONE: Expansion = { size: 1, nested: 1 };

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

  /** The last atom or group occurs up to `bound` times. */
  repeat(bound: number): void {
    this.largest = Math.max(this.largest, bound);
    const atoms = this.#open.at(-1);
    const last = atoms?.pop() ?? ONE;
    this.add({ size: last.size * Math.max(1, bound), nested: last.nested * Math.max(1, bound) });
  }

  total(): Expansion {
    return total(this.#open.flat());
  }
}

function total(atoms: readonly Expansion[]): Expansion {
  let size = 0;
  let nested = 1;
  for (const atom of atoms) {
    size += atom.size;
    nested = Math.max(nested, atom.nested);
  }
  return { size, nested };
}

/** The larger number of `{n}`, `{n,}`, `{,m}`, `{n,m}`; null when it is none of these. */
export function boundOf(braces: string): number | null {
  const match = /^\{\s*(\d*)\s*(,?)\s*(\d*)\s*\}$/.exec(braces);
  if (match === null || (match[1] === '' && match[3] === '')) return null;
  return Math.max(Number(match[1]), Number(match[3]));
}
