// Row rules and checks over real SQL, against an evaluator that shares nothing with the product: rules, callers and rows
// are generated, and what is seen and what may be inserted must be what the evaluator says.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'graphql';
import type pg from 'pg';
import type { Caller } from '../../src/access/caller.ts';
import { callerClassOf } from '../../src/access/caller-class.ts';
import { buildClassSchema } from '../../src/graphql/build-schema.ts';
import { LIMITS } from '../../src/graphql/limits.ts';
import { planOperation } from '../../src/graphql/plan-operation.ts';
import { ServiceError } from '../../src/platform/errors.ts';
import { openLog } from '../../src/platform/log.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { parseTables } from '../../src/tables/grammar/parse-tables.ts';
import type { Model } from '../../src/tables/model.ts';
import { applyTables } from '../support/apply-tables.ts';
import { vocabulary } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { anyRow, anyRows, anyUser, generatedSdl, type Rows, ruleOver, worldOf } from './generated-rules.ts';
import { judge, type Row, type World, writeRule } from './kleene.ts';

const VOCABULARY = await vocabulary();
const modelWith = (itemPermission: string) =>
  parseTables(VOCABULARY, [{ name: 'tables.graphql', text: generatedSdl(itemPermission) }]);

let database: TestDatabase;
let pool: pg.Pool;
before(async () => {
  // A collation that puts a before B: texts must be compared by code point all the same.
  database = await openTestDatabase(`LOCALE_PROVIDER icu ICU_LOCALE 'en-US' TEMPLATE template0`);
  const log = openLog({ level: 'silent', readable: false });
  pool = openPool({ address: { url: database.url }, size: 1, statementTimeout: 10_000, lockTimeout: 2_000, log });
  await applyTables(database, modelWith(''));
});
after(async () => {
  await pool.end();
  await database.close();
});

/** Puts exactly these rows into the tables. */
async function fill(rows: Rows): Promise<void> {
  await database.query('DELETE FROM sub; DELETE FROM item; DELETE FROM owner');
  for (const [table, own] of Object.entries(rows).filter(([, some]) => some.length > 0)) {
    const toSql = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const columns = Object.keys(own[0] ?? {})
      .map(toSql)
      .filter((name) => table === 'Item' || name !== 'deleted');
    const named = own.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [toSql(name), value])),
    );
    const list = columns.map((name) => `"${name}"`).join(', ');
    const from = `jsonb_populate_recordset(NULL::${table.toLowerCase()}, $1)`;
    await database.query(`INSERT INTO ${table.toLowerCase()} (${list}) SELECT ${list} FROM ${from}`, [
      JSON.stringify(named),
    ]);
  }
}

/** Runs an operation past HTTP: as many as these would take minutes through it. */
async function run(
  model: Model,
  user: World['user'],
  text: string,
  variables: Row = {},
): Promise<Record<string, unknown>> {
  const caller: Caller = { kind: 'client', application: false, user };
  const callerClass = callerClassOf(caller, model.roles);
  const schema = buildClassSchema(model, callerClass);
  const operation = parse(text).definitions[0];
  assert.ok(operation?.kind === 'OperationDefinition');
  const store = new PostgresRecordStore(pool, model);
  const planner = { schema, model, caller: callerClass, store, limits: LIMITS, live: null };
  const { fields } = planOperation(planner, operation, new Map(), variables);
  const request = { caller, variables, requestId: 'test', newId: () => 'new' };
  const answers: [string, unknown][] = [];
  for (const field of fields) answers.push([field.key, JSON.parse(await field.run(request))]);
  return Object.fromEntries(answers);
}

const idOf = ({ id }: Row) => ({ id });

