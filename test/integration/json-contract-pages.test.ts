// The JSON contract of pages, aggregates, nodes and deleted rows (docs/decisions/0004-json-from-postgresql.md): every row of
// those tables is asked for here, under its own words, and compared to the letter.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';
import { LIBRARY } from './library.ts';

const DECISION = join(import.meta.dirname, '..', '..', 'docs', 'decisions', '0004-json-from-postgresql.md');

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: LIBRARY });
  await app.database.query(`
    INSERT INTO shelf (id, name, open) VALUES ('a', 'A', TRUE), ('c', 'C', FALSE), ('e', 'E', TRUE);
    INSERT INTO vault (id, code) VALUES ('v', 'secret');
    INSERT INTO book (id, title, n, code, "some", big, cost, ratio, done, day, "time", at, key, kind, tags, shelf_id) VALUES
      ('1', 'One', 1, 'C', 2147483647, 9223372036854775807, 12.50, 0.1, TRUE, '2026-03-04', '09:30:00.000001',
        '2026-03-04T09:30:00.123456Z', '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f', 'HIGH', '{}', 'a'),
      ('2', 'Two', 2, 'D', 2147483647, 9223372036854775807, 0.50, 0.2, FALSE, '0001-01-01', '23:59:59.999999',
        '9999-12-31T23:59:59.999999Z', 'ffffffff-0000-4000-8000-000000000000', 'LOW', '{}', 'a');
    INSERT INTO book (id, title, n, tags) VALUES ('4', 'Four', 4, '{}');
    INSERT INTO book (id, title, n, tags, shelf_id, deleted) VALUES ('3', 'Gone', 3, '{}', 'a', TRUE);
    INSERT INTO note (id, hidden, book_id) VALUES ('n', FALSE, '3');`);
});
after(() => app?.close());

/** The data of an answer as JSON without spaces: its keys in their order, its values in their forms. */
function jsonOf({ data, errors, text }: Answer): string {
  assert.equal(errors, undefined, text);
  return JSON.stringify(data);
}

/** A request, and the JSON that answers it; or what must be so of its answer. */
type Asked = readonly [query: string, expected: string | ((answer: Answer) => void)];

const nodeIdOf = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64url');
const none = 'where: { title: { eq: "?" } }';
/** What `booksAggregate` answers of these parts, over the books that have values. */
const measured = (parts: string, expected: string): Asked => [
  `{ a: booksAggregate(where: { some: { isNull: false } }) { ${parts} } }`,
  `{"a":[{${expected}}]}`,
];
const grouped = (column: string, key: string, ...values: readonly string[]): Asked => [
  `{ a: booksAggregate(groupBy: ${key}) { group { ${column} } } }`,
  `{"a":[${values.map((value) => `{"group":{"${column}":${value}}}`).join(',')}]}`,
];

