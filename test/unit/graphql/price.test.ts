// What operations cost, and how many rows they may answer: by the document and its variables, without a database.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkPrice } from '../../../src/graphql/cost/check-price.ts';
import { LIMITS } from '../../../src/graphql/limits.ts';
import { planOperation } from '../../../src/graphql/plan-operation.ts';
import { ServiceError } from '../../../src/platform/errors.ts';
import { modelOf } from '../../support/open-test-service.ts';
import { coerce, operationOf, plannerOf, recordingStore, userClass } from '../stores/recording-store.ts';

const MODEL = await modelOf(`
  type Author @table @permission(level: PUBLIC) { name: String! books: [Book!]! @has(field: "author") }
  type Book @table @permission(level: PUBLIC) { title: String! author: Author @belongsTo pages: [Page!]! @has(field: "book") }
  type Page @table @permission(level: PUBLIC) { number: Int! book: Book @belongsTo }
`);
const PLANNER = plannerOf(MODEL, userClass(), recordingStore(MODEL));
const CALLER = { kind: 'client', application: true, user: { id: 'u', roles: [], claims: {} } } as const;

type Inputs = Record<string, unknown>;
type MostOf = { rows: number; cost: number };

/** The limit that an operation is over; null when it is within them. */
function excess(text: string, inputs: Inputs, limits: MostOf) {
  return refusal(text, inputs, limits)?.limit ?? null;
}

/** How `checkPrice` refuses an operation under limits; null when it does not. */
function refusal(text: string, inputs: Inputs, limits: MostOf): ServiceError | null {
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
    return error;
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

describe('an operation that is too much says with which pages it fits', () => {
  const DEFAULTS = { rows: LIMITS.rows, cost: LIMITS.cost };

  /** `write` with sizes as they were asked is refused with `advice`; as advised it fits, and with one row more it does not. */
  const CASES: readonly {
    readonly name: string;
    readonly write: (...sizes: number[]) => string;
    readonly asked: readonly number[];
    readonly advice: string;
    readonly advised: readonly (readonly number[])[];
    readonly limits?: MostOf;
  }[] = [
    {
      name: 'three lists inside each other, with the default size',
      write: (a, b, c) =>
        a + b + c === 150
          ? '{ authors { books { pages { number } } } }'
          : `{ authors(first: ${a}) { books(first: ${b}) { pages(first: ${c}) { number } } } }`,
      asked: [50, 50, 50],
      advice:
        'It fits with first: 2 on authors.books.pages, or with first: 21 on each of authors, authors.books and authors.books.pages.',
      advised: [
        [50, 50, 2],
        [21, 21, 21],
      ],
    },
    {
      name: 'where the last alone cannot be small enough',
      write: (a, b) => `{ authors(first: ${a}) { books(first: ${b}) { id } booksConnection { totalCount } } }`,
      asked: [1_000, 50],
      limits: { rows: 900, cost: 20_000 },
      advice: 'It fits with first: 29 on each of authors and authors.books.',
      advised: [[29, 29]],
    },
    {
      name: 'by names, through the parts of connections, and by last',
      write: (a, b) =>
        `{ x: authorsConnection(last: ${a}) { edges { node { y: booksConnection(first: ${b}) { nodes { id } } } } } }`,
      asked: [1_000, 1_000],
      advice: 'It fits with first: 9 on x.edges.node.y, or with last: 99 or first: 99 on each of x and x.edges.node.y.',
      advised: [
        [1_000, 9],
        [99, 99],
      ],
    },
    {
      name: 'small pages stay as they are',
      write: (a, b) => `{ authors(first: ${a}) { books(first: 3) { pages(first: ${b}) { number } } } }`,
      asked: [1_000, 100],
      advice:
        'It fits with first: 2 on authors.books.pages, or with first: 57 on each of authors and authors.books.pages.',
      advised: [
        [1_000, 2],
        [57, 57],
      ],
    },
    {
      name: 'many of the same, none of which is too much alone',
      write: (a, b) =>
        `{ ${Array.from({ length: 3 }, (_, at) => `a${at}: authors(first: ${a}) { books(first: ${b}) { id } }`).join(' ')} }`,
      asked: [90, 90],
      advice: 'It fits with first: 57 on each of a0, a0.books, a1, a1.books, a2 and a2.books.',
      advised: [[57, 57]],
    },
    {
      name: 'too many to be named',
      write: (a, b) =>
        `{ ${Array.from({ length: 6 }, (_, at) => `a${at}: authors(first: ${a}) { books(first: ${b}) { id } }`).join(' ')} }`,
      asked: [90, 90],
      advice: 'It fits with first: 40 on each of its 12 largest pages.',
      advised: [[40, 40]],
    },
    {
      name: 'for both limits at once',
      write: (a) => `{ authors(first: ${a}) { booksAggregate { count } } }`,
      asked: [1_000],
      limits: { rows: 1_000, cost: 701 },
      advice: 'It fits with first: 100 on authors.',
      advised: [[100]],
    },
    {
      name: 'groups, which have no page, by the page that they are in',
      write: (a) => `{ authors(first: ${a}) { booksAggregate(groupBy: [TITLE]) { count } } }`,
      asked: [1_000],
      advice: 'It fits with first: 196 on authors.',
      advised: [[196]],
    },
  ];
  for (const { name, write, asked, advice, advised, limits = DEFAULTS } of CASES) {
    test(name, () => {
      assert.ok(
        refusal(write(...asked), {}, limits)?.message.endsWith(` too much. ${advice}`),
        refusal(write(...asked), {}, limits)?.message,
      );
      for (const sizes of advised) {
        assert.equal(refusal(write(...sizes), {}, limits), null);
        const more = sizes.map((size, at) => (size < (asked[at] ?? 0) ? size + 1 : size));
        assert.notEqual(refusal(write(...more), {}, limits), null);
      }
    });
  }

  test('sizes in variables are told by their argument', () => {
    const text = 'query ($n: Int) { authors(first: $n) { books(first: $n) { id } } }';
    assert.match(
      refusal(text, { n: 500 }, DEFAULTS)?.message ?? '',
      /It fits with first: 19 on authors\.books, or with first: 99 on each of authors and authors\.books\.$/,
    );
  });

  test('and where no page helps, that less must be asked', () => {
    for (const text of [
      '{ booksAggregate(groupBy: [TITLE]) { count } }',
      '{ authors(first: 2) { booksAggregate(groupBy: [TITLE]) { count } } }',
    ])
      assert.match(refusal(text, {}, { rows: 49, cost: 20_000 })?.message ?? '', / too much\. Ask for less at once\.$/);
  });
});
