// Two thousand operations of different shapes, each often enough to have a name: what the server keeps of them stays within
// the names that a connection may have.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';

const SHAPES = 2_000;
/** From its third use a statement has a name. */
const USES = 3;
const AT_ONCE = 20;

let app: TestService;
before(async () => {
  app = await openTestService({ pool: { size: 2, statementTimeout: 10_000, lockTimeout: 2_000 } });
});
after(() => app.close());

/** The private memory of the service's sessions, in kB each. Null: they are not processes of this machine. */
async function memory(): Promise<number[] | null> {
  const rows = await app.database.query<{ pid: number }>(
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

test('two thousand shapes take no more memory of the server than five hundred', { timeout: 120_000 }, async (t) => {
  await ask(0, SHAPES / 4);
  const early = await memory();
  if (early === null) return t.skip('the server is not on this machine: its memory cannot be seen');
  await ask(SHAPES / 4, SHAPES);
  const late = await memory();
  t.diagnostic(
    `kB of each session after ${SHAPES / 4} shapes: ${early.join(', ')}; after ${SHAPES}: ${late?.join(', ')}`,
  );
  assert.equal(late?.length, early.length);
  for (const [at, kilobytes] of (late ?? []).entries()) assert.ok(kilobytes < 1.25 * (early[at] ?? 0));
});
