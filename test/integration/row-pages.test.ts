// Pages of rows in the order of their ids, each in one snapshot with what the log has of the table since a position.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rowsAsOf } from '../../src/changes/as-of.ts';
import type { Image } from '../../src/changes/change.ts';
import type { CompiledImages } from '../../src/changes/row-pages.ts';
import { ServiceError } from '../../src/platform/errors.ts';
import type { Request } from '../../src/records/value-source.ts';
import { PostgresRowPages } from '../../src/stores/postgres/change-log/row-pages.ts';
import { EVERY_ROW, type Filter } from '../../src/tables/filter.ts';
import { tableOf } from '../../src/tables/model.ts';
import { modelValue, type ValueSource } from '../../src/tables/value-source.ts';
import { modelOf } from '../support/model-of.ts';
import { openPostgres15, type Postgres15, skipped } from '../support/postgres-15.ts';
import { whileLocked } from '../support/while-locked.ts';
import { ITEMS, whileWritten } from './known-states.ts';
import { inWords, type LogReadersWorld, openLogReadersWorld } from './log-readers-world.ts';

const TABLES = `
  ${ITEMS}
  type Doc @table { title: String size: Int readers: [Reader!]! @manyToMany folder: Folder @belongsTo }
  type Folder @table { owner: String docs: [Doc!]! @has(field: "folder") }
  type Reader @table { name: String }`;
const model = await modelOf(TABLES);

const requestOf = (variables: Request['variables'] = {}): Request => ({
  caller: { kind: 'client', application: false, user: { id: 'ann', roles: [], claims: {} } },
  requestId: 'r',
  variables,
  newId: () => 'id',
});

const is = (column: string, operand: ValueSource): Filter => ({ kind: 'compare', column, operator: 'eq', operand });
const CALLER: ValueSource = { from: 'caller', path: ['id'] };

