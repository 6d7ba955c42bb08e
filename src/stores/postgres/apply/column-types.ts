// Columns whose type changed. The column stays where it is and so do its rows, in one rewrite of the table.

import { type Column, columnOf, type TableModel } from '../../../tables/model.ts';
import { sqlObjectName } from '../../../tables/names.ts';
import { logReset } from '../change-log/capture-table.ts';
import { isText, quoteName, sqlType, tableName } from '../sql-text.ts';
import { conversionOf } from './conversions.ts';
import type { TableState } from './database-state.ts';
import { type Hazard, type PlanDraft, rowsInWords } from './model-plan.ts';
import { ownDefault } from './table-ddl.ts';
import { dropObject, orderIndexName } from './table-objects.ts';

/** Plans the changes of type that a table needs; answers what the table is after them. */
export function planColumnTypes(table: TableModel, found: TableState, draft: PlanDraft): TableState {
  const columns = new Map(found.columns);
  const objects = new Map(found.objects);
  for (const column of table.columns.values()) {
    const existing = columns.get(column.sqlName);
    const wanted = sqlType(column.type, column.list);
    if (!existing || existing.type === wanted) continue;
    if (column.system || column.name === 'id') {
      draft.refusals.push(
        `${table.name}.${column.name} is ${existing.type} in the database, and the service keeps it as ${wanted}: change it back`,
      );
      continue;
    }
    // Conditions and indexes over the old type would stand in the way, and are made anew for the new one.
    for (const [name, object] of objects) {
      if (!concerns(table, column, name)) continue;
      draft.changes.push({ statements: [dropObject(table, name, object)], step: null, impact: 'moment', table: found });
      objects.delete(name);
    }
    const value = convertedValue(column, existing.type, quoteName(column.sqlName));
    const { keeps } = conversionOf(existing.type, wanted);
    draft.changes.push({
      // No trigger fires for what a rewrite does to the rows.
      statements: [changeType(table, column, wanted, value), logReset(table)],
      step: `change ${table.name}.${column.name} from ${existing.type} to ${wanted}`,
      impact: 'rewrite',
      table: found,
      ...(keeps === null ? {} : { hazard: narrowing(table, column, found, keeps, wanted) }),
    });
    columns.set(column.sqlName, { ...existing, type: wanted, ownDefault: null, hasDefault: false });
  }
  return { ...found, columns, objects };
}

/** What becomes of a value of type `from`: itself in the column's type, or, where it cannot be kept, the default or null. */
export function convertedValue(column: Column, from: string, value: string): string {
  const wanted = sqlType(column.type, column.list);
  const { convert, keeps } = conversionOf(from, wanted);
  if (keeps === null) return `CASE WHEN ${value} IS NOT NULL THEN ${convert(value)} END`;
  const fallback = ownDefault(column) ?? `NULL::${wanted}`;
  return `CASE WHEN ${keeps(value)} THEN ${convert(value)} WHEN ${value} IS NOT NULL THEN ${fallback} END`;
}

function narrowing(
  table: TableModel,
  column: Column,
  found: TableState,
  keeps: (value: string) => string,
  wanted: string,
): Hazard {
  const existing = found.columns.get(column.sqlName);
  const value = quoteName(existing?.name ?? column.sqlName);
  const name = `${table.name}.${column.name}`;
  const replaced = column.defaultValue !== undefined ? 'becomes the default' : 'becomes null';
  return {
    count: `SELECT count(*) AS rows FROM ${tableName({ sqlName: found.name })} WHERE ${value} IS NOT NULL AND NOT (${keeps(value)})`,
    words: (rows) =>
      `${name} is ${existing?.type} in the database, and ${wanted} (${column.type.name}) in the schema: ${rowsInWords(rows)} would lose the value`,
    allowed:
      column.required && column.defaultValue === undefined
        ? null
        : { name: `narrow:${name}`, words: `what cannot be kept ${replaced}`, mend: [] },
  };
}

/** Whether a check or index of ours is over the column. */
function concerns(table: TableModel, column: Column, object: string): boolean {
  const own = ['check', 'fkey'].map((suffix) =>
    sqlObjectName([table.sqlName, column.sqlName], suffix as 'check' | 'fkey'),
  );
  if (own.includes(object)) return true;
  const lists = [...table.keys, ...table.indexes].filter(({ columns }) => columns.includes(column.name));
  return lists.some(({ columns }) => {
    const names = columns.map((name) => columnOf(table, name).sqlName);
    const parts = [table.sqlName, ...names];
    const kept = [sqlObjectName(parts, 'key'), sqlObjectName(parts, 'idx'), orderIndexName(parts)];
    return kept.includes(object);
  });
}

/** One statement, which rewrites the table once; a default of the old type would stand in the way. */
function changeType(table: TableModel, column: Column, wanted: string, value: string): string {
  const name = quoteName(column.sqlName);
  const collate = isText(column.type) ? ' COLLATE "C"' : '';
  return [
    `ALTER TABLE ${tableName(table)} ALTER COLUMN ${name} DROP DEFAULT`,
    `ALTER COLUMN ${name} TYPE ${wanted}${collate} USING ${value}`,
  ].join(', ');
}
