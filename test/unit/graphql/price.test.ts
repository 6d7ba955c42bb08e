// What operations cost, and how many rows they may answer: by the document and its variables, without a database.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkPrice } from '../../../src/graphql/cost/check-price.ts';
import { planOperation } from '../../../src/graphql/plan-operation.ts';
import { ServiceError } from '../../../src/platform/errors.ts';
import { modelOf } from '../../support/open-test-service.ts';
import { coerce, operationOf, plannerOf, recordingStore, userClass } from '../stores/recording-store.ts';

const MODEL = await modelOf(`
  type Author @table @permission(level: PUBLIC) { name: String! books: [Book!]! @has(field: "author") }
  type Book @table @permission(level: PUBLIC) { title: String! author: Author @belongsTo }
`);
const PLANNER = plannerOf(MODEL, userClass(), recordingStore(MODEL));
const CALLER = { kind: 'client', application: true, user: { id: 'u', roles: [], claims: {} } } as const;

/** What `checkPrice` says of an operation under limits; null when it is within them. */
function excess(text: string, inputs: Record<string, unknown>, limits: { rows: number; cost: number }) {
  const { document, operation } = operationOf(PLANNER, text);
  const fragments = document.definitions.filter((node) => node.kind === 'FragmentDefinition');
  const named = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  const variables = coerce(PLANNER, operation, inputs);
  const request = { caller: CALLER, variables, requestId: 'test', newId: () => 'new' };
  const { fields } = planOperation(PLANNER, operation, named, variables);
  const prices = fields.flatMap((field) => field.price(request) ?? []);
  try {
    checkPrice(prices, request, limits);
    return null;
  } catch (error) {
    assert.ok(error instanceof ServiceError && error.code === 'QUERY_TOO_COMPLEX');
    return error.limit ?? null;
  }
}

const NO_LIMIT = Number.POSITIVE_INFINITY;
const nodeId = (name: string) => Buffer.from(name).toString('base64url');

