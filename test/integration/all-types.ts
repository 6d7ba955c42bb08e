// A table with a column of every type and a list of each, and values at the edges of the types, for tests of the JSON
// contract (docs/decisions/0004-json-from-postgresql.md).

/** One type of column, and what is written into it: JSON texts, so that nothing is lost before it is sent. */
export interface TypeCase {
  readonly type: string;
  readonly column: string;
  readonly values: readonly EdgeValue[];
  /** Values that are refused. */
  readonly refused: readonly string[];
}

export interface EdgeValue {
  /** As JSON, in variables. */
  readonly json: string;
  /** As a GraphQL literal. */
  readonly literal: string;
  /** The JSON of the answer. */
  readonly answer: string;
}

const same = (...values: readonly string[]): EdgeValue[] =>
  values.map((json) => ({ json, literal: json, answer: json }));
const becomes = (json: string, answer: string, literal = json): EdgeValue => ({ json, literal, answer });
const texts = (...values: readonly string[]) => same(...values.map((value) => JSON.stringify(value)));

const HARD_TEXTS = [
  '',
  ' ',
  'null',
  'NULL',
  `it's`,
  `"double"`,
  'back\\slash \\u0041 \\x41 \\\\',
  '$1 $$ $user.id',
  '{"a":1}',
  '\u2028 and \u2029',
  'tab\t, line\nreturn\r, bell\u0007, del\u007f',
  'e\u0301 is not \u00e9',
  '\u{1F95B}\u{1F468}\u200D\u{1F469}\u200D\u{1F467} \u{10FFFF}\u{10000}',
  `'; DROP TABLE thing; --`,
];

const deep = (levels: number) => `${'{"a":['.repeat(levels / 2)}1${']}'.repeat(levels / 2)}`;
/** The same as a literal: names are not quoted. */
const unquoted = (json: string) => json.replace(/"(\w+)":/g, '$1:');
const objects = (...values: readonly string[]) =>
  values.map((json) => ({ json, literal: unquoted(json), answer: json }));

