/** Options of a turn: their checks, and what the engine is told. */
import type { NativeTurnSettings } from '../../binding/addon-engine-types.ts';
import { GenAIError, invalidArgument } from '../../errors.ts';
import type { GuidanceLimits } from '../../guided/limits.ts';
import type { ResponseFormat } from '../../guided/response-format.ts';
import type { JsonObject } from '../../util/objects.ts';
import { checkOptions } from '../../util/options.ts';
import { DEFAULT_MAX_NEW_TOKENS } from '../generate-plan.ts';
import { demandGuidance } from '../guidance-build.ts';
import { chooseSampling, DEFAULT_TOP_K } from '../sampling.ts';
import { checkSearchOptions } from '../search-options.ts';
import { stopStrings } from '../stop-strings.ts';
import { checkDelimitedGuidance, type DelimitedGuidance, planTurnGuidance } from './guidance.ts';

/** Options of `beginTurn`; what is left out comes from the `search` section of the model's `genai_config.json`. */
export interface TurnOptions {
  /** Most tokens to generate. Default 1024, or what the request has left. */
  readonly maxNewTokens?: number | undefined;
  /** No end-of-sequence token before as many. Default 0. */
  readonly minNewTokens?: number | undefined;
  /**
   * Sample (true) or take the most likely token (false). Default: true when a temperature above 0, topK, topP or seed
   * is given, else false. `"model"` leaves it to the model's `genai_config.json`.
   */
  readonly doSample?: boolean | 'model' | undefined;
  /** Divides the logits before sampling, >= 0; 0 means greedy. */
  readonly temperature?: number | undefined;
  /** Sample among the most likely tokens whose probabilities add up to p, 0 (no limit) .. 1. */
  readonly topP?: number | undefined;
  /** Sample among the k most likely tokens, 0 (no limit) .. vocabulary size. */
  readonly topK?: number | undefined;
  /** Above 1 makes repetition less likely; > 0. */
  readonly repetitionPenalty?: number | undefined;
  /** No n-gram of this size occurs twice, 0 = off. */
  readonly noRepeatNgramSize?: number | undefined;
  /** Seed of the sampling, 0 .. 2^31-1. Not with static batching. */
  readonly seed?: number | undefined;
  /** At most 16 texts, together at most 16,384 bytes, that end the turn; the token that completes one is delivered. */
  readonly stop?: string | readonly string[] | undefined;
  /** The events and the result have texts. Default false: token ids alone. */
  readonly text?: boolean | undefined;
  /**
   * What the answer must look like. The first use of a model takes about 0.25 s (tables of its tokenizer) on the engine's
   * thread, which holds up every turn.
   */
  readonly responseFormat?: ResponseFormat | undefined;
  /** How large the schema, pattern or grammar may be, over the defaults; see docs/structured-output.md. */
  readonly guidanceLimits?: Partial<GuidanceLimits> | undefined;
  /** A grammar between two tokens. Since 0.18, dynamic batching only; not together with responseFormat. */
  readonly delimitedGuidance?: DelimitedGuidance | undefined;
  /** Ends the turn, after the step that runs; reading and `result` fail with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Ends this turn, and no other, after so many milliseconds, as `cancel()` does. Default: no deadline. */
  readonly timeoutMs?: number | undefined;
}

const OPTION_NAMES: readonly string[] = [
  'maxNewTokens',
  'minNewTokens',
  'doSample',
  'temperature',
  'topP',
  'topK',
  'repetitionPenalty',
  'noRepeatNgramSize',
  'seed',
  'stop',
  'text',
  'responseFormat',
  'guidanceLimits',
  'delimitedGuidance',
  'signal',
  'timeoutMs',
] satisfies (keyof TurnOptions)[];

/** How the library batches: all the way, in groups that start together, or as versions before 0.16. */
export type Batching = 'dynamic' | 'static' | 'step';

/** What the checks need to know of model and engine. */
export interface TurnLimits {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly eosTokenIds: readonly number[];
  readonly search: JsonObject;
  /** The library does what guidance tells it. */
  readonly guidance: boolean;
  readonly batching: Batching;
}

/** The library's own. */
const MOST_STOPS = 16;
const MOST_STOP_BYTES = 16_384;

