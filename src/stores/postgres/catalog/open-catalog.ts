// Reading the service's own tables, through TypeORM on the service's own pool.

import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { toServiceError } from '../store-error.ts';
import { APPLIED_MODEL, type AppliedModel } from './applied-model.ts';
import { driverErrorOf } from './catalog-error.ts';
import { openDataSource } from './open-data-source.ts';

export interface Catalog {
  /** The last `first` models that were applied, newest first. Throws ServiceError when the database cannot be reached. */
  appliedModels(first: number): Promise<readonly AppliedModel[]>;
  /** Leaves the pool open. */
  close(): Promise<void>;
}

/** The catalog of a database that was migrated. Nothing is opened, nor TypeORM loaded, before the first question. */
export function openCatalog(pool: pg.Pool): Catalog {
  let opening: Promise<DataSource> | undefined;
  const open = () => {
    opening ??= openDataSource(async () => {
      const client = await pool.connect();
      return { client, release: (error) => client.release(error) };
    }).catch((error: unknown) => {
      // The next question tries again.
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    async appliedModels(first) {
      try {
        const source = await open();
        return await source
          .getRepository<AppliedModel>(APPLIED_MODEL.name)
          .find({ order: { id: 'DESC' }, take: first });
      } catch (error) {
        throw toServiceError(driverErrorOf(error));
      }
    },
    async close() {
      const source = await opening?.catch(() => undefined);
      await source?.destroy();
    },
  };
}
