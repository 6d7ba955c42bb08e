// The last changes: between two positions there are all of them, or it says that it does not know.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../../src/changes/change.ts';
import type { Position } from '../../../src/changes/position.ts';
import { RecentChanges } from '../../../src/changes/recent-changes.ts';

const at = (batch: number, seq = 0): Position => ({ epoch: 'e', batch: BigInt(batch), seq: BigInt(seq) });
const change = (batch: number, seq: number) => ({ position: at(batch, seq) }) as Change;
const places = (changes: readonly Change[] | null) =>
  changes?.map(({ position }) => `${position.batch}.${position.seq}`) ?? null;

test('what is between two positions', () => {
  const recent = new RecentChanges(at(1));
  recent.add([change(2, 1), change(2, 2)], at(2, 2));
  recent.add([change(3, 3)], at(3, 5));
  assert.deepEqual(places(recent.between(at(1), at(3, 5))), ['2.1', '2.2', '3.3']);
  assert.deepEqual(places(recent.between(at(2, 1), at(2, 2))), ['2.2']);
  assert.deepEqual(places(recent.between(at(3, 5), at(3, 5))), []);
  assert.equal(recent.between(at(0), at(3, 5)), null);
  assert.equal(recent.between(at(1), at(4)), null);
  assert.equal(recent.between({ ...at(1), epoch: 'other' }, at(3, 5)), null);
  recent.restart(at(9));
  assert.equal(recent.between(at(2), at(9)), null);
  assert.deepEqual(places(recent.between(at(9), at(9))), []);
});

test('is bounded, and knows from where', () => {
  const recent = new RecentChanges(at(1));
  for (let batch = 2; batch < 20; batch++)
    recent.add(
      Array.from({ length: 1_000 }, (_, seq) => change(batch, seq)),
      at(batch, 999),
    );
  assert.equal(recent.between(at(1), at(19, 999)), null);
  assert.equal(recent.between(at(14, 999), at(19, 999))?.length, 5_000);
});
