/** The tables of a JPEG, as far as a decoder demands something of them. */

/** Numbers of the tables that are defined by now. */
export interface Tables {
  readonly quantization: Set<number>;
  readonly dc: Set<number>;
  readonly ac: Set<number>;
}

const MOST_TABLES = 4;

/** False: broken. */
export function defineQuantizationTables(segment: Uint8Array, { quantization }: Tables): boolean {
  let at = 0;
  while (at < segment.length) {
    const head = segment[at] as number;
    const [wide, index] = [head >> 4, head & 15];
    at += 1 + (wide > 0 ? 128 : 64);
    if (wide > 1 || index >= MOST_TABLES || at > segment.length) return false;
    quantization.add(index);
  }
  return true;
}

/** False: broken. */
export function defineHuffmanTables(segment: Uint8Array, { dc, ac }: Tables): boolean {
  let at = 0;
  while (at < segment.length) {
    const head = segment[at] as number;
    const [kind, index] = [head >> 4, head & 15];
    const counts = segment.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    const values = segment.subarray(at + 17, at + 17 + symbols);
    if (kind > 1 || index >= MOST_TABLES || symbols > 256 || counts.length < 16 || values.length < symbols)
      return false;
    if (!areCodes(counts) || (kind === 0 && values.some(value => value > 15))) return false;
    (kind === 0 ? dc : ac).add(index);
    at += 17 + symbols;
  }
  return true;
}

/** Codes of each length follow one another; none may be all ones. */
function areCodes(counts: Uint8Array): boolean {
  let code = 0;
  return counts.every((count, i) => {
    code += count;
    const fits = count === 0 || code < 2 ** (i + 1);
    code *= 2;
    return fits;
  });
}
