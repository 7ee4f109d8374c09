import type { NativeGeneratorParams } from '../binding/addon-types.ts';
import { callNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { checkOptions, unknownOption } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import type { Model } from './model.ts';
import { refuseChunksOfRows } from './prefill-chunks.ts';
import {
  checkSearchOptions,
  SEARCH_BOOLEANS,
  SEARCH_NUMBERS,
  type SearchOptionName,
  type SearchOptions,
} from './search-options.ts';
import { withRoomBeyondWindow } from './sliding-window.ts';

const SEARCH_NAMES = [...Object.keys(SEARCH_NUMBERS), ...Object.keys(SEARCH_BOOLEANS)];

/** A sliding window that is only a little shorter, such as Phi-3-mini's 2,047, keeps its shared KV buffer. */
function defaultMaxLength({ contextLength, native }: Model): number {
  return Math.min(contextLength, DEFAULT_MAX_LENGTH, native.folder.slidingWindow ?? contextLength);
}

/** The library takes these, but does not tell them. */
const WRITE_ONLY: readonly string[] = ['blankPenalty', 'audioTemperature', 'audioTopK', 'audioInterleaved'];

/** The KV cache of a generator is allocated for this many tokens unless told otherwise. */
const DEFAULT_MAX_LENGTH = 2048;

/**
 * The search options of generators of one model: what is not set comes from the `search` section of its
 * `genai_config.json`, but for maxLength, which is 2048 or less (context length, sliding window). Plain data: a generator copies them when
 * it is made, so setting one afterwards changes later generators only.
 */
export class GeneratorParams {
  readonly #model: Model;
  #options: SearchOptions;

  /** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
  constructor(model: Model, options: SearchOptions = {}) {
    // Not instanceof: model.ts imports this file.
    if (typeof (model as Partial<Model> | null)?.hold !== 'function') throw invalidArgument('model', 'a Model', model);
    this.#model = model;
    this.#options = { maxLength: defaultMaxLength(model) };
    this.set(options);
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
    this.#options = merged;
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
    const native = this.createNative();
    try {
      return readOption(native, name) as NonNullable<SearchOptions[Name]>;
    } finally {
      native.dispose();
    }
  }

  /** @internal The library's object with these options; dispose of it when the generator is made. */
  createNative(): NativeGeneratorParams {
    const { addon, model, folder } = this.#model.native;
    const values = withRoomBeyondWindow(this.#options, folder.slidingWindow) as Readonly<Record<string, unknown>>;
    return callNative(() => {
      const native = addon.createGeneratorParams(model);
      for (const [name, { upstream }] of Object.entries(SEARCH_NUMBERS)) {
        if (typeof values[name] === 'number') native.setSearchNumber(upstream, values[name]);
      }
      for (const [name, upstream] of Object.entries(SEARCH_BOOLEANS)) {
        if (typeof values[name] === 'boolean') native.setSearchBool(upstream, values[name]);
      }
      return native;
    });
  }

  /** @internal */
  isFor(model: Model): boolean {
    return this.#model === model;
  }
}

/** @internal */
export function readOption(native: NativeGeneratorParams, name: string): number | boolean {
  const flag = Object.hasOwn(SEARCH_BOOLEANS, name) ? SEARCH_BOOLEANS[name] : undefined;
  return callNative(() =>
    flag === undefined ? native.getSearchNumber(SEARCH_NUMBERS[name]?.upstream ?? '') : native.getSearchBool(flag),
  );
}
