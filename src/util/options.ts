/** Checks of option objects. */
import { GenAIError, invalidArgument } from '../errors.ts';

/**
 * Refuses what is no object and names that are not known, so that a typo never goes unnoticed.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function checkOptions(options: unknown, names: readonly string[], argument = 'options'): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidArgument(argument, 'an object', options);
  }
  const values = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (values[name] !== undefined && !names.includes(name)) throw unknownOption(name, names);
  }
}

/** What other libraries call our options, without underscores and in lower case. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    maxtokens: 'maxNewTokens',
    maxcompletiontokens: 'maxNewTokens',
    stopsequences: 'stop',
    stopstrings: 'stop',
    randomseed: 'seed',
    frequencypenalty: 'repetitionPenalty',
    abortsignal: 'signal',
    provider: 'executionProvider',
    numthreads: 'intraOpNumThreads',
  }),
);

/** The refusal of an option name, with the one that was probably meant. */
export function unknownOption(name: string, known: readonly string[]): GenAIError {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '');
  const like = (text: string): string | undefined => known.find(candidate => plain(candidate) === plain(text));
  const meant =
    like(name) ??
    like(ALIASES.get(plain(name)) ?? '') ??
    (/^max(new)?tokens$/.test(plain(name)) ? like('maxLength') : undefined);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `Unknown option "${name}"${hint === '' ? '.' : hint} Options are ${known.join(', ')}.`,
    { details: { option: name } },
  );
}
