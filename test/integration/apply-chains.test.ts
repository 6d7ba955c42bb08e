// Random apps, changed at random over rows. After every step: each value that should be there is, each refusal has done
// nothing, and what is there needs nothing more.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { ModelRefused } from '../../src/stores/postgres/apply/apply-model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { modelOf } from '../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { ChangingApp, type Choice } from './changing-app.ts';

const CHAINS = Number(process.env['CHAINS'] ?? 12);
const STEPS = 14;

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database?.close());

const choice: fc.Arbitrary<Choice> = fc.record({
  what: fc.nat(1_000),
  table: fc.nat(100),
  column: fc.nat(100),
  value: fc.nat(10_000),
});

/** Every row of every table, by id, as text. */
async function contents(): Promise<Map<string, Map<string, Record<string, string | null>>>> {
  const tables = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  );
  const all = new Map<string, Map<string, Record<string, string | null>>>();
  for (const { name } of tables) {
    const rows = await database.query<{ id: string; row: Record<string, unknown> }>(
      `SELECT id, to_jsonb(t) - 'created_at' - 'updated_at' - 'version' AS row FROM "${name}" t`,
    );
    const asText = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)]));
    all.set(name, new Map(rows.map(({ id, row }) => [id, asText(row)])));
  }
  return all;
}

/** What a value is called after its column changed from one type to another, where all that is kept reads the same. */
function reads(value: string | null | undefined, from: string, to: string): string | null | undefined {
  if (value === null || value === undefined || from === to) return value;
  if (to === 'DateTime' || from === 'DateTime') return undefined;
  if (from === 'Boolean' && (to === 'Int' || to === 'BigInt')) return value === 'true' ? '1' : '0';
  if (to === 'Boolean' && from !== 'String') return value === '1' ? 'true' : 'false';
  return to === 'String' || from === 'String' ? value : String(Number(value));
}

/** Throws when something that should have survived has not. */
function compare(
  before: Awaited<ReturnType<typeof contents>>,
  after: Awaited<ReturnType<typeof contents>>,
  old: ChangingApp,
  next: ChangingApp,
): void {
  for (const table of old.tables) {
    const now = next.tables.find(({ identity }) => identity === table.identity);
    const rows = before.get(table.name.toLowerCase());
    const kept = after.get((now ?? table).name.toLowerCase());
    assert.equal(kept?.size, rows?.size, `rows of ${table.name}`);
    for (const [id, row] of rows ?? []) {
      for (const column of table.columns) {
        const changed = now?.columns.find(({ identity }) => identity === column.identity);
        const value = kept?.get(id)?.[(changed ?? column).name.toLowerCase()];
        const expected = reads(row[column.name.toLowerCase()], column.type, changed?.type ?? column.type);
        if (expected === undefined) assert.notEqual(value, null);
        else if (changed && changed.type !== column.type && changed.type !== 'String')
          assert.equal(normal(value), normal(expected), `${table.name}.${column.name} of ${id}`);
        else assert.equal(value, expected, `${table.name}.${column.name} of ${id}`);
      }
    }
  }
}

/** Numbers that are written otherwise are equal. */
function normal(value: string | null | undefined): string | null | undefined {
  return value != null && /^-?[\d.]+$/.test(value) ? String(Number(value)) : value;
}

test(`chains of changes keep every value (${CHAINS} chains of up to ${STEPS} steps)`, async () => {
  let [applied, refused] = [0, 0];
  const chain = async (choices: readonly Choice[]) => {
    await database.query('DROP SCHEMA public CASCADE');
    await database.query('CREATE SCHEMA public');
    let app = new ChangingApp();
    app.change({ what: 0, table: 0, column: 0, value: choices[0]?.value ?? 0 });
    await applyTables(database, await modelOf(app.sdl()));
    for (const step of choices) {
      for (const insert of app.inserts(step.value)) await database.query(insert);
      const next = app.copy();
      next.change(step);
      const model = await modelOf(next.sdl());
      const before = await contents();
      try {
        await applyTables(database, model);
      } catch (error) {
        if (!(error instanceof ModelRefused)) throw error;
        refused += 1;
        assert.deepEqual(await contents(), before, 'a refusal does nothing');
        // The last good one still is: nothing of the refused one is left over.
        assert.deepEqual((await applyTables(database, await modelOf(app.sdl()))).steps, []);
        continue;
      }
      applied += 1;
      compare(before, await contents(), app, next);
      assert.deepEqual((await applyTables(database, model)).steps, [], 'the plan to itself is empty');
      app = next;
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(choice, { minLength: 4, maxLength: STEPS }), chain), {
    numRuns: CHAINS,
    includeErrorInReport: true,
  });
  assert.ok(applied > refused && (refused > 0 || CHAINS < 5), `${applied} applied, ${refused} refused`);
});
