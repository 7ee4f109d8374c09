/** bench/results.json: every measured value, from which docs/performance.md and its picture are made. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { root, runNode } from '../../scripts/lib/run.mjs';

const FILE = join(root, 'bench', 'results.json');
const BIOME = 'node_modules/@biomejs/biome/bin/biome';

/** @returns {{ environment: object, sections: Record<string, { rows: object[], sameTokens?: boolean }> } | null} */
export function readResults() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : null;
}

/** Replaces one section. What was measured elsewhere or with other versions does not stand beside it: it goes. */
export async function saveSection(environment, id, section) {
  const known = readResults();
  const kept = isDeepStrictEqual(known?.environment, environment) ? known.sections : {};
  writeFileSync(FILE, JSON.stringify({ environment, sections: { ...kept, [id]: section } }, null, 2));
  await runNode([BIOME, 'format', '--write', FILE]); // numbers side by side, as the lint wants them
}