/** The longest delay of a timer. */
const MOST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Checked options as the engine takes them; `room`: how many tokens the request may hold besides `tokens`.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_TOKEN_OUT_OF_RANGE`, `ERR_GENAI_GUIDANCE_REFUSED`
 */
export function planTurn(
  tokens: Int32Array,
  options: TurnOptions,
  limits: TurnLimits,
  room: number,
): NativeTurnSettings {
  checkOptions(options, OPTION_NAMES);
  const { temperature, topK, topP, repetitionPenalty, noRepeatNgramSize, seed, responseFormat, guidanceLimits } =
    options;
  checkSearchOptions({ temperature, topK, topP, repetitionPenalty, noRepeatNgramSize, seed }, limits);
  checkTimeout(options.timeoutMs);
  if (limits.batching === 'static') refuseDynamicOnly(options);
  const delimitedGuidance =
    options.delimitedGuidance === undefined
      ? undefined
      : checkDelimitedGuidance(options.delimitedGuidance, limits, guidanceLimits);
  if ((delimitedGuidance ?? responseFormat) !== undefined) demandGuidance(limits.guidance);
  if (delimitedGuidance !== undefined && responseFormat !== undefined) {
    throw invalidArgument('delimitedGuidance', 'left out together with responseFormat', delimitedGuidance);
  }
  return {
    tokens,
    ...newTokens(options, room),
    ...sampling(options, limits.search),
    repetitionPenalty,
    noRepeatNgramSize,
    stop: boundedStops(options.stop),
    text: wantsText(options.text),
    guidance: planTurnGuidance(responseFormat, guidanceLimits),
    delimitedGuidance,
  };
}

function wantsText(text: unknown): boolean {
  if (text !== undefined && typeof text !== 'boolean') throw invalidArgument('text', 'true or false', text);
  return text === true;
}

function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined) return;
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0 && timeoutMs <= MOST_TIMEOUT_MS)) {
    throw invalidArgument('timeoutMs', `a number above 0 and at most ${MOST_TIMEOUT_MS}`, timeoutMs);
  }
}

/** The library refuses them, too, but says it in the words of its own interface. */
function refuseDynamicOnly(options: TurnOptions): void {
  for (const name of ['seed', 'delimitedGuidance'] as const) {
    if (options[name] === undefined) continue;
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `${name} needs an engine with dynamic batching, which a model exported with paged attention has; this one batches statically.`,
      { details: { argument: name, value: options[name] } },
    );
  }
}

function newTokens(
  { maxNewTokens, minNewTokens = 0 }: TurnOptions,
  room: number,
): Pick<NativeTurnSettings, 'maxNewTokens' | 'minNewTokens'> {
  if (maxNewTokens !== undefined && !(Number.isSafeInteger(maxNewTokens) && maxNewTokens > 0)) {
    throw invalidArgument('maxNewTokens', 'an integer of at least 1', maxNewTokens);
  }
  const most = Math.min(maxNewTokens ?? Math.max(DEFAULT_MAX_NEW_TOKENS, minNewTokens), room);
  if (!(Number.isInteger(minNewTokens) && minNewTokens >= 0 && minNewTokens <= most)) {
    const limit = most === room ? 'what the request has room for' : 'maxNewTokens';
    throw invalidArgument(
      'minNewTokens',
      `an integer from 0 to ${limit}, ${Number.isNaN(most) ? room : most}`,
      minNewTokens,
    );
  }
  return { maxNewTokens: most, minNewTokens: minNewTokens === 0 ? undefined : minNewTokens };
}

/** The engine refuses a temperature, topK or topP without doSample, and sampling that a config makes greedy. */
function sampling(
  options: TurnOptions,
  model: JsonObject,
): Pick<NativeTurnSettings, 'doSample' | 'temperature' | 'topK' | 'topP' | 'seed'> {
  const { temperature, topK, topP, seed } = options;
  const chosen = chooseSampling(options, options.doSample);
  if (chosen === 'model') return { temperature, topK, topP, seed };
  if (!chosen) return { doSample: false };
  const chosenTopK = topK ?? (model['top_k'] === 1 ? DEFAULT_TOP_K : undefined);
  const unlimited = (chosenTopK ?? model['top_k'] ?? DEFAULT_TOP_K) === 0 && (topP ?? model['top_p'] ?? 0) === 0;
  return {
    doSample: true,
    temperature: temperature ?? (model['temperature'] === 0 ? 1 : undefined),
    topK: chosenTopK,
    topP: unlimited ? 1 : topP, // to the engine no limit at all is an error, and 1 is none
    seed,
  };
}

function boundedStops(stop: TurnOptions['stop']): readonly string[] {
  const texts = stopStrings(stop);
  if (texts.length > MOST_STOPS) throw invalidArgument('stop', `at most ${MOST_STOPS} texts`, stop);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MOST_STOP_BYTES) throw invalidArgument('stop', `at most ${MOST_STOP_BYTES} bytes long together`, stop);
  return texts;
}
