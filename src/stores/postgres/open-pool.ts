// The connections to PostgreSQL. Losing the server ends no process: idle connections that break are dropped, and the next
// statement opens a new one.

import pg from 'pg';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';

/** Where the server is: a URL, or the settings of the embedded one. */
export type PostgresAddress =
  | { readonly url: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

export interface PoolOptions {
  readonly address: PostgresAddress;
  readonly size: number;
  /** Milliseconds. */
  readonly statementTimeout: number;
  readonly lockTimeout: number;
  readonly log: Logger;
}

/** Milliseconds to wait for a free or new connection before the caller is told to come back. */
const ACQUIRE_TIMEOUT = 3_000;

/** A pool; opens no connection by itself. Close it with `end()`, after everything that uses it. */
export function openPool({ address, size, statementTimeout, lockTimeout, log }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...('url' in address ? { connectionString: address.url } : address),
    max: size,
    connectionTimeoutMillis: ACQUIRE_TIMEOUT,
    statement_timeout: statementTimeout,
    lock_timeout: lockTimeout,
    idle_in_transaction_session_timeout: statementTimeout,
    application_name: 'tablecast',
    keepAlive: true,
  });
  // Without a listener a broken idle connection would end the process.
  pool.on('error', (error) => log.warn({ error: messageOf(error) }, 'a database connection broke'));
  return pool;
}
