// The statements that make a table of the model and its columns. Types and defaults stand in the database too, so that writes
// from outside keep them; checks, keys and indexes are in table-objects.ts.

import type { Column, TableModel } from '../../../tables/model.ts';
import { sqlObjectName } from '../../../tables/names.ts';
import { captureTable } from '../change-log/capture-table.ts';
import { encodeParameter } from '../encode-parameter.ts';
import { isText, quoteName, quoteText, SYSTEM_SCHEMA, sqlType, tableName } from '../sql-text.ts';
import { DEFAULT_BY, STAMP_TRIGGER } from './database-state.ts';

/** A table with its columns and primary key, the trigger that keeps the system columns, and those that log its changes. */
export function createTable(table: TableModel): string[] {
  const lines = [
    ...[...table.columns.values()].map(columnDefinition),
    `CONSTRAINT ${quoteName(sqlObjectName([table.sqlName], 'pkey'))} PRIMARY KEY ("id")`,
  ];
  return [
    `CREATE TABLE ${tableName(table)} (\n  ${lines.join(',\n  ')}\n)`,
    `CREATE TRIGGER ${quoteName(STAMP_TRIGGER)} BEFORE INSERT OR UPDATE ON ${tableName(table)} FOR EACH ROW EXECUTE FUNCTION ${quoteName(SYSTEM_SCHEMA)}.stamp_row()`,
    ...captureTable(table),
    ...[...table.columns.values()].flatMap((column) => noteDefault(table, column)),
  ];
}

/** The statements that add a column to a table that is there. */
export function addColumn(table: TableModel, column: Column): string[] {
  return [`ALTER TABLE ${tableName(table)} ADD COLUMN ${columnDefinition(column)}`, ...noteDefault(table, column)];
}

/** The statements that give a column the default of the model, or none. */
export function setDefault(table: TableModel, column: Column): string[] {
  const place = `${tableName(table)} ALTER COLUMN ${quoteName(column.sqlName)}`;
  const value = ownDefault(column);
  if (value !== null) return [`ALTER TABLE ${place} SET DEFAULT ${value}`, ...noteDefault(table, column)];
  return [
    `ALTER TABLE ${place} DROP DEFAULT`,
    `COMMENT ON COLUMN ${tableName(table)}.${quoteName(column.sqlName)} IS NULL`,
  ];
}

/** The default that the model gives a column, as SQL; null when it gives none. */
export function ownDefault(column: Column): string | null {
  if (column.system || column.defaultValue === undefined) return null;
  const type = sqlType(column.type, column.list);
  const value = encodeParameter(column, column.defaultValue);
  if (Array.isArray(value)) return `ARRAY[${value.map((item) => quoteText(String(item))).join(', ')}]::${type}`;
  if (column.type.name === 'Bytes') return `decode(${quoteText(String(value))}, 'base64')`;
  return `${quoteText(String(value))}::${type}`;
}

/** Says on the column which default is ours, so that another one is known when the schema changes it. */
function noteDefault(table: TableModel, column: Column): string[] {
  const value = ownDefault(column);
  if (value === null) return [];
  return [`COMMENT ON COLUMN ${tableName(table)}.${quoteName(column.sqlName)} IS ${quoteText(DEFAULT_BY + value)}`];
}

/** One column, as CREATE TABLE and ADD COLUMN take it. */
function columnDefinition(column: Column): string {
  const type = `${sqlType(column.type, column.list)}${isText(column.type) ? ' COLLATE "C"' : ''}`;
  const fallback = ownDefault(column) ?? systemDefault(column);
  return [
    quoteName(column.sqlName),
    type,
    column.required ? 'NOT NULL' : '',
    fallback === null ? '' : `DEFAULT ${fallback}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The trigger sets what is the system's; a default lets a column be added to rows that exist. */
function systemDefault(column: Column): string | null {
  if (column.name === 'id') return `${quoteName(SYSTEM_SCHEMA)}.new_id()`;
  if (!column.system) return null;
  return { Version: '0', Boolean: 'FALSE', DateTime: 'now()' }[column.type.name] ?? null;
}
