// The database of a service: a server that the configuration names, or the service's own.

import type pg from 'pg';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { openEmbeddedPostgres } from '../embedded-postgres/open-embedded-postgres.ts';
import { checkServer, type Server, UnusableDatabase } from './check-server.ts';
import { openPool, type PoolOptions, type PostgresAddress } from './open-pool.ts';
import { isConnectionLoss } from './store-error.ts';

export type DatabaseChoice =
  | { readonly kind: 'embedded'; readonly dataDir: string }
  | { readonly kind: 'server'; readonly url: string; readonly directUrl: string };

export interface Database extends Server {
  readonly pool: pg.Pool;
  /** Where statements go that a transaction pooler cannot carry. */
  readonly directAddress: PostgresAddress;
  /** In words, for the person who starts the service. */
  readonly description: string;
  close(): Promise<void>;
}

/** Milliseconds that a server of DATABASE_URL is waited for: services and their databases start together. */
const START_PATIENCE = 30_000;
const RETRY_EVERY = 500;

/** Opens the database and checks that it can be used. Rejects with an Error that says why not. */
export async function openDatabase(choice: DatabaseChoice, options: Omit<PoolOptions, 'address'>): Promise<Database> {
  const { log } = options;
  if (choice.kind === 'server') {
    const pool = openPool({ ...options, address: { url: choice.url } });
    try {
      const server = await reach(pool, log);
      const description = `PostgreSQL ${server.version} at ${withoutPassword(choice.url)}`;
      return { pool, ...server, description, directAddress: { url: choice.directUrl }, close: () => pool.end() };
    } catch (error) {
      await pool.end();
      throw error;
    }
  }
  const embedded = await openEmbeddedPostgres({ dataDir: choice.dataDir, log });
  const pool = openPool({ ...options, address: embedded.connection });
  const close = async () => {
    await pool.end();
    await embedded.close();
  };
  try {
    const server = await checkServer(pool);
    return {
      pool,
      ...server,
      description: `the service's own PostgreSQL ${server.version} (${embedded.origin})`,
      directAddress: embedded.connection,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function reach(pool: pg.Pool, log: Logger): Promise<Server> {
  const until = Date.now() + START_PATIENCE;
  for (;;) {
    try {
      return await checkServer(pool);
    } catch (error) {
      if (error instanceof UnusableDatabase) throw error;
      if (!isConnectionLoss(error) || Date.now() > until) {
        throw new UnusableDatabase(`The server of DATABASE_URL cannot be used: ${messageOf(error)}`, { cause: error });
      }
      log.warn({ error: messageOf(error) }, 'waiting for the database');
      await new Promise((resolve) => setTimeout(resolve, RETRY_EVERY));
    }
  }
}

function withoutPassword(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
