// What a database holds now, as far as the model is concerned.

import type pg from 'pg';
import { CHANGE_TRIGGER, TRUNCATE_TRIGGER } from '../change-log/capture-table.ts';
import { APP_SCHEMA, ROOT_COLLATION, type TextCollation } from '../sql-text.ts';

export interface DatabaseState {
  /** What the server can order texts by. */
  readonly textCollation: TextCollation;
  /** Tables by name, and whatever else has a table's name. */
  readonly tables: ReadonlyMap<string, TableState>;
}

export interface TableState {
  /** What it is called in the database, before anything is renamed. */
  readonly name: string;
  /** The trigger that keeps the system columns is there: the table was made by this service. */
  readonly stamped: boolean;
  /** The triggers are there that log its changes. */
  readonly captured: boolean;
  /** A table that this service made between two others. */
  readonly link: boolean;
  /** Rows and bytes as PostgreSQL last estimated them; rows is -1 when it never did. */
  readonly rows: number;
  readonly bytes: number;
  readonly columns: ReadonlyMap<string, ColumnState>;
  /** The checks, foreign keys and indexes that this service made, by name. */
  readonly objects: ReadonlyMap<string, ObjectState>;
  /** Those that somebody else made, and triggers, in words: `index "by_hand"`. */
  readonly foreign: readonly string[];
}

export interface ColumnState {
  /** What it is called in the database, before anything is renamed. */
  readonly name: string;
  /** As `format_type` spells it. */
  readonly type: string;
  readonly required: boolean;
  readonly hasDefault: boolean;
  /** The default that this service gave it, as SQL; null when it gave none. */
  readonly ownDefault: string | null;
}

/** A check, a foreign key or an index of ours. */
export interface ObjectState {
  readonly kind: 'constraint' | 'index';
  /** The statement that made it. Empty for an index that was begun and not finished. */
  readonly create: string;
  /** All rows keep to it. A constraint that was not validated yet holds for new rows only; an invalid index for none. */
  readonly valid: boolean;
  /** A constraint that was allowed to hold for new rows only. */
  readonly tolerant: boolean;
}

/** How the comment on an object of ours begins; the statement that made it follows. */
export const MADE_BY = 'Made by Tablecast: ';
/** Likewise, of a constraint that rows from before need not keep to. */
export const MADE_OVER_ROWS = 'Made by Tablecast, for new rows only: ';
/** How the comment on a column begins that has a default of ours; the expression follows. */
export const DEFAULT_BY = 'Default by Tablecast: ';
/** The trigger of every table of ours. */
export const STAMP_TRIGGER = 'tablecast_stamp';
/** How the names of indexes end that are replaced, and of the few that only live while tables are changed. */
const OWN_NAME = /\.(key|idx|old)$/;

/** The triggers of ours, which are nobody else's. */
const OWN_TRIGGERS = [STAMP_TRIGGER, CHANGE_TRIGGER, TRUNCATE_TRIGGER];

interface TableRow {
  readonly table: string;
  readonly stamped: boolean;
  readonly captured: boolean;
  readonly comment: string | null;
  readonly rows: number;
  readonly bytes: string;
}

interface ObjectRow {
  readonly table: string;
  readonly name: string;
  readonly kind: 'constraint' | 'index' | 'trigger';
  readonly valid: boolean;
  readonly comment: string | null;
}

const TABLES = `
SELECT c.relname AS "table", c.reltuples AS rows, pg_total_relation_size(c.oid) AS bytes,
       obj_description(c.oid, 'pg_class') AS comment,
       EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '${STAMP_TRIGGER}') AS stamped,
       (SELECT count(*) = 2 FROM pg_trigger t
         WHERE t.tgrelid = c.oid AND t.tgname IN ('${CHANGE_TRIGGER}', '${TRUNCATE_TRIGGER}')) AS captured
  FROM pg_class c
 WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
 ORDER BY c.relname COLLATE "C"`;

const COLUMNS = `
SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
       a.atthasdef AS "hasDefault", col_description(c.oid, a.attnum) AS comment
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY c.relname COLLATE "C", a.attnum`;

/** Primary keys and NOT NULL are told by their columns; the index of a constraint is the constraint's. */
const OBJECTS = `
SELECT c.relname AS "table", o.conname AS name, 'constraint' AS kind, o.convalidated AS valid,
       obj_description(o.oid, 'pg_constraint') AS comment
  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
 WHERE c.relnamespace = to_regnamespace($1) AND o.contype NOT IN ('p', 'n', 't')
UNION ALL
SELECT c.relname, o.relname, 'index', i.indisvalid, obj_description(o.oid, 'pg_class')
  FROM pg_index i JOIN pg_class o ON o.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
 WHERE c.relnamespace = to_regnamespace($1) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT c.relname, t.tgname, 'trigger', TRUE, NULL
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = to_regnamespace($1) AND NOT t.tgisinternal AND t.tgname <> ALL ($2)
 ORDER BY 1, 2`;

/** Reads the state in four statements, whatever the number of tables. */
export async function readDatabaseState(client: pg.ClientBase): Promise<DatabaseState> {
  const server = await client.query<{ unicode: boolean }>(
    `SELECT to_regcollation('${ROOT_COLLATION}') IS NOT NULL AS unicode`,
  );
  const tables = await client.query<TableRow>(TABLES, [APP_SCHEMA]);
  const columns = await client.query<{ table: string; comment: string | null } & ColumnState>(COLUMNS, [APP_SCHEMA]);
  const objects = await client.query<ObjectRow>(OBJECTS, [APP_SCHEMA, OWN_TRIGGERS]);
  const found = new Map<string, MutableTableState>();
  for (const { table, comment, stamped, captured, rows, bytes } of tables.rows) {
    const link = comment?.startsWith(MADE_BY) ?? false;
    const empty = { columns: new Map(), objects: new Map(), foreign: [] };
    found.set(table, { name: table, stamped, captured, link, rows: Number(rows), bytes: Number(bytes), ...empty });
  }
  for (const { table, comment, ...column } of columns.rows) {
    const ownDefault = comment?.startsWith(DEFAULT_BY) ? comment.slice(DEFAULT_BY.length) : null;
    found.get(table)?.columns.set(column.name, { ...column, ownDefault });
  }
  for (const row of objects.rows) {
    const own = ownObject(row);
    if (own) found.get(row.table)?.objects.set(row.name, own);
    else found.get(row.table)?.foreign.push(`${row.kind} "${row.name}"`);
  }
  return { textCollation: server.rows[0]?.unicode ? ROOT_COLLATION : '"C"', tables: found };
}

interface MutableTableState extends TableState {
  readonly columns: Map<string, ColumnState>;
  readonly objects: Map<string, ObjectState>;
  readonly foreign: string[];
}

function ownObject({ kind, name, comment, valid }: ObjectRow): ObjectState | null {
  if (kind === 'trigger') return null;
  if (comment?.startsWith(MADE_BY)) return { kind, create: comment.slice(MADE_BY.length), valid, tolerant: false };
  if (comment?.startsWith(MADE_OVER_ROWS))
    return { kind, create: comment.slice(MADE_OVER_ROWS.length), valid, tolerant: true };
  // An index that was begun outside a transaction has no comment before it is finished.
  return kind === 'index' && OWN_NAME.test(name) ? { kind, create: '', valid: false, tolerant: false } : null;
}
