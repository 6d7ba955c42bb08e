// The law of filters: what PostgreSQL says of a row and what memory says are the same, unknown included; and both say what
// the documentation does.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { ADMIN_CLASS } from '../../src/access/caller-class.ts';
import { openLog } from '../../src/platform/log.ts';
import { guardFilter } from '../../src/records/guard-filter.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { columnFilter } from '../../src/tables/filter-operators.ts';
import { foldCase } from '../../src/tables/fold-case.ts';
import { columnOf, tableOf } from '../../src/tables/model.ts';
import { modelValue, type ValueSource } from '../../src/tables/value-source.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/open-test-service.ts';
import { openPostgres15, type Postgres15, skipped } from '../support/postgres-15.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { readText, whereSchema } from '../unit/graphql/filters/reading.ts';
import { checkFilters, requestOf } from './check-filters.ts';
import { judgeInMemory, judgeInSql } from './filter-judgement.ts';
import { FILTER_SDL } from './filter-tables.ts';
import { fill, type Rows } from './filter-world.ts';
import { CASES, ROWS } from './filters-by-hand.ts';

const MODEL = await modelOf(FILTER_SDL);
const THING = tableOf(MODEL, 'Thing');

const log = openLog({ level: 'silent', readable: false });
const poolOf = (url: string) =>
  openPool({ address: { url }, size: 1, statementTimeout: 60_000, lockTimeout: 2_000, log });

let database: TestDatabase;
let pool: pg.Pool;
before(async () => {
  // A collation that ignores what code points do not: nothing of a filter may come from it.
  database = await openTestDatabase(`LOCALE_PROVIDER icu ICU_LOCALE 'en-US' TEMPLATE template0`);
  pool = poolOf(database.url);
  await applyTables(database, MODEL);
});
after(async () => {
  await pool.end();
  await database.close();
});

/** All code points but U+0000 and surrogates, in texts that mix scripts and in texts that do not. */
const EVERY_POINT = Array.from({ length: 0x110000 / 0x100 }, (_, block) =>
  Array.from({ length: 0x100 }, (_, at) => block * 0x100 + at)
    .filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff))
    .map((code) => String.fromCodePoint(code)),
).flatMap((points) => [points.join(''), ...points.filter((point) => foldCase(point) !== point)]);

async function checkFolding(on: pg.Pool): Promise<void> {
  const { rows } = await on.query<{ folded: string }>(
    'SELECT tablecast.fold_case(text) AS folded FROM unnest($1::text[]) WITH ORDINALITY AS texts (text, at) ORDER BY at',
    [EVERY_POINT],
  );
  assert.deepEqual(
    rows.map(({ folded }) => folded),
    EVERY_POINT.map(foldCase),
  );
}

describe('generated filters', () => {
  test('fold every code point the same', () => checkFolding(pool));

  test('say the same in PostgreSQL and in memory', async () => {
    const { cases, yes, no, unknown } = await checkFilters(pool, MODEL, { worlds: 4, runs: 15 });
    assert.ok(cases >= 20_000, `${cases} cases`);
    // No answer may be the only one that was ever right.
    for (const some of [yes, no, unknown]) assert.ok(some > cases / 20, `${yes} yes, ${no} no, ${unknown} unknown`);
  });
});

describe('filters by hand', () => {
  let rows: Rows;
  before(async () => {
    rows = await fill(pool, MODEL, ROWS);
  });

  const schema = whereSchema(MODEL, ADMIN_CLASS, 'Thing');
  /** Written out, and as a variable. */
  const writings = (where: string) => [
    `{ rows(where: ${where}) }`,
    `query ($where: ThingWhere = ${where}) { rows(where: $where) }`,
  ];

  for (const [where, seen] of CASES) {
    test(`${where} is ${seen === '' ? 'nothing' : seen}`, async () => {
      for (const text of writings(where)) {
        const read = readText(schema, text);
        const filter = guardFilter(MODEL, ADMIN_CLASS, THING, read.filter);
        const request = requestOf(read.variables, {});
        const inSql = await judgeInSql(pool, MODEL, THING, [filter], request);
        const inMemory = judgeInMemory(MODEL, THING, [filter], rows, request);
        for (const said of [inSql, inMemory]) {
          const passing = [...said].filter(([id, [verdict]]) => verdict?.[0] && id !== 'Thing4');
          assert.equal(
            passing
              .map(([id]) => id.slice(5))
              .sort()
              .join(''),
            seen,
          );
        }
      }
    });
  }

  /** Of a JSON column too, where null could be taken for a value. */
  const HOLED: Record<string, ValueSource> = {
    'a claim with a null in it': { from: 'caller', path: ['claims', 'holed'] },
    'items of which one is missing': {
      from: 'list',
      items: [
        { from: 'constant', value: 'a' },
        { from: 'caller', path: ['claims', 'absent'] },
      ],
    },
  };
  for (const [what, operand] of Object.entries(HOLED)) {
    for (const column of ['s', 'j']) {
      test(`${what} is no list: nothing of ${column} is or is not in it`, async () => {
        const beside = { ignoreCase: modelValue(false), path: modelValue([]) };
        const filters = ['in', 'notIn'].map((operator) =>
          columnFilter(columnOf(THING, column), operator, operand, beside),
        );
        const request = requestOf({}, {});
        const inSql = await judgeInSql(pool, MODEL, THING, filters, request);
        const inMemory = judgeInMemory(MODEL, THING, filters, rows, request);
        for (const said of [...inSql.values(), ...inMemory.values()]) {
          assert.deepEqual(said, [
            [false, false],
            [false, false],
          ]);
        }
      });
    }
  }
});

describe('on PostgreSQL 15', { skip: skipped }, () => {
  let server: Postgres15;
  let old: TestDatabase;
  before(async () => {
    server = await openPostgres15();
    old = await openTestDatabase(`ENCODING 'UTF8' TEMPLATE template0`, server.url);
    await applyTables(old, MODEL);
  });
  after(async () => {
    await old.close();
    await server.close();
  });

  test('generated filters say the same as in memory', async () => {
    const own = poolOf(old.url);
    try {
      const { cases } = await checkFilters(own, MODEL, { worlds: 1, runs: 10 });
      assert.ok(cases > 5_000, `${cases} cases`);
      await checkFolding(own);
    } finally {
      await own.end();
    }
  });
});
