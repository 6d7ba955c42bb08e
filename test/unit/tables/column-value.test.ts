import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseColumnValue, toColumnValue, ValueProblem } from '../../../src/tables/column-value.ts';
import type { ColumnType, ScalarName } from '../../../src/tables/model.ts';

const scalar = (name: ScalarName): ColumnType => ({ kind: 'scalar', name });

/** Type, what comes in, what it is inside. */
const ACCEPTED: readonly [ScalarName, unknown, unknown][] = [
  ['String', '', ''],
  ['String', 'Ünï \u{1F95B}', 'Ünï \u{1F95B}'],
  ['ID', 'a', 'a'],
  ['ID', 7, '7'],
  ['Int', 2147483647, 2147483647],
  ['Int', -2147483648, -2147483648],
  ['BigInt', '9223372036854775807', '9223372036854775807'],
  ['BigInt', '-9223372036854775808', '-9223372036854775808'],
  ['BigInt', '+5', '5'],
  ['BigInt', 12, '12'],
  ['Float', 1e308, 1e308],
  ['Decimal', '0.10', '0.10'],
  ['Decimal', '1e400', '1e400'],
  ['Decimal', 1.5, '1.5'],
  ['Boolean', false, false],
  ['UUID', '018F3B6E-8F3A-7C3E-9D0A-2F6B1C4D5E6F', '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f'],
  ['DateTime', '2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000000Z'],
  ['DateTime', '2026-03-01T09:30:00.1234567+02:00', '2026-03-01T07:30:00.123456Z'],
  ['DateTime', '2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000000Z'],
  ['DateTime', '2024-02-29T23:59:59-14:00', '2024-03-01T13:59:59.000000Z'],
  ['Date', '2024-02-29', '2024-02-29'],
  ['Time', '09:30', '09:30:00.000000'],
  ['JSON', { a: [1, null, '\\u0000'] }, { a: [1, null, '\\u0000'] }],
  ['Bytes', 'AAEC', 'AAEC'],
  ['Bytes', '', ''],
];

const REFUSED: readonly [ScalarName, unknown][] = [
  ['String', 5],
  ['String', 'a\u0000b'],
  ['String', '\ud800'],
  ['ID', 1.5],
  ['ID', true],
  ['Int', 2147483648],
  ['Int', -2147483649],
  ['Int', 1.5],
  ['Int', '1'],
  ['BigInt', '9223372036854775808'],
  ['BigInt', 2 ** 60],
  ['BigInt', '1.0'],
  ['BigInt', ''],
  ['Float', Number.NaN],
  ['Float', Number.POSITIVE_INFINITY],
  ['Float', '1'],
  ['Decimal', 'NaN'],
  ['Decimal', 'Infinity'],
  ['Decimal', '1e9999'],
  ['Decimal', '.5'],
  ['Decimal', ''],
  ['Boolean', 'true'],
  ['Boolean', 1],
  ['UUID', '018f3b6e8f3a7c3e9d0a2f6b1c4d5e6f'],
  ['DateTime', '2026-03-01T09:30:00'],
  ['DateTime', '2026-02-30T00:00:00Z'],
  ['DateTime', '2026-03-01T24:00:00Z'],
  ['DateTime', '0001-01-01T00:00:00+14:00'],
  ['DateTime', 'infinity'],
  ['DateTime', 0],
  ['Date', '2025-02-29'],
  ['Date', '0000-01-01'],
  ['Time', '24:00'],
  ['Time', '09:30:60'],
  ['JSON', undefined],
  ['JSON', 'a\u0000'],
  ['JSON', { 'k\u0000': 1 }],
  ['JSON', ['\udfff']],
  ['Bytes', 'AAE'],
  ['Bytes', 'A A='],
];

describe('values of columns', () => {
  for (const [type, input, inside] of ACCEPTED) {
    test(`${type} takes ${JSON.stringify(input)}`, () => assert.deepEqual(toColumnValue(scalar(type), input), inside));
  }
  for (const [type, input] of REFUSED) {
    test(`${type} refuses ${JSON.stringify(input) ?? String(input)}`, () => {
      assert.throws(() => toColumnValue(scalar(type), input), ValueProblem);
    });
  }

  test('an enum takes its values and names them otherwise', () => {
    const type: ColumnType = { kind: 'enum', name: 'Priority', values: ['LOW', 'HIGH'] };
    assert.equal(toColumnValue(type, 'LOW'), 'LOW');
    for (const wrong of ['low', '', 0, '__proto__'])
      assert.throws(() => toColumnValue(type, wrong), /must be one of LOW, HIGH/);
  });

  test('an instant keeps its six digits through any offset', () => {
    const instant = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (date, micros, offset) => {
          const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
          const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0');
          const zone = `${offset < 0 ? '-' : '+'}${hours}:${String(Math.abs(offset) % 60).padStart(2, '0')}`;
          const digits = String(micros).padStart(3, '0');
          const written = `${local}${digits}${zone}`;
          assert.equal(toColumnValue(scalar('DateTime'), written), `${date.toISOString().slice(0, -1)}${digits}Z`);
        },
      ),
    );
  });

  test('a value that was taken is taken again, unchanged', () => {
    for (const [type, , inside] of ACCEPTED) assert.deepEqual(toColumnValue(scalar(type), inside), inside);
  });
});

describe('values written in directives', () => {
  const cases: readonly [ScalarName, boolean, string, unknown][] = [
    ['Int', false, '3', 3],
    ['Boolean', false, 'true', true],
    ['String', false, '3', '3'],
    ['Decimal', false, '1.50', '1.50'],
    ['JSON', false, '{"a":1}', { a: 1 }],
    ['String', true, '["a"]', ['a']],
    ['Int', true, '[]', []],
  ];
  for (const [type, list, text, value] of cases) {
    test(`${type}${list ? ' list' : ''} ${text}`, () =>
      assert.deepEqual(parseColumnValue(scalar(type), list, text), value));
  }
  for (const [type, list, text] of [
    ['Int', false, 'x'],
    ['Boolean', false, 'yes'],
    ['String', true, 'a'],
    ['Int', true, '["a"]'],
  ] as const) {
    test(`${type}${list ? ' list' : ''} refuses ${text}`, () =>
      assert.throws(() => parseColumnValue(scalar(type), list, text), ValueProblem));
  }
});
