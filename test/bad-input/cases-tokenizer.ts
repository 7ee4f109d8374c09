/** What the tokenizer and its streams are given. */
import { type ChatMessage, capabilities } from '../../src/index.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, each, invalid, refused, type Table, table } from './case.ts';

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';

/** A text that is refused by everything that takes one. */
function text(message: string, wrong: unknown): BadCase {
  return invalid(`texts[1] ${message}`, async ({ model: { tokenizer } }) => {
    await expectError(() => tokenizer.encode(wrong as string), INVALID, `text ${message}`);
    await expectError(() => tokenizer.toTokenId(wrong as string), INVALID, `token ${message}`);
    await tokenizer.encodeBatch(['a', wrong as string]);
  });
}

const TEXTS: Table = {
  'text undefined': text('must be a string, but is undefined', undefined),
  'text null': text('must be a string, but is null', null),
  'text a number': text('must be a string, but is number', 1),
  'text an array': text('must be a string, but is an array', ['a']),
  'text a String object': text('must be a string, but is object', new String('a')),
  'text with NUL': text('must not contain a NUL character, but has one at index 2', 'ab\0c'),
  'text with a lone high surrogate': text('must not contain a lone surrogate, but has one at index 1', 'a\ud83d'),
  'text with a lone low surrogate': text('must not contain a lone surrogate, but has one at index 0', '\udc4ba'),
  'texts empty': invalid('texts must be an array of texts', ({ model }) => model.tokenizer.encodeBatch([])),
  'texts one string': invalid('texts must be an array of texts, but is "ab"', ({ model }) =>
    model.tokenizer.encodeBatch('ab' as never),
  ),
};

const ROWS: Table = {
  'rows empty': invalid('rows must be an array of token rows', ({ model }) => model.tokenizer.decodeBatch([])),
  'rows a string': invalid('rows must be an array of token rows', ({ model }) =>
    model.tokenizer.decodeBatch('ab' as never),
  ),
  'rows flat': invalid('rows[0] must be an Int32Array or an array of token ids', ({ model }) =>
    model.tokenizer.decodeBatch([1, 2] as never),
  ),
  'tokens to decode undefined': invalid('tokens must be an Int32Array or an array of token ids', ({ model }) =>
    model.tokenizer.decode(undefined as never),
  ),
  'tokens to decode a string': invalid('tokens must be an Int32Array or an array of token ids', ({ model }) =>
    model.tokenizer.decode('abc' as never),
  ),
  'tokens to decode floats': invalid('tokens must be an Int32Array or an array of token ids', ({ model }) =>
    model.tokenizer.decode(new Float32Array(2) as never),
  ),
};

const NO_TOKENS: Readonly<Record<string, unknown>> = {
  negative: -1,
  'of the size of the vocabulary': 32064,
  fractional: 1.5,
  NaN: Number.NaN,
  'a string': '5',
  undefined,
  null: null,
};

const STREAMED: Table = each(Object.entries(NO_TOKENS), ([kind, wrong]) => [
  `streamed token ${kind}`,
  refused('ERR_GENAI_TOKEN_OUT_OF_RANGE', 'tokenId must be an integer from 0 to 32063', ({ model }) => {
    using stream = model.tokenizer.createStream();
    stream.decode(wrong as number);
  }),
]);

const HELLO: readonly ChatMessage[] = [{ role: 'user', content: 'Hello' }];

function template(message: string, options: unknown): BadCase {
  return invalid(message, ({ model }) => model.tokenizer.applyChatTemplate(HELLO, options as never));
}

const CIRCLE: unknown[] = [];
CIRCLE.push(CIRCLE);

const TEMPLATES: Table = {
  'template raises': template('roles must alternate', { template: "{{ raise_exception('roles must alternate') }}" }),
  'template with an open tag': template('Expected value expression', { template: '{% if' }),
  'template with an open loop': template('Unterminated for', { template: '{% for m in messages %}' }),
  'template that calls nothing': template('replace', { template: '{{ nonsense.replace("a", "b") }}' }),
  'template a number': template('template must be a string, but is number', { template: 5 }),
  'template with NUL': template('template must not contain a NUL', { template: 'a\0b' }),
  'addGenerationPrompt a number': template('addGenerationPrompt must be a boolean, but is 1', {
    addGenerationPrompt: 1,
  }),
  'template options null': template('options must be an object, but is null', null),
  'tools a circle': template('tools must be plain data that JSON can hold', { tools: CIRCLE }),
  'tools a bigint': template('tools must be plain data that JSON can hold', { tools: [1n] }),
  'tools a string': template('tools must be an array of definitions, but is "x"', { tools: 'x' }),
  'tools a function': template('tools must be an array of definitions, but is a function', { tools: () => 1 }),
  'tools an object': template('tools must be an array of definitions', { tools: {} }),
};

function options(message: string, wrong: unknown): BadCase {
  return invalid(message, ({ model }) => model.tokenizer.updateOptions(wrong as never));
}

const OPTIONS: Table = {
  'tokenizer options null': options('options must be an object, but is null', null),
  'tokenizer option unknown': options('Unknown option "nonsense". Options are addSpecialTokens', { nonsense: true }),
  'addSpecialTokens a string': options('addSpecialTokens must be a boolean, but is "true"', {
    addSpecialTokens: 'true',
  }),
  'skipSpecialTokens a number': options('skipSpecialTokens must be a boolean, but is 0', { skipSpecialTokens: 0 }),
  'chatTemplateKwargs an array': options('chatTemplateKwargs must be an object of variables', {
    chatTemplateKwargs: [],
  }),
  'chatTemplateKwargs a circle': options('chatTemplateKwargs must be plain data', {
    chatTemplateKwargs: { CIRCLE },
  }),
  'chatTemplateKwargs of a call null': template('chatTemplateKwargs must be an object of variables', {
    chatTemplateKwargs: null,
  }),
  'chatTemplateKwargs of a call a string': template('chatTemplateKwargs must be an object of variables', {
    chatTemplateKwargs: '{}',
  }),
};

/** What the library itself refuses. */
const KWARGS: Table = {
  'chatTemplateKwargs a date': options('chat_template_kwargs must be a JSON object', {
    chatTemplateKwargs: new Date(0),
  }),
  'chatTemplateKwargs with a lone surrogate': template('Invalid chat_template_kwargs JSON', {
    chatTemplateKwargs: { a: '\ud83d' },
  }),
};

const { features } = await capabilities();

export const TOKENIZER: Table = table(
  TEXTS,
  ROWS,
  STREAMED,
  TEMPLATES,
  OPTIONS,
  features.chatTemplateKwargs ? KWARGS : {},
);
