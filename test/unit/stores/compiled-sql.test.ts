// Operations over the sample app as SQL, compared with test/snapshots, and what must be true of every text.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ADMIN_CLASS, type CallerClass } from '../../../src/access/caller-class.ts';
import type { ValueSource } from '../../../src/records/value-source.ts';
import { createTable } from '../../../src/stores/postgres/apply/table-ddl.ts';
import { createObject, tableObjects } from '../../../src/stores/postgres/apply/table-objects.ts';
import { systemObjects } from '../../../src/stores/postgres/catalog/system-objects.ts';
import type { Statement } from '../../../src/stores/postgres/compile/compile-read.ts';
import { Parameters, quoteName, quoteText, ROOT_COLLATION } from '../../../src/stores/postgres/sql-text.ts';
import { type ScalarName, tableOf } from '../../../src/tables/model.ts';
import { modelOf, sampleTables } from '../../support/open-test-service.ts';
import { statementsOf, statementsOfWrite, userClass } from './recording-store.ts';
import { assertSnapshot, SNAPSHOTS } from './snapshot.ts';

const SAMPLE = await modelOf(await sampleTables());

interface Case {
  readonly name: string;
  readonly query: string;
  readonly as?: CallerClass;
  readonly variables?: Record<string, unknown>;
}

const CASES: readonly Case[] = [
  { name: 'read-by-id', query: '{ todoItem(by: { id: "CANARY" }) { id text complete } }' },
  { name: 'read-by-id-admin', query: '{ todoItem(by: { id: "CANARY" }) { id moderationNote } }', as: ADMIN_CLASS },
  {
    name: 'read-every-form',
    query:
      '{ todoItem(by: { id: "CANARY" }) { priority position dueAt cost tags createdAt version deleted kind: __typename } }',
  },
  {
    name: 'read-list',
    query: 'query ($first: Int) { todoLists(first: $first, skip: 7654) { name } }',
    variables: { first: 4321 },
  },
  { name: 'read-nothing-asked', query: '{ todoLists { name @include(if: false) } }' },
  {
    name: 'read-nested',
    query: '{ todoLists { name items(first: 3) { text list { name items { id } } } } }',
  },
  { name: 'read-two-pages', query: '{ todoLists { a: items(first: 1) { id } b: items(first: 1, skip: 1) { id } } }' },
  {
    name: 'read-over-50-fields',
    query: `{ todoList(by: { id: "CANARY" }) { ${Array.from({ length: 51 }, (_, at) => `f${at}: name`).join(' ')} } }`,
  },
  {
    name: 'read-aggregate',
    query:
      '{ todoItemsAggregate(where: { text: { eq: "CANARY" } }) { count sum { position cost } min { text dueAt } kind: __typename } }',
  },
  {
    name: 'read-aggregate-groups',
    query:
      'query ($by: [TodoItemGroupBy!], $least: BigInt) { todoItemsAggregate(groupBy: $by, having: { sum: { position: { gte: $least } } }, deleted: INCLUDE) { group { priority dueAtMonth complete } avg { position } max { priority } } }',
    variables: { by: ['PRIORITY', 'DUE_AT_MONTH'], least: '4321' },
  },
  {
    name: 'read-aggregate-nested',
    query:
      '{ todoLists { name itemsAggregate(groupBy: [COMPLETE]) { group { complete } count } all: itemsAggregate { count } } }',
  },
  {
    name: 'read-ordered',
    query:
      '{ todoItems(where: { text: { eq: "CANARY" } }, orderBy: [{ priority: DESC }, { list: { name: ASC } }, { list: { items: { count: DESC_NULLS_LAST } } }, { text: ASC }], deleted: INCLUDE) { nodeId } }',
  },
  {
    name: 'read-connection',
    query:
      '{ todoItemsConnection(orderBy: { position: DESC }, after: "CANARY") { edges { cursor node { text } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }',
  },
  {
    name: 'read-connection-backward',
    query:
      'query ($c: Cursor) { todoItemsConnection(orderBy: { list: { name: ASC } }, before: $c, last: 4321) { nodes { text } } }',
    variables: { c: 'CANARY' },
  },
  {
    name: 'read-connection-missing-last',
    query: '{ todoItemsConnection(orderBy: { dueAt: ASC }, after: "CANARY", first: 4321) { nodes { text } } }',
  },
  { name: 'read-connection-total', query: '{ todoLists { itemsConnection { totalCount } } }' },
  { name: 'insert', query: 'mutation { insertTodoList(data: { name: "CANARY" }) { id name ownerId } }' },
  {
    name: 'insert-checked',
    query:
      'mutation ($text: String!, $list: ID) { insertTodoItem(data: { text: $text, listId: $list, cost: "98.76", tags: ["CANARY"], priority: HIGH }) { id text } }',
    variables: { text: 'CANARY', list: 'CANARY' },
  },
  {
    name: 'insert-read-back',
    query: 'mutation ($data: TodoItemInsert!) { insertTodoItem(data: $data) { text list { name } } }',
    variables: { data: { text: 'CANARY', position: 4321, listId: 'CANARY' } },
  },
  {
    name: 'insert-admin',
    query: 'mutation { insertTodoList(data: { name: "CANARY", ownerId: "CANARY" }) { id } }',
    as: ADMIN_CLASS,
  },
  {
    name: 'insert-many',
    query: 'mutation ($data: [TodoItemInsert!]!) { insertTodoItems(data: $data) { count nodes { id } } }',
    variables: {
      data: ['CANARY', 'CANARY'].map((text) => ({ text, listId: 'CANARY', tags: ['CANARY'] })),
    },
  },
  {
    name: 'insert-each',
    query: 'mutation { insertTodoLists(data: [{ name: "CANARY" }], mode: EACH) { count nodes { name } } }',
  },
  {
    name: 'insert-nested',
    query:
      'mutation { insertTodoList(data: { name: "CANARY", items: { insert: [{ text: "CANARY" }, { text: "CANARY" }] } }) { id items { id } } }',
  },
  {
    name: 'update',
    query:
      'mutation { updateTodoItem(by: { id: "CANARY" }, set: { text: "CANARY" }, increment: { position: 4321 }, append: { tags: ["CANARY"] }, ifVersion: "7654") { text list { name } } }',
  },
  {
    name: 'update-unjudged',
    query:
      'mutation { updateTodoList(by: { id: "CANARY" }, set: { name: "CANARY" }, ifVersion: "7654") { name version } }',
    as: ADMIN_CLASS,
  },
  {
    name: 'update-many',
    query:
      'mutation { updateTodoItems(where: { text: { eq: "CANARY" } }, set: { complete: true }, limit: 4321) { count nodes { id } } }',
  },
  {
    name: 'upsert',
    query: 'mutation { upsertTodoList(by: { id: "CANARY" }, insert: { name: "CANARY" }) { inserted node { name } } }',
  },
  { name: 'delete', query: 'mutation { deleteTodoList(by: { id: "CANARY" }) { name } }' },
  {
    name: 'delete-read-before',
    query: 'mutation { deleteTodoLists(where: { name: { eq: "CANARY" } }) { count nodes { items { text } } } }',
  },
  {
    name: 'delete-softly',
    query: 'mutation { deleteTodoItem(by: { id: "CANARY" }, ifVersion: "7654") { id deleted } }',
  },
  { name: 'undelete', query: 'mutation { undeleteTodoItem(by: { id: "CANARY" }) { deleted } }' },
];

