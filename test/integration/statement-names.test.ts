// Statements that a server keeps planned: from their third use, so many on a connection and no more, and never at the price
// of an answer or a row.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import pg from 'pg';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { NAMES_LIMITS } from '../../src/stores/postgres/statements/connection-names.ts';
import { RepeatedStatement } from '../../src/stores/postgres/statements/repeated-statement.ts';
import { Statements } from '../../src/stores/postgres/statements/statements.ts';
import { wireOf } from '../../src/stores/postgres/statements/wire.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let client: pg.Client;
const kept = openKeptLog();
const own = () => new Statements({ named: true, limits: null, log: kept.log });

before(async () => {
  database = await openTestDatabase();
  await database.query('CREATE TABLE thing (id int)');
});
after(() => database.close());

beforeEach(async () => {
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  kept.take();
});
afterEach(() => client.end());

/** The names that the server knows on the connection. */
async function names(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM pg_prepared_statements ORDER BY 1');
  // The driver's list is the server's.
  assert.deepEqual(Object.keys(wireOf(client).parsedStatements).sort(), rows.map(({ name }) => name).sort());
  return rows.map(({ name }) => name);
}

const numbered = (at: number, length = 0) =>
  new RepeatedStatement(`SELECT ${at} AS n, $1::int AS v ${' '.repeat(length)}`);

async function use(statements: Statements, statement: RepeatedStatement, times: number): Promise<void> {
  for (let at = 0; at < times; at++) {
    const [row] = await statements.run<{ v: number }>(client, statement, [at]);
    assert.equal(row?.v, at);
  }
}

describe('a statement', () => {
  test('has a name from its third use, the same for the same text everywhere', async () => {
    const [statement, twin, other] = [numbered(1), numbered(1), numbered(2)];
    await use(own(), statement, 2);
    assert.deepEqual(await names(), []);
    await use(own(), statement, 1);
    const [name] = await names();
    assert.match(name ?? '', /^tablecast_[\w-]{43}$/);
    await use(own(), twin, 5);
    assert.deepEqual(await names(), [name]);
    await use(own(), other, 3);
    assert.equal((await names()).length, 2);
  });

  test('that some values would want planned otherwise has none', async () => {
    const statements = own();
    const statement = new RepeatedStatement('SELECT 1 AS n, $1::int AS v', false);
    await use(statements, statement, 6);
    assert.deepEqual(await names(), []);
  });

  test('that is long has none, nor has any when names are off', async () => {
    await use(own(), numbered(1, 20_000), 5);
    await use(new Statements({ named: false, limits: null, log: null }), numbered(1), 5);
    assert.deepEqual(await names(), []);
  });
});

describe('a connection', () => {
  test('keeps the statements used last, and works with all of them', async () => {
    const statements = own();
    const made = Array.from({ length: NAMES_LIMITS.statements + 50 }, (_, at) => numbered(at));
    for (const statement of made) await use(statements, statement, 3);
    const [first] = made;
    assert.ok(first);
    const before = await names();
    assert.equal(before.length, NAMES_LIMITS.statements);
    await use(statements, first, 2);
    const now = await names();
    assert.equal(now.length, NAMES_LIMITS.statements);
    assert.equal(
      now.filter((name) => !before.includes(name)).length,
      1,
      'the one that is used again is not named again',
    );
  });

  test('keeps no more characters than it may', async () => {
    const statements = own();
    const length = 10_000;
    const most = Math.floor(NAMES_LIMITS.characters / length);
    for (let at = 0; at < most + 5; at++) await use(statements, numbered(at, length), 3);
    const { length: count } = await names();
    assert.ok(count < most && count >= most - 1, `${count} are kept`);
  });
});

