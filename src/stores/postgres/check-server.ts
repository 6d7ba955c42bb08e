// What a PostgreSQL server must be before anything is done with it.

import type pg from 'pg';
import { ROOT_COLLATION, type TextCollation } from './sql-text.ts';

/** PostgreSQL 15, as `server_version_num`. */
const OLDEST = 150_000;

/** A database that cannot be used, and what to do about it. */
export class UnusableDatabase extends Error {}

/** What is to be known of a server. */
export interface Server {
  /** `18.4`. */
  readonly version: string;
  /** What it can order texts by. */
  readonly textCollation: TextCollation;
}

/** Throws {@link UnusableDatabase} unless the server is new enough and its database is UTF-8. */
export async function checkServer(pool: pg.Pool): Promise<Server> {
  const { rows } = await pool.query<{
    number: string;
    version: string;
    encoding: string;
    readonly: string;
    unicode: boolean;
  }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version,
            current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') AS readonly,
            to_regcollation('${ROOT_COLLATION}') IS NOT NULL AS unicode`,
  );
  const [server] = rows;
  if (!server || Number(server.number) < OLDEST) {
    throw new UnusableDatabase(
      `The server of DATABASE_URL is PostgreSQL ${server?.version}; Tablecast needs 15 or later.`,
    );
  }
  if (server.encoding !== 'UTF8') {
    throw new UnusableDatabase(
      `The database of DATABASE_URL is encoded in ${server.encoding}; Tablecast needs UTF8. Make one with: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0;`,
    );
  }
  if (server.readonly === 'on') {
    throw new UnusableDatabase('The server of DATABASE_URL is read-only (a standby?); Tablecast needs the primary.');
  }
  return { version: server.version, textCollation: server.unicode ? ROOT_COLLATION : '"C"' };
}
