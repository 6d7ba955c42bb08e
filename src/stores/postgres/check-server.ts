// What a PostgreSQL server must be before anything is done with it.

import type pg from 'pg';

/** PostgreSQL 15, as `server_version_num`. */
const OLDEST = 150_000;

/** A database that cannot be used, and what to do about it. */
export class UnusableDatabase extends Error {}

/** Throws {@link UnusableDatabase} unless the server is new enough and its database is UTF-8. */
export async function checkServer(pool: pg.Pool): Promise<{ readonly version: string }> {
  const { rows } = await pool.query<{ number: string; version: string; encoding: string; readonly: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version,
            current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') AS readonly`,
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
  return { version: server.version };
}
