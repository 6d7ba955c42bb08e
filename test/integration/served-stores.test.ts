// What the table files may say and this version does not do yet: it is refused, or told, and never half done.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { previewModel } from '../../src/stores/postgres/apply/preview-model.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { modelOf, openTestService } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const NOTES = 'type Note @table @permission(level: PUBLIC) { text: String }';
const EVENTS = `${NOTES} type Event @table(store: MONGODB) { kind: String }`;
const REFUSED = {
  message: /^Event is kept in MongoDB, which this version does not serve yet: leave out store: MONGODB/,
};

describe('a table in a store that is not served', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  before(async () => {
    database = await openTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 1 });
  });
  after(async () => {
    await pool.end();
    await database.close();
  });

  async function tables(): Promise<string[]> {
    const rows = await database.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT LIKE 'pg\\_%'
       AND relnamespace <> 'information_schema'::regnamespace ORDER BY relname`,
    );
    return rows.map(({ relname }) => relname);
  }

  test('is refused at start, and nothing is made', async () => {
    await assert.rejects(openTestService({ sdl: EVENTS, database }), REFUSED);
    assert.deepEqual(await tables(), []);
  });

  test('is refused by a plan', async () => {
    await assert.rejects(previewModel(pool, await modelOf(EVENTS)), REFUSED);
  });

  test('is refused when it is published, and what was served is served', async () => {
    const app = await openTestService({ sdl: NOTES, database });
    try {
      const before = await tables();
      await assert.rejects(app.service.publish(await modelOf(`${EVENTS} type Tag @table { x: Int }`)), REFUSED);
      assert.deepEqual(await tables(), before);
      const { data } = await app.ask('{ notes { text } __type(name: "Tag") { name } }');
      assert.deepEqual(data, { notes: [], __type: null });
    } finally {
      await app.close();
    }
  });

  test('several are named', async () => {
    const model = await modelOf('type A @table(store: MONGODB) { x: Int } type B @table(store: MONGODB) { x: Int }');
    await assert.rejects(previewModel(pool, model), { message: /^A, B are kept in MongoDB/ });
  });
});

test('a table that begins to have dynamicSchema is told of once', async () => {
  const { log, take } = openKeptLog();
  const told = () => take().flatMap(({ level, table }) => (level === 'warn' ? [table] : []));
  const app = await openTestService({
    sdl: 'type A @table(dynamicSchema: true) { x: Int } type B @table { x: Int }',
    log,
  });
  try {
    assert.deepEqual(told(), ['A']);
    const both = 'type A @table(dynamicSchema: true) { y: Int } type B @table(dynamicSchema: true) { x: Int }';
    await app.service.publish(await modelOf(both));
    assert.deepEqual(told(), ['B']);
    const { errors } = await app.ask('mutation { insertA(data: { z: 1 }) { id } }', { as: 'app' });
    assert.match(errors?.[0]?.message ?? '', /"z" is not defined by type "AInsert"/);
  } finally {
    await app.close();
  }
});
