// Giving up the oldest parts of the change log. Nobody who writes waits for it: a part that is given up is of a day long past,
// it is locked alone, and only if that is possible at once.

import type pg from 'pg';
import { isBusy } from '../store-error.ts';
import { UPKEEP_LOCK } from './epoch.ts';

/** A slot's turn comes every tenth day; what is kept for longer than this could be met in it. */
const LONGEST_KEPT = 8 * 86_400_000;
/** Milliseconds. */
const LOCK_PATIENCE = 100;
const FORGOTTEN_AT_ONCE = 10_000;

/** Empties the slots whose rows are all older than `keep` milliseconds; answers how many it could. */
export async function expireChanges(pool: pg.Pool, keep: number): Promise<number> {
  if (!(keep >= 0 && keep <= LONGEST_KEPT))
    throw new Error(`the change log can be kept for 0 to ${LONGEST_KEPT} ms, and not for ${keep}`);
  let emptied = 0;
  for (const slot of await expiredSlots(pool, keep)) if (await emptySlot(pool, slot, keep)) emptied += 1;
  if (emptied > 0) await forgetBatches(pool);
  return emptied;
}

const SLOTS = `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'tablecast.change'::regclass ORDER BY 1`;

/** Whether a slot holds rows, and only old ones. The last by number is the last in time, but for moments. */
const isExpired = (slot: string, keep: number) =>
  `SELECT at < clock_timestamp() - ${keep} * interval '1 ms' AS expired FROM ${slot} ORDER BY seq DESC LIMIT 1`;

async function expiredSlots(pool: pg.Pool, keep: number): Promise<string[]> {
  const slots = await pool.query<{ name: string }>(SLOTS);
  const expired: string[] = [];
  for (const { name } of slots.rows) {
    const { rows } = await pool.query<{ expired: boolean }>(isExpired(name, keep));
    if (rows[0]?.expired) expired.push(name);
  }
  return expired;
}

/** What was committed and has no place yet is not given up, however old it is. */
const waits = (slot: string) =>
  `SELECT EXISTS (SELECT FROM ${slot} c, (SELECT snapshot FROM tablecast.change_batch ORDER BY number DESC LIMIT 1) b
                   WHERE c.xid >= pg_snapshot_xmin(b.snapshot) AND NOT pg_visible_in_snapshot(c.xid, b.snapshot)) AS waits`;

/** Batches that began after the slot's last row have nothing in it. */
const raiseOldest = (slot: string) =>
  `UPDATE tablecast.change_epoch
      SET oldest = greatest(oldest, (SELECT max(number) FROM tablecast.change_batch WHERE first_seq <= (SELECT max(seq) FROM ${slot})))
    WHERE number = (SELECT max(number) FROM tablecast.change_epoch)`;

async function emptySlot(pool: pg.Pool, slot: string, keep: number): Promise<boolean> {
  const client = await pool.connect();
  let lost = false;
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await client.query(`SET LOCAL lock_timeout = ${LOCK_PATIENCE}`);
    await client.query(`SELECT pg_advisory_xact_lock(${UPKEEP_LOCK})`);
    await client.query(`LOCK TABLE ONLY ${slot} IN ACCESS EXCLUSIVE MODE`);
    const stillExpired = (await client.query<{ expired: boolean }>(isExpired(slot, keep))).rows[0]?.expired ?? false;
    const ready = stillExpired && !(await client.query<{ waits: boolean }>(waits(slot))).rows[0]?.waits;
    if (ready) {
      await client.query(raiseOldest(slot));
      await client.query(`TRUNCATE ONLY ${slot}`);
    }
    await client.query('COMMIT');
    return ready;
  } catch (error) {
    lost = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    // Somebody reads it, or another process is at it. There is a next time.
    if (isBusy(error)) return false;
    throw error;
  } finally {
    client.release(lost);
  }
}

/** Readers do without batches before the oldest, so that these need not go at once. */
async function forgetBatches(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `DELETE FROM tablecast.change_batch WHERE number IN (
         SELECT number FROM tablecast.change_batch
          WHERE number < (SELECT oldest FROM tablecast.change_epoch ORDER BY number DESC LIMIT 1)
          ORDER BY number LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE SKIP LOCKED)`,
    );
    if ((rowCount ?? 0) < FORGOTTEN_AT_ONCE) return;
  }
}
