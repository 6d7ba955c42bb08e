// Lists and their order over HTTP: what an order reaches through relations, deleted rows, and what is refused.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { openPostgres15, skipped } from '../support/postgres-15.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { LIBRARY } from './library.ts';

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: LIBRARY });
  await app.database.query(`
    INSERT INTO shelf (id, name, rank, open, secret) VALUES ('a', 'b', 2, TRUE, 1), ('b', 'a', 1, TRUE, 3), ('c', 'c', 0, FALSE, 2);
    INSERT INTO label (id, size, shelf_id) VALUES ('la', 7, 'a'), ('lc', 1, 'c');
    INSERT INTO book (id, title, n, "some", done, kind, tags, shelf_id, deleted, secret) VALUES
      ('1', 'ete', 1, 5, TRUE, 'LOW', '{}', 'a', FALSE, 9), ('2', 'Été', 1, NULL, FALSE, 'HIGH', '{}', 'b', FALSE, 8),
      ('3', 'zoo', 2, 3, NULL, 'NORMAL', '{}', 'c', FALSE, 7), ('4', 'Eta', 2, 4, TRUE, NULL, '{}', NULL, FALSE, 6),
      ('5', 'gone', 3, 1, TRUE, 'LOW', '{}', 'a', TRUE, 5);
    INSERT INTO note (hidden, book_id) VALUES (FALSE, '4'), (TRUE, '1'), (TRUE, '1'), (TRUE, '1'), (FALSE, '2'), (FALSE, '2');
    INSERT INTO topic (id, name) VALUES ('t', 'T'), ('u', 'U');
    INSERT INTO book_topics (book_id, topic_id) VALUES ('3', 't'), ('3', 'u'), ('1', 't');`);
});
after(() => app?.close());

async function idsOf(args: string, as = 'public', variables = {}, head = ''): Promise<string> {
  const answer = await app.ask(`${head}{ books${args} { id } }`, { as, variables });
  assert.ok(answer.data?.['books'], answer.text);
  return (answer.data['books'] as { id: string }[]).map(({ id }) => id).join(' ');
}

