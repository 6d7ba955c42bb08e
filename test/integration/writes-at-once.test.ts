// Writes that meet: of many with one version one wins, sums add up, one of many upserts inserts, and who loses against another
// transaction is done again, within bounds.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const SDL = `
type Counter @table { name: String! @unique value: Int! @default(value: "0") log: [String!]! }
type Guarded @table @permission(level: APPLICATION, rows: { value: { lt: 1000000 } }) { value: Int! @default(value: "0") }
`;
const WRITERS = 200;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL, pool: { size: 12, statementTimeout: 10_000, lockTimeout: 3_000 } });
  await app.database.query(`INSERT INTO counter (id, name, log) SELECT 'c' || n, 'c' || n, '{}' FROM generate_series(1, 50) n;
    INSERT INTO guarded (id) VALUES ('g')`);
});
after(() => app?.close());

const ask = (query: string, variables: Record<string, unknown> = {}) => app.ask(query, { as: 'app', variables });
const codeOf = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']).join() ?? 'done';
/** What a field was answered. */
const answerOf = <T>({ data }: Answer, field: string) => data?.[field] as T;
const atOnce = <T>(count: number, work: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

function tally(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

describe('writes at once', () => {
  for (const [table, id] of [
    ['Counter', 'c1'],
    ['Guarded', 'g'],
  ] as const) {
    test(`of ${WRITERS} with one version of a ${table} one wins, each round`, async () => {
      const field = table.toLowerCase();
      for (let round = 1; round <= 3; round++) {
        const read = await ask(`{ ${field}(by: { id: "${id}" }) { version } }`);
        const { version } = answerOf<{ version: string }>(read, field);
        const answers = await atOnce(WRITERS, (at) =>
          ask(
            `mutation ($v: Version, $to: Int) { update${table}(by: { id: "${id}" }, set: { value: $to }, ifVersion: $v) { value version } }`,
            { v: version, to: round * 1000 + at },
          ),
        );
        assert.deepEqual(tally(answers.map(codeOf)), { done: 1, CONFLICT: WRITERS - 1 });
        const won = answers.find(({ errors }) => !errors)?.data?.[`update${table}`];
        for (const { errors } of answers) if (errors) assert.deepEqual(errors[0]?.extensions['current'], won);
      }
    });
  }

  test(`${WRITERS} increments and appends add up`, async () => {
    const query =
      'mutation ($word: [String!]) { updateCounter(by: { id: "c2" }, increment: { value: 3 }, append: { log: $word }) { value } }';
    const answers = await atOnce(WRITERS, (at) => ask(query, { word: [String(at)] }));
    assert.deepEqual(tally(answers.map(codeOf)), { done: WRITERS });
    const [row] = await app.database.query<{ value: number; n: number }>(
      "SELECT value, (SELECT count(DISTINCT word) FROM unnest(log) word)::int AS n FROM counter WHERE id = 'c2'",
    );
    assert.deepEqual(row, { value: 3 * WRITERS, n: WRITERS });
  });

  test('of many upserts of a new key one inserts, and none fails', async () => {
    for (let round = 0; round < 3; round++) {
      const query = `mutation { upsertCounter(by: { name: "new-${round}" }, insert: { value: 1 name: "new-${round}" }, update: { value: 2 }) { inserted node { value } } }`;
      const answers = await atOnce(50, () => ask(query));
      assert.deepEqual(tally(answers.map(codeOf)), { done: 50 });
      const inserted = answers.filter((answer) => answerOf<{ inserted: boolean }>(answer, 'upsertCounter').inserted);
      assert.equal(inserted.length, 1);
      assert.deepEqual(await app.database.query(`SELECT value FROM counter WHERE name = 'new-${round}'`), [
        { value: 2 },
      ]);
    }
  });

  test('of many inserts of one unique value one is done', async () => {
    const answers = await atOnce(50, () => ask('mutation { insertCounter(data: { name: "only" }) { id } }'));
    assert.deepEqual(tally(answers.map(codeOf)), { done: 1, CONSTRAINT_VIOLATION: 49 });
    for (const { errors } of answers) {
      if (errors) assert.deepEqual(errors[0]?.extensions['fields'], [{ path: ['data', 'name'], message: 'is taken' }]);
    }
  });

  test('batches that are each for themselves write each row once', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => ({ name: `each-${at}` }));
    const query =
      'mutation ($rows: [CounterInsert!]!) { insertCounters(data: $rows, mode: EACH) { count errors { code } } }';
    const answers = await atOnce(8, (at) => ask(query, { rows: at % 2 ? rows : rows.toReversed() }));
    assert.deepEqual(tally(answers.map(codeOf)), { done: 8 });
    const counts = answers.map((answer) => answerOf<{ count: number }>(answer, 'insertCounters').count);
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      40,
    );
  });

  test('bulk changes of the same rows in any order wait for each other', async () => {
    const answers = await atOnce(24, (at) =>
      ask(
        `mutation { updateCounters(where: { id: { in: ${at % 2 ? '["c10", "c11", "c12"]' : '["c12", "c11", "c10"]'} } }, increment: { value: 1 }) { count } }`,
      ),
    );
    assert.deepEqual(tally(answers.map(codeOf)), { done: 24 });
    const rows = await app.database.query("SELECT DISTINCT value FROM counter WHERE id IN ('c10', 'c11', 'c12')");
    assert.deepEqual(rows, [{ value: 24 }]);
  });
});

/** A connection beside the service, as psql would have. */
async function beside<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: app.database.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Until as many connections of the service wait for a lock. */
async function waiting(count: number): Promise<void> {
  for (;;) {
    const [row] = await app.database.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tablecast' AND wait_event_type = 'Lock'",
    );
    if (row && row.n >= count) return;
  }
}

describe('a transaction that loses against another', () => {
  /** Runs writes that stop at a row which is held here, and lets them go when all of them wait. */
  const held = (gates: string, writes: readonly string[], waitFor: number) =>
    beside(async (client) => {
      await client.query('BEGIN');
      await client.query(`SELECT FROM counter WHERE id IN (${gates}) FOR UPDATE`);
      const answers = writes.map((write) => ask(write));
      await waiting(waitFor);
      await client.query('COMMIT');
      return Promise.all(answers);
    });
  const add = (id: string, alias = 'x') =>
    `${alias}: updateCounter(by: { id: "${id}" }, increment: { value: 1 }) { value }`;
  const valuesOf = (ids: string) => app.database.query(`SELECT value FROM counter WHERE id IN (${ids})`);

  test('in a deadlock is done again, from its start', async () => {
    const answers = await held(
      "'c40', 'c41'",
      [
        `mutation @transaction { ${add('c20', 'a')} ${add('c40', 'b')} ${add('c21', 'c')} }`,
        `mutation @transaction { ${add('c21', 'a')} ${add('c41', 'b')} ${add('c20', 'c')} }`,
      ],
      2,
    );
    assert.deepEqual(answers.map(codeOf), ['done', 'done']);
    assert.deepEqual(await valuesOf("'c20', 'c21'"), [{ value: 2 }, { value: 2 }]);
    assert.deepEqual(await valuesOf("'c40', 'c41'"), [{ value: 1 }, { value: 1 }]);
  });

  test('in a deadlock of one statement with a transaction, likewise', async () => {
    const answers = await held(
      "'c42', 'c24'",
      [
        `mutation @transaction { ${add('c26', 'a')} ${add('c42', 'b')} ${add('c22', 'c')} }`,
        'mutation { updateCounters(where: { id: { in: ["c22", "c24", "c26"] } }, increment: { value: 1 }) { count } }',
      ],
      2,
    );
    assert.deepEqual(answers.map(codeOf), ['done', 'done']);
    assert.deepEqual(await valuesOf("'c22', 'c26'"), [{ value: 2 }, { value: 2 }]);
  });

  test('a lock that is not to be had is told, with when to come back', async () => {
    await beside(async (client) => {
      await client.query('BEGIN');
      await client.query("SELECT FROM counter WHERE id = 'c30' FOR UPDATE");
      const answer = await ask('mutation { updateCounter(by: { id: "c30" }, set: { value: 1 }) { id } }');
      assert.equal(codeOf(answer), 'SERVICE_UNAVAILABLE');
      assert.equal(answer.errors?.[0]?.extensions['retryAfter'], 1);
      await client.query('ROLLBACK');
    });
    const [row] = await app.database.query("SELECT value FROM counter WHERE id = 'c30'");
    assert.deepEqual(row, { value: 0 });
  });

  test('an upsert whose row goes away while it waits inserts it', async () => {
    await beside(async (client) => {
      await client.query('BEGIN');
      await client.query("DELETE FROM counter WHERE id = 'c31'");
      const answer = ask(
        'mutation { upsertCounter(by: { id: "c31" }, insert: { name: "again" }, update: { value: 7 }) { inserted } }',
      );
      await waiting(1);
      await client.query('COMMIT');
      assert.deepEqual((await answer).data, { upsertCounter: { inserted: true } });
    });
  });
});
