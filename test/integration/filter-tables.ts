// Tables for the property tests of filters: a column of every type, a list of each, every kind of relation, and values at
// the edges of the types, few enough to meet each other.

import fc from 'fast-check';
import { toColumnValue } from '../../src/tables/column-value.ts';
import type { ColumnType, ScalarName } from '../../src/tables/model.ts';

export const MOODS = ['SAD', 'HAPPY', 'select'];

const TYPES: readonly (readonly [type: string, column: string])[] = [
  ['String', 's'],
  ['ID', 'x'],
  ['Int', 'i'],
  ['BigInt', 'b'],
  ['Float', 'f'],
  ['Decimal', 'd'],
  ['Boolean', 'o'],
  ['UUID', 'u'],
  ['DateTime', 't'],
  ['Date', 'y'],
  ['Time', 'h'],
  ['JSON', 'j'],
  ['Bytes', 'z'],
  ['Mood', 'm'],
];

export const FILTER_SDL = `
enum Mood { ${MOODS.join(' ')} }
type Thing @table(softDelete: true) @permission(level: PUBLIC) {
  ${TYPES.map(([type, column]) => `${column}: ${type} ${column}s: [${type}!]`).join('\n  ')}
  must: String! musts: [Int!]!
  parent: Thing @belongsTo
  children: [Thing!]! @has(field: "parent")
  detail: Detail @has(field: "thing")
  tags: [Tag!]! @manyToMany(through: "Tagging")
  plain: [Tag!]! @manyToMany
}
type Detail @table @permission(level: PUBLIC) { s: String i: Int! thing: Thing @belongsTo @unique }
type Tag @table(softDelete: true) @permission(level: PUBLIC) { s: String i: Int j: JSON }
type Tagging @table(softDelete: true) @permission(level: PUBLIC) { i: Int thing: Thing @belongsTo tag: Tag @belongsTo }
`;

const HARD_TEXTS = [
  ...['', ' ', 'a', 'A', 'ab', 'AB', 'b', 'aBc', '%', '_', '\\', '\\%', 'a%', 'a_b', '100%', `it's "$1"`, 'null'],
  ...['e\u0301', '\u00e9', '\u00c9', 'stra\u00dfe', 'STRA\u1E9EE', 'STRASSE', '\u017f', 's', 'S', '\u212a', 'k', 'K'],
  ...['\u03c3', '\u03c2', '\u03a3', '\u0130', 'i', 'I', '\u0131', '\u01c4', '\u01c5', '\u01c6', '\u0398', '\u03d1'],
  ...['\u0416\u0436', '\u10a0', '\u2d00', '\u13a0', '\uab70', '\uff21', '\uff41', '\u1fd3', '\u0390', '\ufb05'],
  ...['\uffff', '\uff5e', '\u{1F95B}', '\u{10400}', '\u{10428}', '\u{10ffff}', 'x\u{1F95B}y', '\ue000'],
];

const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HARD_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll('\u0000', '0')) },
);

const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom<unknown>(0, 1, -1, 1.5, 1e300, true, false, null, 'a', 'ab', 'A', '\u{1F95B}', '1'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0', '1', '__proto__', 'toString'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const ANY_VALUE: Readonly<Record<ScalarName, fc.Arbitrary<unknown>>> = {
  String: anyText,
  ID: fc.oneof(anyText, fc.constantFrom('7', 7, 'Thing1', 'Tag1')),
  Int: fc.constantFrom(-(2 ** 31), -1, 0, 1, 2, 3, 7, 2 ** 31 - 1),
  BigInt: fc.constantFrom('0', '-1', '9007199254740992', '9007199254740993', '9223372036854775807', '+7', 7),
  Float: fc.constantFrom(0, -0, 0.1, 0.30000000000000004, 0.3, 1e308, 5e-324, -1.5, 1),
  Decimal: fc.oneof(
    fc.constantFrom('0', '-0.0', '1', '1.00', '1e0', '-1', '12.5', '12.50', '1e3', '1000', '+5', '0.0000000001', 1.5),
    fc.constantFrom('123456789012345678901234567890.1', '123456789012345678901234567890.10', '-1e-30', '-0.01'),
    fc
      .tuple(fc.bigInt(-99999n, 99999n), fc.integer({ min: -8, max: 8 }))
      .map(([digits, power]) => `${digits}e${power}`),
  ),
  Boolean: fc.boolean(),
  UUID: fc.constantFrom(
    '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f',
    '018F3B6E-8F3A-7C3E-9D0A-2F6B1C4D5E6F',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ),
  DateTime: fc.constantFrom(
    '2026-01-01T00:00:00.000001Z',
    '2026-01-01T00:00:00.000002Z',
    '2026-01-01T02:00:00.000001+02:00',
    '1969-12-31T23:59:59.999999Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
  ),
  Date: fc.constantFrom('0001-01-01', '1969-12-31', '2024-02-29', '9999-12-31'),
  Time: fc.constantFrom('00:00', '09:30:00.000001', '09:30:00.000002', '23:59:59.999999'),
  JSON: anyJson,
  Bytes: fc.constantFrom('', 'AA==', 'AB==', 'AAE=', '/+8=', '//8='),
};

/** Any value of a type, as a client or a token might write it; never null. */
export function anyValueOf(type: ColumnType): fc.Arbitrary<unknown> {
  if (type.kind === 'enum') return fc.constantFrom(...type.values);
  if (type.name === 'Version') return fc.constantFrom('0', '1');
  return ANY_VALUE[type.name].filter((value) => value !== null);
}

/** The same in its inner form. */
export function anyInnerValueOf(type: ColumnType): fc.Arbitrary<unknown> {
  return anyValueOf(type).map((value) => toColumnValue(type, value));
}
