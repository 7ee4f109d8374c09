/** Options of a request of the scheduler: their checks, and what it is told. */
import type { NativeTurnSettings } from '../../binding/addon-engine-types.ts';
import { GenAIError, invalidArgument } from '../../errors.ts';
import { isObject, type JsonObject } from '../../util/objects.ts';
import { type GeneratePlan, planGeneration } from '../generate-plan.ts';
import { DEFAULT_TOP_K } from '../sampling.ts';
import type { SearchLimits, SearchOptions } from '../search-options.ts';
import type { GenerateOptions } from '../types.ts';

/** Options of `submit`; what is left out comes from the `search` section of the model's `genai_config.json`. */
export interface SubmitOptions
  extends Pick<
    GenerateOptions,
    | 'maxNewTokens'
    | 'maxLength'
    | 'minLength'
    | 'doSample'
    | 'temperature'
    | 'topK'
    | 'topP'
    | 'repetitionPenalty'
    | 'seed'
    | 'stop'
    | 'signal'
    | 'onAbort'
  > {
  /** Sample among the tokens that are at least so likely, as a part of the most likely one, 0 (no limit) .. 1. */
  readonly minP?: number | undefined;
  /** Taken from the logit of every token that the answer has already, -2 .. 2. Default 0. */
  readonly presencePenalty?: number | undefined;
  /** The same for each time that it occurs, -2 .. 2. Default 0. */
  readonly frequencyPenalty?: number | undefined;
}

/** Options of `generate` that a request cannot have. */
const OTHERS = [
  'numBeams',
  'lengthPenalty',
  'noRepeatNgramSize',
  'diversityPenalty',
  'chunkSize',
  'earlyStopping',
  'blankPenalty',
  'audioTemperature',
  'audioTopK',
  'audioInterleaved',
  'responseFormat',
  'guidanceLimits',
  'forcedForwardTokens',
  'speculative',
  'adapter',
] as const satisfies readonly (keyof GenerateOptions)[];

/** Checked options. */
export interface SubmitPlan {
  readonly plan: GeneratePlan;
  readonly sampling: Sampling;
  /** Of prompt and answer together. */
  readonly minLength: number;
}

type Sampling = Pick<
  NativeTurnSettings,
  | 'doSample'
  | 'temperature'
  | 'topK'
  | 'topP'
  | 'minP'
  | 'repetitionPenalty'
  | 'presencePenalty'
  | 'frequencyPenalty'
  | 'seed'
>;

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function planSubmit(options: SubmitOptions, limits: SearchLimits, search: JsonObject): SubmitPlan {
  const given: unknown = options;
  if (!isObject(given)) throw invalidArgument('options', 'an object', given);
  const other = OTHERS.find(name => given[name] !== undefined);
  if (other !== undefined) {
    throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', `The option "${other}" is for model.generate().`, {
      details: { option: other },
    });
  }
  const { minP, presencePenalty, frequencyPenalty, ...others } = options;
  checkRange('minP', minP, 0, 1);
  checkRange('presencePenalty', presencePenalty, -2, 2);
  checkRange('frequencyPenalty', frequencyPenalty, -2, 2);
  const wantsSampling = others.doSample === undefined && others.temperature !== 0 && minP !== undefined;
  const plan = planGeneration(wantsSampling ? { ...others, doSample: true } : others, limits, search);
  const sampling = {
    ...samplingOf(plan.search, search),
    minP,
    presencePenalty,
    frequencyPenalty,
    repetitionPenalty: plan.search.repetitionPenalty ?? numberIn(search, 'repetition_penalty'),
    seed: plan.search.seed ?? seedIn(search),
  };
  return { plan, sampling, minLength: plan.search.minLength ?? numberIn(search, 'min_length') ?? 0 };
}

function samplingOf(given: SearchOptions, search: JsonObject): Sampling {
  const doSample = given.doSample ?? search['do_sample'] === true;
  const temperature = given.temperature ?? numberIn(search, 'temperature') ?? 1;
  if (!doSample || temperature <= 0) return { doSample: false };
  const topP = Math.min(1, given.topP ?? numberIn(search, 'top_p') ?? 1);
  const topK = given.topK ?? numberIn(search, 'top_k') ?? DEFAULT_TOP_K;
  return { doSample: true, temperature, topK, topP: topP === 0 ? 1 : topP }; // upstream: 0 is no limit
}

/** Below 0 is none, and what the config says is left to its own library to refuse. */
function numberIn(search: JsonObject, key: string): number | undefined {
  const value = search[key];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function seedIn(search: JsonObject): number | undefined {
  const seed = numberIn(search, 'random_seed');
  return Number.isSafeInteger(seed) ? seed : undefined;
}

function checkRange(name: string, value: unknown, min: number, max: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalidArgument(name, `a number from ${min} to ${max}`, value);
  }
}
