// Behind a connection pooler that gives every transaction another session: nothing is left out and nothing is lost, with
// the same limits of time, and without anything to be set in the pooler.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { openDatabase } from '../../src/stores/postgres/open-database.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { modelOf, openTestService, type TestService } from '../support/open-test-service.ts';
import { openPgbouncer, type Pgbouncer, skipped } from '../support/pgbouncer.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { whileLocked } from '../support/while-locked.ts';

const TABLES = `
  type Author @table @permission(level: PUBLIC) { name: String! @unique books: [Book!]! @has(field: "author") }
  type Book @table @permission(level: PUBLIC) { title: String! pages: Int author: Author @belongsTo }
`;
const POOL = { size: 6, statementTimeout: 10_000, lockTimeout: 2_000 };

describe('behind a pooler', { skip: skipped, timeout: 120_000 }, () => {
  let pooler: Pgbouncer;
  let database: TestDatabase;
  const opened: TestService[] = [];
  const kept = openKeptLog();
  const warnings = () => kept.take().filter(({ level }) => level === 'warn');

  before(async () => {
    pooler = await openPgbouncer(process.env['TEST_DATABASE_URL'] ?? '');
    database = await openTestDatabase();
  });
  after(async () => {
    for (const app of opened) await app.close();
    await pooler.close();
    await database.close();
  });

  async function open(pool: Partial<Parameters<typeof openTestService>[0]> = {}): Promise<TestService> {
    const app = await openTestService({
      sdl: TABLES,
      database,
      through: pooler.url(database.url),
      pool: POOL,
      log: kept.log,
      ...pool,
    });
    opened.push(app);
    return app;
  }

  const insertAuthor = 'mutation ($name: String!) { insertAuthor(data: { name: $name }) { id name books { title } } }';
  const insertBook =
    'mutation ($title: String!, $author: ID) { insertBook(data: { title: $title, pages: 1, authorId: $author }) { title } }';

  /** Inserts of one statement and of several, many at once, and the rows that must be there afterwards. */
  async function insertMany(app: TestService, tag: string, count = 40): Promise<void> {
    const names = Array.from({ length: count }, (_, at) => `${tag} ${at}`);
    const authors = await Promise.all(names.map((name) => app.ask(insertAuthor, { variables: { name } })));
    const ids = authors.map(({ data, text }, at) => {
      const author = data?.['insertAuthor'] as { id: string; name: string; books: unknown[] } | null;
      assert.deepEqual([author?.name, author?.books], [names[at], []], text);
      return author?.id;
    });
    const books = await Promise.all(
      ids.map((author, at) => app.ask(insertBook, { variables: { title: names[at], author } })),
    );
    for (const { errors, text } of books) assert.equal(errors, undefined, text);
    const [{ n } = { n: 0 }] = await database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM book JOIN author ON author.id = author_id WHERE title = name AND title LIKE '${tag} %'`,
    );
    assert.equal(n, count, 'rows were lost, or written twice');
  }

  const readAll = `query ($tag: String!, $first: Int) {
    authors(where: { name: { startsWith: $tag } }, orderBy: { name: ASC }, first: $first) { name books { title author { name } } }
    authorsConnection(where: { name: { startsWith: $tag } }, first: $first) { totalCount pageInfo { hasNextPage } }
    booksAggregate(where: { title: { startsWith: $tag } }) { count sum { pages } }
  }`;

  async function readMany(app: TestService, tag: string, count = 40): Promise<void> {
    const sizes = Array.from({ length: 30 }, (_, at) => (at % count) + 1);
    const answers = await Promise.all(sizes.map((first) => app.ask(readAll, { variables: { tag, first } })));
    for (const [at, { data, text }] of answers.entries()) {
      const { authors, authorsConnection, booksAggregate } = data as {
        authors: { name: string; books: unknown[] }[];
        authorsConnection: unknown;
        booksAggregate: unknown;
      };
      assert.equal(authors.length, sizes[at], text);
      assert.deepEqual(authorsConnection, { totalCount: count, pageInfo: { hasNextPage: (sizes[at] ?? 0) < count } });
      assert.deepEqual(booksAggregate, [{ count, sum: { pages: String(count) } }]);
      for (const { name, books } of authors) assert.deepEqual(books, [{ title: name, author: { name } }]);
    }
  }

  test('the service finds out, and says so', async () => {
    const app = await open();
    assert.match(app.service.database, /through a connection pooler$/);
    assert.deepEqual(warnings(), []);
  });

  test('everything is read and inserted, on several connections at once, by several services', async () => {
    const [one, other] = [await open(), await open()];
    await Promise.all([insertMany(one, 'one'), insertMany(other, 'other')]);
    await Promise.all([readMany(one, 'one'), readMany(other, 'one'), readMany(one, 'other')]);
    assert.deepEqual(warnings(), []);
  });

  test('no statement gets a name', async () => {
    const app = await open();
    for (let times = 0; times < 6; times++) await app.ask('{ authors { id } }');
    for (const names of await onEachSession('SELECT name FROM pg_prepared_statements')) assert.deepEqual(names, []);
  });

  test('names that are asked for all the same cost one try, and no row', async () => {
    const app = await open({ pool: { ...POOL, preparedStatements: 'on' } });
    warnings();
    await insertMany(app, 'named');
    await readMany(app, 'named');
    await insertMany(app, 'named later');
    assert.match(warnings()[0]?.msg ?? '', /^statements are run without names from now on/);
  });

  test('the times of statements and locks hold, and stay with their transactions', async () => {
    const hurried = await open({ pool: { ...POOL, lockTimeout: 100 } });
    const impatient = await open({ pool: { ...POOL, statementTimeout: 100 } });
    await whileLocked(database, 'author', async () => {
      const [busy, busyInTransaction, late] = await Promise.all([
        hurried.ask('{ authors { id } }'),
        hurried.ask(insertAuthor, { variables: { name: 'locked' } }),
        impatient.ask('{ authors { id } }'),
      ]);
      for (const { errors, text } of [busy, busyInTransaction])
        assert.equal(errors?.[0]?.message, 'The rows are busy. Try again.', text);
      assert.equal(late.errors?.[0]?.extensions['code'], 'STATEMENT_TIMEOUT', late.text);
    });
    for (const setting of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) {
      for (const rows of await onEachSession(`SELECT current_setting('${setting}') AS value`))
        assert.deepEqual(rows, [{ value: '0' }], setting);
    }
  });

  test('another model is published, past the pooler', async () => {
    const app = await open();
    const steps = await app.service.publish(await modelOf(TABLES.replace('pages: Int', 'pages: Int isbn: String')));
    assert.ok(steps.length > 0);
    const { data, text } = await app.ask('mutation { insertBook(data: { title: "t", isbn: "1" }) { isbn } }');
    assert.deepEqual(data, { insertBook: { isbn: '1' } }, text);
  });

  test('without a way past the pooler, it is said what to set', async () => {
    const url = pooler.url(database.url);
    await assert.rejects(openDatabase({ kind: 'server', url, directUrl: url }, { ...POOL, log: kept.log }), {
      message: /^DATABASE_URL leads through a connection pooler, .* Set DATABASE_DIRECT_URL to the same database on/,
    });
  });

  test('one that swallows what it does not know is found out all the same, and warned about where tables are changed', async () => {
    const swallowed = 'statement_timeout, lock_timeout, idle_in_transaction_session_timeout';
    const quiet = await openPgbouncer(process.env['TEST_DATABASE_URL'] ?? '', [
      `ignore_startup_parameters = ${swallowed}`,
    ]);
    const url = quiet.url(database.url);
    warnings();
    try {
      const { pool, statements, close } = await openDatabase(
        { kind: 'server', url, directUrl: url },
        { ...POOL, log: kept.log },
      );
      assert.equal(statements.named, false);
      assert.equal(pool.options['statement_timeout'], undefined);
      assert.match(warnings()[0]?.msg ?? '', /set DATABASE_DIRECT_URL to the server itself/);
      await close();
    } finally {
      await quiet.close();
    }
  });

  /** The rows of a statement on both sessions of the pooler: a transaction each, at the same time. */
  async function onEachSession(text: string): Promise<unknown[][]> {
    const clients = [0, 1].map(() => new pg.Client({ connectionString: pooler.url(database.url) }));
    try {
      for (const client of clients) {
        await client.connect();
        await client.query('BEGIN');
      }
      const answers: unknown[][] = [];
      for (const client of clients) answers.push((await client.query(text)).rows);
      return answers;
    } finally {
      for (const client of clients) await client.end();
    }
  }
});
