// What a look at rows by their keys sees: rows and later changes of one snapshot, with the texts that the log has.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rowsAsOf } from '../../src/changes/as-of.ts';
import type { Image } from '../../src/changes/change.ts';
import type { Position } from '../../src/changes/position.ts';
import type { Look } from '../../src/changes/rows-as-of.ts';
import { ServiceError } from '../../src/platform/errors.ts';
import { PostgresRowReader } from '../../src/stores/postgres/change-log/row-reader.ts';
import { sqlType } from '../../src/stores/postgres/sql-text.ts';
import type { ScalarName } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openPostgres15, type Postgres15, skipped } from '../support/postgres-15.ts';
import { whileLocked } from '../support/while-locked.ts';
import { ITEMS, OWNERS, whileWritten } from './known-states.ts';
import { inWords, type LogReadersWorld, openLogReadersWorld } from './log-readers-world.ts';

const TYPES = ['String', 'ID', 'Int', 'BigInt', 'Float', 'Decimal', 'Boolean', 'UUID', 'DateTime', 'Date', 'Time'];
const ALL = [...TYPES, 'JSON', 'Bytes', 'Mood'];
const sqlNameOf = (type: string) =>
  sqlType(
    type === 'Mood' ? { kind: 'enum', name: type, values: [] } : { kind: 'scalar', name: type as ScalarName },
    false,
  );
const columnOf = (type: string) => `c${type.toLowerCase()}`;
const TABLES = `
  ${ITEMS}
  enum Mood { SAD HAPPY }
  type Exact @table { ${ALL.map((type) => `${columnOf(type)}: ${type} ${columnOf(type)}s: [${type}!]`).join(' ')} }
  type Post @table { tags: [Tag!]! @manyToMany }
  type Tag @table { word: String }
  type Changing @table { key: Int }`;

/** Of each type values as SQL, at its edges. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  String: [`E'tab\\t "quoted" \\u2028 \\U0001F95B'`, `''`],
  ID: [`'null'`, `'{"a": 1}'`],
  Int: ['2147483647', '-1'],
  BigInt: ['9223372036854775807', '-9223372036854775808'],
  Float: ['0.1::float8 + 0.2', `'-0'`, '5e-324', '1.7976931348623157e308'],
  Decimal: ['12345678901234567890.12345678901234567890', '-0.00'],
  Boolean: ['TRUE', 'FALSE'],
  UUID: [`'018F3B6E-8F3A-7C3E-9D0A-2F6B1C4D5E6F'`],
  DateTime: [`'2026-01-02 03:04:05.000001+05:30'`, `'0001-01-01 00:00:00.1Z'`, `'2026-07-01 00:00:00Z'`],
  Date: [`'0001-01-01'`, `'9999-12-31'`],
  Time: [`'23:59:59.999999'`, `'09:30'`],
  JSON: [`'{"b": 12345678901234567890.10, "a": [null, "x"]}'`, `'null'`, `'"text"'`],
  Bytes: [`'\\x00ff'`, `''`],
  Mood: [`'SAD'`],
};

/** What a server may be set to that writes values in other ways. */
const ODD_SETTINGS = [
  `TimeZone = 'Asia/Kolkata'`,
  'extra_float_digits = -10',
  `bytea_output = 'escape'`,
  `DateStyle = 'SQL, DMY'`,
];

const byId = (images: Iterable<Image>) => [...images].sort((a, b) => ((a['id'] ?? '') < (b['id'] ?? '') ? -1 : 1));
const ids = (look: Look | null) => byId(look?.rows ?? []).map(({ id }) => id);

