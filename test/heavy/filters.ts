// The property test of filters, for as long as it takes to judge a million filter-row pairs (or as many as the first
// argument says): npm run test:filters. With TEST_DATABASE_URL it uses that server, else one of its own.

import { openLog } from '../../src/platform/log.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { checkFilters } from '../integration/check-filters.ts';
import { FILTER_SDL } from '../integration/filter-tables.ts';
import { applyTables } from '../support/apply-tables.ts';
import globalSetup from '../support/global-setup.ts';
import { modelOf } from '../support/open-test-service.ts';
import { openTestDatabase } from '../support/test-database.ts';

async function main(wanted: number): Promise<void> {
  const own = process.env['TEST_DATABASE_URL'] ? null : await globalSetup();
  Object.assign(process.env, own?.env);
  const database = await openTestDatabase();
  const log = openLog({ level: 'silent', readable: false });
  const pool = openPool({
    address: { url: database.url },
    size: 1,
    statementTimeout: 120_000,
    lockTimeout: 2_000,
    log,
  });
  const total = { cases: 0, yes: 0, no: 0, unknown: 0 };
  const began = Date.now();
  try {
    const model = await modelOf(FILTER_SDL);
    await applyTables(database, model);
    while (total.cases < wanted) {
      const some = await checkFilters(pool, model, { worlds: 1, runs: 25 });
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += some[name];
    }
    const seconds = Math.round((Date.now() - began) / 1000);
    process.stdout.write(
      `${total.cases} cases in ${seconds} s: ${total.yes} yes, ${total.no} no, ${total.unknown} unknown; all the same.\n`,
    );
  } finally {
    await pool.end();
    await database.close();
    await own?.close();
  }
}

await main(Number(process.argv[2] ?? 1_000_000));