describe('a session that is another', () => {
  const insert = new RepeatedStatement('INSERT INTO thing VALUES ($1::int) RETURNING id AS v');
  const stored = async () =>
    (await database.query<{ id: number }>('SELECT id FROM thing ORDER BY id')).map(({ id }) => id);

  test('does not know the name: the statement is run without, once, and no other has a name from then on', async () => {
    await database.query('TRUNCATE thing');
    const statements = own();
    await use(statements, insert, 4);
    await client.query('DISCARD ALL');
    const [row] = await statements.run<{ v: number }>(client, insert, [7]);
    assert.deepEqual(row, { v: 7 });
    assert.deepEqual(await stored(), [0, 1, 2, 3, 7]);
    assert.equal(statements.named, false);
    await use(statements, numbered(1), 4);
    assert.deepEqual(await names(), []);
    assert.deepEqual(
      kept.take().map(({ level }) => level),
      ['warn'],
    );
  });

  test('knows it for another text: nothing else is run in its place', async () => {
    const statements = own();
    const statement = numbered(3);
    const [name] = [statement.use(), statement.use(), statement.use()].reverse();
    await client.query(`PREPARE "${name}" (int) AS SELECT 'wrong' AS v`);
    await use(statements, statement, 3);
    assert.equal(statements.named, false);
  });

  test('in a transaction: all of it is undone, and it may be tried again', async () => {
    await database.query('TRUNCATE thing');
    const statements = own();
    await use(statements, insert, 3);
    await database.query('TRUNCATE thing');
    await client.query(statements.beginning.join('; '));
    await client.query('INSERT INTO thing VALUES (1)');
    await client.query('DEALLOCATE ALL');
    await assert.rejects(statements.run(client, insert, [2], { ahead: [] }), {
      code: 'SERVICE_UNAVAILABLE',
      retryAfter: 1,
    });
    await client.query('ROLLBACK');
    assert.deepEqual(await stored(), []);
    await client.query(statements.beginning.join('; '));
    await statements.run(client, insert, [2], { ahead: [] });
    await client.query('COMMIT');
    assert.deepEqual(await stored(), [2]);
  });
});

test('a table that was altered: its statements are planned anew', async () => {
  await database.query('CREATE TABLE changing (v int)');
  await database.query('INSERT INTO changing VALUES (1)');
  const statements = own();
  const statement = new RepeatedStatement('SELECT * FROM changing');
  for (let at = 0; at < 4; at++) await statements.run(client, statement, []);
  await database.query('ALTER TABLE changing ADD COLUMN w int DEFAULT 2');
  assert.deepEqual(await statements.run(client, statement, []), [{ v: 1, w: 2 }]);
  assert.deepEqual(await names(), []);
  assert.deepEqual(await statements.run(client, statement, []), [{ v: 1, w: 2 }]);
  assert.equal((await names()).length, 1);
  assert.deepEqual(kept.take(), []);
});

test('what is wrong with a statement itself is told, and not tried again', async () => {
  const statements = own();
  const statement = new RepeatedStatement('SELECT 1 / $1::int AS v');
  for (let at = 1; at < 5; at++) await statements.run(client, statement, [at]);
  await assert.rejects(statements.run(client, statement, [0]), { code: '22012' });
  assert.equal(statements.named, true);
});

describe('lent sessions', () => {
  const lent = new Statements({ named: false, limits: { statementTimeout: 1_234, lockTimeout: 567 }, log: null });
  const settings = new RepeatedStatement(
    `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock, current_setting('jit') AS jit, $1::int AS v`,
  );
  const given = { statement: '1234ms', lock: '567ms', jit: 'off', v: 1 };
  beforeEach(() => client.query('SET jit = on'));

  test('have the limits while a statement runs, and only then', async () => {
    assert.deepEqual(await lent.run(client, settings, [1]), [given]);
    const { rows } = await client.query(`SELECT current_setting('statement_timeout') AS statement`);
    assert.deepEqual(rows, [{ statement: '0' }]);
  });

  test('have them in a transaction, with the time that it may idle', async () => {
    assert.deepEqual(await lent.run(client, settings, [1], { ahead: lent.beginning }), [given]);
    const { rows } = await client.query('SHOW idle_in_transaction_session_timeout');
    assert.deepEqual(rows, [{ idle_in_transaction_session_timeout: '1234ms' }]);
    await client.query('ROLLBACK');
  });

  test('tell what was wrong, and go on', async () => {
    await assert.rejects(lent.run(client, new RepeatedStatement('SELECT 1 / $1::int'), [0]), { code: '22012' });
    assert.deepEqual(await lent.run(client, settings, [1]), [given]);
  });
});

test('the sessions of the service compile nothing to machine code, on a server that does', async () => {
  const { pathname } = new URL(database.url);
  await database.query(`ALTER DATABASE ${pathname.slice(1)} SET jit = on`);
  const limits = { statementTimeout: 1_000, lockTimeout: 1_000, log: kept.log };
  const pool = openPool({ ...limits, address: { url: database.url }, size: 1 });
  try {
    assert.deepEqual((await pool.query('SHOW jit')).rows, [{ jit: 'off' }]);
  } finally {
    await pool.end();
  }
});
