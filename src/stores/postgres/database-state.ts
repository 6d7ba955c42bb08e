// What a database holds now, as far as the model is concerned.

import type pg from 'pg';
import { APP_SCHEMA, SYSTEM_SCHEMA } from './sql-text.ts';

export interface DatabaseState {
  /** `server_version_num`. */
  readonly serverVersion: number;
  /** The service's own schema is there. */
  readonly system: boolean;
  /** Tables by name: each with its columns' types, as `format_type` spells them. */
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Reads the state in two statements, whatever the number of tables. */
export async function readDatabaseState(client: pg.ClientBase): Promise<DatabaseState> {
  const server = await client.query<{ version: number; system: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version,
            to_regprocedure($1 || '.stamp_row()') IS NOT NULL AS system`,
    [SYSTEM_SCHEMA],
  );
  const { rows } = await client.query<{ table: string; column: string; type: string }>(
    `SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`,
    [APP_SCHEMA],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { table, column, type } of rows) {
    const columns = tables.get(table) ?? new Map<string, string>();
    tables.set(table, columns.set(column, type));
  }
  const [found] = server.rows;
  return { serverVersion: found?.version ?? 0, system: found?.system ?? false, tables };
}
