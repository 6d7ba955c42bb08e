// Rows that read scripts change or leave out, on every path that answers rows: what is stored of a masked column is in no
// answer, and a script is asked once for each table and answer.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { planOperation } from '../../src/graphql/plan-operation.ts';
import type { PlainRow } from '../../src/records/row-scripts.ts';
import { scriptedReads } from '../../src/records/scripted-reads.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { classOf, operationOf, plannerOf } from '../unit/stores/recording-store.ts';
import {
  APPLICATION,
  byId,
  openScriptedWorld,
  run,
  type ScriptedWorld,
  STORED,
  type Tell,
} from './scripted-reads-world.ts';

let world: ScriptedWorld;
before(async () => {
  world = await openScriptedWorld();
});
after(() => world?.close());

const nodeId = (name: string) => Buffer.from(name).toString('base64url');

interface Case {
  readonly name: string;
  readonly text: string;
  readonly answer: unknown;
  readonly calls: readonly string[];
}

const READ_CASES: readonly Case[] = [
  {
    name: 'one row, its columns under other names, among them some of JavaScript',
    text: '{ shelf(by: { id: "s1" }) { a: code b: code __proto__: name extra t: __typename nodeId } }',
    answer: JSON.parse(
      `{"a":null,"b":null,"__proto__":"top","extra":{"masked":true},"t":"Shelf","nodeId":"${nodeId('Shelf:s1')}"}`,
    ),
    calls: ['Shelf 1'],
  },
  { name: 'one row that is left out', text: '{ book(by: { id: "b2" }) { id } }', answer: null, calls: ['Book 1'] },
  { name: 'no row', text: '{ book(by: { id: "none" }) { id secret } }', answer: null, calls: [] },
  {
    name: 'a list',
    text: '{ books { id secret } }',
    answer: [
      { id: 'b1', secret: 'masked' },
      { id: 'b3', secret: 'masked' },
    ],
    calls: ['Book 3'],
  },
  {
    name: 'fragments',
    text: '{ books(where: { id: { eq: "b1" } }) { ...A ...B } } fragment A on Book { secret } fragment B on Book { secret title }',
    answer: [{ secret: 'masked', title: 'one' }],
    calls: ['Book 1'],
  },
  {
    name: 'a connection in every part',
    text: '{ booksConnection { totalCount nodes { secret } edges { node { title secret } } pageInfo { hasNextPage } } }',
    answer: {
      totalCount: 3,
      nodes: [{ secret: 'masked' }, { secret: 'masked' }],
      edges: [{ node: { title: 'one', secret: 'masked' } }, { node: { title: 'three', secret: 'masked' } }],
      pageInfo: { hasNextPage: false },
    },
    calls: ['Book 3'],
  },
  {
    name: 'edges without their rows',
    text: '{ booksConnection { edges { __typename } } }',
    answer: { edges: [{ __typename: 'BookEdge' }, { __typename: 'BookEdge' }] },
    calls: ['Book 3'],
  },
  {
    name: 'a connection of which no row is asked',
    text: '{ booksConnection { totalCount pageInfo { hasNextPage } } }',
    answer: { totalCount: 3, pageInfo: { hasNextPage: false } },
    calls: [],
  },
  {
    name: 'three levels of one table, with another beside them',
    text: '{ shelf(by: { id: "s1" }) { shelves { code books { secret } shelves { code parent { code parent { name code } } books { title secret } } } } }',
    answer: {
      shelves: [
        {
          code: null,
          books: [],
          shelves: [
            {
              code: null,
              parent: { code: null, parent: { name: 'top', code: null } },
              books: [{ title: 'three', secret: 'masked' }],
            },
          ],
        },
      ],
    },
    calls: ['Book 1', 'Shelf 5'],
  },
  {
    name: 'a row that is left out, at the end of a relation',
    text: '{ shelf(by: { id: "s5" }) { name parent { name } } }',
    answer: { name: 'orphan', parent: null },
    calls: ['Shelf 2'],
  },
  {
    name: 'rows under a table without a script',
    text: '{ authors { name books { title secret } booksConnection { edges { node { secret } } } booksAggregate { count } } }',
    answer: [
      {
        name: 'Ada',
        books: [
          { title: 'one', secret: 'masked' },
          { title: 'three', secret: 'masked' },
        ],
        booksConnection: { edges: [{ node: { secret: 'masked' } }, { node: { secret: 'masked' } }] },
        booksAggregate: [{ count: 3 }],
      },
    ],
    calls: ['Book 3'],
  },
  {
    name: 'a connection under a table without a script, and nothing else',
    text: '{ authors { booksConnection { edges { node { secret } } } } }',
    answer: [{ booksConnection: { edges: [{ node: { secret: 'masked' } }, { node: { secret: 'masked' } }] } }],
    calls: ['Book 3'],
  },
  {
    name: 'edges of such a connection without their rows',
    text: '{ authors { booksConnection { edges { t: __typename } } } }',
    answer: [{ booksConnection: { edges: [{ t: 'BookEdge' }, { t: 'BookEdge' }] } }],
    calls: ['Book 3'],
  },
  { name: 'a table without a script', text: '{ authors { name } }', answer: [{ name: 'Ada' }], calls: [] },
  { name: 'an aggregate', text: '{ booksAggregate { count } }', answer: [{ count: 3 }], calls: [] },
  {
    name: 'a row by its name among all',
    text: `{ node(nodeId: "${nodeId('Book:b1')}") { nodeId ... on Book { secret } } }`,
    answer: { nodeId: nodeId('Book:b1'), secret: 'masked' },
    calls: ['Book 1'],
  },
];

