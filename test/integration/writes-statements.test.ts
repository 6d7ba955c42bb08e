// How many statements a write is, counted on the connections: it grows with the tables and levels that a write touches, never
// with its rows; and what is refused before it is tried costs none.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import type { Caller } from '../../src/access/caller.ts';
import { planOperation } from '../../src/graphql/plan-operation.ts';
import { openLog } from '../../src/platform/log.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import type { Model } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/open-test-service.ts';
import { sentMessages } from '../support/sent-messages.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { classOf, coerce, operationOf, plannerOf } from '../unit/stores/recording-store.ts';

const SDL = `
type Shelf @table(softDelete: true) @permission(level: APPLICATION, check: { width: { gte: 0 } }) {
  name: String! @unique
  width: Int! @default(value: "1")
  parent: Shelf @belongsTo(onDelete: CASCADE)
  shelves: [Shelf!]! @has(field: "parent")
  books: [Book!]! @has(field: "shelf")
  tags: [Tag!]! @manyToMany
}
type Book @table { title: String! @unique pages: Int! @default(value: "1") shelf: Shelf @belongsTo(onDelete: CASCADE) author: Author @belongsTo }
type Author @table { name: String! @unique books: [Book!]! @has(field: "author") }
type Note @table { text: String @length(min: 2) }
type Tag @table { word: String! @unique shelves: [Shelf!]! @manyToMany(field: "tags") }
`;

const APPLICATION: Caller = { kind: 'client', application: true, user: null };

let database: TestDatabase;
let pool: pg.Pool;
let model: Model;
let sent: string[];

before(async () => {
  database = await openTestDatabase();
  const log = openLog({ level: 'silent', readable: false });
  pool = openPool({ address: { url: database.url }, size: 1, statementTimeout: 10_000, lockTimeout: 2_000, log });
  sent = sentMessages(pool);
  model = await modelOf(SDL);
  await applyTables(database, model);
  await database.query(`INSERT INTO author (id, name) SELECT 'a' || n, 'author ' || n FROM generate_series(1, 1000) n`);
});
after(async () => {
  await pool.end();
  await database.close();
});

let names = 0;
const newName = () => `n${names++}`;

/** Runs an operation; its answers, or errors. What was sent is in `sent`. */
async function run(text: string, inputs: Record<string, unknown> = {}): Promise<unknown[]> {
  const planner = plannerOf(model, classOf(APPLICATION, model), new PostgresRecordStore(pool, model));
  const { operation } = operationOf(planner, text);
  const variables = coerce(planner, operation, inputs);
  const { fields } = planOperation(planner, operation, new Map(), variables);
  const request = { caller: APPLICATION, variables, requestId: 'test', newId: newName };
  sent.length = 0;
  const answers: unknown[] = [];
  for (const field of fields) {
    answers.push(
      await field.run(request).then(
        (answer): unknown => JSON.parse(answer),
        (error: unknown) => error,
      ),
    );
  }
  return answers;
}

/** What a message does, in a word and a table for each statement. */
function kindOf(text: string): string {
  if (text.startsWith('BEGIN; ')) return `BEGIN; ${kindOf(text.slice('BEGIN; '.length))}`;
  if (!text.startsWith('WITH')) return text.startsWith('SELECT') ? 'read' : text;
  const [, verb = 'examine', table = ''] = /(INSERT INTO|UPDATE|DELETE FROM) "public"\."([^"]+)"/.exec(text) ?? [];
  return `${verb.split(' ')[0]?.toLowerCase()} ${table}`.trim();
}

const rows = <Row>(count: number, row: (at: number) => Row) => Array.from({ length: count }, (_, at) => row(at));
const shelf = () => ({ name: newName() });
const book = () => ({ title: newName() });
const insertShelves = 'mutation ($rows: [ShelfInsert!]!) { insertShelves(data: $rows) { count nodes { id } } }';
const insertEach =
  'mutation ($rows: [ShelfInsert!]!) { insertShelves(data: $rows, mode: EACH) { count nodes { id } errors { message } } }';
const TRANSACTION = (first: string, ...others: string[]) => [`BEGIN; ${first}`, ...others, 'COMMIT'];

