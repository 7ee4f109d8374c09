/** From what a caller asked for to what the library is told. */
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkSignal } from '../util/abort.ts';
import type { JsonObject } from '../util/objects.ts';
import { checkOptions } from '../util/options.ts';
import { type AdapterOption, checkAdapter } from './adapters.ts';
import { checkWithGuidance, type PlannedGuidance, planGuidanceOptions } from './guided-generator.ts';
import { chooseSampling, DEFAULT_TOP_K } from './sampling.ts';
import { checkSearchOptions, type SearchLimits, type SearchOptions } from './search-options.ts';
import { checkSpeculation, refuseSpeculationOfRows, type SpeculativeOptions } from './speculation.ts';
import { stopStrings } from './stop-strings.ts';
import type { GenerateOptions } from './types.ts';

/** Used when neither maxNewTokens nor maxLength is given. */
export const DEFAULT_MAX_NEW_TOKENS = 1024;

export const OPTION_NAMES: readonly string[] = [
  'maxNewTokens',
  'maxLength',
  'doSample',
  'stop',
  'signal',
  'onAbort',
  'minLength',
  'numBeams',
  'temperature',
  'topK',
  'topP',
  'repetitionPenalty',
  'lengthPenalty',
  'noRepeatNgramSize',
  'diversityPenalty',
  'seed',
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
] satisfies (keyof GenerateOptions)[];

/** Checked options, before the length of the prompt is known. */
export interface GeneratePlan {
  readonly search: SearchOptions;
  readonly stop: readonly string[];
  readonly onAbort: 'throw' | 'return';
  readonly maxNewTokens: number | undefined;
  readonly maxLength: number | undefined;
  readonly guidance: PlannedGuidance | undefined;
  readonly speculative: SpeculativeOptions | undefined;
  readonly adapter: AdapterOption | undefined;
}

/**
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for an unknown option or a value out of range,
 *   `ERR_GENAI_GUIDANCE_REFUSED` for a format that is above a limit
 */
export function planGeneration(options: GenerateOptions, limits: SearchLimits, modelSearch: JsonObject): GeneratePlan {
  const own = ['batchSize', 'numReturnSequences'].find(name => Object.hasOwn(options ?? {}, name));
  if (own !== undefined) {
    throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', `The option "${own}" is for createGenerator().`, {
      details: { option: own },
    });
  }
  checkOptions(options, OPTION_NAMES);
  const { maxNewTokens, maxLength, stop, signal, onAbort = 'throw', doSample, ...others } = options;
  const { responseFormat, guidanceLimits, forcedForwardTokens, speculative, adapter, ...rest } = others;
  if (maxNewTokens !== undefined && !(Number.isInteger(maxNewTokens) && maxNewTokens > 0)) {
    throw invalidArgument('maxNewTokens', 'an integer of at least 1', maxNewTokens);
  }
  if (onAbort !== 'throw' && onAbort !== 'return') throw invalidArgument('onAbort', '"throw" or "return"', onAbort);
  checkSignal(signal);
  if (adapter !== undefined) checkAdapter(adapter);
  const search: SearchOptions = { ...rest, ...sampling(rest, doSample, modelSearch) };
  checkSearchOptions({ ...search, maxLength }, limits);
  if (speculative !== undefined) {
    checkSpeculation(speculative);
    refuseSpeculationOfRows(speculative, search);
  }
  const guidance = planGuidanceOptions({ responseFormat, guidanceLimits, forcedForwardTokens });
  if (guidance !== undefined) checkWithGuidance(search, guidance, modelSearch);
  return { search, stop: stopStrings(stop), onAbort, maxNewTokens, maxLength, guidance, speculative, adapter };
}

/**
 * How many tokens may be generated after a prompt of this length.
 *
 * @throws {GenAIError} `ERR_GENAI_INPUT_TOO_LONG` when that is none
 */
export function newTokensFor(
  plan: Pick<GeneratePlan, 'maxNewTokens' | 'maxLength'>,
  inputTokens: number,
  contextLength: number,
  nameOfContext = 'the context length of the model',
): number {
  const limit = Math.min(plan.maxLength ?? contextLength, contextLength);
  const wanted = plan.maxNewTokens ?? (plan.maxLength === undefined ? DEFAULT_MAX_NEW_TOKENS : contextLength);
  const room = limit - inputTokens;
  if (room >= 1) return Math.min(wanted, room);
  const name = limit === contextLength ? nameOfContext : 'maxLength';
  throw new GenAIError(
    'ERR_GENAI_INPUT_TOO_LONG',
    `The input has ${inputTokens} tokens, which leaves no room for an answer: ${name} is ${limit}.`,
    { details: { inputTokens, limit } },
  );
}

function sampling(options: SearchOptions, doSample: boolean | 'model' | undefined, model: JsonObject): SearchOptions {
  const { temperature, topK } = options;
  const chosen = chooseSampling(options, doSample);
  if (chosen === 'model') return {};
  if (!chosen) return { doSample: false };
  return {
    doSample: true,
    ...(topK === undefined && model['top_k'] === 1 ? { topK: DEFAULT_TOP_K } : {}),
    ...(temperature === undefined && model['temperature'] === 0 ? { temperature: 1 } : {}),
  };
}
