/** Guided answers and speculation against the official Python package, token by token. */
import * as assert from 'uvu/assert';
import { planGuidance } from '../../src/guided/response-format.ts';
import type { GenerateOptions, Model, ResponseFormat, SpeculativeOptions } from '../../src/index.ts';
import { SCHEMAS } from '../guided/schemas.ts';
import { ask, loadDemoModel, SPAIN, STORY } from '../helpers/demo-model.ts';
import { askOracle } from '../helpers/oracle.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('guidance parity');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const NEW_TOKENS = 100;

/** What ours does by itself: a buffer that grows, and room for what is forced, which the library would write behind it. */
const FORCED = { past_present_share_buffer: false, max_length: 4096 };

interface Case {
  readonly name: string;
  readonly options: GenerateOptions;
  /** What Python is told. */
  readonly search?: object;
  readonly speculative?: object;
}

/** The tokens of every case equal Python's; `maxLength` holds prompt and answer. */
async function expectSame(model: Model, prompt: string, cases: readonly Case[]): Promise<void> {
  const tokens = [...(await model.tokenizer.encode(prompt))];
  const maxLength = tokens.length + NEW_TOKENS;
  const jobs = cases.map(({ options: { responseFormat, forcedForwardTokens = false }, search = {}, speculative }) => {
    const guidance = responseFormat === undefined ? undefined : planGuidance(responseFormat);
    return {
      kind: 'guided',
      tokens,
      search: { max_length: maxLength, ...search, ...(forcedForwardTokens ? FORCED : {}) },
      guidance: guidance === undefined ? [] : [guidance.type, guidance.data, forcedForwardTokens],
      most: maxLength,
      speculative,
    };
  });
  const expected = await askOracle<number[]>(jobs);
  for (const [index, { name, options }] of cases.entries()) {
    const { tokenIds } = await model.generate(tokens, { ...options, maxNewTokens: NEW_TOKENS });
    assert.ok(tokenIds.length > 0, name);
    assert.equal([...tokens, ...tokenIds], expected[index], name);
  }
}

test('every bounded schema, greedy and sampled, with and without forced tokens', async ({ model }) => {
  const cases = Object.entries(SCHEMAS).flatMap(([name, schema]): Case[] => {
    const responseFormat = { type: 'json_schema', schema } as const;
    const sampled = { do_sample: true, temperature: 1.2, top_k: 40, random_seed: 5 };
    return [
      { name, options: { responseFormat } },
      { name: `${name}, forced`, options: { responseFormat, forcedForwardTokens: true } },
      { name: `${name}, sampled`, options: { responseFormat, temperature: 1.2, topK: 40, seed: 5 }, search: sampled },
    ];
  });
  await expectSame(model, ask('What do you know about Spain? Answer in JSON.'), cases);
});

test('regular expressions and grammars', async ({ model }) => {
  const formats: ResponseFormat[] = [
    { type: 'regex', pattern: '(Madrid|Paris), [0-9]{3}' },
    { type: 'regex', pattern: '[A-Z][a-z ]{10,60}\\.' },
    { type: 'regex', pattern: ' ?(yes|no), of course' },
    { type: 'lark', grammar: 'start: (WORD " "){3} "end"\nWORD: /[a-z]{2,8}/' },
    { type: 'lark', grammar: 'start: "{" pair ("," pair)* "}"\npair: /[a-z]+/ ":" /[0-9]/' },
    { type: 'lark', grammar: `start: "city: " %json {"enum": ["Madrid", "Rome"]}` },
  ];
  const cases = formats.flatMap((responseFormat): Case[] => [
    { name: JSON.stringify(responseFormat), options: { responseFormat } },
    { name: `${JSON.stringify(responseFormat)}, forced`, options: { responseFormat, forcedForwardTokens: true } },
  ]);
  await expectSame(model, SPAIN, cases);
});

test('speculation', async ({ model }) => {
  const ways: readonly (readonly [SpeculativeOptions, object])[] = [
    [{ ngramSize: 2 }, { ngram_size: 2 }],
    [
      { ngramSize: 3, maxDraftTokens: 8 },
      { ngram_size: 3, max_draft_tokens: 8 },
    ],
    [
      { ngramSize: 2, ngramChainedLookup: true, minAdaptiveK: 2, cooldown: true },
      { ngram_size: 2, ngram_chained_lookup: true, min_adaptive_k: 2, cooldown: true },
    ],
  ];
  const cases = ways.map(([speculative, upstream]) => ({
    name: JSON.stringify(upstream),
    options: { speculative },
    speculative: upstream,
  }));
  await expectSame(model, STORY, cases);
  await expectSame(model, 'one two three four one two three four one two', cases);
});

test.run();
