// What would lose something is refused with the rows counted, and done when it is allowed by its name: that, and nothing else.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ModelRefused } from '../../src/stores/postgres/apply/apply-model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

interface Case {
  readonly name: string;
  readonly from: string;
  readonly rows: string;
  readonly to: string;
  /** What is refused, in words; empty: it is done without being allowed. */
  readonly refused: readonly RegExp[];
  readonly allowed: readonly string[];
  readonly read: string;
  readonly left: readonly object[];
}

const A = (fields: string, options = '') => `type A @table${options} { ${fields} }`;

const CASES: readonly Case[] = [
  {
    name: 'required over nulls, filled with the default',
    from: A('x: Int'),
    rows: `INSERT INTO a (id, x) VALUES ('1', NULL), ('2', 5)`,
    to: A('x: Int! @default(value: "7")'),
    refused: [/^A\.x is to be required, and is null in 1 row; with --allow require:A\.x they get the default$/],
    allowed: ['require:A.x'],
    read: 'SELECT id, x FROM a ORDER BY id',
    left: [
      { id: '1', x: 7 },
      { id: '2', x: 5 },
    ],
  },
  {
    name: 'unique over repeated values: the oldest stays',
    from: A('x: Int y: Int'),
    rows: `INSERT INTO a (id, x) VALUES ('1', 1); INSERT INTO a (id, x) VALUES ('2', 1), ('3', 2), ('4', NULL), ('5', NULL), ('6', 1)`,
    to: A('x: Int @unique y: Int'),
    refused: [/^A \(x\) is to be unique, and 2 rows repeat another; with --allow unique:A\.x /],
    allowed: ['unique:A.x'],
    read: 'SELECT id FROM a ORDER BY id',
    left: ['1', '3', '4', '5'].map((id) => ({ id })),
  },
  {
    name: 'unique over several columns, where deleted rows count for nothing and the others are deleted softly',
    from: `type A @table(softDelete: true) { x: Int y: Int }`,
    rows: `INSERT INTO a (id, x, y) VALUES ('1', 1, 1), ('2', 1, 1), ('3', 1, 2), ('4', 1, 2); UPDATE a SET deleted = TRUE WHERE id = '3'`,
    to: `type A @table(softDelete: true) @unique(columns: ["x", "y"]) { x: Int y: Int }`,
    refused: [/^A \(x, y\) is to be unique, and 1 row repeats another/],
    allowed: ['unique:A.x,y'],
    read: 'SELECT id FROM a WHERE NOT deleted ORDER BY id',
    left: [{ id: '1' }, { id: '4' }],
  },
  {
    name: 'a value of an enum that is gone',
    from: `enum E { P Q R } type A @table { e: E es: [E!]! kept: E! @default(value: "P") }`,
    rows: `INSERT INTO a (id, e, es, kept) VALUES ('1', 'P', '{P,Q,P}', 'P'), ('2', 'Q', '{Q}', 'Q'), ('3', NULL, '{}', 'R')`,
    to: `enum E { P R } type A @table { e: E es: [E!]! kept: E! @default(value: "P") }`,
    refused: [
      /^A\.e is none of P, R in 1 row; with --allow narrow:A\.e the value becomes null there$/,
      /^A\.es is none of P, R in 2 rows; with --allow narrow:A\.es the values that are gone are left out there$/,
      /^A\.kept is none of P, R in 1 row; with --allow narrow:A\.kept the value becomes P there$/,
    ],
    allowed: ['narrow:A.e', 'narrow:A.es', 'narrow:A.kept'],
    read: 'SELECT id, e, es, kept FROM a ORDER BY id',
    left: [
      { id: '1', e: 'P', es: ['P', 'P'], kept: 'P' },
      { id: '2', e: null, es: [], kept: 'P' },
      { id: '3', e: null, es: [], kept: 'R' },
    ],
  },
  {
    name: 'a relation over keys of no row',
    from: `type A @table { bId: ID } type B @table { x: Int }`,
    rows: `INSERT INTO b (id) VALUES ('b'); INSERT INTO a (id, b_id) VALUES ('1', 'b'), ('2', 'none'), ('3', NULL)`,
    to: `type A @table { b: B @belongsTo } type B @table { x: Int }`,
    refused: [/^A\.b names no B in 1 row; with --allow key:A\.b the relation becomes null there$/],
    allowed: ['key:A.b'],
    read: 'SELECT id, b_id FROM a ORDER BY id',
    left: [
      { id: '1', b_id: 'b' },
      { id: '2', b_id: null },
      { id: '3', b_id: null },
    ],
  },
  {
    name: 'softDelete that ends',
    from: A('x: Int', '(softDelete: true)'),
    rows: `INSERT INTO a (id, deleted) VALUES ('1', FALSE), ('2', TRUE)`,
    to: A('x: Int'),
    refused: [/^A had softDelete, and without it 1 row would come back that was deleted; with --allow purge:A /],
    allowed: ['purge:A'],
    read: 'SELECT id FROM a',
    left: [{ id: '1' }],
  },
  {
    name: 'softDelete that ends, where nothing is deleted',
    from: A('x: Int @unique', '(softDelete: true)'),
    rows: `INSERT INTO a (id, x) VALUES ('1', 1)`,
    to: A('x: Int @unique'),
    refused: [],
    allowed: [],
    read: `SELECT id, (SELECT indexdef FROM pg_indexes WHERE indexname = 'a.x.key') LIKE '%WHERE%' AS partial FROM a`,
    left: [{ id: '1', partial: false }],
  },
  {
    name: 'what is new and empty is never in the way',
    from: A('x: Int'),
    rows: 'SELECT 1',
    to: A('x: Boolean! @unique must: Int! b: B! @belongsTo') + A('x: Int').replace('A', 'B'),
    refused: [],
    allowed: [],
    read: 'SELECT * FROM a',
    left: [],
  },
];

