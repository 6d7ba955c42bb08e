// `@renamedFrom`: the rows stay, by every name, once and for all.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { modelOf, openTestService, type TestService } from '../support/open-test-service.ts';

const BEFORE = `
type Folder @table @permission(level: PUBLIC) { label: String! @unique notes: [Note!]! @has(field: "folder") }
type Note @table @permission(level: PUBLIC) { body: String! @length(min: 1) @index folder: Folder! @belongsTo }`;

const AFTER = `
type Binder @table @permission(level: PUBLIC) @renamedFrom(name: "Folder") {
  title: String! @unique @renamedFrom(name: "label")
  notes: [Note!]! @has(field: "binder")
}
type Note @table @permission(level: PUBLIC) {
  text: String! @length(min: 1) @index @renamedFrom(name: "body")
  binder: Binder! @belongsTo @renamedFrom(name: "folder")
}`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: BEFORE });
  await app.database.query(
    `INSERT INTO folder (id, label) VALUES ('f', 'F'); INSERT INTO note (id, body, folder_id) VALUES ('n', 'N', 'f')`,
  );
  await app.service.publish(await modelOf(AFTER));
});
after(() => app?.close());

describe('renamed tables and columns', () => {
  test('keep their rows', async () => {
    const { data } = await app.ask('{ binders { id title notes { text binder { id } } } }');
    assert.deepEqual(data, { binders: [{ id: 'f', title: 'F', notes: [{ text: 'N', binder: { id: 'f' } }] }] });
  });

  test('keep what holds them together, and its words', async () => {
    const code = async (query: string) => (await app.ask(query)).errors?.[0]?.extensions;
    assert.equal((await code('mutation { insertBinder(data: { id: "f", title: "x" }) { id } }'))?.['code'], 'CONFLICT');
    assert.deepEqual((await code('mutation { insertBinder(data: { title: "F" }) { id } }'))?.['fields'], [
      { path: ['data', 'title'], message: 'is taken' },
    ]);
    await assert.rejects(app.database.query(`INSERT INTO note (text, binder_id) VALUES ('', 'f')`), { code: '23514' });
    await assert.rejects(app.database.query(`INSERT INTO note (text, binder_id) VALUES ('x', 'no')`), {
      code: '23503',
    });
  });

  test('leave nothing of the old names', async () => {
    const names = await app.database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
       UNION SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'`,
    );
    assert.deepEqual(
      names.filter(({ name }) => /folder|label|body/.test(name)),
      [],
    );
  });

  test('are renamed once: the directive can stay', async () => {
    await app.service.publish(await modelOf(AFTER));
    assert.equal((await app.ask('{ binders { id } }')).errors, undefined);
  });
});
