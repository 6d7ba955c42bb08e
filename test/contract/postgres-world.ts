// The exam's world on PostgreSQL.

import pg from 'pg';
import type { Image } from '../../src/changes/change.ts';
import type { ChangeLog } from '../../src/changes/change-log.ts';
import { PostgresChangeLog } from '../../src/stores/postgres/change-log/postgres-change-log.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import type { ChangeLogWorld, OpenTransaction } from './change-log-world.ts';

const TABLES = 'type Counter @table { n: Int! }';
/** Twelve writers and the one that stays open. */
const WRITERS = 14;

export interface PostgresWorldOptions {
  readonly server?: string;
  /** What a log is made of: the product's way unless given. */
  readonly toLog?: (pool: pg.Pool) => ChangeLog;
  /** Changes the database before anything is written. */
  readonly prepare?: (query: TestDatabase['query']) => Promise<void>;
}

/** Opens it in a database of its own. */
export async function openPostgresWorld({
  server,
  toLog = (pool) => new PostgresChangeLog(pool),
  prepare,
}: PostgresWorldOptions = {}): Promise<ChangeLogWorld> {
  const database = await openTestDatabase(`ENCODING 'UTF8' TEMPLATE template0`, server);
  await applyTables(database, await modelOf(TABLES));
  await prepare?.(database.query);
  const pools: pg.Pool[] = [];
  const openPool = (max: number, options = '') => {
    const pool = new pg.Pool({ connectionString: database.url, max, options });
    // The database is dropped whoever is connected still.
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const writers = openPool(WRITERS);
  const open = new Set<OpenTransaction>();
  const abandon = async () => {
    await Promise.all([...open].map((transaction) => transaction.rollback()));
  };
  const observer = openPool(1, '-c TimeZone=UTC');
  return {
    table: 'counter',
    openLog: () => toLog(openPool(1)),
    begin: async () => openTransaction(await writers.connect(), open),
    async rows() {
      const { rows } = await observer.query<{ id: string; image: Image }>(
        `SELECT id, (SELECT json_object_agg(key, value) FROM jsonb_each_text(to_jsonb(c))) AS image FROM counter c`,
      );
      return new Map(rows.map(({ id, image }) => [id, image]));
    },
    abandon,
    async close() {
      await abandon();
      await Promise.all(pools.map((pool) => pool.end()));
      await database.close();
    },
  };
}

/** Begins one, and keeps it among those that are open until it ends. */
async function openTransaction(client: pg.PoolClient, open: Set<OpenTransaction>): Promise<OpenTransaction> {
  await client.query('BEGIN');
  const affects = async (text: string, id: string) => (await client.query(text, [id])).rowCount === 1;
  const end = async (text: string) => {
    open.delete(transaction);
    await client.query(text);
    client.release();
  };
  const transaction: OpenTransaction = {
    insert: (id) => affects('INSERT INTO counter (id, n) VALUES ($1, 0) ON CONFLICT DO NOTHING', id),
    update: (id) => affects('UPDATE counter SET n = n + 1 WHERE id = $1', id),
    delete: (id) => affects('DELETE FROM counter WHERE id = $1', id),
    savepoint: async () => void (await client.query('SAVEPOINT here')),
    undo: async () => void (await client.query('ROLLBACK TO SAVEPOINT here')),
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
  };
  open.add(transaction);
  return transaction;
}
