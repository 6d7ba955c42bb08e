// Two instances of the service on one database, each in a process of its own, and the ways in which any of the three ends
// suddenly. The database belongs to the test's process, which starts it again.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import pg from 'pg';
import { openLog } from '../../src/platform/log.ts';
import { openEmbeddedPostgres } from '../../src/stores/embedded-postgres/open-embedded-postgres.ts';
import { type CrashService, killPostgres, openCrashService } from './crash-service.ts';
import { MASTER_KEY, TABLES, TOKEN_SECRET } from './live-world.ts';

export const VICTIMS = ['first instance', 'backend', 'second instance', 'postmaster'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface LiveCluster {
  readonly database: string;
  /** The address of the instance of that number (any number will do), when it serves. */
  serving(instance: number): Promise<string>;
  /** SIGKILLs. Resolves when it is there again. */
  kill(victim: Victim): Promise<void>;
  /** Runs SQL as psql would, and waits for a database that is about to start. */
  query(text: string): Promise<void>;
  close(): Promise<void>;
}

const ENVIRONMENT = {
  TABLECAST_TOKEN_SECRET: TOKEN_SECRET,
  TABLECAST_MASTER_KEY: MASTER_KEY,
  TABLECAST_POOL_SIZE: '6',
  TABLECAST_LOG_LEVEL: 'error',
};

export async function openLiveCluster(): Promise<LiveCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-live-'));
  // As root the server runs as another user, who must get there.
  await chmod(folder, 0o755);
  const log = openLog({ level: 'silent', readable: false });
  // A commit must outlive its process, and not the machine.
  const settings = { fsync: 'off', full_page_writes: 'off', deadlock_timeout: '100ms' };
  const server = await openEmbeddedPostgres({ dataDir: join(folder, '.tablecast'), log, settings });
  const { host, port, user, password, database } = server.connection;
  const url = `postgres://${user}:${password}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
  const instances: CrashService[] = [];
  const close = async () => {
    await Promise.all(instances.map((instance) => instance.close()));
    await Promise.all(instances.map((instance) => instance.remove()));
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  const instance = (at: number) => {
    const found = instances[at % instances.length];
    if (!found) throw new Error('there is no instance');
    return found;
  };
  const query = async (text: string) => {
    for (;;) {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      const unreachable = await client.connect().then(
        () => null,
        (error: Error) => error,
      );
      if (!unreachable) return void (await client.query(text).finally(() => client.end()));
      await pass(20);
    }
  };
  try {
    for (let at = 0; at < 2; at++) {
      instances.push(await openCrashService(TABLES, { ...ENVIRONMENT, DATABASE_URL: url }));
    }
    return {
      database: url,
      serving: (at) => instance(at).serving(),
      async kill(victim) {
        if (victim === 'first instance') await instance(0).kill('service');
        else if (victim === 'second instance') await instance(1).kill('service');
        else {
          await killPostgres(folder, victim);
          await query('SELECT 1');
        }
      },
      query,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
