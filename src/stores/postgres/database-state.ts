// What a database holds now, as far as the model is concerned.

import type pg from 'pg';
import { APP_SCHEMA, SYSTEM_SCHEMA } from './sql-text.ts';

export interface DatabaseState {
  /** `server_version_num`. */
  readonly serverVersion: number;
  /** The service's own schema is there. */
  readonly system: boolean;
  /** Tables by name, and whatever else has a table's name. */
  readonly tables: ReadonlyMap<string, TableState>;
}

export interface TableState {
  /** The trigger that keeps the system columns is there: the table was made by this service. */
  readonly stamped: boolean;
  readonly columns: ReadonlyMap<string, ColumnState>;
  /** The checks, foreign keys and indexes that this service made, by name: each with the statement that made it. */
  readonly objects: ReadonlyMap<string, ObjectState>;
}

export interface ColumnState {
  /** As `format_type` spells it. */
  readonly type: string;
  readonly required: boolean;
  readonly hasDefault: boolean;
}

export interface ObjectState {
  readonly kind: 'constraint' | 'index';
  readonly create: string;
}

/** How the comment on an object of ours begins; the statement that made it follows. */
export const MADE_BY = 'Made by Tablecast: ';
/** The trigger of every table of ours. */
export const STAMP_TRIGGER = 'tablecast_stamp';

/** Reads the state in three statements, whatever the number of tables. */
export async function readDatabaseState(client: pg.ClientBase): Promise<DatabaseState> {
  const server = await client.query<{ version: number; system: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version,
            to_regprocedure($1 || '.stamp_row()') IS NOT NULL AS system`,
    [SYSTEM_SCHEMA],
  );
  const columns = await client.query<{ table: string; stamped: boolean; column: string } & ColumnState>(
    `SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type,
            a.attnotnull AS required, a.atthasdef AS "hasDefault",
            EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = $2) AS stamped
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped`,
    [APP_SCHEMA, STAMP_TRIGGER],
  );
  const objects = await client.query<{ table: string; name: string; kind: ObjectState['kind']; comment: string }>(
    `SELECT * FROM (
       SELECT c.relname AS "table", o.conname AS name, 'constraint' AS kind, obj_description(o.oid, 'pg_constraint') AS comment
         FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid WHERE c.relnamespace = to_regnamespace($1)
       UNION ALL
       SELECT c.relname, o.relname, 'index', obj_description(o.oid, 'pg_class')
         FROM pg_index i JOIN pg_class o ON o.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
        WHERE c.relnamespace = to_regnamespace($1)) all_objects
      WHERE starts_with(comment, $2)`,
    [APP_SCHEMA, MADE_BY],
  );
  const tables = new Map<
    string,
    { stamped: boolean; columns: Map<string, ColumnState>; objects: Map<string, ObjectState> }
  >();
  for (const { table, stamped, column, ...state } of columns.rows) {
    const known = tables.get(table) ?? { stamped, columns: new Map(), objects: new Map() };
    known.columns.set(column, state);
    tables.set(table, known);
  }
  for (const { table, name, kind, comment } of objects.rows) {
    tables.get(table)?.objects.set(name, { kind, create: comment.slice(MADE_BY.length) });
  }
  const [found] = server.rows;
  return { serverVersion: found?.version ?? 0, system: found?.system ?? false, tables };
}
