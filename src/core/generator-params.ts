import type { NativeGeneratorParams } from '../binding/addon-types.ts';
import { callNative } from '../binding/native-error.ts';
import { checkOptions, unknownOption } from '../util/options.ts';
import type { Model } from './model.ts';
import {
  checkSearchOptions,
  SEARCH_BOOLEANS,
  SEARCH_NUMBERS,
  type SearchOptionName,
  type SearchOptions,
} from './search-options.ts';

const SEARCH_NAMES = [...Object.keys(SEARCH_NUMBERS), ...Object.keys(SEARCH_BOOLEANS)];

/** The KV cache of a generator is allocated for this many tokens unless told otherwise. */
const DEFAULT_MAX_LENGTH = 2048;

/**
 * The search options of generators of one model: what is not set comes from the `search` section of its
 * `genai_config.json`, but for maxLength, which is 2048 or the context length. Plain data: a generator copies them when
 * it is made, so setting one afterwards changes later generators only.
 */
export class GeneratorParams {
  readonly #model: Model;
  #options: SearchOptions;

  /** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
  constructor(model: Model, options: SearchOptions = {}) {
    this.#model = model;
    this.#options = { maxLength: Math.min(model.contextLength, DEFAULT_MAX_LENGTH) };
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
    this.#options = merged;
  }

  /**
   * The value in effect.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a name that is unknown or cannot be read back,
   *   `ERR_GENAI_DISPOSED` when the model was disposed
   */
  get<Name extends SearchOptionName>(name: Name): NonNullable<SearchOptions[Name]> {
    if (!SEARCH_NAMES.includes(name)) throw unknownOption(name, SEARCH_NAMES);
    const native = this.createNative();
    try {
      return readOption(native, name) as NonNullable<SearchOptions[Name]>;
    } finally {
      native.dispose();
    }
  }

  /** @internal The library's object with these options; dispose of it when the generator is made. */
  createNative(): NativeGeneratorParams {
    const { addon, model } = this.#model.native;
    const values = this.#options as Readonly<Record<string, unknown>>;
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
