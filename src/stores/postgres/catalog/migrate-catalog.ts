// The service's own tables in a database are brought to what this program knows, at start. Any number of processes may do
// this at once: one migrates, in one transaction, and the others go on when it has.

import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/log.ts';
import { UnusableDatabase } from '../check-server.ts';
import { passes, toPeople } from './catalog-error.ts';
import type { MigrationClass } from './migration.ts';
import { CATALOG_MIGRATIONS } from './migrations.ts';
import { openDataSource } from './open-data-source.ts';
import { STRUCTURE_LOCK } from './structure-lock.ts';

export interface MigrateOptions {
  readonly log: Logger;
  /** Those of this program, unless a test has its own. */
  readonly migrations?: readonly MigrationClass[];
  /** Milliseconds in which what passes by itself (a lock, a lost connection) may pass. */
  readonly patience?: number;
}

/** Milliseconds. */
const PATIENCE = 60_000;
const RETRY_EVERY = 100;
const TELL_EVERY = 10_000;

/**
 * Makes the catalog what this program knows. When it is already, that costs one query. Throws {@link UnusableDatabase},
 * with nothing done, when a newer Tablecast has been here, when the user may not, or when it cannot be done. `pool` must
 * have no limit on the time of a statement.
 */
export async function migrateCatalog(pool: pg.Pool, options: MigrateOptions): Promise<void> {
  const { log, migrations = CATALOG_MIGRATIONS, patience = PATIENCE } = options;
  const names = migrations.map((Migration) => new Migration().name);
  let failingSince: number | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (details: object, message: string) => {
    if (performance.now() - toldAt < TELL_EVERY) return;
    toldAt = performance.now();
    log.warn(details, message);
  };
  for (;;) {
    try {
      const due = await dueMigrations(pool, names);
      if (due.length === 0) return;
      const run = await migrate(pool, migrations);
      failingSince = null;
      if (run) {
        if (run.length > 0) log.info({ migrations: run }, "the service's own tables were brought up to date");
        continue;
      }
      tell({ migrations: due }, "waiting for another process that changes the database's structure");
    } catch (error) {
      failingSince ??= performance.now();
      if (!passes(error) || performance.now() - failingSince > patience) throw await toPeople(pool, error);
      tell({ error: messageOf(error) }, "the service's own tables cannot be changed yet");
    }
    await setTimeout(RETRY_EVERY);
  }
}

/** Those of `names` that the database has not had. Throws when it had others. */
async function dueMigrations(pool: pg.Pool | pg.ClientBase, names: readonly string[]): Promise<string[]> {
  const had = await migrationsHad(pool);
  const unknown = had.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new UnusableDatabase(
      `A newer Tablecast has used this database: this one does not know ${unknown.join(', ')}. Start that version, or a later one.`,
    );
  return names.filter((name) => !had.includes(name));
}

const UNDEFINED_TABLE = '42P01';

async function migrationsHad(pool: pg.Pool | pg.ClientBase): Promise<string[]> {
  try {
    const { rows } = await pool.query<{ name: string }>('SELECT name FROM tablecast.migration ORDER BY id');
    return rows.map(({ name }) => name);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

/** Runs what is due, all or nothing, and names it. Null when another process has the lock; no snapshot is kept then. */
async function migrate(pool: pg.Pool, migrations: readonly MigrationClass[]): Promise<readonly string[] | null> {
  const client = await pool.connect();
  try {
    // Each statement sees what was committed before it: what another process did before the lock was ours.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    // A process that stops in the middle and keeps its connection loses it, and the lock. A statement has all its time.
    await client.query(`SELECT set_config('lock_timeout', '5s', true), set_config('statement_timeout', '0', true),
                               set_config('idle_in_transaction_session_timeout', '60s', true)`);
    const locked = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS ours', [
      STRUCTURE_LOCK,
    ]);
    const run = locked.rows[0]?.ours ? await runDue(client, migrations) : null;
    await client.query('COMMIT');
    return run;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function runDue(client: pg.ClientBase, migrations: readonly MigrationClass[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ there: boolean; had: boolean }>(
    `SELECT to_regnamespace('tablecast') IS NOT NULL AS there, to_regclass('tablecast.migration') IS NOT NULL AS had`,
  );
  const names = migrations.map((Migration) => new Migration().name);
  // Another process may have done it before the lock was ours.
  if (rows[0]?.had && (await dueMigrations(client, names)).length === 0) return [];
  // IF NOT EXISTS would ask for the right to make schemas even where an administrator has made this one.
  if (!rows[0]?.there) await client.query('CREATE SCHEMA tablecast');
  const source = await openDataSource(async () => ({ client, release: () => undefined }), migrations);
  try {
    const run = await source.runMigrations({ transaction: 'none' });
    return run.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}
