/** Schemas as Python prints them, and as MLflow writes them to JSON. Both are to be equal to the letter. */
import { byCodePoint } from '../python/code-points.ts';
import { pythonJson } from '../python/python-json.ts';
import { PythonFloat, pythonFloat } from '../python/python-number.ts';
import { pythonRepr, reprOfTuple } from '../python/python-repr.ts';
import { reprOfTime, strOfTime } from './param-time.ts';
import { isDataType } from './read-type.ts';
import type {
  ColumnSpec,
  DataType,
  ParamSchema,
  ParamSpec,
  PropertySpec,
  Schema,
  TensorSpec,
  TypeSpec,
} from './schema-types.ts';

/** As Python's `repr(schema)`: `['prompt': string (required)]`. */
export function formatSchema(schema: Schema): string {
  return `[${schema.map(formatColumn).join(', ')}]`;
}

/** As Python's `repr(param_schema)`: `['temperature': double (default: 0.2)]`. */
export function formatParams(params: ParamSchema): string {
  return `[${params.map(formatParam).join(', ')}]`;
}

/** As Python's `repr(type)`: `Array({content: string (required)})`. */
export function formatType(type: TypeSpec): string {
  switch (type.type) {
    case 'array':
      return `Array(${formatType(type.items)})`;
    case 'object':
      return formatProperties(type.properties);
    case 'map':
      // MLflow prints the values by str(), which names a scalar by its class.
      return `Map(str -> ${isDataType(type.values.type) ? 'DataType.' : ''}${formatType(type.values)})`;
    case 'any':
      return 'Any';
    default:
      return type.type;
  }
}

function formatProperties(properties: Properties): string {
  const members = sorted(properties).map(
    ([name, property]) => `${name}: ${formatType(property)} ${need(property.required ?? true)}`,
  );
  return `{${members.join(', ')}}`;
}

type Properties = Readonly<Record<string, PropertySpec>>;

/** JavaScript puts names of digits first, whatever the order they were given in. */
function sorted(properties: Properties): [string, PropertySpec][] {
  return Object.entries(properties).sort(([a], [b]) => byCodePoint(a, b));
}

function formatColumn(column: ColumnSpec | TensorSpec): string {
  const name = column.name === undefined ? '' : `${pythonRepr(column.name)}: `;
  if (column.type === 'tensor') {
    const { dtype, shape } = column['tensor-spec'];
    return `${name}Tensor(${pythonRepr(dtype)}, ${reprOfTuple(shape)})`;
  }
  return `${name}${formatType(column)} ${need(isColumnRequired(column))}`;
}

/** Whether a column must be given: a missing `required` means so for scalars only. */
export function isColumnRequired(column: ColumnSpec): boolean {
  return column.required ?? isDataType(column.type);
}

function need(required: boolean): string {
  return required ? '(required)' : '(optional)';
}

function formatParam(param: ParamSpec): string {
  const type = param.type === 'object' ? formatProperties(param.properties) : param.type;
  const shape = param.shape === null ? '' : ` (shape: ${reprOfTuple(param.shape)})`;
  return `${pythonRepr(param.name)}: ${type} (default: ${formatDefault(param)})${shape}`;
}

function formatDefault(param: ParamSpec): string {
  const { default: preset, type } = param;
  if (param.type === 'object') return pythonRepr(markFloats(preset, param));
  if (Array.isArray(preset)) return `[${preset.map(item => reprOfScalar(item, param.type)).join(', ')}]`;
  if (typeof preset === 'string') return type === 'datetime' ? strOfTime(preset) : preset;
  return reprOfScalar(preset, param.type);
}

function reprOfScalar(value: unknown, type: DataType): string {
  if (type === 'datetime' && typeof value === 'string') return reprOfTime(value);
  return typeof value === 'number' && isFloat(type) ? pythonFloat(value) : pythonRepr(value);
}

/** The JSON text of inputs or outputs that stands in an MLmodel file. */
export function schemaJson(schema: Schema): string {
  return pythonJson(schema.map(columnData));
}

/** The JSON text of parameters that stands in an MLmodel file. */
export function paramsJson(params: ParamSchema): string {
  return pythonJson(params.map(paramData));
}

function columnData(column: ColumnSpec | TensorSpec): unknown {
  const { name } = column;
  if (column.type === 'tensor') return { name, type: column.type, 'tensor-spec': column['tensor-spec'] };
  return { ...typeData(column), name, required: column.required ?? (isDataType(column.type) ? true : null) };
}

/** The members in MLflow's order, and nothing else. */
function typeData(type: TypeSpec): Readonly<Record<string, unknown>> {
  switch (type.type) {
    case 'array':
      return { type: type.type, items: typeData(type.items) };
    case 'map':
      return { type: type.type, values: typeData(type.values) };
    case 'object':
      return { type: type.type, properties: propertiesData(type.properties) };
    default:
      return { type: type.type };
  }
}

function propertiesData(properties: Properties): ReadonlyMap<string, unknown> {
  return new Map(
    sorted(properties).map(([name, property]) => {
      return [name, { ...typeData(property), required: property.required ?? true }] as const;
    }),
  );
}

function paramData(param: ParamSpec): unknown {
  const { name, shape } = param;
  const preset = markFloats(param.default, param.type === 'object' ? param : { type: param.type });
  const properties = param.type === 'object' ? { properties: propertiesData(param.properties) } : {};
  return { name, default: preset, shape, type: param.type, ...properties };
}

/** Numbers that are floats by their type, where JavaScript does not tell 1.0 from 1. */
function markFloats(value: unknown, type: TypeSpec): unknown {
  if (Array.isArray(value)) {
    const items: TypeSpec = type.type === 'array' ? type.items : type;
    return value.map(item => markFloats(item, items));
  }
  if (typeof value === 'number') return isDataType(type.type) && isFloat(type.type) ? new PythonFloat(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, markFloats(item, memberType(type, key))] as const);
  return Object.fromEntries(entries);
}

function memberType(type: TypeSpec, key: string): TypeSpec {
  if (type.type === 'map') return type.values;
  return (type.type === 'object' && Object.hasOwn(type.properties, key) && type.properties[key]) || { type: 'any' };
}

function isFloat(type: DataType): boolean {
  return type === 'float' || type === 'double';
}
