// The judge of the live exam finds what a feed can do wrong: each mistake is made once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, type ChangeEvent, Fold, type Row } from './live-fold.ts';

const row = (id: string, n: number): Row => ({ id, n });
const event = (op: ChangeEvent['op'], id: string, n: number, cursor: string): ChangeEvent => ({
  op,
  id,
  cursor,
  node: op === 'LEAVE' || op === 'DELETE' ? null : row(id, n),
  ...(op === 'UPDATE' ? { previous: row(id, n - 1) } : {}),
  ...(op === 'DELETE' ? { previous: row(id, n) } : {}),
});
const batch = (...events: ChangeEvent[]): Batch => ({ cursor: events.at(-1)?.cursor ?? 'none', reset: false, events });

const enter = event('ENTER', 'a', 1, '1');
const update = event('UPDATE', 'a', 2, '2');
const later = event('UPDATE', 'a', 3, '3');
const gone = event('DELETE', 'a', 3, '4');

const STORIES: Readonly<Record<string, readonly [batches: readonly Batch[], end: readonly Row[], wrong: string[]]>> = {
  'nothing wrong': [
    [batch(enter, update), batch(later), batch(gone, event('SNAPSHOT', 'b', 1, '5'))],
    [row('b', 1)],
    [],
  ],
  'a row that left and came back': [
    [batch(enter, event('LEAVE', 'a', 1, '2'), event('ENTER', 'a', 5, '3'))],
    [row('a', 5)],
    [],
  ],
  'an event twice': [
    [batch(enter, update, update)],
    [row('a', 2)],
    ['duplicate: the same event', 'gap: what was before UPDATE is not what is held'],
  ],
  'an ENTER twice': [
    [batch(enter, { ...enter, cursor: '2' })],
    [row('a', 1)],
    ['duplicate: ENTER of a row that is held'],
  ],
  'a snapshot of what is there': [
    [batch(enter, event('SNAPSHOT', 'a', 2, '2'))],
    [row('a', 2)],
    ['duplicate: SNAPSHOT of a row that is held'],
  ],
  'a lost UPDATE': [[batch(enter, later)], [row('a', 3)], ['gap: what was before UPDATE is not what is held']],
  'a lost ENTER': [[batch(update)], [row('a', 2)], ['gap: UPDATE of a row that is not held']],
  'a LEAVE of nothing': [[batch(event('LEAVE', 'a', 0, '1'))], [], ['gap: LEAVE of a row that is not held']],
  'a DELETE of nothing': [[batch(gone)], [], ['gap: DELETE of a row that is not held']],
  'a DELETE of another state': [[batch(enter, gone)], [], ['gap: what was before DELETE is not what is held']],
  'the wrong order': [
    [batch(enter, later, update)],
    [row('a', 2)],
    [
      'gap: what was before UPDATE is not what is held',
      'gap: what was before UPDATE is not what is held',
      'order: a row went back',
    ],
  ],
  'a lost last event': [[batch(enter, update)], [row('a', 3)], ['gap: a row is not as it is at the end']],
  'a lost row': [[batch(enter)], [row('a', 1), row('b', 1)], ['gap: a row is missing at the end']],
  'a lost DELETE': [[batch(enter)], [], ['gap: a row is held that is gone']],
  'a reset': [[batch(enter), { ...batch(event('SNAPSHOT', 'a', 1, '2')), reset: true }], [row('a', 1)], ['reset']],
};

for (const [name, [batches, end, expected]] of Object.entries(STORIES)) {
  test(name, () => {
    const wrong: string[] = [];
    const fold = new Fold({ wrong: (kind) => wrong.push(kind), told: new Map() });
    for (const one of batches) fold.take(one);
    fold.compare(end, ['id', 'n']);
    assert.deepEqual(wrong, expected);
  });
}

test('who takes the first events of a batch goes on after them', () => {
  const fold = new Fold({ wrong: assert.fail, told: new Map() });
  fold.take(batch(enter, update, later), 2);
  assert.equal(fold.cursor, '2');
  fold.take(batch(later));
  fold.compare([row('a', 3)], ['id', 'n']);
});
