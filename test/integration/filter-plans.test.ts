// Filters that an index can serve are served by it: what PostgreSQL plans over 20,000 rows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { ADMIN_CLASS } from '../../src/access/caller-class.ts';
import { openLog } from '../../src/platform/log.ts';
import { guardFilter } from '../../src/records/guard-filter.ts';
import { bindSlot } from '../../src/records/value-source.ts';
import { compileFilter } from '../../src/stores/postgres/compile/compile-filter.ts';
import { newCompilation } from '../../src/stores/postgres/compile/compile-read.ts';
import { encodeParameter } from '../../src/stores/postgres/encode-parameter.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { tableName } from '../../src/stores/postgres/sql-text.ts';
import { tableOf } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { readText, whereSchema } from '../unit/graphql/filters/reading.ts';
import { requestOf } from './check-filters.ts';

const MODEL = await modelOf(`
type Page @table @permission(level: PUBLIC) {
  title: String! @index  free: String  views: Int @index  tags: [String!]!  meta: JSON
  book: Book @belongsTo
}
type Book @table @permission(level: PUBLIC) { name: String! @index  pages: [Page!]! @has(field: "book") }`);

let database: TestDatabase;
let pool: pg.Pool;
before(async () => {
  database = await openTestDatabase();
  const log = openLog({ level: 'silent', readable: false });
  pool = openPool({ address: { url: database.url }, size: 1, statementTimeout: 30_000, lockTimeout: 2_000, log });
  await applyTables(database, MODEL);
  await pool.query(`
    INSERT INTO book (id, name) SELECT 'b' || n, 'Book ' || n FROM generate_series(1, 500) n;
    INSERT INTO page (title, free, views, tags, meta, book_id)
      SELECT 'Straße ' || n, 'x' || n, n, ARRAY['t' || n % 1000], jsonb_build_object('n', n), 'b' || n % 500 + 1
      FROM generate_series(1, 20000) n`);
  for (const index of ['USING gin (tags)', 'USING gin (meta jsonb_path_ops)', '(tablecast.fold_case(title))'])
    await pool.query(`CREATE INDEX ON page ${index}`);
  await pool.query('ANALYZE');
});
after(async () => {
  await pool.end();
  await database.close();
});

async function planOf(table: string, where: string): Promise<string> {
  const model = tableOf(MODEL, table);
  const { filter } = readText(whereSchema(MODEL, ADMIN_CLASS, table), `{ rows(where: ${where}) }`);
  const to = newCompilation(MODEL);
  const condition = compileFilter(guardFilter(MODEL, ADMIN_CLASS, model, filter), model, 't', to);
  const values = to.parameters.slots.map((slot) => encodeParameter(slot, bindSlot(slot, requestOf({}, {}))));
  const text = `EXPLAIN (COSTS OFF) SELECT t.id FROM ${tableName(model)} t WHERE ${condition}`;
  const { rows } = await pool.query<Record<'QUERY PLAN', string>>(text, values);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

const SERVED: readonly (readonly [table: string, where: string, plan: RegExp])[] = [
  ['Page', '{ title: { eq: "Straße 77" } }', /page\.title\.idx/],
  ['Page', '{ title: { in: ["Straße 77", "Straße 78"] } }', /page\.title\.idx/],
  ['Page', '{ title: { startsWith: "Straße 777" } }', /page\.title\.idx/],
  ['Page', '{ title: { eq: "STRAẞE 77", ignoreCase: true } }', /fold_case/],
  ['Page', '{ title: { startsWith: "straße 777", ignoreCase: true } }', /fold_case/],
  ['Page', '{ title: { in: ["STRAẞE 77"], ignoreCase: true } }', /fold_case/],
  ['Page', '{ views: { gte: 10, lt: 20 } }', /page\.views\.idx/],
  ['Page', '{ tags: { has: "t7" } }', /page_tags_idx/],
  ['Page', '{ tags: { hasEvery: ["t7"] } }', /page_tags_idx/],
  ['Page', '{ tags: { hasSome: ["t7", "t8"] } }', /page_tags_idx/],
  ['Page', '{ meta: { contains: { n: 7 } } }', /page_meta_idx/],
  ['Page', '{ book: { name: { eq: "Book 7" } } }', /book\.name\.idx/],
  ['Book', '{ pages: { some: { views: { eq: 7 } } } }', /page\.views\.idx/],
];

describe('an index serves', () => {
  for (const [table, where, index] of SERVED) {
    test(where, async () => {
      const plan = await planOf(table, where);
      assert.match(plan, index);
      assert.doesNotMatch(plan, /Seq Scan/, plan);
    });
  }
});

describe('without an index of its own', () => {
  for (const [table, where, plan] of [
    ['Book', '{ pages: { none: { title: { eq: "x" } } } }', /Anti Join/],
    ['Book', '{ pages: { every: { title: { eq: "x" } } } }', /Anti Join/],
    ['Book', '{ NOT: { pages: { some: { title: { eq: "x" } } } } }', /Anti Join/],
    ['Book', '{ pages: { every: { views: { gt: 1 } } } }', /Anti Join/],
    ['Book', '{ pages: { some: { free: { contains: "9" } } } }', /Semi Join|HashAggregate|Unique/],
  ] as const) {
    test(`${where} is one join, not a query a row`, async () => {
      const text = await planOf(table, where);
      assert.match(text, plan);
      assert.doesNotMatch(text, /SubPlan/, text);
    });
  }

  test('a count stops where the comparison is decided', async () => {
    assert.match(await planOf('Book', '{ pages: { count: { gt: 2 } } }'), /Limit/);
  });
});