/** A statement as a person reads it: each part on its line, and where its parameters come from. */
function shown({ text, parameters }: Statement): string {
  const lines = text.replace(/ (?=(?:FROM|WHERE|ORDER BY|LIMIT|EXISTS) )/g, '\n  ');
  const slots = parameters.slots.map(
    ({ source, bounds, cursor }, at) =>
      `-- $${at + 1} ${cursor ? `value ${cursor.at} of the cursor in ` : ''}${sourceOf(source)}${bounds ? ` at most ${bounds.max}` : ''}`,
  );
  return [`${lines};`, ...slots, ''].join('\n');
}

function sourceOf(source: ValueSource): string {
  if (source.from === 'constant') return `constant ${JSON.stringify(source.value)}`;
  if (source.from === 'variable') return `variable ${source.path.join('.')}`;
  return source.from === 'caller' ? `caller ${source.path.join('.')}` : source.from;
}

describe('operations over the sample app', () => {
  for (const { name, query, as = userClass(), variables } of CASES) {
    test(name, async () => {
      const of = query.startsWith('mutation') ? statementsOfWrite : statementsOf;
      const statements = await of(SAMPLE, as, query, variables);
      assertSnapshot(`${name}.sql`, [`-- ${query}`, ...statements.map(shown)].join('\n'));
      for (const { text } of statements)
        assert.doesNotMatch(text, /CANARY|4321|7654|98\.76/, 'a value of a client is in the text');
    });
  }

  test('making the tables', () => {
    const tables = [...SAMPLE.tables.values()];
    const objects = tables.flatMap((table) =>
      tableObjects(table, (target) => tableOf(SAMPLE, target), ROOT_COLLATION).flatMap((object) =>
        createObject(table, object),
      ),
    );
    const statements = [...systemObjects(180_000), ...tables.flatMap(createTable), ...objects];
    assertSnapshot('tables.sql', statements.map((statement) => `${statement};\n`).join(''));
  });

  test('every snapshot is of a test', () => {
    const known = [...CASES.map(({ name }) => `${name}.sql`), 'tables.sql'];
    const kept = readdirSync(SNAPSHOTS).filter((name) => name.endsWith('.sql'));
    assert.deepEqual(kept.sort(), known.sort());
  });

  test('snapshots are not written where CI is set', () => {
    assert.throws(() => assertSnapshot('read-by-id.sql', '', { UPDATE: '1', CI: 'true' }), /refused where CI is set/);
    assert.throws(() => assertSnapshot('no-such.sql', '', {}), /run the tests with UPDATE=1/);
    assert.throws(() => assertSnapshot('read-by-id.sql', 'else', {}), /differs/);
  });
});

