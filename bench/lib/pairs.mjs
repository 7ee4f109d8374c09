/** Interleaved measurements. */

/**
 * Measures both sides `count` times in the order ours, Python, Python, ours, ours, ...: what drifts slowly (heat, a
 * noisy neighbour) then falls on both alike.
 *
 * @param {{ sides: object, progress: (text: string) => void }} context
 * @param {number} count
 * @param {(side: object, pair: number, name: 'ours' | 'python') => Promise<T>} measure
 * @returns {Promise<{ ours: T[], python: T[] }>}
 * @template T
 */
export async function pairs({ sides, progress }, count, measure) {
  const results = { ours: [], python: [] };
  for (let pair = 0; pair < count; pair++) {
    const order = pair % 2 === 0 ? ['ours', 'python'] : ['python', 'ours'];
    for (const name of order) {
      progress(`${pair + 1} of ${count}, ${name}`);
      results[name].push(await measure(sides[name], pair, name));
    }
  }
  return results;
}

/** One value of every result, as the values of a row: `pick(results, r => r.ms)` gives `[ours, python]`. */
export function pick({ ours, python }, value) {
  return [ours.map(value), python.map(value)];
}

/** Greedy search on one model has one answer: two sides that differ in it did not do the same work. */
export function sameTokens({ ours, python }) {
  return ours.every((result, i) => JSON.stringify(result.tokens) === JSON.stringify(python[i].tokens));
}
