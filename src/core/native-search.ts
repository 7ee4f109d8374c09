/** Search options on their way into the library and back. */
import type { NativeGeneratorParams } from '../binding/addon-types.ts';
import { callNative } from '../binding/native-error.ts';
import { GenAIError } from '../errors.ts';
import { SEARCH_BOOLEANS, SEARCH_NUMBERS } from './search-options.ts';

/** @throws {GenAIError} `ERR_GENAI_UNSUPPORTED_BY_LIBRARY` for an option that came with a newer library */
export function setSearch(native: NativeGeneratorParams, values: Readonly<Record<string, unknown>>): void {
  for (const [name, { upstream }] of Object.entries(SEARCH_NUMBERS)) {
    const value = values[name];
    if (typeof value === 'number') setKnown(name, () => native.setSearchNumber(upstream, value));
  }
  for (const [name, upstream] of Object.entries(SEARCH_BOOLEANS)) {
    const value = values[name];
    if (typeof value === 'boolean') setKnown(name, () => native.setSearchBool(upstream, value));
  }
}

export function readOption(native: NativeGeneratorParams, name: string): number | boolean {
  const flag = Object.hasOwn(SEARCH_BOOLEANS, name) ? SEARCH_BOOLEANS[name] : undefined;
  return callNative(() =>
    flag === undefined ? native.getSearchNumber(SEARCH_NUMBERS[name]?.upstream ?? '') : native.getSearchBool(flag),
  );
}

/** The names are ours: one that the library does not know is too new for it. */
function setKnown(name: string, set: () => void): void {
  try {
    set();
  } catch (error) {
    if (!(error instanceof Error && /^\s*Unknown value/.test(error.message))) throw error;
    const message = `The option "${name}" is not in this onnxruntime-genai library; it needs a newer one.`;
    throw new GenAIError('ERR_GENAI_UNSUPPORTED_BY_LIBRARY', message, { cause: error });
  }
}
