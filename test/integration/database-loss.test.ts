// The database goes away, comes back, falls silent, or is slow, while the service serves: what callers are told, what was
// written, and that the service mends itself.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { ownTransaction } from '../../src/stores/postgres/postgres-transaction.ts';
import { type DatabaseProxy, openDatabaseProxy } from '../support/database-proxy.ts';
import { type KeptLog, openKeptLog } from '../support/kept-log.ts';
import { type Answer, modelOf, openTestService, type TestService } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { whileLocked } from '../support/while-locked.ts';

const TABLES = `
  type Note @table @permission(level: PUBLIC) { text: String! tasks: [Task!]! @has(field: "note") }
  type Task @table @permission(level: PUBLIC) { title: String! note: Note @belongsTo }
`;
const POOL = { size: 4, statementTimeout: 5_000, lockTimeout: 2_000 };

const READ = '{ notes { text } }';
/** One statement. */
const WRITE = 'mutation { insertNote(data: { text: "x" }) { id } }';
/** A transaction: the answer leaves the row. */
const WRITE_AND_READ = 'mutation { insertNote(data: { text: "x" }) { id tasks { id } } }';

const codes = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']) ?? [];

interface Lab {
  readonly app: TestService;
  readonly proxy: DatabaseProxy;
  /** Past the proxy. */
  readonly database: TestDatabase;
  readonly kept: KeptLog;
  /** Moves the service's clock on by milliseconds. */
  readonly wait: (milliseconds: number) => void;
  close(): Promise<void>;
}

async function openLab(pool = POOL): Promise<Lab> {
  const database = await openTestDatabase();
  const proxy = await openDatabaseProxy(database.url);
  const kept = openKeptLog();
  let ahead = 0;
  const app = await openTestService({
    sdl: TABLES,
    database: { ...database, url: proxy.url },
    log: kept.log,
    pool,
    clock: () => Date.now() + ahead,
  });
  return {
    app,
    proxy,
    database,
    kept,
    wait: (milliseconds) => {
      ahead += milliseconds;
    },
    async close() {
      await app.close();
      await proxy.close();
      await database.close();
    },
  };
}

const notes = async ({ database }: Lab) =>
  Number((await database.query<{ n: string }>('SELECT count(*) AS n FROM note'))[0]?.n);

/** What the service says of its pool. */
async function connections({ app }: Lab): Promise<number> {
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  return Number(/^tablecast_pool_connections (\d+)$/m.exec(metrics)?.[1]);
}

/** Opens as many connections as the pool has, and leaves them idle. Fails when one of them is never given back. */
async function fillPool(lab: Lab): Promise<void> {
  const answers = await whileLocked(lab.database, 'note', async (waiting) => {
    const asked = Array.from({ length: POOL.size }, () => lab.app.ask(READ));
    await waiting(POOL.size);
    return asked;
  });
  for (const answer of await Promise.all(answers)) assert.equal(answer.errors, undefined, answer.text);
}

