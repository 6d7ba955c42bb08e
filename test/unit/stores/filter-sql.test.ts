// Filters as SQL: the text of each kind, and that no text holds a value of a client.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ADMIN_CLASS } from '../../../src/access/caller-class.ts';
import { guardFilter } from '../../../src/records/guard-filter.ts';
import { compileFilter } from '../../../src/stores/postgres/compile/compile-filter.ts';
import { newCompilation } from '../../../src/stores/postgres/compile/compile-read.ts';
import { encodeParameter } from '../../../src/stores/postgres/encode-parameter.ts';
import type { Filter } from '../../../src/tables/filter.ts';
import { tableOf } from '../../../src/tables/model.ts';
import { modelOf } from '../../support/open-test-service.ts';
import { readText, whereSchema } from '../graphql/filters/reading.ts';

const MODEL = await modelOf(`
type A @table @permission(on: [READ], level: PUBLIC) {
  s: String i: Int! o: Boolean z: Bytes tags: [String!] files: [Bytes!] j: JSON
  b: B @belongsTo
}
type B @table(softDelete: true) @permission(on: [READ], level: PUBLIC) {
  s: String i: Int! as: [A!]! @has(field: "b") cs: [C!]! @manyToMany(through: "Link")
}
type C @table @permission(on: [READ], level: PUBLIC) { i: Int! }
type Link @table(softDelete: true) @permission(on: [READ], level: PUBLIC) { b: B @belongsTo c: C @belongsTo }`);

function sqlOf(filter: Filter, table: string) {
  const to = newCompilation(MODEL);
  const guarded = guardFilter(MODEL, ADMIN_CLASS, tableOf(MODEL, table), filter);
  return { text: compileFilter(guarded, tableOf(MODEL, table), 't', to), slots: to.parameters.slots };
}

function compiled(where: string, table = 'A', inputs: Record<string, unknown> = {}, head = '') {
  const text = `${head} { rows(where: ${where}) }`;
  return sqlOf(readText(whereSchema(MODEL, ADMIN_CLASS, table), text, inputs).filter, table);
}

const LINKED = (alias: string, link: string) =>
  `${alias}."id" IN (SELECT ${link}."c_id" FROM "public"."link" ${link} WHERE ${link}."b_id" = t."id" AND ${link}."deleted" = FALSE)`;

