/**
 * Schemas as plain data: the very objects that MLflow writes as JSON into `signature` of an MLmodel file.
 * Source: mlflow/types/schema.py of MLflow 3.17.2.
 */

/** Scalar types. `integer` and `float` have 32 bits, `long` and `double` 64. */
export const DATA_TYPES = ['boolean', 'integer', 'long', 'float', 'double', 'string', 'binary', 'datetime'] as const;

export type DataType = (typeof DATA_TYPES)[number];

/** A type without a place: an element of an array, a value of a map. */
export type TypeSpec =
  | { readonly type: DataType }
  | { readonly type: 'array'; readonly items: TypeSpec }
  | { readonly type: 'object'; readonly properties: Readonly<Record<string, PropertySpec>> }
  | { readonly type: 'map'; readonly values: TypeSpec }
  | { readonly type: 'any' };

/** A property of an object. MLflow reads a missing `required` as true. */
export type PropertySpec = TypeSpec & { readonly required?: boolean };

/**
 * A column, by name; a schema with one column may leave the name away. MLflow reads a missing `required` as true for
 * scalars and as optional for all other types.
 */
export type ColumnSpec = PropertySpec & { readonly name?: ColumnName };

/** A number is the name that pandas gives to a column without one. */
export type ColumnName = string | number;

/** An array of numbers with a fixed element type; -1 in `shape` stands for any length. */
export interface TensorSpec {
  readonly type: 'tensor';
  /** `dtype` by numpy's name, such as `float64`. */
  readonly 'tensor-spec': { readonly dtype: string; readonly shape: readonly number[] };
  readonly name?: ColumnName;
}

/** A parameter of an inference call with its default; `shape` is null for a scalar, `[-1]` for a list. */
export type ParamSpec =
  | {
      readonly name: string;
      readonly type: DataType;
      readonly default: unknown;
      readonly shape: readonly number[] | null;
    }
  | {
      readonly name: string;
      readonly type: 'object';
      readonly properties: Readonly<Record<string, PropertySpec>>;
      readonly default: unknown;
      readonly shape: readonly number[] | null;
    };

/** Inputs or outputs: all columns or all tensors, all named or exactly one without a name. */
export type Schema = readonly (ColumnSpec | TensorSpec)[];

/** Parameters, each with its own name. */
export type ParamSchema = readonly ParamSpec[];
