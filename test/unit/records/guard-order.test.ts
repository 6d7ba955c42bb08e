// Orders as they are asked for become total orders over what may be seen, whatever a face lets through.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ADMIN_CLASS, callerClass } from '../../../src/access/caller-class.ts';
import { orderFingerprint } from '../../../src/records/cursor.ts';
import { guardOrder } from '../../../src/records/guard-order.ts';
import type { OrderKey, OrderTerm } from '../../../src/records/plan.ts';
import { visibleRows } from '../../../src/records/readable-rows.ts';
import { EVERY_ROW } from '../../../src/tables/filter.ts';
import { columnOf, type Relation, tableOf } from '../../../src/tables/model.ts';
import { modelOf } from '../../support/open-test-service.ts';

const MODEL = await modelOf(`
type Shelf @table @permission(level: PUBLIC, rows: { open: { eq: true } }) {
  open: Boolean!  rank: Int  secret: Int @permission(level: ADMIN)
  books: [Book!]! @has(field: "shelf")
  locked: [Vault!]! @has(field: "shelf")
}
type Book @table(softDelete: true) @permission(level: PUBLIC) {
  n: Int!  some: Int  secret: Int @permission(level: ADMIN)
  shelf: Shelf @belongsTo
  vault: Vault @belongsTo
  topics: [Topic!]! @manyToMany(through: "Link")
}
type Vault @table @permission(level: ADMIN) { code: String!  shelf: Shelf @belongsTo }
type Topic @table @permission(level: PUBLIC) { name: String }
type Link @table @permission(level: PUBLIC, rows: { live: { eq: true } }) { live: Boolean!  book: Book! @belongsTo  topic: Topic! @belongsTo }`);

const ANYONE = callerClass({ admin: false, application: false, user: false, roles: [] });
const BOOK = tableOf(MODEL, 'Book');
const SHELF = tableOf(MODEL, 'Shelf');

function relationOf(table: string, name: string): Relation {
  const relation = tableOf(MODEL, table).relations.get(name);
  assert.ok(relation);
  return relation;
}

const ASC = { descending: false, nullsFirst: false } as const;
const column = (table: string, name: string) =>
  ({ kind: 'column', column: columnOf(tableOf(MODEL, table), name) }) as const;
const own = (name: string, direction: Partial<OrderKey> = {}): OrderKey => ({
  path: [],
  by: column('Book', name),
  ...ASC,
  ...direction,
});
const onShelf = (name: string): OrderKey => ({
  path: [relationOf('Book', 'shelf')],
  by: column('Shelf', name),
  ...ASC,
});
const counting = (relation: Relation, path: readonly Relation[] = []): OrderKey => ({
  path,
  by: { kind: 'count', relation },
  ...ASC,
});

const termsOf = (keys: readonly OrderKey[], caller = ANYONE) => guardOrder(MODEL, caller, BOOK, keys);
const shown = (terms: readonly OrderTerm[]) =>
  terms.map(({ path, by, descending, nullsFirst, nullable }) =>
    [
      [
        ...path.map(({ relation }) => relation.name),
        by.kind === 'column' ? by.column.name : `#${by.relation.name}`,
      ].join('.'),
      descending ? 'desc' : 'asc',
      nullable ? (nullsFirst ? 'missing first' : 'missing last') : 'never missing',
    ].join(' '),
  );

describe('an order', () => {
  for (const [name, keys, terms] of [
    ['of nothing is by id', [], ['id asc never missing']],
    ['ends with the id', [own('some')], ['some asc missing last', 'id asc never missing']],
    ['by id has no more keys', [own('id', { descending: true }), own('some')], ['id desc never missing']],
    [
      'has each key once',
      [own('some'), own('some', { descending: true })],
      ['some asc missing last', 'id asc never missing'],
    ],
    [
      'has the side of missing values that an index has, where none is missing',
      [own('n', { nullsFirst: true })],
      ['n asc never missing', 'id asc never missing'],
    ],
    [
      'may miss whatever is behind a relation',
      [onShelf('id'), onShelf('rank'), counting(relationOf('Shelf', 'books'), [relationOf('Book', 'shelf')])],
      [
        'shelf.id asc missing last',
        'shelf.rank asc missing last',
        'shelf.#books asc missing last',
        'id asc never missing',
      ],
    ],
    [
      'never misses a number of its own',
      [counting(relationOf('Book', 'topics'))],
      ['#topics asc never missing', 'id asc never missing'],
    ],
  ] as const) {
    test(name, () => assert.deepEqual(shown(termsOf(keys)), terms));
  }

  test('goes only through rows that may be seen', () => {
    const [byShelf] = termsOf([onShelf('rank')]);
    assert.deepEqual(byShelf?.path[0]?.rows, visibleRows(ANYONE, SHELF));
    const [byTopics] = termsOf([counting(relationOf('Book', 'topics'))]);
    assert.ok(byTopics?.by.kind === 'count');
    assert.deepEqual(byTopics.by.linkRows, visibleRows(ANYONE, tableOf(MODEL, 'Link')));
    const [byBooks] = guardOrder(MODEL, ANYONE, SHELF, [counting(relationOf('Shelf', 'books'))]);
    assert.ok(byBooks?.by.kind === 'count');
    assert.deepEqual(byBooks.by.rows, visibleRows(ANYONE, BOOK));
    const [byAdmin] = termsOf([onShelf('rank')], ADMIN_CLASS);
    assert.deepEqual(byAdmin?.path[0]?.rows, EVERY_ROW);
  });

  for (const [name, key, field] of [
    ['its own column', own('secret'), 'secret'],
    ['a column behind a relation', onShelf('secret'), 'secret'],
    ['a table on the way', { ...own('n'), path: [relationOf('Book', 'vault')], by: column('Vault', 'code') }, 'vault'],
    ['a table that is counted', counting(relationOf('Shelf', 'locked'), [relationOf('Book', 'shelf')]), 'locked'],
  ] as const) {
    test(`is refused where ${name} may not be read, and is an admin's to ask for`, () => {
      assert.throws(() => termsOf([key]), new RegExp(`Cannot query field "${field}"`));
      assert.equal(termsOf([key], ADMIN_CLASS).length, 2);
    });
  }
});

describe('the fingerprint of an order', () => {
  test('is its own, whoever asks', () => {
    const orders: readonly (readonly OrderKey[])[] = [
      [],
      [own('some')],
      [own('some', { descending: true })],
      [own('some', { nullsFirst: true })],
      [own('n')],
      [own('some'), own('n')],
      [own('n'), own('some')],
      [onShelf('rank')],
      [onShelf('id')],
      [counting(relationOf('Book', 'topics'))],
      [counting(relationOf('Shelf', 'books'), [relationOf('Book', 'shelf')])],
    ];
    const prints = orders.map((keys) => orderFingerprint(BOOK, termsOf(keys)));
    assert.equal(new Set(prints).size, orders.length);
    assert.deepEqual(
      orders.map((keys) => orderFingerprint(BOOK, termsOf(keys, ADMIN_CLASS))),
      prints,
    );
    assert.notEqual(orderFingerprint(SHELF, guardOrder(MODEL, ANYONE, SHELF, [])), prints[0]);
  });
});
