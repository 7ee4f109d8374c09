/**
 * Schemas of other libraries (zod, valibot, arktype, ...) by the interface that they share, and what their values are.
 * Source: the Standard Schema and Standard JSON Schema specifications, version 1; only what is used here.
 */
import { GenAIError } from '../errors.ts';
import { isObject } from '../util/objects.ts';

/** A schema of a library that follows Standard Schema. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** The extension "Standard JSON Schema": zod 4.2, arktype 2.1.28, ... */
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-2020-12' }) => object } | undefined;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** What a schema has against a value. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Some libraries' schemas are functions. */
export function isStandardSchema(schema: unknown): schema is StandardSchema {
  if (!isObject(schema) && typeof schema !== 'function') return false;
  const standard = (schema as { readonly '~standard'?: unknown })['~standard'];
  return isObject(standard) && typeof standard['validate'] === 'function';
}

/**
 * The JSON Schema of what the schema takes.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` when its library has none for it
 */
export function jsonSchemaOf(schema: StandardSchema): object {
  const { vendor, jsonSchema } = schema['~standard'];
  if (typeof jsonSchema?.input !== 'function') {
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `schema is of "${vendor}", which does not tell its JSON Schema (no ~standard.jsonSchema); give it as jsonSchema.`,
      { details: { argument: 'schema', vendor } },
    );
  }
  try {
    return jsonSchema.input({ target: 'draft-2020-12' });
  } catch (cause) {
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `schema cannot be written as JSON Schema: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, details: { argument: 'schema', vendor } },
    );
  }
}

/** `at a.0.b: message`, for the first few. */
export function issuesText(issues: readonly StandardIssue[]): string {
  const lines = issues.slice(0, 3).map(({ message, path = [] }) => {
    const keys = path.map(part => String(typeof part === 'object' ? part.key : part));
    return keys.length === 0 ? message : `at ${keys.join('.')}: ${message}`;
  });
  if (issues.length > lines.length) lines.push(`and ${issues.length - lines.length} more`);
  return lines.join('; ');
}
