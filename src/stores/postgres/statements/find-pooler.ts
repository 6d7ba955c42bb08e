// Whether a connection pooler stands before a server. A server names a session by its process; a pooler hands out names of
// its own, because it has to know which session is meant when one is to be cancelled.

import type pg from 'pg';

/** Whether the sessions of a pool are a pooler's, which may lend another one to each transaction. */
export async function isBehindPooler(pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid !== (client as unknown as { readonly processID: number }).processID;
  } finally {
    client.release();
  }
}