interface Case {
  readonly name: string;
  readonly text: string;
  readonly inputs?: (count: number) => Record<string, unknown>;
  readonly statements: readonly string[];
  readonly prepare?: (count: number) => Promise<unknown>;
  readonly refused?: true;
}

const fill = (count: number) =>
  database.query(`WITH old AS (DELETE FROM book WHERE id LIKE 'f%'), gone AS (DELETE FROM shelf WHERE id LIKE 'f%')
    INSERT INTO shelf (id, name) SELECT 'f' || '${names++}' || '-' || n, 'f${names++}' || n FROM generate_series(1, ${count}) n`);
const fillBoth = async (count: number) => {
  await fill(count);
  await database.query(
    `INSERT INTO book (id, title, shelf_id) SELECT 'f${names++}' || id, 'f${names++}' || id, id FROM shelf WHERE id LIKE 'f%'`,
  );
};
const FILLED = '{ id: { startsWith: "f" } }';

const CASES: readonly Case[] = [
  { name: 'many rows', text: insertShelves, inputs: (n) => ({ rows: rows(n, shelf) }), statements: ['insert shelf'] },
  {
    name: 'many rows, answered with what is beside them',
    text: 'mutation ($rows: [ShelfInsert!]!) { insertShelves(data: $rows) { nodes { books { id } parent { name } } } }',
    inputs: (n) => ({ rows: rows(n, shelf) }),
    statements: TRANSACTION('insert shelf', 'read'),
  },
  {
    name: 'rows with keys of others, and rows without',
    text: 'mutation ($rows: [BookInsert!]!) { insertBooks(data: $rows) { count } }',
    inputs: (n) => ({ rows: rows(n, (at) => (at % 2 ? { ...book(), authorId: `a${(at % 1000) + 1}` } : book())) }),
    statements: ['insert book'],
  },
  {
    name: 'nested rows of every kind',
    text: insertShelves,
    inputs: (n) => ({
      rows: [
        {
          ...shelf(),
          parent: { insert: shelf() },
          books: {
            insert: rows(n, (at) => ({ ...book(), author: { connect: { name: `author ${(at % 1000) + 1}` } } })),
          },
          tags: { insert: rows(n, () => ({ word: newName() })) },
        },
      ],
    }),
    statements: TRANSACTION('read', 'insert shelf', 'insert shelf', 'insert book', 'insert tag', 'insert shelf_tags'),
  },
  {
    name: 'each for itself',
    text: insertEach,
    inputs: (n) => ({ rows: rows(n, shelf) }),
    statements: ['insert shelf'],
  },
  {
    name: 'each for itself, every second one refused',
    text: insertEach,
    inputs: (n) => ({ rows: rows(n, (at) => (at % 2 ? { name: 'taken' } : { ...shelf(), width: at % 4 ? -1 : 1 })) }),
    statements: ['insert shelf'],
  },
  {
    name: 'each for itself, with nested rows',
    text: insertEach,
    inputs: (n) => ({ rows: rows(n, () => ({ ...shelf(), books: { insert: [book()] } })) }),
    statements: TRANSACTION('insert shelf', 'insert book'),
  },
  {
    name: 'each for itself, with nested rows, every second one refused',
    text: insertEach,
    inputs: (n) => ({
      rows: rows(n + 1, (at) => ({ ...shelf(), books: { insert: [at % 2 ? { title: 'taken' } : book()] } })),
    }),
    statements: ['BEGIN; insert shelf', 'insert book', 'ROLLBACK', ...TRANSACTION('insert shelf', 'insert book')],
  },
  {
    name: 'all or none, with values that are taken',
    refused: true,
    text: insertShelves,
    inputs: (n) => ({ rows: rows(n, () => ({ name: 'taken' })) }),
    statements: ['insert shelf', 'BEGIN; insert shelf', 'ROLLBACK'],
  },
  {
    name: 'a change of many',
    text: `mutation { updateShelves(where: ${FILLED}, increment: { width: 1 }) { count } }`,
    prepare: fill,
    statements: ['update shelf'],
  },
  {
    name: 'a change of many, answered with what is beside them',
    text: `mutation { updateShelves(where: ${FILLED}, increment: { width: 1 }) { nodes { books(first: 5) { id } } } }`,
    prepare: fill,
    statements: TRANSACTION('update shelf', 'read'),
  },
  {
    name: 'a change of many that a rule refuses',
    refused: true,
    text: `mutation { updateShelves(where: ${FILLED}, set: { width: -1 }) { count } }`,
    prepare: fill,
    statements: ['update shelf'],
  },
  {
    name: 'removing many for good',
    text: `mutation { deleteBooks(where: ${FILLED}) { count nodes { title } } }`,
    prepare: fillBoth,
    statements: ['delete book'],
  },
  {
    name: 'removing many for good, answered with what was beside them',
    text: `mutation { deleteBooks(where: ${FILLED}) { nodes { shelf { name } } } }`,
    prepare: fillBoth,
    statements: TRANSACTION('examine', 'read', 'delete book'),
  },
  {
    name: 'deleting many softly, and what goes along',
    text: `mutation { deleteShelves(where: ${FILLED}) { count } }`,
    prepare: fillBoth,
    statements: TRANSACTION('update shelf', 'update shelf', 'delete book'),
  },
];

