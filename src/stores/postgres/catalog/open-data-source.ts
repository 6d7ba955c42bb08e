// TypeORM over connections that the service has already: TypeORM opens none and closes none. It costs a fifth of a second
// and 35 MB, so it is loaded here, when it is needed, and every other file imports nothing of it but types.

import type pg from 'pg';
import type { DataSource, Logger } from 'typeorm';
import { APPLIED_MODEL } from './applied-model.ts';
import type { MigrationClass } from './migration.ts';

/** A connection, and how it is given back: with an error, when it broke. */
export interface LentConnection {
  readonly client: pg.ClientBase;
  release(error?: Error): void;
}

/** Where the service keeps its own tables. */
const SCHEMA = 'tablecast';

/**
 * Opens a data source of the catalog. Whoever opens it destroys it, which leaves the connections as they were. `migrations`
 * are those that it can run; it runs none by itself.
 */
export async function openDataSource(
  lend: () => Promise<LentConnection>,
  migrations: readonly MigrationClass[] = [],
): Promise<DataSource> {
  const { DataSource, EntitySchema } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    driver: { Pool: poolOver(lend) },
    schema: SCHEMA,
    entities: [new EntitySchema(APPLIED_MODEL)],
    migrations: [...migrations],
    migrationsTableName: 'migration',
    installExtensions: false,
    // Some of its words would go to the console whatever `logging` says. What fails is thrown too, and logged once, by us.
    logger: SILENT,
  });
  return source.initialize();
}

const nothing = () => undefined;
const SILENT: Logger = {
  log: nothing,
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
};

type Done = (error?: Error, client?: pg.ClientBase, release?: LentConnection['release']) => void;

/** As much of a pool's class as TypeORM uses. */
function poolOver(lend: () => Promise<LentConnection>): new () => object {
  return class {
    connect(done: Done): void {
      lend().then(({ client, release }) => done(undefined, client, release), done);
    }
    end(done: () => void): void {
      done();
    }
    /** The owner of the connections listens for those that break. */
    on(): this {
      return this;
    }
  };
}
