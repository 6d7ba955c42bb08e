// `tablecast apply`: makes the database hold the tables, as a start does, and no more.

import { prepareDatabase } from '../stores/postgres/apply/prepare-database.ts';
import { productVersion } from './product.ts';
import { readTables } from './read-tables.ts';
import { withDatabase } from './with-database.ts';

/** Applies, and answers what was done in words. Rejects with an Error for people. */
export async function applyTables(appDir: string, allowed: readonly string[]): Promise<string> {
  const model = await readTables(appDir);
  return withDatabase(appDir, async ({ directAddress }, { log, lockTimeout }) => {
    const options = { log, lockTimeout, productVersion: productVersion(), allowed };
    const { steps, kept } = await prepareDatabase(directAddress, model, options);
    return [
      ...(steps.length > 0 ? steps : ['There was nothing to do: the database holds these tables.']),
      ...kept.map((what) => `kept: ${what}`),
    ].join('\n');
  });
}
