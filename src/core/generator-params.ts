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

/**
 * The search options of a generator, starting from the `search` section of the model's `genai_config.json`. Can be used
 * for any number of generators of that model. Ranges that need all options together are checked by `createGenerator`.
 */
export class GeneratorParams {
  readonly #native: NativeGeneratorParams;
  readonly #model: Model;

  constructor(model: Model, options: SearchOptions = {}) {
    this.#model = model;
    this.#native = callNative(() => model.native.addon.createGeneratorParams(model.native.model));
    this.set(options);
  }

  /**
   * Sets the options that are given.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`; then none of them is set
   */
  set(options: SearchOptions): void {
    const values = options as Readonly<Record<string, unknown>>;
    checkOptions(options, SEARCH_NAMES);
    checkSearchOptions(options, this.#model);
    callNative(() => {
      for (const [name, { upstream }] of Object.entries(SEARCH_NUMBERS)) {
        if (typeof values[name] === 'number') this.#native.setSearchNumber(upstream, values[name]);
      }
      for (const [name, upstream] of Object.entries(SEARCH_BOOLEANS)) {
        if (typeof values[name] === 'boolean') this.#native.setSearchBool(upstream, values[name]);
      }
    });
  }

  /**
   * The value in effect.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a name that is unknown or cannot be read back
   */
  get<Name extends SearchOptionName>(name: Name): NonNullable<SearchOptions[Name]> {
    const upstream = Object.hasOwn(SEARCH_NUMBERS, name) ? SEARCH_NUMBERS[name]?.upstream : undefined;
    const flag = Object.hasOwn(SEARCH_BOOLEANS, name) ? SEARCH_BOOLEANS[name] : undefined;
    if (upstream === undefined && flag === undefined) throw unknownOption(name, SEARCH_NAMES);
    const value = callNative(() =>
      flag === undefined ? this.#native.getSearchNumber(upstream ?? '') : this.#native.getSearchBool(flag),
    );
    return value as NonNullable<SearchOptions[Name]>;
  }

  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get native(): NativeGeneratorParams {
    return this.#native;
  }
}
