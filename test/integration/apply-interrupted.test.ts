// A process that dies while it changes the tables, at any statement: nothing is lost, and the next one completes it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { openLog } from '../../src/platform/log.ts';
import { applyModel } from '../../src/stores/postgres/apply/apply-model.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import type { Model } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const FROM = `
enum E { P Q }
type Folder @table { label: String @unique }
type Note @table(softDelete: true) { n: Int e: E text: String @index size: Int @unique folder: Folder @belongsTo tags: [Folder!]! @manyToMany }`;
const TO = `
enum E { P Q R }
type Binder @table @renamedFrom(name: "Folder") { title: String! @unique @renamedFrom(name: "label") }
type Note @table { n: BigInt! @default(value: "3") e: E text: String @length(max: 9) size: Int @unique more: Int! @default(value: "1") @index
  folder: Binder @belongsTo(onDelete: CASCADE) tags: [Binder!]! @manyToMany }
type New @table { note: Note @belongsTo x: Int @unique }`;
const ROWS = `
INSERT INTO folder (id, label) VALUES ('f', 'F'), ('g', 'G');
INSERT INTO note (id, n, e, text, size, folder_id) SELECT 'n' || i, i, 'P', 't' || i, i, 'f' FROM generate_series(1, 20) i;
INSERT INTO note_tags SELECT 'n' || i, 'g' FROM generate_series(1, 20) i`;
const READ = `
SELECT (SELECT array_agg((id, title)::text ORDER BY id) FROM binder) AS binders,
       (SELECT array_agg((id, n, e, text, size, more, folder_id)::text ORDER BY id) FROM note) AS notes,
       (SELECT array_agg((note_id, binder_id)::text ORDER BY note_id) FROM note_tags) AS tags`;

/** Every second statement, which takes half a second; with DEATHS=all each of them. */
const EACH = process.env['DEATHS'] === 'all' ? 1 : 2;

const log = openLog({ level: 'silent', readable: false });

/** Applies on connections that end themselves instead of sending statement number `fatal`. Answers whether it came so far. */
async function applyUntil(database: TestDatabase, model: Model, fatal: number): Promise<boolean> {
  const pool = openPool({ address: { url: database.url }, size: 2, statementTimeout: 0, lockTimeout: 2_000, log });
  let sent = 0;
  let died = false;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const dying = async (...args: unknown[]) => {
      sent += 1;
      if (sent === fatal) died = true;
      if (!died) return query(...args);
      await query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      // What a killed process does not do: try again.
      throw new Error('killed');
    };
    Object.assign(client, { query: dying });
  });
  try {
    await applyModel(pool, model, { log, productVersion: '0.0.0' });
  } catch (error) {
    if (!died) throw error;
  } finally {
    await pool.end();
  }
  return died;
}

describe('a process that dies while it changes the tables', () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database?.close());

  const begin = async () => {
    await database.query('DROP SCHEMA public CASCADE');
    await database.query('CREATE SCHEMA public');
    await applyTables(database, await modelOf(FROM));
    await database.query(ROWS);
  };
  const shape = () =>
    database.query(
      `SELECT c.relname, (SELECT array_agg((attname, attnotnull, format_type(atttypid, atttypmod))::text ORDER BY attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
              (SELECT array_agg((pg_get_constraintdef(o.oid), convalidated)::text ORDER BY o.conname) FROM pg_constraint o WHERE o.conrelid = c.oid AND contype <> 'n') AS constraints,
              (SELECT array_agg((pg_get_indexdef(i.indexrelid), indisvalid)::text ORDER BY pg_get_indexdef(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid) AS indexes
         FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1`,
    );

  test('at any statement: the next one completes it', async () => {
    const model = await modelOf(TO);
    await begin();
    await applyTables(database, model);
    const [wanted, rows] = [await shape(), await database.query(READ)];
    let deaths = 0;
    for (let fatal = 1; ; fatal += EACH) {
      await begin();
      if (!(await applyUntil(database, model, fatal))) break;
      deaths += 1;
      await applyTables(database, model);
      assert.deepEqual(await shape(), wanted, `after a death at statement ${fatal}`);
      assert.deepEqual(await database.query(READ), rows, `after a death at statement ${fatal}`);
      assert.deepEqual((await applyTables(database, model)).steps, []);
    }
    assert.ok(deaths * EACH > 60, `${deaths} statements`);
  });

  test('an index whose building was broken off is built again', async () => {
    await begin();
    const model = await modelOf(FROM.replace('size: Int', 'size: Int @index'));
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await holder.query('SELECT count(*) FROM note');
    const applying = applyTables(database, model);
    // It waits for the transaction that began before it, with the index half made.
    for (;;) {
      const [waiting] = await database.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'`,
      );
      if (!waiting) continue;
      const [found] = await database.query(
        `SELECT indisvalid FROM pg_index WHERE indexrelid = 'public."note.size.idx"'::regclass`,
      );
      assert.deepEqual(found, { indisvalid: false });
      await database.query('SELECT pg_terminate_backend($1)', [waiting.pid]);
      break;
    }
    await holder.query('COMMIT');
    await holder.end();
    assert.deepEqual((await applying).steps, ['make Note (size) indexed']);
    const [found] = await database.query(
      `SELECT indisvalid FROM pg_index WHERE indexrelid = 'public."note.size.idx"'::regclass`,
    );
    assert.deepEqual(found, { indisvalid: true });
  });

  test('a table that others hold is waited for without anybody queueing behind', async () => {
    await begin();
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT count(*) FROM note');
    let done = false;
    const applying = applyTables(database, await modelOf(FROM.replace('n: Int', 'n: Int more: Int'))).finally(() => {
      done = true;
    });
    // While it waits for its lock, a reader waits behind it for 2 s at most.
    const began = performance.now();
    while (performance.now() - began < 3_000) await database.query('SELECT count(*) FROM note');
    assert.equal(done, false);
    await holder.query('COMMIT');
    await holder.end();
    assert.deepEqual((await applying).steps, ['add column Note.more']);
  });
});
