// What a plan says before anything is done: every step with what it means for those who use the table, and nothing happens.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openLog } from '../../src/platform/log.ts';
import { previewModel } from '../../src/stores/postgres/apply/preview-model.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const FROM = `
enum E { P Q }
type A @table(softDelete: true) { x: Int n: Int e: E old: String text: String @index b: B @belongsTo }
type B @table { x: Int }
type Gone @table { x: Int }`;
const TO = `
enum E { P R }
type A @table(softDelete: true) { x: Int! @unique n: BigInt e: E name: String @length(max: 5) @renamedFrom(name: "text")
  more: Int! @default(value: "1") b: B @belongsTo(onDelete: CASCADE) }
type B @table { x: String }
type New @table { a: A @belongsTo }`;

describe('a preview', () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database?.close());

  const preview = async (sdl: string, allowed: readonly string[] = []) => {
    const log = openLog({ level: 'silent', readable: false });
    const address = { url: database.url };
    const pool = openPool({ address, size: 1, statementTimeout: 10_000, lockTimeout: 2_000, log });
    const { steps, afterwards, refusals, kept } = await previewModel(pool, await modelOf(sdl), allowed).finally(() =>
      pool.end(),
    );
    // How large a table of few rows is differs between versions of PostgreSQL.
    const sized = (lines: readonly string[]) => lines.map((line) => line.replace(/\d+ kB/, 'N kB'));
    return { steps: sized(steps), afterwards: sized(afterwards), refusals, kept };
  };
  const objects = () => database.query('SELECT oid, relname FROM pg_class ORDER BY oid');

  test('of an empty database, which is empty afterwards', async () => {
    const before = await objects();
    assert.deepEqual(await preview('type A @table { x: Int @index }'), {
      steps: ['create table A ("public"."a")'],
      afterwards: [],
      refusals: [],
      kept: [],
    });
    assert.deepEqual(await objects(), before);
  });

  test('names every rewrite, lock and risk, and counts what would be lost', async () => {
    await applyTables(database, await modelOf(FROM));
    await database.query(`
      INSERT INTO a (x, e, old, text) SELECT i / 2, CASE WHEN i < 3 THEN 'Q' ELSE 'P' END, 'o', 'longer' FROM generate_series(1, 10) i;
      INSERT INTO a (x) VALUES (NULL); INSERT INTO gone (x) VALUES (1);
      CREATE TABLE public.alien (x int); ANALYZE`);
    const before = await objects();
    const said = await preview(TO);
    assert.deepEqual(await objects(), before);
    assert.deepEqual(said, {
      steps: [
        'rename column "text" to A.name ("name"): locks "a" (about 11 rows, N kB) for a moment',
        'change A.n from integer to bigint: rewrites "a" (about 11 rows, N kB); nobody else reads or writes it meanwhile',
        'add column A.more: locks "a" (about 11 rows, N kB) for a moment',
        'change B.x from integer to text: rewrites "b" (about 0 rows, N kB); nobody else reads or writes it meanwhile',
        'create table New ("public"."new")',
      ],
      afterwards: [
        'make A.x required: reads "a" (about 11 rows, N kB); nobody waits',
        'make A.e one of P, R: reads "a" (about 11 rows, N kB); nobody waits',
        'make A.name such that char_length("name") <= 5: reads "a" (about 11 rows, N kB); nobody waits',
        'make A.b a key of B: reads "a" (about 11 rows, N kB); nobody waits',
        'make A (x) unique: reads "a" (about 11 rows, N kB); nobody waits',
        'drop "a.text.idx" of A',
        'drop "a.text.order by.idx" of A',
      ],
      refusals: [
        'A.x is to be required, and is null in 1 row: give it @default to fill them, or set them',
        'A.e is none of P, R in 2 rows; with --allow narrow:A.e the value becomes null there',
        'A.name is not such that char_length("name") <= 5 in 10 rows; with --allow check:A.name these rows stay as they are until they are written again',
        'A (x) is to be unique, and 4 rows repeat another; with --allow unique:A.x of rows that are alike the oldest stays, and the others are deleted',
      ],
      kept: [
        'column "old" of A, with 10 rows; --allow drop:A.old drops it',
        'table "public"."alien"',
        'table "public"."gone", with 1 row; --allow drop:gone drops it',
      ],
    });
  });

  test('of what is allowed says what becomes of the rows', async () => {
    const { steps, refusals } = await preview(TO, ['narrow:A.e', 'unique:A.x', 'check:A.name', 'drop:gone']);
    assert.deepEqual(refusals, [
      'A.x is to be required, and is null in 1 row: give it @default to fill them, or set them',
    ]);
    assert.deepEqual(
      steps.filter((step) => step.includes(':A.') || step.startsWith('drop')),
      [
        'narrow:A.e: in 2 rows, the value becomes null there: writes rows of "a" (about 11 rows, N kB)',
        'check:A.name: in 10 rows, these rows stay as they are until they are written again',
        'unique:A.x: in 4 rows, of rows that are alike the oldest stays, and the others are deleted: writes rows of "a" (about 11 rows, N kB)',
        'drop table "public"."gone", with 1 row: locks "gone" (about 1 row, N kB) for a moment',
      ],
    );
  });
});
