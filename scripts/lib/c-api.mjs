/** The C functions of onnxruntime-genai, as three places know them: our list, our native code, the library itself. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const NATIVE = join(root, 'native');
const LIST = join(NATIVE, 'oga', 'functions.def');

/** @typedef {{ name: string, required: boolean, since: string, until: string, group: string }} CFunction */

/** @returns {CFunction[]} the rows of functions.def, each with the heading that it stands under */
export function listedFunctions() {
  const functions = [];
  let group = '';
  const row = /^OGA_FUNCTION\((k\w+), "([\d.]*)", "([\d.]*)", .*?, (Oga\w+), \(/;
  const lines = readFileSync(LIST, 'utf8').split('\n');
  for (const line of lines.slice(lines.indexOf('// clang-format off') + 1)) {
    if (line.startsWith('// ')) group = line.slice(3);
    const match = row.exec(line);
    if (match === null && line.startsWith('OGA_FUNCTION')) throw new Error(`functions.def: ${line}`);
    if (match === null) continue;
    const [, level, since, until, name] = match;
    functions.push({ name, required: level === 'kRequired', since, until, group });
  }
  return functions;
}

/**
 * @public a test imports it
 * @returns {Set<string>} names that occur in our C++, but for functions.def and comments
 */
export function usedFunctions() {
  const files = readdirSync(NATIVE, { recursive: true }).filter(file => /\.(cc|h)$/.test(file));
  const text = files.map(file => readFileSync(join(NATIVE, file), 'utf8').replace(/\/\/.*$/gm, '')).join('\n');
  return new Set(text.match(/\bOga[A-Z]\w+\b/g));
}

/**
 * @param {string} library path
 * @returns {Set<string>} what it exports, by the platform's `nm`
 */
export function exportedFunctions(library) {
  const flags = process.platform === 'darwin' ? ['-gU'] : ['-D', '--defined-only'];
  const lines = execFileSync('nm', [...flags, library], { encoding: 'utf8', maxBuffer: 64 << 20 });
  return new Set([...lines.matchAll(/ T _?(Oga\w+)$/gm)].map(([, name]) => name));
}

/** True when a library of that version exports it. */
export function isIn({ since, until }, version) {
  return compare(since, version) <= 0 && (until === '' || compare(version, until) < 0);
}

function compare(a, b) {
  const [left, right] = [a, b].map(version => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0);
  return 0;
}
