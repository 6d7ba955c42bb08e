// A database with tables and the connections that followers of the log read rows on, for tests of what they read.

import type pg from 'pg';
import type { Change } from '../../src/changes/change.ts';
import type { Position } from '../../src/changes/position.ts';
import type { LaterChange } from '../../src/changes/rows-as-of.ts';
import { openLog } from '../../src/platform/log.ts';
import { openLogReaders } from '../../src/stores/postgres/change-log/open-log-readers.ts';
import { PostgresChangeLog } from '../../src/stores/postgres/change-log/postgres-change-log.ts';
import type { PoolOptions } from '../../src/stores/postgres/open-pool.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

export interface LogReadersWorld {
  readonly database: TestDatabase;
  readonly readers: pg.Pool;
  readonly log: PostgresChangeLog;
  /** Another pool of readers, closed with the others. */
  open(options: Partial<PoolOptions>): pg.Pool;
  /** The changes since the position, the last of which everything is closed up to. */
  changesSince(position: Position): Promise<readonly Change[]>;
  close(): Promise<void>;
}

/** `server`: another one than that of the test run. */
export async function openLogReadersWorld(sdl: string, server?: string): Promise<LogReadersWorld> {
  const database = await openTestDatabase(`ENCODING 'UTF8' TEMPLATE template0`, server);
  await applyTables(database, await modelOf(sdl));
  const pools: pg.Pool[] = [];
  const open = (options: Partial<PoolOptions>) => {
    const pool = openLogReaders({
      address: { url: database.url },
      size: 3,
      statementTimeout: 20_000,
      lockTimeout: 5_000,
      log: openLog({ level: 'silent', readable: false }),
      ...options,
    });
    pools.push(pool);
    return pool;
  };
  const readers = open({});
  const log = new PostgresChangeLog(readers);
  return {
    database,
    readers,
    log,
    open,
    async changesSince(position) {
      await log.advance();
      const page = await log.read(position, 1_000);
      if (page.kind === 'reset') throw new Error(page.reason);
      return page.changes;
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.close();
    },
  };
}

/** `I a`, `U b`, `D c`: what happened to which row. */
export function inWords(later: readonly LaterChange[] | undefined): string[] | undefined {
  return later?.map(({ before, after }) => `${before ? (after ? 'U' : 'D') : 'I'} ${(after ?? before)?.['id']}`);
}
