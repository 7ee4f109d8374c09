/**
 * The search options of upstream, by their upstream names in camelCase, with the ranges that the library does not check
 * itself (it takes a negative temperature and a NaN without a word).
 * Source: onnxruntime-genai's `SetSearchNumber` / `SetSearchBool` names; `seed` is `random_seed`.
 */
import { invalidArgument } from '../errors.ts';

/** Options of a search; what is not given comes from the `search` section of the model's `genai_config.json`. */
export interface SearchOptions {
  /** Tokens of prompt and answer together; the KV cache is allocated for as many. 1 .. context length. */
  readonly maxLength?: number | undefined;
  /** Tokens of prompt and answer together before an end-of-sequence token is allowed. Default 0. */
  readonly minLength?: number | undefined;
  /** Rows generated at once, 1 .. 32. Default 1. */
  readonly batchSize?: number | undefined;
  /** Beams of a beam search, 1 .. 32; not together with sampling. Default 1. */
  readonly numBeams?: number | undefined;
  /** Best sequences returned per row, 1 .. numBeams. Default 1. */
  readonly numReturnSequences?: number | undefined;
  /** True: sample; false: take the most likely token. */
  readonly doSample?: boolean | undefined;
  /** Divides the logits before sampling, >= 0; 0 means greedy. Default 1. */
  readonly temperature?: number | undefined;
  /** Sample among the k most likely tokens, 0 (no limit) .. vocabulary size. Default 50. */
  readonly topK?: number | undefined;
  /** Sample among the most likely tokens whose probabilities add up to p, 0 (no limit) .. 1. */
  readonly topP?: number | undefined;
  /** Above 1 makes repetition less likely; > 0. Default 1. */
  readonly repetitionPenalty?: number | undefined;
  /** Beam search: exponent of the length, above 0 favours longer answers. Default 1. */
  readonly lengthPenalty?: number | undefined;
  /** No n-gram of this size occurs twice, 0 = off. CPU only. */
  readonly noRepeatNgramSize?: number | undefined;
  /** Read by the library, but unused. */
  readonly diversityPenalty?: number | undefined;
  /** Seed of the sampling, 0 .. 2^31-1; the same seed gives the same tokens. Default: random. */
  readonly seed?: number | undefined;
  /**
   * Process the prompt in pieces of this many tokens, 0 = at once; one row only. Default of `generate()` and `stream()`
   * on a CPU: about 256, unless the model's config says something else.
   */
  readonly chunkSize?: number | undefined;
  /** Beam search: end as soon as numBeams sequences are complete. Default true. */
  readonly earlyStopping?: boolean | undefined;
  /** One KV buffer of maxLength instead of growing ones; ignored with beams, and off beyond a sliding window. */
  readonly pastPresentShareBuffer?: boolean | undefined;
  /** Speech transducers only; cannot be read back. */
  readonly blankPenalty?: number | undefined;
  /** Models with audio output (0.17 or newer); cannot be read back. */
  readonly audioTemperature?: number | undefined;
  /** Models with audio output (0.17 or newer); cannot be read back. */
  readonly audioTopK?: number | undefined;
  /** Models with audio output (0.17 or newer); cannot be read back. */
  readonly audioInterleaved?: boolean | undefined;
}

export type SearchOptionName = keyof SearchOptions;

/** What a numeric option may be. */
export interface NumberRule {
  readonly upstream: string;
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
  readonly above?: boolean;
}

const INT32_MAX = 2 ** 31 - 1;
/** @internal */
export const integer = (upstream: string, min: number, max = INT32_MAX): NumberRule => ({
  upstream,
  min,
  max,
  integer: true,
});
const real = (upstream: string, min = -Number.MAX_VALUE, max = Number.MAX_VALUE): NumberRule => ({
  upstream,
  min,
  max,
});

/** Rules of the numeric options; order is the order in which they are set. */
export const SEARCH_NUMBERS: Readonly<Record<string, NumberRule>> = {
  maxLength: integer('max_length', 1),
  minLength: integer('min_length', 0),
  batchSize: integer('batch_size', 1, 32),
  numBeams: integer('num_beams', 1, 32),
  numReturnSequences: integer('num_return_sequences', 1, 32),
  temperature: real('temperature', 0),
  topK: integer('top_k', 0),
  topP: real('top_p', 0, 1),
  repetitionPenalty: { ...real('repetition_penalty', 0), above: true },
  lengthPenalty: real('length_penalty'),
  noRepeatNgramSize: integer('no_repeat_ngram_size', 0),
  diversityPenalty: real('diversity_penalty'),
  seed: integer('random_seed', 0),
  chunkSize: integer('chunk_size', 0),
  blankPenalty: real('blank_penalty'),
  audioTemperature: real('audio_temperature', 0),
  audioTopK: integer('audio_top_k', 0),
};

/** Upstream names of the boolean options. */
export const SEARCH_BOOLEANS: Readonly<Record<string, string>> = {
  doSample: 'do_sample',
  earlyStopping: 'early_stopping',
  pastPresentShareBuffer: 'past_present_share_buffer',
  audioInterleaved: 'audio_interleaved',
};

/** Limits that come from the model. */
export interface SearchLimits {
  readonly contextLength: number;
  readonly vocabSize: number;
}

/**
 * Checks every search option that is given.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` naming the option, what it must be and what it is
 */
export function checkSearchOptions(options: SearchOptions, limits: SearchLimits): void {
  const values = options as Readonly<Record<string, unknown>>;
  for (const [name, rule] of Object.entries(SEARCH_NUMBERS)) {
    if (values[name] !== undefined) checkNumber(name, values[name], withLimits(name, rule, limits));
  }
  for (const name of Object.keys(SEARCH_BOOLEANS)) {
    const value = values[name];
    if (value !== undefined && typeof value !== 'boolean') throw invalidArgument(name, 'a boolean', value);
  }
  const { numBeams = 1, doSample, minLength, maxLength } = options;
  if (numBeams > 1 && doSample === true) {
    throw invalidArgument('numBeams', '1 when sampling (doSample, temperature, topK, topP or seed)', numBeams);
  }
  if (options.numReturnSequences !== undefined && options.numReturnSequences > numBeams) {
    throw invalidArgument('numReturnSequences', `at most numBeams, ${numBeams}`, options.numReturnSequences);
  }
  if (minLength !== undefined && maxLength !== undefined && minLength > maxLength) {
    throw invalidArgument('minLength', `at most maxLength, ${maxLength}`, minLength);
  }
}

function withLimits(name: string, rule: NumberRule, limits: SearchLimits): NumberRule {
  if (name === 'maxLength' || name === 'minLength') return { ...rule, max: limits.contextLength };
  return name === 'topK' ? { ...rule, max: limits.vocabSize } : rule;
}

/** @internal */
export function checkNumber(name: string, value: unknown, rule: NumberRule): void {
  const valid =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (rule.above === true ? value > rule.min : value >= rule.min) &&
    value <= rule.max &&
    (rule.integer !== true || Number.isInteger(value));
  if (!valid) throw invalidArgument(name, expectation(rule), value);
}

function expectation({ integer: whole, min, max, above }: NumberRule): string {
  if (max === Number.MAX_VALUE) {
    if (min === -Number.MAX_VALUE) return 'a finite number';
    return above === true ? `a finite number above ${min}` : `a finite number of at least ${min}`;
  }
  return `${whole === true ? 'an integer' : 'a number'} from ${min} to ${max}`;
}
