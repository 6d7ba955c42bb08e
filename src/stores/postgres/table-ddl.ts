// The statements that make a table of the model. Types and defaults stand in the database too, so that writes from outside
// keep them; checks, keys and indexes are in table-objects.ts.

import type { Column, TableModel } from '../../tables/model.ts';
import { sqlObjectName } from '../../tables/names.ts';
import { STAMP_TRIGGER } from './database-state.ts';
import { encodeParameter } from './encode-parameter.ts';
import { isText, quoteName, quoteText, SYSTEM_SCHEMA, sqlType, tableName } from './sql-text.ts';

/** The functions and the sequence that tables need; made once a database. */
export function systemObjects(serverVersion: number): string[] {
  const schema = quoteName(SYSTEM_SCHEMA);
  const newId =
    serverVersion >= 180_000
      ? 'SELECT uuidv7()::text'
      : // RFC 9562 section 5.7: 48 bits of milliseconds over the random bits of a version 4 id, then the version nibble.
        `SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
           substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid::text`;
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `CREATE SEQUENCE IF NOT EXISTS ${schema}.row_version CACHE 32`,
    `CREATE OR REPLACE FUNCTION ${schema}.new_id() RETURNS text LANGUAGE sql VOLATILE AS $$ ${newId} $$`,
    `CREATE OR REPLACE FUNCTION ${schema}.stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := pg_catalog.clock_timestamp();
BEGIN
  NEW.created_at := CASE WHEN TG_OP = 'INSERT' THEN moment ELSE OLD.created_at END;
  NEW.updated_at := moment;
  NEW.version := pg_catalog.nextval('${SYSTEM_SCHEMA}.row_version');
  RETURN NEW;
END $$`,
  ];
}

/** A table with its columns and primary key, and the trigger that keeps the system columns. */
export function createTable(table: TableModel): string[] {
  const lines = [
    ...[...table.columns.values()].map(columnDefinition),
    `CONSTRAINT ${quoteName(sqlObjectName([table.sqlName], 'pkey'))} PRIMARY KEY ("id")`,
  ];
  return [
    `CREATE TABLE ${tableName(table)} (\n  ${lines.join(',\n  ')}\n)`,
    `CREATE TRIGGER ${quoteName(STAMP_TRIGGER)} BEFORE INSERT OR UPDATE ON ${tableName(table)} FOR EACH ROW EXECUTE FUNCTION ${quoteName(SYSTEM_SCHEMA)}.stamp_row()`,
  ];
}

/** One column, as CREATE TABLE and ADD COLUMN take it. */
export function columnDefinition(column: Column): string {
  const type = `${sqlType(column.type, column.list)}${isText(column.type) ? ' COLLATE "C"' : ''}`;
  const fallback = defaultExpression(column);
  return [
    quoteName(column.sqlName),
    type,
    column.required ? 'NOT NULL' : '',
    fallback === null ? '' : `DEFAULT ${fallback}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The default of a column as SQL; null when it has none. */
export function defaultExpression(column: Column): string | null {
  if (column.name === 'id') return `${quoteName(SYSTEM_SCHEMA)}.new_id()`;
  if (column.name === 'deleted' && column.system) return 'FALSE';
  // The trigger sets them; a default lets a column be added to rows that exist.
  if (column.system) return column.type.name === 'Version' ? '0' : 'now()';
  if (column.defaultValue === undefined) return null;
  const type = sqlType(column.type, column.list);
  const value = encodeParameter(column, column.defaultValue);
  if (Array.isArray(value)) return `ARRAY[${value.map((item) => quoteText(String(item))).join(', ')}]::${type}`;
  if (column.type.name === 'Bytes') return `decode(${quoteText(String(value))}, 'base64')`;
  return `${quoteText(String(value))}::${type}`;
}
