// The permission matrix of what happens: callers by kinds of rule by events, while it happens, by the log afterwards, and as a
// snapshot; and the matrix of queries and mutations once more, over the socket.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cells } from '../integration/permission-matrix/cells.ts';
import { checkReads } from '../integration/permission-matrix/check-reads.ts';
import { checkWrites } from '../integration/permission-matrix/check-writes.ts';
import { COLUMNS_SDL, checkWay } from '../integration/permission-matrix/columns.ts';
import { ROW_WRITES } from '../integration/permission-matrix/row-writes.ts';
import { CALLERS, restoration, SDL } from '../integration/permission-matrix/world.ts';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { checkTold } from './live-permissions/check-told.ts';
import { COLUMN_WAYS } from './live-permissions/column-ways.ts';
import { SocketAsker } from './live-permissions/live-socket.ts';
import { beginning, KINDS, SDL as LIVE_SDL, namesOf } from './live-permissions/world.ts';

/** Checks a part of the matrix, prints how many cells it has, and fails with the first that are wrong. */
function part(name: string, check: (cells: Cells) => Promise<void>): void {
  test(name, async (t) => {
    const cells = new Cells();
    await check(cells);
    for (const line of cells.report()) t.diagnostic(line);
    assert.equal(cells.wrong.length, 0, `${cells.wrong.length} cells are wrong:\n${cells.complaints().join('\n')}`);
  });
}

let told: TestService;
let asked: TestService;
const asker = new SocketAsker();
/** Kinds of rule whose queries and mutations are asked over the socket. */
const SOME = ['Everyone', 'Moderated', 'Own', 'Either', 'Dim', 'Narrow'];

before(async () => {
  told = await openTestService({ sdl: LIVE_SDL, production: true });
  for (const kind of Object.keys(KINDS)) await told.database.query(beginning(namesOf(kind)));
  // Who may read may subscribe.
  const columns = COLUMNS_SDL.replaceAll('on: [READ, INSERT, UPDATE, DELETE], ', '');
  asked = await openTestService({ sdl: SDL + columns, production: true });
  for (const kind of SOME) await asked.database.query(restoration(kind));
});
after(async () => {
  await asker.close();
  await told?.close();
  await asked?.close();
});

part('events', (cells) => checkTold(told, cells, CALLERS));

part('columns of subscriptions', async (cells) => {
  for (const who of CALLERS) {
    for (const way of COLUMN_WAYS) await checkWay(asked, cells, who, way, asker.ask);
  }
});

part('reads over the socket', async (cells) => {
  await Promise.all(SOME.map((kind) => checkReads(asked, cells, kind, CALLERS, asker.ask)));
});

part('writes over the socket', async (cells) => {
  await Promise.all(
    SOME.slice(2).map((kind) =>
      checkWrites(asked, cells, kind, { callers: CALLERS, paths: ROW_WRITES, send: asker.ask }),
    ),
  );
});
