// Columns whose type changed such that every value keeps its meaning: a whole number becomes a larger one or a decimal, a
// plain value its text, one value a list of one. The column stays where it is, and so do its rows. What could lose
// something is not here, and is refused.

import type { Column, TableModel } from '../../tables/model.ts';
import { sqlObjectName } from '../../tables/names.ts';
import type { TableState } from './database-state.ts';
import { isText, quoteName, sqlType, tableName } from './sql-text.ts';
import { defaultExpression } from './table-ddl.ts';
import { dropObject } from './table-objects.ts';

/** A change to carry out. `step` is in words. */
export interface TypeChange {
  readonly statements: readonly string[];
  readonly step: string;
}

/** The value of a column in its new type, by old and new SQL type. `bigint` in a double would lose digits; it is not here. */
const LOSSLESS: Readonly<Record<string, Readonly<Record<string, (value: string) => string>>>> = {
  integer: {
    bigint: cast('bigint'),
    'double precision': cast('double precision'),
    numeric: cast('numeric'),
    text: cast('text'),
  },
  bigint: { numeric: cast('numeric'), text: cast('text') },
  numeric: { text: cast('text') },
  uuid: { text: cast('text') },
  boolean: { text: cast('text') },
  date: {
    'timestamp with time zone': (value) => `${value}::timestamp AT TIME ZONE 'UTC'`,
    text: (value) => `to_char(${value}, 'YYYY-MM-DD')`,
  },
};

function cast(type: string): (value: string) => string {
  return (value) => `${value}::${type}`;
}

/** The changes of type that a table needs and that lose nothing, and what the table is after them. */
export function planTypeChanges(
  table: TableModel,
  found: TableState,
): { readonly changes: readonly TypeChange[]; readonly found: TableState } {
  const changes: TypeChange[] = [];
  const columns = new Map(found.columns);
  const objects = new Map(found.objects);
  for (const column of table.columns.values()) {
    const existing = columns.get(column.sqlName);
    const wanted = sqlType(column.type, column.list);
    const convert = existing && conversion(existing.type, wanted);
    if (!existing || !convert || column.system || column.relation !== null) continue;
    const check = sqlObjectName([table.sqlName, column.sqlName], 'check');
    const owned = objects.get(check);
    changes.push({
      statements: [...(owned ? [dropObject(table, check, owned)] : []), changeType(table, column, wanted, convert)],
      step: `change ${table.name}.${column.name} from ${existing.type} to ${wanted}`,
    });
    columns.set(column.sqlName, { ...existing, type: wanted });
    objects.delete(check);
  }
  return { changes, found: { ...found, columns, objects } };
}

function conversion(from: string, to: string): ((value: string) => string) | undefined {
  if (to === `${from}[]`) return (value) => `CASE WHEN ${value} IS NULL THEN NULL ELSE ARRAY[${value}] END`;
  return LOSSLESS[from]?.[to];
}

/** One statement, which rewrites the table once; a default of the old type would stand in the way. */
function changeType(table: TableModel, column: Column, wanted: string, convert: (value: string) => string): string {
  const name = quoteName(column.sqlName);
  const collate = isText(column.type) ? ' COLLATE "C"' : '';
  const fallback = defaultExpression(column);
  return [
    `ALTER TABLE ${tableName(table)} ALTER COLUMN ${name} DROP DEFAULT`,
    `ALTER COLUMN ${name} TYPE ${wanted}${collate} USING ${convert(name)}`,
    ...(fallback === null ? [] : [`ALTER COLUMN ${name} SET DEFAULT ${fallback}`]),
  ].join(', ');
}