describe('a list is ordered', () => {
  const CASES: readonly (readonly [args: string, ids: string, as?: string])[] = [
    ['', '1 2 3 4'],
    ['(orderBy: [])', '1 2 3 4'],
    ['(orderBy: null)', '1 2 3 4'],
    ['(orderBy: { id: DESC })', '4 3 2 1'],
    ['(orderBy: { n: DESC })', '3 4 1 2'],
    ['(orderBy: [{ n: DESC }, { id: DESC }])', '4 3 2 1'],
    ['(orderBy: [{ id: DESC }, { n: ASC }])', '4 3 2 1'],
    ['(orderBy: [{ n: ASC }, { n: DESC }, { id: DESC }])', '2 1 4 3'],
    // As people do: accents and case tell only between words that are else the same.
    ['(orderBy: { title: ASC })', '4 1 2 3'],
    ['(orderBy: { title: DESC })', '3 2 1 4'],
    ['(orderBy: { kind: ASC })', '1 3 2 4'],
    ['(orderBy: { kind: DESC })', '4 2 3 1'],
    ['(orderBy: { done: ASC })', '2 1 4 3'],
    ['(orderBy: { some: ASC })', '3 4 1 2'],
    ['(orderBy: { some: DESC })', '2 1 4 3'],
    ['(orderBy: { some: ASC_NULLS_FIRST })', '2 3 4 1'],
    ['(orderBy: { some: ASC_NULLS_LAST })', '3 4 1 2'],
    ['(orderBy: { some: DESC_NULLS_FIRST })', '2 1 4 3'],
    ['(orderBy: { some: DESC_NULLS_LAST })', '1 4 3 2'],
    // Shelf c is hidden: its book is where the one without a shelf is.
    ['(orderBy: { shelf: { rank: ASC } })', '2 1 3 4'],
    ['(orderBy: { shelf: { rank: ASC } })', '3 2 1 4', 'admin'],
    ['(orderBy: { shelf: { name: DESC } })', '3 4 1 2'],
    ['(orderBy: { shelf: { label: { size: ASC } } })', '1 2 3 4'],
    ['(orderBy: { shelf: { label: { size: ASC } } })', '3 1 2 4', 'admin'],
    ['(orderBy: [{ shelf: { id: DESC } }, { shelf: { rank: ASC } }, { n: DESC }])', '3 4 2 1'],
    // Only rows count that may be seen.
    ['(orderBy: { notes: { count: DESC } })', '2 4 1 3'],
    ['(orderBy: { notes: { count: DESC } })', '1 2 4 3', 'admin'],
    ['(orderBy: { topics: { count: DESC } })', '3 1 2 4'],
    // Behind a shelf that is hidden there is no number, not even 0.
    ['(orderBy: [{ shelf: { books: { count: ASC } } }])', '1 2 3 4'],
    ['(orderBy: [{ shelf: { books: { count: DESC } } }])', '3 4 1 2'],
    ['(orderBy: { secret: ASC })', '4 3 2 1', 'admin'],
    ['(orderBy: { n: ASC }, first: 2, skip: 1)', '2 3'],
    ['(orderBy: { n: DESC }, where: { some: { isNull: false } })', '3 4 1'],
  ];
  for (const [args, ids, as] of CASES) {
    test(`${args || 'without being asked'}${as ? `, for ${as}` : ''}`, async () =>
      assert.equal(await idsOf(args, as), ids));
  }

  test('as variables say, whichever part of it they are', async () => {
    const asked = async (head: string, args: string, variables: object) => idsOf(args, 'public', variables, head);
    const whole = ['query ($o: [BookOrderBy!])', '(orderBy: $o)'] as const;
    assert.equal(await asked(...whole, { o: [{ n: 'DESC' }, { id: 'DESC' }] }), '4 3 2 1');
    assert.equal(await asked(...whole, { o: [{ n: 'DESC' }, { id: 'ASC' }] }), '3 4 1 2');
    assert.equal(await asked(...whole, { o: { id: 'DESC' } }), '4 3 2 1');
    assert.equal(await asked(...whole, { o: [] }), '1 2 3 4');
    assert.equal(await asked(...whole, { o: null }), '1 2 3 4');
    const direction = ['query ($d: SortDirection!)', '(orderBy: [{ n: $d }, { id: $d }])'] as const;
    assert.equal(await asked(...direction, { d: 'ASC' }), '1 2 3 4');
    assert.equal(await asked(...direction, { d: 'DESC' }), '4 3 2 1');
    const key = ['query ($k: BookOrderBy!)', '(orderBy: [$k, { id: DESC }])'] as const;
    assert.equal(await asked(...key, { k: { shelf: { rank: 'DESC' } } }), '4 3 1 2');
    assert.equal(await asked(...key, { k: { notes: { count: 'DESC' } } }), '2 4 3 1');
  });

  test('in lists of rows, each by its own arguments', async () => {
    const { data } = await app.ask(`{ shelves(orderBy: { name: ASC }) {
      name up: books(orderBy: { n: ASC }, deleted: INCLUDE) { id } down: books(orderBy: { n: DESC }, deleted: INCLUDE, first: 1) { id }
      living: books { id } few: books(where: { n: { gt: 1 } }, deleted: ONLY) { id }
    } }`);
    const ids = (...names: string[]) => names.map((id) => ({ id }));
    assert.deepEqual(data, {
      shelves: [
        { name: 'a', up: ids('2'), down: ids('2'), living: ids('2'), few: [] },
        { name: 'b', up: ids('1', '5'), down: ids('5'), living: ids('1'), few: ids('5') },
      ],
    });
  });

  test('many to many, by what is behind the rows', async () => {
    const { data } = await app.ask('{ topic(by: { id: "t" }) { books(orderBy: [{ shelf: { rank: DESC } }]) { id } } }');
    assert.deepEqual(data, { topic: { books: [{ id: '3' }, { id: '1' }] } });
  });
});

test('texts are ordered by code point where the server was built without ICU', { skip: skipped }, async () => {
  const server = await openPostgres15();
  try {
    const database = await openTestDatabase(`ENCODING 'UTF8' TEMPLATE template0`, server.url);
    // What makes a server such a one; only its superuser may.
    await database.query('DROP COLLATION pg_catalog."und-x-icu"');
    const other = await openTestService({ sdl: LIBRARY, database });
    const titles = ['été', 'b', 'B', 'a', 'A'].map((title) => `('${title}', '${title}', 1, '{}')`);
    await database.query(`INSERT INTO book (id, title, n, tags) VALUES ${titles.join(', ')}`);
    const page = (args: string) =>
      other.ask(`{ page: booksConnection(orderBy: { title: ASC }, ${args}) { nodes { id } pageInfo { endCursor } } }`);
    const first = (await page('first: 2')).data?.['page'] as Page | undefined;
    const rest = (await page(`after: "${first?.pageInfo.endCursor}"`)).data?.['page'] as Page | undefined;
    await other.close();
    await database.close();
    const ids = [first, rest].map((one) => one?.nodes.map(({ id }) => id).join(' '));
    assert.deepEqual(ids, ['A B', 'a b été']);
  } finally {
    await server.close();
  }
});

