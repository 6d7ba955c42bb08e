// The tables of a model in a database: made, made again, grown, refused, and what they do with writes from outside.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ModelRefused } from '../../src/stores/postgres/apply/apply-model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf, sampleTables } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(async () => {
  await database.close();
});

/** Each test has a schema `public` of its own. */
async function emptied(): Promise<void> {
  await database.query('DROP SCHEMA public CASCADE');
  await database.query('CREATE SCHEMA public');
}

const apply = async (sdl: string, allowed: readonly string[] = []) =>
  (await applyTables(database, await modelOf(sdl), allowed)).steps;

async function reasonsOf(sdl: string): Promise<readonly string[]> {
  const before = await shape();
  const refused = await apply(sdl).then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(refused instanceof ModelRefused, String(refused));
  assert.deepEqual(await shape(), before, 'something was done');
  for (const reason of refused.reasons) assert.ok(refused.message.includes(reason));
  return refused.reasons;
}

/** Every table, column, constraint and index there is. */
const shape = () =>
  database.query(
    `SELECT c.relname, a.attname, a.attnotnull, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid),
            (SELECT array_agg(pg_get_constraintdef(o.oid) ORDER BY o.conname) FROM pg_constraint o WHERE o.conrelid = c.oid),
            (SELECT array_agg(pg_get_indexdef(i.indexrelid) ORDER BY 1) FROM pg_index i WHERE i.indrelid = c.oid)
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1, a.attnum`,
  );

const refusedBy = (code: string) => (error: { code?: string }) => assert.equal(error.code, code) ?? true;

describe('a model in a database', () => {
  test('an empty database gets every table, and then there is nothing to do', async () => {
    await emptied();
    assert.deepEqual(await apply(await sampleTables()), [
      'create table TodoList ("public"."todo_list")',
      'create table TodoItem ("public"."todo_item")',
    ]);
    const made = await shape();
    assert.deepEqual(await apply(await sampleTables()), []);
    assert.deepEqual(await shape(), made);
  });

  test('two services that start at once both succeed, and one of them made the tables', async () => {
    await database.query('DROP SCHEMA IF EXISTS tablecast CASCADE');
    await emptied();
    const model = await modelOf(await sampleTables());
    const applied = await Promise.all(Array.from({ length: 4 }, () => applyTables(database, model)));
    assert.deepEqual(applied.map(({ steps }) => steps.length).sort(), [0, 0, 0, 2]);
  });

  test('two services that start at once in databases that default to serializable', async () => {
    await emptied();
    const [row] = await database.query<{ name: string }>('SELECT current_database() AS name');
    await database.query(`ALTER DATABASE ${row?.name} SET default_transaction_isolation = 'serializable'`);
    try {
      const model = await modelOf(await sampleTables());
      await Promise.all(Array.from({ length: 3 }, () => applyTables(database, model)));
    } finally {
      await database.query(`ALTER DATABASE ${row?.name} RESET default_transaction_isolation`);
    }
  });
});

