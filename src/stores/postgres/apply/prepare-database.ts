// A database is made ready for a model: first the service's own tables, then the model's, on connections of their own, past
// a transaction pooler and without a limit on the time of a statement.

import type { Model } from '../../../tables/model.ts';
import { assertServed } from '../../served-stores.ts';
import { migrateCatalog } from '../catalog/migrate-catalog.ts';
import { openPool, type PoolOptions, type PostgresAddress } from '../open-pool.ts';
import { type Applied, type ApplyOptions, applyModel } from './apply-model.ts';

/** One holds the lock, the other works. */
const CONNECTIONS = 2;

/** Makes the database hold the catalog and the model's tables. Throws as `assertServed`, `migrateCatalog` and `applyModel` do. */
export async function prepareDatabase(
  address: PostgresAddress,
  model: Model,
  options: ApplyOptions & Pick<PoolOptions, 'lockTimeout'>,
): Promise<Applied> {
  assertServed(model);
  const { log, lockTimeout } = options;
  const pool = openPool({ address, size: CONNECTIONS, statementTimeout: 0, lockTimeout, log });
  try {
    await migrateCatalog(pool, { log });
    return await applyModel(pool, model, options);
  } finally {
    await pool.end();
  }
}