interface Page {
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: { readonly endCursor: string };
}

describe('deleted rows', () => {
  for (const [mode, ids] of [
    ['EXCLUDE', '1 2 3 4'],
    ['INCLUDE', '1 2 3 4 5'],
    ['ONLY', '5'],
    ['null', '1 2 3 4'],
  ] as const) {
    test(`deleted: ${mode}, written out and as a variable`, async () => {
      assert.equal(await idsOf(`(deleted: ${mode})`), ids);
      const variables = { d: mode === 'null' ? null : mode };
      assert.equal(await idsOf('(deleted: $d)', 'public', variables, 'query ($d: DeletedRows)'), ids);
    });
  }

  test('are not asked for where a table keeps none, and are not found by a key', async () => {
    assert.equal((await app.ask('{ shelves(deleted: ONLY) { id } }')).errors?.length, 1);
    assert.deepEqual((await app.ask('{ book(by: { id: "5" }) { id } }')).data, { book: null });
  });

  test('bring no more of what is related to them', async () => {
    const { data } = await app.ask('{ books(deleted: ONLY) { id deleted shelf { id books { id } } } }');
    assert.deepEqual(data, { books: [{ id: '5', deleted: true, shelf: { id: 'a', books: [{ id: '1' }] } }] });
  });
});

describe('what is refused', () => {
  const keys = (count: number) => `[${Array.from({ length: count }, () => '{ n: ASC }').join(', ')}]`;
  const through = (relations: number): string =>
    relations === 0 ? '{ id: ASC }' : `{ ${relations % 2 ? 'shelf' : 'label'}: ${through(relations - 1)} }`;

  for (const [name, query, words, code = 'BAD_USER_INPUT'] of [
    [
      'too many keys',
      `{ books(orderBy: ${keys(11)}) { id } }`,
      /orderBy has 11 keys, and may have 10; books\.orderBy\.10 is .* Order by fewer/,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'too far a way',
      `{ books(orderBy: ${`{ shelf: ${through(6)} }`}) { id } }`,
      /through 7 relations, and may go through 5; books\.orderBy\.0(\.\w+){6} is .* something nearer/,
      'QUERY_TOO_COMPLEX',
    ],
    ['a page over the limit', '{ books(first: 1001) { id } }', /first must be from 0 to 1000, and is 1001/],
    ['a negative page', '{ books(first: -1) { id } }', /first must be from 0 to 1000, and is -1/],
    ['a negative offset', '{ books(skip: -1) { id } }', /skip must be from 0 to 1000000, and is -1/],
    ['two keys in one', '{ books(orderBy: { n: ASC, id: ASC }) { id } }', /exactly one/i, 'GRAPHQL_VALIDATION_FAILED'],
    ['no key', '{ books(orderBy: {}) { id } }', /exactly one/i, 'GRAPHQL_VALIDATION_FAILED'],
    ['null', '{ books(orderBy: { n: null }) { id } }', /non-null/i, 'GRAPHQL_VALIDATION_FAILED'],
    ...['tags', 'meta', 'raw', 'version', 'deleted', 'secret', 'nope'].map(
      (column) =>
        [
          `an order by ${column}`,
          `{ books(orderBy: { ${column}: ASC }) { id } }`,
          new RegExp(`Field "${column}" is not defined`),
          'GRAPHQL_VALIDATION_FAILED',
        ] as const,
    ),
    [
      'an order by what is hidden behind a relation',
      '{ books(orderBy: { shelf: { secret: ASC } }) { id } }',
      /Field "secret" is not defined/,
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ] as const) {
    test(name, async () => {
      const answer = await app.ask(query);
      assert.equal(answer.errors?.[0]?.extensions['code'], code, answer.text);
      assert.match(answer.errors?.[0]?.message ?? '', words);
    });
  }

  test('ten keys and five relations are not', async () => {
    assert.equal(await idsOf(`(orderBy: ${keys(10)})`), '1 2 3 4');
    assert.equal(await idsOf(`(orderBy: { shelf: ${through(4)} })`), await idsOf(`(orderBy: { shelf: { id: ASC } })`));
  });

  test('one field only: its siblings are answered', async () => {
    const answer = await app.ask('{ a: books(first: 2000) { id } b: books(first: 1) { id } }');
    assert.deepEqual(answer.data, { a: null, b: [{ id: '1' }] });
    assert.deepEqual(answer.errors?.[0]?.path, ['a']);
  });
});
