// Typical operations over 100,000 rows, as PostgreSQL plans and runs them: no table is read through where an index serves,
// a page by cursors begins at its cursor, and a nested list reads the rows of its parents only. The plans stand in
// test/snapshots/plans, with the rows that each step gave; UPDATE=1 writes them. What must be in a plan is said here.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertSnapshot, SNAPSHOTS } from '../unit/stores/snapshot.ts';
import { OPERATIONS } from './explain-operations.ts';
import { type ExplainWorld, openExplainWorld } from './explain-world.ts';

let world: ExplainWorld;
before(async () => {
  world = await openExplainWorld();
});
after(() => world?.close());

const fileOf = (name: string) => `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.txt`;

describe('plans', () => {
  for (const { name, query, as, served, reads } of OPERATIONS) {
    test(name, async () => {
      const plan = await world.planOf(query, as);
      assertSnapshot(join('plans', fileOf(name)), `${query}\n\n${plan}`);
      for (const part of served) assert.match(plan, part);
      const scanned = [...plan.matchAll(/Seq Scan on (\w+)[^(]*\(rows/g)].map((found) => found[1]);
      assert.deepEqual(scanned, reads ? [reads] : [], plan);
    });
  }

  test('every one in the folder is of an operation', () => {
    const known = OPERATIONS.map(({ name }) => fileOf(name));
    assert.deepEqual(readdirSync(join(SNAPSHOTS, 'plans')).sort(), known.sort());
  });
});

test('what is not selected is not fetched', async () => {
  const plan = await world.outputsOf('{ items(orderBy: { rank: DESC }) { id } }');
  assert.match(plan, /Limit\n.*Output: t1\.id, (NULL::[^\n]*, )+t1\.rank/, plan);
  assert.doesNotMatch(plan, /Output: [^\n]*t1\.text/, plan);
});
