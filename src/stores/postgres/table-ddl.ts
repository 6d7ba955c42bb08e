// The statements that make a table of the model. Types, defaults and checks stand in the database too, so that writes
// from outside keep them.

import { type Column, columnOf, type Relation, type TableModel } from '../../tables/model.ts';
import { sqlObjectName } from '../../tables/names.ts';
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

/** A table with its columns, primary key and checks, and the trigger that keeps the system columns. */
export function createTable(table: TableModel): string[] {
  const lines = [
    ...[...table.columns.values()].map((column) => columnDefinition(table, column)),
    `CONSTRAINT ${quoteName(sqlObjectName([table.sqlName], 'pkey'))} PRIMARY KEY ("id")`,
  ];
  return [
    `CREATE TABLE ${tableName(table)} (\n  ${lines.join(',\n  ')}\n)`,
    `CREATE TRIGGER "tablecast_stamp" BEFORE INSERT OR UPDATE ON ${tableName(table)} FOR EACH ROW EXECUTE FUNCTION ${quoteName(SYSTEM_SCHEMA)}.stamp_row()`,
  ];
}

/** What comes when all tables are there: foreign keys, uniques among the living, indexes. */
export function createConstraints(table: TableModel, tableOf: (name: string) => TableModel): string[] {
  const names = (columns: readonly string[]) => columns.map((name) => columnOf(table, name).sqlName);
  const list = (columns: readonly string[]) => columns.map(quoteName).join(', ');
  const living = table.softDelete ? ' WHERE "deleted" = FALSE' : '';
  return [
    ...[...table.relations.values()]
      .filter((relation) => relation.kind === 'belongsTo')
      .map((relation) => foreignKey(table, relation, tableOf(relation.target))),
    ...table.keys.slice(1).map(({ columns }) => {
      const key = sqlObjectName([table.sqlName, ...names(columns)], 'key');
      return `CREATE UNIQUE INDEX ${quoteName(key)} ON ${tableName(table)} (${list(names(columns))})${living}`;
    }),
    ...table.indexes.map(({ columns }) => {
      const index = sqlObjectName([table.sqlName, ...names(columns)], 'idx');
      return `CREATE INDEX ${quoteName(index)} ON ${tableName(table)} (${list(names(columns))})`;
    }),
  ];
}

const ON_DELETE = { RESTRICT: 'RESTRICT', CASCADE: 'CASCADE', SET_NULL: 'SET NULL' } as const;

function foreignKey(table: TableModel, relation: Relation, target: TableModel): string {
  const column = columnOf(table, relation.column).sqlName;
  const name = sqlObjectName([table.sqlName, column], 'fkey');
  return `ALTER TABLE ${tableName(table)} ADD CONSTRAINT ${quoteName(name)} FOREIGN KEY (${quoteName(column)}) REFERENCES ${tableName(target)} ("id") ON DELETE ${ON_DELETE[relation.onDelete]}`;
}

/** One column, as CREATE TABLE and ADD COLUMN take it. */
export function columnDefinition(table: TableModel, column: Column): string {
  const type = `${sqlType(column.type, column.list)}${isText(column.type) ? ' COLLATE "C"' : ''}`;
  const fallback = defaultExpression(column);
  return [
    quoteName(column.sqlName),
    type,
    column.required ? 'NOT NULL' : '',
    fallback === null ? '' : `DEFAULT ${fallback}`,
    checkConstraint(table, column),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function defaultExpression(column: Column): string | null {
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

function checkConstraint(table: TableModel, column: Column): string {
  const name = quoteName(column.sqlName);
  const conditions: string[] = [];
  if (column.type.kind === 'enum') {
    const values = column.type.values.map(quoteText).join(', ');
    conditions.push(column.list ? `${name} <@ ARRAY[${values}]::text[]` : `${name} IN (${values})`);
  }
  const { length, range } = column.checks;
  if (length?.min != null) conditions.push(`char_length(${name}) >= ${length.min}`);
  if (length?.max != null) conditions.push(`char_length(${name}) <= ${length.max}`);
  if (range?.min != null) conditions.push(`${name} >= ${range.min}`);
  if (range?.max != null) conditions.push(`${name} <= ${range.max}`);
  if (conditions.length === 0) return '';
  return `CONSTRAINT ${quoteName(sqlObjectName([table.sqlName, column.sqlName], 'check'))} CHECK (${conditions.join(' AND ')})`;
}
