/** What generateObject refuses, and answers that are no objects. */
import { type ErrorCode, generateObject } from '../../src/index.ts';
import { SPAIN } from '../helpers/demo-model.ts';
import { type BadCase, invalid, refused, type Table } from './case.ts';
import { INVALID, REFUSED, REGEX } from './guided.ts';

const circle: Record<string, unknown> = { type: 'object' };
circle['properties'] = { self: circle };

function object(code: ErrorCode, text: string, wrong: unknown): BadCase {
  return refused(code, text, ({ model }) => generateObject(model, SPAIN, wrong as never));
}

const STANDARD = { '~standard': { version: 1, vendor: 'nobody', validate: (value: unknown) => ({ value }) } };
const answering = (validate: unknown): object => ({
  schema: { '~standard': { ...STANDARD['~standard'], validate } },
  jsonSchema: { const: 1 },
});
const telling = (input: unknown): object => ({
  schema: { '~standard': { ...STANDARD['~standard'], jsonSchema: { input } } },
});

export const OBJECTS: Table = {
  'generateObject of no model': invalid('model must be a Model', () =>
    generateObject({} as never, SPAIN, { schema: {} }),
  ),
  'generateObject without options': object(INVALID, 'options must be an object, but is undefined', undefined),
  'generateObject without a schema': object(INVALID, 'schema must be a JSON Schema or a Standard Schema', {}),
  'generateObject schema a text': object(INVALID, 'schema must be a JSON Schema or', { schema: 'string' }),
  'generateObject schema a function': object(INVALID, 'schema must be a JSON Schema or', { schema: () => {} }),
  'generateObject schema a circle': object(INVALID, 'contains itself', { schema: circle }),
  'generateObject unknown option': object(INVALID, 'Unknown option "temprature"', { schema: {}, temprature: 1 }),
  'generateObject with a format': object(INVALID, 'responseFormat must be left out', {
    schema: {},
    responseFormat: REGEX,
  }),
  'generateObject with onAbort': object(INVALID, 'onAbort must be left out', { schema: {}, onAbort: 'return' }),
  'generateObject with two schemas': object(INVALID, 'jsonSchema must be left out', { schema: {}, jsonSchema: {} }),
  'generateObject of a library without JSON Schema': object(INVALID, 'give it as jsonSchema', { schema: STANDARD }),
  'generateObject jsonSchema a text': object(INVALID, 'schema must be a JSON Schema or', {
    schema: STANDARD,
    jsonSchema: '{}',
  }),
  'generateObject of a library that cannot tell it': object(
    INVALID,
    'schema cannot be written as JSON Schema: no such thing',
    telling(() => {
      throw new Error('no such thing');
    }),
  ),
  'generateObject of a library that tells nothing': object(
    INVALID,
    'schema must be a JSON Schema or',
    telling(() => null),
  ),
  'generateObject of a library that answers nothing': object(
    INVALID,
    '.validate gives must be an object',
    answering(() => undefined),
  ),
  'generateObject of a library that throws': object(
    'ERR_GENAI_NO_OBJECT',
    'could not be validated: out of order',
    answering(() => {
      throw new Error('out of order');
    }),
  ),
  'generateObject of a library that refuses': object(
    'ERR_GENAI_NO_OBJECT',
    'refused by its schema: too red',
    answering(() => ({ issues: [{ message: 'too red' }] })),
  ),
  'generateObject cut off': object('ERR_GENAI_NO_OBJECT', 'is not whole', {
    schema: { type: 'string', minLength: 500 },
    maxNewTokens: 3,
  }),
  'generateObject of a schema without an answer': object('ERR_GENAI_NO_OBJECT', 'is no JSON', {
    schema: { $ref: '#' },
  }),
  'generateObject above a limit': object(REFUSED, 'guidanceLimits.items', { schema: { type: 'array', minItems: 1e9 } }),
};
