/** Which bound functions the tests have not called. */

import { isIn, listedFunctions } from './c-api.mjs';
import { INTERNAL, METHODS, NOT_EXECUTED } from './c-api-methods.mjs';
import { findPair } from './runtime-pairs.mjs';

/**
 * @param {Set<string>} called
 * @param {string} version of onnxruntime-genai whose tests called them
 * @returns {string[]} bound functions that are not among them: those of the newest version, or those of an older one
 *   that the newest has no more
 */
export function uncalledFunctions(called, version) {
  const newest = findPair(`${process.platform}-${process.arch}`, 'cpu').versions['onnxruntime-genai'];
  return listedFunctions()
    .filter(listed => isIn(listed, version) && (version === newest || !isIn(listed, newest)))
    .map(({ name }) => name)
    .filter(name => Object.hasOwn(METHODS, name) || Object.hasOwn(INTERNAL, name))
    .filter(name => !Object.hasOwn(NOT_EXECUTED, name) && !called.has(name));
}
