/** Checks of option objects. */
import { type GenAIError, invalidArgument } from '../errors.ts';

/**
 * Refuses what is no object and names that are not known, so that a typo never goes unnoticed.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function checkOptions(options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options);
  const values = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (values[name] !== undefined && !names.includes(name)) throw unknownOption(name, names);
  }
}

/** The refusal of an option name, with the one that was probably meant. */
export function unknownOption(name: string, known: readonly string[]): GenAIError {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '');
  const meant = known.find(candidate => plain(candidate) === plain(name));
  return meant === undefined
    ? invalidArgument('option', `one of ${known.join(', ')}`, name)
    : invalidArgument('option', `spelled "${meant}"`, name);
}
