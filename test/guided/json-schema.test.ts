/** Answers by a schema: JSON that an independent validator accepts, and what cuts them off. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as assert from 'uvu/assert';
import type { GenerateOptions, Model } from '../../src/index.ts';
import { ask, loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';
import { SCHEMAS } from './schemas.ts';

const test = suite<{ model: Model }>('answers by a schema');
const ajv = new Ajv2020({ strictTypes: false });

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const WAYS: Readonly<Record<string, GenerateOptions>> = {
  greedy: {},
  'sampled, seed 1': { temperature: 1.5, topK: 0, seed: 1 },
  'with forced tokens, sampled': { forcedForwardTokens: true, temperature: 1.5, seed: 3 },
};

const PROMPT = ask('What do you know about Spain? Answer in JSON.');

let whole = 0;
let all = 0;

for (const [name, schema] of Object.entries(SCHEMAS)) {
  test(`${name}: an answer that is whole is valid`, async ({ model }) => {
    const validate = ajv.compile(schema);
    for (const [way, options] of Object.entries(WAYS)) {
      const responseFormat = { type: 'json_schema', schema } as const;
      const { text, finishReason } = await model.generate(PROMPT, { maxNewTokens: 120, ...options, responseFormat });
      all++;
      if (finishReason !== 'stop') continue;
      whole++;
      const value: unknown = JSON.parse(text);
      assert.ok(validate(value), `${way}: ${text}: ${ajv.errorsText(validate.errors)}`);
    }
  });
}

test('most answers are whole, and there are enough schemas', () => {
  assert.ok(Object.keys(SCHEMAS).length >= 20);
  assert.ok(whole >= all * 0.7, `${whole} of ${all}`);
});

const CITY = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 20 }, rank: { type: 'integer', minimum: 1, maximum: 99 } },
  required: ['city', 'rank'],
  additionalProperties: false,
};
const responseFormat = { type: 'json_schema', schema: CITY } as const;

test('the chunks of a stream join to the text, which is the beginning of JSON from the first one', async ({
  model,
}) => {
  const stream = model.stream(SPAIN, { responseFormat, maxNewTokens: 60 });
  let joined = '';
  for await (const { text } of stream) joined += text;
  const { text, tokenIds } = await stream.result;
  assert.is(joined, text);
  assert.is(text[0], '{');
  const again = await model.generate(SPAIN, { responseFormat, maxNewTokens: 60 });
  assert.equal(again.tokenIds, tokenIds);
});

test('an answer that maxNewTokens cuts off says so, and is the beginning of the whole one', async ({ model }) => {
  const whole = await model.generate(SPAIN, { responseFormat, maxNewTokens: 60 });
  assert.is(whole.finishReason, 'stop');
  for (const forcedForwardTokens of [false, true]) {
    for (let maxNewTokens = 1; maxNewTokens < whole.tokenIds.length; maxNewTokens += 2) {
      const cut = await model.generate(SPAIN, { responseFormat, maxNewTokens, forcedForwardTokens });
      assert.is(cut.finishReason, 'length');
      assert.is(cut.tokenIds.length, maxNewTokens);
      assert.ok(whole.text.startsWith(cut.text), `${whole.text}: ${cut.text}`);
      assert.throws(() => JSON.parse(cut.text));
    }
  }
});

test('stop strings end it as they end any answer', async ({ model }) => {
  for (const forcedForwardTokens of [false, true]) {
    const options = { responseFormat, maxNewTokens: 60, forcedForwardTokens };
    const { text } = await model.generate(SPAIN, options);
    const stopped = await model.generate(SPAIN, { ...options, stop: ['never', 'city":'] });
    assert.equal([stopped.finishReason, stopped.matchedStop], ['stop', 'city":']);
    assert.is(stopped.text, text.slice(0, text.indexOf('city":')));
  }
});

test('an abort ends it before, between two tokens and while the schema is compiled', async ({ model }) => {
  const reason = new Error('enough');
  assert.is(
    await expectRejection(model.generate(SPAIN, { responseFormat, signal: AbortSignal.abort(reason) })),
    reason,
  );

  const endless = { type: 'json_schema', schema: { type: 'string', minLength: 100_000 } } as const;
  const stream = model.stream(SPAIN, { responseFormat: endless, maxNewTokens: 3000 });
  for await (const { index } of stream) if (index === 5) stream.cancel();
  const { finishReason, tokenIds } = await stream.result;
  assert.is(finishReason, 'abort');
  assert.ok(tokenIds.length >= 5 && tokenIds.length < 3000, `${tokenIds.length} tokens`);

  const values = Array.from({ length: 8000 }, (_, index) => index);
  const slow = { type: 'json_schema', schema: { enum: values } } as const;
  const options = { responseFormat: slow, maxNewTokens: 3, signal: AbortSignal.timeout(5), onAbort: 'return' } as const;
  assert.is((await model.generate(SPAIN, options)).finishReason, 'abort');
});

test('guided and free generations at once do not mix', async ({ model }) => {
  const formats = [responseFormat, { type: 'regex', pattern: '[0-9]{12}' } as const, undefined];
  const run = async (format: (typeof formats)[number]): Promise<string> =>
    (await model.generate(SPAIN, { responseFormat: format, maxNewTokens: 40 })).text;
  const alone: string[] = [];
  for (const format of formats) alone.push(await run(format));
  const together = await Promise.all([...formats, ...formats].map(run));
  assert.equal(together, [...alone, ...alone]);
});

test.run();
