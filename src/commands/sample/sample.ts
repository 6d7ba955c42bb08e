// `tablecast sample`: an app with real data to try things on. What it does can be interrupted anywhere, and done again.

import { prepareDatabase } from '../../stores/postgres/apply/prepare-database.ts';
import { analyzeLoaded, type Loading, loadRows } from '../../stores/postgres/load-rows.ts';
import type { Database } from '../../stores/postgres/open-database.ts';
import { productVersion } from '../product.ts';
import { readTables } from '../read-tables.ts';
import { withDatabase } from '../with-database.ts';
import { installPackages } from './install-packages.ts';
import { makeSample } from './make-sample.ts';
import { grouped, openProgress } from './progress.ts';
import { readRows } from './read-rows.ts';

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;
/** Milliseconds in which a signal that comes again is still the first: a terminal and npx may both send it. */
const SAME_SIGNAL = 1_000;

/**
 * Makes the sample `name` in `dir`, or goes on with what an earlier call has made there, and loads its rows. Resolves with
 * what to do next; rejects with an Error for people.
 */
export async function sample(name: string | undefined, dir: string | undefined): Promise<string> {
  const started = performance.now();
  const app = await makeSample(name, dir);
  tell(`${app.isNew ? 'Made the app' : 'Going on with the app'} in ${app.folder}`);
  await installPackages(app, tell);
  const model = await readTables(app.folder);
  const parts = await readRows(app.folder, model);
  const stop = stopOnSignals();
  const added = await withDatabase(app.folder, async ({ directAddress, description, pool }, { log, lockTimeout }) => {
    tell(`Loading into ${description}`);
    await prepareDatabase(directAddress, model, { log, lockTimeout, productVersion: productVersion() });
    return load(pool, parts, stop);
  });
  if (stop.aborted) {
    process.exitCode = INTERRUPTED;
    return `\nStopped. ${grouped(added)} new rows are in; run the same command again to go on.`;
  }
  const total = parts.reduce((sum, { items }) => sum + items.length, 0);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  return `${grouped(total)} rows, ${grouped(added)} of them new, in ${seconds} s.

Start the app with:

  npx tablecast start --app ${app.dir}

and ask, for example, what ${app.dir}/README.md suggests.
`;
}

/** Loads the parts in turn until all are in, or `stop` says so. Answers how many rows were new. */
async function load(pool: Database['pool'], parts: readonly Loading[], stop: AbortSignal): Promise<number> {
  const progress = openProgress(process.stdout);
  let total = 0;
  for (const part of parts) {
    const name = part.kind === 'rows' ? part.table.name : `${part.table.name}.${part.relation}`;
    let addedHere = 0;
    for await (const { done, added } of loadRows(pool, part)) {
      progress.show(name, done, part.items.length);
      addedHere = added;
      if (stop.aborted) return total + added;
    }
    total += addedHere;
  }
  await analyzeLoaded(pool, parts);
  return total;
}

/** Aborted by the first signal; a later one does not wait. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  let since = 0;
  const stop = () => {
    if (stopping.signal.aborted && performance.now() - since > SAME_SIGNAL) process.exit(INTERRUPTED);
    since ||= performance.now();
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return stopping.signal;
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
