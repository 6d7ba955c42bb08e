// Comparing values: against an arithmetic that is slow and obvious.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { byCodePoint, compareDecimals, comparerOf } from '../../../src/tables/compare-values.ts';

const sign = (order: number | bigint) => (order < 0 ? -1 : order > 0 ? 1 : 0);

/** As a whole number of the unit 1e-40. */
function scaled(text: string): bigint {
  const [, minus, whole = '', fraction = '', power = '0'] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text) ?? [];
  const shift = 40 - fraction.length + Number(power);
  const size = BigInt(whole + fraction) * 10n ** BigInt(shift);
  return minus === '-' ? -size : size;
}

const digits = (minLength: number) => fc.stringMatching(new RegExp(`^[0129]{${minLength},6}$`));
const decimal = fc
  .tuple(fc.constantFrom('', '-', '+'), digits(1), digits(0), fc.option(fc.integer({ min: -6, max: 6 })))
  .map(
    ([plus, whole, fraction, power]) =>
      `${plus}${whole}${fraction && `.${fraction}`}${power === null ? '' : `e${power}`}`,
  );

describe('comparing', () => {
  test('decimals of every form by size', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        assert.equal(sign(compareDecimals(a, b)), sign(scaled(a) - scaled(b)), `${a} and ${b}`);
      }),
      { numRuns: 5_000 },
    );
  });

  test('decimals that a number would spoil', () => {
    assert.equal(sign(compareDecimals('123456789012345678901234567890.1', '123456789012345678901234567890.2')), -1);
    assert.equal(sign(compareDecimals('1e1000', `1${'0'.repeat(1000)}.0`)), 0);
    assert.equal(sign(compareDecimals('-0.000', '0')), 0);
    assert.equal(sign(compareDecimals('1e-1000', '0')), 1);
  });

  test('texts by code point, which is the order of their bytes', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(sign(byCodePoint(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  for (const [name, a, b, order] of [
    ['BigInt', '9007199254740992', '9007199254740993', -1],
    ['BigInt', '-9223372036854775808', '9223372036854775807', -1],
    ['Float', 0, -0, 0],
    ['DateTime', '2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000002Z', -1],
    ['Time', '09:30:00.000000', '10:00:00.000000', -1],
    ['Bytes', 'AA==', 'AB==', 0],
    ['Bytes', 'AA==', 'AQ==', -1],
    ['Boolean', true, true, 0],
  ] as const) {
    test(`${name} ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
      assert.equal(sign(comparerOf({ kind: 'scalar', name })(a, b)), order);
    });
  }
});