function rowPagesSuite(server?: () => string): void {
  let world: LogReadersWorld;
  before(async () => {
    world = await openLogReadersWorld(TABLES, server?.());
  });
  after(() => world?.close());
  const query = (text: string) => world.database.query(text);
  const compile = (table: string, rows: Filter): CompiledImages =>
    new PostgresRowPages(world.readers, model).compileImages({ kind: 'images', table: tableOf(model, table), rows });

  /** The ids on each page, as they are now. */
  async function pagesOf(images: CompiledImages, most: number, request = requestOf()): Promise<string[][]> {
    const position = await world.log.advance();
    const pages: string[][] = [];
    for (let afterId: string | null = null; ; ) {
      const look = await images.run(request, { after: position, afterId, most });
      assert.ok(look);
      pages.push(look.rows.map(({ id }) => id ?? ''));
      if (look.rows.length < most) return pages;
      const last = look.rows.at(-1)?.['id'] ?? '';
      assert.notEqual(last, afterId);
      afterId = last;
    }
  }

  describe('pages', () => {
    before(() =>
      query(`
        INSERT INTO folder (id, owner) VALUES ('f1', 'ann'), ('f2', 'ben');
        INSERT INTO reader (id, name) VALUES ('r1', 'ann'), ('r2', 'ben');
        INSERT INTO doc (id, title, size, folder_id) VALUES
          ('a', 'ann', 1, 'f1'), ('B', 'ben', 2, NULL), ('Z', 'parameter 3', 3, 'f2'), ('b', 'a', 4, 'f1'),
          ('ä', 'Z', 5, NULL), (U&'\\+01F95B', 'parameter 0', 6, 'f2'), (U&'\\FFFD', '2', 7, 'f2'), ('it''s', '1', 8, NULL);
        INSERT INTO doc_readers (doc_id, reader_id) VALUES ('B', 'r1'), ('Z', 'r2'), ('ä', 'r1')`),
    );
    /** By code point. */
    const EVERY = ['B', 'Z', 'a', 'b', `it's`, 'ä', '\u{FFFD}', '\u{1F95B}'];

    test('have all rows once, by code point', async () => {
      const images = compile('Doc', EVERY_ROW);
      for (const most of [1, 2, 3, 7, 8, 9]) {
        const pages = await pagesOf(images, most);
        assert.deepEqual(pages.flat(), EVERY, `${most} a page`);
        assert.ok(pages.every((page) => page.length <= most));
      }
    });

    const CASES: readonly [name: string, rows: Filter, ids: readonly string[], variables?: Request['variables']][] = [
      ['of the caller', is('title', CALLER), ['a']],
      ['by what the client asks', is('size', { from: 'variable', path: ['n'] }), ['b'], { n: 4 }],
      ['by what the client leaves out', is('size', { from: 'variable', path: ['n'] }), []],
      // As the statement's own parameters could be called.
      ['by a text of the model', is('title', modelValue('parameter 3')), ['Z']],
      ['by another text of the model', is('title', modelValue('parameter 0')), ['\u{1F95B}']],
      ['by a number that the page has too', is('size', modelValue(2)), ['B']],
      [
        'by a row that they lead to',
        {
          kind: 'relation',
          relation: 'folder',
          quantifier: 'one',
          filter: EVERY_ROW,
          rows: is('owner', CALLER),
          linkRows: EVERY_ROW,
        },
        ['a', 'b'],
      ],
      [
        'by one of many',
        {
          kind: 'relation',
          relation: 'readers',
          quantifier: 'some',
          filter: is('name', CALLER),
          rows: EVERY_ROW,
          linkRows: EVERY_ROW,
        },
        ['B', 'ä'],
      ],
      ['of which there are none', { kind: 'constant', value: false }, []],
    ];
    for (const [name, rows, expected, variables] of CASES)
      test(name, async () => {
        for (const most of [1, 2, 100])
          assert.deepEqual((await pagesOf(compile('Doc', rows), most, requestOf(variables))).flat(), expected);
      });

    test('are refused for a value that its column cannot hold', async () => {
      const images = compile('Doc', is('size', { from: 'variable', path: ['n'] }));
      const page = { after: await world.log.head(), afterId: null, most: 1 };
      await assert.rejects(
        images.run(requestOf({ n: 'four' }), page),
        (error) => error instanceof ServiceError && error.code === 'BAD_USER_INPUT',
      );
    });
  });

  test('a page has the images and the later changes of the log, and none when there was a change that was not logged', async () => {
    const images = compile('Item', is('owner', CALLER));
    const start = await world.log.advance();
    const page = { after: start, afterId: null, most: 1 };
    await query(`INSERT INTO item (id, owner, n) VALUES ('p1', 'ann', 0), ('p2', 'ben', 0)`);
    await query(`UPDATE item SET n = 1; DELETE FROM item WHERE id = 'p2'`);
    const look = await images.run(requestOf(), page);
    assert.deepEqual(inWords(look?.later), ['I p1', 'I p2', 'U p1', 'U p2', 'D p2']);
    assert.deepEqual(look?.rows, [look?.later[2]?.after]);
    await query('TRUNCATE item');
    assert.equal(await images.run(requestOf(), page), null);
    assert.equal(await images.run(requestOf(), { ...page, after: { ...start, epoch: 'another' } }), null);
  });

  test('a page begins in the index', async () => {
    await query(
      `INSERT INTO item (id, owner, n) SELECT 'i' || to_char(i, 'FM0000'), 'ann', 0 FROM generate_series(1, 3000) i`,
    );
    await query('ANALYZE item');
    const position = await world.log.advance();
    for (const filter of [EVERY_ROW, is('owner', CALLER)]) {
      const pool = world.open({ size: 1 });
      const plan = { kind: 'images', table: tableOf(model, 'Item'), rows: filter } as const;
      const images = new PostgresRowPages(pool, model).compileImages(plan);
      await pool.query('BEGIN');
      for (const afterId of [null, 'i0010', 'i1500', 'i1510', 'i1520', 'i1530', 'i1540', 'i2980']) {
        const look = await images.run(requestOf(), { after: position, afterId, most: 10 });
        assert.equal(look?.rows.length, 10);
      }
      const { rows } = await pool.query<{ whole: string; fetched: string }>(
        `SELECT seq_scan AS whole, idx_tup_fetch AS fetched FROM pg_stat_xact_user_tables WHERE relname = 'item'`,
      );
      await pool.query('COMMIT');
      assert.equal(rows[0]?.whole, '0');
      assert.ok(Number(rows[0]?.fetched) <= 8 * 11, `${rows[0]?.fetched} rows for 80`);
    }
    await query('DELETE FROM item');
  });

  test('pages, undone, are the rows of the position, while twelve write', async () => {
    const filters: readonly [rows: Filter, matches: (image: Image) => boolean][] = [
      [EVERY_ROW, () => true],
      [is('owner', modelValue('b')), (image) => image['owner'] === 'b'],
    ];
    const { changes, checkedMeanwhile } = await whileWritten(world.database.url, 23, async ({ position, rows }) => {
      for (const [filter, matches] of filters) {
        const images = compile('Item', filter);
        const found: Image[] = [];
        for (let from: string | null = null; ; ) {
          const look = await images.run(requestOf(), { after: position, afterId: from, most: 3 });
          assert.ok(look);
          const last: string | null = look.rows.length < 3 ? null : (look.rows.at(-1)?.['id'] ?? null);
          const isOnPage = ({ id = null }: Image) =>
            id !== null && (from === null || id > from) && (last === null || id <= last);
          const page = [...rowsAsOf(look, isOnPage).values()].filter(matches);
          found.push(...page.sort((a, b) => ((a['id'] ?? '') < (b['id'] ?? '') ? -1 : 1)));
          if (last === null) break;
          assert.ok(from === null || last > from);
          from = last;
        }
        const expected = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, image]) => image);
        assert.deepEqual(found, expected.filter(matches));
      }
    });
    assert.ok(changes > 300 && checkedMeanwhile > 5, `${changes} changes, ${checkedMeanwhile} states`);
  });

  test('what cannot be read in time is told', async () => {
    const plan = { kind: 'images', table: tableOf(model, 'Item'), rows: EVERY_ROW } as const;
    const images = new PostgresRowPages(world.open({ lockTimeout: 50 }), model).compileImages(plan);
    const page = { after: await world.log.head(), afterId: null, most: 1 };
    await whileLocked(world.database, 'item', () =>
      assert.rejects(
        images.run(requestOf(), page),
        (error) => error instanceof ServiceError && error.code === 'SERVICE_UNAVAILABLE',
      ),
    );
  });
}

describe('rows by their ids', () => rowPagesSuite());

describe('rows by their ids, on PostgreSQL 15', { skip: skipped && `skipped: ${skipped}` }, () => {
  let server: Postgres15;
  before(async () => {
    server = await openPostgres15();
  });
  after(() => server?.close());
  describe('that is', () => rowPagesSuite(() => server.url));
});