const TABLES: Readonly<Record<string, Readonly<Record<string, readonly Asked[]>>>> = {
  'Pages by cursors': {
    'a connection': [
      [
        '{ booksConnection(first: 1) { totalCount nodes { id } } }',
        '{"booksConnection":{"totalCount":3,"nodes":[{"id":"1"}]}}',
      ],
      [
        '{ booksConnection(first: 1) { nodes { id } totalCount } }',
        '{"booksConnection":{"nodes":[{"id":"1"}],"totalCount":3}}',
      ],
      [
        '{ shelves(orderBy: { id: DESC }, first: 1) { booksConnection { nodes { id } } } }',
        '{"shelves":[{"booksConnection":{"nodes":[]}}]}',
      ],
    ],
    '`nodes`, `edges`': [
      [
        '{ c: booksConnection(first: 2) { n: nodes { id } edges { node { x: id } } nodes { title } e: edges { __typename } } }',
        '{"c":{"n":[{"id":"1"},{"id":"2"}],"edges":[{"node":{"x":"1"}},{"node":{"x":"2"}}],"nodes":[{"title":"One"},{"title":"Two"}],"e":[{"__typename":"BookEdge"},{"__typename":"BookEdge"}]}}',
      ],
      [`{ c: booksConnection(${none}) { nodes { id } edges { cursor } } }`, '{"c":{"nodes":[],"edges":[]}}'],
    ],
    'equal parts': [
      [
        `{ c: booksConnection(first: 1) { nodes { id } pageInfo { hasNextPage } ...C nodes { title id } } }
         fragment C on BookConnection { edges { node { id } } pageInfo { hasPreviousPage hasNextPage } ... on BookConnection { edges { node { title } } } }`,
        '{"c":{"nodes":[{"id":"1","title":"One"}],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false},"edges":[{"node":{"id":"1","title":"One"}}]}}',
      ],
      [
        '{ c: booksConnection(first: 1) { nodes { id } } c: booksConnection(first: 1) { totalCount } }',
        '{"c":{"nodes":[{"id":"1"}],"totalCount":3}}',
      ],
    ],
    '`cursor`': [
      [
        '{ c: booksConnection(orderBy: [{ title: ASC }, { cost: DESC }]) { edges { cursor } pageInfo { startCursor endCursor } } }',
        ({ data }) => {
          const page = data?.['c'] as { edges: { cursor: string }[]; pageInfo: object } | undefined;
          const cursors = page?.edges.map(({ cursor }) => cursor) ?? [];
          assert.equal(new Set(cursors).size, 3);
          for (const cursor of cursors) assert.match(cursor, /^[\w-]+$/);
          assert.deepEqual(page?.pageInfo, { startCursor: cursors[0], endCursor: cursors[2] });
        },
      ],
    ],
    '`hasNextPage`, `hasPreviousPage`': [
      [
        `{ a: booksConnection(first: 1) { pageInfo { hasPreviousPage hasNextPage } } b: booksConnection(last: 1) { pageInfo { n: hasNextPage hasPreviousPage } }
           c: booksConnection(${none}) { pageInfo { hasNextPage hasPreviousPage } } d: booksConnection(first: 0) { pageInfo { hasNextPage hasPreviousPage } } }`,
        '{"a":{"pageInfo":{"hasPreviousPage":false,"hasNextPage":true}},"b":{"pageInfo":{"n":false,"hasPreviousPage":true}},"c":{"pageInfo":{"hasNextPage":false,"hasPreviousPage":false}},"d":{"pageInfo":{"hasNextPage":true,"hasPreviousPage":false}}}',
      ],
    ],
    '`startCursor`, `endCursor`': [
      ...[none, 'first: 0', 'last: 0'].map(
        (args): Asked => [
          `{ c: booksConnection(${args}) { pageInfo { endCursor startCursor } } }`,
          '{"c":{"pageInfo":{"endCursor":null,"startCursor":null}}}',
        ],
      ),
    ],
    '`totalCount`': [
      [
        `{ a: booksConnection(first: 0) { totalCount } b: booksConnection(last: 1) { n: totalCount totalCount } c: booksConnection(${none}) { totalCount } shelves { booksConnection { totalCount } } }`,
        '{"a":{"totalCount":3},"b":{"n":3,"totalCount":3},"c":{"totalCount":0},"shelves":[{"booksConnection":{"totalCount":2}},{"booksConnection":{"totalCount":0}}]}',
      ],
    ],
    '`__typename` of its parts': [
      [
        '{ c: booksConnection(first: 1) { __typename nodes { t: __typename } edges { __typename node { __typename } } pageInfo { __typename t: __typename } } }',
        '{"c":{"__typename":"BookConnection","nodes":[{"t":"Book"}],"edges":[{"__typename":"BookEdge","node":{"__typename":"Book"}}],"pageInfo":{"__typename":"PageInfo","t":"PageInfo"}}}',
      ],
      [
        `{ c: booksConnection(${none}) { __typename edges { __typename } } }`,
        '{"c":{"__typename":"BookConnection","edges":[]}}',
      ],
    ],
    'nothing left to ask of it': [
      ['{ c: booksConnection { totalCount @skip(if: true) } }', '{"c":{}}'],
      [
        '{ c: booksConnection(first: 2) { nodes { id @skip(if: true) } edges { node { id @skip(if: true) } } pageInfo { endCursor @include(if: false) } } }',
        '{"c":{"nodes":[{},{}],"edges":[{"node":{}},{"node":{}}],"pageInfo":{}}}',
      ],
    ],
  },
  Aggregates: {
    'without `groupBy`': [
      ['{ booksAggregate { count } }', '{"booksAggregate":[{"count":3}]}'],
      [`{ booksAggregate(${none}) { count } }`, '{"booksAggregate":[{"count":0}]}'],
      [
        '{ shelves { booksAggregate { count } } }',
        '{"shelves":[{"booksAggregate":[{"count":2}]},{"booksAggregate":[{"count":0}]}]}',
      ],
    ],
    'with `groupBy`': [
      [
        '{ a: booksAggregate(groupBy: KIND) { count group { kind } } }',
        '{"a":[{"count":1,"group":{"kind":"LOW"}},{"count":1,"group":{"kind":"HIGH"}},{"count":1,"group":{"kind":null}}]}',
      ],
      [`{ a: booksAggregate(groupBy: KIND, ${none}) { count } }`, '{"a":[]}'],
    ],
    '`count`': [measured('count n: count', '"count":2,"n":2')],
    '`sum`': [
      measured(
        'sum { some big cost ratio }',
        '"sum":{"some":"4294967294","big":"18446744073709551614","cost":"13.00","ratio":0.30000000000000004}',
      ),
    ],
    '`avg`': [
      measured(
        'avg { some big ratio }',
        '"avg":{"some":"2147483647","big":"9223372036854775807","ratio":0.15000000000000002}',
      ),
      measured('avg { cost }', '"avg":{"cost":"6.5"}'),
    ],
    '`min`, `max`': [
      measured(
        'min { title code n big cost ratio day time at key kind } max { n big cost ratio day time at key kind }',
        '"min":{"title":"One","code":"C","n":1,"big":"9223372036854775807","cost":"0.50","ratio":0.1,"day":"0001-01-01","time":"09:30:00.000001","at":"2026-03-04T09:30:00.123456Z","key":"018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f","kind":"LOW"},' +
          '"max":{"n":2,"big":"9223372036854775807","cost":"12.50","ratio":0.2,"day":"2026-03-04","time":"23:59:59.999999","at":"9999-12-31T23:59:59.999999Z","key":"ffffffff-0000-4000-8000-000000000000","kind":"HIGH"}',
      ),
    ],
    'over no values': [
      [
        `{ a: booksAggregate(${none}) { sum { some ratio } avg { cost } min { title at } max { kind } } b: booksAggregate(where: { n: { eq: 4 } }) { count sum { cost } max { at } } }`,
        '{"a":[{"sum":{"some":null,"ratio":null},"avg":{"cost":null},"min":{"title":null,"at":null},"max":{"kind":null}}],"b":[{"count":1,"sum":{"cost":null},"max":{"at":null}}]}',
      ],
    ],
    'a key in `group`': [
      grouped('title', 'TITLE', '"Four"', '"One"', '"Two"'),
      grouped('code', 'CODE', '"C"', '"D"', 'null'),
      grouped('n', 'N', '1', '2', '4'),
      grouped('big', 'BIG', '"9223372036854775807"', 'null'),
      grouped('cost', 'COST', '"0.5"', '"12.5"', 'null'),
      grouped('ratio', 'RATIO', '0.1', '0.2', 'null'),
      grouped('done', 'DONE', 'false', 'true', 'null'),
      grouped('day', 'DAY', '"0001-01-01"', '"2026-03-04"', 'null'),
      grouped('time', 'TIME', '"09:30:00.000001"', '"23:59:59.999999"', 'null'),
      grouped('at', 'AT', '"2026-03-04T09:30:00.123456Z"', '"9999-12-31T23:59:59.999999Z"', 'null'),
      grouped('key', 'KEY', '"018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f"', '"ffffffff-0000-4000-8000-000000000000"', 'null'),
      grouped('kind', 'KIND', '"LOW"', '"HIGH"', 'null'),
      grouped('shelfId', 'SHELF_ID', '"a"', 'null'),
    ],
    'a unit of time in `group`': [
      grouped('atHour', 'AT_HOUR', '"2026-03-04T09:00:00.000000Z"', '"9999-12-31T23:00:00.000000Z"', 'null'),
      grouped('atDay', 'AT_DAY', '"2026-03-04"', '"9999-12-31"', 'null'),
      grouped('atWeek', 'AT_WEEK', '"2026-03-02"', '"9999-12-27"', 'null'),
      grouped('atMonth', 'AT_MONTH', '"2026-03-01"', '"9999-12-01"', 'null'),
      grouped('atYear', 'AT_YEAR', '"2026-01-01"', '"9999-01-01"', 'null'),
      grouped('dayWeek', 'DAY_WEEK', '"0001-01-01"', '"2026-03-02"', 'null'),
      grouped('dayMonth', 'DAY_MONTH', '"0001-01-01"', '"2026-03-01"', 'null'),
    ],
    'a key that is not grouped by': [
      [
        '{ a: booksAggregate(groupBy: DONE, where: { done: { eq: true } }) { group { kind done atMonth } } b: booksAggregate { group { kind } } }',
        '{"a":[{"group":{"kind":null,"done":true,"atMonth":null}}],"b":[{"group":{"kind":null}}]}',
      ],
    ],
    'equal and renamed parts': [
      [
        `{ a: booksAggregate(groupBy: SHELF_ID) { s: sum { x: n } ...A count sum { n } g: group { id: shelfId } } }
         fragment A on BookAggregate { max { n } count ... on BookAggregate { s: sum { y: n } } sum { some } }`,
        '{"a":[{"s":{"x":"3","y":"3"},"max":{"n":2},"count":2,"sum":{"some":"4294967294","n":"3"},"g":{"id":"a"}},{"s":{"x":"4","y":"4"},"max":{"n":4},"count":1,"sum":{"some":null,"n":"4"},"g":{"id":null}}]}',
      ],
    ],
    '`__typename` in an aggregate': [
      measured(
        '__typename group { __typename } sum { t: __typename } avg { __typename } min { __typename } max { __typename }',
        '"__typename":"BookAggregate","group":{"__typename":"BookGroup"},"sum":{"t":"BookSum"},"avg":{"__typename":"BookAvg"},"min":{"__typename":"BookMin"},"max":{"__typename":"BookMax"}',
      ),
    ],
  },
  'A node': {
    'a row of any table': [
      [
        `{ b: node(nodeId: "${nodeIdOf('Book', '1')}") { ...F } s: node(nodeId: "${nodeIdOf('Shelf', 'a')}") { ...F } }
         fragment F on Node { ... on Shelf { name } t: __typename ... on Book { title shelf { name } } ... on Node { ... on Shelf { books(first: 1) { id } } } }`,
        '{"b":{"t":"Book","title":"One","shelf":{"name":"A"}},"s":{"name":"A","t":"Shelf","books":[{"id":"1"}]}}',
      ],
      [`{ node(nodeId: "${nodeIdOf('Book', '1')}") { ... on Shelf { name } } }`, '{"node":{}}'],
    ],
    '`nodeId`': [
      [
        `{ node(nodeId: "${nodeIdOf('Book', '1')}") { nodeId ... on Book { n: nodeId shelf { nodeId } } } book(by: { id: "1" }) { nodeId } booksConnection(first: 1) { nodes { nodeId } } }`,
        `{"node":{"nodeId":"${nodeIdOf('Book', '1')}","n":"${nodeIdOf('Book', '1')}","shelf":{"nodeId":"${nodeIdOf('Shelf', 'a')}"}},"book":{"nodeId":"${nodeIdOf('Book', '1')}"},"booksConnection":{"nodes":[{"nodeId":"${nodeIdOf('Book', '1')}"}]}}`,
      ],
    ],
    'a node that is not there': [
      ['Book', '9'],
      ['Nothing', '1'],
      ['Shelf', 'c'],
      ['Book', '3'],
      ['Vault', 'v'],
    ].map(
      ([type = '', id = '']): Asked => [
        `{ node(nodeId: "${nodeIdOf(type, id)}") { __typename nodeId } }`,
        '{"node":null}',
      ],
    ),
    'what is no nodeId': [
      [
        '{ node(nodeId: "Book:1") { nodeId } other: books(first: 1) { id } }',
        ({ data, errors }) => {
          assert.equal(JSON.stringify(data), '{"node":null,"other":[{"id":"1"}]}');
          assert.deepEqual(
            errors?.map(({ path, extensions }) => [path, extensions['code']]),
            [[['node'], 'BAD_USER_INPUT']],
          );
        },
      ],
    ],
  },
  'Deleted rows': {
    '`deleted` left out, `null`, `EXCLUDE`': ['', '(deleted: null)', '(deleted: EXCLUDE)'].map(
      (args): Asked => [
        `{ books${args} { id deleted } }`,
        '{"books":[{"id":"1","deleted":false},{"id":"2","deleted":false},{"id":"4","deleted":false}]}',
      ],
    ),
    '`INCLUDE`': [
      [
        '{ books(deleted: INCLUDE) { id deleted } }',
        '{"books":[{"id":"1","deleted":false},{"id":"2","deleted":false},{"id":"3","deleted":true},{"id":"4","deleted":false}]}',
      ],
    ],
    '`ONLY`': [
      ['{ books(deleted: ONLY) { id deleted } }', '{"books":[{"id":"3","deleted":true}]}'],
      ['{ shelf(by: { id: "a" }) { books(deleted: ONLY) { id } } }', '{"shelf":{"books":[{"id":"3"}]}}'],
    ],
    'in pages and aggregates': [
      ...(
        [
          ['EXCLUDE', 3, 2],
          ['INCLUDE', 4, 3],
          ['ONLY', 1, 1],
        ] as const
      ).map(
        ([deleted, all, onShelf]): Asked => [
          `{ c: booksConnection(deleted: ${deleted}, first: 0) { totalCount } a: booksAggregate(deleted: ${deleted}) { count } shelf(by: { id: "a" }) { c: booksConnection(deleted: ${deleted}) { totalCount } a: booksAggregate(deleted: ${deleted}) { count } } }`,
          `{"c":{"totalCount":${all}},"a":[{"count":${all}}],"shelf":{"c":{"totalCount":${onShelf}},"a":[{"count":${onShelf}}]}}`,
        ],
      ),
    ],
    'by key, as a node, through a relation to one row': [
      [
        `{ book(by: { id: "3" }) { id } node(nodeId: "${nodeIdOf('Book', '3')}") { nodeId } notes { id book { id } } }`,
        '{"book":null,"node":null,"notes":[{"id":"n","book":null}]}',
      ],
    ],
  },
};

for (const [table, rows] of Object.entries(TABLES)) {
  describe(table, () => {
    for (const [row, asked] of Object.entries(rows)) {
      test(row, async () => {
        assert.ok(asked.length > 0);
        for (const [query, expected] of asked) {
          const answer = await app.ask(query);
          if (typeof expected === 'string') assert.equal(jsonOf(answer), expected, query);
          else expected(answer);
        }
      });
    }

    test('has in the decision the rows that are asked here, and no other', () => {
      const [, section = ''] = readFileSync(DECISION, 'utf8').split(`\n## ${table}\n`);
      const [body = ''] = section.split('\n## ');
      const written = [...body.matchAll(/^\| (.+?) \|/gm)].map((found) => found[1]).slice(2);
      assert.deepEqual(written, Object.keys(rows));
    });
  });
}