describe('a database that goes away', { timeout: 60_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());
  beforeEach(() => lab.database.query('TRUNCATE note CASCADE'));
  // Whatever happened: no connection is lost to the pool, and the service works.
  afterEach(() => fillPool(lab));

  test('is 503 for everyone in short time, and is found again by itself', async () => {
    const { app, proxy } = lab;
    await fillPool(lab);
    const probe = async (path: string) => (await fetch(`${app.url}${path}`)).status;
    assert.deepEqual([await probe('/healthz'), await probe('/readyz')], [200, 200]);
    await proxy.down();
    lab.wait(1_000);
    const asked = [READ, WRITE, WRITE_AND_READ, '{ a: notes { id } b: note(by: { id: "x" }) { id } }'];
    for (const answer of await Promise.all([...asked, ...asked, ...asked].map((query) => app.ask(query)))) {
      assert.equal(answer.status, 503, answer.text);
      assert.deepEqual([...new Set(codes(answer))], ['SERVICE_UNAVAILABLE']);
      assert.equal(answer.headers.get('retry-after'), '1');
      assert.equal(answer.data, null);
      assert.doesNotMatch(answer.text, /ECONN|127\.0\.0\.1|node_modules/);
    }
    assert.deepEqual((await app.ask('{ viewer { level } }')).data, { viewer: { level: 'PUBLIC' } });
    assert.equal((await app.ask(`{ viewer { level } notes { id } }`)).status, 200);
    assert.deepEqual([await probe('/healthz'), await probe('/readyz')], [200, 503]);
    assert.equal(await notes(lab), 0);
    await proxy.up();
    lab.wait(1_000);
    assert.deepEqual((await app.ask(READ)).data, { notes: [] });
    assert.equal((await app.ask(WRITE_AND_READ)).status, 200);
    assert.equal(await probe('/readyz'), 200);
    assert.equal(await notes(lab), 1);
  });

  test('its reason is in the log, once for each field that failed', async () => {
    await lab.proxy.down();
    lab.kept.take();
    await lab.app.ask('{ a: notes { id } b: notes { id } }', { headers: { 'x-request-id': 'lost-1' } });
    const lines = lab.kept.take().filter((line) => line['requestId'] !== undefined);
    assert.deepEqual(
      lines.map((line) => [line.level, line['requestId'], line['code']]),
      [0, 1].map(() => ['warn', 'lost-1', 'SERVICE_UNAVAILABLE']),
    );
    for (const line of lines) assert.match(String(line['error']), /ECONNREFUSED/);
    await lab.proxy.up();
  });

  test('a read is answered although every idle connection has died unnoticed', async () => {
    await fillPool(lab);
    lab.proxy.doom();
    assert.deepEqual((await lab.app.ask(READ)).data, { notes: [] });
    await fillPool(lab);
    lab.proxy.doom();
    for (const answer of await Promise.all([1, 2, 3, 4].map(() => lab.app.ask(READ))))
      assert.equal(answer.errors, undefined, answer.text);
  });

  for (const [name, query, text, when, code, rows] of [
    ['a write that was cut before the server had it', WRITE, 'INSERT INTO', 'before', 'UNKNOWN_RESULT', 0],
    ['a write that was cut after the server did it', WRITE, 'INSERT INTO', 'after', 'UNKNOWN_RESULT', 1],
    ['a transaction cut before it began', WRITE_AND_READ, 'BEGIN', 'before', 'SERVICE_UNAVAILABLE', 0],
    ['a transaction cut after it began', WRITE_AND_READ, 'BEGIN', 'after', 'SERVICE_UNAVAILABLE', 0],
    ['a transaction cut after its write', WRITE_AND_READ, 'INSERT INTO', 'after', 'SERVICE_UNAVAILABLE', 0],
    ['a transaction cut at its read', WRITE_AND_READ, 'AS answers FROM unnest', 'before', 'SERVICE_UNAVAILABLE', 0],
    ['a transaction cut before its commit', WRITE_AND_READ, 'COMMIT', 'before', 'UNKNOWN_RESULT', 0],
    ['a transaction cut after its commit', WRITE_AND_READ, 'COMMIT', 'after', 'UNKNOWN_RESULT', 1],
  ] as const) {
    test(`${name} is ${code}, and never sent twice`, async () => {
      const cut = lab.proxy.cut(text, when);
      const answer = await lab.app.ask(query);
      await cut;
      assert.deepEqual(codes(answer), [code]);
      const unavailable = code === 'SERVICE_UNAVAILABLE';
      assert.equal(answer.status, unavailable ? 503 : 200);
      // Something on the way may repeat a 503 by itself, and a Retry-After asks for it.
      assert.equal(answer.headers.get('retry-after'), unavailable ? '1' : null);
      assert.equal(answer.errors?.[0]?.extensions['retryAfter'], unavailable ? 1 : undefined);
      assert.equal(await notes(lab), rows);
    });
  }

  test('what was written before the loss is told', async () => {
    const cut = lab.proxy.cut('BEGIN', 'before');
    const answer = await lab.app.ask(
      'mutation { a: insertNote(data: { text: "a" }) { text } b: insertNote(data: { text: "b" }) { tasks { id } } }',
    );
    await cut;
    assert.equal(answer.status, 200, 'a 503 would have the whole sent again');
    assert.deepEqual(answer.data, { a: { text: 'a' }, b: null });
    assert.deepEqual(codes(answer), ['SERVICE_UNAVAILABLE']);
    assert.equal(await notes(lab), 1);
  });

  const terminate = () =>
    lab.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tablecast'`,
    );

  for (const [name, query] of [
    ['a write', WRITE],
    ['a transaction', WRITE_AND_READ],
  ] as const) {
    test(`${name} that the server says it has ended is not written, and may be repeated`, async () => {
      const answer = await whileLocked(lab.database, 'note', async (waiting) => {
        const asked = lab.app.ask(query);
        await waiting(1);
        await terminate();
        return asked;
      });
      assert.deepEqual(codes(answer), ['SERVICE_UNAVAILABLE']);
      assert.equal(answer.status, 503);
      assert.equal(await notes(lab), 0);
    });
  }

  test('a read that the server has ended is answered from another connection', async () => {
    const asked = await whileLocked(lab.database, 'note', async (waiting) => {
      const answers = [lab.app.ask(READ), lab.app.ask(READ)];
      await waiting(2);
      await terminate();
      await waiting(2);
      return answers;
    });
    for (const answer of await Promise.all(asked)) assert.deepEqual(answer.data, { notes: [] });
  });

  test('idle connections that the server ends are not missed', async () => {
    await fillPool(lab);
    lab.kept.take();
    await terminate();
    for (let broken = 0; broken < POOL.size; await setImmediate())
      broken += lab.kept.take().filter(({ msg }) => msg === 'a database connection broke').length;
    assert.equal((await lab.app.ask(WRITE)).errors, undefined);
  });
});

