// The benchmark: for each case all servers in turn, round after round, so that whatever else the machine does falls on all
// of them. Figures are medians of rounds, ratios are taken within a round.
//
//   npm run bench                        all cases
//   npm run bench -- by-id nested        some of them
//   npm run bench -- profile by-id       where the time goes
//   npm run bench -- writes insert       writes, all cases or some: writes/run-writes.ts
//   npm run bench -- live sockets        subscriptions, all parts or some: live/run-live.ts
//   npm run bench -- scripts             scripts, all cases or some: scripts/run-scripts.ts
//   npm run bench -- --rounds=9 --seconds=2 --warmup=8 --connections=16

import { parseArgs } from 'node:util';
import pg from 'pg';
import { CASES, type Case, readVariables, requestBody, SERVERS, type ServerName } from './cases.ts';
import { compareAnswers } from './compare-answers.ts';
import { runLive } from './live/run-live.ts';
import { inTurn, putLoad } from './load.ts';
import { profile } from './profile.ts';
import { type CaseResult, type Round, type Setting, writeReport } from './report.ts';
import { runScripts } from './scripts/run-scripts.ts';
import { POOL_SIZE, type RunningServer, startServer } from './start-server.ts';
import { openWorld } from './world.ts';
import { runWrites } from './writes/run-writes.ts';

/** Sets of variables that all servers must agree on. */
const COMPARED = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string' },
    warmup: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
    // Of live.
    sockets: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '1000' },
    profile: { type: 'string' },
  },
});
const settings = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds ?? 1.2),
  warmup: Number(values.warmup),
  connections: Number(values.connections),
};
const liveSettings = {
  sockets: Number(values.sockets),
  rate: Number(values.rate),
  seconds: Number(values.seconds ?? 20),
  profile: values.profile ?? null,
};

async function main(): Promise<void> {
  const chosen = positionals.length === 0 ? CASES : CASES.filter(({ name }) => positionals.includes(name));
  if (chosen.length < positionals.length)
    throw new Error(`Cases are ${CASES.map(({ name }) => name).join(', ')}; not all of ${positionals.join(', ')}.`);
  const world = await openWorld();
  const servers = new Map<ServerName, RunningServer>();
  const client = new pg.Client({ connectionString: world.url });
  try {
    await client.connect();
    await client.query('VACUUM ANALYZE');
    for (const name of SERVERS) servers.set(name, await startServer(name, world));
    const results: CaseResult[] = [];
    for (const one of chosen) results.push(await runCase(one, client, servers));
    const setting: Setting = {
      ...settings,
      pool: POOL_SIZE,
      transport: world.transport,
      database: (await client.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version ?? '',
    };
    process.stdout.write(`${await writeReport(results, setting, positionals.length > 0)}\n`);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.close()));
    await client.end();
    await world.close();
  }
}

async function runCase(
  one: Case,
  client: pg.Client,
  servers: ReadonlyMap<ServerName, RunningServer>,
): Promise<CaseResult> {
  process.stdout.write(`${one.name}: ${one.title} `);
  const sets = await readVariables(client, one);
  await compareAnswers(one, servers, sets.slice(0, COMPARED));
  const bodies = (name: ServerName) => sets.map((variables) => requestBody(one, name, variables));
  const measure = async (server: RunningServer, seconds: number): Promise<Round> => {
    const before = await server.cpuSeconds();
    const load = await putLoad({
      url: server.url,
      next: inTurn(server.url, bodies(server.name)),
      connections: settings.connections,
      seconds,
    });
    const after = await server.cpuSeconds();
    const cpu = before === null || after === null ? null : ((after - before) / load.requests) * 1e6;
    return { perSecond: load.requests / load.seconds, cpuMicroseconds: cpu, p50: load.p50, p99: load.p99 };
  };
  const order = [...servers.values()];
  for (const server of order) await measure(server, settings.warmup);
  const rounds: Record<ServerName, Round>[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    const figures = new Map<ServerName, Round>();
    for (const server of order) figures.set(server.name, await measure(server, settings.seconds));
    rounds.push(Object.fromEntries(figures) as Record<ServerName, Round>);
    order.push(...order.splice(0, 1));
    process.stdout.write('.');
  }
  process.stdout.write('\n');
  return { name: one.name, title: one.title, rounds };
}

const [first, caseName = 'by-id', server = 'tablecast'] = positionals;
if (first === 'profile') process.stdout.write(`${await profile(caseName, server as ServerName)}\n`);
else if (first === 'writes') process.stdout.write(`${await runWrites(positionals.slice(1), settings)}\n`);
else if (first === 'scripts') process.stdout.write(`${await runScripts(positionals.slice(1), settings)}\n`);
else if (first === 'live') process.stdout.write(`${await runLive(positionals.slice(1), liveSettings)}\n`);
else await main();
