/**
 * Medians, and bounds of a median that assume nothing about the distribution: timings on a shared machine have long
 * tails, which a mean with a standard deviation would hide.
 */

import assert from 'node:assert/strict';

export function median(values) {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The median with a bound of at least 95 % confidence, by order statistics: the k-th smallest and the k-th largest
 * value enclose the true median unless fewer than k of the n values fell on one side of it, which has the probability
 * 2 P(Binomial(n, 1/2) < k). The largest k that keeps 95 % is taken; with 11 values that is the 2nd and the 10th, and
 * the confidence 98.8 %. Fewer than 6 values cannot give 95 %: then both bounds are null.
 *
 * @param {number[]} values
 * @returns {{ median: number, low: number | null, high: number | null }}
 */
export function medianWithBound(values) {
  const sorted = ascending(values);
  const k = boundRank(sorted.length);
  const [low, high] = k === 0 ? [null, null] : [sorted[k - 1], sorted[sorted.length - k]];
  return { median: median(sorted), low, high };
}

/** The largest k whose bound has at least 95 % confidence; 0 when there is none. */
function boundRank(count) {
  let probability = 0.5 ** count; // of no value below the median
  let outside = 0;
  let k = 0;
  while (k < count / 2) {
    outside += 2 * probability;
    if (outside > 0.05) break;
    probability *= (count - k) / (k + 1);
    k++;
  }
  return k;
}

function ascending(values) {
  return [...values].sort((a, b) => a - b);
}

/** Compared with tables of the sign test; every run of the bench begins with it. */
export function selfCheck() {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  const ranks = { 1: 0, 5: 0, 6: 1, 8: 1, 9: 2, 11: 2, 12: 3, 20: 6, 25: 8 };
  for (const [count, rank] of Object.entries(ranks)) assert.equal(boundRank(Number(count)), rank, `${count} values`);
  const eleven = [11, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6];
  assert.deepEqual(medianWithBound(eleven), { median: 6, low: 2, high: 10 });
  assert.deepEqual(medianWithBound([1, 2, 9]), { median: 2, low: null, high: null });
}
