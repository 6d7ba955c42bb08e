// Typical operations over 20,000 rows, as PostgreSQL plans them: no table is read through where an index serves, a page
// by cursors begins at its cursor, and a nested list reads the rows of its parents only.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { ADMIN_CLASS } from '../../src/access/caller-class.ts';
import { bindSlot, type Request } from '../../src/records/value-source.ts';
import { encodeParameter } from '../../src/stores/postgres/encode-parameter.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { statementsOf } from '../unit/stores/recording-store.ts';

const MODEL = await modelOf(`
type List @table { name: String!  items: [Item!]! @has(field: "list") }
type Item @table(softDelete: true) {
  text: String! @index  position: Int! @index  dueAt: DateTime @index  rank: Int
  list: List! @belongsTo
}`);

let database: TestDatabase;
let client: pg.Client;
before(async () => {
  database = await openTestDatabase();
  await applyTables(database, MODEL);
  await database.query(`
    INSERT INTO list (id, name) SELECT 'l' || n, 'List ' || n FROM generate_series(1, 500) n;
    INSERT INTO item (id, text, position, due_at, rank, list_id)
      SELECT 'i' || n, 'Item ' || n, n % 5000, CASE WHEN n % 3 > 0 THEN timestamptz '2026-01-01Z' + n * interval '1 minute' END, n, 'l' || n % 500 + 1
      FROM generate_series(1, 20000) n;
    ANALYZE`);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
after(async () => {
  await client?.end();
  await database.close();
});

const REQUEST: Request = {
  caller: { kind: 'admin', reason: 'test', user: null },
  variables: {},
  requestId: 'test',
  newId: () => 'none',
};

async function send(query: string, before = ''): Promise<Record<string, string>[]> {
  const [statement] = statementsOf(MODEL, ADMIN_CLASS, query);
  assert.ok(statement);
  const values = statement.parameters.slots.map((slot) => encodeParameter(slot, bindSlot(slot, REQUEST)));
  return (await client.query(`${before}${statement.text}`, values)).rows;
}

/** What was run, and in brackets what was planned and never was. */
async function planOf(query: string): Promise<string> {
  const rows = await send(query, 'EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF, TIMING OFF, SUMMARY OFF) ');
  return rows.map((row) => row['QUERY PLAN']?.replace(/ \(actual [^)]*\)/, '')).join('\n');
}

/** Arguments for the page after the 150th row. */
async function afterSome(args: string): Promise<string> {
  const [row] = await send(`{ itemsConnection(${args} first: 150) { pageInfo { endCursor } } }`);
  return `${args} after: "${JSON.parse(row?.['answer'] ?? '').pageInfo.endCursor}"`;
}

const NODES = 'nodes { id text list { name } }';

describe('no table is read through', () => {
  const CASES: readonly (readonly [
    name: string,
    query: () => Promise<string> | string,
    served: readonly RegExp[],
    scanned?: RegExp,
  ])[] = [
    ['one row', () => '{ item(by: { id: "i77" }) { text list { name } } }', [/item\.pkey.*\n.*Index Cond: \(id = /]],
    ['a list', () => '{ items { id text list { name } } }', [/Index Scan using "item\.pkey"/, /list\.pkey/]],
    [
      'a list in an order that an index has',
      () => '{ items(orderBy: { position: DESC }) { id } }',
      [/Index Scan Backward using "item\.position\.idx"/],
    ],
    [
      'lists in a list',
      () => '{ lists { name items(orderBy: { rank: DESC }, first: 3) { text } } }',
      [/item\.list_id\.idx"?\n.*Index Cond: \(list_id = t\d\.id\)/],
    ],
    [
      'connections in a list, with what is counted',
      () => '{ lists(first: 10) { itemsConnection(first: 3) { totalCount pageInfo { hasNextPage } nodes { id } } } }',
      [/item\.list_id\.idx.*\n.*Index Cond: \(list_id = t\d\.id\)/],
    ],
    [
      'a list of lists, ordered by what is related',
      () => '{ list(by: { id: "l7" }) { items(orderBy: [{ list: { name: ASC } }, { rank: ASC }]) { id } } }',
      [/item\.list_id\.idx/, /list\.pkey/],
    ],
    [
      'the number of the related rows of a page',
      () => '{ lists(where: { id: { eq: "l1" } }, orderBy: { items: { count: DESC } }) { id } }',
      [/item\.list_id\.idx/],
    ],
    [
      'a page after a cursor',
      async () => `{ itemsConnection(${await afterSome('')}) { ${NODES} pageInfo { hasNextPage hasPreviousPage } } }`,
      [/item\.pkey" on item t\d+\n.*Index Cond: \(id > /, /Index Cond: \(\(id <= .* AND \(id = /],
      /item t\d+ \(never executed\)/,
    ],
    [
      'a page after a cursor, in an order that an index has',
      async () => `{ itemsConnection(${await afterSome('orderBy: { position: ASC },')}) { ${NODES} } }`,
      [/"item\.position\.idx" on item t\d+\n.*Index Cond: \("position" >= /],
    ],
    [
      'a list ordered by a text',
      () => '{ items(orderBy: { text: DESC }) { id } }',
      [/Index Scan Backward using "item\.text\.order by\.idx"/],
    ],
    [
      'a page after a cursor, ordered by a text',
      async () => `{ itemsConnection(${await afterSome('orderBy: { text: ASC },')}) { ${NODES} } }`,
      [/"item\.text\.order by\.idx" on item t\d+\n.*Index Cond: \(\(text\)::text >= /],
    ],
    [
      'the same the other way round',
      async () => `{ itemsConnection(${await afterSome('orderBy: { position: DESC },')}) { ${NODES} } }`,
      [/Backward using "item\.position\.idx" on item t\d+\n.*Index Cond: \("position" <= /],
    ],
    [
      'a page after a cursor, by a column that may be missing',
      async () => `{ itemsConnection(${await afterSome('orderBy: { dueAt: ASC },')}) { ${NODES} } }`,
      [
        /using "item\.due_at\.idx" on item t\d+\n.*Index Cond: \(due_at >= /,
        // Not read at all while the others fill the page.
        /using "item\.due_at\.idx" on item t\d+ \(never executed\)\n.*Index Cond: \(due_at IS NULL\)/,
      ],
    ],
    [
      'the same the other way round, missing values still last',
      async () => `{ itemsConnection(${await afterSome('orderBy: { dueAt: DESC_NULLS_LAST },')}) { ${NODES} } }`,
      [/Backward using "item\.due_at\.idx" on item t\d+\n.*Index Cond: \(due_at <= /, /Index Cond: \(due_at IS NULL\)/],
    ],
    [
      'a page before a cursor',
      async () =>
        `{ itemsConnection(${(await afterSome('orderBy: { dueAt: ASC },')).replace('after', 'last: 10, before')}) { ${NODES} } }`,
      [/Backward using "item\.due_at\.idx" on item t\d+\n.*Index Cond: \(due_at <= /],
    ],
  ];
  for (const [name, query, served] of CASES) {
    test(name, async () => {
      const plan = await planOf(await query());
      for (const part of served) assert.match(plan, part);
      assert.doesNotMatch(plan, /Seq Scan [^(]*$/m, plan);
    });
  }

  test('but for an order that no index has, and then only the page becomes JSON', async () => {
    const plan = await planOf('{ items(orderBy: { rank: DESC }) { id text } }');
    assert.match(
      plan,
      /Aggregate\n.*Limit\n.*Sort\n.*Sort Key: t1\.rank DESC, t1\.id.*\n.*Sort Method.*\n.*Seq Scan on item t1/,
    );
  });

  test('what is not selected is not fetched', async () => {
    const rows = await send('{ items(orderBy: { rank: DESC }) { id } }', 'EXPLAIN (VERBOSE, COSTS OFF) ');
    const limited = rows.map((row) => row['QUERY PLAN']).join('\n');
    assert.match(limited, /Limit\n.*Output: t1\.id, (NULL::[^\n]*, )+t1\.rank/, limited);
    assert.doesNotMatch(limited, /Output: [^\n]*t1\.text/, limited);
  });
});
