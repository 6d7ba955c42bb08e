// Processes that migrate at once, and processes that die of it. They run the program as it is built: one bundle, from which
// a library is loaded at once, or when it is needed.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { build } from 'esbuild';
import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { migrateCatalog } from '../../src/stores/postgres/catalog/migrate-catalog.ts';
import { Migration } from '../../src/stores/postgres/catalog/migration.ts';
import { CATALOG_MIGRATIONS } from '../../src/stores/postgres/catalog/migrations.ts';
import { STRUCTURE_LOCK } from '../../src/stores/postgres/catalog/structure-lock.ts';
import { UnusableDatabase } from '../../src/stores/postgres/check-server.ts';
import { type KeptLog, openKeptLog } from '../support/kept-log.ts';
import { openSmallClone, type SmallClone } from '../support/small-clone.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { CATALOG, catalogOf, directPool } from './catalog-cases.ts';

const PROGRAM = 'migrate.mjs';
const DONE = "the service's own tables were brought up to date";
/** Some ten seconds of them: a process has to start. */
const MOST_LOOKS = 50_000;
const WAITING = "waiting for another process that changes the database's structure";

let clone: SmallClone;
before(async () => {
  clone = openSmallClone({});
  await build({
    absWorkingDir: join(import.meta.dirname, '..', '..'),
    entryPoints: ['test/fixtures/catalog/migrate.ts'],
    outfile: join(clone.root, PROGRAM),
    tsconfig: 'tsconfig.json',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});
after(() => clone?.close());

let database: TestDatabase;
/** A session of the test's own, beside those that migrate. */
let other: pg.Client;
let kept: KeptLog;
beforeEach(async () => {
  kept = openKeptLog();
  database = await openTestDatabase();
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
});
afterEach(async () => {
  await other.end();
  await database.close();
});

const names = async () => (await catalogOf(database)).map(({ kind, name }) => `${kind} ${name}`);
const start = (more: Record<string, string> = {}) => clone.start([PROGRAM], { DATABASE_URL: database.url, ...more });

/** The session that waits for the lock 1 in the middle of its migration, once there is one. */
async function pausing(): Promise<number> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const { rows } = await other.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
    );
    if (rows[0]) return rows[0].pid;
  }
  throw new Error('nobody came to the pause');
}

describe('processes that start at once on an empty database', () => {
  test('five pools: one migrates, and all go on', async () => {
    const pools = Array.from({ length: 5 }, () => directPool(database.url, kept.log));
    try {
      await Promise.all(pools.map((pool) => migrateCatalog(pool, kept)));
      assert.equal(kept.take().filter(({ msg }) => msg === DONE).length, 1);
      assert.deepEqual(await names(), CATALOG);
      assert.equal((await database.query('SELECT FROM tablecast.migration')).length, CATALOG_MIGRATIONS.length);
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
    }
  });

  test('two processes: one migrates, and only it needs TypeORM', async () => {
    const ended = await Promise.all([start(), start()].map((process) => process.ended));
    for (const { code, stderr } of ended) assert.equal(code, 0, stderr);
    assert.equal(ended.filter(({ stderr }) => stderr.includes(DONE)).length, 1);
    for (const { stdout, stderr } of ended)
      assert.deepEqual(JSON.parse(stdout), { service: 'function', typeorm: stderr.includes(DONE) });
    assert.deepEqual(await names(), CATALOG);
    const later = await start().ended;
    assert.deepEqual(later, { code: 0, stdout: '{"service":"function","typeorm":false}', stderr: '' });
  });

  test('who waits holds nothing in the database, and tells whom it waits for', async () => {
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock($1)', [STRUCTURE_LOCK]);
    const pool = directPool(database.url, kept.log);
    // Three rounds, none of which the database makes wait.
    const rounds = new Promise<void>((resolve) => {
      let left = 6;
      pool.on('acquire', () => {
        left -= 1;
        if (left === 0) resolve();
      });
    });
    const migrated = migrateCatalog(pool, kept);
    await Promise.race([rounds, migrated]);
    assert.deepEqual(
      kept.take().map(({ msg }) => msg),
      [WAITING],
    );
    await other.query('COMMIT');
    await migrated;
    await pool.end();
    assert.deepEqual(await names(), CATALOG);
  });
});

describe('who dies in the middle leaves nothing half done', () => {
  beforeEach(async () => {
    await other.query('SELECT pg_advisory_lock(1)');
  });

  class Pausing extends Migration {
    readonly name = 'Pausing1900000000001';
    async up(runner: QueryRunner): Promise<void> {
      await runner.query('CREATE TABLE tablecast.half ()');
      await runner.query('SELECT pg_advisory_xact_lock(1)');
      await runner.query('CREATE TABLE tablecast.whole ()');
    }
  }
  const withPause = { migrations: [...CATALOG_MIGRATIONS, Pausing] };
  const ALL = [...CATALOG, 'r half', 'r whole'].sort();
  const nothingThere = async () =>
    assert.deepEqual(await database.query(`SELECT FROM pg_namespace WHERE nspname = 'tablecast'`), []);

  test('a connection that is ended between two statements, with no patience: said, and the next start completes', async () => {
    const pool = directPool(database.url, kept.log);
    try {
      const migrated = migrateCatalog(pool, { ...kept, ...withPause, patience: 0 });
      const refused = assert.rejects(migrated, (error) => {
        assert.ok(error instanceof UnusableDatabase);
        assert.match(error.message, /terminating connection due to administrator command/);
        return true;
      });
      await database.query('SELECT pg_terminate_backend($1)', [await pausing()]);
      await refused;
      await nothingThere();
      await other.query('SELECT pg_advisory_unlock(1)');
      await migrateCatalog(pool, { ...kept, ...withPause });
      assert.deepEqual(await names(), ALL);
    } finally {
      await pool.end();
    }
  });

  test('a connection that is ended between two statements is made again, and all is done once', async () => {
    const pool = directPool(database.url, kept.log);
    try {
      const migrated = migrateCatalog(pool, { ...kept, ...withPause });
      const pid = await pausing();
      await database.query('SELECT pg_terminate_backend($1)', [pid]);
      await other.query('SELECT pg_advisory_unlock(1)');
      await migrated;
      assert.deepEqual(await names(), ALL);
      assert.equal(kept.take().filter(({ msg }) => msg === DONE).length, 1);
    } finally {
      await pool.end();
    }
  });

  test('a process that is killed: one that waits for it does it all', async () => {
    const first = start({ PAUSING: '1' });
    await pausing();
    const next = start({ PAUSING: '1' });
    await next.printed(WAITING);
    first.child.kill('SIGKILL');
    await first.ended;
    await nothingThere();
    await other.query('SELECT pg_advisory_unlock(1)');
    const { code, stdout, stderr } = await next.ended;
    assert.equal(code, 0, stderr);
    assert.ok(stderr.includes(DONE), stderr);
    assert.deepEqual(JSON.parse(stdout), { service: 'function', typeorm: true });
    assert.deepEqual(await names(), ALL);
  });
});
