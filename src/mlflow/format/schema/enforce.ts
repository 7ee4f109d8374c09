/**
 * Inputs against the signature of a model, before the model sees them.
 * Behaviour: that of `PyFuncModel.predict` in MLflow 3.17.2, but for the table of docs/mlflow-schema.md.
 */
import { GenAIError } from '../../../errors.ts';
import { checkOptions } from '../../../util/options.ts';
import { enforceNamed } from './enforce-columns.ts';
import { type EnforcedTensor, enforceTensors } from './enforce-tensor.ts';
import { enforceUnnamed } from './enforce-unnamed.ts';
import type { ColumnName, ColumnSpec, Schema, TensorSpec } from './schema-types.ts';
import { elementsOf, guarded, isRecord, misfit, rootPath } from './values.ts';

/** Options of `enforceInput` and `enforceParams`. */
export interface EnforceOptions {
  /** Told what was left out of an input that is accepted: columns or parameters that the signature does not have. */
  readonly onWarning?: (message: string) => void;
}

export { enforceParams } from './enforce-params.ts';

export type Warn = (message: string) => void;

/** An input that fits its signature. */
export interface EnforcedInput {
  /**
   * One record for each row, by column; a column without a name is `"0"`, the next `"1"`. Optional columns that are
   * missing or null are not in it. Empty when the signature has tensors.
   */
  readonly rows: Record<string, unknown>[];
  /** The caller gave one record, or one plain value, and not a list of them. */
  readonly single: boolean;
  /** The tensors by name, one without a name as `"0"`; only when the signature has tensors. */
  readonly tensors?: Readonly<Record<string, EnforcedTensor>>;
}

/**
 * Checks an input against the inputs of a signature and reads its rows.
 *
 * The input is a record (one row), an array of records, for a signature of one column also a plain value or an array of
 * them, and for columns of scalars a record of arrays (one value for each row). For tensors it is a typed array, nested
 * arrays, or a record of these. It is never changed: rows are new objects, and only what stands under `any` is shared.
 *
 * @param schema null for a model without a signature: then every row is what was given, a plain value as column `"0"`
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` with `details` of `column`, `path`, `expected` and `actual`
 */
export function enforceInput(input: unknown, schema: Schema | null, options: EnforceOptions = {}): EnforcedInput {
  checkOptions(options, ['onWarning']);
  const warn = options.onWarning ?? (() => {});
  return guarded('input', () => {
    if (schema === null) return passThrough(input);
    const root = rootPath('input');
    if (input === undefined || input === null) throw misfit(root, 'a record, or an array of records', input);
    if (isTensors(schema)) return enforceTensors(input, schema, root, warn);
    const columns = schema as readonly ColumnSpec[];
    return columns.every(isNamed)
      ? enforceNamed(input, columns, root, warn)
      : enforceUnnamed(input, columns, root, warn);
  });
}

function isTensors(schema: Schema): schema is readonly TensorSpec[] {
  if (!Array.isArray(schema) || schema.length === 0) {
    throw new GenAIError('ERR_MLFLOW_SIGNATURE', 'The schema must be an array of columns or tensors, and not empty.');
  }
  return schema.every(spec => spec.type === 'tensor');
}

function isNamed(column: ColumnSpec): column is ColumnSpec & { readonly name: ColumnName } {
  return column.name !== undefined && column.name !== null;
}

function passThrough(input: unknown): EnforcedInput {
  const asRow = (item: unknown): Record<string, unknown> => (isRecord(item) ? item : { '0': item });
  if (!Array.isArray(input)) return { rows: [asRow(input)], single: true };
  return { rows: elementsOf(input, rootPath('input')).map(asRow), single: false };
}