const CASES: readonly (readonly [text: string, rows: number, cost: number, inputs?: Record<string, unknown>])[] = [
  // What is not weighed.
  ['{ viewer { level } __typename }', 0, 0],
  ['{ __schema { types { fields { args { name } } } } }', 0, 0],
  // One row.
  ['{ author(by: { id: "a" }) { id name version } }', 1, 2],
  ['{ book(by: { id: "a" }) { author { name } } }', 2, 4],
  ['mutation { insertBook(data: { title: "t" }) { id } }', 1, 2],
  ['mutation { insertBook(data: { title: "t" }) { author { books(first: 10) { id } } } }', 12, 15],
  // Lists: their size, or the default; null is the default.
  ['{ authors { name } }', 50, 51],
  ['{ authors(first: 10) { name } }', 10, 11],
  ['{ authors(first: 0) { name } }', 0, 1],
  ['query ($n: Int) { authors(first: $n) { name } }', 7, 8, { n: 7 }],
  ['query ($n: Int) { authors(first: $n) { name } }', 50, 51, { n: null }],
  ['query ($n: Int) { authors(first: $n) { name } }', 50, 51],
  ['query ($n: Int = 5) { authors(first: $n) { name } }', 5, 6],
  // Sizes multiply.
  ['{ authors { books { title } } }', 50 + 2_500, 1 + 50 * (1 + 1 + 50)],
  ['{ authors(first: 3) { books(first: 2) { author { name } } } }', 3 + 6 + 6, 1 + 3 * (1 + 1 + 2 * (1 + 2))],
  // As docs/limits.md reckons it.
  [
    '{ authors(first: 20) { name books(first: 10) { title } booksConnection { totalCount } } }',
    220,
    1 + 20 * (1 + 11 + 6),
  ],
  // Under every name again, and through fragments.
  ['{ a: authors(first: 2) { id } b: authors(first: 3) { id } }', 5, 7],
  [
    '{ authors(first: 2) { ...F ... on Author { b: books(first: 4) { id } } } } fragment F on Author { books(first: 3) { id } }',
    2 + 14,
    1 + 2 * (1 + 1 + 3 + 1 + 4),
  ],
  ['query ($c: Boolean!) { authors(first: 2) { books(first: 3) @include(if: $c) { id } } }', 2, 3, { c: false }],
  ['query ($c: Boolean!) { authors(first: 2) { books(first: 3) @include(if: $c) { id } } }', 8, 11, { c: true }],
  // Merged fields are one.
  ['{ authors(first: 2) { id } authors(first: 2) { name } }', 2, 3],
  // Rows that are passed over.
  ['{ authors(first: 10, skip: 1000) { id } }', 10, 21],
  [
    'query ($s: Int) { authors(first: 2) { books(first: 1, skip: $s) { id } } }',
    4,
    1 + 2 * (1 + 1 + 5 + 1),
    { s: 500 },
  ],
  // Pages by cursors.
  ['{ authorsConnection(first: 10) { nodes { id } } }', 10, 11],
  ['{ authorsConnection(last: 10) { edges { cursor node { id } } } }', 10, 11],
  ['{ authorsConnection { edges { cursor } } }', 50, 51],
  ['{ authorsConnection(first: 10) { nodes { id } edges { node { id } } } }', 20, 21],
  ['{ authorsConnection(first: 10) { nodes { books(first: 2) { id } } pageInfo { hasNextPage } } }', 30, 41],
  ['{ authorsConnection(first: 10) { pageInfo { endCursor } } }', 0, 11],
  ['{ authorsConnection { totalCount } }', 0, 6],
  ['{ authors(first: 10) { booksConnection { a: totalCount b: totalCount } } }', 10, 1 + 10 * (1 + 1 + 10)],
  // Aggregates: one row, or as many groups as a page has.
  ['{ authorsAggregate { count } }', 1, 6],
  ['{ authors(first: 10) { booksAggregate { count } } }', 20, 1 + 10 * (1 + 6)],
  ['{ booksAggregate(groupBy: [AUTHOR_ID]) { count } }', 50, 55],
  // Relations in conditions and orders.
  ['{ authors(first: 1, where: { books: { some: { title: { eq: "t" } } } }) { id } }', 1, 7],
  [
    '{ authors(first: 1, where: { OR: [{ books: { count: { gt: 1 } } }, { NOT: { books: { none: { author: { name: { eq: "n" } } } } } }] }) { id } }',
    1,
    17,
  ],
  ['{ authors(first: 1, orderBy: [{ books: { count: DESC } }, { name: ASC }]) { id } }', 1, 7],
  ['{ booksAggregate(where: { author: { name: { eq: "n" } } }) { count } }', 1, 11],
  // A node is of the type that its nodeId says.
  [`{ node(nodeId: "${nodeId('Author:a')}") { ... on Author { books(first: 3) { id } } ... on Book { id } } }`, 4, 6],
  [`query ($i: ID!) { node(nodeId: $i) { ... on Author { books(first: 3) { id } } } }`, 1, 2, { i: nodeId('Book:b') }],
  ['{ node(nodeId: "broken") { nodeId } }', 0, 0],
  // What is wrong fails its own field, later.
  ['query ($n: Int) { authors(first: $n) { id } }', 1_000, 1_001, { n: 1_000_000 }],
  ['query ($n: Int) { authors(first: $n) { id } }', 0, 1, { n: -5 }],
];

describe('an operation', () => {
  for (const [text, rows, cost, inputs = {}] of CASES) {
    test(`${text} ${JSON.stringify(inputs)}: ${rows} rows, ${cost}`, () => {
      assert.equal(excess(text, inputs, { rows: -1, cost: NO_LIMIT })?.value ?? 0, rows);
      assert.equal(excess(text, inputs, { rows: NO_LIMIT, cost: -1 })?.value ?? 0, cost);
      assert.equal(excess(text, inputs, { rows, cost }), null);
    });
  }

  const LARGE =
    '{ a: authors(first: 10) { id } b: authors(first: 10) { id c: books(first: 5) { id } d: books(first: 5) { id } } }';
  test('over a limit is told the first field that is too much, by the names in its answer', () => {
    const pathOver = (rows: number) => excess(LARGE, {}, { rows, cost: NO_LIMIT })?.path;
    assert.deepEqual(pathOver(9), ['a']);
    assert.deepEqual(pathOver(10), ['b']);
    assert.deepEqual(pathOver(20), ['b', 'c']);
    assert.deepEqual(pathOver(69), ['b', 'c']);
    assert.deepEqual(pathOver(70), ['b', 'd']);
    assert.deepEqual(excess(LARGE, {}, { rows: 119, cost: NO_LIMIT }), {
      name: 'rows',
      max: 119,
      value: 120,
      path: ['b', 'd'],
    });
    assert.equal(pathOver(120), undefined);
  });

  test('through the parts of a connection', () => {
    const text = '{ authorsConnection { edges { node { x: books { id } } } } }';
    assert.deepEqual(excess(text, {}, { rows: 100, cost: 20_000 })?.path, ['authorsConnection', 'edges', 'node', 'x']);
  });
});
