// Which objects are made of rows with names, and which are not; and how many shapes of rows a server is asked for.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newCompilation } from '../../../src/stores/postgres/compile/compile-read.ts';
import { type ColumnMember, namedRow } from '../../../src/stores/postgres/compile/named-row.ts';
import { RowShapes } from '../../../src/stores/postgres/statements/row-shapes.ts';
import { modelOf } from '../../support/open-test-service.ts';

const MODEL = await modelOf('type Thing @table @permission(level: PUBLIC) { x: Int }');
const member = (key: string, type = 'Int'): ColumnMember => ({ key, value: 't1."x"', type });
const members = (count: number, prefix = 'k') => Array.from({ length: count }, (_, at) => member(`${prefix}${at}`));
const rowOf = (of: readonly ColumnMember[], shapes: RowShapes | null = new RowShapes()) =>
  namedRow(of, newCompilation(MODEL, undefined, shapes));

describe('an object', () => {
  test('is a row whose columns have its keys, in their order', () => {
    assert.deepEqual(rowOf([member('select'), member('a')]), {
      alias: '"t1.row"',
      columns: 't1."x" AS "select", t1."x" AS "a"',
    });
  });

  for (const [what, of, is] of [
    ['a key of 63 bytes', [member('k'.repeat(63))], true],
    ['a key of 64 bytes', [member('a'), member('k'.repeat(64))], false],
    ['64 bytes of fewer letters', [member('ü'.repeat(32))], false],
    ['1,600 members', members(1_600), true],
    ['1,601 members', members(1_601), false],
    ['no members', [], false],
  ] as const) {
    test(`${is ? 'is' : 'is not'} a row with ${what}`, () => assert.equal(rowOf(of) !== null, is));
  }

  test('is no row where none may be made', () => assert.equal(rowOf([member('a')], null), null));
});

describe('shapes', () => {
  test('are admitted until their columns are too many, and then those that were', () => {
    const shapes = new RowShapes(10);
    assert.equal(shapes.admit(members(6)), true);
    assert.equal(shapes.admit(members(5, 'other')), false);
    assert.equal(shapes.admit(members(4, 'other')), true);
    assert.equal(shapes.admit(members(1, 'another')), false);
    assert.equal(shapes.admit(members(6)), true);
  });

  for (const [what, other] of [
    ['a key', [member('a'), member('c')]],
    ['a type', [member('a'), member('b', 'Float')]],
    ['the order', [member('b'), member('a')]],
  ] as const) {
    test(`are others by ${what}`, () => {
      const shapes = new RowShapes(2);
      assert.equal(shapes.admit([member('a'), member('b')]), true);
      assert.equal(shapes.admit([member('a'), member('b')]), true);
      assert.equal(shapes.admit(other), false);
    });
  }
});
