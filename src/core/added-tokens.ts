/** The control tokens of a tokenizer, read from its files: texts that encoding turns into one token. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GenAIError } from '../errors.ts';

const CONFIG = 'tokenizer_config.json';

interface AddedToken {
  readonly content: string;
  readonly special?: boolean;
}

/**
 * Texts such as `<|end|>` that the library's encode recognises anywhere in a text, longest first.
 * Source: `added_tokens` of tokenizer.json and `added_tokens_decoder` of tokenizer_config.json. Added tokens that are
 * neither special nor written in brackets (runs of spaces, say) are ordinary text. A file that is not there names none.
 *
 * @throws {GenAIError} `ERR_GENAI_MODEL_INVALID` when a file cannot be read or parsed: without the list, text of a message
 *   could end its turn
 */
export async function readControlTokens(directory: string): Promise<readonly string[]> {
  const added = await Promise.all([fromTokenizer(directory), fromTokenizerConfig(directory)]);
  const controls = added
    .flatMap(tokens => (Array.isArray(tokens) ? (tokens as readonly AddedToken[]) : []))
    .filter(token => typeof token?.content === 'string')
    .filter(token => token.special === true || /^(<\S+>|\[\S+\])$/.test(token.content))
    .map(token => token.content)
    .filter(content => content.length > 1);
  return [...new Set(controls)].sort((a, b) => b.length - a.length);
}

/** tokenizer.json is megabytes of vocabulary: only the one array is parsed. */
async function fromTokenizer(directory: string): Promise<readonly AddedToken[] | undefined> {
  const text = await readText(directory, 'tokenizer.json');
  const key = text?.match(/"added_tokens"\s*:\s*\[/);
  if (text === undefined || key?.index === undefined) return undefined;
  const begin = key.index + key[0].length - 1;
  return parse(directory, 'tokenizer.json', text.slice(begin, endOfArray(text, begin)));
}

async function fromTokenizerConfig(directory: string): Promise<readonly AddedToken[] | undefined> {
  const text = await readText(directory, CONFIG);
  const config =
    text === undefined
      ? undefined
      : parse<{ added_tokens_decoder?: Record<string, AddedToken> | null } | null>(directory, CONFIG, text);
  return Object.values(config?.added_tokens_decoder ?? {});
}

function endOfArray(text: string, begin: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = begin; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return i + 1;
  }
  return text.length;
}

function parse<T = readonly AddedToken[]>(directory: string, name: string, json: string): T {
  try {
    return JSON.parse(json) as T;
  } catch (error) {
    throw unreadable(directory, name, error);
  }
}

async function readText(directory: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(directory, name, error);
  }
}

function unreadable(directory: string, name: string, cause: unknown): GenAIError {
  const { message } = cause as Error;
  return new GenAIError(
    'ERR_GENAI_MODEL_INVALID',
    `The control tokens of ${join(directory, name)} cannot be read: ${message}`,
    { cause },
  );
}
