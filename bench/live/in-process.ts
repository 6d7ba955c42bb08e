// 100,000 subscriptions without sockets, in a process of its own: what one takes in memory, and what a change costs that concerns
// one of them, by its route and by asking all. Everything is the service's but the log, which is made here. Prints JSON.

import { readFile } from 'node:fs/promises';
import type { Caller } from '../../src/access/caller.ts';
import { callerClassOf } from '../../src/access/caller-class.ts';
import type { Change, Image } from '../../src/changes/change.ts';
import { Feed } from '../../src/changes/feed.ts';
import { Interest, type InterestPlan } from '../../src/changes/interest.ts';
import { LiveQueries } from '../../src/changes/live-queries.ts';
import { Mirror } from '../../src/changes/mirror.ts';
import { Router } from '../../src/changes/router.ts';
import { ClassServers } from '../../src/graphql/class-servers.ts';
import { LIMITS } from '../../src/graphql/limits.ts';
import type { Sink } from '../../src/graphql/live/stream.ts';
import { serveOperation } from '../../src/graphql/serve-operation.ts';
import { openLog } from '../../src/platform/log.ts';
import { followableRows, followedColumns } from '../../src/records/followed-rows.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresKeptAnswers } from '../../src/stores/postgres/postgres-kept-answers.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { parseTables } from '../../src/tables/grammar/parse-tables.ts';
import { tableOf } from '../../src/tables/model.ts';

/** How many, and where the text of the vocabulary is. */
const [subscriptions, vocabulary = ''] = process.argv.slice(2);
const SUBSCRIPTIONS = Number(subscriptions);
const CHANGES = 100_000;
/** Changes that the log brings at once. */
const PAGE = 1_000;
/** Changes that are judged by everybody. */
const NAIVE = 20;
const QUERY = 'subscription { noteChanges { cursor events { op id node { text sentAt } } } }';

export interface InProcessFigures {
  readonly subscriptions: number;
  /** Bytes of the heap, with what hangs on it. */
  readonly perSubscription: number;
  readonly subscribesPerSecond: number;
  /** Microseconds of processor time of a change: to find whom it can concern, to tell it with everything that belongs to it, to ask everybody. */
  readonly routed: number;
  readonly told: number;
  readonly naive: number;
}

const TABLES =
  'type Note @table @permission(level: USER, rows: { ownerId: { eq: "$user.id" } }) { ownerId: ID! text: String! sentAt: Float! }';

const model = parseTables(await readFile(vocabulary, 'utf8'), [{ name: 'notes.graphql', text: TABLES }]);
const table = tableOf(model, 'Note');
const log = openLog({ level: 'warn', readable: false });
const at = (batch: number) => ({ epoch: 'e', batch: BigInt(batch), seq: 1n });
const feed = new Feed({
  changeLog: {
    head: async () => at(0),
    advance: async () => at(0),
    read: async (after) => ({ kind: 'changes', changes: [], end: after }),
    expire: async () => 0,
  },
  reader: { look: async () => null },
  log,
  start: at(0),
  fresh: async () => undefined,
  heartbeat: 1_000_000,
});
// Nobody connects to it.
const pool = openPool({
  address: { url: 'postgres://nobody@localhost/nothing' },
  size: 1,
  lockTimeout: 1_000,
  statementTimeout: 1_000,
  log,
});
const servers = new ClassServers(
  {
    model,
    store: new PostgresRecordStore(pool, model),
    pages: { compileImages: () => ({ run: async () => null }) },
  },
  {
    log,
    newId: () => 'id',
    introspection: false,
    hideSchemaDetails: true,
    limits: LIMITS,
    answers: new PostgresKeptAnswers(pool, 1_000),
    live: { feed, queries: new LiveQueries(feed) },
  },
);
const callerOf = (number: number): Caller => ({
  kind: 'client',
  application: false,
  user: { id: `user-${number}`, roles: [], claims: {} },
});

let answers = 0;
const sinkOf = (): Sink => ({
  next: () => {
    answers += 1;
  },
  end: (errors) => {
    throw new Error(`a subscription ended: ${errors?.[0]?.message}`);
  },
  isFull: false,
  onceDrained: () => undefined,
});

