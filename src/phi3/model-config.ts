/** MLflow's model_config for a Phi-3: search options by their upstream (snake_case) names. */

import { SEARCH_BOOLEANS, SEARCH_NUMBERS } from '../core/search-options.ts';
import type { GenerateOptions } from '../core/types.ts';
import { unknownOption } from '../util/options.ts';

/** Such as `{ max_length: 300, temperature: 0.2, do_sample: true, top_p: 0.9 }`. */
export type ModelConfig = Readonly<Record<string, number | boolean>>;

const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(SEARCH_NUMBERS).map(([name, { upstream }]) => [upstream, name] as const),
  ...Object.entries(SEARCH_BOOLEANS).map(([name, upstream]) => [upstream, name] as const),
]);

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a name that is no search option */
export function searchOptionsOf(config: ModelConfig): GenerateOptions {
  const options: Record<string, number | boolean> = {};
  for (const [upstream, value] of Object.entries(config)) {
    const name = NAMES.get(upstream);
    if (name === undefined) throw unknownOption(upstream, [...NAMES.keys()]);
    options[name] = value;
  }
  return options as GenerateOptions;
}
