// Aggregates against loops over the same rows: generated rows with few values, so that groups have several rows and many
// gaps, and generated questions over columns of every type.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import {
  aggregate,
  compareDecimals,
  Fraction,
  type Having,
  isAverage,
  keysOf,
  type NaiveColumn,
  type NaiveRow,
  type Question,
  toDecimal,
} from './naive-aggregates.ts';

const SDL = `
enum Mood { SAD HAPPY select }
type Bag @table @permission(level: PUBLIC) {
  s: String x: ID i: Int b: BigInt f: Float d: Decimal o: Boolean u: UUID t: DateTime y: Date h: Time m: Mood
  j: JSON z: Bytes l: [Int!]
}`;

const VALUES: readonly (NaiveColumn & { readonly some: readonly unknown[] })[] = [
  { name: 's', type: 'String', some: ['', 'a', 'B', 'é', 'e\u0301', '\u{1F95B}', '\uFFFD'] },
  { name: 'x', type: 'ID', some: ['1', '10', '9'] },
  { name: 'i', type: 'Int', some: [0, -1, 7, 2147483647, -2147483648] },
  { name: 'b', type: 'BigInt', some: ['0', '9223372036854775807', '-9223372036854775808', '9007199254740993'] },
  { name: 'f', type: 'Float', some: [0, -0, 0.25, -1.5, 1000000.75] },
  { name: 'd', type: 'Decimal', some: ['0', '12.5', '12.50', '-0.001', '99999999999999999999999.99'] },
  { name: 'o', type: 'Boolean', some: [true, false] },
  { name: 'u', type: 'UUID', some: ['018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f', 'ffffffff-0000-4000-8000-000000000000'] },
  {
    name: 't',
    type: 'DateTime',
    some: [
      '0001-01-01T00:00:00.000001Z',
      '2024-02-29T12:00:00.123456Z',
      '2024-02-29T12:59:59.999999Z',
      '2024-03-03T23:59:59.000000Z',
      '9999-12-31T23:59:59.999999Z',
    ],
  },
  { name: 'y', type: 'Date', some: ['0001-01-01', '2024-02-29', '2024-12-30', '2025-01-01', '9999-12-31'] },
  { name: 'h', type: 'Time', some: ['00:00:00.000000', '09:30:00.000001', '23:59:59.999999'] },
  { name: 'm', type: 'Mood', values: ['SAD', 'HAPPY', 'select'], some: ['SAD', 'HAPPY', 'select'] },
];
const COLUMNS: readonly NaiveColumn[] = VALUES;
const KEYS = keysOf(COLUMNS).map(({ name }) => name);
const NUMBERS = VALUES.filter(({ type }) => ['Int', 'BigInt', 'Float', 'Decimal'].includes(type));
const ORDERED = VALUES.filter(({ type }) => type !== 'Boolean');
const RESULTS: Record<string, string> = { Int: 'Decimal', BigInt: 'Decimal' };

const row: fc.Arbitrary<NaiveRow> = fc.record(
  Object.fromEntries(VALUES.map(({ name, some }) => [name, fc.option(fc.constantFrom(...some), { freq: 4 })])),
);

const condition: fc.Arbitrary<Having> = fc.oneof(
  fc.record({
    measure: fc.constant(['count']),
    type: fc.constant('Int'),
    operator: fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte'),
    value: fc.integer({ min: 0, max: 6 }),
  }),
  fc.constantFrom(...NUMBERS).chain(({ name, type, some }) =>
    fc.constantFrom('sum', 'avg').chain((name2) =>
      fc.record({
        measure: fc.constant([name2, name]),
        type: fc.constant(type === 'Int' && name2 === 'sum' ? 'BigInt' : (RESULTS[type] ?? type)),
        // An average that is no exact number is not asked to be equal to one.
        operator: name2 === 'avg' ? fc.constantFrom('lt', 'gt') : fc.constantFrom('eq', 'lt', 'gte'),
        value: type === 'Int' ? fc.constantFrom('0', '-1', '7') : fc.constantFrom(...some),
      }),
    ),
  ),
  fc.constantFrom(...ORDERED).chain(({ name, type, some }) =>
    fc.record({
      measure: fc.constantFrom(['min', name], ['max', name]),
      type: fc.constant(type),
      operator: type === 'Mood' ? fc.constantFrom('eq', 'ne') : fc.constantFrom('eq', 'ne', 'lt', 'gte'),
      value: fc.constantFrom(...some),
    }),
  ),
  fc.record({
    measure: fc.constantFrom(['min', 's'], ['max', 'u'], ['sum', 'i'], ['avg', 'f']),
    type: fc.constant('String'),
    operator: fc.constant('isNull'),
    value: fc.boolean(),
  }),
);

