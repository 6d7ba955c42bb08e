// A database of its own for a test.

import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Runs SQL beside the service, as psql would. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Drops the database, whoever is still connected. */
  close(): Promise<void>;
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** Makes an empty database on the server of the test run, or on another. */
export async function openTestDatabase(options = '', server = process.env['TEST_DATABASE_URL']): Promise<TestDatabase> {
  if (!server) throw new Error('tests that need a database run through "npm test", which starts one');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await once(server, `CREATE DATABASE ${name} ${options}`);
  const url = server.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  return {
    url,
    query: async (text, values) => (await pool.query(text, values)).rows,
    async close() {
      await pool.end();
      await drop(server, name);
    },
  };
}

/** PostgreSQL lets no ordinary user end a vacuum that is at work there: then it is tried again. */
async function drop(server: string, name: string): Promise<void> {
  for (;;) {
    const refused = await once(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(
      () => null,
      (error: { code?: string }) => error,
    );
    if (refused === null) return;
    if (refused.code !== INSUFFICIENT_PRIVILEGE) throw refused;
    await setTimeout(50);
  }
}

async function once(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}
