// Connections over HTTP: pages from both ends, what is nested, what is refused, and that cursors tell and reach nothing
// that is hidden. That every row is met once, in order, is `pages-property.test.ts`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';
import { LIBRARY } from './library.ts';

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: LIBRARY });
  await app.database.query(`
    INSERT INTO shelf (id, name, rank, open) VALUES ('a', 'A', 1, TRUE), ('b', 'B', 2, TRUE), ('c', 'C', 3, FALSE), ('d', 'D', NULL, TRUE);
    INSERT INTO book (id, title, n, tags, shelf_id, secret) SELECT n::text, 'Book ' || n, n, '{}', CASE WHEN n < 5 THEN 'a' ELSE 'b' END, 77 FROM generate_series(1, 7) n;
    INSERT INTO book (id, title, n, tags, shelf_id, deleted) VALUES ('8', 'Gone', 8, '{}', 'a', TRUE);
    INSERT INTO topic (id, name) VALUES ('t', 'T'); INSERT INTO book_topics (book_id, topic_id) VALUES ('1', 't'), ('6', 't'), ('7', 't');`);
});
after(() => app?.close());

async function connection(args: string, selection: string, asking: Parameters<TestService['ask']>[1] = {}) {
  const answer = await app.ask(`{ booksConnection${args} { ${selection} } }`, asking);
  assert.equal(answer.errors, undefined, answer.text);
  return answer.data?.['booksConnection'] as {
    nodes: { id: string }[];
    edges: { cursor: string }[];
    pageInfo: Record<string, unknown>;
    totalCount: number;
  };
}

/** The cursor of the book with that id. */
async function cursorOf(id: string, args = '', field = 'booksConnection'): Promise<string> {
  const { data } = await app.ask(`{ page: ${field}${args} { edges { cursor node { id } } } }`, { as: 'admin' });
  const page = data?.['page'] as { edges: { cursor: string; node: { id: string } }[] } | undefined;
  const cursor = page?.edges.find(({ node }) => node.id === id)?.cursor;
  assert.ok(cursor, `no cursor of ${id}`);
  return cursor;
}

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions['code'];
const wordsOf = ({ errors }: Answer) => errors?.[0]?.message ?? '';