const { having } = fc.letrec<{ having: Having }>((tie) => ({
  having: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    condition,
    fc.record({ and: fc.array(tie('having'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('having'), { maxLength: 3 }) }),
    fc.record({ not: tie('having') }),
  ),
}));

interface Asked extends Question {
  /** Only rows whose `i` is at least this. */
  readonly least: number | null;
}

const question: fc.Arbitrary<Asked> = fc.record({
  groupBy: fc.oneof(fc.subarray(KEYS, { maxLength: 3 }), fc.shuffledSubarray(KEYS, { maxLength: 6 })),
  having: fc.option(having),
  least: fc.option(fc.constantFrom(-1, 0, 7), { freq: 2 }),
});

function toInput(part: Having): object {
  if ('and' in part) return { AND: part.and.map(toInput) };
  if ('or' in part) return { OR: part.or.map(toInput) };
  if ('not' in part) return { NOT: toInput(part.not) };
  return part.measure.reduceRight<object>((inner, step) => ({ [step]: inner }), { [part.operator]: part.value });
}

const SELECTION = `{
  group { ${KEYS.join(' ')} } count
  sum { ${NUMBERS.map(({ name }) => name).join(' ')} } avg { ${NUMBERS.map(({ name }) => name).join(' ')} }
  min { ${ORDERED.map(({ name }) => name).join(' ')} } max { ${ORDERED.map(({ name }) => name).join(' ')} }
}`;
const toConstant = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

let app: TestService;
let database: TestDatabase;
before(async () => {
  // Neither the session's time zone nor a column's collation may show.
  database = await openTestDatabase();
  await database.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET timezone TO 'Asia/Kathmandu'`);
  app = await openTestService({ sdl: SDL, database });
  await database.query('ALTER TABLE bag ALTER s TYPE text COLLATE "und-x-icu", ALTER x TYPE text COLLATE "und-x-icu"');
});
after(async () => {
  await app?.close();
  await database?.close();
});

async function keep(rows: readonly NaiveRow[]): Promise<void> {
  const ids = rows.map((one, at) => ({ id: `r${at}`, ...one, f: Object.is(one['f'], -0) ? '-0' : one['f'] }));
  await database.query('TRUNCATE bag');
  await database.query(
    `INSERT INTO bag (id, ${COLUMNS.map(({ name }) => name)})
     SELECT id, ${COLUMNS.map(({ name }) => name)} FROM json_populate_recordset(NULL::bag, $1)`,
    [JSON.stringify(ids)],
  );
}

/** Compares exactly, but for averages, and for how one of several equal Decimals is written. */
function assertSame(actual: unknown, expected: unknown, path: string): void {
  if (expected instanceof Fraction) {
    assert.ok(
      isAverage(String(actual), expected),
      `${path} is ${actual}, and not ${expected.sum.units} / ${expected.count}`,
    );
  } else if (/\.(min|max)\.d$/.test(path) && typeof expected === 'string') {
    assert.equal(compareDecimals(toDecimal(String(actual)), toDecimal(expected)), 0, `${path}: ${actual}, ${expected}`);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.deepEqual(Object.keys(actual ?? {}), Object.keys(expected), path);
    for (const [key, value] of Object.entries(expected))
      assertSame(Reflect.get(Object(actual), key), value, `${path}.${key}`);
  } else assert.deepStrictEqual(actual, expected, path);
}

describe('aggregates', () => {
  test('are what loops over the rows say', async () => {
    const query = `query ($where: BagWhere, $by: [BagGroupBy!], $having: BagHaving) {
      bagsAggregate(where: $where, groupBy: $by, having: $having) ${SELECTION} }`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25, size: 'max' }),
        fc.array(question, { minLength: 10, maxLength: 10 }),
        async (rows, questions) => {
          await keep(rows);
          for (const asked of questions) {
            const variables = {
              ...(asked.least === null ? {} : { where: { i: { gte: asked.least } } }),
              by: asked.groupBy.map(toConstant),
              ...(asked.having ? { having: toInput(asked.having) } : {}),
            };
            const answer = await app.ask(query, { variables });
            assert.equal(answer.errors, undefined, answer.text);
            const counted = rows.filter(({ i }) => asked.least === null || (i !== null && Number(i) >= asked.least));
            assertSame(answer.data?.['bagsAggregate'], aggregate(COLUMNS, counted, asked), 'bags');
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
