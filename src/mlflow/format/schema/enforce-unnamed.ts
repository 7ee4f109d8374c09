/** An input against columns without names: they are found by their order. */
import type { EnforcedInput, Warn } from './enforce.ts';
import { enforceValue } from './enforce-value.ts';
import type { ColumnSpec } from './schema-types.ts';
import { at, describeValue, elementsOf, isList, isRecord, misfit, type Path, refusal } from './values.ts';

/** Arrays or records with a value for each column; for one column also the values themselves. */
export function enforceUnnamed(input: unknown, columns: readonly ColumnSpec[], root: Path, warn: Warn): EnforcedInput {
  let ignored = false;
  const read = (item: unknown, path: Path): Record<string, unknown> => {
    const plain = columns.length === 1 && columns.every(column => isPlain(item, column));
    const values = plain ? [item] : valuesOf(item, columns.length, path);
    ignored ||= values.length > columns.length;
    const cells = columns.map((column, index) => {
      return [String(index), enforceValue(values[index], column, true, plain ? path : at(path, index))] as const;
    });
    return Object.fromEntries(cells);
  };
  const result: EnforcedInput = isList(input)
    ? { rows: elementsOf(input, root).map((item, index) => read(item, at(root, index))), single: false }
    : { rows: [read(input, root)], single: true };
  if (ignored) {
    warn(`The input has more columns than the ${columns.length} of the signature; the others are left out.`);
  }
  return result;
}

/** Whether a row is the value of the only column, and not an array or a record that holds it. */
function isPlain(item: unknown, column: ColumnSpec): boolean {
  switch (column.type) {
    case 'any':
      return true;
    case 'array':
      // An array in an array of one is a row, unless the column itself holds arrays of arrays.
      return !(isList(item) && item.length === 1 && isList(item[0]) && column.items.type !== 'array');
    case 'object':
    case 'map':
      return !isList(item);
    default:
      return !isList(item) && !isRecord(item);
  }
}

function valuesOf(item: unknown, count: number, path: Path): unknown[] {
  if (!isRecord(item) && !isList(item)) throw misfit(path, `an array of ${count} values, one for each column`, item);
  const values = isList(item) ? elementsOf(item, path) : Object.values(item);
  if (values.length >= count) return values;
  const why = `must have a value for each of the ${count} columns of the signature, but has ${values.length}`;
  throw refusal(path, why, { expected: `${count} values`, actual: describeValue(item) });
}
