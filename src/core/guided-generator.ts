/** Generators whose output a grammar limits: the rules of the library for them, and its refusals in our words. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { NativeAddon, NativeGenerator, NativeGeneratorParams, NativeModel } from '../binding/addon-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import { GenAIError, invalidArgument, isGenAIError } from '../errors.ts';
import type { GuidanceLimits } from '../guided/limits.ts';
import { type Guidance, planGuidance, type ResponseFormat } from '../guided/response-format.ts';
import { demandGuidance, hasGuidance } from './guidance-build.ts';
import type { ModelFolder } from './model-folder.ts';
import type { SearchOptions } from './search-options.ts';

/** Options that limit what may be generated. */
export interface GuidanceOptions {
  /**
   * What the answer must look like. It limits the output; the model is not told, so say it in the prompt as well. Not
   * together with beams. The first use of a model takes about 0.25 s (tables of its tokenizer), on a native thread.
   */
  readonly responseFormat?: ResponseFormat | undefined;
  /** How large a schema, regular expression or grammar may be, over the defaults; see docs/structured-output.md. */
  readonly guidanceLimits?: Partial<GuidanceLimits> | undefined;
  /**
   * Tokens that the format leaves no choice about are taken without running the model for each. The same text in fewer
   * steps; the KV cache grows instead of being allocated at once. One row only. Nothing is forced where nobody knows how
   * long that may become: a schema or grammar that contains itself, several patterns for one text, letters beyond ASCII, or
   * no room for it between maxLength and the context length. Default false.
   */
  readonly forcedForwardTokens?: boolean | undefined;
}

/** Guidance and how it is used. */
export interface PlannedGuidance extends Guidance {
  readonly forcedForwardTokens: boolean;
}

/**
 * Checks the options and measures the format; undefined without one.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_GUIDANCE_REFUSED`
 */
export function planGuidanceOptions(options: GuidanceOptions): PlannedGuidance | undefined {
  const { responseFormat, guidanceLimits, forcedForwardTokens } = options;
  if (forcedForwardTokens !== undefined && typeof forcedForwardTokens !== 'boolean') {
    throw invalidArgument('forcedForwardTokens', 'a boolean', forcedForwardTokens);
  }
  if (responseFormat !== undefined) {
    return { ...planGuidance(responseFormat, guidanceLimits), forcedForwardTokens: forcedForwardTokens ?? false };
  }
  for (const [name, value] of Object.entries({ guidanceLimits, forcedForwardTokens })) {
    if (value !== undefined) throw invalidArgument(name, 'given together with a responseFormat', value);
  }
  return undefined;
}

/**
 * Refuses search options that do not go with guidance. With beams the library loses track of which beam has said what,
 * and fails in the middle (seen on 0.18.0).
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function checkWithGuidance(
  search: SearchOptions,
  guidance: PlannedGuidance,
  config: ModelFolder['search'],
): void {
  const numBeams = Number(search.numBeams ?? config['num_beams'] ?? 1);
  if (numBeams > 1) throw invalidArgument('numBeams', '1 together with a responseFormat', numBeams);
  if (!guidance.forcedForwardTokens) return;
  const batchSize = Number(search.batchSize ?? config['batch_size'] ?? 1);
  if (batchSize > 1) throw invalidArgument('forcedForwardTokens', 'false or left out for a batch', true);
  if (search.pastPresentShareBuffer === true) {
    throw invalidArgument('pastPresentShareBuffer', 'false or left out together with forcedForwardTokens', true);
  }
}

/** What a step may add besides: the token before the forced ones, the one that ends it. */
const SLACK = 64;

/**
 * Tokens that a step may force beyond maxLength. The library writes them behind the sequence without looking where its
 * buffer of maxLength tokens ends (0.18.0: the heap is broken, the process ends), so it is told of a longer one. Null:
 * nothing may be forced.
 */
export function roomForForced(
  maxLength: number,
  guidance: PlannedGuidance | undefined,
  contextLength: number,
): number | null {
  if (guidance?.forcedForwardTokens !== true) return null;
  const { length, bounded } = guidance.forced;
  // A token has at least one byte.
  const room = 2 * length + SLACK;
  return bounded && maxLength + room <= contextLength ? room : null;
}

interface NativeParts {
  readonly addon: NativeAddon;
  readonly model: NativeModel;
  readonly folder: ModelFolder;
}

/**
 * Makes a native generator. With guidance this is where the library compiles the grammar; everything else that it looks
 * at has been checked before, so what it refuses is the grammar.
 */
export async function createNativeGenerator(
  { addon, model, folder }: NativeParts,
  params: NativeGeneratorParams,
  bytes: number,
  guidance: PlannedGuidance | undefined,
): Promise<NativeGenerator> {
  if (guidance !== undefined) demandGuidance(await hasGuidance());
  try {
    return await awaitNative(() => addon.createGenerator(model, params, bytes));
  } catch (error) {
    if (guidance === undefined || !isGenAIError(error, 'ERR_GENAI_INVALID_ARGUMENT')) throw error;
    throw await refusal(error, guidance, folder);
  }
}

async function refusal(cause: GenAIError, { format }: Guidance, { directory }: ModelFolder): Promise<GenAIError> {
  const path = join(directory, 'tokenizer.json');
  const missing = await access(path).then(
    () => false,
    () => true,
  );
  const [message, details] = missing
    ? [`A responseFormat needs the tokenizer.json of the model, but ${path} cannot be read.`, { path }]
    : [`The library refuses the ${NAMES[format]}: ${libraryText(cause.message)}`, { responseFormat: format }];
  return new GenAIError('ERR_GENAI_GUIDANCE_REFUSED', message, { cause, details });
}

const NAMES = { json_schema: 'JSON Schema', regex: 'regular expression', lark: 'grammar' } as const;

/** @internal A failure in the middle of a guided generation, without the state of the parser that the library prints. */
export function guidedFailure(error: unknown, guidance: PlannedGuidance | undefined): unknown {
  if (guidance === undefined || !isGenAIError(error, 'ERR_GENAI_NATIVE')) return error;
  const message = `The generation failed (its output is limited by a ${NAMES[guidance.format]}): ${libraryText(error.message)}`;
  return new GenAIError('ERR_GENAI_NATIVE', message, { cause: error, details: { responseFormat: guidance.format } });
}

/** The library's text ends with a dump of its state; the cause keeps it. */
function libraryText(message: string): string {
  return message
    .replace(/\n?<(?:state|backtrace)>.*$/s, '')
    .replace(/^Error creating grammar: /, '')
    .trim();
}