function rowReaderSuite(server?: () => string): void {
  let world: LogReadersWorld;
  let reader: PostgresRowReader;
  before(async () => {
    world = await openLogReadersWorld(TABLES, server?.());
    reader = new PostgresRowReader(world.readers);
  });
  after(() => world?.close());
  const query = (text: string) => world.database.query(text);
  const items = (after_: Position, ...keys: string[]) => reader.look(after_, { table: 'item', column: 'owner', keys });
  const exact = (after_: Position, column: string, keys: readonly string[]) =>
    reader.look(after_, { table: 'exact', column, keys });

  test('rows and changes have the texts of the log, whatever the server is set to', async () => {
    const start = await world.log.advance();
    const name = new URL(world.database.url).pathname.slice(1);
    for (const setting of ODD_SETTINGS) await query(`ALTER DATABASE ${name} SET ${setting}`);
    const odd = world.open({ size: 1 });
    const columns = ALL.flatMap((type) => [columnOf(type), `${columnOf(type)}s`]);
    const most = Math.max(...Object.values(VALUES).map(({ length }) => length));
    for (let at = 0; at < most; at++) {
      const values = ALL.flatMap((type) => {
        const some = VALUES[type] ?? [];
        const list = some.map((value) => `(${value})::text`).join();
        return [some[at] ?? 'NULL', `ARRAY[${list}]::${sqlNameOf(type)}[]`];
      });
      await query(`INSERT INTO exact (id, ${columns.join()}) VALUES ('x${at}', ${values.join()})`);
    }
    await query(`INSERT INTO exact (id) VALUES ('nothing')`);
    const keys = ['nothing', ...Array.from({ length: most }, (_, at) => `x${at}`)];
    const look = await new PostgresRowReader(odd).look(start, { table: 'exact', column: 'id', keys });
    const logged = (await world.changesSince(start)).map(({ after: image }) => image);
    assert.equal(look?.rows.length, most + 1);
    assert.deepEqual(byId(look?.rows ?? []), byId(logged.flatMap((image) => (image ? [image] : []))));
    assert.deepEqual(
      look?.later.map(({ after: image }) => image),
      logged,
    );
    for (const setting of ODD_SETTINGS) await query(`ALTER DATABASE ${name} RESET ${setting.replace(/ .*/, '')}`);
  });

  describe('keys', () => {
    for (const type of [...TYPES, 'Bytes', 'Mood']) {
      test(`of ${type} are found as images have them, and what the type cannot hold is found nowhere`, async () => {
        const start = await world.log.head();
        const column = columnOf(type);
        const rows = (await exact(start, 'id', ['x0', 'x1', 'x2', 'x3', 'x4', 'x5']))?.rows ?? [];
        const known = rows.filter((image) => image[column] !== null);
        assert.ok(known.length > 0);
        for (const image of known) {
          const key = image[column] ?? '';
          const found = await exact(start, column, [
            'no such key',
            key,
            '',
            '99999999999999999999999',
            'a\u0000b',
            '\\xzz',
          ]);
          assert.ok(ids(found).includes(image['id'] ?? null), `${key} in ${ids(found)}`);
        }
        assert.deepEqual(ids(await exact(start, column, [])), []);
        assert.deepEqual(ids(await exact(start, column, ['a\u0000b', 'no such key'])), []);
      });
    }

    test('are no literal of SQL', async () => {
      const start = await world.log.head();
      assert.deepEqual(ids(await exact(start, 'id', [`x0', 'x1`, `x0"`, '{x0}', 'NULL'])), []);
    });

    test('find rows of a table between others, which have no id', async () => {
      await query(`INSERT INTO post (id) VALUES ('p1'), ('p2'); INSERT INTO tag (id) VALUES ('t1'), ('t2')`);
      const start = await world.log.advance();
      await query(`INSERT INTO post_tags (post_id, tag_id) VALUES ('p1', 't1'), ('p1', 't2'), ('p2', 't1')`);
      const byPost = await reader.look(start, { table: 'post_tags', column: 'post_id', keys: ['p1'] });
      const byTag = await reader.look(start, { table: 'post_tags', column: 'tag_id', keys: ['t1'] });
      assert.deepEqual(
        [byPost, byTag].map((look) => look?.rows.map((image) => `${image['post_id']} ${image['tag_id']}`).sort()),
        [
          ['p1 t1', 'p1 t2'],
          ['p1 t1', 'p2 t1'],
        ],
      );
      assert.equal(byPost?.later.length, 3);
    });

    test('are found where the column has another type than when it was looked at before', async () => {
      await query(`INSERT INTO changing (id, key) VALUES ('c', 7)`);
      const keys = ['7', '5000000000', 'x'];
      const look = async () =>
        ids(await reader.look(await world.log.advance(), { table: 'changing', column: 'key', keys }));
      for (const [type, key] of [
        ['BigInt', '5000000000'],
        ['String', 'x'],
        ['Int', '7'],
        ['BigInt', '7'],
      ] as const) {
        for (let times = 0; times < 4; times++) assert.deepEqual(await look(), ['c'], `before ${type}`);
        const sdl = TABLES.replace('key: Int', `key: ${type}`);
        await applyTables(world.database, await modelOf(sdl), ['narrow:Changing.key']);
        await query(`UPDATE changing SET key = '${key}'`);
        assert.deepEqual(await look(), ['c'], type);
      }
    });

    test('lead to rows by the index of the column', async () => {
      await query(
        `INSERT INTO item (id, owner, n) SELECT 'i' || i, 'owner ' || i % 500, 0 FROM generate_series(1, 2000) i`,
      );
      const start = await world.log.advance();
      const pool = world.open({ size: 1 });
      const alone = new PostgresRowReader(pool);
      await pool.query('BEGIN');
      for (let times = 0; times < 8; times++) {
        const look = await alone.look(start, {
          table: 'item',
          column: 'owner',
          keys: ['owner 1', 'owner 2', 'no one'],
        });
        assert.equal(look?.rows.length, 8);
      }
      const { rows } = await pool.query<{ whole: string; fetched: string }>(
        `SELECT sum(seq_scan) AS whole, sum(idx_tup_fetch) FILTER (WHERE relname = 'item') AS fetched
           FROM pg_stat_xact_user_tables WHERE relname ~ '^change_\\d$' OR relname = 'item'`,
      );
      await pool.query('COMMIT');
      assert.deepEqual(rows, [{ whole: '0', fetched: '64' }]);
      await query('DELETE FROM item');
    });
  });

  describe('later changes', () => {
    test('are those that come after the position, of this table alone, from the middle of a batch on', async () => {
      const start = await world.log.advance();
      await query(`INSERT INTO item (id, owner, n) VALUES ('l1', 'a', 0), ('l2', 'a', 0), ('l3', 'b', 0)`);
      await query(`INSERT INTO tag (id) VALUES ('l4')`);
      const changes = await world.changesSince(start);
      const words = async (position: Position | undefined) => {
        assert.ok(position);
        return inWords((await items(position, 'a'))?.later);
      };
      assert.deepEqual(await words(start), ['I l1', 'I l2', 'I l3']);
      assert.deepEqual(await words(changes[0]?.position), ['I l2', 'I l3']);
      assert.deepEqual(await words(changes[2]?.position), []);
      await query(`UPDATE item SET n = 1 WHERE id = 'l1'; DELETE FROM item WHERE id = 'l1'`);
      assert.deepEqual(await words(changes[1]?.position), ['I l3', 'U l1', 'D l1'], 'no batch has the last ones');
      await world.log.advance();
      assert.deepEqual(await words(changes[1]?.position), ['I l3', 'U l1', 'D l1'], 'a batch has them');
    });

    test('are there as soon as they are committed, and not before, and once', async () => {
      const start = await world.log.advance();
      const [early, late] = [await world.readers.connect(), await world.readers.connect()];
      await early.query(`BEGIN; INSERT INTO item (id, owner, n) VALUES ('o1', 'o', 0)`);
      // Its number is among those of a batch that it is not in.
      await late.query(`BEGIN; INSERT INTO item (id, owner, n) VALUES ('o2', 'o', 0)`);
      await early.query(`INSERT INTO item (id, owner, n) VALUES ('o3', 'o', 0); COMMIT`);
      early.release();
      const [change] = await world.changesSince(start);
      assert.ok(change);
      const words = async () => {
        const look = await items(change.position, 'o');
        return [ids(look), inWords(look?.later)];
      };
      assert.deepEqual(await words(), [['o1', 'o3'], ['I o3']]);
      await late.query('COMMIT');
      late.release();
      assert.deepEqual(await words(), [
        ['o1', 'o2', 'o3'],
        ['I o2', 'I o3'],
      ]);
    });

    test('are 50,000 at most', async () => {
      const start = await world.log.advance();
      await query(`INSERT INTO item (id, owner, n) SELECT 'm' || i, 'many', i FROM generate_series(1, 50000) i`);
      assert.equal((await items(start, 'no one'))?.later.length, 50_000);
      await query(`INSERT INTO item (id, owner, n) VALUES ('one more', 'many', 0)`);
      assert.equal(await items(start, 'no one'), null);
      assert.notEqual(await items(await world.log.advance(), 'no one'), null);
      await query('TRUNCATE item');
    });
  });

  describe('there is no look', () => {
    test('from another epoch, from beyond the head, and over a change that was not logged row by row', async () => {
      const start = await world.log.advance();
      assert.deepEqual(await items(start, 'a'), { rows: [], later: [] });
      assert.equal(await items({ ...start, epoch: 'another' }, 'a'), null);
      assert.equal(await items({ ...start, batch: start.batch + 1n }, 'a'), null);
      await query('TRUNCATE tag CASCADE');
      assert.notEqual(await items(start, 'a'), null, 'another table was emptied');
      await query('TRUNCATE item');
      assert.equal(await items(start, 'a'), null);
      assert.notEqual(await items(await world.log.advance(), 'a'), null);
    });

    test('in a database that has become another one since', async () => {
      const start = await world.log.advance();
      await query(`UPDATE tablecast.change_epoch SET server = 'another'`);
      assert.equal(await items(start, 'a'), null);
      assert.notEqual(await items(await world.log.advance(), 'a'), null);
    });

    test('from where the log does not reach back to, be it in the middle of a batch', async () => {
      const start = await world.log.advance();
      await query(`INSERT INTO item (id, owner, n) VALUES ('g1', 'g', 0), ('g2', 'g', 0)`);
      const [first, last] = await world.changesSince(start);
      assert.ok(first && last);
      assert.deepEqual(inWords((await items(first.position, 'g'))?.later), ['I g2']);
      await query(
        `UPDATE tablecast.change SET at = at - interval '30 days', slot = tablecast.change_slot(at - interval '30 days')`,
      );
      assert.ok((await world.log.expire(1_000)) > 0);
      assert.equal(await items(start, 'g'), null);
      assert.equal(await items(first.position, 'g'), null);
      assert.deepEqual(ids(await items(last.position, 'g')), ['g1', 'g2']);
    });
  });

  test('the rows of a look, undone, are those of the position, while twelve write', async () => {
    const { changes, checkedMeanwhile } = await whileWritten(world.database.url, 11, async ({ position, rows }) => {
      const keys = OWNERS.filter((_, at) => (Number(position.seq) + at) % 2 === 0);
      const matches = (image: Image) => keys.includes(image['owner'] ?? '');
      const look = await items(position, ...keys);
      assert.ok(look);
      const expected = [...rows.values()].filter(matches);
      assert.deepEqual(byId(rowsAsOf(look, matches).values()), byId(expected));
    });
    assert.ok(changes > 300 && checkedMeanwhile > 10, `${changes} changes, ${checkedMeanwhile} looks`);
  });

  describe('errors', () => {
    const isUnavailable = (error: unknown) => error instanceof ServiceError && error.code === 'SERVICE_UNAVAILABLE';

    test('tell that the database cannot be reached', async () => {
      const position = await world.log.head();
      const nowhere = world.open({ address: { url: 'postgres://nobody@127.0.0.1:1/none' } });
      const look = new PostgresRowReader(nowhere).look(position, { table: 'item', column: 'owner', keys: ['a'] });
      await assert.rejects(look, isUnavailable);
    });

    test('tell that the rows cannot be read in time', async () => {
      const pool = world.open({ statementTimeout: 10_000, lockTimeout: 50 });
      const position = await world.log.head();
      await whileLocked(world.database, 'item', async () => {
        const look = new PostgresRowReader(pool).look(position, { table: 'item', column: 'owner', keys: ['a'] });
        await assert.rejects(look, isUnavailable);
      });
    });
  });
}

describe('rows by their keys', () => rowReaderSuite());

describe('rows by their keys, on PostgreSQL 15', { skip: skipped && `skipped: ${skipped}` }, () => {
  let server: Postgres15;
  before(async () => {
    server = await openPostgres15();
  });
  after(() => server?.close());
  describe('that is', () => rowReaderSuite(() => server.url));
});
