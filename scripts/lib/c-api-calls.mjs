/** Which bound functions the tests have not called. */

import { isIn, listedFunctions } from './c-api.mjs';
import { INTERNAL, METHODS, NOT_EXECUTED } from './c-api-methods.mjs';
import { findPair } from './runtime-pairs.mjs';

/** @param {Set<string>} called @returns {string[]} bound functions of the newest library that are not in it */
export function uncalledFunctions(called) {
  const newest = findPair(`${process.platform}-${process.arch}`, 'cpu').versions['onnxruntime-genai'];
  return listedFunctions()
    .filter(listed => isIn(listed, newest))
    .map(({ name }) => name)
    .filter(name => Object.hasOwn(METHODS, name) || Object.hasOwn(INTERNAL, name))
    .filter(name => !Object.hasOwn(NOT_EXECUTED, name) && !called.has(name));
}
