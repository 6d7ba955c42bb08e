// A write under a key whose COMMIT was sent and whose answer never came: the connection to the database is cut there, or the
// service is killed there. Whoever sends it again gets the answer of the first time, and it was done once.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { type DatabaseProxy, openDatabaseProxy } from '../support/database-proxy.ts';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { openCrashService } from './crash-service.ts';
import { TABLES } from './crash-writes.ts';

const ROW = { id: 'c', marks: [] };
const codes = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions['code']);

/** Each changes the marks of a database that has one counter. The first three are one statement where they have no key. */
const WRITES: readonly { readonly name: string; readonly query: string }[] = [
  { name: 'an insert', query: 'mutation { insertEntry(data: { mark: "m" }) { id createdAt version } }' },
  {
    name: 'an increment',
    query:
      'mutation { updateCounter(by: { id: "c" }, increment: { total: 1 }, append: { marks: ["m"] }) { total marks version } }',
  },
  {
    name: 'an upsert',
    query: 'mutation { upsertEntry(by: { id: "e" }, insert: { mark: "m" }) { inserted node { createdAt version } } }',
  },
  {
    name: 'an insert of many',
    query: 'mutation { insertEntries(data: [{ mark: "m" }, { mark: "m" }]) { count nodes { id } } }',
  },
  {
    name: 'a nested insert',
    query: 'mutation { insertParcel(data: { mark: "m", items: { insert: [{ mark: "m" }] } }) { id items { id } } }',
  },
  {
    name: 'an update of a version, which it moves itself',
    query:
      'mutation { updateCounter(by: { id: "c" }, append: { marks: ["m"] }, ifVersion: "VERSION") { marks version } }',
  },
  {
    name: 'two fields',
    query:
      'mutation { insertEntry(data: { mark: "m" }) { id } updateCounter(by: { id: "c" }, increment: { total: 1 }) { total } }',
  },
];

describe('a connection that is cut', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let app: TestService;
  let keys = 0;
  before(async () => {
    database = await openTestDatabase();
    proxy = await openDatabaseProxy(database.url);
    app = await openTestService({ sdl: TABLES, database, through: proxy.url });
  });
  after(async () => {
    await app?.close();
    await proxy?.close();
    await database?.close();
  });
  beforeEach(async () => {
    await database.query('TRUNCATE entry, counter, parcel CASCADE');
    const { errors } = await app.ask('mutation ($row: CounterInsert!) { insertCounter(data: $row) { id } }', {
      variables: { row: ROW },
    });
    assert.equal(errors, undefined);
  });

  /** What is there, without what the clock and the sequences add. */
  async function marks(): Promise<unknown> {
    const [row] = await database.query(
      `SELECT (SELECT count(*)::int FROM entry) AS entries, (SELECT count(*)::int FROM parcel) AS parcels,
         (SELECT count(*)::int FROM item) AS items, total, marks FROM counter`,
    );
    return row;
  }

  async function current(query: string): Promise<string> {
    const [row] = await database.query<{ version: string }>('SELECT version FROM counter');
    return query.replace('VERSION', row?.version ?? '');
  }

  for (const { name, query } of WRITES) {
    test(`${name}: after COMMIT it is done, and said again`, async () => {
      const asking = { headers: { 'idempotency-key': `after-${keys++}` } };
      const asked = await current(query);
      const before = await marks();
      const cut = proxy.cut('COMMIT', 'after');
      const lost = await app.ask(asked, asking);
      await cut;
      assert.deepEqual(codes(lost), ['UNKNOWN_RESULT'], lost.text);
      const done = await marks();
      assert.notDeepEqual(done, before);
      const [kept] = await database.query<{ answer: string }>(
        'SELECT answer FROM tablecast.kept_answer WHERE key = $1',
        [asking.headers['idempotency-key']],
      );
      for (let again = 0; again < 2; again++) {
        const answer = await app.ask(asked, asking);
        assert.equal(answer.text, `{"data":${kept?.answer}}`);
      }
      assert.deepEqual(await marks(), done);
    });

    test(`${name}: before COMMIT nothing is done, and it is done then`, async () => {
      const asking = { headers: { 'idempotency-key': `before-${keys++}` } };
      const asked = await current(query);
      const before = await marks();
      const cut = proxy.cut('COMMIT', 'before');
      const lost = await app.ask(asked, asking);
      await cut;
      assert.deepEqual(codes(lost), ['UNKNOWN_RESULT'], lost.text);
      assert.deepEqual(await marks(), before);
      const answer = await app.ask(asked, asking);
      assert.equal(answer.errors, undefined, answer.text);
      const done = await marks();
      assert.notDeepEqual(done, before);
      assert.equal((await app.ask(asked, asking)).text, answer.text);
      assert.deepEqual(await marks(), done);
    });
  }
});