describe('what would lose something', () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database?.close());
  beforeEach(async () => {
    await database.query('DROP SCHEMA public CASCADE');
    await database.query('CREATE SCHEMA public');
  });
  const apply = async (sdl: string, allowed: readonly string[] = []) =>
    applyTables(database, await modelOf(sdl), allowed);
  const reasons = (sdl: string, allowed: readonly string[] = []) =>
    apply(sdl, allowed).then(
      () => [],
      (error: unknown) => (error instanceof ModelRefused ? error.reasons : assert.fail(String(error))),
    );

  for (const { name, from, rows, to, refused, allowed, read, left } of CASES) {
    test(name, async () => {
      await apply(from);
      await database.query(rows);
      const before = await database.query(read);
      if (refused.length > 0) {
        const said = await reasons(to);
        assert.equal(said.length, refused.length, said.join('\n'));
        for (const [at, words] of refused.entries()) assert.match(said[at] ?? '', words);
        assert.deepEqual(await database.query(read), before);
        // Each name allows what it names, and no more.
        for (const [at, one] of allowed.entries()) {
          const others = allowed.filter((other) => other !== one);
          const [still] = await reasons(to, others);
          assert.match(still ?? '', refused[at] ?? /nothing/);
        }
      }
      await apply(to, allowed);
      assert.deepEqual(await database.query(read), left);
      assert.deepEqual((await apply(to)).steps, [], 'the second time there is nothing to do');
    });
  }

  test('a check over rows that do not pass holds for what is written from then on, and is told of', async () => {
    await apply(A('x: String y: Int'));
    await database.query(`INSERT INTO a (id, x) VALUES ('1', 'long'), ('2', 'ok')`);
    const next = A('x: String @length(max: 2) y: Int');
    assert.deepEqual(await reasons(next), [
      'A.x is not such that char_length("x") <= 2 in 1 row; with --allow check:A.x these rows stay as they are until they are written again',
    ]);
    await apply(next, ['check:A.x']);
    assert.deepEqual(await database.query('SELECT x FROM a ORDER BY id'), [{ x: 'long' }, { x: 'ok' }]);
    await assert.rejects(database.query(`INSERT INTO a (x) VALUES ('long')`), { code: '23514' });
    const again = await apply(next);
    assert.deepEqual(again, {
      steps: [],
      kept: ['rows of A that are not such as the schema says (A.x such that char_length("x") <= 2)'],
    });
    await apply(A('x: String @length(max: 4) y: Int'));
    assert.deepEqual((await apply(A('x: String @length(max: 4) y: Int'))).kept, []);
  });

  test('columns and tables that are gone are kept, told of, and dropped by name', async () => {
    const from = `type A @table { x: Int gone: String! b: B! @belongsTo } type B @table { x: Int tags: [T!]! @manyToMany } type T @table { x: Int }`;
    await apply(from);
    await database.query(
      `INSERT INTO b (id) VALUES ('b'); INSERT INTO a (id, gone, b_id) VALUES ('1', 'g', 'b'); INSERT INTO t (id) VALUES ('t'); INSERT INTO b_tags VALUES ('b', 't')`,
    );
    const to = `type B @table { x: Int } type T @table { x: Int }`;
    const { steps, kept } = await apply(to);
    assert.deepEqual(steps, ['drop "a.b_id.fkey" of table "public"."a", which is kept']);
    assert.deepEqual(kept, [
      'table "public"."b_tags"; --allow drop:b_tags drops it',
      'table "public"."a"; --allow drop:a drops it',
    ]);
    // A table that nobody sees any more keeps no row from being deleted, and loses none by it.
    await database.query(`DELETE FROM b`);
    assert.deepEqual(await database.query('SELECT id, b_id FROM a'), [{ id: '1', b_id: 'b' }]);
    assert.deepEqual((await apply(to, ['drop:a', 'drop:b_tags'])).steps, [
      'drop table "public"."b_tags", with 0 rows',
      'drop table "public"."a", with 1 row',
    ]);
    assert.deepEqual((await apply(to)).kept, []);
    await database.query(`ALTER TABLE b ADD COLUMN extra int DEFAULT 5`);
    await database.query(`INSERT INTO b (id) VALUES ('c')`);
    assert.deepEqual((await apply(to)).kept, ['column "extra" of B; --allow drop:B.extra drops it']);
    assert.deepEqual((await apply(to, ['drop:B.extra'])).steps, ['drop column "extra" of B, with 1 row']);
  });

  test('what a view stands on is not dropped', async () => {
    await apply(A('x: Int y: Int'));
    await database.query('CREATE VIEW seen AS SELECT y FROM a');
    assert.match((await reasons(A('x: Int'), ['drop:A.y']))[0] ?? '', /view seen depends on column y.*drop that first/);
  });

  test('what somebody else made is left alone, and told of', async () => {
    await apply(A('x: Int'));
    await database.query(`
      CREATE TABLE public.alien (x int); CREATE INDEX by_hand ON a (x); ALTER TABLE a ADD CONSTRAINT positive CHECK (x > 0);
      CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER watched BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION public.nothing()`);
    const { steps, kept } = await apply(A('x: Int @index'));
    assert.deepEqual(steps, ['make A (x) indexed']);
    assert.deepEqual(kept, [
      'index "by_hand" on A',
      'constraint "positive" on A',
      'trigger "watched" on A',
      'table "public"."alien"',
    ]);
    const [found] = await database.query(
      `SELECT count(*)::int AS there FROM pg_class WHERE relname IN ('by_hand', 'alien')`,
    );
    assert.deepEqual(found, { there: 2 });
  });

  test('a default that changed is the one of the database too', async () => {
    await apply(A('x: Int @default(value: "1") y: String'));
    const inserted = async () => (await database.query('INSERT INTO a DEFAULT VALUES RETURNING x, y'))[0];
    assert.deepEqual(await inserted(), { x: 1, y: null });
    assert.deepEqual((await apply(A('x: Int @default(value: "2") y: String @default(value: "z")'))).steps, [
      'set the default of A.x',
      'set the default of A.y',
    ]);
    assert.deepEqual(await inserted(), { x: 2, y: 'z' });
    await apply(A('x: Int y: String @default(value: "z")'));
    assert.deepEqual(await inserted(), { x: null, y: 'z' });
    assert.deepEqual((await apply(A('x: Int y: String @default(value: "z")'))).steps, []);
  });

  test('link tables are renamed with what they are between, and with the relation', async () => {
    await apply(`type Post @table { tags: [Tag!]! @manyToMany } type Tag @table { x: Int }`);
    await database.query(
      `INSERT INTO post (id) VALUES ('p'); INSERT INTO tag (id) VALUES ('t'); INSERT INTO post_tags VALUES ('p', 't')`,
    );
    const to = `type Article @table @renamedFrom(name: "Post") { labels: [Label!]! @manyToMany @renamedFrom(name: "tags") }
      type Label @table @renamedFrom(name: "Tag") { x: Int }`;
    assert.ok(
      (await apply(to)).steps.includes('rename the table between Article and Label to "public"."article_labels"'),
    );
    assert.deepEqual(await database.query('SELECT * FROM article_labels'), [{ article_id: 'p', label_id: 't' }]);
    assert.deepEqual(await apply(to), { steps: [], kept: [] });
    const names = await database.query(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'`,
    );
    assert.deepEqual(
      names.filter(({ name }) => /post|tag/.test(String(name))),
      [],
    );
  });
});
