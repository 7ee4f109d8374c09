/** Values by a schema: plain JSON Schema, zod, and whatever follows Standard Schema. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { type GenerateResult, generateObject, type Model, type StandardSchema } from '../../src/index.ts';
import { ask, loadDemoModel } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';
import { SCHEMAS } from './schemas.ts';

const test = suite<{ model: Model }>('generateObject');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const PROMPT = ask('What do you know about Spain? Answer in JSON.');
const CITY = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 20 }, rank: { type: 'integer', minimum: 1, maximum: 99 } },
  required: ['city', 'rank'],
  additionalProperties: false,
} as const;

function resultOf(error: { details: Readonly<Record<string, unknown>> }): GenerateResult {
  return error.details['result'] as GenerateResult;
}

test('every bounded schema gives a valid value, in one line', async ({ model }) => {
  const ajv = new Ajv2020({ strictTypes: false });
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    for (const options of [{}, { temperature: 1.5, seed: 4 }, { forcedForwardTokens: true }]) {
      const { object, text, finishReason } = await generateObject(model, PROMPT, { schema, ...options });
      assert.is(finishReason, 'stop', name);
      assert.ok(ajv.validate(schema, object), `${name}: ${text}: ${ajv.errorsText()}`);
      assert.equal(JSON.parse(text), object);
      assert.not.match(text, '\n');
    }
  }
});

test('the value comes with the whole result, of any input', async ({ model }) => {
  const tokens = await model.tokenizer.encode(PROMPT);
  for (const input of [PROMPT, tokens, [...tokens], [{ role: 'user', content: 'Spain?' }] as const]) {
    const { object, text, usage, tokenIds, metrics } = await generateObject(model, input, { schema: CITY });
    assert.type(object.city, 'string');
    assert.type(object.rank, 'number');
    assert.is(text, `{"city": ${JSON.stringify(object.city)}, "rank": ${object.rank}}`);
    assert.is(usage.outputTokens, tokenIds.length);
    assert.ok(metrics.totalMs > 0);
  }
});

test("the library's own options in a schema win", async ({ model }) => {
  const schema = { ...CITY, 'x-guidance': { whitespace_flexible: false } };
  assert.match((await generateObject(model, PROMPT, { schema })).text, /^\{"city":"/);
});

test('zod: what it makes of the value, defaults and transformations included', async ({ model }) => {
  const schema = z.object({
    name: z.string().min(1).max(12),
    day: z.iso.date().transform(day => new Date(`${day}T00:00:00Z`)),
    rank: z.int().min(1).max(9),
    color: z.enum(['red', 'green']).default('green'),
    shape: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('circle'), r: z.int().min(1).max(9) }),
      z.object({ kind: z.literal('dot') }),
    ]),
    tags: z.array(z.string().max(5)).max(2),
    note: z.string().max(4).nullable(),
  });
  let dates = 0;
  for (const seed of [1, 2, 3, 4]) {
    const outcome = await generateObject(model, PROMPT, { schema, seed, temperature: 0.8 }).catch(
      (error: unknown) => error,
    );
    if (outcome instanceof Error) {
      await expectError(Promise.reject(outcome), 'ERR_GENAI_NO_OBJECT');
      continue;
    }
    const { object } = outcome as { object: z.output<typeof schema> };
    dates++;
    assert.instance(object.day, Date);
    assert.ok(['red', 'green'].includes(object.color));
    assert.ok(object.shape.kind === 'dot' || object.shape.r >= 1);
  }
  assert.ok(dates >= 2, `${dates} of 4`);
});

test('zod: what a grammar cannot say is left to the validation', async ({ model }) => {
  const schemas: readonly StandardSchema[] = [
    z.object({ url: z.url().max(12) }),
    z.object({ at: z.string().startsWith('x').max(8) }),
    z.record(z.string().max(3), z.boolean()),
    z.object({
      even: z
        .int()
        .min(0)
        .max(99)
        .refine(value => value % 2 === 0, 'must be even'),
    }),
    z.object({ a: z.string().max(5) }).and(z.object({ b: z.boolean() })),
    z.tuple([z.boolean(), z.int().min(3).max(4)]),
    z.object({
      ends: z
        .string()
        .max(6)
        .regex(/a(?=b)/),
    }),
  ];
  let valid = 0;
  for (const schema of schemas) {
    for (const seed of [1, 2, 3]) {
      try {
        const { object } = await generateObject(model, PROMPT, { schema, seed, maxNewTokens: 60 });
        assert.equal(await schema['~standard'].validate(object), { value: object });
        valid++;
      } catch (error) {
        const { details } = await expectError(Promise.reject(error), 'ERR_GENAI_NO_OBJECT');
        assert.ok(Array.isArray(details['issues']));
      }
    }
  }
  assert.ok(valid >= 5, `${valid} valid`);
});

/** A schema of no library. */
function schemaOf(
  jsonSchema: object | undefined,
  validate: StandardSchema['~standard']['validate'] = value => ({ value }),
): StandardSchema {
  const input = jsonSchema === undefined ? {} : { jsonSchema: { input: () => jsonSchema } };
  return { '~standard': { version: 1, vendor: 'nobody', validate, ...input } };
}

