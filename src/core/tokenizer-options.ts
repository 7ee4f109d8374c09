/** Options of a tokenizer, and what the library is told. */
import { invalidArgument } from '../errors.ts';
import { toJson } from '../util/json.ts';
import { isObject } from '../util/objects.ts';
import { checkOptions } from '../util/options.ts';

/** Options of `Tokenizer.updateOptions`. */
export interface TokenizerOptions {
  /**
   * `encode` puts the tokens around a text that the tokenizer's files ask for, such as one that begins it. Default
   * false. Many tokenizers, Phi-3's too, ask for none.
   */
  readonly addSpecialTokens?: boolean | undefined;
  /** `decode` leaves special tokens out. Default true. Some tokenizers, Phi-3's too, leave them out whatever it says. */
  readonly skipSpecialTokens?: boolean | undefined;
  /**
   * Variables for the chat template, such as `{ enable_thinking: false }`; they replace the earlier ones, `{}` takes them
   * away. They cannot replace `messages`, `tools` and `add_generation_prompt`. Since 0.16.
   */
  readonly chatTemplateKwargs?: Readonly<Record<string, unknown>> | undefined;
}

const NAMES = {
  addSpecialTokens: 'add_special_tokens',
  skipSpecialTokens: 'skip_special_tokens',
  chatTemplateKwargs: 'chat_template_kwargs',
} as const satisfies Record<keyof TokenizerOptions, string>;

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function checkTokenizerOptions(options: TokenizerOptions): void {
  checkOptions(options, Object.keys(NAMES));
  for (const name of ['addSpecialTokens', 'skipSpecialTokens'] as const) {
    const value: unknown = options[name];
    // The library takes every text and makes true or false of it.
    if (value !== undefined && typeof value !== 'boolean') throw invalidArgument(name, 'a boolean', value);
  }
  if (options.chatTemplateKwargs !== undefined) checkKwargs(options.chatTemplateKwargs);
}

/** @returns the variables as JSON */
export function checkKwargs(kwargs: unknown): string {
  if (!isObject(kwargs)) throw invalidArgument('chatTemplateKwargs', 'an object of variables', kwargs);
  return toJson('chatTemplateKwargs', kwargs);
}

/** The options that are given, by the library's names. */
export function toUpstream(options: TokenizerOptions): Record<string, string> {
  const given = Object.entries(NAMES).filter(([name]) => options[name as keyof TokenizerOptions] !== undefined);
  return Object.fromEntries(
    given.map(([name, upstream]) => {
      const value = options[name as keyof TokenizerOptions];
      return [upstream, isObject(value) ? toJson(name, value) : String(value)];
    }),
  );
}
