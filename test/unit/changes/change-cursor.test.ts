// Cursors of changes: what goes out comes back, and nothing else is taken.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ChangeCursor, readChangeCursor, writeChangeCursor } from '../../../src/changes/change-cursor.ts';

const number = fc.bigInt({ min: 0n, max: 2n ** 62n });
const left = fc.oneof(
  fc.constant(null),
  fc.record({ of: fc.constant('rows' as const), after: fc.option(fc.string({ unit: 'grapheme' })) }),
  fc.record({ of: fc.constant('change' as const), after: fc.string({ unit: 'grapheme' }) }),
);
const cursor = fc.record({ position: fc.record({ epoch: fc.uuid(), batch: number, seq: number }), left });

const told = ({ position, left: rest }: ChangeCursor) =>
  JSON.stringify([position.epoch, String(position.batch), String(position.seq), rest?.of, rest?.after]);

describe('a cursor', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(cursor, (one) =>
        assert.equal(
          told(readChangeCursor(writeChangeCursor(one as ChangeCursor, 'rules')).cursor),
          told(one as ChangeCursor),
        ),
      ),
    );
  });

  const coded = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const wrong: readonly (readonly [name: string, text: string])[] = [
    ['nothing', ''],
    ['no base64', '!'],
    ['no list', Buffer.from('{}').toString('base64url')],
    ['too little', coded('rules', 'e', '1')],
    ['a number', coded('rules', 'e', 1, '2')],
    ['no number', coded('rules', 'e', '1', 'x')],
    ['too long a number', coded('rules', 'e', '1', '9'.repeat(20))],
    ['something else left', coded('rules', 'e', '1', '2', 'columns', 'x')],
    ['a change without an id', coded('rules', 'e', '1', '2', 'change')],
    ['too much', coded('rules', 'e', '1', '2', 'rows', 'x', 'y')],
    ['a cursor of a page', coded('abcdefgh', 'x')],
  ];
  for (const [name, text] of wrong) {
    test(`is not ${name}`, () => {
      assert.throws(() => readChangeCursor(text), { code: 'BAD_USER_INPUT' });
    });
  }
});
