// What a row of the change log says, whoever writes and in whatever way.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { Caller } from '../../src/access/caller.ts';
import { serviceCaller } from '../../src/access/caller.ts';
import type { Change } from '../../src/changes/change.ts';
import type { Position } from '../../src/changes/position.ts';
import { bindSlot } from '../../src/records/value-source.ts';
import { PostgresChangeLog } from '../../src/stores/postgres/change-log/postgres-change-log.ts';
import { ORIGIN, originCte } from '../../src/stores/postgres/change-log/write-origin.ts';
import { Parameters } from '../../src/stores/postgres/sql-text.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openPgbouncer, skipped } from '../support/pgbouncer.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const TABLES = `
  type Author @table { name: String books: [Book!]! @has(field: "author") }
  type Book @table {
    title: String
    author: Author @belongsTo(onDelete: CASCADE)
    editor: Author @belongsTo(onDelete: SET_NULL)
    tags: [Tag!]! @manyToMany
  }
  type Tag @table { word: String }
  type Exact @table {
    big: BigInt decimal: Decimal float: Float moment: DateTime day: Date time: Time bytes: Bytes json: JSON
    bigs: [BigInt!] moments: [DateTime!] uuid: UUID yes: Boolean
  }
`;

/** Sessions that write everything in their own way. */
const ODD_SESSION = `SET TimeZone = 'Asia/Kolkata'; SET extra_float_digits = -10; SET bytea_output = 'escape'; SET DateStyle = 'SQL, DMY';
  SET IntervalStyle = 'postgres_verbose'; SET standard_conforming_strings = on`;

const USER: Caller = { kind: 'client', application: true, user: { id: 'u1', roles: [], claims: {} } };

