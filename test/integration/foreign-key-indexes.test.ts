// The index of a foreign key: made where no other begins with the key, and dropped where one does.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database?.close());
beforeEach(async () => {
  await database.query('DROP SCHEMA public CASCADE');
  await database.query('CREATE SCHEMA public');
});

const B = 'type B @table { x: Int }';
/** The steps that make the tables of a table file, and of one that is named B. */
const apply = async (sdl: string) => (await applyTables(database, await modelOf(`${sdl} ${B}`))).steps;

describe('rows are found by a foreign key', () => {
  for (const [by, sdl, indexes] of [
    ['an index of its own', 'type A @table { b: B @belongsTo', ['a.b_id.idx']],
    ['a unique', 'type A @table { b: B @belongsTo @unique', ['a.b_id.key']],
    [
      'an index of its own, where a unique is among the living only',
      'type A @table(softDelete: true) { b: B @belongsTo @unique',
      ['a.b_id.idx', 'a.b_id.key'],
    ],
    [
      'a unique that begins with it',
      'type A @table @unique(columns: ["b", "x"]) { b: B @belongsTo x: Int',
      ['a.b_id.x.key'],
    ],
    [
      'an index of its own, where a unique only ends with it',
      'type A @table @unique(columns: ["x", "b"]) { b: B @belongsTo x: Int',
      ['a.b_id.idx', 'a.x.b_id.key'],
    ],
    [
      'an index that begins with it, deleted rows too',
      'type A @table(softDelete: true) @index(columns: ["b", "x"]) { b: B @belongsTo x: Int',
      ['a.b_id.x.idx'],
    ],
    [
      'an index of its own that was asked for, beside one that begins with it',
      'type A @table @index(columns: ["b", "x"]) { b: B @belongsTo @index x: Int',
      ['a.b_id.idx', 'a.b_id.x.idx'],
    ],
  ] as const) {
    test(`by ${by}`, async () => {
      await apply(`${sdl} }`);
      const found = await database.query<{ name: string }>(
        `SELECT indexname AS name FROM pg_indexes WHERE tablename = 'a' AND indexname <> 'a.pkey' ORDER BY 1`,
      );
      assert.deepEqual(
        found.map(({ name }) => name),
        indexes,
      );
    });
  }
});

describe('an index that is there', () => {
  /** From one table file to the next; the second time there is nothing to do. */
  const changed = async (from: string, to: string, between = 'SELECT') => {
    await apply(from);
    await database.query(between);
    const steps = await apply(to);
    assert.deepEqual(await apply(to), []);
    return steps;
  };

  test('the index of a foreign key goes when another begins with it, and comes again', async () => {
    const alone = 'type A @table { b: B @belongsTo x: Int }';
    const led = 'type A @table @index(columns: ["b", "x"]) { b: B @belongsTo x: Int }';
    assert.deepEqual(await changed(alone, led), ['make A (bId, x) indexed', 'drop "a.b_id.idx" of A']);
    await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    assert.deepEqual(await changed(led, alone), ['make A (bId) indexed', 'drop "a.b_id.x.idx" of A']);
  });

  test('the index of a foreign key that an earlier version made and this one does not is dropped', async () => {
    const create = 'CREATE INDEX "a.b_id.idx" ON "public"."a" ("b_id")';
    const sdl = 'type A @table { b: B @belongsTo @unique }';
    const made = `${create}; COMMENT ON INDEX "public"."a.b_id.idx" IS 'Made by Tablecast: ${create}'`;
    assert.deepEqual(await changed(sdl, sdl, made), ['drop "a.b_id.idx" of A']);
    await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const renamed = 'type C @table @renamedFrom(name: "A") { b: B @belongsTo @unique }';
    assert.deepEqual(await changed(sdl, renamed, made), ['rename table "a" to C ("c")', 'drop "a.b_id.idx" of C']);
  });
});
