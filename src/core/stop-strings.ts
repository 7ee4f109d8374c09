/** Texts that end an answer. */
import { invalidArgument } from '../errors.ts';
import { checkText } from '../util/text.ts';

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function stopStrings(stop: string | readonly string[] | undefined): readonly string[] {
  if (stop === undefined) return [];
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  return list.map((text, index) => {
    const name = Array.isArray(stop) ? `stop[${index}]` : 'stop';
    checkText(name, text);
    if (text === '') throw invalidArgument(name, 'a non-empty string', text);
    return text;
  });
}
