// The judge of the crash tests, put before databases in which one thing is wrong each: a judge that finds nothing anywhere
// would pass every crash.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import type { WrittenDown } from './crash-clients.ts';
import { judge, toProblems } from './crash-judgement.ts';
import { type Places, TABLES } from './crash-writes.ts';

const told = (outcome: WrittenDown['outcome'], leaves: Places, keyed = false): WrittenDown => ({
  write: { kind: 'nested insert', mark: 'm', query: '', variables: {}, leaves, conditional: false },
  keyed,
  outcome,
  sent: 1,
});

describe('a write is held against what its client was told', () => {
  const leaves: Places = { parcel: 1, item: 4 };
  const cases: readonly [name: string, note: WrittenDown, found: Places, problem: RegExp | null][] = [
    ['acknowledged and there', told('acknowledged', leaves), leaves, null],
    ['acknowledged and absent', told('acknowledged', leaves), {}, /is there not$/],
    ['acknowledged and there twice', told('acknowledged', leaves), { parcel: 2, item: 8 }, /more than once/],
    ['acknowledged and there in part', told('acknowledged', leaves), { parcel: 1, item: 3 }, /in part/],
    ['without what it belongs to', told('acknowledged', leaves), { item: 4 }, /in part/],
    ['where it does not belong', told('acknowledged', leaves), { ...leaves, slot: 1 }, /more than once/],
    ['refused and absent', told('refused', leaves), {}, null],
    ['refused and there', told('refused', leaves), leaves, /\(refused, .* is there$/],
    ['unknown and absent', told('unknown', leaves), {}, null],
    ['unknown and there', told('unknown', leaves), leaves, null],
    ['unknown and there in part', told('unknown', leaves), { parcel: 1 }, /in part/],
    ['unknown under a key', told('unknown', leaves, true), leaves, /never answered/],
  ];
  for (const [name, note, found, problem] of cases) {
    test(name, () => {
      const problems = toProblems(note, found);
      if (problem === null) assert.deepEqual(problems, []);
      else assert.match(problems.join(), problem);
    });
  }
});

describe('a database is held against itself', { timeout: 60_000 }, () => {
  const WRITE = `mutation @transaction {
    insertEntry(data: { mark: "m" }) { id }
    insertCounter(data: { id: "c", marks: [] }) { id }
    updateCounter(by: { id: "c" }, increment: { total: 1 }, append: { marks: ["m"] }) { total }
    upsertSlot(by: { id: "s" }, insert: { mark: "m" }) { inserted }
    insertParcel(data: { mark: "m", items: { insert: [{ mark: "m" }] } }) { id }
  }`;
  const NOTE = told('acknowledged', { entry: 1, counter: 1, slot: 1, parcel: 1, item: 1 }, true);
  let app: TestService;
  before(async () => {
    app = await openTestService({ sdl: TABLES });
  });
  after(() => app?.close());
  beforeEach(async () => {
    await app.database.query('TRUNCATE entry, counter, slot, parcel, item, tablecast.kept_answer');
    await app.database.query('TRUNCATE tablecast.change');
    const { errors } = await app.ask(WRITE, { headers: { 'idempotency-key': 'k' } });
    assert.equal(errors, undefined);
  });

  const cases: readonly [name: string, wrong: readonly string[], problem: RegExp | null][] = [
    ['nothing', [], null],
    [
      'a change that nobody captured',
      unseen('entry', `UPDATE entry SET created_at = 'epoch'`),
      /^the log and a row of entry disagree/,
    ],
    ['a row that nobody captured', unseen('slot', 'DELETE FROM slot'), /^the log and a row of slot disagree/],
    [
      'a log with a gap',
      [`DELETE FROM tablecast.change WHERE table_name = 'counter' AND op = 'I'`],
      /^a change does not begin/,
    ],
    [
      'a version that came again',
      [`UPDATE tablecast.change c SET new = c.new || jsonb_build_object('version', c.old -> 'version') WHERE op = 'U'`],
      /^a row had a version twice/m,
    ],
    [
      'a table that was read anew',
      [`SELECT tablecast.log_reset('item'), tablecast.log_reset('item')`],
      /^a table was read anew/,
    ],
    ['a counter that lost a count', ['UPDATE counter SET total = 0'], /^a counter is not the number of its marks/],
    ['a mark that was added twice', [`UPDATE counter SET total = 2, marks = '{m,m}'`], /more than once/],
    ['a part of another whole', [`UPDATE parcel SET mark = 'other'`], /^an item has no parcel of its write/m],
    ['a write of nobody', [`INSERT INTO entry (mark) VALUES ('stray')`], /^nobody wrote stray/],
    ['an answer that was not kept', ['UPDATE tablecast.kept_answer SET answer = NULL'], /^a kept answer is empty/],
  ];
  for (const [name, wrong, problem] of cases) {
    test(name, async () => {
      for (const text of wrong) await app.database.query(text);
      const { problems } = await judge([NOTE], { connectionString: app.database.url });
      if (problem === null) assert.deepEqual(problems, []);
      else assert.match(problems.join('\n'), problem);
    });
  }
});

/** A statement whose changes no trigger sees. */
function unseen(table: string, text: string): string[] {
  return [`ALTER TABLE ${table} DISABLE TRIGGER USER`, text, `ALTER TABLE ${table} ENABLE TRIGGER USER`];
}
