// The database of a service: a server that the configuration names, or the service's own.

import type pg from 'pg';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { openEmbeddedPostgres } from '../embedded-postgres/open-embedded-postgres.ts';
import { checkServer, type Server, UnusableDatabase } from './check-server.ts';
import { openPool, type PoolOptions, type PostgresAddress } from './open-pool.ts';
import { isBehindPooler } from './statements/find-pooler.ts';
import type { Sessions } from './statements/session-limits.ts';
import { Statements } from './statements/statements.ts';
import { isConnectionLoss } from './store-error.ts';

export type DatabaseChoice =
  | { readonly kind: 'embedded'; readonly dataDir: string }
  | { readonly kind: 'server'; readonly url: string; readonly directUrl: string };

/** Whether statements get names in the server: where no pooler is seen, always, or never. */
export type PreparedStatements = 'auto' | 'on' | 'off';

export interface DatabaseOptions extends Omit<PoolOptions, 'address' | 'sessions'> {
  /** Left out: `auto`. */
  readonly preparedStatements?: PreparedStatements;
}

export interface Database extends Server {
  readonly pool: pg.Pool;
  /** How statements are run on the pool. */
  readonly statements: Statements;
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
export async function openDatabase(choice: DatabaseChoice, options: DatabaseOptions): Promise<Database> {
  return choice.kind === 'server' ? openServer(choice, options) : openEmbedded(choice.dataDir, options);
}

async function openServer(
  { url, directUrl }: { readonly url: string; readonly directUrl: string },
  options: DatabaseOptions,
): Promise<Database> {
  const address = { url };
  const { server, sessions } = await lookAt(address, options);
  if (sessions === 'lent') await checkDirectAddress({ url: directUrl }, options);
  const pool = openPool({ ...options, address, sessions });
  const way = sessions === 'lent' ? ', through a connection pooler' : '';
  return {
    pool,
    ...server,
    statements: statementsFor(sessions, options),
    description: `PostgreSQL ${server.version} at ${withoutPassword(url)}${way}`,
    directAddress: { url: directUrl },
    close: () => pool.end(),
  };
}

async function openEmbedded(dataDir: string, options: DatabaseOptions): Promise<Database> {
  const embedded = await openEmbeddedPostgres({ dataDir, log: options.log });
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
      statements: statementsFor('own', options),
      description: `the service's own PostgreSQL ${server.version} (${embedded.origin})`,
      directAddress: embedded.connection,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function statementsFor(sessions: Sessions, options: DatabaseOptions): Statements {
  const { preparedStatements = 'auto', statementTimeout, lockTimeout, log } = options;
  return new Statements({
    named: preparedStatements === 'auto' ? sessions === 'own' : preparedStatements === 'on',
    limits: sessions === 'lent' ? { statementTimeout, lockTimeout } : null,
    log,
  });
}

interface Found {
  readonly server: Server;
  readonly sessions: Sessions;
}

/** What is at the address. It is asked for nothing that a pooler would refuse; a server that is not there yet is waited for. */
async function lookAt(address: PostgresAddress, options: DatabaseOptions): Promise<Found> {
  const pool = openPool({ ...options, address, size: 1, sessions: 'lent' });
  try {
    return await reach(pool, options.log);
  } finally {
    await pool.end();
  }
}

async function reach(pool: pg.Pool, log: Logger): Promise<Found> {
  const until = Date.now() + START_PATIENCE;
  for (;;) {
    try {
      return { server: await checkServer(pool), sessions: (await isBehindPooler(pool)) ? 'lent' : 'own' };
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

/** A session that is to change tables asks for what a pooler may refuse. */
async function checkDirectAddress(address: PostgresAddress, options: DatabaseOptions): Promise<void> {
  const pool = openPool({ ...options, address, size: 1 });
  try {
    if (await isBehindPooler(pool)) {
      options.log.warn(
        'the address for schema changes leads through a connection pooler too. If it gives every transaction another session, set DATABASE_DIRECT_URL to the server itself',
      );
    }
  } catch (error) {
    throw new UnusableDatabase(
      `DATABASE_URL leads through a connection pooler, and tables have to be changed past it. Set DATABASE_DIRECT_URL to the same database on the server itself (${messageOf(error)}).`,
      { cause: error },
    );
  } finally {
    await pool.end();
  }
}

function withoutPassword(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