describe('reads', () => {
  for (const { name, text, answer, calls } of READ_CASES) {
    test(name, async () => {
      const ran = await run(world, text);
      assert.deepEqual(ran.answers, [answer]);
      assert.deepEqual(ran.calls, calls);
      assert.ok(!ran.bytes.includes(STORED) && !ran.bytes.includes('#'), ran.bytes);
    });
  }
});

const DATA = `secret: "${STORED}"`;
const WRITE_CASES: readonly Case[] = [
  {
    name: 'a new row',
    text: `mutation { insertBook(data: { title: "w1", ${DATA} }) { title secret } }`,
    answer: { title: 'w1', secret: 'masked' },
    calls: ['Book 1'],
  },
  {
    name: 'a new row with what lies beside it',
    text: `mutation { insertBook(data: { title: "w2", ${DATA}, shelfId: "s3" }) { secret shelf { code } author { name } } }`,
    answer: { secret: 'masked', shelf: { code: null }, author: null },
    calls: ['Book 1', 'Shelf 1'],
  },
  {
    name: 'new rows, one of them left out',
    text: `mutation { insertBooks(data: [{ title: "w3", ${DATA} }, { title: "gone w4", ${DATA} }]) { count nodes { secret } again: nodes { title } } }`,
    answer: { count: 2, nodes: [{ secret: 'masked' }], again: [{ title: 'w3' }] },
    calls: ['Book 2'],
  },
  {
    name: 'a change',
    text: 'mutation { updateBook(by: { title: "w1" }, set: { pages: 2 }) { secret pages } }',
    answer: { secret: 'masked', pages: 2 },
    calls: ['Book 1'],
  },
  {
    name: 'many changes',
    text: 'mutation { updateBooks(where: { title: { in: ["w1", "w2"] } }, set: { pages: 3 }) { nodes { secret pages } } }',
    answer: {
      nodes: [
        { secret: 'masked', pages: 3 },
        { secret: 'masked', pages: 3 },
      ],
    },
    calls: ['Book 2'],
  },
  {
    name: 'an upsert that changes',
    text: `mutation { upsertBook(by: { title: "w1" }, insert: { title: "w1", ${DATA} }, update: { pages: 4 }) { node { secret pages } } }`,
    answer: { node: { secret: 'masked', pages: 4 } },
    calls: ['Book 1'],
  },
  {
    name: 'an upsert that inserts',
    text: `mutation { upsertBook(by: { title: "w5" }, insert: { title: "w5", ${DATA} }) { node { secret title } } }`,
    answer: { node: { secret: 'masked', title: 'w5' } },
    calls: ['Book 1'],
  },
  {
    name: 'a delete, and its undoing',
    text: 'mutation { deleteBook(by: { title: "w1" }) { secret } }',
    answer: { secret: 'masked' },
    calls: ['Book 1'],
  },
  {
    name: 'its undoing',
    text: 'mutation { undeleteBook(by: { title: "w1" }) { title secret } }',
    answer: { title: 'w1', secret: 'masked' },
    calls: ['Book 1'],
  },
];

