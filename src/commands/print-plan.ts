// `tablecast plan`: what a start would do to the database, without doing it.

import { loadEnvironment } from '../config/load-environment.ts';
import { parseConfig } from '../config/parse-config.ts';
import { openLog } from '../platform/log.ts';
import { previewModel } from '../stores/postgres/apply-model.ts';
import { openDatabase } from '../stores/postgres/open-database.ts';
import { readTables } from './read-tables.ts';

/** The plan in words. Rejects with an Error for people. */
export async function printPlan(appDir: string): Promise<string> {
  const config = parseConfig(loadEnvironment(appDir, process.env), { dir: appDir });
  const model = await readTables(appDir);
  const log = openLog({ level: 'warn', readable: true });
  const choice =
    config.database.kind === 'embedded' ? { ...config.database, dataDir: config.dataDir } : config.database;
  const database = await openDatabase(choice, { ...config.pool, log });
  try {
    const { steps, refusals } = await previewModel(database.pool, model);
    return [
      ...(steps.length > 0 ? ['A start would, in one transaction:', ...steps.map((step) => `  ${step}`)] : []),
      ...(refusals.length > 0
        ? ['A start would be refused, and do nothing:', ...refusals.map((reason) => `  - ${reason}`)]
        : []),
      ...(steps.length + refusals.length === 0 ? ['There is nothing to do: the database holds these tables.'] : []),
    ].join('\n');
  } finally {
    await database.close();
  }
}