describe('a model that grew, over rows', () => {
  const grown = async (from: string, to: string, rows: string) => {
    await emptied();
    await apply(from);
    await database.query(rows);
    const steps = await apply(to);
    assert.deepEqual(await apply(to), [], 'the second time there is nothing to do');
    return steps;
  };

  test('an optional column, one with a default, a required list, and a relation', async () => {
    const steps = await grown(
      'type A @table { x: Int }',
      `type A @table { x: Int more: String n: Int! @default(value: "7") tags: [String!]! b: B @belongsTo }
       type B @table { x: Int }`,
      'INSERT INTO a (x) VALUES (1)',
    );
    assert.deepEqual(steps, [
      'add column A.more',
      'add column A.n',
      'add column A.tags',
      'add column A.bId',
      'create table B ("public"."b")',
      'make A.tags such that array_position("tags", NULL) IS NULL',
      'make A.b a key of B',
      'make A (bId) indexed',
    ]);
    assert.deepEqual(await database.query('SELECT x, more, n, tags, b_id FROM a'), [
      { x: 1, more: null, n: 7, tags: [], b_id: null },
    ]);
    await assert.rejects(database.query(`INSERT INTO a (b_id) VALUES ('none')`), refusedBy('23503'));
  });

  test('softDelete, with what is unique among the living', async () => {
    await grown(
      'type A @table { x: Int @unique }',
      'type A @table(softDelete: true) { x: Int @unique }',
      'INSERT INTO a (x) VALUES (1)',
    );
    await database.query('UPDATE a SET deleted = TRUE');
    await database.query('INSERT INTO a (x) VALUES (1)');
    await assert.rejects(database.query('INSERT INTO a (x) VALUES (1)'), refusedBy('23505'));
  });

  test('values of an enum, limits, keys and indexes, to and fro', async () => {
    const from = 'enum E { P Q } type A @table { e: E! x: String @length(max: 3) @unique y: Int @index }';
    const to = 'enum E { Q R P } type A @table { e: E! x: String @length(max: 4) y: Int @unique }';
    const steps = await grown(from, to, `INSERT INTO a (e, x, y) VALUES ('P', 'abc', 1)`);
    assert.deepEqual(steps, [
      'make A.e one of Q, R, P',
      'make A.x such that char_length("x") <= 4',
      'make A (y) unique',
      'drop "a.x.key" of A',
      'drop "a.y.idx" of A',
    ]);
    await database.query(`INSERT INTO a (e, x, y) VALUES ('R', 'abcd', 2), ('R', 'abcd', 3)`);
    await assert.rejects(database.query(`INSERT INTO a (e, y) VALUES ('P', 3)`), refusedBy('23505'));
    await assert.rejects(database.query(`INSERT INTO a (e) VALUES ('S')`), refusedBy('23514'));
  });

  test('what a foreign key does', async () => {
    const sdl = (onDelete: string) =>
      `type A @table { b: B @belongsTo(onDelete: ${onDelete}) } type B @table { x: Int }`;
    const steps = await grown(
      sdl('RESTRICT'),
      sdl('CASCADE'),
      `INSERT INTO b (id) VALUES ('1'); INSERT INTO a (b_id) VALUES ('1')`,
    );
    assert.deepEqual(steps, ['make A.b a key of B']);
    await database.query('DELETE FROM b');
    assert.deepEqual(await database.query('SELECT id FROM a'), []);
  });

  test('optional and required, where the rows let it', async () => {
    const steps = await grown(
      'type A @table { x: Int y: Int! }',
      'type A @table { x: Int! y: Int }',
      'INSERT INTO a (x, y) VALUES (1, 1)',
    );
    assert.deepEqual(steps, ['make A.y optional', 'make A.x required']);
  });

  test('a field that is gone: its values stay, and rows can be inserted without it', async () => {
    const steps = await grown(
      'type A @table { x: Int! y: Int! @default(value: "5") }',
      'type A @table { z: Int }',
      'INSERT INTO a (x, y) VALUES (1, 1)',
    );
    assert.deepEqual(steps, ['add column A.z', `keep A's column "x", and ask for it no more`]);
    await database.query('INSERT INTO a (z) VALUES (2)');
    assert.deepEqual(await database.query('SELECT x, y, z FROM a ORDER BY y'), [
      { x: 1, y: 1, z: null },
      { x: null, y: 5, z: 2 },
    ]);
  });
});

