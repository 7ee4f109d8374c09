/** What the library of this run has, and tests of what only newer ones have. */
import { capabilities, type Feature } from '../../src/index.ts';

export const { features, genaiVersion } = await capabilities();

/** `test` where the library has the feature; else it takes tests and runs none. */
export function since<Test extends object>(feature: Feature, test: Test): Test {
  return features[feature] ? test : Object.assign(() => {}, test);
}
