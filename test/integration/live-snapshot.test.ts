// The rows that a subscriber begins with are those of one position, whatever was committed between it and the reading.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type pg from 'pg';
import { callerClass } from '../../src/access/caller-class.ts';
import { Interest } from '../../src/changes/interest.ts';
import type { Position } from '../../src/changes/position.ts';
import { RecentChanges } from '../../src/changes/recent-changes.ts';
import { snapshot } from '../../src/changes/snapshot.ts';
import { openLog } from '../../src/platform/log.ts';
import { followedRows } from '../../src/records/followed-rows.ts';
import type { Request } from '../../src/records/value-source.ts';
import { openLogReaders } from '../../src/stores/postgres/change-log/open-log-readers.ts';
import { PostgresChangeLog } from '../../src/stores/postgres/change-log/postgres-change-log.ts';
import { PostgresRowPages } from '../../src/stores/postgres/change-log/row-pages.ts';
import { PostgresRowReader } from '../../src/stores/postgres/change-log/row-reader.ts';
import { EVERY_ROW } from '../../src/tables/filter.ts';
import { tableOf } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const SDL = `
type Doc @table(softDelete: true) @permission(level: USER, rows: { OR: [
  { readers: { some: { userId: { eq: "$user.id" } } } }
  { folder: { ownerId: { eq: "$user.id" } } }
] }) { folder: Folder @belongsTo readers: [Reader!]! @manyToMany n: Int! }
type Folder @table @permission(level: USER) { ownerId: ID docs: [Doc!]! @has(field: "folder") }
type Reader @table @permission(level: USER) { userId: ID! }`;

const model = await modelOf(SDL);
const table = tableOf(model, 'Doc');
const user = callerClass({ admin: false, application: false, user: true, roles: [] });
const request: Request = {
  caller: { kind: 'client', application: false, user: { id: 'ann', roles: [], claims: {} } },
  requestId: 'r',
  variables: {},
  newId: () => 'id',
};
const rows = followedRows(model, user, table, EVERY_ROW);
const shown = new Set(table.columns.keys());
const interest = new Interest({ model, table, rows, shown, telling: shown }, request);

let database: TestDatabase;
let readers: pg.Pool;
before(async () => {
  database = await openTestDatabase();
  await applyTables(database, model);
  const log = openLog({ level: 'silent', readable: false });
  readers = openLogReaders({
    address: { url: database.url },
    size: 2,
    statementTimeout: 10_000,
    lockTimeout: 2_000,
    log,
  });
});
after(async () => {
  await readers?.end();
  await database?.close();
});
beforeEach(() =>
  database.query(`
    DELETE FROM doc_readers; DELETE FROM doc; DELETE FROM folder; DELETE FROM reader;
    INSERT INTO folder (id, owner_id) VALUES ('f1', 'ann'), ('f2', 'ben');
    INSERT INTO reader (id, user_id) VALUES ('r1', 'ann'), ('r2', 'ben'), ('r3', 'ann');
    INSERT INTO doc (id, folder_id, n) VALUES ('d1', NULL, 1), ('d2', 'f1', 1), ('d3', NULL, 1), ('d4', 'f2', 1), ('d5', 'f1', 1), ('d6', NULL, 1);
    INSERT INTO doc_readers (doc_id, reader_id) VALUES ('d1', 'r1'), ('d3', 'r2'), ('d3', 'r3'), ('d5', 'r2');`),
);

const SEEN = ['d1', 'd2', 'd3', 'd5'];

/** What is committed behind the position. */
const MEANWHILE: Readonly<Record<string, string>> = {
  nothing: 'SELECT 1',
  'rows change': 'UPDATE doc SET n = 2',
  'rows are deleted': `DELETE FROM doc_readers; DELETE FROM doc WHERE id IN ('d1', 'd3', 'd6')`,
  'rows are deleted softly': 'UPDATE doc SET deleted = TRUE',
  'rows come': `INSERT INTO doc (id, folder_id, n) VALUES ('d0', 'f1', 1), ('d31', 'f1', 1), ('d9', 'f1', 1)`,
  'a row leads to another one': `UPDATE doc SET folder_id = CASE folder_id WHEN 'f1' THEN 'f2' ELSE 'f1' END`,
  'a related row changes, and rows leave': `UPDATE folder SET owner_id = 'ben' WHERE id = 'f1'`,
  'a related row changes, and rows come': `UPDATE folder SET owner_id = 'ann' WHERE id = 'f2'`,
  'a related row loses its value': `UPDATE folder SET owner_id = NULL`,
  'one of many related rows changes': `UPDATE reader SET user_id = 'ben'`,
  'one of many related rows changes, and rows come': `UPDATE reader SET user_id = 'ann'`,
  'rows between are deleted': 'DELETE FROM doc_readers',
  'rows between come': `INSERT INTO doc_readers (doc_id, reader_id) VALUES ('d4', 'r1'), ('d6', 'r3')`,
  'everything is deleted': 'DELETE FROM doc_readers; DELETE FROM doc; DELETE FROM folder; DELETE FROM reader',
  'rows leave, and come back': `UPDATE reader SET user_id = 'ben'; UPDATE doc SET n = 3; UPDATE reader SET user_id = 'ann' WHERE id = 'r1'`,
};

async function read(position: Position, size: number): Promise<string[][]> {
  const images = new PostgresRowPages(readers, model).compileImages({ kind: 'images', table, rows });
  const pages: string[][] = [];
  const reader = new PostgresRowReader(readers);
  const changeLog = new PostgresChangeLog(readers);
  const recent = new RecentChanges(position);
  const sources = { images, reader, request, changeLog, recent, fresh: () => changeLog.advance() };
  for await (const { events } of snapshot(interest, position, null, sources, size)) {
    pages.push(events.map(({ id, after: image }) => `${id} ${image?.['n']}`));
  }
  return pages;
}

for (const [name, statements] of Object.entries(MEANWHILE)) {
  test(name, async () => {
    const position = await new PostgresChangeLog(readers).advance();
    await database.query(statements);
    for (const size of [1, 2, 3, 100]) {
      const pages = await read(position, size);
      assert.deepEqual(
        pages.flat(),
        SEEN.map((id) => `${id} 1`),
        `in pages of ${size}`,
      );
      assert.ok(
        pages.every((page) => page.length <= size),
        JSON.stringify(pages),
      );
    }
  });
}
