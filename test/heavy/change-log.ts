// The exam of the change log under load, for as long as it takes to commit some 30,000 transactions (or as many as the first
// argument says) in rounds, in each of which one stays open for half a minute at least: npm run test:changes. With TEST_DATABASE_URL it uses that
// server, else one of its own. A second argument names a mistake (see test/contract/mistaken-log.ts) to look at instead.

import { setTimeout } from 'node:timers/promises';
import { runLoad } from '../contract/change-log-load.ts';
import { MISTAKES, mistakenLog } from '../contract/mistaken-log.ts';
import { openPostgresWorld } from '../contract/postgres-world.ts';
import globalSetup from '../support/global-setup.ts';

const WRITERS = 12;
/** Of a writer in a round. What one open transaction keeps from being cleaned up slows the others down more and more. */
const TRANSACTIONS = 400;
/** Milliseconds. */
const OPEN_FOR = 30_000;

async function main(commits: number, mistake: keyof typeof MISTAKES | undefined): Promise<void> {
  const own = process.env['TEST_DATABASE_URL'] ? null : await globalSetup();
  Object.assign(process.env, own?.env);
  const world = await openPostgresWorld(mistake ? { toLog: (pool) => mistakenLog(pool, mistake, 'counter') } : {});
  const began = Date.now();
  try {
    for (let done = 0, seed = began; done < commits; done += WRITERS * TRANSACTIONS, seed++) {
      const load = { writers: WRITERS, transactions: TRANSACTIONS, seed, meanwhile: setTimeout(OPEN_FOR) };
      const { problems, changes } = await runLoad(world, load);
      const found = Object.keys(problems).length > 0;
      process.stdout.write(
        `seed ${seed}: ${changes} changes of ${WRITERS * TRANSACTIONS} transactions: ${found ? JSON.stringify(problems) : 'nothing wrong'}\n`,
      );
      if (found) process.exitCode = 1;
    }
    process.stdout.write(`${Math.round((Date.now() - began) / 1000)} s\n`);
  } finally {
    await world.close();
    await own?.close();
  }
}

function toMistake(name: string | undefined): keyof typeof MISTAKES | undefined {
  const known = Object.keys(MISTAKES).find((each) => each === name);
  if (name !== undefined && known === undefined)
    throw new Error(`no such mistake: ${name}. There are: ${Object.keys(MISTAKES).join('; ')}`);
  return known as keyof typeof MISTAKES | undefined;
}

await main(Number(process.argv[2] ?? 30_000), toMistake(process.argv[3]));