describe('generated rules', () => {
  test('show the rows that the evaluator says, as a list, nested both ways, and by key', async () => {
    let shown = 0;
    let hidden = 0;
    const property = fc.asyncProperty(
      ruleOver('Item', 3),
      anyRows,
      fc.array(anyUser, { minLength: 2, maxLength: 4 }),
      async (rule, rows, users) => {
        const model = modelWith(`@permission(on: [READ], level: PUBLIC, rows: ${writeRule(rule)})`);
        await fill(rows);
        for (const user of users) {
          const world = worldOf(rows, user);
          const visible = rows.Item.filter((row) => !row['deleted'] && judge(rule, row, world) === true);
          shown += visible.length;
          hidden += rows.Item.length - visible.length;
          const byKey = rows.Item.map(({ id }, at) => `k${at}: item(by: { id: "${id}" }) { id }`).join(' ');
          const answer = await run(
            model,
            user,
            `{ items { id } owners { id items { id } } subs { item { id } other { id } } ${byKey} }`,
          );
          const find = (id: unknown) => visible.filter((row) => row['id'] === id).map(idOf)[0] ?? null;
          assert.deepEqual(answer, {
            items: visible.map(idOf),
            owners: rows.Owner.map(({ id }) => ({
              id,
              items: visible.filter(({ ownerId }) => ownerId === id).map(idOf),
            })),
            subs: rows.Sub.map(({ itemId, otherId }) => ({ item: find(itemId), other: find(otherId) })),
            ...Object.fromEntries(rows.Item.map(({ id }, at) => [`k${at}`, find(id)])),
          });
        }
      },
    );
    await fc.assert(property, { numRuns: 200 });
    // Neither answer may be the only one that was ever right.
    assert.ok(shown > 100 && hidden > 100, `${shown} shown, ${hidden} hidden`);
  });

  test('let in the rows that the evaluator says', async () => {
    let passed = 0;
    let refused = 0;
    const property = fc.asyncProperty(
      ruleOver('Item', 3),
      anyRows,
      fc.array(fc.tuple(anyUser, anyRow('Item')), { minLength: 2, maxLength: 4 }),
      async (rule, rows, inserts) => {
        const permissions = `@permission(on: [READ], level: PUBLIC) @permission(on: [INSERT], level: PUBLIC, check: ${writeRule(rule)})`;
        const model = modelWith(permissions);
        await fill(rows);
        for (const [user, row] of inserts) {
          const expected = judge(rule, { ...row, id: 'new', deleted: false }, worldOf(rows, user)) === true;
          const insert = run(model, user, 'mutation ($d: ItemInsert!) { insertItem(data: $d) { id } }', { d: row });
          const inserted = await insert.then(
            ({ insertItem }) => assert.deepEqual(insertItem, { id: 'new' }) ?? true,
            (error: unknown) => {
              assert.ok(error instanceof ServiceError && error.code === 'FORBIDDEN', String(error));
              return false;
            },
          );
          assert.equal(inserted, expected);
          const left = await database.query(`DELETE FROM item WHERE id = 'new' RETURNING id`);
          assert.equal(left.length, expected ? 1 : 0);
          if (expected) passed++;
          else refused++;
        }
      },
    );
    await fc.assert(property, { numRuns: 100 });
    assert.ok(passed > 20 && refused > 20, `${passed} passed, ${refused} refused`);
  });
});

const CLAIMS = {
  tenant: 'u1',
  empty: '',
  none: null,
  many: ['u1', 'u2'],
  nothing: [],
  number: 7,
  object: { x: 'u1' },
  holed: ['u1', null],
};
const ALICE = { id: 'u1', roles: ['u2'], claims: CLAIMS };

