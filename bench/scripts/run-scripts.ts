// The benchmark of scripts: the same requests to two services, one of an app with scripts and one of the same app without, in
// turn, round after round; one request at a time, and 32.
//
//   npm run bench -- scripts                   all cases
//   npm run bench -- scripts quiet-insert      some of them

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { putLoad, toRequest } from '../load.ts';
import type { Setting } from '../report.ts';
import { POOL_SIZE, type RunningServer, startServer } from '../start-server.ts';
import { openWorld, type World } from '../world.ts';
import { SCRIPT_CASES, SCRIPTS, type ScriptCase, SIDES, type Side, TABLES } from './script-cases.ts';
import { type ScriptResult, type ScriptRound, writeScriptReport } from './script-report.ts';

type Settings = Pick<Setting, 'rounds' | 'seconds' | 'warmup'>;

/** Requests that are under way at a time. */
export const IN_FLIGHT = [1, 32] as const;
const ROWS = 1_000;

interface Served {
  readonly server: RunningServer;
  readonly database: pg.Client;
}

/** Runs the cases of these names, or all, and answers the report. */
export async function runScripts(names: readonly string[], settings: Settings): Promise<string> {
  const chosen = names.length === 0 ? SCRIPT_CASES : SCRIPT_CASES.filter(({ name }) => names.includes(name));
  if (chosen.length < names.length)
    throw new Error(`Cases of scripts are ${SCRIPT_CASES.map(({ name }) => name).join(', ')}.`);
  const world = await openWorld();
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-bench-scripts-'));
  const maker = new pg.Client({ connectionString: world.url });
  const served = new Map<Side, Served>();
  const drop = async () => {
    for (const side of SIDES) await maker.query(`DROP DATABASE IF EXISTS ${databaseOf(side)} WITH (FORCE)`);
  };
  try {
    await maker.connect();
    await drop();
    for (const side of SIDES) served.set(side, await serve(side, world, folder, maker));
    const results: ScriptResult[] = [];
    for (const one of chosen) for (const inFlight of IN_FLIGHT) results.push(await runCase(one, inFlight, served, settings));
    const shown = await maker.query<{ server_version: string }>('SHOW server_version');
    const setting: Setting = {
      ...settings,
      connections: Math.max(...IN_FLIGHT),
      pool: POOL_SIZE,
      transport: world.transport,
      database: shown.rows[0]?.server_version ?? '',
    };
    return await writeScriptReport(results, setting, names.length > 0);
  } finally {
    for (const { server, database } of served.values()) {
      await server.close();
      await database.end();
    }
    await drop();
    await maker.end();
    await rm(folder, { recursive: true, force: true });
    await world.close();
  }
}

const databaseOf = (side: Side) => `bench_scripts_${side}`;

async function serve(side: Side, world: World, folder: string, maker: pg.Client): Promise<Served> {
  const app = join(folder, side);
  await mkdir(join(app, 'schema'), { recursive: true });
  await writeFile(join(app, 'schema', 'tables.graphql'), TABLES);
  if (side === 'with') {
    await mkdir(join(app, 'scripts', 'tables'), { recursive: true });
    for (const [file, text] of Object.entries(SCRIPTS)) await writeFile(join(app, 'scripts', 'tables', file), text);
  }
  await maker.query(`CREATE DATABASE ${databaseOf(side)}`);
  const url = new URL(world.url);
  url.pathname = `/${databaseOf(side)}`;
  const server = await startServer('tablecast', { ...world, app, url: url.href });
  const database = new pg.Client({ connectionString: url.href });
  await database.connect();
  await database.query(`INSERT INTO shelf (id, name) SELECT 'shelf-' || n, 'Shelf ' || n FROM generate_series(0, 99) n`);
  for (const table of ['filtered', 'told'])
    await database.query(
      `INSERT INTO ${table} (id, text, priority) SELECT 'row-' || n, 'Row ' || n, n % 10 FROM generate_series(1, ${ROWS}) n`,
    );
  await database.query(
    `INSERT INTO plain (id, text, priority, shelf_id) SELECT 'row-' || n, 'Row ' || n, n % 10, 'shelf-' || n % 100 FROM generate_series(1, ${ROWS}) n`,
  );
  await database.query('VACUUM ANALYZE');
  return { server, database };
}

async function runCase(
  one: ScriptCase,
  inFlight: number,
  served: ReadonlyMap<Side, Served>,
  { rounds, seconds, warmup }: Settings,
): Promise<ScriptResult> {
  process.stdout.write(`${one.name}, ${inFlight} in flight `);
  let number = 0;
  const measure = async (side: Side, long: number): Promise<ScriptRound> => {
    const { url } = (served.get(side) as Served).server;
    const query = one.query(side);
    const next = () => toRequest(url, JSON.stringify({ query, variables: one.variables(number++) }));
    const load = await putLoad({ url, next, connections: inFlight, seconds: long });
    return { microseconds: (load.seconds * 1e6) / load.requests, p50: load.p50, p99: load.p99 };
  };
  const order: Side[] = [...SIDES];
  for (const side of order) await measure(side, warmup);
  const figures: Record<Side, ScriptRound>[] = [];
  for (let round = 0; round < rounds; round++) {
    const figure = new Map<Side, ScriptRound>();
    for (const side of order) figure.set(side, await measure(side, seconds));
    figures.push(Object.fromEntries(figure) as Record<Side, ScriptRound>);
    order.reverse();
    process.stdout.write('.');
  }
  process.stdout.write('\n');
  return { name: one.name, title: one.title, inFlight, rounds: figures };
}
