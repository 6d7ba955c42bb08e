// What the catalog must be on every PostgreSQL that the service takes: the cases, for a server that a test file names.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import type { Logger } from '../../src/platform/log.ts';
import { migrateCatalog } from '../../src/stores/postgres/catalog/migrate-catalog.ts';
import { CATALOG_MIGRATIONS } from '../../src/stores/postgres/catalog/migrations.ts';
import { openDataSource } from '../../src/stores/postgres/catalog/open-data-source.ts';
import { recordAppliedModel } from '../../src/stores/postgres/catalog/record-applied-model.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { type KeptLog, openKeptLog } from '../support/kept-log.ts';
import type { TestDatabase } from '../support/test-database.ts';

/** A pool as the service has for changes of structure. */
export const directPool = (url: string, log: Logger) =>
  openPool({ address: { url }, size: 1, statementTimeout: 0, lockTimeout: 2_000, log });

/** Every object of the schema `tablecast`, with the transaction that made it as it is. */
export const catalogOf = (database: TestDatabase) =>
  database.query<{ kind: string; name: string; made: string }>(
    `SELECT * FROM (
       SELECT 'function' AS kind, proname::text AS name, xmin::text AS made FROM pg_proc WHERE pronamespace = to_regnamespace('tablecast')
       UNION ALL
       SELECT relkind::text, relname::text, xmin::text FROM pg_class WHERE relnamespace = to_regnamespace('tablecast')) all_objects
      WHERE kind IN ('function', 'r', 'S') ORDER BY kind, name`,
  );

/** What the migrations make. */
export const CATALOG = [
  'S applied_model_id_seq',
  'S change_epoch_number_seq',
  'S change_seq',
  'S migration_id_seq',
  'S row_version',
  'function applied_model_id',
  'function capture_change',
  'function change_slot',
  'function close_batch',
  'function fold_case',
  'function log_reset',
  'function new_id',
  'function read_changes',
  'function stamp_row',
  'r applied_model',
  ...Array.from({ length: 10 }, (_, slot) => `r change_${slot}`),
  'r change_batch',
  'r change_epoch',
  'r kept_answer',
  'r migration',
];

/** The names of the migrations, in their order. */
export const MIGRATIONS = CATALOG_MIGRATIONS.map((Migration) => new Migration().name);

const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** What a service without a catalog left in a database, on the PostgreSQL of then. */
const BEFORE_THE_CATALOG = `
  CREATE SCHEMA tablecast;
  CREATE SEQUENCE tablecast.row_version CACHE 32;
  CREATE FUNCTION tablecast.new_id() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT gen_random_uuid()::text $$;
  CREATE FUNCTION tablecast.stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.created_at := now(); NEW.updated_at := now(); NEW.version := nextval('tablecast.row_version'); RETURN NEW; END $$;
  CREATE TABLE public.a (id text PRIMARY KEY DEFAULT tablecast.new_id(), x int,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, version bigint NOT NULL);
  CREATE TRIGGER tablecast_stamp BEFORE INSERT OR UPDATE ON public.a FOR EACH ROW EXECUTE FUNCTION tablecast.stamp_row();
  INSERT INTO public.a (x) SELECT generate_series(1, 40)`;