/** By hand: the rule, who asks, and which of Item1 (of u1), Item2 (of u2), Item3 (of nobody) are seen. Owner1 has all of them. */
const BY_HAND: readonly (readonly [rule: string, user: World['user'], seen: string])[] = [
  ['{ userId: { eq: "$user.id" } }', ALICE, '1'],
  ['{ userId: { eq: "$user.id" } }', null, ''],
  ['{ userId: { ne: "$user.id" } }', ALICE, '2'],
  ['{ userId: { ne: "$user.id" } }', null, ''],
  ['{ NOT: { userId: { eq: "$user.id" } } }', ALICE, '2'],
  ['{ NOT: { userId: { eq: "$user.id" } } }', null, ''],
  ['{ NOT: { NOT: { userId: { eq: "$user.id" } } } }', ALICE, '1'],
  ['{ userId: { in: "$user.roles" } }', ALICE, '2'],
  ['{ userId: { notIn: "$user.roles" } }', ALICE, '1'],
  ['{ userId: { notIn: "$user.roles" } }', { ...ALICE, roles: [] }, ''],
  ['{ NOT: { userId: { in: "$user.roles" } } }', { ...ALICE, roles: [] }, ''],
  ['{ userId: { eq: "$user.claims.tenant" } }', ALICE, '1'],
  ['{ userId: { eq: "$user.claims.absent" } }', ALICE, ''],
  ['{ NOT: { userId: { eq: "$user.claims.absent" } } }', ALICE, ''],
  ['{ NOT: { userId: { eq: "$user.claims.none" } } }', ALICE, ''],
  ['{ NOT: { userId: { eq: "$user.claims.empty" } } }', ALICE, ''],
  ['{ NOT: { userId: { eq: "$user.claims.many" } } }', ALICE, ''],
  ['{ NOT: { userId: { eq: "$user.claims.object" } } }', ALICE, ''],
  ['{ userId: { eq: "$user.claims.object.x" } }', ALICE, '1'],
  ['{ text: { ne: "$user.claims.constructor.name" } }', ALICE, ''],
  ['{ userId: { in: "$user.claims.many" } }', ALICE, '12'],
  ['{ userId: { notIn: "$user.claims.nothing" } }', ALICE, ''],
  ['{ userId: { notIn: "$user.claims.tenant" } }', ALICE, ''],
  ['{ userId: { in: "$user.claims.holed" } }', ALICE, ''],
  ['{ text: { ne: "$user.claims.number" } }', ALICE, ''],
  ['{ n: { ne: "$user.claims.tenant" } }', ALICE, ''],
  ['{ n: { eq: "$user.claims.number" } }', ALICE, '1'],
  ['{ OR: [{ userId: { eq: "$user.claims.absent" } }, { n: { eq: 7 } }] }', ALICE, '1'],
  ['{ NOT: { AND: [{ userId: { eq: "$user.claims.absent" } }, { n: { eq: 7 } }] } }', ALICE, '23'],
  ['{ userId: { isNull: true } }', null, '3'],
  ['{ NOT: { userId: { isNull: true } } }', null, '12'],
  ['{ n: { gte: 1 }, userId: { isNull: false } }', null, '12'],
  ['{ n: { gt: 1, lt: 7 } }', null, '2'],
  ['{ owner: { userId: { eq: "$user.id" } } }', ALICE, '123'],
  ['{ owner: { userId: { eq: "$user.id" } } }', null, ''],
  ['{ NOT: { owner: { userId: { eq: "$user.id" } } } }', null, ''],
  ['{ NOT: { owner: { name: { eq: "a" } } } }', ALICE, ''],
  ['{ owner: { items: { some: { userId: { eq: "$user.id" } } } } }', ALICE, '123'],
  ['{ owner: { items: { none: { userId: { eq: "u9" } } } } }', ALICE, ''],
  ['{ owner: { items: { none: { n: { eq: 5 } } } } }', ALICE, '123'],
  ['{ owner: { items: { every: { n: { gte: 1 } } } } }', ALICE, '123'],
  ['{ owner: { items: { every: { userId: { ne: "u9" } } } } }', ALICE, ''],
  ['{ NOT: { owner: { items: { every: { userId: { ne: "u9" } } } } } }', ALICE, ''],
  ['{ subs: { none: { k: { eq: "$user.claims.absent" } } } }', ALICE, '123'],
  ['{ subs: { every: { k: { eq: "$user.claims.absent" } } } }', ALICE, '123'],
  ['{ subs: { some: { k: { eq: "$user.claims.absent" } } } }', ALICE, ''],
];

describe('rules judged by hand', () => {
  before(() => {
    const item = (userId: string | null, n: number) => ({ text: 'a', n, userId, ownerId: 'Owner1' });
    return fill({
      Owner: [{ id: 'Owner1', userId: 'u1', name: null }],
      Item: [item('u1', 7), item('u2', 2), item(null, 1)].map((row, at) => ({
        ...row,
        id: `Item${at + 1}`,
        deleted: false,
      })),
      Sub: [],
    });
  });

  for (const [rule, user, seen] of BY_HAND) {
    const who = user === null ? 'nobody' : user.roles.length === 0 ? 'alice without roles' : 'alice';
    test(`${rule} shows ${who} ${seen || 'nothing'}`, async () => {
      const { items } = await run(
        modelWith(`@permission(on: [READ], level: PUBLIC, rows: ${rule})`),
        user,
        '{ items { id } }',
      );
      assert.deepEqual(
        items,
        [...seen].map((at) => ({ id: `Item${at}` })),
      );
    });
  }

  for (const [operator, passes] of [
    ['lt', true],
    ['gte', false],
  ] as const) {
    test(`a new text is compared by code point: "B" is ${passes ? '' : 'not '}${operator} "a"`, async () => {
      const model = modelWith(`@permission(on: [READ, INSERT], level: PUBLIC, check: { text: { ${operator}: "a" } })`);
      const insert = run(model, null, 'mutation { insertItem(data: { text: "B" }) { text } }');
      if (passes) assert.deepEqual(await insert, { insertItem: { text: 'B' } });
      else await assert.rejects(insert, { code: 'FORBIDDEN' });
    });
  }
});
