/**
 * Inputs and outputs of a signature, checked as MLflow checks them when it reads them.
 * Source: mlflow/types/schema.py of MLflow 3.17.2 (`ColSpec`, `TensorSpec`, `Schema`).
 */
import { type Fields, isDataType, isRequired, mapping, quote, readType, schemaError } from './read-type.ts';
import type { ColumnName, ColumnSpec, Schema, TensorSpec } from './schema-types.ts';

const COLUMN_FIELDS = ['type', 'name', 'required'];

/**
 * The columns or tensors of plain data, in the normal form that MLflow writes: properties sorted, `required` written
 * out. Only a column of type array, object, map or any whose `required` is missing or null keeps it missing: it is
 * optional, and MLflow treats it otherwise than one with `required: false` when columns have no names.
 *
 * @param what names the schema in messages: `signature.inputs`
 * @throws {GenAIError} `ERR_MLFLOW_SIGNATURE`
 */
export function readSchema(value: unknown, what: string): Schema {
  if (!Array.isArray(value)) throw schemaError(what, `must be a list of columns, but is ${quote(value)}`);
  if (value.length === 0) throw schemaError(what, 'is empty: a schema needs a column');
  const columns = value.map((item: unknown, index) => readColumn(item, `${what}[${index}]`));
  const tensors = columns.filter(column => column.type === 'tensor').length;
  if (tensors > 0 && tensors < columns.length) throw schemaError(what, 'mixes tensors with columns of other types');
  const unnamed = columns.filter(column => column.name === undefined);
  if (unnamed.length > 0 && unnamed.length < columns.length) {
    throw schemaError(what, 'mixes columns with and without a name: name all of them or none');
  }
  if (unnamed.length > 1 && tensors > 0)
    throw schemaError(what, 'has several tensors without a name: name all of them');
  if (unnamed.some(column => 'required' in column && !column.required)) {
    throw schemaError(what, 'has an optional column without a name: name the columns, or make all of them required');
  }
  return columns;
}

function readColumn(value: unknown, what: string): ColumnSpec | TensorSpec {
  const fields = mapping(value, what);
  const name = readName(fields['name'], what);
  if (fields['type'] === 'tensor') return { type: 'tensor', 'tensor-spec': readTensor(fields, what), ...name };
  const type = readType(fields, what);
  if (!isDataType(type.type)) {
    const required = fields['required'] ?? null;
    return { ...type, ...name, ...(required === null ? {} : { required: isRequired(required) }) };
  }
  // MLflow ignores what it does not know in all other places.
  const unknown = Object.keys(fields).find(key => !COLUMN_FIELDS.includes(key) && fields[key] !== undefined);
  if (unknown !== undefined) {
    const hint = unknown === 'optional' ? '; since MLflow 2.11 it is "required", with the opposite meaning' : '';
    throw schemaError(what, `has the unknown key "${unknown}"${hint}`);
  }
  return { ...type, ...name, required: isRequired(fields['required']) };
}

function readName(name: unknown, what: string): { name?: ColumnName } {
  if (name === undefined || name === null) return {};
  if (typeof name === 'string' || typeof name === 'number') return { name };
  throw schemaError(what, `has the name ${quote(name)}, which is no text`);
}

function readTensor(fields: Fields, what: string): TensorSpec['tensor-spec'] {
  const tensor = mapping(fields['tensor-spec'], `${what}.tensor-spec`);
  const { dtype, shape } = tensor;
  if (!Array.isArray(shape) || !shape.every(size => Number.isSafeInteger(size))) {
    throw schemaError(`${what}.tensor-spec.shape`, `must be a list of whole numbers, but is ${quote(shape)}`);
  }
  return { dtype: readDtype(dtype, `${what}.tensor-spec.dtype`), shape: shape as number[] };
}

/** Names of numpy that stand for another one. The codes of a letter and a size, such as `f4`, are not known here. */
const DTYPE_ALIASES: Readonly<Record<string, string>> = {
  int: 'int64',
  uint: 'uint64',
  float: 'float64',
  half: 'float16',
  single: 'float32',
  double: 'float64',
  U: 'str',
  S: 'bytes',
  O: 'object',
};

const DTYPE =
  /^(?:bool|u?int(?:8|16|32|64)|float(?:16|32|64|128)|complex(?:64|128|256)|str|bytes|object|(?:datetime|timedelta)64(?:\[(?:\d*(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as))\])?)$/;

function readDtype(value: unknown, what: string): string {
  const dtype = typeof value === 'string' ? (DTYPE_ALIASES[value] ?? value) : '';
  if (DTYPE.test(dtype)) return dtype;
  throw schemaError(
    what,
    `must be the name of a numpy type without a size of texts (float32, int64, str), but is ${quote(value)}`,
  );
}
