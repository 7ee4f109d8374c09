/** Remembers from which inputs a step was last done, so that it is skipped until one of them changes. */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './run.mjs';

const NOTES = join(root, '.cache', 'setup');

/**
 * A hash over names and contents of files and folders (relative to the checkout) and over extra values.
 * Contents, not times: a copied or newly checked-out tree is not built twice, and a deleted file is noticed.
 */
export function fingerprint(paths, ...extra) {
  const hash = createHash('sha256').update(JSON.stringify(extra));
  for (const file of paths.flatMap(path => filesBelow(join(root, path))).sort()) {
    const content = readFileSync(file);
    hash.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** True when `step` was last completed with this fingerprint. */
export function isNoted(step, print) {
  try {
    return readFileSync(join(NOTES, step), 'utf8') === print;
  } catch {
    return false;
  }
}

/** Does the work of `step` and notes its fingerprint, taken before. Work that fails leaves the step to be done again. */
export async function noted(step, print, work) {
  mkdirSync(NOTES, { recursive: true });
  writeFileSync(join(NOTES, step), '');
  await work();
  writeFileSync(join(NOTES, step), print);
}

function filesBelow(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  return stat.isFile() ? [path] : readdirSync(path).flatMap(name => filesBelow(join(path, name)));
}
