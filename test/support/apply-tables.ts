// Making the tables of a model in a test's database, as a start does.

import { openLog } from '../../src/platform/log.ts';
import type { Applied } from '../../src/stores/postgres/apply/apply-model.ts';
import { prepareDatabase } from '../../src/stores/postgres/apply/prepare-database.ts';
import type { Model } from '../../src/tables/model.ts';

const log = openLog({ level: 'silent', readable: false });

/** `allowed` are the names of what may be lost. */
export function applyTables(
  database: { readonly url: string },
  model: Model,
  allowed: readonly string[] = [],
): Promise<Applied> {
  return prepareDatabase({ url: database.url }, model, { log, lockTimeout: 2_000, productVersion: '0.0.0', allowed });
}