async function subscribe(number: number): Promise<object> {
  const caller = callerOf(number);
  const server = await servers.serverFor(callerClassOf(caller, model.roles));
  const outcome = await serveOperation(server, { query: QUERY }, { caller, requestId: `request-${number}` });
  if (outcome.kind !== 'stream') throw new Error(outcome.text);
  return outcome.open(sinkOf());
}

/** Microseconds of processor time, of the collector too: others who work on the machine do not count. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function heap(): number {
  global.gc?.();
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const kept: object[] = [];
// The first ones build the schema and the plan.
for (let number = 0; number < 100; number++) kept.push(await subscribe(number));
const before = heap();
const started = used();
while (kept.length < SUBSCRIPTIONS) kept.push(await subscribe(kept.length));
while (answers < SUBSCRIPTIONS) await new Promise(setImmediate);
const subscribing = used() - started;
const perSubscription = (heap() - before) / (SUBSCRIPTIONS - 100);

const image = (owner: number, text: number): Image => ({
  id: `note-${owner}`,
  owner_id: `user-${owner}`,
  text: `Text ${text}`,
  sent_at: '1700000000000.5',
  created_at: '2026-01-01T00:00:00.000000+00:00',
  updated_at: '2026-01-01T00:00:00.000000+00:00',
  version: String(text),
});
const changes: Change[] = Array.from({ length: CHANGES }, (_, number) => {
  const owner = (number * 7_919) % SUBSCRIPTIONS;
  return {
    position: { epoch: 'e', batch: BigInt(1 + Math.floor(number / PAGE)), seq: BigInt(number) },
    table: table.sqlName,
    kind: 'UPDATE',
    id: `note-${owner}`,
    before: image(owner, number),
    after: image(owner, number + 1),
    changed: ['text', 'updated_at', 'version'],
    actor: 'user:user-1',
    requestId: null,
    modelVersion: null,
    at: 0,
  };
});

async function tell(some: readonly Change[]): Promise<number> {
  const begun = used();
  for (let from = 0; from < some.length; from += PAGE) {
    const page = some.slice(from, from + PAGE);
    const last = page.at(-1);
    if (last) await feed.take(page, last.position);
  }
  return (used() - begun) / some.length;
}

await tell(changes.slice(0, 20_000));
const answered = answers;
const told = await tell(changes.slice(20_000));
if (answers - answered !== CHANGES - 20_000) throw new Error(`${answers - answered} answers for ${CHANGES - 20_000} changes`);

const router = new Router<Interest>();
const mirror = new Mirror({ look: async () => null }, at(0));
const group = callerClassOf(callerOf(0), model.roles);
const plan: InterestPlan = {
  model,
  table,
  rows: followableRows(group, table),
  shown: new Set(followedColumns(group, table).map(({ name }) => name)),
  telling: new Set(['text', 'sentAt']),
};
const interests = Array.from({ length: SUBSCRIPTIONS }, (_, number) => {
  const interest = new Interest(plan, {
    caller: callerOf(number),
    requestId: 'r',
    variables: {},
    newId: () => 'id',
  });
  router.add(interest, model, table, interest.routes);
  return interest;
});
function eachChange(some: readonly Change[], work: (image: Image) => number): number {
  const begun = used();
  let found = 0;
  for (const { before: was, after: is } of some) for (const one of [was, is]) if (one) found += work(one);
  if (found !== some.length * 2) throw new Error(`${found} interests found by ${some.length} changes`);
  return (used() - begun) / some.length;
}
const find = (one: Image) => router.find(one, mirror).size;
const ask = (one: Image) => interests.reduce((sum, interest) => sum + Number(interest.has(one, mirror)), 0);
eachChange(changes.slice(0, 20_000), find);
const routed = eachChange(changes.slice(20_000), find);
eachChange(changes.slice(0, 3), ask);
const naive = eachChange(changes.slice(0, NAIVE), ask);

const figures: InProcessFigures = {
  subscriptions: SUBSCRIPTIONS,
  perSubscription,
  subscribesPerSecond: ((SUBSCRIPTIONS - 100) / subscribing) * 1_000_000,
  routed,
  told,
  naive,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
feed.close();
await servers.close();
await pool.end();
