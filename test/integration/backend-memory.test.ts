// Operations of different shapes, more than a server should remember: what it keeps of their statements stays within the names
// that a connection may have, and what it keeps of their rows within the shapes that it is asked for.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { MOST_SHAPED_COLUMNS } from '../../src/stores/postgres/statements/row-shapes.ts';
import { openTestService, type TestService } from '../support/open-test-service.ts';

const SHAPES = 1_200;
/** From its third use a statement has a name. */
const USES = 3;
const AT_ONCE = 20;

let app: TestService;
before(async () => {
  app = await openTestService({ pool: { size: 2, statementTimeout: 10_000, lockTimeout: 2_000 } });
});
after(() => app.close());

/** The private memory of the service's sessions, in kB each. Null: they are not processes of this machine. */
async function memory(of: TestService): Promise<number[] | null> {
  const rows = await of.database.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tablecast' ORDER BY pid`,
  );
  const files = rows.map(({ pid }) => `/proc/${pid}/status`);
  if (!files.every(existsSync)) return null;
  return files.map((file) => Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1]));
}

async function ask(from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += AT_ONCE) {
    const queries = Array.from(
      { length: AT_ONCE },
      (_, at) => `{ todoList(by: { id: "none" }) { s${first + at}: name } }`,
    );
    for (let use = 0; use < USES; use++) {
      const answers = await Promise.all(queries.map((query) => app.ask(query, { as: 'alice+app' })));
      for (const { errors, text } of answers) assert.equal(errors, undefined, text);
    }
  }
}

test('four times as many shapes take no more memory of the server', { timeout: 120_000 }, async (t) => {
  await ask(0, SHAPES / 4);
  const early = await memory(app);
  if (early === null) return t.skip('the server is not on this machine: its memory cannot be seen');
  await ask(SHAPES / 4, SHAPES);
  const late = await memory(app);
  t.diagnostic(
    `kB of each session after ${SHAPES / 4} shapes: ${early.join(', ')}; after ${SHAPES}: ${late?.join(', ')}`,
  );
  assert.equal(late?.length, early.length);
  for (const [at, kilobytes] of (late ?? []).entries()) assert.ok(kilobytes < 1.25 * (early[at] ?? 0));
});

/** Lists whose rows have the columns together, each under a name of its own. */
async function askForRows(app: TestService, name: string, columns: number): Promise<void> {
  const keys = Array.from({ length: COLUMNS }, (_, at) => at);
  for (let asked = 0; asked < columns; asked += COLUMNS) {
    const { errors, text } = await app.ask(
      `{ todoLists { ${keys.map((at) => `${name}${asked + at}: name`).join(' ')} } }`,
      {
        as: 'alice+app',
      },
    );
    assert.equal(errors, undefined, text);
  }
}
/** Of one row. */
const COLUMNS = 500;

test('rows of ever other names take no more memory than the shapes that are allowed', {
  timeout: 120_000,
}, async (t) => {
  const one = await openTestService({ pool: { size: 1, statementTimeout: 10_000, lockTimeout: 2_000 } });
  t.after(() => one.close());
  await askForRows(one, 'first', MOST_SHAPED_COLUMNS);
  const [early] = (await memory(one)) ?? [];
  if (early === undefined) return t.skip('the server is not on this machine: its memory cannot be seen');
  await askForRows(one, 'then', 2 * MOST_SHAPED_COLUMNS);
  const [late] = (await memory(one)) ?? [];
  t.diagnostic(`kB of the session after the allowed shapes: ${early}; after three times as many: ${late}`);
  assert.ok((late ?? Infinity) < 1.25 * early);
});
