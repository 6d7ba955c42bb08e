// Epochs of the change log: the identity of the database that its order belongs to. A database that was restored, copied, moved
// or taken over by a standby has another past than its log's readers know, and begins another epoch.

import type pg from 'pg';

/**
 * Which database this is: its cluster, the timeline (another one after each takeover and restore to a point in time), and
 * itself among its neighbours.
 */
export const SERVER = `(SELECT format('%s/%s/%s', (pg_control_system()).system_identifier,
  substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), (SELECT oid FROM pg_database WHERE datname = current_database())))`;

export interface Now {
  readonly epoch: string;
  /** The batch whose end is the first position that can be read on from. */
  readonly oldest: bigint;
  /** The last sequence number in that batch. */
  readonly oldestSeq: bigint;
  readonly batch: bigint;
  readonly seq: bigint;
}

const NOW = `
SELECT e.id AS epoch, e.oldest, o.last_seq AS "oldestSeq", b.number AS batch, b.last_seq AS seq
  FROM (SELECT id, server, oldest FROM tablecast.change_epoch ORDER BY number DESC LIMIT 1) e
  JOIN tablecast.change_batch o ON o.number = e.oldest,
       (SELECT number, last_seq FROM tablecast.change_batch ORDER BY number DESC LIMIT 1) b
 WHERE e.server = ${SERVER}`;

/** The epoch in force and the ends of what can be read; null when the database has become another since it was begun. */
export async function readNow(client: pg.Pool | pg.ClientBase): Promise<Now | null> {
  return toNow((await client.query<NowRow>(NOW)).rows[0]);
}

/** Closes a batch, if there is something to go into one, and answers as {@link readNow}: in one message. */
export async function closeBatch(client: pg.Pool): Promise<Now | null> {
  const answers = await client.query<NowRow>(`SELECT tablecast.close_batch(); ${NOW}`);
  return toNow([answers].flat().at(-1)?.rows[0]);
}

type NowRow = Record<keyof Now, string>;

function toNow(row: NowRow | undefined): Now | null {
  if (!row) return null;
  const { epoch, ...numbers } = row;
  const { oldest, oldestSeq, batch, seq } = numbers;
  return { epoch, oldest: BigInt(oldest), oldestSeq: BigInt(oldestSeq), batch: BigInt(batch), seq: BigInt(seq) };
}

/** One process at a time begins an epoch, or gives up a part of the log. */
export const UPKEEP_LOCK = 7_305_124_813;

/**
 * Begins an epoch, unless another process has. Nothing that was committed before is read in it: the rows of the log stay for
 * those who look things up. Transactions that a log brought along from another cluster have numbers that mean nothing here, or
 * something else, and lose them.
 */
const BEGIN_EPOCH = [
  `INSERT INTO tablecast.change_batch (number, snapshot, first_seq, last_seq, rows)
   SELECT coalesce(max(number), 0) + 1, pg_current_snapshot(), 0, 0, 0 FROM tablecast.change_batch`,
  `INSERT INTO tablecast.change_epoch (id, server, oldest)
   SELECT gen_random_uuid(), ${SERVER}, max(number) FROM tablecast.change_batch`,
  `UPDATE tablecast.change SET xid = '0'
    WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()) AND NOT pg_visible_in_snapshot(xid, pg_current_snapshot())`,
];

/** The epoch in force, which is begun if need be. */
export async function ensureEpoch(pool: pg.Pool): Promise<Now> {
  for (;;) {
    const now = await readNow(pool);
    if (now) return now;
    const client = await pool.connect();
    let failed = true;
    try {
      // Each statement sees what was committed before it: what another process did before the lock was ours.
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
      await client.query(`SELECT pg_advisory_xact_lock(${UPKEEP_LOCK})`);
      if (!(await readNow(client))) for (const statement of BEGIN_EPOCH) await client.query(statement);
      await client.query('COMMIT');
      failed = false;
    } finally {
      // Losing the connection rolls back, and gives back the lock.
      client.release(failed);
    }
  }
}
