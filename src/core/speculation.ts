/** Speculative decoding without a second model: guesses the next tokens from what the text has had before. Since 0.16. */
import type { NativeGeneratorParams } from '../binding/addon-types.ts';
import { callNative } from '../binding/native-error.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkOptions } from '../util/options.ts';
import { checkNumber, integer, type NumberRule, type SearchOptions } from './search-options.ts';

/**
 * Options of speculative decoding; what is not given is the model's `genai_config.json` to say. The answer is the same
 * with and without it. Guessed tokens are run together, which takes less time than one after the other where the model is
 * large and the text repeats itself; elsewhere it takes more. One row and one beam only.
 */
export interface SpeculativeOptions {
  /** Looks for the last n tokens in the text so far, and guesses what followed them there: 2 .. 16; 0 is off. Default 0. */
  readonly ngramSize?: number | undefined;
  /** Most tokens guessed for a step, 1 .. 16. Default 4. */
  readonly maxDraftTokens?: number | undefined;
  /** Fewer tokens are guessed while guesses are wrong, but not fewer than this, 0 .. 16; 0: always as many. Default 0. */
  readonly minAdaptiveK?: number | undefined;
  /** Goes on guessing from what was guessed; needs ngramSize. Default false. */
  readonly ngramChainedLookup?: boolean | undefined;
  /** Pauses after wrong guesses. Default false. */
  readonly cooldown?: boolean | undefined;
}

export type SpeculativeOptionName = keyof SpeculativeOptions;

const NUMBERS: Readonly<Record<string, NumberRule>> = {
  ngramSize: integer('ngram_size', 0, 16),
  maxDraftTokens: integer('max_draft_tokens', 1, 16),
  minAdaptiveK: integer('min_adaptive_k', 0, 16),
};

const BOOLEANS: Readonly<Record<string, string>> = {
  ngramChainedLookup: 'ngram_chained_lookup',
  cooldown: 'cooldown',
};

/** @internal */
export const SPECULATIVE_NAMES: readonly string[] = [...Object.keys(NUMBERS), ...Object.keys(BOOLEANS)];

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` naming the option, what it must be and what it is */
export function checkSpeculation(options: SpeculativeOptions): void {
  checkOptions(options, SPECULATIVE_NAMES, 'speculative');
  const values = options as Readonly<Record<string, unknown>>;
  for (const [name, rule] of Object.entries(NUMBERS)) {
    if (values[name] !== undefined) checkNumber(name, values[name], rule);
  }
  for (const name of Object.keys(BOOLEANS)) {
    const value = values[name];
    if (value !== undefined && typeof value !== 'boolean') throw invalidArgument(name, 'a boolean', value);
  }
  const { ngramSize = 0, ngramChainedLookup } = options;
  if (ngramSize === 1) throw invalidArgument('ngramSize', '0, or an integer from 2 to 16', ngramSize);
  if (ngramChainedLookup === true && ngramSize === 0) {
    throw invalidArgument('ngramChainedLookup', 'given together with an ngramSize of 2 or more', ngramChainedLookup);
  }
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`: the library speculates for one row and one beam */
export function refuseSpeculationOfRows({ ngramSize = 0 }: SpeculativeOptions, search: SearchOptions): void {
  const { batchSize = 1, numBeams = 1 } = search;
  if (ngramSize === 0 || (batchSize === 1 && numBeams === 1)) return;
  throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', 'An ngramSize goes with a batchSize and numBeams of 1 only.', {
    details: { argument: 'ngramSize', value: ngramSize },
  });
}

/** @internal */
export function setSpeculation(native: NativeGeneratorParams, options: SpeculativeOptions): void {
  const values = options as Readonly<Record<string, unknown>>;
  for (const [name, { upstream }] of Object.entries(NUMBERS)) {
    const value = values[name];
    if (typeof value === 'number') native.setSpeculativeNumber(upstream, value);
  }
  for (const [name, upstream] of Object.entries(BOOLEANS)) {
    const value = values[name];
    if (typeof value === 'boolean') native.setSpeculativeBool(upstream, value);
  }
}

/** @internal */
export function readSpeculation(native: NativeGeneratorParams, name: string): number | boolean {
  const number = NUMBERS[name]?.upstream;
  return callNative(() =>
    number === undefined ? native.getSpeculativeBool(BOOLEANS[name] ?? '') : native.getSpeculativeNumber(number),
  );
}