test('any schema that follows the interface; also one that is a function, or validates later', async ({ model }) => {
  const targets: string[] = [];
  const schema = Object.assign(() => {}, {
    '~standard': {
      version: 1 as const,
      vendor: 'nobody',
      validate: async (value: unknown) => ({ value: [value, 'seen'] }),
      jsonSchema: {
        input: ({ target }: { target: string }) => {
          targets.push(target);
          return { const: 7 };
        },
      },
    },
  });
  assert.equal((await generateObject(model, PROMPT, { schema })).object, [7, 'seen']);
  assert.equal(targets, ['draft-2020-12']);
  const given = await generateObject(model, PROMPT, { schema: schemaOf(undefined), jsonSchema: { const: 8 } });
  assert.is(given.object, 8);
  assert.is(
    (await generateObject(model, PROMPT, { schema: schemaOf({ const: 9 }), jsonSchema: { const: 8 } })).object,
    8,
  );
});

test('an answer that is cut off is an error with what there is', async ({ model }) => {
  const whole = await generateObject(model, PROMPT, { schema: CITY });
  const maxNewTokens = whole.tokenIds.length - 2;
  const cut = await expectError(
    generateObject(model, PROMPT, { schema: CITY, maxNewTokens }),
    'ERR_GENAI_NO_OBJECT',
    `maxNewTokens (or maxLength) ended it after ${maxNewTokens} tokens`,
  );
  assert.is(resultOf(cut).finishReason, 'length');
  assert.ok(whole.text.startsWith(resultOf(cut).text));

  const stopped = await expectError(
    generateObject(model, PROMPT, { schema: CITY, stop: 'rank' }),
    'ERR_GENAI_NO_OBJECT',
    'a stop string ended it',
  );
  assert.is(resultOf(stopped).matchedStop, 'rank');

  // The closing brace was the last token allowed: it is whole.
  const exact = await generateObject(model, PROMPT, { schema: CITY, maxNewTokens: whole.tokenIds.length });
  assert.equal(exact.object, whole.object);
  // Of a number nobody knows.
  const number = { type: 'integer', minimum: 1_000_000_000 } as const;
  await expectError(
    generateObject(model, PROMPT, { schema: number, maxNewTokens: 3 }),
    'ERR_GENAI_NO_OBJECT',
    'not whole',
  );
});

test('what the schema refuses says why', async ({ model }) => {
  const issues = [
    { message: 'too red', path: ['a', { key: 0 }, 'b'] },
    { message: 'too round' },
    { message: 'third' },
    { message: 'fourth' },
  ];
  const refusing = schemaOf({ const: 5 }, () => ({ issues }));
  const refused = await expectError(
    generateObject(model, PROMPT, { schema: refusing }),
    'ERR_GENAI_NO_OBJECT',
    'refused by its schema: at a.0.b: too red; too round; third; and 1 more',
  );
  assert.equal(refused.details['issues'], issues);
  assert.is(resultOf(refused).text, '5');

  const cause = new Error('out of order');
  const throwing = schemaOf({ const: 5 }, () => {
    throw cause;
  });
  const thrown = await expectError(
    generateObject(model, PROMPT, { schema: throwing }),
    'ERR_GENAI_NO_OBJECT',
    'out of order',
  );
  assert.is(thrown.cause, cause);
  const impossible = { $ref: '#' };
  await expectError(generateObject(model, PROMPT, { schema: impossible }), 'ERR_GENAI_NO_OBJECT', 'is no JSON');
});

test('an abort rejects with its reason, also during the validation', async ({ model }) => {
  const reason = new Error('enough');
  const aborted = generateObject(model, PROMPT, { schema: CITY, signal: AbortSignal.abort(reason) });
  assert.is(await expectRejection(aborted), reason);
  const controller = new AbortController();
  const never = schemaOf({ const: 5 }, () => {
    controller.abort(reason);
    return new Promise(() => {});
  });
  assert.is(await expectRejection(generateObject(model, PROMPT, { schema: never, signal: controller.signal })), reason);
});

test('limits are those of guidanceLimits, for a schema of a library as well', async ({ model }) => {
  const guidanceLimits = { properties: 1 };
  for (const schema of [CITY, schemaOf(CITY)]) {
    await expectError(
      generateObject(model, PROMPT, { schema, guidanceLimits }),
      'ERR_GENAI_GUIDANCE_REFUSED',
      'guidanceLimits.properties',
    );
  }
});

test('a schema is copied: what is done to it afterwards does nothing', async ({ model }) => {
  const schema = { type: 'object', properties: { a: { const: 1 } as object }, required: ['a'] };
  const running = generateObject(model, PROMPT, { schema });
  schema.properties.a = { const: 2 };
  schema.required.push('b');
  assert.is(((await running).object as { a: unknown }).a, 1);
  assert.equal(schema, { type: 'object', properties: { a: { const: 2 } }, required: ['a', 'b'] });
});

test.run();
