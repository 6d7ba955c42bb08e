// An app's database, for a command that needs it and no service.

import { loadEnvironment } from '../config/load-environment.ts';
import { parseConfig } from '../config/parse-config.ts';
import { type Logger, openLog } from '../platform/log.ts';
import { type Database, openDatabase } from '../stores/postgres/open-database.ts';

/** Opens the database of the app in `appDir` for `work`, and closes it; its own PostgreSQL is started when nobody has. */
export async function withDatabase<T>(
  appDir: string,
  work: (database: Database, more: { readonly log: Logger; readonly lockTimeout: number }) => Promise<T>,
): Promise<T> {
  const config = parseConfig(loadEnvironment(appDir, process.env), { dir: appDir });
  const log = openLog({ level: 'warn', readable: true });
  const choice =
    config.database.kind === 'embedded' ? { ...config.database, dataDir: config.dataDir } : config.database;
  const database = await openDatabase(choice, { ...config.pool, log });
  try {
    return await work(database, { log, lockTimeout: config.pool.lockTimeout });
  } finally {
    await database.close();
  }
}