describe('a service that is killed', { timeout: 120_000 }, () => {
  /** The number of the lock that COMMIT waits for. */
  const HELD = 6_000_006;
  const PATIENT = { TABLECAST_LOCK_TIMEOUT: '1m', TABLECAST_STATEMENT_TIMEOUT: '1m' };

  test('in its COMMIT has done the write, which the next one says', async () => {
    const database = await openTestDatabase();
    const holder = new pg.Client({ connectionString: database.url });
    const service = await openCrashService(TABLES, { DATABASE_URL: database.url, ...PATIENT });
    try {
      await holder.connect();
      await holdCommits(database, HELD);
      await holder.query('SELECT pg_advisory_lock($1)', [HELD]);
      const send = async () => {
        const response = await fetch(`${await service.serving()}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': 'killed' },
          body: JSON.stringify({ query: 'mutation { insertEntry(data: { mark: "m" }) { id createdAt version } }' }),
        });
        return response.text();
      };
      const lost = assert.rejects(send());
      await waiting(database, ['COMMIT']);
      await service.kill('service');
      await lost;
      // The first has not ended: neither done nor undone, it is waited for.
      const second = send();
      await waiting(database, ['COMMIT', 'INSERT INTO tablecast.kept_answer']);
      await holder.query('SELECT pg_advisory_unlock($1)', [HELD]);
      const answer = await second;
      const [kept] = await database.query<{ answer: string }>('SELECT answer FROM tablecast.kept_answer');
      assert.equal(answer, `{"data":${kept?.answer}}`);
      const rows = await database.query<{ id: string }>('SELECT id FROM entry');
      assert.equal(rows.length, 1);
      assert.ok(answer.includes(`"${rows[0]?.id}"`), answer);
      assert.equal(await service.close(), 0);
    } finally {
      await holder.end();
      await service.close();
      await service.remove();
      await database.close();
    }
  });
});

/** Lets every transaction that inserts an entry wait in its COMMIT for as long as somebody has the lock. */
async function holdCommits(database: TestDatabase, lock: number): Promise<void> {
  await database.query(
    `CREATE FUNCTION wait_in_commit() RETURNS trigger LANGUAGE plpgsql
     AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${lock}); RETURN NULL; END $$`,
  );
  await database.query(
    `CREATE CONSTRAINT TRIGGER wait_in_commit AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED
     FOR EACH ROW EXECUTE FUNCTION wait_in_commit()`,
  );
}

/** Resolves when these statements, by their beginnings, wait for locks. PostgreSQL tells nobody of that: it is asked. */
async function waiting(database: TestDatabase, beginnings: readonly string[]): Promise<void> {
  const end = performance.now() + 60_000;
  for (let found: string[] = []; ; await setImmediate()) {
    found = (
      await database.query<{ query: string }>(
        `SELECT ltrim(query, E' \\n') AS query FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' ORDER BY query_start`,
      )
    ).map(({ query }) => query);
    if (found.length === beginnings.length && found.every((query, at) => query.startsWith(beginnings[at] ?? '')))
      return;
    if (performance.now() > end) throw new Error(`these wait: ${found.join('; ')}`);
  }
}