describe('a model that is refused', () => {
  test('says everything at once, and nothing is done', async () => {
    await emptied();
    await apply(
      'type A @table(softDelete: true) { x: JSON y: String z: [Int!] } type B @table { x: Int } type C @table { x: JSON! }',
    );
    await database.query('CREATE TABLE public.alien (id text)');
    await database.query('CREATE VIEW public.sight AS SELECT 1 AS id');
    await database.query(
      `INSERT INTO a (x, y, z, deleted) VALUES ('{}', 'one', '{1,2}', FALSE), (NULL, '2', '{3}', TRUE)`,
    );
    await database.query(`INSERT INTO b (x) VALUES (1); INSERT INTO c (x) VALUES ('[]')`);
    const reasons = await reasonsOf(
      `type A @table { x: Int y: Int z: Int w: Int! more: Int } type B @table { a: A! @belongsTo } type New @table { x: Int }
       type C @table { x: Bytes! } type Alien @table { x: Int } type Sight @table { x: Int }`,
    );
    assert.deepEqual(reasons, [
      '"public"."alien", the table of Alien, is there and was not made by Tablecast: give Alien another with @table(name:)',
      '"public"."sight", the table of Sight, is there and was not made by Tablecast: give Sight another with @table(name:)',
      'A.x is jsonb in the database, and integer (Int) in the schema: 1 row would lose the value; with --allow narrow:A.x what cannot be kept becomes null',
      'A.y is text in the database, and integer (Int) in the schema: 1 row would lose the value; with --allow narrow:A.y what cannot be kept becomes null',
      'A.z is integer[] in the database, and integer (Int) in the schema: 1 row would lose the value; with --allow narrow:A.z what cannot be kept becomes null',
      'A.w is new and required, and 2 rows would have no value: give it @default, or make it optional',
      'A had softDelete, and without it 1 row would come back that was deleted; with --allow purge:A they are deleted for good',
      'B.aId is new and required, and 1 row would have no value: give it @default, or make it optional',
      'C.x is jsonb in the database, and bytea (Bytes) in the schema: 1 row would lose the value',
    ]);
  });

  test('by rows that stand against it: all of it is said, nothing is done, and once mended it is taken', async () => {
    await emptied();
    await apply('enum E { P Q } type A @table { x: Int y: Int e: E }');
    await database.query(`INSERT INTO a (x, y, e) VALUES (1, 1, 'P'), (1, 2, 'Q'), (NULL, 3, 'Q')`);
    const next = 'enum E { P } type A @table { x: Int! @unique y: Int @range(max: 2) e: E more: Int }';
    assert.deepEqual(await reasonsOf(next), [
      'A.x is to be required, and is null in 1 row: give it @default to fill them, or set them',
      'A.y is not such that "y" <= 2 in 1 row; with --allow check:A.y these rows stay as they are until they are written again',
      'A.e is none of P in 2 rows; with --allow narrow:A.e the value becomes null there',
      'A (x) is to be unique, and 1 row repeats another; with --allow unique:A.x of rows that are alike the oldest stays, and the others are deleted',
    ]);
    await database.query(`UPDATE a SET x = y, y = 0, e = 'P'`);
    assert.equal((await apply(next)).length, 5);
  });
});

describe('a user without rights', () => {
  test('is told what to run, and may start when it was', async () => {
    await emptied();
    // Owners, too, have only the rights that were not taken from them.
    await database.query('REVOKE ALL ON SCHEMA public FROM PUBLIC, CURRENT_USER');
    const sdl = 'type A @table { x: Int }';
    const refused = await apply(sdl).then(
      () => 'it was not refused',
      (error: Error) => error.message,
    );
    const grant = /GRANT USAGE, CREATE ON SCHEMA public TO \w+;$/.exec(refused)?.[0];
    assert.ok(grant, refused);
    await database.query(grant);
    assert.deepEqual(await apply(sdl), ['create table A ("public"."a")']);
  });
});

