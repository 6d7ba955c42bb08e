// The catalog on the oldest PostgreSQL that the service takes, and after its upgrade to the newest.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { migrateCatalog } from '../../src/stores/postgres/catalog/migrate-catalog.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { openTestService } from '../support/open-test-service.ts';
import { BIN, openPostgres15, type Postgres15, skipped } from '../support/postgres-15.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { catalogCases, catalogOf, directPool } from './catalog-cases.ts';

describe('PostgreSQL 15', { skip: skipped && `skipped: ${skipped}` }, () => {
  let server: Postgres15;
  before(async () => {
    server = await openPostgres15();
  });
  after(() => server?.close());
  const open = () => openTestDatabase(`ENCODING 'UTF8' TEMPLATE template0`, server.url);

  catalogCases(open);

  test("a user is told whose the schema is, when it is another's, and what helps", async () => {
    const database = await open();
    const { log } = openKeptLog();
    await database.query('CREATE ROLE stranger LOGIN');
    const stranger = new URL(database.url);
    stranger.username = 'stranger';
    const [own, theirs] = [directPool(database.url, log), directPool(stranger.href, log)];
    try {
      await migrateCatalog(own, { log });
      const refused = await migrateCatalog(theirs, { log }).then(
        () => assert.fail('it was not refused'),
        (error: unknown) => String(error),
      );
      assert.match(refused, /permission denied for schema tablecast\. The schema belongs to tablecast: /);
      const [, statement] = /\((GRANT \w+ TO \w+;)\)\.$/.exec(refused) ?? [];
      assert.ok(statement, refused);
      await database.query(statement);
      await migrateCatalog(theirs, { log });
    } finally {
      await Promise.all([own.end(), theirs.end()]);
      await database.close();
    }
  });

  test('a database that is moved to the newest goes on there, with nothing due', async () => {
    const old = await open();
    const moved = await openTestDatabase();
    const { log, take } = openKeptLog();
    try {
      const before = await openTestService({ database: old });
      await before.ask('mutation { insertTodoList(data: { id: "l", name: "n" }) { id } }', { as: 'alice' });
      await before.close();
      const dump = execFileSync(join(BIN, 'pg_dump'), ['--no-owner', old.url]);
      execFileSync(join(BIN, 'psql'), ['--set=ON_ERROR_STOP=1', '--quiet', '--output=/dev/null', moved.url], {
        input: dump,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      const restored = await catalogOf(moved);
      const pool = directPool(moved.url, log);
      await migrateCatalog(pool, { log }).finally(() => pool.end());
      assert.deepEqual(take(), []);
      assert.deepEqual(await catalogOf(moved), restored);
      const app = await openTestService({ database: moved });
      const { data, text } = await app.ask('mutation { insertTodoList(data: { name: "m" }) { id } }', { as: 'alice' });
      assert.match(String((data?.['insertTodoList'] as { id?: string })?.id), /^[\da-f]{8}-[\da-f]{4}-7/, text);
      await app.close();
    } finally {
      await Promise.all([old.close(), moved.close()]);
    }
  });
});
