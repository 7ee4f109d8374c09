/**
 * A row is one figure of both sides:
 * `{ id, label, unit, better: 'higher' | 'lower', ours: number[], python: number[] | null }`, value i of one side
 * measured right beside value i of the other. Python is null where it has no counterpart.
 */

import { median, medianWithBound } from './statistics.mjs';

/** Rounds to what a timing can mean, so that the committed results stay small. */
const round = value => Number(value.toPrecision(4));

export function row(id, label, unit, better, ours, python) {
  const known = python?.every(Number.isFinite) ? python.map(round) : null;
  return { id, label, unit, better, ours: ours.map(round), python: known };
}

/** How many times as good ours is, pair by pair, with its bound; null without a counterpart. */
export function ratio({ better, ours, python }) {
  if (python === null || [...ours, ...python].some(value => value <= 0)) return null;
  return medianWithBound(ours.map((value, i) => (better === 'higher' ? value / python[i] : python[i] / value)));
}

/** The cells of a row as text: label, ours, Python, ratio with bound. */
export function cells(row) {
  const { label, unit, ours, python } = row;
  const side = values => (values === null ? '–' : `${number(median(values))} ${unit}`);
  return [label, side(ours), side(python), ratioText(ratio(row))];
}

export const HEADINGS = ['', 'ours', 'Python', 'ratio (95 % bound)'];

export function ratioText(value) {
  if (value === null) return '–';
  const { median, low, high } = value;
  return low === null ? `${times(median)}` : `${times(median)} (${times(low)} – ${times(high)})`;
}

function times(value) {
  return value < 10 ? value.toFixed(2) : number(value);
}

/** Three digits that matter; whole numbers get separators of thousands. */
export function number(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Rows as aligned text. */
export function textTable(rows) {
  const table = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map(line => line[column].length)));
  return table
    .map(line => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   '))
    .join('\n');
}

/** Rows as a Markdown table. */
export function markdownTable(rows) {
  const line = values => `| ${values.join(' | ')} |`;
  return [line(HEADINGS), line(['---', '--:', '--:', '--:']), ...rows.map(row => line(cells(row)))].join('\n');
}
