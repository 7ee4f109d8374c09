/**
 * Lines to break, for `mutate.mjs`: `find` occurs exactly once in `file`, `tables` are those of `test/bad-input` that
 * are run (default: all). Most take a check away; one that is `shared` breaks what all errors of a kind go through.
 */

import { ENGINE_MUTATIONS } from './engine.mjs';
import { GENERATION_MUTATIONS } from './generation.mjs';
import { GUIDANCE_MUTATIONS } from './guidance.mjs';
import { LOADING_MUTATIONS } from './loading.mjs';
import { SHARED_MUTATIONS } from './shared.mjs';
import { TENSOR_MUTATIONS } from './tensor.mjs';

export { NATIVE_MUTATIONS } from './native.mjs';

/** One line of `src/` each. */
export const SOURCE_MUTATIONS = [
  ...SHARED_MUTATIONS,
  ...LOADING_MUTATIONS,
  ...GENERATION_MUTATIONS,
  ...GUIDANCE_MUTATIONS,
  ...TENSOR_MUTATIONS,
  ...ENGINE_MUTATIONS,
];
