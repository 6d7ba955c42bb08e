// The service's own tables: made and brought up to date at start, refused with words, and never half done.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { migrateCatalog } from '../../src/stores/postgres/catalog/migrate-catalog.ts';
import { Migration, type MigrationClass } from '../../src/stores/postgres/catalog/migration.ts';
import { CATALOG_MIGRATIONS } from '../../src/stores/postgres/catalog/migrations.ts';
import { UnusableDatabase } from '../../src/stores/postgres/check-server.ts';
import { type KeptLog, openKeptLog } from '../support/kept-log.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { CATALOG, catalogCases, catalogOf, directPool, MIGRATIONS } from './catalog-cases.ts';

catalogCases(() => openTestDatabase());

/** A migration of a test's own, after those of the product. */
const migration = (digits: string, up: (runner: QueryRunner) => Promise<unknown>): MigrationClass =>
  class extends Migration {
    readonly name = `Later19000000000${digits}`;
    async up(runner: QueryRunner): Promise<void> {
      await up(runner);
    }
  };

const refusal = async (migrating: Promise<void>): Promise<string> => {
  const refused = await migrating.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(refused instanceof UnusableDatabase, String(refused));
  return refused.message;
};

let database: TestDatabase;
let pool: pg.Pool;
let kept: KeptLog;
beforeEach(async () => {
  kept = openKeptLog();
  database = await openTestDatabase();
  pool = directPool(database.url, kept.log);
});
afterEach(async () => {
  await pool.end();
  await database.close();
});

const names = async () => (await catalogOf(database)).map(({ kind, name }) => `${kind} ${name}`);
const had = async () =>
  (await database.query<{ name: string }>('SELECT name FROM tablecast.migration ORDER BY id')).map(({ name }) => name);

describe('migrations', () => {
  test('come in order, each once, all of them or none', async (context) => {
    const console = (['log', 'info', 'warn', 'error'] as const).map((name) =>
      context.mock.method(globalThis.console, name),
    );
    const making = (name: string) => (runner: QueryRunner) => runner.query(`CREATE TABLE tablecast.${name} ()`);
    const good = [...CATALOG_MIGRATIONS, migration('02', making('b')), migration('01', making('a'))];
    const bad = [...good, migration('03', (runner) => runner.query('SELECT 1 / 0'))];
    const words = await refusal(migrateCatalog(pool, { ...kept, migrations: bad }));
    assert.match(words, /could not be made or changed, and nothing was: division by zero\.$/);
    assert.deepEqual(await names(), []);
    assert.deepEqual(await database.query(`SELECT FROM pg_namespace WHERE nspname = 'tablecast'`), []);

    await migrateCatalog(pool, kept);
    assert.deepEqual(await names(), CATALOG);
    await refusal(migrateCatalog(pool, { ...kept, migrations: bad }));
    assert.deepEqual(await names(), CATALOG, 'what was there stays');

    await migrateCatalog(pool, { ...kept, migrations: good });
    assert.deepEqual(await had(), [...MIGRATIONS, 'Later1900000000001', 'Later1900000000002']);
    await migrateCatalog(pool, { ...kept, migrations: good });
    assert.equal((await had()).length, MIGRATIONS.length + 2);
    assert.deepEqual(
      console.map((method) => method.mock.callCount()),
      [0, 0, 0, 0],
      'TypeORM speaks beside the log',
    );
  });

  test('of a newer Tablecast are refused by their names, and nothing is done', async () => {
    const later = ['01', '02'].map((digits) => migration(digits, (runner) => runner.query('SELECT 1')));
    await migrateCatalog(pool, { ...kept, migrations: [...CATALOG_MIGRATIONS, ...later] });
    const made = await catalogOf(database);
    const due = migration('03', (runner) => runner.query('CREATE TABLE tablecast.late ()'));
    for (const migrations of [CATALOG_MIGRATIONS, [...CATALOG_MIGRATIONS, due]]) {
      assert.equal(
        await refusal(migrateCatalog(pool, { ...kept, migrations })),
        'A newer Tablecast has used this database: this one does not know Later1900000000001, Later1900000000002. Start that version, or a later one.',
      );
      assert.deepEqual(await catalogOf(database), made);
    }
  });

  test('have all the time of a statement, some for a lock, and no session that stops keeps the others out', async () => {
    await database.query(`ALTER DATABASE ${await nameOf()} SET statement_timeout = '7s'`);
    await database.query(`ALTER DATABASE ${await nameOf()} SET default_transaction_isolation = 'serializable'`);
    let settings: unknown;
    const look = migration('01', async (runner) => {
      [settings] = await runner.query(
        `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
                current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('transaction_isolation') AS isolation`,
      );
    });
    await migrateCatalog(pool, { ...kept, migrations: [...CATALOG_MIGRATIONS, look] });
    assert.deepEqual(settings, { statement: '0', lock: '5s', idle: '1min', isolation: 'read committed' });
    const { rows } = await pool.query('SHOW lock_timeout');
    assert.deepEqual(rows, [{ lock_timeout: '2s' }], 'only for the transaction');
  });

  test('that meet a lock try again until it is free, for as long as there is patience', async () => {
    await migrateCatalog(pool, kept);
    const change = migration('01', async (runner) => {
      await runner.query(`SET LOCAL lock_timeout = '20ms'`);
      await runner.query('ALTER TABLE tablecast.applied_model ADD COLUMN more text');
    });
    const options = { ...kept, migrations: [...CATALOG_MIGRATIONS, change] };
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('BEGIN; LOCK TABLE tablecast.applied_model');
      assert.match(
        await refusal(migrateCatalog(pool, { ...options, patience: 0 })),
        /nothing was: canceling statement due to lock timeout/,
      );
      const told = kept.said("the service's own tables cannot be changed yet");
      const migrated = migrateCatalog(pool, options);
      await Promise.race([told, migrated]);
      await client.query('COMMIT');
      await migrated;
      assert.equal((await had()).length, MIGRATIONS.length + 1);
    } finally {
      await client.end();
    }
  });
});

describe('a user who may not make schemas', () => {
  beforeEach(async () => {
    await database.query(`REVOKE CREATE ON DATABASE ${await nameOf()} FROM CURRENT_USER, PUBLIC`);
  });

  test('is told the statement that gives the right, and it does', async () => {
    const words = await refusal(migrateCatalog(pool, kept));
    assert.match(words, /nothing was: permission denied for database/);
    const [, statement] = /As an administrator, run: (GRANT CREATE ON DATABASE \w+ TO \w+;)$/.exec(words) ?? [];
    assert.ok(statement, words);
    await database.query(statement);
    await migrateCatalog(pool, kept);
    assert.deepEqual(await names(), CATALOG);
  });

  test('needs no right on the database in a schema that was made before', async () => {
    await database.query(`GRANT CREATE ON DATABASE ${await nameOf()} TO CURRENT_USER; CREATE SCHEMA tablecast;
      REVOKE CREATE ON DATABASE ${await nameOf()} FROM CURRENT_USER`);
    await migrateCatalog(pool, kept);
    assert.deepEqual(await names(), CATALOG);
  });
});

const nameOf = async () =>
  String((await database.query<{ name: string }>('SELECT current_database() AS name'))[0]?.name);