describe('writes from outside', () => {
  before(async () => {
    await emptied();
    await apply(`
      enum E { P Q }
      type A @table(softDelete: true) { x: Int y: String @unique
        f: Float d: Decimal at: DateTime day: Date e: E fs: [Float!] ats: [DateTime!] es: [E!] ts: [String!] }
      type Child @table { a: A @belongsTo(onDelete: CASCADE) other: A @belongsTo(onDelete: SET_NULL) kept: A @belongsTo }`);
  });
  beforeEach(() => database.query('TRUNCATE a, child'));

  test('get what the service keeps, and cannot set it', async () => {
    const insert = `INSERT INTO a (x, created_at, updated_at, version) VALUES (1, '1999-01-01Z', '1999-01-01Z', -5) RETURNING *`;
    const [made] = await database.query(insert);
    assert.match(String(made?.['id']), /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.ok(made?.['created_at'] > new Date('2001-01-01') && made?.['updated_at'] > new Date('2001-01-01'));
    assert.ok(BigInt(made?.['version']) > 0n);
    assert.equal(made?.['deleted'], false);
    const update = `UPDATE a SET created_at = '1999-01-01Z', updated_at = '1999-01-01Z', version = $1 RETURNING *`;
    const [moved] = await database.query(update, [made?.['version']]);
    assert.deepEqual(moved?.['created_at'], made?.['created_at']);
    assert.ok(moved?.['updated_at'] >= made?.['updated_at']);
    assert.notEqual(moved?.['version'], made?.['version']);
    const microseconds = await database.query('SELECT updated_at > created_at AS moved FROM a');
    assert.deepEqual(microseconds, [{ moved: true }]);
  });

  test('ids made one after the other sort so, to within a millisecond', async () => {
    const [first] = await database.query('SELECT tablecast.new_id() AS id, pg_sleep(0.002)');
    const [second] = await database.query('SELECT tablecast.new_id() AS id');
    assert.ok(first?.['id'] < second?.['id']);
    assert.ok(
      Math.abs(Number.parseInt(String(second?.['id']).replace('-', '').slice(0, 12), 16) - Date.now()) < 60_000,
    );
  });

  test('are unique among the living', async () => {
    await database.query(`INSERT INTO a (y) VALUES ('k'), (NULL), (NULL)`);
    await assert.rejects(database.query(`INSERT INTO a (y) VALUES ('k')`), refusedBy('23505'));
    await database.query(`UPDATE a SET deleted = TRUE WHERE y = 'k'`);
    await database.query(`INSERT INTO a (y) VALUES ('k')`);
    await assert.rejects(database.query(`UPDATE a SET deleted = FALSE WHERE y = 'k'`), refusedBy('23505'));
  });

  test('do what the relations say when a row is deleted', async () => {
    await database.query(`INSERT INTO a (id) VALUES ('1'), ('2'), ('3')`);
    await database.query(
      `INSERT INTO child (id, a_id, other_id, kept_id) VALUES ('c', '1', NULL, NULL), ('d', NULL, '2', '3')`,
    );
    await database.query(`DELETE FROM a WHERE id IN ('1', '2')`);
    assert.deepEqual(await database.query('SELECT id, other_id FROM child'), [{ id: 'd', other_id: null }]);
    // PostgreSQL 18 says so with a code of its own.
    await assert.rejects(database.query(`DELETE FROM a WHERE id = '3'`), { constraint: 'child.kept_id.fkey' });
  });

  test('every foreign key has an index that begins with it', async () => {
    const bare = await database.query(
      `SELECT conrelid::regclass, conname FROM pg_constraint f WHERE contype = 'f' AND NOT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1])`,
    );
    assert.deepEqual(bare, []);
  });

  for (const [column, value] of [
    ['f', `'NaN'`],
    ['f', `'-Infinity'`],
    ['d', `'NaN'`],
    ['d', `'Infinity'`],
    ['at', `'infinity'`],
    ['at', `'-infinity'`],
    ['at', `'0001-12-31 23:59:59.999999Z BC'`],
    ['at', `'10000-01-01 00:00Z'`],
    ['day', `'infinity'`],
    ['day', `'10000-01-01'`],
    ['e', `'R'`],
    ['fs', `'{1,NaN}'`],
    ['fs', `'{1,NULL}'`],
    ['ats', `'{infinity}'`],
    ['es', `'{P,R}'`],
    ['ts', `'{a,NULL}'`],
  ] as const) {
    test(`cannot put into ${column} what the API could not answer: ${value}`, async () => {
      await assert.rejects(database.query(`INSERT INTO a (${column}) VALUES (${value})`), refusedBy('23514'));
    });
  }

  for (const [column, value] of [
    ['at', `'0001-01-01 00:00Z'`],
    ['at', `'9999-12-31 23:59:59.999999Z'`],
    ['day', `'9999-12-31'`],
    ['fs', `'{}'`],
    ['ats', `'{0001-01-01 00:00Z}'`],
    ['es', `'{}'`],
  ] as const) {
    test(`can put ${value} into ${column}`, async () =>
      void (await database.query(`INSERT INTO a (${column}) VALUES (${value})`)));
  }
});
