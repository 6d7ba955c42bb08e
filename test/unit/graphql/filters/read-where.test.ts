// `where` as it is written, and the filter that it means; what is refused, and in which words.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ADMIN_CLASS } from '../../../../src/access/caller-class.ts';
import { LIMITS } from '../../../../src/graphql/limits.ts';
import { type ExceededLimit, ServiceError } from '../../../../src/platform/errors.ts';
import { EVERY_ROW, type Filter, NO_ROW } from '../../../../src/tables/filter.ts';
import type { ValueSource } from '../../../../src/tables/value-source.ts';
import { modelOf } from '../../../support/open-test-service.ts';
import { readLiteral, readText, whereSchema } from './reading.ts';

const MODEL = await modelOf(`
enum Mood { SAD HAPPY }
type A @table @permission(level: PUBLIC) {
  s: String i: Int j: JSON tags: [String!] moods: [Mood!] o: Boolean
  b: B @belongsTo
}
type B @table @permission(level: PUBLIC) { s: String as: [A!]! @has(field: "b") }`);
const SCHEMA = whereSchema(MODEL, ADMIN_CLASS, 'A');

const constant = (value: unknown): ValueSource => ({ from: 'constant', value });
const compare = (column: string, operator: string, operand: ValueSource, ignoreCase?: ValueSource) =>
  ({ kind: 'compare', column, operator, operand, ...(ignoreCase ? { ignoreCase } : {}) }) as Filter;
const all = (...parts: Filter[]): Filter => ({ kind: 'and', parts });
const NOBODY_YET = { rows: NO_ROW, linkRows: NO_ROW };
const WHOLE: ValueSource = { from: 'model', value: [] };

const CASES: readonly (readonly [where: string, filter: Filter])[] = [
  ['null', EVERY_ROW],
  ['{}', EVERY_ROW],
  ['{ s: {} }', EVERY_ROW],
  ['{ s: { ignoreCase: true } }', EVERY_ROW],
  ['{ AND: [] }', EVERY_ROW],
  ['{ AND: [{}, {}] }', EVERY_ROW],
  ['{ OR: [] }', NO_ROW],
  ['{ OR: [], i: { eq: 1 } }', NO_ROW],
  ['{ OR: [{}, { i: { eq: 1 } }] }', EVERY_ROW],
  ['{ NOT: {} }', { kind: 'not', part: EVERY_ROW }],
  ['{ s: { eq: "x" } }', compare('s', 'eq', constant('x'))],
  ['{ s: { in: [] } }', compare('s', 'in', constant([]))],
  ['{ s: { in: "x" } }', compare('s', 'in', constant(['x']))],
  ['{ s: { contains: "%" } }', compare('s', 'contains', constant('%'))],
  ['{ s: { eq: "x", ignoreCase: true } }', compare('s', 'eq', constant('x'), constant(true))],
  ['{ i: { gte: 1, lt: 5 } }', all(compare('i', 'lt', constant(5)), compare('i', 'gte', constant(1)))],
  ['{ o: { eq: true } }', compare('o', 'eq', constant(true))],
  ['{ s: { isNull: false } }', { kind: 'isNull', column: 's', value: constant(false) }],
  ['{ tags: { has: "x" } }', { kind: 'list', column: 'tags', operator: 'has', operand: constant('x') }],
  ['{ moods: { hasSome: [SAD] } }', { kind: 'list', column: 'moods', operator: 'hasSome', operand: constant(['SAD']) }],
  ['{ tags: { isEmpty: true } }', { kind: 'isEmpty', column: 'tags', value: constant(true) }],
  [
    '{ j: { path: ["a", "0"], eq: { b: [1, null] } } }',
    { kind: 'json', column: 'j', path: constant(['a', '0']), operator: 'eq', operand: constant({ b: [1, null] }) },
  ],
  ['{ j: { exists: true } }', { kind: 'jsonIs', column: 'j', path: WHOLE, test: 'exists', value: constant(true) }],
  ['{ j: { isNull: true } }', { kind: 'jsonIs', column: 'j', path: WHOLE, test: 'isNull', value: constant(true) }],
  ['{ b: {} }', { kind: 'relation', relation: 'b', quantifier: 'one', filter: EVERY_ROW, ...NOBODY_YET }],
  [
    '{ b: { as: { none: { i: { eq: 1 } }, count: { gt: 2 } } } }',
    {
      kind: 'relation',
      relation: 'b',
      quantifier: 'one',
      ...NOBODY_YET,
      filter: all(
        {
          kind: 'relation',
          relation: 'as',
          quantifier: 'none',
          filter: compare('i', 'eq', constant(1)),
          ...NOBODY_YET,
        },
        { kind: 'count', relation: 'as', operator: 'gt', operand: constant(2), ...NOBODY_YET },
      ),
    },
  ],
  [
    '{ OR: [{ i: { eq: 1 } }, { NOT: { s: { eq: "x" } } }] }',
    { kind: 'or', parts: [compare('i', 'eq', constant(1)), { kind: 'not', part: compare('s', 'eq', constant('x')) }] },
  ],
];

