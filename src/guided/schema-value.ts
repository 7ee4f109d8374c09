/** The TypeScript type of what a JSON Schema describes, where it is written out in the code. */
import type { StandardSchema } from './standard-schema.ts';

/** What a value has become that went through a schema. */
export type ObjectOf<Schema> = Schema extends StandardSchema
  ? NonNullable<Schema['~standard']['types']>['output']
  : JsonValueOf<Schema>;

/**
 * The value that a JSON Schema describes, as far as type, properties, required, items, prefixItems, enum, const, anyOf and
 * oneOf say it; `unknown` for `$ref` and `allOf`, and for a schema that the compiler does not know word by word.
 */
export type JsonValueOf<Schema> = Schema extends { readonly $ref: unknown } | { readonly allOf: unknown }
  ? unknown
  : Schema extends { readonly const: infer Value }
    ? Value
    : Schema extends { readonly enum: readonly (infer Value)[] }
      ? Value
      : Schema extends { readonly anyOf: readonly (infer Member)[] } | { readonly oneOf: readonly (infer Member)[] }
        ? JsonValueOf<Member>
        : Schema extends { readonly type: readonly (infer Type)[] }
          ? ValueOfType<Type, Schema>
          : Schema extends { readonly type: infer Type }
            ? ValueOfType<Type, Schema>
            : unknown;

type ValueOfType<Type, Schema> = Type extends 'string'
  ? string extends Type
    ? unknown
    : string
  : Type extends 'number' | 'integer'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'null'
        ? null
        : Type extends 'array'
          ? ArrayOf<Schema>
          : Type extends 'object'
            ? RecordOf<Schema>
            : unknown;

type ArrayOf<Schema> = Schema extends { readonly prefixItems: readonly [...infer Items] }
  ? { -readonly [Index in keyof Items]: JsonValueOf<Items[Index]> }
  : Schema extends { readonly items: infer Item }
    ? JsonValueOf<Item>[]
    : unknown[];

type RecordOf<Schema> = Schema extends { readonly properties: infer Properties }
  ? Flat<
      {
        -readonly [Name in keyof Properties as Name extends RequiredOf<Schema> ? Name : never]: JsonValueOf<
          Properties[Name]
        >;
      } & {
        -readonly [Name in keyof Properties as Name extends RequiredOf<Schema> ? never : Name]?: JsonValueOf<
          Properties[Name]
        >;
      }
    >
  : Schema extends { readonly additionalProperties: infer Value extends object }
    ? Record<string, JsonValueOf<Value>>
    : Record<string, unknown>;

type RequiredOf<Schema> = Schema extends { readonly required: readonly (infer Name)[] } ? Name : never;

type Flat<Type> = { [Key in keyof Type]: Type[Key] };