describe('writes', () => {
  for (const { name, text, answer, calls } of WRITE_CASES) {
    test(name, async () => {
      const ran = await run(world, text);
      assert.deepEqual(ran.answers, [answer]);
      assert.deepEqual(ran.calls, calls);
      assert.ok(!ran.bytes.includes(STORED) && !ran.bytes.includes('#'), ran.bytes);
    });
  }

  test('the current row of a conflict', async () => {
    const { answers, bytes, calls } = await run(
      world,
      'mutation { updateBook(by: { id: "b1" }, ifVersion: "999", set: { pages: 9 }) { title secret } }',
    );
    const [error] = answers as { code: string; current: unknown }[];
    assert.equal(error?.code, 'CONFLICT', String(error));
    assert.deepEqual(error.current, { title: 'one', secret: 'masked' });
    assert.ok(!bytes.includes(STORED));
    assert.deepEqual(calls, ['Book 1']);
  });
});

describe('what a script tells that there cannot be', () => {
  const each = (change: PlainRow) => (rows: readonly PlainRow[]) =>
    new Map(rows.map((row) => [String(row['id']), { ...row, ...change }]));
  const cases: readonly (readonly [string, Tell, RegExp])[] = [
    ['a value of another type', each({ pages: 'many' }), /Book .*pages/],
    ['nothing for a required column', each({ secret: null }), /Book .*secret/],
    ['a required column taken away', each({ secret: undefined }), /Book .*secret/],
    ['another id', each({ id: 'other' }), /Book .*id/],
    ['a row that was not given', (rows) => new Map([...byId(rows), ['x', { id: 'x' }]]), /Book .*\bx\b/],
  ];
  for (const [name, tell, message] of cases) {
    // The column that is wrong is not one that was asked for.
    test(name, async () => {
      const { answers, bytes } = await run(world, '{ book(by: { id: "b1" }) { title } }', {}, tell);
      const [error] = answers as (Error & { code: string })[];
      assert.equal(error?.code, 'SCRIPT_FAILED', String(error));
      assert.match(error.message, message);
      assert.ok(!bytes.includes(STORED));
    });
  }

  test('a column that may be missing and was taken away is null', async () => {
    const tell: Tell = (rows) => byId(rows.map(({ code: _, ...row }) => row));
    assert.deepEqual((await run(world, '{ shelf(by: { id: "s1" }) { name code } }', {}, tell)).answers, [
      { name: 'top', code: null },
    ]);
  });

  test('what a script changes inside a value that it was given is told as well', async () => {
    const tell: Tell = (rows) => {
      for (const row of rows) (row['extra'] as Record<string, unknown>)['why'] = 'masked';
      return byId(rows);
    };
    assert.deepEqual((await run(world, '{ shelf(by: { id: "s1" }) { extra } }', {}, tell)).answers, [
      { extra: { why: 'masked' } },
    ]);
  });
});

test('a row that its script leaves as it is, is told as it would be without one', async () => {
  await world.database.query(
    `INSERT INTO sample (id, big, exact, real, at, day, time, bytes, uuid, json, words, reals, flag) VALUES ('t', 9007199254740993, 12.500,
      1e20, '2026-03-01T09:30:00.123456Z', '2026-03-01', '09:30:00', '\\x00ff', '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f',
      '{"b": [1, null], "a": {"__proto__": 1}}', '{a,b}', '{1.5,-2}', true)`,
  );
  const text =
    '{ sample(by: { id: "t" }) { big exact real at day time bytes uuid json words reals flag createdAt version } }';
  const told = await run(world, text, {}, byId);
  const plain = await run(world, text, {}, byId, false);
  assert.deepEqual([told.calls, plain.calls], [['Sample 1'], []]);
  assert.deepEqual(told.answers, plain.answers);
});

test('what a script tells has the form that its column has', async () => {
  const tell: Tell = (rows) => byId(rows.map((row) => ({ ...row, uuid: String(row['uuid']).toUpperCase() })));
  assert.deepEqual((await run(world, '{ sample(by: { id: "t" }) { uuid } }', {}, tell)).answers, [
    { uuid: '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f' },
  ]);
});

test('scripts of several tables run at the same time', async () => {
  let started = 0;
  const seen: number[] = [];
  const store = scriptedReads(new PostgresRecordStore(world.pool, world.model), {
    around: () => Promise.reject(new Error('nothing runs around writes here')),
    async read(_, rows) {
      started += 1;
      await Promise.resolve();
      seen.push(started);
      return byId(rows);
    },
  });
  const planner = plannerOf(world.model, classOf(APPLICATION, world.model), store);
  const { operation } = operationOf(planner, '{ shelf(by: { id: "s1" }) { books { id } } }');
  const { fields } = planOperation(planner, operation, new Map(), {});
  const request = { caller: APPLICATION, variables: {}, requestId: 'test', newId: () => 'new' };
  for (const field of fields) await field.run(request);
  assert.deepEqual(seen, [2, 2]);
});
