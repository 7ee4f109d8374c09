/** Options of speculative decoding. */
import { each, invalid, type Table, table } from './case.ts';
import { INVALID, options, params } from './guided.ts';

const DRAFTS: readonly (readonly [name: string, wrong: unknown, text: string])[] = [
  ['null', null, 'speculative must be an object, but is null'],
  ['a number', 5, 'speculative must be an object, but is 5'],
  ['unknown', { draft: 1 }, 'Unknown option "draft"'],
  ['ngramSize 1', { ngramSize: 1 }, 'ngramSize must be 0, or an integer from 2 to 16'],
  ['ngramSize 17', { ngramSize: 17 }, 'ngramSize must be an integer from 0 to 16'],
  ['ngramSize NaN', { ngramSize: Number.NaN }, 'ngramSize must be an integer from 0 to 16'],
  ['maxDraftTokens 0', { maxDraftTokens: 0 }, 'maxDraftTokens must be an integer from 1 to 16'],
  ['minAdaptiveK a text', { minAdaptiveK: '2' }, 'minAdaptiveK must be an integer from 0 to 16'],
  ['cooldown a number', { cooldown: 1 }, 'cooldown must be a boolean, but is 1'],
  ['a chain without ngramSize', { ngramChainedLookup: true }, 'given together with an ngramSize of 2 or more'],
];

export const SPECULATION: Table = table(
  each(DRAFTS, ([name, wrong, text]) => [`speculative ${name}`, options(INVALID, text, { speculative: wrong })]),
  {
    'speculation with beams': options(INVALID, 'An ngramSize goes with a batchSize and numBeams of 1', {
      speculative: { ngramSize: 2 },
      numBeams: 2,
    }),
    'speculation of rows': invalid('An ngramSize goes with a batchSize and numBeams of 1', ({ model }) =>
      model.createGenerator({ speculative: { ngramSize: 2 }, batchSize: 2 }),
    ),
    'setSpeculative out of range': params('ngramSize must be', given =>
      given.setSpeculative({ maxDraftTokens: 3, ngramSize: 99 }),
    ),
    'rows set after speculation': params('An ngramSize goes with', given => {
      given.setSpeculative({ ngramSize: 2 });
      given.set({ batchSize: 2 });
    }),
    'getSpeculative unknown': params('Unknown option "draft"', given => given.getSpeculative('draft' as never)),
    'getSpeculative a number': params('name must be a string', given => given.getSpeculative(5 as never)),
  },
);
