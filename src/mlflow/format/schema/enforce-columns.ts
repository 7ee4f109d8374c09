/** An input against columns with names: which rows it has, and each row against the signature. */
import type { EnforcedInput, Warn } from './enforce.ts';
import { enforceValue, typeName } from './enforce-value.ts';
import { isColumnRequired } from './format-schema.ts';
import { isDataType } from './read-type.ts';
import type { ColumnName, PropertySpec } from './schema-types.ts';
import {
  at,
  elementsOf,
  isList,
  isRecord,
  listNames,
  MOST_NAMES,
  misfit,
  type Path,
  refusal,
  setOwn,
} from './values.ts';

type Row = Record<string, unknown>;

interface Columns {
  readonly list: readonly Column[];
  /** The names are numbers, which pandas gives to columns without one: a row may be an array. */
  readonly numbered: boolean;
  /** Names of the input that the signature does not have: at least one more than a message lists. */
  readonly extras: Set<string>;
}

interface Column {
  readonly name: string;
  readonly type: PropertySpec;
  readonly required: boolean;
}

/** Records by the names of the columns, or plain values where there is only one column. */
export function enforceNamed(
  input: unknown,
  schema: readonly (PropertySpec & { readonly name: ColumnName })[],
  root: Path,
  warn: Warn,
): EnforcedInput {
  const columns: Columns = {
    list: schema.map(column => ({ name: String(column.name), type: column, required: isColumnRequired(column) })),
    numbered: schema.every(column => typeof column.name === 'number'),
    extras: new Set(),
  };
  const result = readRows(input, columns, root);
  if (columns.extras.size > 0) {
    warn(`The input has columns that the signature does not have; they are left out: ${listNames(columns.extras)}.`);
  }
  return result;
}

function readRows(input: unknown, columns: Columns, root: Path): EnforcedInput {
  if (isRecord(input) && isTable(input, columns)) return { rows: readTable(input, columns, root), single: false };
  if (!isList(input)) return { rows: [readRow(input, columns, root)], single: true };
  return { rows: elementsOf(input, root).map((item, index) => readRow(item, columns, at(root, index))), single: false };
}

function readRow(item: unknown, columns: Columns, path: Path): Row {
  if (isRecord(item)) return readRecord(item, columns, path);
  if (isList(item) && columns.numbered) return readRecord({ ...elementsOf(item, path) }, columns, path);
  const [only, more] = columns.list;
  if (only === undefined || more !== undefined || isList(item)) {
    throw misfit(path, `an object with ${listNames(namesOf(columns))}`, item);
  }
  return readRecord({ [only.name]: item }, columns, path);
}

function readRecord(record: Row, columns: Columns, path: Path): Row {
  const given = valuesOf(record, columns);
  refuseMissing(given, record, columns, path);
  const row: Row = {};
  for (const { name, type, required } of columns.list) {
    const value = given.get(name);
    if (value === undefined || (value === null && !required && type.type !== 'any')) continue;
    setOwn(row, name, enforceValue(value, type, required, at(path, name)));
  }
  return row;
}

/** Each member that is a column, read once; the names of the others are noted. */
function valuesOf(record: Row, columns: Columns): Map<string, unknown> {
  const given = new Map<string, unknown>();
  for (const { name } of columns.list) {
    if (Object.hasOwn(record, name)) given.set(name, record[name]);
  }
  if (columns.extras.size <= MOST_NAMES) {
    for (const name of othersOf(record, given)) columns.extras.add(name);
  }
  return given;
}

/** Names that are no columns: some of them, since there may be a million. */
function othersOf(record: Row, given: ReadonlyMap<string, unknown>): string[] {
  const keys = Object.keys(record);
  const others: string[] = [];
  if (keys.length === given.size) return others;
  for (const key of keys) {
    if (!given.has(key)) others.push(key);
    if (others.length > MOST_NAMES) break;
  }
  return others;
}

/** All that are missing at once, since a caller wants to add them at once. */
function refuseMissing(given: ReadonlyMap<string, unknown>, record: Row, columns: Columns, path: Path): void {
  const missing = columns.list.filter(({ name, required }) => required && given.get(name) === undefined);
  const [first] = missing;
  if (first === undefined) return;
  const others = othersOf(record, given);
  const hint = others.length === 0 ? '' : `It has ${listNames(others)}, which the signature does not have.`;
  const why = `has no ${listNames(namesOf({ list: missing }))}, which the signature requires`;
  throw refusal(path, why, { column: first.name, expected: typeName(first.type), actual: 'undefined' }, hint);
}

/** A record of lists for columns of scalars is a table by columns, as a dict of lists is to pandas. */
function isTable(record: Row, { list }: Columns): boolean {
  const holdsList = ({ name }: Column): boolean => Object.hasOwn(record, name) && isList(record[name]);
  return list.every(({ type }) => isDataType(type.type)) && list.some(holdsList);
}

/** What is no list is the same in every row. */
function readTable(record: Row, columns: Columns, root: Path): Row[] {
  const given = valuesOf(record, columns);
  refuseMissing(given, record, columns, root);
  const lists = new Map<string, unknown[]>();
  let length: number | undefined;
  for (const [name, value] of given) {
    if (!isList(value)) continue;
    const items = elementsOf(value, at(root, name));
    length ??= items.length;
    if (items.length !== length) {
      throw refusal(at(root, name), `has ${items.length} values, and another column ${length}`, {
        expected: `${length} values`,
        actual: `${items.length} values`,
      });
    }
    lists.set(name, items);
  }
  return Array.from({ length: length ?? 0 }, (_, index) => {
    const row: Row = {};
    for (const { name, type, required } of columns.list) {
      const items = lists.get(name);
      const value = items === undefined ? given.get(name) : items[index];
      if (value === undefined || (value === null && !required)) continue;
      const path = at(root, name);
      setOwn(row, name, enforceValue(value, type, required, items === undefined ? path : at(path, index)));
    }
    return row;
  });
}

function namesOf({ list }: Pick<Columns, 'list'>): string[] {
  return list.map(column => column.name);
}
