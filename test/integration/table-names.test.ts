// Names of tables and columns: words of SQL, names of the system, whatever @table(name:) says, and those that cannot be.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableObjects } from '../../src/stores/postgres/apply/table-objects.ts';
import { ROOT_COLLATION } from '../../src/stores/postgres/sql-text.ts';
import { tableOf } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf, openTestService } from '../support/open-test-service.ts';

describe('names', () => {
  test('that are words of SQL, those of PostgreSQL, and any that a table is given', async () => {
    const hostile = [
      `"; DROP TABLE x; --`,
      `it's`,
      'back\\slash',
      '$1',
      '$$',
      'ü\u{1F95B}',
      'a.b',
      ' ',
      'é'.repeat(31) + 'x',
    ];
    const sdl = `
      type Order @table { select: String from: Int where: Boolean group: [String!] user: User @belongsTo }
      type User @table { table: String @unique orders: [Order!]! @has(field: "user") passed: Int hidden: Int new: Int written: Int }
      type Select @table { limit: Int @index groupName: String @index }
      type Group @table { all: Int } type SelectGroup @table { name: String @index }
      ${hostile.map((name, at) => `type T${at} @table(name: ${JSON.stringify(name)}) { x: Int @unique }`).join('\n')}`;
    const app = await openTestService({ sdl });
    try {
      const insert = await app.ask(
        `mutation { insertUser(data: { id: "u", table: "t", passed: 1, hidden: 2, new: 3, written: 4 }) { table passed hidden new written }
          insertOrder(data: { id: "o", select: "s", from: 1, where: true, group: ["g"], userId: "u" }) { select from where group user { orders { id } } }
          insertSelect(data: { limit: 1 }) { limit } insertGroup(data: { all: 1 }) { all }
          ${hostile.map((_, at) => `t${at}: insertT${at}(data: { x: ${at} }) { x }`).join(' ')} }`,
        { as: 'app' },
      );
      assert.deepEqual(insert.data, {
        insertUser: { table: 't', passed: 1, hidden: 2, new: 3, written: 4 },
        insertOrder: { select: 's', from: 1, where: true, group: ['g'], user: { orders: [{ id: 'o' }] } },
        insertSelect: { limit: 1 },
        insertGroup: { all: 1 },
        ...Object.fromEntries(hostile.map((_, at) => [`t${at}`, { x: at }])),
      });
      const read = await app.ask(`{ ${hostile.map((_, at) => `t${at}(by: { x: ${at} }) { x }`).join(' ')} }`, {
        as: 'app',
      });
      assert.deepEqual(read.data, Object.fromEntries(hostile.map((_, at) => [`t${at}`, { x: at }])));
      const names = await app.database.query<{ relname: string }>(
        `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
      );
      for (const name of hostile)
        assert.ok(
          names.some(({ relname }) => relname === name),
          name,
        );
      const { steps } = await applyTables(app.database, app.model);
      assert.deepEqual(steps, [], 'the second time there is nothing to do');
    } finally {
      await app.close();
    }
  });

  for (const [sdl, problem] of [
    ...['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'].map(
      (name) => [`type A @table { ${name}: Int }`, /comes from A\.\w+ and PostgreSQL's own/] as const,
    ),
    ...['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'toLocaleString'].map(
      (name) => [`type A @table { ${name}: Int }`, /every JavaScript object has/] as const,
    ),
    ['type __A @table { x: Int }', /begin with __ belong to GraphQL/],
    ['type A @table(name: "") { x: Int }', /cannot be named ""/],
    ['type A @table(name: "a\\u0000b") { x: Int }', /cannot be named/],
    [`type A @table(name: "${'é'.repeat(32)}") { x: Int }`, /has 64 bytes, and 63 is the most/],
    ['type A @table { x: Float @range(max: 1e400) }', /no finite number/],
  ] as const) {
    test(`that cannot be: ${sdl}`, () => assert.rejects(modelOf(sdl), problem));
  }

  test('no two indexes of a database are alike, however the names of tables and columns meet', async () => {
    const model = await modelOf(`
      type User @table { groupName: String @unique @index ab: Int c: Int @unique(columns: ["ab", "c"]) }
      type UserGroup @table @unique(columns: ["name"]) @unique(columns: ["id"]) { name: String @unique @index a: Int bc: Int @unique(columns: ["a", "bc"]) }
      type U @table(name: "user.group_name") { x: Int @index }`);
    const names = [...model.tables.values()].flatMap((table) =>
      tableObjects(table, (name) => tableOf(model, name), ROOT_COLLATION).map(({ name }) => name),
    );
    assert.equal(new Set(names).size, names.length, names.join(' '));
  });
});
