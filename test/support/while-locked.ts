// A table that nobody gets at for a while: what makes a request slow, for exactly as long as a test wants.

import pg from 'pg';
import type { TestDatabase } from './test-database.ts';

/** Some seconds of them. */
const MOST_LOOKS = 5_000;

/** Keeps everybody from a table while `work` runs; `waiting` resolves when so many statements wait for it. */
export async function whileLocked<T>(
  database: TestDatabase,
  table: string,
  work: (waiting: (count: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return await work(async (count) => {
      for (let found = -1, looks = 0; found !== count; looks++) {
        if (looks > MOST_LOOKS) throw new Error(`${found} statements wait for ${table}, and ${count} should`);
        const [row] = await database.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'tablecast' AND wait_event_type = 'Lock'`,
        );
        found = row?.n ?? 0;
      }
    });
  } finally {
    await client.end();
  }
}
