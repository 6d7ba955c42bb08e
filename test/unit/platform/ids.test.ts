// New ids: their form, and their order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuidV7Maker } from '../../../src/platform/ids.ts';

const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const NOON = Date.UTC(2026, 0, 1, 12);

const timeOf = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

test('an id is a UUIDv7 of its moment', () => {
  const id = uuidV7Maker(() => NOON)();
  assert.match(id, UUID_V7);
  assert.equal(timeOf(id), NOON);
});

test('each sorts after those before it, however many there are in a millisecond', () => {
  const newId = uuidV7Maker(() => NOON);
  const ids = Array.from({ length: 20_000 }, newId);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => UUID_V7.test(id)));
});

test('a clock that is set back does not put new ids before old ones', () => {
  const times = [NOON, NOON - 5_000, NOON - 1, NOON, NOON + 1];
  let at = 0;
  const newId = uuidV7Maker(() => times[at++] ?? NOON);
  const ids = times.map(() => newId());
  assert.deepEqual([...ids].sort(), ids);
});
