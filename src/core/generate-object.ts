/** Answers that are values: a generation limited by a schema, parsed and validated. */
import { GenAIError, invalidArgument, isGenAIError } from '../errors.ts';
import { compact, relaxed } from '../guided/library-schema.ts';
import { demandLimit, guidanceLimits } from '../guided/limits.ts';
import { type PlainObject, plainData } from '../guided/plain-data.ts';
import type { ObjectOf } from '../guided/schema-value.ts';
import { isStandardSchema, issuesText, jsonSchemaOf, type StandardSchema } from '../guided/standard-schema.ts';
import { abandonOnAbort } from '../util/abort.ts';
import { isObject } from '../util/objects.ts';
import type { Model } from './model.ts';
import type { GenerateInput, GenerateOptions, GenerateResult } from './types.ts';

export interface GenerateObjectOptions<Schema extends object>
  extends Omit<GenerateOptions, 'responseFormat' | 'onAbort'> {
  /**
   * A JSON Schema as plain data, or a schema of a library that follows Standard Schema (zod, arktype, valibot, ...), whose
   * `validate` then has the last word.
   */
  readonly schema: Schema;
  /** The JSON Schema of `schema`, for a library that does not tell it. */
  readonly jsonSchema?: object | undefined;
}

/** A result with the value that it says. */
export interface GenerateObjectResult<Value> extends GenerateResult {
  readonly object: Value;
}

/**
 * Generates JSON that a schema describes, and gives the value. The schema limits what can be generated; the model is not
 * told, so say it in the prompt as well. A plain schema is what the library makes of it (docs/structured-output.md); a
 * value of a library's schema has been validated by that library, and is what it makes of it (defaults, transformations).
 *
 * @throws {GenAIError} `ERR_GENAI_NO_OBJECT` when the answer was cut off or its schema refuses it, with `details`
 *   { result, issues }; `ERR_GENAI_GUIDANCE_REFUSED` for a schema above a limit or with what the library does not know;
 *   and what `model.generate` fails with
 */
export function generateObject<const Schema extends object>(
  model: Model,
  input: GenerateInput,
  options: GenerateObjectOptions<Schema>,
): Promise<GenerateObjectResult<ObjectOf<Schema>>>;
/** The same with the type of the value given, for a schema that the compiler does not know word by word. */
export function generateObject<Value>(
  model: Model,
  input: GenerateInput,
  options: GenerateObjectOptions<object>,
): Promise<GenerateObjectResult<Value>>;
export async function generateObject(
  model: Model,
  input: GenerateInput,
  options: GenerateObjectOptions<object>,
): Promise<GenerateObjectResult<unknown>> {
  if (typeof (model as Partial<Model> | null)?.generate !== 'function')
    throw invalidArgument('model', 'a Model', model);
  if (!isObject(options)) throw invalidArgument('options', 'an object', options);
  const { schema, jsonSchema, ...others } = options;
  for (const name of ['responseFormat', 'onAbort'] as const) {
    const value = (others as GenerateOptions)[name];
    if (value !== undefined) throw invalidArgument(name, 'left out: generateObject() has its own', value);
  }
  const standard = isStandardSchema(schema) ? schema : undefined;
  if (standard === undefined && jsonSchema !== undefined) {
    throw invalidArgument('jsonSchema', 'left out where schema is a JSON Schema itself', jsonSchema);
  }
  const plain = plainSchema(standard === undefined ? schema : (jsonSchema ?? jsonSchemaOf(standard)), options);
  const format = { type: 'json_schema', schema: standard === undefined ? compact(plain) : relaxed(plain) } as const;
  const result = await model.generate(input, { ...others, responseFormat: format });
  const value = parse(result);
  if (standard === undefined) return { object: value, ...result };
  return { object: await validated(standard, value, result, options.signal), ...result };
}

function plainSchema(schema: unknown, options: GenerateObjectOptions<object>): PlainObject {
  if (!isObject(schema)) throw invalidArgument('schema', 'a JSON Schema or a Standard Schema', schema);
  const limits = guidanceLimits(options.guidanceLimits);
  return plainData('#', schema, limits.depth, (actual, path) =>
    demandLimit(limits, 'depth', actual, path),
  ) as PlainObject;
}

/** The value of an answer that is whole. A number may have been going on where it was cut off; nothing else parses then. */
function parse(result: GenerateResult): unknown {
  const cut = result.finishReason !== 'stop' || result.matchedStop !== undefined;
  try {
    const value: unknown = JSON.parse(result.text);
    if (!cut || typeof value !== 'number') return value;
  } catch (cause) {
    if (!cut) throw noObject('is no JSON', result, { cause });
  }
  const why = result.matchedStop === undefined ? 'maxNewTokens (or maxLength) ended it' : 'a stop string ended it';
  throw noObject(`is not whole: ${why} after ${result.usage.outputTokens} tokens`, result);
}

async function validated(
  { '~standard': standard }: StandardSchema,
  value: unknown,
  result: GenerateResult,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const validating = (async () => standard.validate(value))();
  const outcome = await abandonOnAbort(validating, signal).catch((cause: unknown) => {
    if (isGenAIError(cause) || (signal?.aborted === true && Object.is(signal.reason, cause))) throw cause;
    throw noObject(`could not be validated: ${cause instanceof Error ? cause.message : String(cause)}`, result, {
      cause,
    });
  });
  if (!isObject(outcome)) throw invalidArgument('what schema["~standard"].validate gives', 'an object', outcome);
  if (outcome.issues === undefined) return outcome.value;
  throw noObject(`is refused by its schema: ${issuesText(outcome.issues)}`, result, { issues: outcome.issues });
}

function noObject(
  what: string,
  result: GenerateResult,
  { cause, issues = [] }: { cause?: unknown; issues?: readonly unknown[] } = {},
): GenAIError {
  return new GenAIError('ERR_GENAI_NO_OBJECT', `The answer ${what}.`, {
    ...(cause === undefined ? {} : { cause }),
    details: { result, issues },
  });
}