/** Registers the cases; `open` makes an empty database. */
export function catalogCases(open: () => Promise<TestDatabase>): void {
  describe('the catalog', () => {
    let database: TestDatabase;
    let pool: pg.Pool;
    let kept: KeptLog;
    before(async () => {
      kept = openKeptLog();
      database = await open();
      pool = directPool(database.url, kept.log);
    });
    after(async () => {
      await pool?.end();
      await database?.close();
    });

    test('is made in an empty database', async () => {
      await migrateCatalog(pool, kept);
      const made = await catalogOf(database);
      assert.deepEqual(
        made.map(({ kind, name }) => `${kind} ${name}`),
        CATALOG,
      );
      const [row] = await database.query('SELECT tablecast.new_id() AS id');
      assert.match(String(row?.['id']), UUID_V7);
      assert.deepEqual(
        kept.take().map(({ msg, migrations }) => [msg, migrations]),
        [["the service's own tables were brought up to date", MIGRATIONS]],
      );
    });

    test('is left as it is the next time, for one query', async () => {
      const made = await catalogOf(database);
      let acquired = 0;
      pool.on('acquire', () => {
        acquired += 1;
      });
      await migrateCatalog(pool, kept);
      assert.equal(acquired, 1);
      assert.deepEqual(await catalogOf(database), made);
      assert.deepEqual(kept.take(), []);
    });

    test('has the tables that the entities say, by the word of TypeORM', async () => {
      const client = await pool.connect();
      const differences = async (change: string) => {
        await client.query(`BEGIN; ${change}`);
        const source = await openDataSource(async () => ({ client, release: () => undefined }));
        const { upQueries } = await source.driver.createSchemaBuilder().log();
        await source.destroy();
        await client.query('ROLLBACK');
        return upQueries.map(({ query }) => query);
      };
      try {
        assert.deepEqual(await differences(''), []);
        for (const change of [
          'DROP COLUMN product_version',
          'ADD COLUMN more text',
          'ALTER COLUMN steps DROP NOT NULL',
          'ALTER COLUMN steps TYPE text',
          'ALTER COLUMN applied_at DROP DEFAULT',
          'ALTER COLUMN id DROP IDENTITY',
          'DROP CONSTRAINT applied_model_pkey',
        ])
          assert.notDeepEqual(await differences(`ALTER TABLE tablecast.applied_model ${change}`), [], change);
      } finally {
        client.release();
      }
    });

    test('remembers each model once, and everything that was done', async () => {
      const record = async (modelVersion: string, productVersion: string, steps: readonly string[] = []) => {
        const client = await pool.connect();
        await recordAppliedModel(client, { modelVersion, productVersion, steps }).finally(() => client.release());
        const rows = await database.query<{ model_version: string; product_version: string; steps: string[] }>(
          'SELECT * FROM tablecast.applied_model ORDER BY id',
        );
        return rows.map((row) => [row.model_version, row.product_version, ...row.steps].join(' '));
      };
      assert.deepEqual(await record('m1', 'p1'), ['m1 p1']);
      assert.deepEqual(await record('m1', 'p1'), ['m1 p1']);
      assert.deepEqual(await record('m1', 'p1', ['{"a', "b'"]), ['m1 p1', 'm1 p1 {"a b\'']);
      assert.deepEqual(await record('m1', 'p2'), ['m1 p1', 'm1 p1 {"a b\'', 'm1 p2']);
      assert.deepEqual(await record('m2', 'p2'), ['m1 p1', 'm1 p1 {"a b\'', 'm1 p2', 'm2 p2']);
      assert.deepEqual(await record('m1', 'p1'), ['m1 p1', 'm1 p1 {"a b\'', 'm1 p2', 'm2 p2', 'm1 p1']);
    });
  });

  test('a database from before the catalog gets it under its tables, and loses nothing', async () => {
    const { log } = openKeptLog();
    const database = await open();
    const pool = directPool(database.url, log);
    try {
      await database.query(BEFORE_THE_CATALOG);
      const rows = await database.query('SELECT * FROM a ORDER BY x');
      await migrateCatalog(pool, { log });
      assert.deepEqual(
        (await catalogOf(database)).map(({ kind, name }) => `${kind} ${name}`),
        CATALOG,
      );
      assert.deepEqual(await database.query('SELECT * FROM a ORDER BY x'), rows);
      const [next] = await database.query('INSERT INTO a (x) VALUES (41) RETURNING *');
      assert.match(String(next?.['id']), UUID_V7);
      const versions = rows.map((row) => BigInt(row['version']));
      assert.ok(versions.every((version) => BigInt(next?.['version']) > version));
    } finally {
      await pool.end();
      await database.close();
    }
  });
}
