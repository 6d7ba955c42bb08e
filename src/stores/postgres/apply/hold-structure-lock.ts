// One process at a time changes the structure of a database. The lock belongs to a transaction of its own that does nothing
// else, because building an index must not be in one; whatever happens to the process, the lock ends with its connection.

import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../../../platform/log.ts';
import { STRUCTURE_LOCK } from '../catalog/structure-lock.ts';

/** Milliseconds. */
const RETRY_EVERY = 100;
const TELL_EVERY = 10_000;
/** A process that is stopped, and keeps its connection, loses it and the lock. */
const SIGN_OF_LIFE_EVERY = 10_000;
const STOPPED_AFTER = '60s';

/** Waits for the lock, however long another process works; answers what gives it back. Takes one connection of the pool. */
export async function holdStructureLock(pool: pg.Pool, log: Logger): Promise<() => Promise<void>> {
  const client = await pool.connect();
  let lost: Error | undefined;
  client.on('error', (error) => {
    lost = error;
  });
  try {
    // Each statement sees what was committed before it, and between them no snapshot is kept that an index would wait for.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await client.query(`SET LOCAL idle_in_transaction_session_timeout = '${STOPPED_AFTER}'`);
    for (let tellAt = performance.now() + TELL_EVERY; !(await tryLock(client)); ) {
      if (performance.now() > tellAt) {
        log.info('waiting for another process that changes the tables');
        tellAt = performance.now() + TELL_EVERY;
      }
      await setTimeout(RETRY_EVERY);
    }
  } catch (error) {
    client.release(true);
    throw error;
  }
  const alive = setInterval(() => void client.query('SELECT 1').catch(() => undefined), SIGN_OF_LIFE_EVERY);
  return async () => {
    clearInterval(alive);
    const ended = await client.query('COMMIT').then(
      () => true,
      () => false,
    );
    client.release(lost ?? !ended);
  };
}

async function tryLock(client: pg.ClientBase): Promise<boolean> {
  // Without parameters: the portal of a statement with some keeps its snapshot until the next one.
  const { rows } = await client.query<{ ours: boolean }>(`SELECT pg_try_advisory_xact_lock(${STRUCTURE_LOCK}) AS ours`);
  return rows[0]?.ours ?? false;
}
