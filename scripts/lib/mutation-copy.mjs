/** Copies of the checkout in which one line at a time is broken; the checkout itself is never touched. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainError } from './plain-error.mjs';
import { root } from './run.mjs';

const COPIED = ['src', 'test', 'native', 'package.json', 'tsconfig.json', 'CMakeLists.txt'];
const LINKED = ['node_modules', '.runtime', 'build', 'models', 'scripts', 'docs', 'examples'];

/** @returns the folder of a new copy; remove it with `removeCopy` */
export function makeCopy() {
  const copy = mkdtempSync(join(tmpdir(), 'mutate-'));
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const name of LINKED) symlinkSync(join(root, name), join(copy, name), 'junction');
  mkdirSync(join(copy, '.cache'));
  return copy;
}

export function removeCopy(copy) {
  rmSync(copy, { recursive: true, force: true });
}

/** Refuses a mutation that does not say exactly which line it breaks. */
export function checkMutation({ id, file, find, replace }) {
  const count = readFileSync(join(root, file), 'utf8').split(find).length - 1;
  if (count !== 1) throw new PlainError(`${id}: its text occurs ${count} times in ${file}, and must exactly once`);
  if (find === replace) throw new PlainError(`${id}: it changes nothing`);
}

/** Breaks the line, does the work, and mends it again. */
export async function mutated(copy, { file, find, replace }, work) {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  // A function: `$` in a replacement is meant as it stands.
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  try {
    return await work();
  } finally {
    writeFileSync(path, source);
  }
}
