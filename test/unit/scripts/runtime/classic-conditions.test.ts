// Conditions of classic queries, and the filters that they are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { ClassicQuery } from '../../../../src/scripts/runtime/classic/classic-query.ts';

const TEXTS: Readonly<Record<string, object>> = {
  "text eq 'milk'": { text: { eq: 'milk' } },
  "text eq 'it''s'": { text: { eq: "it's" } },
  'priority ge 3': { priority: { gte: 3 } },
  '3 lt priority': { priority: { gt: 3 } },
  'priority gt -1.5': { priority: { gt: -1.5 } },
  done: { done: { eq: true } },
  'done ne true': { done: { ne: true } },
  'dueAt eq null': { dueAt: { isNull: true } },
  'dueAt ne null': { dueAt: { isNull: false } },
  "dueAt lt datetime'2026-01-01T00:00:00Z'": { dueAt: { lt: '2026-01-01T00:00:00Z' } },
  'a eq 1 and b eq 2 or c eq 3': { OR: [{ AND: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }, { c: { eq: 3 } }] },
  'a eq 1 and (b eq 2 or not c eq 3)': {
    AND: [{ a: { eq: 1 } }, { OR: [{ b: { eq: 2 } }, { NOT: { c: { eq: 3 } } }] }],
  },
  "startswith(text, 'm')": { text: { startsWith: 'm' } },
  "endswith(text, 'k') eq true": { text: { endsWith: 'k' } },
  "substringof('il', text)": { text: { contains: 'il' } },
  "substringof('il', text) eq false": { NOT: { text: { contains: 'il' } } },
};

for (const [text, where] of Object.entries(TEXTS)) {
  test(`the text ${text}`, () => assert.deepEqual(new ClassicQuery().where(text).toWhere(), where));
}

/** As sources, since what runs these tests rewrites functions. */
const FUNCTIONS: readonly (readonly [source: string, values: readonly unknown[], where: object])[] = [
  ['function () { return this.a == 1; }', [], { a: { eq: 1 } }],
  [
    'function named(x) { return this.a === x && !(this.b !== "q"); }',
    [2],
    { AND: [{ a: { eq: 2 } }, { NOT: { b: { ne: 'q' } } }] },
  ],
  [
    'function (x, y) {\n  return this.a >= x\n    || this.b == y\n}',
    [1, null],
    { OR: [{ a: { gte: 1 } }, { b: { isNull: true } }] },
  ],
  ['(x) => { return x > this.a }', [5], { a: { lt: 5 } }],
];

for (const [source, values, where] of FUNCTIONS) {
  test(`the function ${source}`, () => {
    const fn = runInThisContext(`(${source})`);
    assert.deepEqual(new ClassicQuery().where(fn, ...values).toWhere(), where);
  });
}

const REFUSED: readonly (readonly [condition: unknown, says: RegExp])[] = [
  ["text eq 'milk", /cannot be understood from here on: 'milk/],
  ['text eq', /it ends too early|cannot be understood/],
  ['a eq b', /compares a column with a value/],
  ['a gt null', /null, which has no order/],
  ['(a eq 1', /cannot be understood/],
  ['a eq 1 b', /cannot be understood/],
  [runInThisContext('(function () { var x = 1; return this.a == x; })'), /one expression/],
  [runInThisContext('(function () { return this.a == outside; })'), /does not know "outside"/],
  [7, /an object, a function or a text/],
];

for (const [condition, says] of REFUSED) {
  test(`${String(condition)} is refused`, () => assert.throws(() => new ClassicQuery().where(condition), says));
}

test('conditions are all to hold, and the rest is for reading tables', () => {
  const query = new ClassicQuery()
    .where({ a: 1, b: null })
    .where('c eq 2')
    .orderBy('a')
    .orderByDescending('b')
    .skip(1)
    .take(2);
  const where = { AND: [{ AND: [{ a: { eq: 1 } }, { b: { isNull: true } }] }, { c: { eq: 2 } }] };
  assert.deepEqual(query.toRead(), { where, orderBy: [{ a: 'ASC' }, { b: 'DESC' }], skip: 1, first: 2 });
  assert.equal(new ClassicQuery().toWhere(), true);
  assert.deepEqual(new ClassicQuery().toRead(), {});
});
