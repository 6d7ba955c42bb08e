// What is wrong with table files: each rule, its place, and its words.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTables } from '../../../src/tables/grammar/parse-tables.ts';
import { suggest, TablesError } from '../../../src/tables/grammar/problems.ts';
import { vocabulary } from '../../support/open-test-service.ts';

const VOCABULARY = await vocabulary();

function problemsOf(...texts: string[]): string[] {
  try {
    parseTables(
      VOCABULARY,
      texts.map((text, at) => ({ name: `${at + 1}.graphql`, text })),
    );
    return [];
  } catch (error) {
    assert.ok(error instanceof TablesError, String(error));
    return error.problems.map((at) => `${at.file}:${at.line}:${at.column} ${at.message}`);
  }
}

/** The table's fields or directives, and the problem's beginning. */
const CASES: readonly { readonly tables: string; readonly problem: RegExp }[] = [
  { tables: 'type A { x: Int }', problem: /1:6 type A needs @table/ },
  { tables: 'type A @tabel @table { x: Int }', problem: /no directive @tabel; did you mean "table"/ },
  {
    tables: 'type A @table(plurel: "As") { x: Int }',
    problem: /@table has no argument "plurel"; did you mean "plural"/,
  },
  { tables: 'type A @table @length(max: 1) { x: Int }', problem: /@length does not belong on a type/ },
  { tables: 'type A @table @table { x: Int }', problem: /@table may stand only once/ },
  { tables: 'type A @table { x: Strin }', problem: /there is no type Strin; did you mean "String"/ },
  { tables: 'type A @table { x: [[Int!]!] }', problem: /list of lists/ },
  { tables: 'type A @table { x: [Int] }', problem: /write \[Int!\]/ },
  { tables: 'type A @table { x(y: Int): Int }', problem: /takes no arguments/ },
  { tables: 'type A @table { x: Int x: Int }', problem: /A.x is defined twice/ },
  { tables: 'type A @table { id: ID! }', problem: /every table has id already/ },
  { tables: 'type A @table { createdAt: DateTime }', problem: /every table has createdAt already/ },
  { tables: 'type A @table { deleted: Boolean }', problem: /deleted is a name of the system/ },
  { tables: 'type A @table { Id: Int }', problem: /(too close to id|database column "id")/ },
  { tables: 'type A @table { __x: Int }', problem: /begin with __/ },
  { tables: 'type A @table { nodeId: ID }', problem: /nodeId is a name of the system/ },
  {
    tables: 'type A @table { bs: [B!]! @has(field: "a") bsConnection: Int } type B @table { a: A @belongsTo }',
    problem: /1:44 the field "bsConnection" comes from the rows of A.bs and A.bsConnection: rename one/,
  },
  {
    tables: 'type A @table { bs: [B!]! @manyToMany bsAggregate: Int } type B @table { x: Int }',
    problem: /the field "bsAggregate" comes from the rows of A.bs and A.bsAggregate: rename one/,
  },
  ...['AConnection', 'AEdge', 'AOrderBy'].map((name) => ({
    tables: `type A @table { x: Int } type ${name} @table { x: Int }`,
    problem: new RegExp(`the type "${name}" comes from table ${name} and table A: rename one`),
  })),
  ...['Node', 'PageInfo', 'Cursor', 'SortDirection', 'DeletedRows', 'CountOrderBy'].map((name) => ({
    tables: `type ${name} @table { x: Int }`,
    problem: new RegExp(`the type "${name}" comes from table ${name} and Tablecast's own: rename one`),
  })),
  {
    tables: 'type A @table { fooBar: Int foo_bar: Int }',
    problem: /database column "foo_bar" comes from A.foo_bar and A.fooBar/,
  },
  { tables: 'type A @table { x: Int @default(value: "y") }', problem: /must be written as JSON/ },
  { tables: 'type A @table { x: Int @default(value: "1.5") }', problem: /must be a whole number/ },
  { tables: 'enum P { X } type A @table { p: P @default(value: "Y") }', problem: /must be one of X/ },
  { tables: 'type A @table { x: Int @length(max: 1) }', problem: /@length is for String, ID/ },
  { tables: 'type A @table { x: String @range(max: 1) }', problem: /@range is for Int/ },
  { tables: 'type A @table { x: Int @range }', problem: /needs min, max or both/ },
  { tables: 'type A @table { x: Int @range(min: 2, max: 1) }', problem: /min is more than max/ },
  { tables: 'type A @table { x: String @pattern(regex: "(") }', problem: /does not parse/ },
  { tables: 'type A @table { x: ID @preset(value: "$user.name") }', problem: /no "\$user.name"/ },
  { tables: 'type A @table { x: ID @preset(on: [READ], value: "1") }', problem: /INSERT and UPDATE, not READ/ },
  { tables: 'type A @table { x: ID @unique(columns: ["y"]) }', problem: /no column "y"/ },
  { tables: 'type A @table @unique { x: ID }', problem: /needs its columns/ },
  { tables: 'type A @table { b: B } type B @table { x: Int }', problem: /needs one of @belongsTo .*, @has/ },
  { tables: 'type A @table { b: [B!]! @belongsTo } type B @table { x: Int }', problem: /drop the brackets/ },
  {
    tables: 'type A @table { b: B! @belongsTo(onDelete: SET_NULL) } type B @table { x: Int }',
    problem: /cannot be set to null/,
  },
  { tables: 'type A @table { bId: Int b: B @belongsTo } type B @table { x: Int }', problem: /is a column already/ },
  {
    tables: 'type A @table { bs: [B!]! @has(field: "a") } type B @table { x: Int }',
    problem: /add there "a: A @belongsTo"/,
  },
  {
    tables: 'type A @table { bs: [B!]! @has(field: "aa") } type B @table { a: A @belongsTo }',
    problem: /did you mean "a"/,
  },
  { tables: 'type A @table { x: Int @belongsTo }', problem: /another table's type, and Int is none/ },
  { tables: 'type A @table @permission(on: [], level: PUBLIC) { x: Int }', problem: /names no operation/ },
  {
    tables: 'type A @table @permission(level: APPLICATION, roles: ["r"]) { x: Int }',
    problem: /only level USER has roles/,
  },
  { tables: 'type A @table @permission(level: USER, roles: []) { x: Int }', problem: /nobody passes/ },
  { tables: 'type A @table @permission(level: USERS) { x: Int }', problem: /@permission: .*USERS/ },
  { tables: 'type A @table @permission(level: USER, rows: {}) { x: Int }', problem: /is empty: leave it out/ },
  { tables: 'type A @table @permission(level: USER, rows: "x") { x: Int }', problem: /written as an object/ },
  {
    tables: 'type A @table @permission(level: USER, rows: { y: { eq: 1 } }) { x: Int }',
    problem: /A has no column or relation "y"/,
  },
  { tables: 'type A @table @permission(level: USER, rows: { x: { is: 1 } }) { x: Int }', problem: /no operator "is"/ },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { eq: "a" } }) { x: Int }',
    problem: /x must be a whole number/,
  },
  { tables: 'type A @table @permission(level: USER, rows: { x: { eq: null } }) { x: Int }', problem: /use isNull/ },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { in: [] } }) { x: Int }',
    problem: /in needs at least one/,
  },
  { tables: 'type A @table @permission(level: USER, rows: { x: { in: 1 } }) { x: Int }', problem: /in takes a list/ },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { eq: [1] } }) { x: Int }',
    problem: /eq takes one value/,
  },
  { tables: 'type A @table @permission(level: USER, rows: { OR: [] }) { x: Int }', problem: /OR needs at least one/ },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { eq: "$user.name" } }) { x: ID }',
    problem: /no "\$user.name"/,
  },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { eq: "$user.roles" } }) { x: ID }',
    problem: /is a list, and this takes one value/,
  },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { eq: "$user.id" } }) { x: Int }',
    problem: /is a text, and x is Int/,
  },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { lt: true } }) { x: Boolean }',
    problem: /is Boolean, which has no operator lt: it has eq, ne, in, notIn, isNull/,
  },
  {
    tables: 'type A @table @permission(level: USER, rows: { x: { eq: "a" } }) { x: [String!] }',
    problem: /x is a list, which has no operator eq: it has has, hasEvery/,
  },
  {
    tables: 'type A @table { x: Int @permission(level: USER, rows: { x: { eq: 1 } }) }',
    problem: /shown or hidden whole/,
  },
  { tables: 'type Query @table { x: Int }', problem: /type "Query" comes from table Query and Tablecast's own/ },
  { tables: 'type Viewer @table { x: Int }', problem: /Tablecast's own/ },
  { tables: 'type String @table { x: Int }', problem: /String is a type of Tablecast's own/ },
  {
    tables: 'type Sheep @table { x: Int }',
    problem: /root field "sheep" comes from table Sheep twice: set @table\(plural:\)/,
  },
  {
    tables: 'type A @table(name: "t") { x: Int } type B @table(name: "t") { x: Int }',
    problem: /database table "t" comes from table B and table A/,
  },
  { tables: 'type A @table { x: Int } type AInsert @table { x: Int }', problem: /type "AInsert" comes from/ },
  { tables: 'type A @table { x: Int } enum AMaxHaving { X }', problem: /type "AMaxHaving" comes from/ },
  {
    tables: 'type Note @table { x: Int } type NotesAggregate @table(plural: "Bs") { x: Int }',
    problem: /root field "notesAggregate" comes from/,
  },
  {
    tables: 'type A @table { dueAt: DateTime dueAtDay: Date }',
    problem: /1:33 the group key "dueAtDay" comes from A.dueAt by day and A.dueAtDay: rename one/,
  },
  {
    tables: 'type A @table { due: Date due_month: B! @belongsTo(column: "due_month") } type B @table { x: Int }',
    problem: /the group key "dueMonth" comes from A.due by month and A.due_month/,
  },
  { tables: 'type A @table { created_at_hour: Int }', problem: /comes from A.createdAt by hour and A.created_at_hour/ },
  { tables: `type ${'A'.repeat(64)} @table { x: Int }`, problem: /over 63 bytes/ },
  { tables: `type A @table { ${'é'.repeat(0)}${'x'.repeat(64)}: Int }`, problem: /over 63 bytes/ },
  {
    tables: 'type A @table { b: B @has(field: "a") } type B @table { a: A @belongsTo }',
    problem: /A has one B only if B.a is @unique/,
  },
  { tables: 'type A @table { a: A! @belongsTo }', problem: /A.a is a circle of required relations/ },
  {
    tables: 'type A @table { b: B! @belongsTo } type B @table { c: C! @belongsTo } type C @table { a: A! @belongsTo }',
    problem: /A.b -> B.c -> C.a is a circle/,
  },
  { tables: 'type A @table { b: B @manyToMany } type B @table { x: Int }', problem: /b is many B: write \[B!\]!/ },
  { tables: 'type A @table { x: [Int!] @manyToMany }', problem: /@manyToMany belongs on a field of another table/ },
  {
    tables:
      'type A @table { bs: [B!]! @manyToMany(through: "Lnk") } type B @table { x: Int } type Link @table { a: A @belongsTo b: B @belongsTo }',
    problem: /there is no table Lnk to go through; did you mean "Link"/,
  },
  {
    tables:
      'type A @table { bs: [B!]! @manyToMany(through: "Link") } type B @table { x: Int } type Link @table { a: A @belongsTo }',
    problem: /Link needs one @belongsTo field to A and one to B/,
  },
  {
    tables:
      'type A @table { as: [A!]! @manyToMany(through: "Link") } type Link @table { from: A @belongsTo to: A @belongsTo }',
    problem: /say with field: which one leads to A/,
  },
  {
    tables: 'type A @table { bs: [B!]! @manyToMany } type B @table { as: [A!]! @manyToMany(field: "b") }',
    problem: /A has no @manyToMany field "b" without arguments, of type \[B!\]!; did you mean "bs"/,
  },
  {
    tables: 'type A @table { bs: [B!]! @manyToMany } type B @table { x: Int } type C @table(name: "a_bs") { x: Int }',
    problem: /database table "a_bs" comes from/,
  },
  { tables: 'input I { x: Int }', problem: /types with @table, and enums; nothing else/ },
  { tables: 'type A @table { x: Int', problem: /Syntax Error/ },
];

describe('problems of table files', () => {
  for (const { tables, problem } of CASES) {
    test(`${problem.source} <- ${tables.slice(0, 70)}`, () => assert.match(problemsOf(tables).join('\n'), problem));
  }

  test('are reported all together, over all files, each at its place', () => {
    const first = 'type A @table {\n  x: Strin\n  y: Int @lenght\n}';
    assert.deepEqual(problemsOf(first, 'type A @table { z: Int }'), [
      '2.graphql:1:6 table A is defined twice',
      '1.graphql:2:6 there is no type Strin; did you mean "String"?',
      '1.graphql:3:10 there is no directive @lenght; did you mean "length"?',
    ]);
  });

  test('a suggestion is near or absent', () => {
    assert.equal(suggest('ownr', ['owner', 'name']), '; did you mean "owner"?');
    assert.equal(suggest('zzz', ['owner', 'name']), '');
  });

  test('words that are keywords elsewhere are plain names here', () => {
    assert.deepEqual(
      problemsOf('type Order @table { select: String from: Int where: Boolean type: String query: String user: ID }'),
      [],
    );
  });
});
