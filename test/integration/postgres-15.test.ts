// The oldest PostgreSQL that the service takes: the whole of it runs there, new ids are right, and databases that cannot
// hold every text are refused with the words to make one that can.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { UnusableDatabase } from '../../src/stores/postgres/check-server.ts';
import { openTestService } from '../support/open-test-service.ts';
import { openPostgres15, type Postgres15, skipped } from '../support/postgres-15.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { ALL_TYPES_SDL, listColumn, TYPE_CASES } from './all-types.ts';

describe('PostgreSQL 15', { skip: skipped && `skipped: ${skipped}` }, () => {
  let server: Postgres15;
  before(async () => {
    server = await openPostgres15();
  });
  after(() => server.close());

  test('takes and answers values of every type, as the newest does', async () => {
    const database = await openTestDatabase(`ENCODING 'UTF8' TEMPLATE template0`, server.url);
    const app = await openTestService({ sdl: ALL_TYPES_SDL, database });
    try {
      const columns = TYPE_CASES.flatMap(({ column }) => [column, listColumn(column)]).join(' ');
      const most = Math.max(...TYPE_CASES.map(({ values }) => values.length));
      for (let at = 0; at < most; at++) {
        const row: Record<string, unknown> = {};
        const expected: Record<string, unknown> = {};
        for (const { column, values } of TYPE_CASES) {
          const value = values[at % values.length];
          assert.ok(value);
          [row[column], expected[column]] = [JSON.parse(value.json), JSON.parse(value.answer)];
          row[listColumn(column)] = values.map(({ json }) => JSON.parse(json) as unknown);
          expected[listColumn(column)] = values.map(({ answer }) => JSON.parse(answer) as unknown);
        }
        const query = `mutation ($d: ThingInsert!) { insertThing(data: $d) { ${columns} } }`;
        const { data, text } = await app.ask(query, { variables: { d: row } });
        // What was sent went through JSON.stringify, which knows one zero.
        const oneZero = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
        assert.deepEqual(oneZero(data?.['insertThing']), oneZero(expected), text.slice(0, 300));
      }
    } finally {
      await app.close();
      await database.close();
    }
  });

  test('runs the sample app, and makes ids that are UUIDs of version 7, of now', async () => {
    const database = await openTestDatabase(`ENCODING 'UTF8' TEMPLATE template0`, server.url);
    const app = await openTestService({ database });
    try {
      const insert =
        'mutation { insertTodoList(data: { id: "l", name: "n" }) { id } insertTodoItem(data: { text: "t", listId: "l" }) { list { items { text } } } }';
      const { data } = await app.ask(insert, { as: 'alice' });
      assert.deepEqual(data, { insertTodoList: { id: 'l' }, insertTodoItem: { list: { items: [{ text: 't' }] } } });
      const before = Date.now();
      const rows = await database.query<{ id: string }>(
        'SELECT tablecast.new_id() AS id FROM generate_series(1, 2000)',
      );
      for (const { id } of rows) {
        assert.match(id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
        const millisecond = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
        assert.ok(millisecond >= before - 1 && millisecond <= Date.now() + 1, id);
      }
      assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
      // The random bits are random: over so many ids each is set about half of the time.
      const bits = rows.map(({ id }) => BigInt(`0x${id.replaceAll('-', '').slice(13)}`));
      for (let bit = 0n; bit < 76n; bit++) {
        if (bit === 62n || bit === 63n) continue;
        const set = bits.filter((value) => (value >> bit) & 1n).length;
        assert.ok(set > 800 && set < 1_200, `bit ${bit} is set in ${set} of 2000`);
      }
    } finally {
      await app.close();
      await database.close();
    }
  });

  for (const encoding of ['SQL_ASCII', 'LATIN1', 'EUC_JP']) {
    test(`a database in ${encoding} is refused, and the words say how to make one that is not`, async () => {
      const database = await openTestDatabase(`ENCODING '${encoding}' TEMPLATE template0`, server.url);
      try {
        const refused = await openTestService({ database }).then(
          (app) => app.close().then(() => assert.fail('it was opened')),
          (error: unknown) => error,
        );
        assert.ok(refused instanceof UnusableDatabase, String(refused));
        assert.match(refused.message, new RegExp(`encoded in ${encoding}; Tablecast needs UTF8`));
        const [, , options] = /CREATE DATABASE (\w+) ([^;]+);/.exec(refused.message) ?? [];
        assert.ok(options, refused.message);
        assert.deepEqual(await database.query(`SELECT FROM pg_namespace WHERE nspname = 'tablecast'`), []);
        const made = await openTestDatabase(options, server.url);
        const app = await openTestService({ database: made });
        await app.close();
        await made.close();
      } finally {
        await database.close();
      }
    });
  }
});