describe('a database that says nothing', { timeout: 60_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab({ size: 2, statementTimeout: 250, lockTimeout: 5_000 });
    // Both are held up, so that each needs a connection of its own, and are stopped, which leaves the connections open.
    while ((await connections(lab)) < 2)
      await whileLocked(lab.database, 'note', () => Promise.all([lab.app.ask(READ), lab.app.ask(READ)]));
    lab.proxy.silence();
  });
  after(() => lab.close());

  test('is given up on a connection that was open, and not asked again on another', async () => {
    const opened = lab.proxy.opened();
    const [read, write] = await Promise.all([lab.app.ask(READ), lab.app.ask(WRITE)]);
    assert.deepEqual([codes(read), codes(write)], [['SERVICE_UNAVAILABLE'], ['UNKNOWN_RESULT']]);
    assert.equal(lab.proxy.opened(), opened);
  });

  test('is given up on a new connection', async () => {
    for (const answer of await Promise.all([READ, WRITE, WRITE_AND_READ].map((query) => lab.app.ask(query))))
      assert.deepEqual(codes(answer), ['SERVICE_UNAVAILABLE']);
    assert.equal((await fetch(`${lab.app.url}/healthz`)).status, 200);
  });
});

describe('a database that is slow', { timeout: 60_000 }, () => {
  test('a statement over its time is stopped, and nothing of it is written', async () => {
    const lab = await openLab({ size: 2, statementTimeout: 500, lockTimeout: 60_000 });
    try {
      const answers = await whileLocked(lab.database, 'note', () =>
        Promise.all([lab.app.ask(READ), lab.app.ask(WRITE)]),
      );
      for (const answer of answers) {
        assert.deepEqual(codes(answer), ['STATEMENT_TIMEOUT']);
        assert.equal(answer.status, 200);
        assert.match(answer.errors?.[0]?.message ?? '', /Ask for less/);
      }
      assert.equal(await notes(lab), 0);
      await fillPoolWithin(lab);
    } finally {
      await lab.close();
    }
  });

  test('rows that stay locked are said to be busy, and may be asked for again', async () => {
    const lab = await openLab({ size: 2, statementTimeout: 60_000, lockTimeout: 200 });
    try {
      const asked = [READ, WRITE, WRITE_AND_READ];
      const answers = await whileLocked(lab.database, 'note', () =>
        Promise.all(asked.map((query) => lab.app.ask(query))),
      );
      for (const answer of answers) {
        assert.deepEqual(codes(answer), ['SERVICE_UNAVAILABLE']);
        assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1']);
        assert.match(answer.errors?.[0]?.message ?? '', /busy/);
      }
      assert.equal(await notes(lab), 0);
      await fillPoolWithin(lab);
    } finally {
      await lab.close();
    }
  });

  /** Both connections still work, at once. */
  async function fillPoolWithin({ app }: Lab): Promise<void> {
    for (const answer of await Promise.all([app.ask(READ), app.ask(READ)])) assert.equal(answer.errors, undefined);
  }
});

test('a transaction that went on after a failed statement is not taken for written', async () => {
  const database = await openTestDatabase();
  const pool = openPool({ ...POOL, address: { url: database.url }, log: openKeptLog().log });
  try {
    const store = new PostgresRecordStore(pool, await modelOf(TABLES));
    const outcome = store.transaction(async (transaction) => {
      const failing = ownTransaction(transaction).use((client) => client.query('SELECT 1 / 0'));
      await assert.rejects(failing, /division by zero/);
    });
    await assert.rejects(outcome, /ended with ROLLBACK/);
    assert.deepEqual([pool.idleCount, pool.totalCount], [1, 1]);
  } finally {
    await pool.end();
    await database.close();
  }
});
