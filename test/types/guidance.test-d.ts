/** Structured output, as the compiler sees it; checked by `tsc`, never run. */
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';
import {
  type GenerateObjectResult,
  type GenerateOptions,
  type GenerateResult,
  GeneratorParams,
  type GuidanceLimits,
  generateObject,
  type JsonValueOf,
  type Model,
  type ResponseFormat,
  type SpeculativeOptions,
  type StandardSchema,
} from '../../src/index.ts';
import type { Phi3Model } from '../../src/phi3/index.ts';

declare const model: Model;
declare const params: GeneratorParams;
declare const phi3: Phi3Model;

// Formats.
const format: ResponseFormat = { type: 'json_schema', schema: { type: 'string' } };
model.generate('x', { responseFormat: format });
model.stream('x', { responseFormat: { type: 'regex', pattern: 'a+' }, forcedForwardTokens: true });
model.createGenerator({ responseFormat: { type: 'lark', grammar: 'start: "a"' }, guidanceLimits: { rules: 5 } });
phi3.predict(null, 'x', { responseFormat: { type: 'regex', pattern: 'a' } });
// @ts-expect-error no such type
model.generate('x', { responseFormat: { type: 'json', schema: {} } });
// @ts-expect-error the pattern is missing
model.generate('x', { responseFormat: { type: 'regex' } });
// @ts-expect-error a schema is an object
model.generate('x', { responseFormat: { type: 'json_schema', schema: '{}' } });
// @ts-expect-error a regular expression is a text
model.generate('x', { responseFormat: { type: 'regex', pattern: /a/ } });
// @ts-expect-error a grammar has no schema
model.generate('x', { responseFormat: { type: 'lark', grammar: 'start: "a"', schema: {} } });
// @ts-expect-error no such limit
model.generate('x', { responseFormat: format, guidanceLimits: { lines: 5 } });
// @ts-expect-error a number
model.generate('x', { responseFormat: format, guidanceLimits: { rules: '5' } });
// @ts-expect-error a boolean
model.generate('x', { responseFormat: format, forcedForwardTokens: 1 });
declare const limits: GuidanceLimits;
// @ts-expect-error read-only
limits.rules = 5;
expectTypeOf<GenerateOptions['responseFormat']>().toEqualTypeOf<ResponseFormat | undefined>();

// Upstream's names.
params.setGuidance('json_schema', { type: 'string' }, { forcedForwardTokens: true });
params.setGuidance('json_schema', '{}');
params.setGuidance('regex', 'a+');
params.setGuidance('lark_grammar', 'start: "a"', { guidanceLimits: { rules: 5 } });
params.clearGuidance();
// @ts-expect-error no such type
params.setGuidance('lark', 'start: "a"');
// @ts-expect-error a regular expression is a text
params.setGuidance('regex', {});
// @ts-expect-error the data is missing
params.setGuidance('regex');
// @ts-expect-error no such option
params.setGuidance('regex', 'a', { responseFormat: format });

// Speculation.
new GeneratorParams(model, { speculative: { ngramSize: 3, cooldown: true } });
model.generate('x', { speculative: { ngramSize: 3 } });
expectTypeOf(params.getSpeculative('ngramSize')).toEqualTypeOf<number>();
expectTypeOf(params.getSpeculative('cooldown')).toEqualTypeOf<boolean>();
expectTypeOf<SpeculativeOptions['maxDraftTokens']>().toEqualTypeOf<number | undefined>();
// @ts-expect-error no such option
params.setSpeculative({ draftModel: 'x' });
// @ts-expect-error no such option
params.getSpeculative('draftModel');
// @ts-expect-error a number
model.generate('x', { speculative: { ngramSize: true } });

// A plain schema, written out: the value that it describes.
const city = generateObject(model, 'x', {
  schema: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      size: { enum: ['small', 'large'] },
      point: { type: 'array', prefixItems: [{ type: 'number' }, { type: 'number' }], items: false },
      tags: { type: 'array', items: { type: ['string', 'null'] } },
      either: { anyOf: [{ const: 5 }, { type: 'boolean' }] },
      map: { type: 'object', additionalProperties: { type: 'integer' } },
      other: { $ref: '#' },
    },
    required: ['name', 'size', 'point', 'tags'],
  },
});
expectTypeOf(city).resolves.toEqualTypeOf<
  GenerateObjectResult<{
    name: string;
    size: 'small' | 'large';
    point: [number, number];
    tags: (string | null)[];
    either?: 5 | boolean;
    map?: Record<string, number>;
    other?: unknown;
  }>
>();
expectTypeOf(city).resolves.toMatchTypeOf<GenerateResult>();
// @ts-expect-error no such property
(await city).object.mayor;
// @ts-expect-error a text, not a number
(await city).object.name satisfies number;
// @ts-expect-error it may be missing
(await city).object.map.x;
// @ts-expect-error read-only
(await city).object = undefined;
expectTypeOf<JsonValueOf<{ type: 'null' }>>().toEqualTypeOf<null>();
expectTypeOf<JsonValueOf<{ type: 'array' }>>().toEqualTypeOf<unknown[]>();
expectTypeOf<JsonValueOf<{ type: 'object' }>>().toEqualTypeOf<Record<string, unknown>>();
expectTypeOf<JsonValueOf<{ allOf: []; type: 'string' }>>().toEqualTypeOf<unknown>();

// One that the compiler does not know word by word: unknown, or what the caller says.
declare const someSchema: Record<string, unknown>;
expectTypeOf(generateObject(model, 'x', { schema: someSchema })).resolves.toEqualTypeOf<
  GenerateObjectResult<unknown>
>();
declare const looseSchema: { type: string; properties: object };
expectTypeOf(generateObject(model, 'x', { schema: looseSchema })).resolves.toEqualTypeOf<
  GenerateObjectResult<unknown>
>();
interface Person {
  name: string;
}
expectTypeOf(generateObject<Person>(model, 'x', { schema: someSchema })).resolves.toEqualTypeOf<
  GenerateObjectResult<Person>
>();

// A schema of a library: what it makes of the value.
const schema = z.object({ day: z.iso.date().transform(day => new Date(day)), rank: z.int().default(1) });
expectTypeOf(generateObject(model, 'x', { schema })).resolves.toEqualTypeOf<
  GenerateObjectResult<{ day: Date; rank: number }>
>();
expectTypeOf(schema).toMatchTypeOf<StandardSchema>();
declare const own: StandardSchema<string, Map<string, number>>;
expectTypeOf(generateObject(model, 'x', { schema: own, jsonSchema: {} })).resolves.toEqualTypeOf<
  GenerateObjectResult<Map<string, number>>
>();

// @ts-expect-error the schema is missing
generateObject(model, 'x', {});
// @ts-expect-error the options are missing
generateObject(model, 'x');
// @ts-expect-error a schema is an object
generateObject(model, 'x', { schema: 'string' });
// @ts-expect-error it has its own
generateObject(model, 'x', { schema, responseFormat: format });
// @ts-expect-error there is no half object
generateObject(model, 'x', { schema, onAbort: 'return' });
// @ts-expect-error no such option
generateObject(model, 'x', { schema, temprature: 1 });
// @ts-expect-error a path is no model
generateObject('models/phi3-demo', 'x', { schema });
