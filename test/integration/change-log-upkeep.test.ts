// The change log of a database over days, restores and very large transactions.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { ChangePage } from '../../src/changes/change-log.ts';
import type { Position } from '../../src/changes/position.ts';
import { expireChanges } from '../../src/stores/postgres/change-log/expire-changes.ts';
import { PostgresChangeLog } from '../../src/stores/postgres/change-log/postgres-change-log.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const TABLES = 'type Counter @table { n: Int! }';
const DAY = 86_400_000;

describe('the change log of a database', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let log: PostgresChangeLog;
  const openPool = (url: string, max = 4) => {
    const opened = new pg.Pool({ connectionString: url, max });
    opened.on('error', () => undefined);
    return opened;
  };
  before(async () => {
    database = await openTestDatabase();
    await applyTables(database, await modelOf(TABLES));
    pool = openPool(database.url);
    log = new PostgresChangeLog(pool);
    await log.advance();
  });
  after(async () => {
    await pool?.end();
    await database?.close();
  });

  const insert = (id: string) => database.query('INSERT INTO counter (id, n) VALUES ($1, 0)', [id]);
  const idsOf = (page: ChangePage) => (page.kind === 'changes' ? page.changes.map(({ id }) => id) : page.reason);
  /** Makes all that is in the log as old as that. */
  const age = (days: number) =>
    database.query(
      `UPDATE tablecast.change SET at = at - $1 * interval '1 day', slot = tablecast.change_slot(at - $1 * interval '1 day')`,
      [days],
    );

  test('keeps what is not old, and gives up what is', async () => {
    const start = await log.advance();
    await insert('nine days');
    const nine = await log.advance();
    await age(3);
    await insert('six days');
    const six = await log.advance();
    await age(6);
    await insert('today');
    const today = await log.advance();
    assert.deepEqual(idsOf(await log.read(start, 10)), ['nine days', 'six days', 'today']);
    assert.equal(await log.expire(7 * DAY), 1);
    assert.equal(idsOf(await log.read(start, 10)), 'too old');
    assert.deepEqual(idsOf(await log.read(nine, 10)), ['six days', 'today']);
    assert.deepEqual(idsOf(await log.read(six, 10)), ['today']);
    assert.deepEqual(idsOf(await log.read(today, 10)), []);
    assert.equal(await log.expire(7 * DAY), 0);
    const batches = await database.query('SELECT min(number) AS oldest FROM tablecast.change_batch');
    assert.equal(batches[0]?.['oldest'], String(nine.batch));
    await assert.rejects(log.expire(9 * DAY), /can be kept for 0 to/);
  });

  test('keeps what has no place yet, however old it is', async () => {
    await log.expire(0);
    const start = await log.advance();
    await insert('late');
    await age(21);
    assert.equal(await expireChanges(pool, 7 * DAY), 0);
    assert.deepEqual(idsOf(await log.read(await log.advance(), 10)), []);
    assert.deepEqual(idsOf(await log.read(start, 10)), ['late']);
    assert.ok((await log.expire(7 * DAY)) > 0);
    assert.equal(idsOf(await log.read(start, 10)), 'too old');
  });

  test('is given up by several processes at once, and not before the last who reads it', async () => {
    await insert('read');
    const head = await log.advance();
    await age(21);
    const reader = await pool.connect();
    await reader.query('BEGIN; SELECT count(*) FROM tablecast.change');
    assert.equal(await log.expire(7 * DAY), 0);
    await insert('not held up');
    await reader.query('COMMIT');
    reader.release();
    const other = openPool(database.url);
    const given = await Promise.all([log, new PostgresChangeLog(other)].map((each) => each.expire(7 * DAY)));
    await other.end();
    assert.equal((await log.expire(7 * DAY)) + Math.max(...given), 1, given.join());
    await log.advance();
    assert.deepEqual(idsOf(await log.read(head, 10)), ['not held up']);
  });

  test('has a part for every moment', async () => {
    const rows = await database.query<{ slot: number; days: string }>(
      `SELECT tablecast.change_slot(day) AS slot, count(*) AS days
         FROM generate_series(timestamptz '1950-01-01', '2150-01-01', '1 day') day GROUP BY 1 ORDER BY 1`,
    );
    assert.deepEqual(
      rows.map(({ slot }) => slot),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    const next = await database.query<{ same: boolean }>(
      `SELECT bool_or(tablecast.change_slot(day) = tablecast.change_slot(day - interval '8 days')) AS same
         FROM generate_series(timestamptz '2001-01-01', '2101-01-01', '1 day') day`,
    );
    assert.deepEqual(next, [{ same: false }]);
  });

  test('reads a large transaction in pages, by its indexes only', async () => {
    const start = await log.advance();
    const held = await pool.connect();
    await held.query(`BEGIN; INSERT INTO counter (id, n) VALUES ('held-1', 0)`);
    await database.query(`INSERT INTO counter (id, n) SELECT 'many-' || i, 0 FROM generate_series(1, 3000) i`);
    await held.query(`INSERT INTO counter (id, n) VALUES ('held-2', 0)`);
    await log.advance();
    await held.query('COMMIT');
    held.release();
    await log.advance();
    const seen: (string | null)[] = [];
    for (let position: Position = start; ; ) {
      const page = await log.read(position, 70);
      assert.equal(page.kind, 'changes');
      if (page.kind !== 'changes' || page.changes.length === 0) break;
      seen.push(...page.changes.map(({ id }) => id));
      position = page.end;
    }
    assert.deepEqual(seen, [...Array.from({ length: 3_000 }, (_, at) => `many-${at + 1}`), 'held-1', 'held-2']);
  });

  test('is read by its indexes only', async () => {
    const one = openPool(database.url, 1);
    const reading = new PostgresChangeLog(one);
    // What the session has done since, and nobody else.
    await one.query('BEGIN');
    const start = await reading.advance();
    for (let times = 0; times < 10; times++) {
      await insert(`more-${times}`);
      await reading.advance();
      await reading.read(start, 100);
    }
    const { rows } = await one.query<{ whole: string; index: string }>(
      `SELECT sum(seq_scan) AS whole, sum(idx_scan) AS index FROM pg_stat_xact_user_tables WHERE relname ~ '^change_\\d$'`,
    );
    await one.query('COMMIT');
    await one.end();
    assert.equal(Number(rows[0]?.whole), 0);
    assert.ok(Number(rows[0]?.index) > 0);
  });

  test('is another epoch in a copy, where the numbers of its transactions may mean nothing', async () => {
    const start = await log.advance();
    await insert('before the copy');
    const head = await log.advance();
    const copy = await copyOf(database);
    const own = openPool(copy.url);
    const copied = new PostgresChangeLog(own);
    try {
      // As a dump brings it along from a cluster that has had more transactions.
      await copy.query(
        `UPDATE tablecast.change SET xid = (xid::text::bigint + 1000000)::text::xid8 WHERE row_id = 'before the copy'`,
      );
      const now = await copied.advance();
      assert.notEqual(now.epoch, head.epoch);
      assert.ok(now.batch > head.batch);
      for (const position of [start, head])
        assert.deepEqual(await copied.read(position, 10), { kind: 'reset', reason: 'another epoch', head: now });
      await copy.query(`INSERT INTO counter (id, n) VALUES ('in the copy', 0)`);
      await copied.advance();
      assert.deepEqual(idsOf(await copied.read(now, 10)), ['in the copy']);
      const [kept] = await copy.query(`SELECT xid FROM tablecast.change WHERE row_id = 'before the copy'`);
      assert.equal(kept?.['xid'], '0');
      assert.deepEqual(await log.head(), head);
      assert.deepEqual(idsOf(await log.read(start, 10)), ['before the copy']);
    } finally {
      await own.end();
      await copy.close();
    }
  });

  test('begins one epoch, however many processes begin', async () => {
    await database.query(`UPDATE tablecast.change_epoch SET server = 'another'`);
    const many = openPool(database.url, 12);
    await Promise.all(Array.from({ length: 12 }, () => many.query('SELECT pg_sleep(0)')));
    const heads = await Promise.all(Array.from({ length: 12 }, () => new PostgresChangeLog(many).head()));
    await many.end();
    assert.deepEqual(new Set(heads.map(({ epoch }) => epoch)).size, 1);
    const [epochs] = await database.query(
      `SELECT count(*)::int AS n FROM tablecast.change_epoch WHERE server <> 'another'`,
    );
    assert.deepEqual(epochs, { n: 1 });
  });
});

/** A copy of a database, as its server makes one: of a database that nobody is connected to. */
async function copyOf(database: TestDatabase): Promise<TestDatabase> {
  const name = new URL(database.url).pathname.slice(1);
  const client = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
  await client.connect();
  await client
    .query(
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND usename = current_user',
      [name],
    )
    .finally(() => client.end());
  return openTestDatabase(`TEMPLATE ${name}`);
}
