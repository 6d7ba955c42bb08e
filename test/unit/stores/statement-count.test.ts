// How many statements an operation is, counted at the pool: one for each root read field and for a plain insert, four for
// an insert whose answer leaves the row, whatever is nested and however many rows there are.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import type { Caller } from '../../../src/access/caller.ts';
import { planOperation } from '../../../src/graphql/plan-operation.ts';
import { openLog } from '../../../src/platform/log.ts';
import { openPool } from '../../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../../src/stores/postgres/postgres-record-store.ts';
import type { Model } from '../../../src/tables/model.ts';
import { applyTables } from '../../support/apply-tables.ts';
import { modelOf, sampleTables } from '../../support/open-test-service.ts';
import { sentMessages } from '../../support/sent-messages.ts';
import { openTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { classOf, coerce, operationOf, plannerOf } from './recording-store.ts';

const ALICE: Caller = { kind: 'client', application: true, user: { id: 'alice', roles: [], claims: {} } };

let database: TestDatabase;
let pool: pg.Pool;
let model: Model;
let sent: string[];

before(async () => {
  database = await openTestDatabase();
  const log = openLog({ level: 'silent', readable: false });
  pool = openPool({ address: { url: database.url }, size: 2, statementTimeout: 10_000, lockTimeout: 2_000, log });
  sent = sentMessages(pool);
  model = await modelOf(await sampleTables());
  await applyTables(database, model);
  await database.query(`
    INSERT INTO todo_list (id, name, owner_id) SELECT 'l' || n, 'list', 'alice' FROM generate_series(1, 20) n;
    INSERT INTO todo_item (text, tags, list_id, owner_id) SELECT 'item', '{}', 'l' || n % 20 + 1, 'alice' FROM generate_series(1, 200) n`);
});
after(async () => {
  await pool.end();
  await database.close();
});

async function run(text: string, inputs: Record<string, unknown> = {}, caller = ALICE): Promise<string[]> {
  const planner = plannerOf(model, classOf(caller, model), new PostgresRecordStore(pool, model));
  const { operation } = operationOf(planner, text);
  const variables = coerce(planner, operation, inputs);
  const { fields } = planOperation(planner, operation, new Map(), variables);
  const request = { caller, variables, requestId: 'test', newId: () => `new-${Math.random().toString(36).slice(2)}` };
  sent.length = 0;
  const answers: string[] = [];
  for (const field of fields) answers.push(await field.run(request));
  return answers;
}

describe('statements', () => {
  for (const [name, text, count, rows] of [
    ['one row', '{ todoList(by: { id: "l1" }) { name } }', 1, 1],
    ['a list', '{ todoLists { name } }', 1, 20],
    ['a list of lists of rows of lists', '{ todoLists { items { text list { items { list { name } } } } } }', 1, 20],
    [
      'a connection with all of it, in connections with all of theirs',
      '{ todoListsConnection(orderBy: { items: { count: DESC } }, last: 20) { totalCount nodes { itemsConnection(first: 3) { totalCount edges { cursor node { list { name } } } pageInfo { hasNextPage hasPreviousPage startCursor } } } pageInfo { hasNextPage hasPreviousPage endCursor } } }',
      1,
      1,
    ],
    [
      'a node',
      `{ node(nodeId: "${Buffer.from('TodoList:l1').toString('base64url')}") { ... on TodoList { items { id } } } }`,
      1,
      1,
    ],
    [
      'a node of no table',
      `{ node(nodeId: "${Buffer.from('Nothing:l1').toString('base64url')}") { nodeId } }`,
      0,
      null,
    ],
    ['two root fields', '{ a: todoLists { name } b: todoLists { items { id } } }', 2, 20],
    ['what no table is asked for', '{ viewer { level } __typename __schema { queryType { name } } }', 0, null],
    ['over 50 fields', `{ todoLists { ${Array.from({ length: 120 }, (_, at) => `f${at}: name`).join(' ')} } }`, 1, 20],
  ] as const) {
    test(`${name}: ${count}`, async () => {
      const answers = await run(text);
      assert.equal(sent.length, count, sent.join('\n'));
      if (rows !== null) assert.equal([JSON.parse(answers[0] ?? '[]')].flat().length, rows);
    });
  }

  test('an insert: 1', async () => {
    const [answer] = await run('mutation { insertTodoList(data: { name: "x" }) { id name ownerId version } }');
    assert.equal(sent.length, 1, sent.join('\n'));
    assert.equal(JSON.parse(answer ?? '').ownerId, 'alice');
  });

  test('an insert whose answer leaves the row: 3, in one transaction', async () => {
    const text =
      'mutation ($d: TodoItemInsert!) { insertTodoItem(data: $d) { text list { items(first: 1000) { text } } } }';
    const [answer] = await run(text, { d: { text: 'x', listId: 'l1' } });
    assert.deepEqual([sent.length, sent[0]?.slice(0, 12), sent[2]], [3, 'BEGIN; WITH ', 'COMMIT'], sent.join('\n'));
    assert.equal(JSON.parse(answer ?? '').list.items.length, 11);
  });

  test('an insert that is refused before it is tried: none', async () => {
    await assert.rejects(run('mutation { insertTodoList(data: { name: "" }) { id } }'), {
      code: 'CONSTRAINT_VIOLATION',
    });
    assert.equal(sent.length, 0);
  });

  test('an insert that is refused by a rule is undone, also where its answer leaves the row', async () => {
    const text = 'mutation { insertTodoItem(data: { text: "x", listId: "no" }) { list { id } } }';
    await assert.rejects(run(text), { code: 'CONSTRAINT_VIOLATION' });
    assert.deepEqual([sent.length, sent[0]?.slice(0, 12), sent[1]], [2, 'BEGIN; WITH ', 'ROLLBACK'], sent.join('\n'));
    assert.equal(pool.idleCount, pool.totalCount, 'a connection was kept');
  });

  test('one unreadable page is refused before it is sent', async () => {
    await assert.rejects(run('query ($n: Int) { todoLists(first: $n) { id } }', { n: -1 }), { code: 'BAD_USER_INPUT' });
    assert.equal(sent.length, 0);
  });
});