export const TYPE_CASES: readonly TypeCase[] = [
  { type: 'String', column: 's', values: texts(...HARD_TEXTS), refused: ['5', 'true', '"\\u0000"', '"\\ud83e"'] },
  { type: 'ID', column: 'x', values: [...texts(...HARD_TEXTS), becomes('7', '"7"')], refused: ['1.5', '"a\\u0000"'] },
  {
    type: 'Int',
    column: 'i',
    values: [...same('0', '1', '-1', '2147483647', '-2147483648'), becomes('-0', '0')],
    refused: ['2147483648', '-2147483649', '1.5', '"1"'],
  },
  {
    type: 'BigInt',
    column: 'b',
    values: [
      ...texts('0', '9223372036854775807', '-9223372036854775808', '9007199254740993'),
      becomes('12', '"12"'),
      becomes('"9007199254740993"', '"9007199254740993"', '9007199254740993'),
      becomes('"-0"', '"0"', '-0'),
    ],
    refused: ['"9223372036854775808"', '"1.0"', '1.5', '""'],
  },
  {
    type: 'Float',
    column: 'f',
    values: same(
      '0',
      '-0',
      '0.1',
      '-1.5',
      '1e308',
      '1.7976931348623157e308',
      '5e-324',
      '0.30000000000000004',
      '123456789012',
    ),
    refused: ['1e400', '-1e400', '"1"', 'true'],
  },
  {
    type: 'Decimal',
    column: 'd',
    values: [
      ...texts('0', '12.50', '-1234567890123456789012345678901234567890.0', `0.${'1234567890'.repeat(4)}`),
      becomes('"-0.000"', '"0.000"'),
      becomes('"1e3"', '"1000"'),
      becomes('"+1.10"', '"1.10"'),
      becomes('"12.50"', '"12.50"', '12.50'),
      becomes('"9999999999999999999999.00"', '"9999999999999999999999.00"', '9999999999999999999999.00'),
      becomes('1.5', '"1.5"'),
    ],
    refused: ['"NaN"', '"Infinity"', '"1e9999"', '"1,5"', '"0x10"', '".5"'],
  },
  { type: 'Boolean', column: 'o', values: same('true', 'false'), refused: ['"true"', '1', '0'] },
  {
    type: 'UUID',
    column: 'u',
    values: [
      ...texts('018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f', '00000000-0000-0000-0000-000000000000'),
      becomes('"018F3B6E-8F3A-7C3E-9D0A-2F6B1C4D5E6F"', '"018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f"'),
    ],
    refused: ['"018f3b6e8f3a7c3e9d0a2f6b1c4d5e6f"', '""', '1'],
  },
  {
    type: 'DateTime',
    column: 't',
    values: [
      ...texts('0001-01-01T00:00:00.000001Z', '9999-12-31T23:59:59.999999Z', '2024-02-29T12:00:00.123456Z'),
      ...texts('1969-12-31T23:59:59.999999Z', '0099-03-01T00:00:00.000000Z'),
      becomes('"2026-03-01T09:30:00Z"', '"2026-03-01T09:30:00.000000Z"'),
      becomes('"2026-03-01T00:30:00.1234567+02:00"', '"2026-02-28T22:30:00.123456Z"'),
    ],
    refused: [
      '"2026-03-01T09:30:00"',
      '"0000-12-31T00:00:00Z"',
      '"9999-12-31T23:59:59-01:00"',
      '"now"',
      '"infinity"',
      '0',
    ],
  },
  {
    type: 'Date',
    column: 'y',
    values: texts('0001-01-01', '9999-12-31', '2024-02-29', '1900-02-28'),
    refused: ['"0000-01-01"', '"2025-02-29"', '"today"', '"10000-01-01"', '1'],
  },
  {
    type: 'Time',
    column: 'h',
    values: [
      ...texts('00:00:00.000000', '23:59:59.999999'),
      becomes('"09:30"', '"09:30:00.000000"'),
      becomes('"09:30:01.1234567"', '"09:30:01.123456"'),
    ],
    refused: ['"24:00"', '"9:30"', '"09:30:60"', '"09:30Z"'],
  },
  {
    type: 'JSON',
    column: 'j',
    values: [
      ...texts(...HARD_TEXTS),
      ...same('0', '1.5', '1e300', 'true', '[]', '{}', '[null,[],{},"a"]'),
      becomes('-0', '0'),
      becomes('1.0', '1'),
      becomes('12345678901234567890.123', '12345678901234567000'),
      ...objects(
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}',
        '{"a":null,"b":[1,{"c":"d"}]}',
      ),
      ...objects(deep(500)),
    ],
    refused: ['1e400', '[1e400]', '"\\u0000"', '{"a\\u0000":1}', '["\\ud83e"]', deep(502)],
  },
  {
    type: 'Bytes',
    column: 'z',
    values: texts('', 'AA==', 'AAEC/+8=', Buffer.alloc(200, 255).toString('base64')),
    refused: ['"AAE"', '"A A="', '"AA==\\n"', '"AA=A"', '1'],
  },
  {
    type: 'Mood',
    column: 'm',
    values: [becomes('"SAD"', '"SAD"', 'SAD'), becomes('"select"', '"select"', 'select')],
    refused: ['"sad"', '""', '0', '"__proto__"'],
  },
];

/** The name of the list column beside a column. */
export const listColumn = (column: string) => `${column}s`;

export const ALL_TYPES_SDL = `
enum Mood { SAD HAPPY select }
type Thing @table @permission(level: PUBLIC) {
  ${TYPE_CASES.map(({ type, column }) => `${column}: ${type} ${listColumn(column)}: [${type}!]`).join('\n  ')}
  must: [String!]!
  parent: Thing @belongsTo
  children: [Thing!]! @has(field: "parent")
}
type Closed @table { x: Int }
`;
