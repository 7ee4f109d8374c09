/** From what a caller asked for to what the library is told. */
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkSignal } from '../util/abort.ts';
import type { JsonObject } from '../util/objects.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import { checkWithGuidance, type PlannedGuidance, planGuidanceOptions } from './guided-generator.ts';
import { checkSearchOptions, type SearchLimits, type SearchOptions } from './search-options.ts';
import { checkSpeculation, refuseSpeculationOfRows, type SpeculativeOptions } from './speculation.ts';
import type { GenerateOptions } from './types.ts';

/** Used when neither maxNewTokens nor maxLength is given. */
export const DEFAULT_MAX_NEW_TOKENS = 1024;

/** The library's own default; a model's config may say 1, which would make every sampling greedy. */
const DEFAULT_TOP_K = 50;

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
  const { responseFormat, guidanceLimits, forcedForwardTokens, speculative, ...rest } = others;
  if (maxNewTokens !== undefined && !(Number.isInteger(maxNewTokens) && maxNewTokens > 0)) {
    throw invalidArgument('maxNewTokens', 'an integer of at least 1', maxNewTokens);
  }
  if (onAbort !== 'throw' && onAbort !== 'return') throw invalidArgument('onAbort', '"throw" or "return"', onAbort);
  checkSignal(signal);
  if (doSample !== undefined && doSample !== 'model' && typeof doSample !== 'boolean') {
    throw invalidArgument('doSample', 'true, false or "model"', doSample);
  }
  const search: SearchOptions = { ...rest, ...sampling(rest, doSample, modelSearch) };
  checkSearchOptions({ ...search, maxLength }, limits);
  if (speculative !== undefined) {
    checkSpeculation(speculative);
    refuseSpeculationOfRows(speculative, search);
  }
  const guidance = planGuidanceOptions({ responseFormat, guidanceLimits, forcedForwardTokens });
  if (guidance !== undefined) checkWithGuidance(search, guidance, modelSearch);
  return { search, stop: stopStrings(stop), onAbort, maxNewTokens, maxLength, guidance, speculative };
}

/**
 * How many tokens may be generated after a prompt of this length.
 *
 * @throws {GenAIError} `ERR_GENAI_INPUT_TOO_LONG` when that is none
 */
export function newTokensFor(plan: GeneratePlan, inputTokens: number, contextLength: number): number {
  const limit = Math.min(plan.maxLength ?? contextLength, contextLength);
  const wanted = plan.maxNewTokens ?? (plan.maxLength === undefined ? DEFAULT_MAX_NEW_TOKENS : contextLength);
  const room = limit - inputTokens;
  if (room >= 1) return Math.min(wanted, room);
  const name = limit === contextLength ? 'the context length of the model' : 'maxLength';
  throw new GenAIError(
    'ERR_GENAI_INPUT_TOO_LONG',
    `The input has ${inputTokens} tokens, which leaves no room for an answer: ${name} is ${limit}.`,
    { details: { inputTokens, limit } },
  );
}

/** The library ignores temperature, topK, topP and seed unless it samples; asking for one of them means sampling. */
function sampling(options: SearchOptions, doSample: boolean | 'model' | undefined, model: JsonObject): SearchOptions {
  if (doSample === 'model') return {};
  const { temperature, topK, topP, seed } = options;
  const wanted =
    doSample ?? ((temperature ?? 0) > 0 || (temperature !== 0 && [topK, topP, seed].some(v => v !== undefined)));
  if (!wanted) return { doSample: false };
  return {
    doSample: true,
    ...(topK === undefined && model['top_k'] === 1 ? { topK: DEFAULT_TOP_K } : {}),
    ...(temperature === undefined && model['temperature'] === 0 ? { temperature: 1 } : {}),
  };
}

function stopStrings(stop: string | readonly string[] | undefined): readonly string[] {
  if (stop === undefined) return [];
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  return list.map((text, index) => {
    const name = Array.isArray(stop) ? `stop[${index}]` : 'stop';
    checkText(name, text);
    if (text === '') throw invalidArgument(name, 'a non-empty string', text);
    return text;
  });
}
