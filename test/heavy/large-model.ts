// How the service stands a large model: 500 tables of 10 columns. Prints how long each part of a start takes, how long a swap,
// and how much memory a class of callers takes: npm run measure:model. With TEST_DATABASE_URL it uses that server, else one of
// its own.

import { callerClass } from '../../src/access/caller-class.ts';
import { buildClassSchema } from '../../src/graphql/build-schema.ts';
import { ClassServers } from '../../src/graphql/class-servers.ts';
import { LIMITS } from '../../src/graphql/limits.ts';
import { openLog } from '../../src/platform/log.ts';
import { readDatabaseState } from '../../src/stores/postgres/apply/database-state.ts';
import { planModel } from '../../src/stores/postgres/apply/plan-model.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { parseTables } from '../../src/tables/grammar/parse-tables.ts';
import { applyTables } from '../support/apply-tables.ts';
import globalSetup from '../support/global-setup.ts';
import { vocabulary } from '../support/model-of.ts';
import { openTestDatabase } from '../support/test-database.ts';

const TABLES = Number(process.env['TABLES'] ?? 500);
const ROUNDS = 5;

const log = openLog({ level: 'silent', readable: false });
const directives = await vocabulary();

const sdl = (more: string) => [
  'enum Mood { SAD HAPPY CALM }',
  ...Array.from(
    { length: TABLES },
    (_, at) => `
"Number ${at}."
type Thing${at} @table(softDelete: ${at % 2 === 0})
  @permission(on: [READ, INSERT, UPDATE, DELETE], level: USER, rows: { ownerId: { eq: "$user.id" } }) {
  name: String! @length(min: 1, max: 80)
  ownerId: ID! @preset(value: "$user.id") @index
  count: Int! @default(value: "0")
  price: Decimal
  at: DateTime
  tags: [String!]!
  mood: Mood @index
  data: JSON
  ${at === 0 ? `${more}: Int` : `parent: Thing${at - 1} @belongsTo`}
  ${at === TABLES - 1 ? 'more: Int' : `children: [Thing${at + 1}!]! @has(field: "parent")`}
}`,
  ),
];
const files = (more: string) => sdl(more).map((text, at) => ({ name: `schema/${at}.graphql`, text }));

const print = (line: string) => void process.stdout.write(`${line}\n`);
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const told = (label: string, milliseconds: number[]) =>
  print(
    `${label.padEnd(44)} ${median(milliseconds).toFixed(0).padStart(6)} ms   (${milliseconds.map((value) => value.toFixed(0)).join(', ')})`,
  );

async function timed(label: string, rounds: number, work: () => unknown): Promise<void> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work();
    took.push(performance.now() - began);
  }
  told(label, took);
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

const own = process.env['TEST_DATABASE_URL'] ? null : await globalSetup();
Object.assign(process.env, own?.env);
const database = await openTestDatabase();
const pool = openPool({ address: { url: database.url }, size: 2, statementTimeout: 0, lockTimeout: 2_000, log });
try {
  print(`${TABLES} tables of 10 columns, Node ${process.version}`);
  const model = parseTables(directives, files('x'));
  const next = parseTables(directives, files('y'));
  await timed('parse and check', ROUNDS, () => parseTables(directives, files('x')));
  await timed('make all tables (once)', 1, () => applyTables(database, model));
  await timed('read the database, nothing to do', ROUNDS, async () => {
    const client = await pool.connect();
    const { changes, afterwards } = planModel(model, await readDatabaseState(client));
    client.release();
    if (changes.length + afterwards.length > 0) throw new Error('there is something to do');
  });
  const caller = (roles: readonly string[]) => callerClass({ admin: false, application: true, user: true, roles });
  await timed('schema of a class', ROUNDS, () => buildClassSchema(model, caller([])));

  const published = (of: typeof model) => ({ model: of, store: new PostgresRecordStore(pool, of) });
  const servers = new ClassServers(published(model), {
    log,
    newId: () => 'x',
    introspection: true,
    hideSchemaDetails: false,
    limits: LIMITS,
  });
  const before = heap();
  await timed('first request of a class: schema and server', 1, () => servers.serverFor(caller([])));
  print(
    `${'memory of a class'.padEnd(44)} ${(heap() - before).toFixed(1).padStart(6)} MB${globalThis.gc ? '' : '   (run with --expose-gc)'}`,
  );
  const swaps: number[] = [];
  let longestPause = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let last = performance.now();
    const ticking = setInterval(() => {
      longestPause = Math.max(longestPause, performance.now() - last - 1);
      last = performance.now();
    }, 1);
    const publish = await servers.prepare(published(round % 2 === 0 ? next : model));
    clearInterval(ticking);
    const began = performance.now();
    publish();
    await servers.serverFor(caller([]));
    swaps.push(performance.now() - began);
  }
  told('swap: from publishing to the next server', swaps);
  print(`${'longest pause while preparing one class'.padEnd(44)} ${longestPause.toFixed(0).padStart(6)} ms`);
  await servers.close();
} finally {
  await pool.end();
  await database.close();
  await own?.close();
}