/** What is left of a statement without its quoted names and texts. */
const bare = (text: string) => text.replace(/"(?:[^"]|"")*"| E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'/gs, '');

describe('identifiers', () => {
  const hostile = [
    `"; DROP TABLE x; --`,
    `it's`,
    'back\\slash"',
    '$1',
    '$$',
    '-- ',
    '/*',
    'ü\u{1F95B}',
    'x'.repeat(63),
  ];

  for (const name of hostile) {
    test(`a table named ${JSON.stringify(name)} stays quoted`, async () => {
      const model = await modelOf(`
        type Plain @table @permission(on: [READ], level: PUBLIC, rows: { odd: { x: { eq: 5 } } }) @permission(on: [INSERT], level: PUBLIC) { odd: Odd @belongsTo }
        type Odd @table(name: ${JSON.stringify(name)}) @permission(level: PUBLIC) { x: Int @unique text: String @default(value: ${JSON.stringify(name)}) plains: [Plain!]! @has(field: "odd") }`);
      const odd = tableOf(model, 'Odd');
      const texts = [
        ...statementsOf(
          model,
          userClass(),
          '{ odds { id plains { odd { x } } } odd(by: { x: 1 }) { x } plains { id } }',
        ),
        ...statementsOf(
          model,
          userClass(),
          'mutation { insertOdd(data: { x: 1 }) { plains { id } } insertPlain(data: { oddId: "1" }) { id } }',
        ),
      ].map(({ text }) => text);
      const objects = tableObjects(odd, (target) => tableOf(model, target), ROOT_COLLATION).flatMap((object) =>
        createObject(odd, object),
      );
      const all = [...texts, ...createTable(odd), ...objects];
      assert.ok(all.filter((text) => text.includes(quoteName(name))).length > 5);
      for (const text of all) assert.doesNotMatch(bare(text), /DROP|--|\/\*|\$\$|"|'|\\|xxx|ü/, text);
    });
  }

  test('any key of an answer is a name or a text, and nothing else', () => {
    const text = (key: string) => statementsOf(SAMPLE, userClass(), `{ ${key}: todoLists { ${key}: name } }`)[0]?.text;
    const longest = 'k'.repeat(63);
    const tooLong = 'k'.repeat(64);
    const key = fc.stringMatching(/^[_A-Za-z][_0-9A-Za-z]{0,90}$/);
    fc.assert(
      fc.property(key, (alias) => {
        const known = alias.length <= longest.length ? longest : tooLong;
        const [before, after, ...more] = (text(known) ?? '').split(known);
        assert.deepEqual(more, [], 'the key is there once');
        assert.equal(text(alias), [before, alias, after].join(''));
      }),
    );
    assert.match(text(longest) ?? '', new RegExp(` AS "${longest}" `));
    assert.match(text(tooLong) ?? '', new RegExp(`json_build_object\\('${tooLong}', `));
  });

  test('any name and any text survive quoting', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(quoteName(text).slice(1, -1).replaceAll('""', '"'), text);
        assert.equal(bare(`${quoteName(text)},${quoteText(text)}`), ',');
      }),
    );
  });
});

describe('parameters', () => {
  const constant = (value: unknown): ValueSource => ({ from: 'constant', value });
  const numbers = (...slots: readonly (readonly [source: ValueSource, type: ScalarName, list?: boolean])[]) => {
    const parameters = new Parameters();
    return slots.map(([source, name, list = false]) =>
      parameters.add({ source, type: { kind: 'scalar', name }, list }),
    );
  };

  test('are shared by equal sources of one type', () => {
    const path: ValueSource = { from: 'caller', path: ['claims', 'a'] };
    assert.deepEqual(numbers([path, 'ID'], [constant('x'), 'ID'], [path, 'ID'], [constant('x'), 'ID']), [
      '$1::text',
      '$2::text',
      '$1::text',
      '$2::text',
    ]);
  });

  test('are apart where the type, the list or the sign of a zero is another', () => {
    const all = numbers(
      [constant(0), 'Float'],
      [constant(-0), 'Float'],
      [constant([0]), 'Float', true],
      [constant([-0]), 'Float', true],
      [constant(0), 'Int'],
      [constant('0'), 'String'],
      [constant('0'), 'ID'],
    );
    assert.equal(new Set(all.map((text) => text.split('::')[0])).size, all.length, all.join(' '));
  });
});
