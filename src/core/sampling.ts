/** Whether to sample, for everything that generates. */
import { invalidArgument } from '../errors.ts';

/** The library's default of `top_k`; a config may say 1, which would make every sampling greedy. */
export const DEFAULT_TOP_K = 50;

/** What the choice follows from. */
interface SamplingOptions {
  readonly temperature?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * The library ignores temperature, topK, topP and seed unless it samples; asking for one of them means sampling.
 *
 * @returns `"model"`: as its configuration says
 */
export function chooseSampling(
  { temperature, topK, topP, seed }: SamplingOptions,
  doSample: boolean | 'model' | undefined,
): boolean | 'model' {
  if (doSample !== undefined && doSample !== 'model' && typeof doSample !== 'boolean') {
    throw invalidArgument('doSample', 'true, false or "model"', doSample);
  }
  return doSample ?? ((temperature ?? 0) > 0 || (temperature !== 0 && [topK, topP, seed].some(v => v !== undefined)));
}
