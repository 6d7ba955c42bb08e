// The operators of rules: what each becomes, and what is wrong with one that a column does not have.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EVERY_ROW, type Filter } from '../../../src/tables/filter.ts';
import { parseTables } from '../../../src/tables/grammar/parse-tables.ts';
import { TablesError } from '../../../src/tables/grammar/problems.ts';
import { tableOf } from '../../../src/tables/model.ts';
import { modelValue, type ValueSource } from '../../../src/tables/value-source.ts';
import { vocabulary } from '../../support/open-test-service.ts';

const VOCABULARY = await vocabulary();

const modelWith = (rule: string) =>
  parseTables(VOCABULARY, [
    {
      name: 'tables.graphql',
      text: `
enum Mood { SAD HAPPY }
type A @table @permission(level: USER, rows: ${rule}) {
  s: String x: ID n: Int o: Boolean m: Mood u: UUID z: Bytes tags: [String!] ns: [Int!] j: JSON
  b: B @belongsTo
}
type B @table(softDelete: true) { n: Int as: [A!]! @has(field: "b") cs: [C!]! @manyToMany(through: "Link") }
type C @table { n: Int }
type Link @table(softDelete: true) { b: B @belongsTo c: C @belongsTo }`,
    },
  ]);

function ruleOf(rule: string): Filter | null | undefined {
  return tableOf(modelWith(rule), 'A').permissions?.[0]?.rows;
}

const caller = (...path: string[]): ValueSource => ({ from: 'caller', path });
const compare = (column: string, operator: string, operand: ValueSource, more = {}) =>
  ({ kind: 'compare', column, operator, operand, ...more }) as Filter;
const LIVING = compare('deleted', 'eq', modelValue(false));

const CASES: readonly (readonly [rule: string, filter: Filter])[] = [
  ['{ s: { contains: "x" } }', compare('s', 'contains', modelValue('x'))],
  [
    '{ s: { startsWith: "$user.id", ignoreCase: true } }',
    compare('s', 'startsWith', caller('id'), { ignoreCase: modelValue(true) }),
  ],
  ['{ s: { eq: "x", ignoreCase: false } }', compare('s', 'eq', modelValue('x'))],
  ['{ x: { in: ["u1", "$user.id"] } }', compare('x', 'in', { from: 'list', items: [modelValue('u1'), caller('id')] })],
  ['{ n: { in: "$user.claims.numbers" } }', compare('n', 'in', caller('claims', 'numbers'))],
  ['{ tags: { has: "$user.id" } }', { kind: 'list', column: 'tags', operator: 'has', operand: caller('id') }],
  [
    '{ tags: { hasSome: "$user.roles" } }',
    { kind: 'list', column: 'tags', operator: 'hasSome', operand: caller('roles') },
  ],
  ['{ ns: { hasEvery: [1, 2] } }', { kind: 'list', column: 'ns', operator: 'hasEvery', operand: modelValue([1, 2]) }],
  ['{ tags: { isEmpty: true } }', { kind: 'isEmpty', column: 'tags', value: modelValue(true) }],
  [
    '{ j: { path: ["a", "0"], eq: "$user.id" } }',
    { kind: 'json', column: 'j', path: modelValue(['a', '0']), operator: 'eq', operand: caller('id') },
  ],
  [
    '{ j: { contains: { members: ["x"] } } }',
    { kind: 'json', column: 'j', path: modelValue([]), operator: 'contains', operand: modelValue({ members: ['x'] }) },
  ],
  ['{ j: { eq: [1] } }', { kind: 'json', column: 'j', path: modelValue([]), operator: 'eq', operand: modelValue([1]) }],
  [
    '{ j: { path: ["a"], exists: true } }',
    { kind: 'jsonIs', column: 'j', path: modelValue(['a']), test: 'exists', value: modelValue(true) },
  ],
  [
    '{ b: { as: { count: { gt: 3 } } } }',
    {
      kind: 'relation',
      relation: 'b',
      quantifier: 'one',
      rows: LIVING,
      linkRows: EVERY_ROW,
      filter: {
        kind: 'count',
        relation: 'as',
        operator: 'gt',
        operand: modelValue(3),
        rows: EVERY_ROW,
        linkRows: EVERY_ROW,
      },
    },
  ],
  [
    '{ b: { cs: { count: { lt: "$user.claims.most" } } } }',
    {
      kind: 'relation',
      relation: 'b',
      quantifier: 'one',
      rows: LIVING,
      linkRows: EVERY_ROW,
      filter: {
        kind: 'count',
        relation: 'cs',
        operator: 'lt',
        operand: caller('claims', 'most'),
        rows: EVERY_ROW,
        linkRows: LIVING,
      },
    },
  ],
];

