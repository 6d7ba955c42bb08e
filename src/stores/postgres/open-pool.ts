// The connections to PostgreSQL. Losing the server ends no process: idle connections that break are dropped, and the next
// statement opens a new one.

import pg from 'pg';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { SESSION_START, type SessionLimits, type Sessions, sessionParameters } from './statements/session-limits.ts';

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

export interface PoolOptions extends SessionLimits {
  readonly address: PostgresAddress;
  readonly size: number;
  /** Left out: the service's own. */
  readonly sessions?: Sessions;
  /** Statements that every connection begins with; only where sessions are the service's own. */
  readonly preparation?: string;
  readonly log: Logger;
}

/** Milliseconds to wait for a free or new connection before the caller is told to come back. */
const ACQUIRE_TIMEOUT = 3_000;
/** Milliseconds that the server has to tell of a timeout. A server that is silent for longer is taken for gone. */
const TIMEOUT_NEWS = 2_000;
/** Milliseconds after which an idle connection is felt for, before something on the way forgets it. */
const KEEP_ALIVE_AFTER = 10_000;

/**
 * A pool; opens no connection by itself. Sessions of the service's own have the limits of time; to lent ones, statements
 * bring them. Close it with `end()`, after everything that uses it.
 */
export function openPool({ address, size, sessions = 'own', preparation, log, ...limits }: PoolOptions): pg.Pool {
  const { statementTimeout } = limits;
  const start = [SESSION_START, ...(preparation ? [preparation] : [])].join('; ');
  const pool = new pg.Pool({
    ...('url' in address ? { connectionString: address.url } : address),
    max: size,
    connectionTimeoutMillis: ACQUIRE_TIMEOUT,
    ...(sessions === 'own' ? sessionParameters(limits) : {}),
    ...(statementTimeout > 0 ? { query_timeout: statementTimeout + TIMEOUT_NEWS } : {}),
    application_name: 'tablecast',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER,
    ...(sessions === 'own' ? { onConnect: (client: pg.ClientBase) => client.query(start) } : {}),
  });
  // Without listeners a connection that breaks would end the process: in use, where its statement is told the reason, or
  // idle.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => log.warn({ error: messageOf(error) }, 'a database connection broke'));
  return pool;
}
