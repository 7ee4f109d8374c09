/**
 * Writes what docs/performance.md shows of bench/results.json: its tables, between marks, and docs/performance.svg.
 *
 *   node bench/draw.mjs
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, main, PlainError } from '../scripts/lib/plain-error.mjs';
import { root } from '../scripts/lib/run.mjs';
import { chart } from './lib/chart.mjs';
import { readResults } from './lib/results.mjs';
import { markdownTable } from './lib/rows.mjs';

const PAGE = 'docs/performance.md';
const PICTURE = 'docs/performance.svg';

/** @returns the documents as they should be, by path; null while nothing was saved */
export function documents() {
  const results = readResults();
  return results === null ? null : { [PAGE]: page(results), [PICTURE]: chart(results) };
}

/** Fills `<!-- bench:NAME -->` ... `<!-- /bench -->`; a section that was not measured says so. */
function page({ environment, sections }) {
  const blocks = {
    environment: Object.entries(environment)
      .map(([name, text]) => `- ${name}: ${text}`)
      .join('\n'),
  };
  for (const [id, section] of Object.entries(sections)) blocks[id] = block(section);
  return readFileSync(join(root, PAGE), 'utf8').replaceAll(
    /<!-- bench:(\w+) -->\n[\s\S]*?<!-- \/bench -->/g,
    (_, name) => `<!-- bench:${name} -->\n\n${blocks[name] ?? 'Not measured.'}\n\n<!-- /bench -->`,
  );
}

function block({ rows, sameTokens }) {
  const count = rows[0].ours.length;
  const table = `${markdownTable(rows)}\n\n${count === 1 ? 'One pair' : `${count} pairs`}.`;
  if (sameTokens === undefined) return table;
  return `${table} ${sameTokens ? 'Both sides generated the same tokens.' : 'The sides generated different tokens.'}`;
}

export function writeDocuments() {
  const written = documents();
  if (written === null) throw new PlainError('there is no bench/results.json: npm run bench -- --save makes it.');
  for (const [path, text] of Object.entries(written)) writeFileSync(join(root, path), text);
}

if (isMain(import.meta.url)) await main(async () => writeDocuments());