interface Shelf {
  readonly id: string;
  readonly booksConnection: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly id: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

describe('a page', () => {
  const at = (id: string, name: 'after' | 'before') => async () => `${name}: "${await cursorOf(id)}"`;
  const given =
    (...parts: (string | (() => Promise<string>))[]) =>
    async () =>
      `(${(await Promise.all(parts.map((part) => (typeof part === 'string' ? part : part())))).join(', ')})`;

  const CASES: readonly (readonly [name: string, args: () => Promise<string>, ids: string, flags: string])[] = [
    ['neither first nor last', async () => '', '1 2 3 4 5 6 7', '-'],
    ['first', given('first: 3'), '1 2 3', 'next'],
    ['first, all of them', given('first: 7'), '1 2 3 4 5 6 7', '-'],
    ['first, more than there are', given('first: 9'), '1 2 3 4 5 6 7', '-'],
    ['first: 0', given('first: 0'), '', 'next'],
    ['first: null', given('first: null, last: null, after: null, before: null'), '1 2 3 4 5 6 7', '-'],
    ['last', given('last: 3'), '5 6 7', 'previous'],
    ['last, all of them', given('last: 7'), '1 2 3 4 5 6 7', '-'],
    ['last: 0', given('last: 0'), '', 'previous'],
    ['after', given(at('5', 'after')), '6 7', 'previous'],
    ['after, first', given(at('2', 'after'), 'first: 2'), '3 4', 'previous next'],
    ['after the last row', given(at('7', 'after')), '', 'previous'],
    ['after, last', given(at('2', 'after'), 'last: 2'), '6 7', 'previous'],
    ['after, last, all that is left', given(at('5', 'after'), 'last: 5'), '6 7', 'previous'],
    ['before', given(at('3', 'before')), '1 2', 'next'],
    ['before, last', given(at('6', 'before'), 'last: 2'), '4 5', 'previous next'],
    ['before, first', given(at('6', 'before'), 'first: 2'), '1 2', 'next'],
    ['before the first row', given(at('1', 'before')), '', 'next'],
    ['between', given(at('2', 'after'), at('5', 'before')), '3 4', 'previous next'],
    ['between the same', given(at('4', 'after'), at('4', 'before')), '', 'previous next'],
    ['between, the wrong way round', given(at('5', 'after'), at('2', 'before')), '', 'previous next'],
    ['of some', given('where: { n: { gt: 2 } }', 'first: 2'), '3 4', 'next'],
    ['of some, after one that is not among them', given('where: { n: { gt: 5 } }', at('2', 'after')), '6 7', '-'],
    ['of some, after one that is gone', given('where: { n: { ne: 5 } }', at('5', 'after')), '6 7', 'previous'],
    [
      'of some, before one that is gone',
      given('where: { n: { ne: 5 } }', at('5', 'before'), 'last: 2'),
      '3 4',
      'previous next',
    ],
    ['of deleted rows', given('deleted: ONLY'), '8', '-'],
  ];
  for (const [name, args, ids, flags] of CASES) {
    test(name, async () => {
      const { nodes, pageInfo } = await connection(
        await args(),
        'nodes { id } pageInfo { hasNextPage hasPreviousPage }',
      );
      assert.equal(nodes.map(({ id }) => id).join(' '), ids);
      const { hasNextPage, hasPreviousPage } = pageInfo;
      const told = [...(hasPreviousPage ? ['previous'] : []), ...(hasNextPage ? ['next'] : [])];
      assert.equal(told.join(' ') || '-', flags);
    });

    test(`${name}: each part is the same when it is asked for alone`, async () => {
      const written = await args();
      const parts = [
        'nodes { id }',
        'edges { cursor node { id } }',
        'totalCount',
        ...['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor'].map((part) => `pageInfo { ${part} }`),
      ];
      const all = await connection(written, parts.join(' '));
      for (const part of parts) {
        const alone = Object.entries(await connection(written, part));
        for (const [key, value] of alone) {
          if (key !== 'pageInfo') assert.deepEqual(value, Reflect.get(all, key), part);
          else for (const [flag, told] of Object.entries(value)) assert.equal(told, all.pageInfo[flag], part);
        }
      }
    });
  }

  test('of aliases, merged fields, fragments and typenames', async () => {
    const { data } = await app.ask(`
      query ($no: Boolean = false) { page: booksConnection(first: 1) {
        __typename a: nodes { id } b: nodes { n __typename } nodes { id } nodes { n }
        edges { __typename node { id } ...Edge cursor @include(if: $no) }
        pageInfo { __typename more: hasNextPage } total: totalCount
      } }
      fragment Edge on BookEdge { node { title } }`);
    assert.deepEqual(data?.['page'], {
      __typename: 'BookConnection',
      a: [{ id: '1' }],
      b: [{ n: 1, __typename: 'Book' }],
      nodes: [{ id: '1', n: 1 }],
      edges: [{ __typename: 'BookEdge', node: { id: '1', title: 'Book 1' } }],
      pageInfo: { __typename: 'PageInfo', more: true },
      total: 7,
    });
  });

  test('in each row, with its own cursors', async () => {
    const query = (args: string) =>
      `{ shelvesConnection { totalCount nodes { id booksConnection${args} { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } } }`;
    const first = await app.ask(query('(first: 2)'));
    const page = first.data?.['shelvesConnection'] as { nodes: Shelf[] } | undefined;
    const { endCursor } = page?.nodes[0]?.booksConnection.pageInfo ?? {};
    assert.ok(endCursor);
    const next = await app.ask(query(`(first: 2, after: "${endCursor}")`));
    const shown = (answer: Answer) => {
      const shelves = answer.data?.['shelvesConnection'] as { nodes: Shelf[] } | undefined;
      return shelves?.nodes.map(({ id, booksConnection: { totalCount, nodes, pageInfo } }) =>
        [id, totalCount, nodes.map((book) => book.id).join(' '), pageInfo.hasNextPage].join(', '),
      );
    };
    assert.deepEqual(shown(first), ['a, 4, 1 2, true', 'b, 3, 5 6, true', 'd, 0, , false']);
    assert.deepEqual(shown(next), ['a, 4, 3 4, false', 'b, 3, 5 6, true', 'd, 0, , false']);
  });

  test('of many to many', async () => {
    const cursor = await cursorOf('6');
    const { data } = await app.ask(
      `{ topic(by: { id: "t" }) { booksConnection(before: "${cursor}") { totalCount nodes { id } } } }`,
    );
    assert.deepEqual(data, { topic: { booksConnection: { totalCount: 3, nodes: [{ id: '1' }] } } });
  });

  test('stays where it is while rows come and go', async () => {
    const cursor = await cursorOf('3', '(orderBy: { title: DESC })');
    const rest = `(orderBy: { title: DESC }, after: "${cursor}")`;
    await app.database.query(`INSERT INTO book (id, title, n, tags) VALUES ('z', 'Book 9', 9, '{}')`);
    await app.database.query(`UPDATE book SET deleted = TRUE WHERE id = '3'`);
    const { nodes } = await connection(rest, 'nodes { id }');
    assert.deepEqual(nodes, [{ id: '2' }, { id: '1' }]);
    await app.database.query(`DELETE FROM book WHERE id = 'z'; UPDATE book SET deleted = FALSE WHERE id = '3'`);
  });
});

describe('what is refused', () => {
  const CASES: readonly (readonly [name: string, args: string, words: RegExp])[] = [
    ['first and last', '(first: 1, last: 1)', /first and last cannot be given together/],
    ['a negative first', '(first: -1)', /first must be from 0 to 1000, and is -1/],
    ['a negative last', '(last: -1)', /last must be from 0 to 1000, and is -1/],
    ['first over the limit', '(first: 1001)', /first must be from 0 to 1000, and is 1001/],
    ['last over the limit', '(last: 1001)', /last must be from 0 to 1000, and is 1001/],
    ['a cursor that is none', '(after: "x")', /after is no cursor of this service/],
    ['an empty cursor', '(before: "")', /before is no cursor of this service/],
    ['a cursor that is JSON and no array', `(after: "${encode({ a: 1 })}")`, /no cursor/],
    ['a cursor without an order', `(after: "${encode([1, 2])}")`, /no cursor/],
    ['a cursor of an order that nobody has', `(after: "${encode(['x', '1'])}")`, /another list or order/],
  ];
  for (const [name, args, words] of CASES) {
    for (const selection of ['nodes { id }', 'totalCount', 'pageInfo { hasPreviousPage }']) {
      test(`${name}, where ${selection} is asked`, async () => {
        const answer = await app.ask(`{ booksConnection${args} { ${selection} } other: books { id } }`);
        assert.equal(codeOf(answer), 'BAD_USER_INPUT', answer.text);
        assert.match(wordsOf(answer), words);
        assert.deepEqual(answer.errors?.[0]?.path, ['booksConnection']);
        assert.equal((answer.data?.['other'] as unknown[] | undefined)?.length, 7);
      });
    }
  }

  test('the cursor of another order, direction or table', async () => {
    const cursor = await cursorOf('3', '(orderBy: { n: ASC })');
    for (const [field, args] of [
      ['booksConnection', ''],
      ['booksConnection', 'orderBy: { n: DESC },'],
      ['booksConnection', 'orderBy: { title: ASC },'],
      ['booksConnection', 'orderBy: [{ n: ASC }, { title: ASC }],'],
      ['booksConnection', 'orderBy: { shelf: { rank: ASC } },'],
      ['shelvesConnection', 'orderBy: { rank: ASC },'],
    ]) {
      const answer = await app.ask(`{ ${field}(${args} after: "${cursor}") { totalCount } }`);
      assert.match(wordsOf(answer), /after is a cursor of another list or order/, answer.text);
    }
    assert.equal(
      (await connection(`(orderBy: [{ n: ASC }, { n: DESC }], after: "${cursor}")`, 'totalCount')).totalCount,
      7,
    );
  });

  test('a number as a cursor', async () => {
    const answers = [
      await app.ask('{ booksConnection(after: 1) { totalCount } }'),
      await app.ask('query ($c: Cursor) { booksConnection(after: $c) { totalCount } }', { variables: { c: 1 } }),
    ];
    for (const answer of answers) assert.match(wordsOf(answer), /Cursor must be a text/, answer.text);
  });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('a forged cursor', () => {
  const forged = async (values: readonly unknown[], args = 'orderBy: { n: ASC },') => {
    const [fingerprint] = JSON.parse(Buffer.from(await cursorOf('1', `(${args})`), 'base64url').toString());
    return app.ask(`{ booksConnection(${args} after: "${encode([fingerprint, ...values])}") { nodes { id } } }`);
  };

  test('only chooses where a page begins', async () => {
    const answer = await forged([5, 'zzz']);
    assert.deepEqual(answer.data, { booksConnection: { nodes: [{ id: '6' }, { id: '7' }] } });
  });

  for (const [name, values] of [
    ['of too few values', [1]],
    ['of too many', [1, '1', 1]],
    ['of another type', ['1', '1']],
    ['of a number that no column holds', [1e300, '1']],
    ['of an object', [{ n: 1 }, '1']],
    ['of a list', [[1], '1']],
    ['of half a surrogate pair', [1, '\ud800']],
    ['of U+0000', [1, '\u0000']],
  ] as const) {
    test(`${name} is refused`, async () => {
      const answer = await forged(values);
      assert.equal(codeOf(answer), 'BAD_USER_INPUT', answer.text);
    });
  }

  test('of SQL is text', async () => {
    const answer = await forged([`'; DROP TABLE book; --`, '1'], 'orderBy: { title: ASC },');
    assert.equal(answer.errors, undefined, answer.text);
    assert.equal((await connection('', 'totalCount')).totalCount, 7);
  });

  test('with a value missing where none can be finds nothing, and does nothing', async () => {
    assert.deepEqual((await forged([null, '1'])).data, { booksConnection: { nodes: [] } });
  });
});

describe('what is hidden', () => {
  test('is not in a cursor, nor what an order reads of it', async () => {
    const { edges } = await connection('(orderBy: { shelf: { rank: ASC } })', 'edges { cursor }');
    for (const { cursor } of edges) assert.doesNotMatch(Buffer.from(cursor, 'base64url').toString(), /77|Book|"a"|"b"/);
    const mixed = await app.ask('{ shelvesConnection(orderBy: { secret: ASC }) { nodes { id } } }');
    assert.equal(codeOf(mixed), 'GRAPHQL_VALIDATION_FAILED');
  });

  test('stays hidden from whoever holds a cursor of it', async () => {
    const cursor = await cursorOf('c', '', 'shelvesConnection');
    const { data } = await app.ask(
      `{ shelvesConnection(after: "${cursor}") { nodes { id } totalCount pageInfo { hasPreviousPage } } }`,
    );
    assert.deepEqual(data, {
      shelvesConnection: { nodes: [{ id: 'd' }], totalCount: 3, pageInfo: { hasPreviousPage: true } },
    });
    // The same as a cursor of a row that does not exist.
    const [fingerprint] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const none = await app.ask(
      `{ shelvesConnection(after: "${encode([fingerprint, 'cc'])}") { nodes { id } totalCount pageInfo { hasPreviousPage } } }`,
    );
    assert.deepEqual(none.data, data);
  });

  test('a cursor with a missing value is the same whether a row is hidden or absent', async () => {
    await app.database.query(
      `UPDATE book SET shelf_id = 'c' WHERE id = '6'; UPDATE book SET shelf_id = NULL WHERE id = '7'`,
    );
    const { edges } = await connection('(orderBy: { shelf: { rank: ASC } })', 'edges { cursor node { id } }');
    const last = edges.slice(-2).map(({ cursor }) => JSON.parse(Buffer.from(cursor, 'base64url').toString()).slice(1));
    assert.deepEqual(last, [
      [null, '6'],
      [null, '7'],
    ]);
    await app.database.query(`UPDATE book SET shelf_id = 'b' WHERE id IN ('6', '7')`);
  });
});
