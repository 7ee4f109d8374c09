/** What a `Generator` is given: rows, logits, lengths, rows to read, runtime options. */
import * as assert from 'uvu/assert';
import type { Generator } from '../../src/index.ts';
import { noise } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, each, HELD, invalid, refused, type Table, table, type World } from './case.ts';

const VOCABULARY = 32064;
const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';

/** Does it with a generator of two rows. */
function batch(text: string, act: (generator: Generator) => unknown): BadCase {
  return invalid(text, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 40, batchSize: 2 });
    await act(generator);
  });
}

/** No tokens at all, which is told from token ids that are wrong. */
const ROWS: Table = table(
  each(
    [
      ['undefined', undefined],
      ['a string', 'abc'],
      ['floats', new Float32Array(3)],
      ['bigints', new BigInt64Array(3)],
      ['an object', { length: 1 }],
    ] as const,
    ([kind, wrong]) => [
      `tokens ${kind}`,
      invalid('rows[0] must be an Int32Array or an array of token ids', async ({ generator }) => {
        const text = 'tokens must be an Int32Array or an array of token ids';
        await expectError(generator.appendTokens(wrong as never), INVALID, text);
        await generator.appendTokenSequences([wrong as never]);
      }),
    ],
  ),
  each([[], new Int32Array(0)], none => [
    `no tokens, in ${Array.isArray(none) ? 'an array' : 'an Int32Array'}`,
    invalid('rows[0] must be at least one token', async ({ generator }) => {
      await expectError(generator.appendTokens(none), INVALID, 'tokens must be at least one token');
      await generator.appendTokenSequences([none]);
    }),
  ]),
  each([[], [[1], [2]], undefined, 'ab', { length: 1 }], wrong => [
    `token rows ${JSON.stringify(wrong) ?? 'undefined'}`,
    invalid('rows must be an array of 1 token rows (batchSize)', ({ generator }) =>
      generator.appendTokenSequences(wrong as never),
    ),
  ]),
  each([[], [1], [1, 2, 3]], wrong => [
    `flat rows of a batch, ${wrong.length} tokens`,
    batch('tokens must be 2 rows of equal length', generator => generator.appendTokens(wrong)),
  ]),
  {
    'tokens of a batch that has some': batch('tokens must be given to a batch once', async generator => {
      await generator.appendTokens([1, 2]);
      await generator.appendTokens([3, 4]);
    }),
    'rows of a batch that has some': batch('tokens must be given to a batch once', async generator => {
      await generator.appendTokens([1, 2]);
      await generator.appendTokenSequences([[3], [4]]);
    }),
    'tokens beyond maxLength': refused('ERR_GENAI_INPUT_TOO_LONG', 'made for maxLength 50', ({ generator }) =>
      generator.appendTokens(noise(48)),
    ),
    'rows beyond maxLength': refused('ERR_GENAI_INPUT_TOO_LONG', '51 tokens, but', ({ generator }) =>
      generator.appendTokenSequences([noise(48)]),
    ),
  },
);

const REWIND: Table = table(
  each([4, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', undefined, null], wrong => [
    `rewindTo ${typeof wrong === 'number' ? String(wrong) : (JSON.stringify(wrong) ?? 'undefined')}`,
    invalid('length must be an integer from 0 to tokenCount, 3, but is ', ({ generator }) =>
      generator.rewindTo(wrong as number),
    ),
  ]),
  {
    'tokens behind those of beams': invalid('rewindTo(0) first', async ({ model }) => {
      await using generator = await model.createGenerator({ maxLength: 40, numBeams: 2 });
      await generator.appendTokens(noise(4));
      await generator.generateNextToken();
      await generator.appendTokens(noise(4));
    }),
    'rewindTo in a batch': batch('new_length=0', async generator => {
      await generator.appendTokens([1, 2, 3, 4]);
      await generator.rewindTo(1);
    }),
  },
);

function empty(text: string, act: (generator: Generator) => unknown): BadCase {
  return invalid(text, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 20 });
    await act(generator);
  });
}

const LOGITS: Table = table(
  each([0, 1, VOCABULARY - 1, VOCABULARY + 1], length => [
    `logits of length ${length}`,
    invalid(`of size ${length} but should be size 32064`, ({ generator }) =>
      generator.setLogits(new Float32Array(length)),
    ),
  ]),
  each(
    [new Float64Array(VOCABULARY), new Int32Array(VOCABULARY), new ArrayBuffer(VOCABULARY * 4), [1], null, undefined],
    wrong => [
      `logits ${wrong?.constructor.name ?? String(wrong)}`,
      invalid('logits must be a Float32Array, but is ', ({ generator }) => generator.setLogits(wrong as never)),
    ],
  ),
  {
    'setLogits before tokens': empty('given tokens first (appendTokens)', generator =>
      generator.setLogits(new Float32Array(VOCABULARY)),
    ),
    'getLogits before tokens': empty('given tokens first (appendTokens)', generator => generator.getLogits()),
    'a step before tokens': empty('given tokens first (appendTokens)', generator => generator.generateNextToken()),
  },
);

const READ: Table = table(
  each([-1, 1.5, Number.NaN, '0', null, 2 ** 53], wrong => [
    `getSequence ${typeof wrong === 'string' ? 'of a string' : String(wrong)}`,
    invalid('index must be the number of a row, but is ', ({ generator }) => generator.getSequence(wrong as number)),
  ]),
  {
    'getSequence of a row that is not there': invalid(
      'index must be below the number of sequences, 1',
      ({ generator }) => generator.getSequence(1),
    ),
  },
);

const option = (text: string, key: unknown, value: unknown): BadCase =>
  invalid(text, ({ generator }: World) => {
    try {
      generator.setRuntimeOption(key as string, value as string);
    } finally {
      assert.is(generator.tokenCount, HELD.length);
    }
  });

const RUNTIME_OPTIONS: Table = {
  'runtime option with a value that is none': option('unexpected: maybe', 'terminate_session', 'maybe'),
  'runtime option with a number as value': option('value must be a string, but is number', 'terminate_session', 1),
  'runtime option with a number as key': option('key must be a string, but is number', 1, '1'),
  'runtime option undefined': option('key must be a string, but is undefined', undefined, undefined),
  'runtime option with NUL': option('key must not contain a NUL character', 'terminate_session\0x', '0'),
};

export const GENERATOR: Table = table(ROWS, REWIND, LOGITS, READ, RUNTIME_OPTIONS);