const CASES: readonly (readonly [where: string, sql: string, table?: string])[] = [
  ['{ s: { eq: "x" } }', 't."s" = $1::text'],
  ['{ s: { lt: "x" } }', 't."s" < $1::text COLLATE "C"'],
  ['{ s: { in: ["x"] } }', 't."s" = ANY ($1::text[])'],
  ['{ i: { notIn: [1] } }', 't."i" <> ALL ($1::integer[])'],
  ['{ o: { eq: true } }', 't."o" = $1::boolean'],
  ['{ z: { eq: "AA==" } }', `t."z" = decode($1::text, 'base64')`],
  ['{ s: { startsWith: "x" } }', 'starts_with(t."s", $1::text)'],
  ['{ s: { contains: "x" } }', 't."s" LIKE $1::text'],
  ['{ s: { endsWith: "x", ignoreCase: true } }', '"tablecast"."fold_case"(t."s") LIKE $1::text'],
  ['{ s: { eq: "x", ignoreCase: true } }', '"tablecast"."fold_case"(t."s") = $1::text'],
  ['{ s: { isNull: true } }', 't."s" IS NULL'],
  ['{ s: { isNull: false } }', 't."s" IS NOT NULL'],
  ['{ tags: { has: "x" } }', 't."tags" @> ARRAY[$1::text]'],
  ['{ tags: { hasEvery: ["x"] } }', 't."tags" @> $1::text[]'],
  ['{ tags: { hasSome: ["x"] } }', 't."tags" && $1::text[]'],
  ['{ files: { has: "AA==" } }', `t."files" @> ARRAY[decode($1::text, 'base64')]`],
  ['{ tags: { isEmpty: true } }', 'cardinality(t."tags") = 0'],
  ['{ j: { path: ["a"], eq: 1 } }', `NULLIF((t."j" #> $1::text[]), 'null'::jsonb) = $2::jsonb`],
  ['{ j: { path: ["a"], exists: true } }', `(NULLIF(t."j", 'null'::jsonb) #> $1::text[]) IS NOT NULL`],
  ['{ AND: [{ i: { eq: 1 } }, { i: { eq: 2 } }] }', '(t."i" = $1::integer AND t."i" = $2::integer)'],
  ['{ NOT: { i: { eq: 1 } } }', '(NOT t."i" = $1::integer)'],
  [
    '{ b: { i: { eq: 1 } } }',
    'EXISTS (SELECT 1 FROM "public"."b" t1 WHERE t1."id" = t."b_id" AND t1."deleted" = FALSE AND t1."i" = $1::integer)',
  ],
  [
    '{ as: { every: { i: { eq: 1 } } } }',
    'NOT EXISTS (SELECT 1 FROM "public"."a" t1 WHERE t1."b_id" = t."id" AND (t1."i" = $1::integer) IS NOT TRUE)',
    'B',
  ],
  [
    '{ as: { none: { i: { eq: 1 } } } }',
    'NOT EXISTS (SELECT 1 FROM "public"."a" t1 WHERE t1."b_id" = t."id" AND t1."i" = $1::integer)',
    'B',
  ],
  [
    '{ as: { none: { s: { eq: "x" } } } }',
    'NOT EXISTS (SELECT 1 FROM "public"."a" t1 WHERE t1."b_id" = t."id" AND (t1."s" = $1::text) IS NOT FALSE)',
    'B',
  ],
  [
    '{ NOT: { as: { some: { i: { eq: 1 } } } } }',
    '(NOT EXISTS (SELECT 1 FROM "public"."a" t1 WHERE t1."b_id" = t."id" AND t1."i" = $1::integer))',
    'B',
  ],
  [
    '{ NOT: { as: { some: { s: { eq: "x" } } } } }',
    '(NOT (TRUE = ANY (SELECT t1."s" = $1::text FROM "public"."a" t1 WHERE t1."b_id" = t."id")))',
    'B',
  ],
  [
    '{ as: { count: { gt: 2 } } }',
    '(SELECT count(*) FROM (SELECT 1 FROM "public"."a" t1 WHERE t1."b_id" = t."id" LIMIT greatest($1::integer, 0)::bigint + 1) t2) > $1::integer',
    'B',
  ],
  [
    '{ cs: { some: { i: { eq: 1 } } } }',
    `EXISTS (SELECT 1 FROM "public"."c" t1 WHERE ${LINKED('t1', 't2')} AND t1."i" = $1::integer)`,
    'B',
  ],
];

describe('a filter as SQL', () => {
  for (const [where, sql, table] of CASES) {
    test(where, () => assert.equal(compiled(where, table).text, sql));
  }

  test('a text is a pattern only where it stands for itself', () => {
    const [slot] = compiled(String.raw`{ s: { contains: "50%_\\" } }`).slots;
    assert.ok(slot?.source.from === 'constant');
    assert.equal(encodeParameter(slot, slot.source.value), String.raw`%50\%\_\\%`);
  });

  test('a flag that is a variable is decided by the database', () => {
    const { text } = compiled('{ s: { eq: "x", ignoreCase: $flag } }', 'A', { flag: true }, 'query ($flag: Boolean!)');
    assert.equal(
      text,
      'CASE WHEN $1::boolean THEN "tablecast"."fold_case"(t."s") = $2::text ELSE t."s" = $3::text END',
    );
  });
});

describe('the text of a statement', () => {
  const VALUES = [
    { s: 'CANARY', i: 4321, o: true, z: 'AA==', j: { CANARY: 4321 } },
    { s: '', i: 0, o: false, z: '', j: [] },
  ];
  const where =
    '{ s: { eq: $s, contains: $s, in: [$s] }, i: { in: [$i] }, o: { eq: $o }, z: { eq: $z }, tags: { has: $s }, j: { path: [$s], eq: $j } }';
  const head = 'query ($s: String!, $i: Int!, $o: Boolean!, $z: Bytes!, $j: JSON!)';

  test('is the same for all values of variables', () => {
    const [one, other] = VALUES.map((inputs) => compiled(where, 'A', inputs, head).text);
    assert.equal(one, other);
    assert.doesNotMatch(one ?? '', /CANARY|4321/);
  });

  test('is the same for all values that are written out', () => {
    const written = (value: unknown): string => JSON.stringify(value).replace(/^\{"(\w+)":/, '{$1:');
    const [one, other] = VALUES.map(
      (inputs) =>
        compiled(
          where.replaceAll(/\$(\w)/g, (_, name: keyof typeof inputs) => written(inputs[name])),
          'A',
        ).text,
    );
    assert.equal(one, other);
    assert.doesNotMatch(one ?? '', /CANARY|4321/);
  });
});
