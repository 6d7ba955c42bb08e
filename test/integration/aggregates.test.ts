// Aggregates over HTTP: what is computed, over which rows, in what groups and in which shape. That the values are right for
// any rows is `aggregates-property.test.ts`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const TABLES = `
enum Genre { POEM NOVEL ESSAY }
type Author @table @permission(level: PUBLIC) { name: String! books: [Book!]! @has(field: "author") }
type Book @table(softDelete: true)
  @permission(on: [READ], level: PUBLIC, rows: { hidden: { eq: false } })
  @permission(on: [READ], level: USER)
{
  title: String! genre: Genre pages: Int stock: BigInt price: Decimal weight: Float soldAt: DateTime
  hidden: Boolean! @default(value: "false")
  margin: Decimal @permission(on: [READ], level: USER, roles: ["boss"])
  secretKind: String @permission(on: [READ], level: USER, roles: ["boss"])
  author: Author! @belongsTo
  shelves: [Shelf!]! @manyToMany
}
type Shelf @table @permission(level: PUBLIC) { name: String! books: [Book!]! @manyToMany(field: "shelves") }
type Closed @table { x: Int }
type Tally @table @permission(level: PUBLIC) { n: Int f: Float }`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: TABLES });
  await app.database.query(`
    INSERT INTO author (id, name) VALUES ('ann', 'Ann'), ('ben', 'Ben'), ('new', 'New');
    INSERT INTO book (id, author_id, title, genre, pages, stock, price, weight, sold_at, hidden, deleted, margin) VALUES
      ('b1', 'ann', 'One',   'NOVEL', 100, 9223372036854775807, 12.50, 0.5,  '2026-03-01T09:30:00Z', FALSE, FALSE, 1),
      ('b2', 'ann', 'Two',   'POEM',  201, 1,                   7.5,   0.25, '2026-03-01T23:30:00-01:00', FALSE, FALSE, 2),
      ('b3', 'ben', 'Three', 'NOVEL', 300, 2,                   NULL,  NULL, NULL, FALSE, FALSE, 4),
      ('b4', 'ben', 'Four',  NULL,    NULL, NULL,               NULL,  NULL, NULL, FALSE, FALSE, NULL),
      ('b5', 'ann', 'Hid',   'ESSAY', 1000, 0,                  1000,  8,    NULL, TRUE,  FALSE, 8),
      ('b6', 'ann', 'Gone',  'ESSAY', 5000, 0,                  5000,  64,   NULL, FALSE, TRUE, 16);
    INSERT INTO shelf (id, name) VALUES ('s1', 'Top'), ('s2', 'Low');
    INSERT INTO book_shelves (book_id, shelf_id) VALUES ('b1', 's1'), ('b3', 's1'), ('b5', 's1'), ('b6', 's1');`);
});
after(() => app?.close());

interface Case {
  readonly name: string;
  readonly query: string;
  readonly as?: string;
  readonly variables?: Record<string, unknown>;
  readonly data: unknown;
}

const CASES: readonly Case[] = [
  {
    name: 'every function, over the rows that may be seen',
    query: `{ booksAggregate { count sum { pages stock price weight } avg { pages stock price weight }
      min { pages title genre soldAt } max { stock price weight genre title } } }`,
    data: [
      {
        count: 4,
        sum: { pages: '601', stock: '9223372036854775810', price: '20.00', weight: 0.75 },
        avg: { pages: '200.3333333333333333', stock: '3074457345618258603', price: '10', weight: 0.375 },
        min: { pages: 100, title: 'Four', genre: 'POEM', soldAt: '2026-03-01T09:30:00.000000Z' },
        max: { stock: '9223372036854775807', price: '12.50', weight: 0.5, genre: 'NOVEL', title: 'Two' },
      },
    ],
  },
  { name: 'what a user may see besides', query: '{ booksAggregate { count } }', as: 'u', data: [{ count: 5 }] },
  {
    name: 'no rows, and no groups asked for: one, that is empty',
    query:
      '{ booksAggregate(where: { title: { eq: "?" } }) { count sum { pages } avg { price } min { title } max { genre } } }',
    data: [{ count: 0, sum: { pages: null }, avg: { price: null }, min: { title: null }, max: { genre: null } }],
  },
  {
    name: 'no rows, grouped: no group',
    query: '{ booksAggregate(where: { title: { eq: "?" } }, groupBy: GENRE) { count } }',
    data: [],
  },
  { name: 'an empty groupBy is none', query: '{ booksAggregate(groupBy: []) { count } }', data: [{ count: 4 }] },
  {
    name: 'null for groupBy is none',
    query: '{ booksAggregate(groupBy: null, where: null, having: null) { count } }',
    data: [{ count: 4 }],
  },
  {
    name: 'groups are in order, of an enum as declared, with what is missing last',
    query: '{ booksAggregate(groupBy: [GENRE]) { group { genre } count max { pages } } }',
    data: [
      { group: { genre: 'POEM' }, count: 1, max: { pages: 201 } },
      { group: { genre: 'NOVEL' }, count: 2, max: { pages: 300 } },
      { group: { genre: null }, count: 1, max: { pages: null } },
    ],
  },
  {
    name: 'several keys, in their order, and one that is named twice',
    query: '{ booksAggregate(groupBy: [AUTHOR_ID, GENRE, AUTHOR_ID]) { group { genre authorId } count } }',
    data: [
      { group: { genre: 'POEM', authorId: 'ann' }, count: 1 },
      { group: { genre: 'NOVEL', authorId: 'ann' }, count: 1 },
      { group: { genre: 'NOVEL', authorId: 'ben' }, count: 1 },
      { group: { genre: null, authorId: 'ben' }, count: 1 },
    ],
  },
  {
    name: 'days and months are those of UTC',
    query:
      '{ booksAggregate(groupBy: [SOLD_AT_MONTH, SOLD_AT_DAY]) { group { soldAtMonth soldAtDay soldAtHour soldAt } count } }',
    data: [
      { group: { soldAtMonth: '2026-03-01', soldAtDay: '2026-03-01', soldAtHour: null, soldAt: null }, count: 1 },
      { group: { soldAtMonth: '2026-03-01', soldAtDay: '2026-03-02', soldAtHour: null, soldAt: null }, count: 1 },
      { group: { soldAtMonth: null, soldAtDay: null, soldAtHour: null, soldAt: null }, count: 2 },
    ],
  },
  {
    name: 'what is not grouped by is null',
    query: '{ booksAggregate(groupBy: [GENRE], having: { count: { gt: 1 } }) { group { authorId genre } } }',
    data: [{ group: { authorId: null, genre: 'NOVEL' } }],
  },
  {
    name: 'having, over what is not selected',
    query: `{ booksAggregate(groupBy: [GENRE], having: { OR: [{ sum: { pages: { gte: "400" } } }, { max: { weight: { lt: 0.3 } } }] }) { group { genre } } }`,
    data: [{ group: { genre: 'POEM' } }, { group: { genre: 'NOVEL' } }],
  },
  {
    name: 'having is unknown of what is missing, and stays so under NOT',
    query: '{ booksAggregate(groupBy: [GENRE], having: { NOT: { min: { pages: { gt: 150 } } } }) { group { genre } } }',
    data: [{ group: { genre: 'NOVEL' } }],
  },
  {
    name: 'having of texts and enums, with their own operators',
    query: `{ booksAggregate(groupBy: [GENRE], having: { AND: [{ min: { title: { startsWith: "o", ignoreCase: true } } }, { max: { genre: { in: [NOVEL, ESSAY] } } }] }) { group { genre } } }`,
    data: [{ group: { genre: 'NOVEL' } }],
  },
  { name: 'having on the whole', query: '{ booksAggregate(having: { count: { gt: 4 } }) { count } }', data: [] },
  {
    name: 'where, and then having',
    query: '{ booksAggregate(where: { pages: { lt: 250 } }, having: { count: { eq: 2 } }) { count } }',
    data: [{ count: 2 }],
  },
  { name: 'deleted rows too', query: '{ booksAggregate(deleted: INCLUDE) { count } }', as: 'u', data: [{ count: 6 }] },
  {
    name: 'deleted rows only',
    query: '{ booksAggregate(deleted: ONLY, groupBy: DELETED) { group { deleted } count } }',
    data: [{ group: { deleted: true }, count: 1 }],
  },
  {
    name: 'nothing but names',
    query: '{ booksAggregate { __typename } }',
    data: [{ __typename: 'BookAggregate' }],
  },
  {
    name: 'nothing that is left of it',
    query: '{ booksAggregate(groupBy: [GENRE]) { count @include(if: false) sum @skip(if: true) { pages } } }',
    data: [{}, {}, {}],
  },
  {
    name: 'aliases, fragments and merged fields',
    query: `query ($no: Boolean = false) {
      booksAggregate { a: sum { p: pages __typename } b: sum { pages } ...F sum { price @include(if: $no) } kind: __typename } }
      fragment F on BookAggregate { sum { x: pages } n: count sum { y: weight } ... on BookAggregate { group { __typename } } }`,
    data: [
      {
        a: { p: '601', __typename: 'BookSum' },
        b: { pages: '601' },
        sum: { x: '601', y: 0.75 },
        n: 4,
        group: { __typename: 'BookGroup' },
        kind: 'BookAggregate',
      },
    ],
  },
  {
    name: 'keys that are words of SQL, or longer than its names',
    query: `{ booksAggregate { select: count ${'x'.repeat(80)}: sum { __proto: pages, m1: pages, k1: weight } } }`,
    data: [{ select: 4, ['x'.repeat(80)]: { __proto: '601', m1: '601', k1: 0.75 } }],
  },
  {
    name: 'more members than a function takes arguments',
    query: `{ booksAggregate { sum { ${Array.from({ length: 60 }, (_, at) => `f${at}: pages`).join(' ')} } ${Array.from({ length: 60 }, (_, at) => `c${at}: count`).join(' ')} } }`,
    data: [
      {
        sum: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`f${at}`, '601'])),
        ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`c${at}`, 4])),
      },
    ],
  },
];

const NESTED: readonly Case[] = [
  {
    name: 'of a relation, with groups of each row',
    query: '{ authors { id booksAggregate(groupBy: [GENRE]) { group { genre } count } } }',
    data: {
      authors: [
        {
          id: 'ann',
          booksAggregate: [
            { group: { genre: 'POEM' }, count: 1 },
            { group: { genre: 'NOVEL' }, count: 1 },
          ],
        },
        {
          id: 'ben',
          booksAggregate: [
            { group: { genre: 'NOVEL' }, count: 1 },
            { group: { genre: null }, count: 1 },
          ],
        },
        { id: 'new', booksAggregate: [] },
      ],
    },
  },
  {
    name: 'of a relation without groups: one for each row, empty where nothing is',
    query: '{ authors { n: booksAggregate { count sum { pages } } } }',
    data: {
      authors: [
        { n: [{ count: 2, sum: { pages: '301' } }] },
        { n: [{ count: 2, sum: { pages: '300' } }] },
        { n: [{ count: 0, sum: { pages: null } }] },
      ],
    },
  },
  {
    name: 'of many to many, without what a rule hides or is deleted',
    query: '{ shelves { name booksAggregate(where: { pages: { gte: 100 } }) { count max { pages } } } }',
    data: {
      shelves: [
        { name: 'Top', booksAggregate: [{ count: 2, max: { pages: 300 } }] },
        { name: 'Low', booksAggregate: [{ count: 0, max: { pages: null } }] },
      ],
    },
  },
  {
    name: 'deep, and beside rows',
    query:
      '{ book(by: { id: "b1" }) { author { booksAggregate { count } books { id shelves { booksAggregate { max { title } } } } } } }',
    data: {
      book: {
        author: {
          booksAggregate: [{ count: 2 }],
          books: [
            { id: 'b1', shelves: [{ booksAggregate: [{ max: { title: 'Three' } }] }] },
            { id: 'b2', shelves: [] },
          ],
        },
      },
    },
  },
  {
    name: 'two of one relation, with deleted rows of their own',
    query:
      '{ author(by: { id: "ann" }) { a: booksAggregate(deleted: ONLY) { count } b: booksAggregate(deleted: INCLUDE, having: { count: { eq: 4 } }) { count } } }',
    as: 'u',
    data: { author: { a: [{ count: 1 }], b: [{ count: 4 }] } },
  },
];

describe('aggregates', () => {
  for (const { name, query, data, ...asking } of CASES) {
    test(name, async () => {
      const answer = await app.ask(query, asking);
      assert.deepEqual(answer.data, { booksAggregate: data }, answer.text);
    });
  }

  for (const { name, query, data, ...asking } of NESTED) {
    test(name, async () => {
      const answer = await app.ask(query, asking);
      assert.deepEqual(answer.data, data, answer.text);
    });
  }

  test('groupBy as a variable, in every way of writing it', async () => {
    const query =
      'query ($by: [BookGroupBy!], $one: BookGroupBy! = GENRE) { a: booksAggregate(groupBy: $by) { group { genre hidden } } b: booksAggregate(groupBy: [$one, HIDDEN]) { count } c: booksAggregate(groupBy: [$one, $one]) { count } }';
    for (const [variables, a, b, c] of [
      [{}, 1, 3, 3],
      [{ by: null }, 1, 3, 3],
      [{ by: [] }, 1, 3, 3],
      [{ by: ['GENRE'] }, 3, 3, 3],
      [{ by: 'GENRE' }, 3, 3, 3],
      [{ by: ['HIDDEN'], one: 'HIDDEN' }, 1, 1, 1],
      [{ by: ['HIDDEN', 'GENRE'], one: 'TITLE' }, 3, 4, 4],
      [{ by: ['GENRE'] }, 3, 3, 3],
    ] as const) {
      const { data, text } = await app.ask(query, { variables });
      const lengths = ['a', 'b', 'c'].map((key) => (data?.[key] as unknown[])?.length);
      assert.deepEqual(lengths, [a, b, c], text);
    }
  });

  test('having as a variable', async () => {
    const query =
      'query ($having: BookHaving) { booksAggregate(groupBy: [GENRE], having: $having) { group { genre } } }';
    const variables = { having: { NOT: { count: { in: [2, 3] } }, sum: { pages: { isNull: true } } } };
    const { data, text } = await app.ask(query, { variables });
    assert.deepEqual(data, { booksAggregate: [{ group: { genre: null } }] }, text);
  });

  test('null where having has a filter is an error that says what to do', async () => {
    const { data, errors } = await app.ask('{ booksAggregate(having: { sum: { pages: null } }) { count } }');
    assert.deepEqual(data, { booksAggregate: null });
    assert.match(errors?.[0]?.message ?? '', /having\.sum\.pages must not be null/);
  });
});

const groupsOf = ({ data }: Answer) => {
  const groups = data?.['talliesAggregate'];
  return Array.isArray(groups) ? groups.length : null;
};

describe('aggregates that cannot be answered', () => {
  before(async () => {
    await app.database.query(`INSERT INTO tally (id, n) SELECT 'm' || n, n FROM generate_series(1, 1000) n`);
  });

  test('1,000 groups are answered, more are refused, and their siblings are not', async () => {
    const query = '{ talliesAggregate(groupBy: [N]) { count } closed: authors { id } }';
    const full = await app.ask(query);
    assert.equal(groupsOf(full), 1000, full.text.slice(0, 500));
    await app.database.query(`INSERT INTO tally (id, n) VALUES ('more', 0)`);
    const { data, errors } = await app.ask(query);
    assert.deepEqual(data, { talliesAggregate: null, closed: [{ id: 'ann' }, { id: 'ben' }, { id: 'new' }] });
    assert.deepEqual(
      errors?.map(({ path, extensions }) => [path, extensions['code']]),
      [[['talliesAggregate'], 'BAD_USER_INPUT']],
    );
    assert.match(errors?.[0]?.message ?? '', /more than 1000 groups.*where/s);
    const chosen = await app.ask('{ talliesAggregate(groupBy: [N], having: { max: { n: { gt: 0 } } }) { count } }');
    assert.equal(groupsOf(chosen), 1000, chosen.text.slice(0, 500));
  });

  test('a sum of Floats that no Float can hold', async () => {
    await app.database.query(`INSERT INTO tally (id, f) VALUES ('f1', 1.7e308), ('f2', 1.7e308)`);
    const { data, errors } = await app.ask('{ talliesAggregate { sum { f } } authors { id } }');
    assert.deepEqual(data, { talliesAggregate: null, authors: [{ id: 'ann' }, { id: 'ben' }, { id: 'new' }] });
    assert.equal(errors?.[0]?.extensions['code'], 'BAD_USER_INPUT');
    assert.match(errors?.[0]?.message ?? '', /too large for its type.*fewer rows/);
    // An average of what can be added is answered, though its square is no Float.
    await app.database.query('UPDATE tally SET f = 1.5e300 WHERE f IS NOT NULL');
    const whole = await app.ask('{ talliesAggregate { sum { f } avg { f } } }');
    assert.deepEqual(whole.data, { talliesAggregate: [{ sum: { f: 3e300 }, avg: { f: 1.5e300 } }] }, whole.text);
  });
});