describe('a filter that is written out', () => {
  for (const [where, filter] of CASES) {
    // Objects of literals have no prototype.
    test(where, () => assert.deepEqual(structuredClone(readLiteral(SCHEMA, where)), filter));
  }
});

describe('a filter in variables', () => {
  const read = (inputs: Record<string, unknown>, type = 'AWhere') =>
    readText(SCHEMA, `query ($where: ${type}) { rows(where: $where) }`, { where: inputs });

  test('keeps places, never values', () => {
    const { filter } = read({
      s: { in: ['CANARY'] },
      OR: [{ i: { eq: 4321 } }, { j: { path: ['CANARY'], eq: 'CANARY' } }],
    });
    assert.doesNotMatch(JSON.stringify(filter), /CANARY|4321/);
    assert.match(JSON.stringify(filter), /"path":\["where","OR",0,"i","eq"\]/);
  });

  test('has one shape for all values, and another for other members, nulls and flags', () => {
    const shape = (inputs: Record<string, unknown>) => read(inputs).shape;
    const one = shape({ s: { in: ['a'] }, i: { eq: 1 } });
    assert.equal(shape({ s: { in: ['b', 'c'] }, i: { eq: 2 } }), one);
    const others = [
      shape({ s: { in: ['a'] } }),
      shape({ s: { in: ['a'], ignoreCase: true }, i: { eq: 1 } }),
      shape({ s: { in: ['a'] }, i: { ne: 1 } }),
      shape({ s: { isNull: true } }),
      shape({ s: { isNull: false } }),
    ];
    assert.equal(new Set([one, ...others]).size, 6);
  });

  test('has flags written in, because they are part of what is asked', () => {
    assert.deepEqual(
      read({ s: { eq: 'x', ignoreCase: true } }).filter,
      compare('s', 'eq', { from: 'variable', path: ['where', 's', 'eq'] }, constant(true)),
    );
    assert.deepEqual(read({ s: { isNull: false } }).filter, { kind: 'isNull', column: 's', value: constant(false) });
  });

  test('may be single members of one that is written out', () => {
    const text =
      'query ($x: String, $y: String!, $flag: Boolean) { rows(where: { s: { eq: $x, in: ["a", $y], isNull: $flag } }) }';
    assert.deepEqual(
      readText(SCHEMA, text, { y: 'b', flag: true }).filter,
      all(compare('s', 'in', { from: 'list', items: [constant('a'), { from: 'variable', path: ['y'] }] }), {
        kind: 'isNull',
        column: 's',
        value: { from: 'variable', path: ['flag'] },
      }),
    );
  });
});

const nested = (levels: number): string => (levels === 0 ? '{ i: { eq: 1 } }' : `{ NOT: ${nested(levels - 1)} }`);
const wide = (count: number) => `{ OR: [${Array.from({ length: count }, () => '{ i: { eq: 1 } }').join(' ')}] }`;

const REFUSED: readonly (readonly [where: string, message: string])[] = [
  ['{ s: { eq: null } }', 'where.s.eq must not be null. Use isNull, or leave it out.'],
  ['{ s: null }', 'where.s must not be null. Ask { isNull: true } of it, or leave it out.'],
  ['{ b: null }', 'where.b must not be null. Ask NOT, or isNull of its key, or leave it out.'],
  ['{ NOT: null }', 'where.NOT must not be null. Leave it out.'],
  ['{ OR: [{ AND: null }] }', 'where.OR.0.AND must not be null. Leave it out.'],
  ['{ j: { path: ["a"], eq: null } }', 'where.j.eq must not be null. Use isNull, or leave it out.'],
  ['{ b: { as: { count: { isNull: true } } } }', 'where.b.as.count.isNull: a count is never null. Leave isNull out.'],
];

const TOO_MUCH: readonly (readonly [where: string, limit: ExceededLimit])[] = [
  [nested(10), { name: 'filterDepth', max: 10, value: 11, path: ['rows', 'where', ...Array<string>(10).fill('NOT')] }],
  [wide(101), { name: 'filterConditions', max: 100, value: 101, path: ['rows', 'where', 'OR', '100', 'i', 'eq'] }],
];

describe('a filter that is refused', () => {
  for (const [where, message] of REFUSED) {
    test(message.slice(0, 90), () => {
      assert.throws(
        () => readLiteral(SCHEMA, where),
        (error) => error instanceof ServiceError && error.code === 'BAD_USER_INPUT' && error.message === message,
      );
    });
  }

  for (const [where, limit] of TOO_MUCH) {
    test(`over ${limit.name}`, () => {
      assert.throws(
        () => readLiteral(SCHEMA, where),
        (error) => {
          assert.ok(error instanceof ServiceError);
          assert.deepEqual([error.code, error.limit], ['QUERY_TOO_COMPLEX', limit]);
          return true;
        },
      );
    });
  }

  test('at its limits it is not', () => {
    readLiteral(SCHEMA, nested(LIMITS.filterDepth - 1));
    readLiteral(SCHEMA, wide(LIMITS.filterConditions));
  });
});
