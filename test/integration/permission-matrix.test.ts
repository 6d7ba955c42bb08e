// The permission matrix: callers by operations by every path by kinds of rule, against an oracle of a dozen lines. Nothing
// may come of a row that a caller may not see: not the row, not a count, an order, a cursor or another word.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { Cells } from './permission-matrix/cells.ts';
import { checkReads } from './permission-matrix/check-reads.ts';
import { checkWrites } from './permission-matrix/check-writes.ts';
import { COLUMNS_SDL, checkColumns } from './permission-matrix/columns.ts';
import { checkIntrospection } from './permission-matrix/introspection.ts';
import { checkPresets, PRESETS_SDL } from './permission-matrix/presets.ts';
import { checkReplay } from './permission-matrix/replay.ts';
import { ROW_WRITES } from './permission-matrix/row-writes.ts';
import { TIED_WRITES } from './permission-matrix/tied-writes.ts';
import { CALLERS, KINDS, restoration, SDL } from './permission-matrix/world.ts';

const kinds = Object.keys(KINDS);
let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL + COLUMNS_SDL + PRESETS_SDL, production: true });
  for (const kind of kinds) await app.database.query(restoration(kind));
});
after(() => app?.close());

/** Checks a part of the matrix, prints how many cells it has, and fails with the first that are wrong. */
function part(name: string, check: (cells: Cells) => Promise<void>): void {
  test(name, async (t) => {
    const cells = new Cells();
    await check(cells);
    for (const line of cells.report()) t.diagnostic(line);
    assert.equal(cells.wrong.length, 0, `${cells.wrong.length} cells are wrong:\n${cells.complaints().join('\n')}`);
  });
}

/** Kinds have nothing to do with each other. */
const forEachKind = (work: (kind: string) => Promise<void>) => Promise.all(kinds.map(work)).then(() => undefined);

part('reads', (cells) => forEachKind((kind) => checkReads(app, cells, kind, CALLERS)));

part('writes', (cells) =>
  forEachKind((kind) => checkWrites(app, cells, kind, { callers: CALLERS, paths: ROW_WRITES })),
);

part('ties', (cells) => forEachKind((kind) => checkWrites(app, cells, kind, { callers: CALLERS, paths: TIED_WRITES })));

part('columns', (cells) => checkColumns(app, cells, CALLERS));

part('presets', (cells) => checkPresets(app, cells, CALLERS));

part('introspection', (cells) => checkIntrospection(app, cells, CALLERS));

part('replay', async (cells) => {
  await Promise.all(['Everyone', 'Own', 'Either', 'Dim'].map((kind) => checkReplay(app, cells, kind, CALLERS)));
});