describe('statements of writes', () => {
  before(async () => {
    await database.query(
      `INSERT INTO shelf (id, name) VALUES ('s0', 'taken'), ('s1', 'one'); INSERT INTO book (id, title) VALUES ('b0', 'taken')`,
    );
  });

  for (const { name, text, inputs, statements, prepare, refused = false } of CASES) {
    test(name, async () => {
      for (const count of [1, 10, 1000]) {
        await prepare?.(count);
        const [answer] = await run(text, inputs?.(count));
        assert.equal(answer instanceof Error, refused, String(answer));
        assert.deepEqual(sent.map(kindOf), statements, `${count} rows\n${sent.join('\n')}`);
      }
    });
  }

  for (const [name, text, statements] of [
    ['a change', 'mutation { updateShelf(by: { id: "s1" }, set: { width: 2 }) { name } }', ['update shelf']],
    ['a change of no row', 'mutation { updateShelf(by: { id: "no" }, set: { width: 2 }) { name } }', ['update shelf']],
    [
      'a change of a version that is old',
      'mutation { updateShelf(by: { id: "s1" }, set: { width: 2 }, ifVersion: "1") { name } }',
      ['update shelf', 'read'],
    ],
    [
      'a change of an old version, of a table without rules',
      'mutation { updateBook(by: { id: "b0" }, set: { pages: 2 }, ifVersion: "1") { title } }',
      ['update book', 'read'],
    ],
    [
      'a deletion of an old version',
      'mutation { deleteBook(by: { id: "b0" }, ifVersion: "1") { title } }',
      ['delete book', 'read'],
    ],
    [
      'a change to a value that is taken',
      'mutation { updateShelf(by: { id: "s1" }, set: { name: "taken" }) { id } }',
      ['update shelf', 'examine'],
    ],
    [
      'an upsert of a row that is there',
      'mutation { upsertShelf(by: { id: "s1" }, insert: { name: "one", width: 3 }) { inserted } }',
      ['update shelf'],
    ],
    [
      'an upsert of a value that is taken',
      'mutation { upsertShelf(by: { id: "s9" }, insert: { name: "taken" }) { inserted } }',
      ['update shelf'],
    ],
    [
      'an insert of a row that names another by its id',
      'mutation { insertBook(data: { title: "by id", author: { connect: { id: "a1" } } }) { id } }',
      ['insert book'],
    ],
    ['an insert of values that are wrong by themselves', 'mutation { insertNote(data: { text: "x" }) { id } }', []],
    [
      'a change to values that are wrong by themselves',
      'mutation { updateShelf(by: { id: "s1" }, set: { width: null }) { id } }',
      [],
    ],
    ['no row at all', 'mutation { insertShelves(data: []) { count } }', []],
  ] as const) {
    test(name, async () => {
      await run(text);
      assert.deepEqual(sent.map(kindOf), statements, sent.join('\n'));
    });
  }
});
