import type { NativeGeneratorParams } from '../binding/addon-types.ts';
import { callNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { formatOf, type GuidanceData, type GuidanceType } from '../guided/response-format.ts';
import { checkOptions, unknownOption } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import {
  checkWithGuidance,
  type GuidanceOptions,
  type PlannedGuidance,
  planGuidanceOptions,
  roomForForced,
} from './guided-generator.ts';
import type { Model } from './model.ts';
import { readOption, setSearch } from './native-search.ts';
import { refuseChunksOfRows } from './prefill-chunks.ts';
import {
  checkSearchOptions,
  SEARCH_BOOLEANS,
  SEARCH_NUMBERS,
  type SearchOptionName,
  type SearchOptions,
} from './search-options.ts';
import { withRoomBeyondWindow } from './sliding-window.ts';
import {
  checkSpeculation,
  readSpeculation,
  refuseSpeculationOfRows,
  SPECULATIVE_NAMES,
  type SpeculativeOptionName,
  type SpeculativeOptions,
  setSpeculation,
} from './speculation.ts';

const SEARCH_NAMES = [...Object.keys(SEARCH_NUMBERS), ...Object.keys(SEARCH_BOOLEANS)];

/** A sliding window that is only a little shorter, such as Phi-3-mini's 2,047, keeps its shared KV buffer. */
function defaultMaxLength({ contextLength, native }: Model): number {
  return Math.min(contextLength, DEFAULT_MAX_LENGTH, native.folder.slidingWindow ?? contextLength);
}

/** The library takes these, but does not tell them. */
const WRITE_ONLY: readonly string[] = ['blankPenalty', 'audioTemperature', 'audioTopK', 'audioInterleaved'];

/** The KV cache of a generator is allocated for this many tokens unless told otherwise. */
const DEFAULT_MAX_LENGTH = 2048;

/** What a `Generator` is made with: search options, and what goes beyond them. */
export interface GeneratorOptions extends SearchOptions, GuidanceOptions {
  /** Speculative decoding; since 0.16. */
  readonly speculative?: SpeculativeOptions | undefined;
}

/** The options of guidance, which are set all together. */
const GUIDANCE_NAMES = ['responseFormat', 'guidanceLimits', 'forcedForwardTokens'] satisfies (keyof GuidanceOptions)[];

/**
 * The search options of generators of one model: what is not set comes from the `search` section of its
 * `genai_config.json`, but for maxLength, which is 2048 or less (context length, sliding window). Plain data: a generator copies them when it
 * is made, so setting one afterwards changes later generators only.
 */
export class GeneratorParams {
  readonly #model: Model;
  #options: SearchOptions;
  #guidance: PlannedGuidance | undefined;
  #speculation: SpeculativeOptions = {};

  /** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_GUIDANCE_REFUSED` */
  constructor(model: Model, options: GeneratorOptions = {}) {
    // Not instanceof: model.ts imports this file.
    if (typeof (model as Partial<Model> | null)?.hold !== 'function') throw invalidArgument('model', 'a Model', model);
    this.#model = model;
    this.#options = { maxLength: defaultMaxLength(model) };
    checkOptions(options, [...SEARCH_NAMES, ...GUIDANCE_NAMES, 'speculative']);
    const { responseFormat, guidanceLimits, forcedForwardTokens, speculative, ...search } = options;
    this.set(search);
    if (speculative !== undefined) this.setSpeculative(speculative);
    this.useGuidance(planGuidanceOptions({ responseFormat, guidanceLimits, forcedForwardTokens }));
  }

  /**
   * Sets the options that are given.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`; then none of them is set
   */
  set(options: SearchOptions): void {
    checkOptions(options, SEARCH_NAMES);
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const merged = { ...this.#options, ...given };
    checkSearchOptions(merged, this.#model);
    const { search, slidingWindow } = this.#model.native.folder;
    refuseChunksOfRows(merged, search);
    withRoomBeyondWindow(merged, slidingWindow);
    if (this.#guidance !== undefined) checkWithGuidance(merged, this.#guidance, search);
    refuseSpeculationOfRows(this.#speculation, merged);
    this.#options = merged;
  }

  /**
   * Sets what the output must look like. The library compiles a schema, regular expression or grammar when the generator
   * is made, and may refuse it then.
   *
   * @param data a JSON Schema, as its text or as plain data; a regular expression; a grammar in llguidance's Lark
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`; `ERR_GENAI_GUIDANCE_REFUSED` when it is above one of the limits,
   *   with `details` { limit, max, actual, path }
   */
  setGuidance<Type extends GuidanceType>(
    type: Type,
    data: GuidanceData<Type>,
    options: Omit<GuidanceOptions, 'responseFormat'> = {},
  ): void {
    checkOptions(options, ['guidanceLimits', 'forcedForwardTokens']);
    this.useGuidance(planGuidanceOptions({ ...options, responseFormat: formatOf(type, data) }));
  }

  /** The output may be anything again. */
  clearGuidance(): void {
    this.#guidance = undefined;
  }

  /**
   * Sets the options of speculative decoding that are given. Since 0.16: an older library refuses them with
   * `ERR_GENAI_UNSUPPORTED_BY_LIBRARY` when the generator is made.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`; then none of them is set
   */
  setSpeculative(options: SpeculativeOptions): void {
    checkOptions(options, SPECULATIVE_NAMES, 'speculative');
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const merged = { ...this.#speculation, ...given };
    checkSpeculation(merged);
    refuseSpeculationOfRows(merged, this.#options);
    this.#speculation = merged;
  }

  /**
   * The value in effect. Since 0.16.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`, `ERR_GENAI_DISPOSED`
   */
  getSpeculative<Name extends SpeculativeOptionName>(name: Name): NonNullable<SpeculativeOptions[Name]> {
    checkText('name', name);
    if (!SPECULATIVE_NAMES.includes(name)) throw unknownOption(name, SPECULATIVE_NAMES);
    return this.#read(native => readSpeculation(native, name)) as NonNullable<SpeculativeOptions[Name]>;
  }

  /**
   * The value in effect.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a name that is unknown or cannot be read back,
   *   `ERR_GENAI_DISPOSED` when the model was disposed
   */
  get<Name extends SearchOptionName>(name: Name): NonNullable<SearchOptions[Name]> {
    checkText('name', name);
    if (!SEARCH_NAMES.includes(name)) throw unknownOption(name, SEARCH_NAMES);
    if (WRITE_ONLY.includes(name)) throw invalidArgument('name', 'an option that can be read back', name);
    return this.#read(native => readOption(native, name)) as NonNullable<SearchOptions[Name]>;
  }

  /** @internal The library's object with these options; dispose of it when the generator is made. */
  createNative(): NativeGeneratorParams {
    const room = this.#forcedRoom;
    const { maxLength } = this;
    const options = room === null ? {} : { maxLength: maxLength + room, pastPresentShareBuffer: false };
    const native = this.#createNative(options);
    const guidance = this.#guidance;
    if (guidance !== undefined) callNative(() => native.setGuidance(guidance.type, guidance.data, room !== null));
    return native;
  }

  #createNative(others: SearchOptions): NativeGeneratorParams {
    const { addon, model, folder } = this.#model.native;
    const search = { ...withRoomBeyondWindow(this.#options, folder.slidingWindow), ...others };
    const values = search as Readonly<Record<string, unknown>>;
    return callNative(() => {
      const native = addon.createGeneratorParams(model);
      setSearch(native, values);
      setSpeculation(native, this.#speculation);
      return native;
    });
  }

  get #forcedRoom(): number | null {
    return roomForForced(this.maxLength, this.#guidance, this.#model.contextLength);
  }

  /** @internal */
  get maxLength(): number {
    return this.#options.maxLength ?? defaultMaxLength(this.#model);
  }

  /** @internal A step may go beyond maxLength. */
  get overshoots(): boolean {
    return this.#forcedRoom !== null;
  }

  /** @internal */
  get guidance(): PlannedGuidance | undefined {
    return this.#guidance;
  }

  /** @internal Guidance that has been checked and measured. */
  useGuidance(guidance: PlannedGuidance | undefined): void {
    if (guidance !== undefined) checkWithGuidance(this.#options, guidance, this.#model.native.folder.search);
    this.#guidance = guidance;
  }

  /** @internal Whether a step may give several tokens (0.18 gives guessed ones one by one; that is nobody's promise). */
  get bursts(): boolean {
    return this.overshoots || (this.#speculation.ngramSize ?? 0) > 0 || this.#model.native.folder.drafts;
  }

  #read<T>(read: (native: NativeGeneratorParams) => T): T {
    const native = this.#createNative({});
    try {
      return read(native);
    } finally {
      native.dispose();
    }
  }

  /** @internal */
  isFor(model: Model): boolean {
    return this.#model === model;
  }
}
