// 100,000 rows for plans that come out the same on every run: the rows are computed, the statistics are of all of them, no
// vacuum comes in between, and the session has the planner's settings written out.

import assert from 'node:assert/strict';
import pg from 'pg';
import type { Caller } from '../../src/access/caller.ts';
import { ADMIN_CLASS, type CallerClass } from '../../src/access/caller-class.ts';
import { bindSlot } from '../../src/records/value-source.ts';
import { encodeParameter } from '../../src/stores/postgres/encode-parameter.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/open-test-service.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { statementsOf, userClass } from '../unit/stores/recording-store.ts';

const MODEL = await modelOf(`
type List @table { name: String! @unique  items: [Item!]! @has(field: "list") }
type Item @table(softDelete: true) {
  code: String! @unique  text: String! @index  position: Int! @index  dueAt: DateTime @index  rank: Int
  list: List! @belongsTo
  tags: [Tag!]! @manyToMany
}
type Tag @table { name: String! @unique  items: [Item!]! @manyToMany(field: "tags") }
type Note @table @permission(level: USER, rows: { ownerId: { eq: "$user.id" } }) {
  ownerId: ID! @index  text: String!  members: [Member!]! @has(field: "note")
}
type Shared @table
  @permission(level: USER, rows: { OR: [{ ownerId: { eq: "$user.id" } }, { members: { some: { userId: { eq: "$user.id" } } } }] })
{ ownerId: ID! @index  text: String!  members: [Member!]! @has(field: "shared") }
type Member @table @permission(level: USER) { userId: ID! @index  note: Note @belongsTo  shared: Shared @belongsTo }`);

const TABLES = ['list', 'tag', 'item', 'item_tags', 'note', 'shared', 'member'];
const ROWS = `
  INSERT INTO list (id, name) SELECT 'l' || n, 'List ' || n FROM generate_series(1, 2000) n;
  INSERT INTO tag (id, name) SELECT 't' || n, 'Tag ' || n FROM generate_series(1, 5000) n;
  INSERT INTO item (id, code, text, position, due_at, rank, deleted, list_id)
    SELECT 'i' || lpad(n::text, 6, '0'), 'C' || n, 'Item ' || n * 7919 % 100000, n * 31 % 25000,
      CASE WHEN n % 3 > 0 THEN timestamptz '2026-01-01Z' + n * 7 % 100000 * interval '1 minute' END,
      n * 17 % 100000, n / 3 % 50 = 0, 'l' || n % 2000 + 1
    FROM generate_series(1, 100000) n;
  INSERT INTO item_tags (item_id, tag_id)
    SELECT 'i' || lpad(n::text, 6, '0'), 't' || (n + at * 67) % 5000 + 1 FROM generate_series(1, 100000) n, generate_series(0, n % 2) at;
  INSERT INTO note (id, owner_id, text) SELECT 'n' || n, 'u' || n % 1000, 'Note ' || n FROM generate_series(1, 20000) n;
  INSERT INTO shared (id, owner_id, text) SELECT id, owner_id, text FROM note;
  INSERT INTO member (id, user_id, note_id, shared_id) SELECT 'm' || n, 'u' || n % 997, 'n' || n, 'n' || n FROM generate_series(1, 20000) n;`;

/** Those that statistics are a sample of: 300 for each of the target. */
const EVERY_ROW = 'SET default_statistics_target = 700';

const PLANNER = {
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  seq_page_cost: '1',
  random_page_cost: '4',
  effective_cache_size: '4GB',
  work_mem: '4MB',
  TimeZone: 'UTC',
};

const USER: Caller = { kind: 'client', application: true, user: { id: 'u7', roles: [], claims: {} } };
const ADMIN: Caller = { kind: 'admin', reason: 'test', user: null };

export type Asking = 'admin' | 'user';

export interface ExplainWorld {
  /** What was run, and in brackets what was planned and never was. `@150` stands for the cursor of the 150th row. */
  planOf(query: string, as?: Asking): Promise<string>;
  /** What is fetched, step by step; nothing is run. */
  outputsOf(query: string): Promise<string>;
  close(): Promise<void>;
}

export async function openExplainWorld(): Promise<ExplainWorld> {
  const database = await openTestDatabase();
  await applyTables(database, MODEL);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const alter = async (change: string) => {
    for (const table of TABLES) await client.query(`ALTER TABLE ${table} ${change}`);
  };
  await alter('SET (autovacuum_enabled = off)');
  // What is kept of every change is no part of a plan, and would take most of the time.
  await alter('DISABLE TRIGGER USER');
  await client.query(ROWS);
  await alter('ENABLE TRIGGER USER');
  await client.query(EVERY_ROW);
  await client.query('VACUUM (ANALYZE)');
  for (const [name, value] of Object.entries(PLANNER)) await client.query(`SET ${name} = '${value}'`);

  const send = async (query: string, as: Asking, before = ''): Promise<Record<string, string>[]> => {
    const [caller, callerClass]: [Caller, CallerClass] = as === 'admin' ? [ADMIN, ADMIN_CLASS] : [USER, userClass()];
    const [statement] = statementsOf(MODEL, callerClass, query);
    assert.ok(statement);
    const request = { caller, variables: {}, requestId: 'test', newId: () => 'none' };
    const values = statement.parameters.slots.map((slot) => encodeParameter(slot, bindSlot(slot, request)));
    return (await client.query(`${before}${statement.text}`, values)).rows;
  };
  const explain = async (options: string, query: string, as: Asking) => {
    const [, orderBy = ''] = /^\{ itemsConnection\((?:(orderBy: .*?\}), )?.*"@150"/.exec(query) ?? [];
    const whole = query.includes('@150') ? query.replace('@150', await cursorOf(orderBy)) : query;
    const rows = await send(whole, as, `EXPLAIN (COSTS OFF, ${options}) `);
    return rows.map((row) => row['QUERY PLAN'] ?? '').join('\n');
  };
  const cursorOf = async (orderBy: string): Promise<string> => {
    const query = `{ itemsConnection(${orderBy} first: 150) { pageInfo { endCursor } } }`;
    const [row] = await send(query, 'admin');
    return JSON.parse(row?.['answer'] ?? '').pageInfo.endCursor;
  };

  return {
    planOf: async (query, as = 'admin') =>
      steadied(await explain('ANALYZE, BUFFERS OFF, TIMING OFF, SUMMARY OFF', query, as)),
    outputsOf: (query) => explain('VERBOSE', query, 'admin'),
    async close() {
      await client.end();
      await database.close();
    },
  };
}

/** What may differ from machine to machine is how much memory a step took, and how it was laid out there. */
const OF_THE_MACHINE =
  /^ *(?:Heap (?:Blocks|Fetches)|Index Searches|Buckets|Batches|Hits|Cache Mode|Storage|(?:Pre-)?sorted Groups|Full-sort Groups|Planned Partitions):.*\n?/gim;

function steadied(plan: string): string {
  return `${plan}\n`
    .replace(OF_THE_MACHINE, '')
    .replace(/ +Memory: \d+kB/g, '')
    .replace(/\(actual rows=(\d+)\.?(\d*) loops=(\d+)\)/g, (_, rows: string, part: string, loops: string) => {
      const each = Number(`${rows}.${part}`);
      return loops === '1' ? `(rows: ${each})` : `(rows: ${each}, ${loops} times)`;
    });
}
