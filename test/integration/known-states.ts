// Rows of one table as they were at every position of the log, folded from the log alone, while many write: what a look has to
// come to, from the other end.

import assert from 'node:assert/strict';
import pg from 'pg';
import type { Image } from '../../src/changes/change.ts';
import type { Position } from '../../src/changes/position.ts';
import { PostgresChangeLog } from '../../src/stores/postgres/change-log/postgres-change-log.ts';
import { Dice } from './differential-world.ts';

/** The table that is written: of each owner some rows, which change hands. */
export const ITEMS = 'type Item @table { owner: String @index n: Int! }';
export const OWNERS = ['a', 'b', 'c', 'd'];

export interface KnownState {
  readonly position: Position;
  /** By their ids. */
  readonly rows: ReadonlyMap<string, Image>;
}

export interface Written {
  readonly changes: number;
  /** States that were checked while there were writers. */
  readonly checkedMeanwhile: number;
}

const WRITERS = 12;
const TRANSACTIONS = 40;
/** States that are checked when everything has been written. */
const CHECKED_AFTERWARDS = 30;
const IDS = Array.from({ length: 12 }, (_, at) => `item-${String(at).padStart(2, '0')}`);

/**
 * Has twelve write, with transactions that overlap, rollbacks, savepoints, and one transaction that stays open all the while;
 * hands states, the latest and older ones, to `check`.
 */
export async function whileWritten(
  url: string,
  seed: number,
  check: (state: KnownState) => Promise<void>,
): Promise<Written> {
  const random = new Dice(seed);
  const pool = new pg.Pool({ connectionString: url, max: WRITERS + 3 });
  pool.on('error', () => undefined);
  try {
    await pool.query('DELETE FROM item');
    const log = new PostgresChangeLog(pool);
    const start = await log.advance();
    const states: KnownState[] = [{ position: start, rows: new Map() }];
    const late = await pool.connect();
    await late.query(`BEGIN; INSERT INTO item (id, owner, n) VALUES ('late', 'a', 0)`);
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: WRITERS }, (_, at) => write(pool, new Dice(seed * 1_000 + at))),
    ).finally(() => {
      writing = false;
    });
    let checkedMeanwhile = 0;
    const follow = async () => {
      while (writing) {
        await readOn(log, states, 1 + random.below(20));
        await check(random.chance(0.5) ? latest(states) : random.pick(states));
        checkedMeanwhile += 1;
      }
    };
    // Who looks closes batches too, so that some are closed in the middle of a look.
    const other = async () => {
      while (writing) await new PostgresChangeLog(pool).advance();
    };
    const ends = await Promise.allSettled([writers, follow(), other()]);
    await late.query('COMMIT').finally(() => late.release());
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await check(latest(states));
    while ((await readOn(log, states, 1_000)) > 0);
    for (let times = 0; times < CHECKED_AFTERWARDS; times++) await check(random.pick(states));
    return { changes: states.length - 1, checkedMeanwhile };
  } finally {
    await pool.end();
  }
}

function latest(states: readonly KnownState[]): KnownState {
  const last = states.at(-1);
  assert.ok(last);
  return last;
}

/** Reads a page and adds the state after each change in it; answers how many there were. */
async function readOn(log: PostgresChangeLog, states: KnownState[], most: number): Promise<number> {
  await log.advance();
  const last = latest(states);
  const page = await log.read(last.position, most);
  if (page.kind === 'reset') throw new Error(page.reason);
  let { rows } = last;
  for (const { id, after, position } of page.changes) {
    const next = new Map(rows);
    if (after) next.set(id ?? '', after);
    else next.delete(id ?? '');
    rows = next;
    states.push({ position, rows });
  }
  return page.changes.length;
}

async function write(pool: pg.Pool, random: Dice): Promise<void> {
  for (let done = 0; done < TRANSACTIONS; done++) {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      // All take rows in the same order, so that none waits for one that waits for it.
      const ids = Array.from({ length: 1 + random.below(4) }, () => random.pick(IDS)).sort();
      for (const id of ids) {
        const undone = random.below(10) === 0;
        if (undone) await client.query('SAVEPOINT here');
        await step(client, id, random);
        if (undone) await client.query('ROLLBACK TO SAVEPOINT here');
      }
      await client.query(random.below(10) === 0 ? 'ROLLBACK' : 'COMMIT');
    } finally {
      client.release();
    }
  }
}

async function step(client: pg.ClientBase, id: string, random: Dice): Promise<void> {
  const owner = random.pick([...OWNERS, null]);
  switch (random.below(5)) {
    case 0:
      await client.query('DELETE FROM item WHERE id = $1', [id]);
      return;
    case 1:
      await client.query('UPDATE item SET n = n + 1 WHERE id = $1', [id]);
      return;
    default:
      await client.query(
        'INSERT INTO item (id, owner, n) VALUES ($1, $2, 0) ON CONFLICT (id) DO UPDATE SET owner = $2, n = item.n + 1',
        [id, owner],
      );
  }
}