describe('a captured change', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let log: PostgresChangeLog;
  let position: Position;
  before(async () => {
    database = await openTestDatabase();
    await applyTables(database, await modelOf(TABLES));
    pool = new pg.Pool({ connectionString: database.url, max: 3 });
    log = new PostgresChangeLog(pool);
    position = await log.advance();
  });
  after(async () => {
    await pool?.end();
    await database?.close();
  });

  /** The changes since the last call. */
  async function news(): Promise<readonly Change[]> {
    await log.advance();
    const page = await log.read(position, 1_000);
    assert.equal(page.kind, 'changes');
    if (page.kind !== 'changes') return [];
    position = page.end;
    return page.changes;
  }
  const told = (changes: readonly Change[]) => changes.map(({ kind, table, id }) => `${kind} ${table} ${id}`);
  const onClient = async <T>(work: (client: pg.Client) => Promise<T>, url = database.url): Promise<T> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return work(client).finally(() => client.end());
  };

  test('has every value exactly, whatever the session that writes is set to', async () => {
    await onClient(async (client) => {
      await client.query(ODD_SESSION);
      await client.query(
        `INSERT INTO exact (id, big, "decimal", "float", moment, day, "time", bytes, json, bigs, moments, uuid, yes)
         VALUES ('x', 9223372036854775807, 12345678901234567890.1234567890, 0.1 + 0.2::float8, '2026-01-02 03:04:05.123456+00', '2026-02-01', '03:04:05.123456',
                 decode('00ff', 'hex'), '{"a": 12345678901234567890}', '{9223372036854775807, -1}', '{"2026-01-02 03:04:05.000001+00"}',
                 '00000000-0000-7000-8000-000000000000', TRUE)`,
      );
    });
    const [change] = await news();
    const { created_at, updated_at, version, ...image } = change?.after ?? {};
    assert.deepEqual(image, {
      id: 'x',
      big: '9223372036854775807',
      decimal: '12345678901234567890.1234567890',
      float: '0.30000000000000004',
      moment: '2026-01-02T03:04:05.123456+00:00',
      day: '2026-02-01',
      time: '03:04:05.123456',
      bytes: '\\x00ff',
      json: '{"a": 12345678901234567890}',
      bigs: '[9223372036854775807, -1]',
      moments: '["2026-01-02T03:04:05.000001+00:00"]',
      uuid: '00000000-0000-7000-8000-000000000000',
      yes: 'true',
    });
    assert.match(created_at ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00$/);
    await database.query('UPDATE exact SET big = big - 1, uuid = NULL');
    const [update] = await news();
    assert.deepEqual([...(update?.changed ?? [])].sort(), ['big', 'updated_at', 'uuid', 'version']);
    assert.deepEqual([update?.before?.['big'], update?.after?.['big']], ['9223372036854775807', '9223372036854775806']);
    assert.equal(update?.after?.['uuid'], null);
  });

  test('says an update that sets what is there already, as what it moved', async () => {
    await database.query('UPDATE exact SET yes = yes');
    const [update] = await news();
    assert.deepEqual([...(update?.changed ?? [])].sort(), ['updated_at', 'version']);
  });

  describe('has who did it', () => {
    /** A write as the service makes one. */
    const write = async (client: pg.ClientBase | pg.Pool, caller: Caller, requestId: string) => {
      const parameters = new Parameters();
      const cte = originCte(parameters);
      const text = `WITH ${cte}, written AS (INSERT INTO tag (word) SELECT 'w' FROM ${ORIGIN} RETURNING *) SELECT count(*) FROM written`;
      const request = { caller, requestId, variables: {}, newId: () => '' };
      return client.query(
        text,
        parameters.slots.map((slot) => bindSlot(slot, request)),
      );
    };
    const origins = async () => (await news()).map(({ actor, requestId }) => [actor, requestId]);

    test('as the statement says it', async () => {
      const callers: [Caller, string][] = [
        [USER, 'user:u1'],
        [{ ...USER, user: null }, 'application'],
        [{ ...USER, user: null, application: false }, 'public'],
        [serviceCaller('job: nightly'), 'admin:job: nightly'],
      ];
      for (const [caller, actor] of callers) {
        await write(pool, caller, 'r1');
        assert.deepEqual(await origins(), [[actor, 'r1']]);
      }
    });

    test('and nothing of it stays on the session', async () => {
      await onClient(async (client) => {
        await write(client, USER, 'r2');
        await client.query(`INSERT INTO tag (word) VALUES ('by hand')`);
        const settings = await client.query(
          `SELECT current_setting('tablecast.actor', TRUE) AS a, current_setting('tablecast.request', TRUE) AS r`,
        );
        assert.deepEqual(settings.rows, [{ a: '', r: '' }]);
      });
      const role = `database:${decodeURIComponent(new URL(database.url).username)}`;
      assert.deepEqual(await origins(), [
        ['user:u1', 'r2'],
        [role, null],
      ]);
    });

    test('in a transaction, each statement for itself', async () => {
      await onClient(async (client) => {
        await client.query('BEGIN');
        await write(client, USER, 'r3');
        await write(client, serviceCaller('script'), 'r4');
        await client.query('COMMIT');
      });
      assert.deepEqual(await origins(), [
        ['user:u1', 'r3'],
        ['admin:script', 'r4'],
      ]);
    });

    test('behind a pooler, where the next one gets the session', { skip: skipped }, async () => {
      const pooler = await openPgbouncer(database.url, ['default_pool_size = 1']);
      try {
        await onClient(async (one) => {
          await onClient(async (other) => {
            await write(one, USER, 'r5');
            await other.query(`INSERT INTO tag (word) VALUES ('by another')`);
            const pids = await Promise.all(
              [one, other].map((client) => client.query('SELECT pg_backend_pid() AS pid')),
            );
            assert.deepEqual(pids[0]?.rows, pids[1]?.rows);
          }, pooler.url(database.url));
        }, pooler.url(database.url));
        const [first, second] = await origins();
        assert.deepEqual(first, ['user:u1', 'r5']);
        assert.match(String(second?.[0]), /^database:/);
      } finally {
        await pooler.close();
      }
    });
  });

  test('has the version of the model that was there', async () => {
    const more = await modelOf(`${TABLES} type More @table { n: Int }`);
    await onClient(async (client) => {
      // So often that the session has settled on a plan.
      for (let times = 0; times < 10; times++) await client.query(`INSERT INTO tag (word) VALUES ('before')`);
      await applyTables(database, more);
      await client.query(`INSERT INTO tag (word) VALUES ('after')`);
    });
    const versions = (await news()).filter(({ table }) => table === 'tag').map(({ modelVersion }) => modelVersion);
    const { version } = await modelOf(TABLES);
    assert.deepEqual(versions, [...Array.from({ length: 10 }, () => version), more.version]);
  });

  test('is there for what foreign keys do, in the order in which they do it', async () => {
    await database.query(`INSERT INTO author (id) VALUES ('a'), ('e')`);
    await database.query(`INSERT INTO book (id, author_id, editor_id) VALUES ('b', 'a', 'e')`);
    await news();
    await database.query(`DELETE FROM author WHERE id = 'e'`);
    const nulled = await news();
    assert.deepEqual(told(nulled).sort(), ['DELETE author e', 'UPDATE book b']);
    assert.deepEqual(nulled.find(({ kind }) => kind === 'UPDATE')?.after?.['editor_id'], null);
    await database.query(`DELETE FROM author WHERE id = 'a'`);
    assert.deepEqual(told(await news()).sort(), ['DELETE author a', 'DELETE book b']);
    // One row is changed twice by one statement: nulled for one author, deleted for the other.
    await database.query(`INSERT INTO author (id) VALUES ('a'), ('e')`);
    await database.query(`INSERT INTO book (id, author_id, editor_id) VALUES ('b', 'a', 'e')`);
    await news();
    await database.query(`DELETE FROM author WHERE id IN ('a', 'e')`);
    const both = (await news()).filter(({ table }) => table === 'book');
    assert.equal(both.at(-1)?.kind, 'DELETE');
    for (const [at, change] of both.entries()) if (at > 0) assert.deepEqual(change.before, both[at - 1]?.after);
  });

  test('is there for a row of a table between', async () => {
    await database.query(`INSERT INTO book (id) VALUES ('l')`);
    const [tag] = await database.query('SELECT id FROM tag LIMIT 1');
    await news();
    const [link] = await database.query<{ name: string; columns: string[] }>(
      `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attname) AS columns
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE obj_description(c.oid) LIKE '%between%' GROUP BY 1`,
    );
    assert.ok(link);
    await database.query(`INSERT INTO ${link.name} (${link.columns.join()}) VALUES ('l', $1)`, [tag?.['id']]);
    await database.query(`DELETE FROM ${link.name}`);
    const [inserted, deleted] = await news();
    assert.deepEqual(told([inserted, deleted].flatMap((change) => change ?? [])), [
      `INSERT ${link.name} null`,
      `DELETE ${link.name} null`,
    ]);
    assert.deepEqual(inserted?.after, deleted?.before);
    assert.deepEqual(Object.keys(inserted?.after ?? {}).sort(), link.columns);
  });

  test('is there for each half of an upsert', async () => {
    await database.query(
      `INSERT INTO tag (id, word) VALUES ('u1', 'a'), ('u2', 'a') ON CONFLICT (id) DO UPDATE SET word = 'b'`,
    );
    await database.query(
      `INSERT INTO tag (id, word) VALUES ('u2', 'c'), ('u3', 'c') ON CONFLICT (id) DO UPDATE SET word = 'd'`,
    );
    assert.deepEqual(told(await news()), ['INSERT tag u1', 'INSERT tag u2', 'UPDATE tag u2', 'INSERT tag u3']);
  });

  test('comes before that which somebody else makes of it', async () => {
    await database.query(`
      CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.word = 'first' THEN UPDATE tag SET word = 'second' WHERE id = NEW.id; END IF; RETURN NULL; END $$;
      CREATE TRIGGER "AAA_again" AFTER INSERT OR UPDATE ON tag FOR EACH ROW EXECUTE FUNCTION again()`);
    await database.query(`INSERT INTO tag (id, word) VALUES ('t', 'first')`);
    await database.query('DROP FUNCTION again CASCADE');
    assert.deepEqual(
      (await news()).map(({ kind, after: image }) => `${kind} ${image?.['word']}`),
      ['INSERT first', 'UPDATE second'],
    );
  });

  test('is made with rights that its writer has not, and with nothing that its writer may have put in the way', async () => {
    const name = `writer_${database.url.replace(/.*test_(\w+).*/, '$1')}`;
    await database.query(`
      CREATE SCHEMA evil;
      CREATE FUNCTION evil.to_jsonb(x anyelement) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"id": "forged"}'::jsonb $$;
      CREATE FUNCTION evil.nextval(x text) RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$`);
    const mayCreateRoles = await database.query(
      'SELECT rolcreaterole OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
    );
    await onClient(async (client) => {
      if (mayCreateRoles[0]?.['may']) {
        await client.query(`CREATE ROLE ${name}; GRANT INSERT ON tag TO ${name};
          GRANT USAGE ON SCHEMA tablecast, evil TO ${name}; GRANT USAGE ON SEQUENCE tablecast.row_version TO ${name}; SET ROLE ${name}`);
        await assert.rejects(client.query('SELECT FROM tablecast.change'), /permission denied/);
      }
      await client.query('SET search_path = evil, pg_catalog, public');
      await client.query(`INSERT INTO public.tag (id, word) VALUES ('e', 'e')`);
      await client.query('RESET ROLE');
      if (mayCreateRoles[0]?.['may']) await client.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
    });
    assert.deepEqual(told(await news()), ['INSERT tag e']);
  });

  test('of a table that was renamed has the new name, and of one that is no more is left out', async () => {
    await database.query('CREATE TABLE gone (id text PRIMARY KEY)');
    await database.query(
      'CREATE TRIGGER c AFTER INSERT ON gone FOR EACH ROW EXECUTE FUNCTION tablecast.capture_change()',
    );
    await database.query(`INSERT INTO gone VALUES ('g')`);
    await database.query(`INSERT INTO more (id) VALUES ('m')`);
    await database.query('DROP TABLE gone; ALTER TABLE more RENAME TO rather');
    assert.deepEqual(told(await news()), ['INSERT rather m']);
    await database.query('ALTER TABLE rather RENAME TO more');
  });

  describe('is a RESET', () => {
    test('where a table is emptied at once', async () => {
      await database.query('TRUNCATE more');
      assert.deepEqual(told(await news()), ['RESET more null']);
    });

    test('where a column gets another type', async () => {
      const sdl = (type: string) => `${TABLES} type More @table { n: ${type} }`;
      await applyTables(database, await modelOf(sdl('BigInt')));
      const changes = await news();
      assert.deepEqual(told(changes), ['RESET more null']);
      assert.equal(changes[0]?.actor, 'admin:schema');
    });

    test('where a column is renamed, or fills the rows that are there; not where one is merely added', async () => {
      const more = (columns: string) => modelOf(`${TABLES} type More @table { n: BigInt ${columns} }`);
      const steps: [columns: string, told: string[]][] = [
        ['plain: String', []],
        ['renamed: String @renamedFrom(name: "plain")', ['RESET more null']],
        ['renamed: String filled: Int! @default(value: "1")', ['RESET more null']],
      ];
      for (const [columns, expected] of steps) {
        await applyTables(database, await more(columns));
        assert.deepEqual(told(await news()), expected, columns);
      }
      await database.query('ALTER TABLE more DROP COLUMN renamed, DROP COLUMN filled');
    });

    test('where a table was not captured before', async () => {
      const model = await modelOf(`${TABLES} type More @table { n: BigInt }`);
      const [link] = await database.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE obj_description(oid, 'pg_class') LIKE '%between%'`,
      );
      await database.query(
        `DROP TRIGGER "0_tablecast_change" ON more; DROP TRIGGER "0_tablecast_truncate" ON ${link?.name}`,
      );
      const { steps, kept } = await applyTables(database, model);
      assert.deepEqual(steps, ['log the changes of "public"."more"', `log the changes of "public"."${link?.name}"`]);
      assert.deepEqual(kept, []);
      assert.deepEqual(told(await news()), ['RESET more null', `RESET ${link?.name} null`]);
      assert.deepEqual((await applyTables(database, model)).steps, []);
      await database.query(`INSERT INTO more (id) VALUES ('again')`);
      assert.deepEqual(told(await news()), ['INSERT more again']);
    });
  });
});
