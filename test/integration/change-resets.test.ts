// Changes of tables after which the log's old rows would be misread: whoever follows the table begins anew. After others nobody
// has to.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Position } from '../../src/changes/position.ts';
import { PostgresRowReader } from '../../src/stores/postgres/change-log/row-reader.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { type LogReadersWorld, openLogReadersWorld } from './log-readers-world.ts';

const BEFORE = `
  type Post @table { title: String tags: [Tag!]! @manyToMany }
  type Tag @table { word: String }`;

let world: LogReadersWorld;
before(async () => {
  world = await openLogReadersWorld(BEFORE);
});
after(() => world?.close());

/** The tables that are told of, after the model has become this. */
async function resetsOf(sdl: string): Promise<string[]> {
  const start = await world.log.advance();
  await applyTables(world.database, await modelOf(sdl));
  return (await world.changesSince(start)).map(({ kind, table }) => `${kind} ${table}`);
}

const POSTS = (columns: string) => BEFORE.replace('title: String', columns);

test('a column is added, dropped, and added once more: rows without a value would be taken for what they were', async () => {
  await world.database.query(`INSERT INTO post (id, title) VALUES ('p', 't')`);
  const start = await world.log.advance();
  assert.deepEqual(await resetsOf(POSTS('title: String, note: String')), []);
  await world.database.query(`UPDATE post SET note = 'n'`);
  assert.deepEqual(await resetsOf(POSTS('title: String')), []);
  await world.database.query('ALTER TABLE post DROP COLUMN note');
  const look = (position: Position) =>
    new PostgresRowReader(world.readers).look(position, { table: 'post', column: 'id', keys: ['p'] });
  assert.equal((await look(start))?.later.length, 1);
  assert.deepEqual(await resetsOf(POSTS('title: String, note: String')), ['RESET post']);
  assert.equal(await look(start), null);
});

test('a table is renamed, and with it a column of the table between', async () => {
  const renamed = BEFORE.replaceAll('Tag', 'Word').replace(
    'type Word @table',
    'type Word @table @renamedFrom(name: "Tag")',
  );
  assert.deepEqual(await resetsOf(renamed), ['RESET post_tags']);
  assert.deepEqual(await resetsOf(renamed), []);
});
