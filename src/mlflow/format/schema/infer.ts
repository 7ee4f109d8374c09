/**
 * The signature that an example shows.
 * Behaviour: that of `mlflow.models.infer_signature` in MLflow 3.17.2, but for the table of docs/mlflow-schema.md.
 */
import { GenAIError, isGenAIError } from '../../../errors.ts';
import { checkOptions } from '../../../util/options.ts';
import { inferParams } from './infer-params.ts';
import { inferItems, inferType, undetermined } from './infer-type.ts';
import type { ColumnSpec, Schema, TensorSpec, TypeSpec } from './schema-types.ts';
import { ModelSignature } from './signature.ts';
import {
  at,
  elementsOf,
  guarded,
  isNumberArray,
  isRecord,
  members,
  type NumberArray,
  type Path,
  rootPath,
} from './values.ts';
import { dtypeOfArray } from './values-dtype.ts';

/** Values of an example: beyond that it is data. */
const MAX_EXAMPLE = 500_000;

/** Options of `inferSignature`. */
export interface InferOptions {
  /** Told when a schema could not be inferred and is `any`, which checks nothing: why, and what to do. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Infers the signature of a model from an example of its input, of its output and of its parameters.
 *
 * A record is one row with a column for each member; an array of records is several rows, where a member that some lack
 * is optional; any other value, and an array of them, is one column without a name; a typed array (or a record of
 * them) is a tensor. A whole number is `long`, any other `double`, whole ones beside others `double` too; a bigint is
 * `long`, a `Date` `datetime`, a `Uint8Array` `binary`, null `any`.
 *
 * Where values of one place have no type in common, the whole schema is one column of `any`, as in MLflow, and
 * `onWarning` is told; `inferSchema` throws instead.
 *
 * @param input undefined or null for a signature without inputs; so for the output
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` when there is nothing to infer from, a value has no counterpart in MLflow
 *   (a function, an object of a class, a circle), or a parameter has no type
 */
export function inferSignature(
  input: unknown,
  output?: unknown,
  params?: Readonly<Record<string, unknown>> | null,
  options: InferOptions = {},
): ModelSignature {
  checkOptions(options, ['onWarning']);
  const inputs = inferOrAny(input, 'input', options);
  const outputs = inferOrAny(output, 'output', options);
  const parameters = guarded('parameters', () => inferParams(params));
  if (inputs === null && outputs === null && parameters === null) {
    throw new GenAIError(
      'ERR_MLFLOW_SIGNATURE',
      'There is nothing to infer a signature from: give an input, an output or parameters.',
    );
  }
  return new ModelSignature({ inputs, outputs, params: parameters });
}

function inferOrAny(value: unknown, subject: string, { onWarning }: InferOptions): Schema | null {
  if (value === undefined || value === null) return null;
  try {
    return inferSchema(value, subject);
  } catch (error) {
    if (!isGenAIError(error) || error.details['undetermined'] !== true) throw error;
    onWarning?.(`The schema of the ${subject} is "any", which checks nothing: ${error.message}`);
    return [{ type: 'any', required: true }];
  }
}

/**
 * The schema of one example, without the way out of `inferSignature`.
 *
 * @param subject what the example is called in a message
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` with `details.undetermined` when values have no type in common
 */
export function inferSchema(value: unknown, subject = 'example'): Schema {
  return guarded(subject, () => {
    const root = rootPath(subject, MAX_EXAMPLE);
    if (isNumberArray(value)) return [tensorOf(value)];
    if (Array.isArray(value)) return schemaOfList(value, root);
    if (isRecord(value)) return schemaOfRecord(value, root);
    return [unnamed(typeOf(value, root))];
  });
}

function schemaOfList(list: readonly unknown[], root: Path): Schema {
  if (list.length === 0) return [{ type: 'string', required: true }];
  const items = elementsOf(list, root);
  if (items.every(isRecord)) return schemaOfRecords(items, root);
  const type = inferItems(items, root);
  if (type === undefined) throw undetermined(root, 'holds only empty arrays');
  return [unnamed(type)];
}

function schemaOfRecord(record: Readonly<Record<string, unknown>>, root: Path): Schema {
  const entries = members(record, root);
  if (entries.length === 0) throw undetermined(root, 'has no members');
  if (entries.every(([, value]) => isNumberArray(value))) {
    return entries.map(([name, value]) => ({ ...tensorOf(value as NumberArray), name }));
  }
  return entries.map(([name, value]) => {
    const path = at(root, name);
    return { ...typeOf(value, path), name, required: isFilled(value, path) };
  });
}

function schemaOfRecords(records: readonly Record<string, unknown>[], root: Path): Schema {
  const columns = new Map<string, { values: unknown[]; filled: number }>();
  for (const record of records) {
    for (const [name, value] of members(record, root)) {
      const column = columns.get(name) ?? { values: [], filled: 0 };
      if (column.values.length === 0) columns.set(name, column);
      column.values.push(value);
      if (value !== null) column.filled += 1;
    }
  }
  if (columns.size === 0) throw undetermined(root, 'has no members');
  return Array.from(columns, ([name, { values, filled }]): ColumnSpec => {
    const path = at(root, name);
    const type = inferItems(values, path);
    if (type === undefined) throw undetermined(path, 'is an empty array');
    return { ...type, name, required: filled === records.length };
  });
}

function typeOf(value: unknown, path: Path): TypeSpec {
  const type = inferType(value, path);
  if (type === undefined) throw undetermined(path, 'is an empty array');
  return type;
}

/** Whether a member is there and, where it is a list, each of its elements. */
function isFilled(value: unknown, path: Path): boolean {
  return Array.isArray(value) ? elementsOf(value, path).every(isValue) : isValue(value);
}

function isValue(value: unknown): boolean {
  return value !== null && !Number.isNaN(value);
}

/** A column without a name is required: MLflow has no other. */
function unnamed(type: TypeSpec): ColumnSpec {
  return { ...type, required: true };
}

function tensorOf(array: NumberArray): TensorSpec {
  return { type: 'tensor', 'tensor-spec': { dtype: dtypeOfArray(array), shape: [-1] } };
}