describe('the operators of rules', () => {
  for (const [rule, filter] of CASES) {
    test(rule, () => assert.deepEqual(structuredClone(ruleOf(rule)), filter));
  }
});

const PROBLEMS: readonly (readonly [rule: string, problem: RegExp])[] = [
  ['{ s: { contians: "x" } }', /there is no operator "contians" in rules; did you mean "contains"\?/],
  ['{ n: { contains: 1 } }', /n is Int, which has no operator contains: it has eq, ne, in, notIn, lt/],
  ['{ n: { ignoreCase: true } }', /n is Int, which has no operator ignoreCase/],
  ['{ m: { lt: SAD } }', /m is Mood, which has no operator lt: it has eq, ne, in, notIn, isNull/],
  ['{ z: { gt: "AA==" } }', /z is Bytes, which has no operator gt/],
  ['{ u: { startsWith: "0" } }', /u is UUID, which has no operator startsWith/],
  ['{ s: { path: ["a"], eq: "x" } }', /s is String, which has no operator path/],
  ['{ version: { gt: "1" } }', /version is Version, which has no operator gt/],
  [
    '{ tags: { in: ["x"] } }',
    /tags is a list, which has no operator in: it has has, hasEvery, hasSome, isEmpty, isNull/,
  ],
  ['{ tags: { has: ["x"] } }', /has takes one value/],
  ['{ tags: { hasSome: "x" } }', /hasSome takes a list/],
  ['{ tags: { hasEvery: [] } }', /hasEvery needs at least one value/],
  ['{ tags: { hasSome: "$user.id" } }', /\$user.id is one value, and this takes a list/],
  ['{ tags: { has: "$user.roles" } }', /\$user.roles is a list, and this takes one value/],
  ['{ ns: { has: "$user.id" } }', /\$user.id is a text, and ns is Int/],
  ['{ ns: { has: "x" } }', /ns must be a whole number/],
  ['{ tags: { isEmpty: 1 } }', /isEmpty takes true or false/],
  ['{ s: { isNull: "true" } }', /isNull takes true or false/],
  ['{ s: { ignoreCase: true } }', /ignoreCase alone asks nothing of s: add an operator/],
  ['{ j: { path: ["a"] } }', /path alone asks nothing of j: add an operator/],
  ['{ j: { path: [], eq: 1 } }', /path takes a list of texts/],
  ['{ j: { path: "a", eq: 1 } }', /path takes a list of texts/],
  ['{ j: { path: ["a", 0], eq: 1 } }', /path takes a list of texts/],
  ['{ j: { eq: { a: "$user.id" } } }', /stands for a whole value, and cannot be inside of one/],
  ['{ j: { eq: null } }', /use isNull/],
  ['{ x: { in: ["$user.roles"] } }', /\$user.roles is a list, and this takes one value/],
  ['{ x: { in: ["$user.name"] } }', /there is no "\$user.name"/],
  ['{ s: { contains: 5 } }', /s must be a text/],
  ['{ b: { as: { count: { contains: 1 } } } }', /a count has no operator "contains"/],
  ['{ b: { as: { count: { isNull: true } } } }', /a count has no operator "isNull"/],
  ['{ b: { as: { count: { gt: "x" } } } }', /count must be a whole number/],
  ['{ b: { as: { count: {} } } }', /is empty: leave it out/],
  ['{ b: { as: { any: { n: { eq: 1 } } } } }', /says some, every, none or count, not "any"/],
];

describe('a rule with a wrong operator', () => {
  for (const [rule, problem] of PROBLEMS) {
    test(rule, () => {
      assert.throws(
        () => modelWith(rule),
        (error) => error instanceof TablesError && problem.test(error.message),
      );
    });
  }
});
