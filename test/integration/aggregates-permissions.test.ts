// Aggregates and what a caller may not read: a hidden column can be measured, grouped by and filtered on by nobody who may
// not read it, and says so in the same words as a column that nobody has; hidden rows do not count.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PUBLIC_CALLER } from '../../src/access/caller.ts';
import { callerClassOf, fullestClass } from '../../src/access/caller-class.ts';
import { buildClassSchema } from '../../src/graphql/build-schema.ts';
import { printWithPermissions } from '../../src/graphql/print-schema.ts';
import type { RequestedAggregate } from '../../src/records/aggregate-plan.ts';
import { guardAggregate } from '../../src/records/aggregate-records.ts';
import { EVERY_ROW, type Filter } from '../../src/tables/filter.ts';
import { groupKeysOf } from '../../src/tables/measures.ts';
import { columnOf, tableOf } from '../../src/tables/model.ts';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const SDL = `
type Team @table @permission(level: PUBLIC) { name: String members: [Member!]! @has(field: "team") }
type Member @table(softDelete: true)
  @permission(on: [READ], level: PUBLIC, rows: { listed: { eq: true } })
  @permission(on: [READ], level: USER, rows: { ownerId: { eq: "$user.id" } })
{
  name: String listed: Boolean! ownerId: ID team: Team @belongsTo
  zzzza: Int @permission(level: ADMIN)
  yyyya: String @permission(level: ADMIN)
  salary: Int @permission(on: [READ], level: USER, roles: ["boss"])
}
type Closed @table @permission(level: ADMIN) { x: Int team: Team @belongsTo }
type Plain @table @permission(level: PUBLIC) { text: String secret: Int @permission(level: ADMIN) }`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
  await app.database.query(`
    INSERT INTO team (id) VALUES ('red'), ('blue');
    INSERT INTO member (id, name, listed, owner_id, team_id, zzzza, salary, deleted) VALUES
      ('m1', 'a', TRUE,  'alice', 'red',  1, 10, FALSE), ('m2', 'b', FALSE, 'alice', 'red', 2, 20, FALSE),
      ('m3', 'c', FALSE, 'bob',   'blue', 3, 40, FALSE), ('m4', 'd', TRUE,  'bob',   'red', 4, 80, TRUE)`);
});
after(() => app?.close());

describe('a column that is ADMIN is not there', () => {
  const ways: readonly (readonly [name: string, query: (number: string, text: string) => string])[] = [
    ['in a sum', (number) => `{ membersAggregate { sum { ${number} } } }`],
    ['in an average, by an alias', (number) => `{ membersAggregate { avg { name: ${number} } } }`],
    ['in an extreme', (_, text) => `{ membersAggregate { min { ${text} } } }`],
    [
      'in the other one, in a fragment',
      (_, text) => `{ membersAggregate { max { ...F } } } fragment F on MemberMax { ${text} }`,
    ],
    ['in a group', (number) => `{ membersAggregate { group { ${number} } } }`],
    ['as what is grouped by', (number) => `{ membersAggregate(groupBy: [${number.toUpperCase()}]) { count } }`],
    ['in where', (number) => `{ membersAggregate(where: { ${number}: { gt: 1 } }) { count } }`],
    ['in where, under NOT', (number) => `{ membersAggregate(where: { NOT: { ${number}: { gt: 1 } } }) { count } }`],
    ['in having', (number) => `{ membersAggregate(having: { sum: { ${number}: { gt: "1" } } }) { count } }`],
    [
      'in having, under OR',
      (_, text) => `{ membersAggregate(having: { OR: [{ max: { ${text}: { eq: "x" } } }] }) { count } }`,
    ],
    ['of a relation', (number) => `{ teams { membersAggregate { max { ${number} } } } }`],
    [
      'of a relation, in its having',
      (number) => `{ teams { membersAggregate(having: { min: { ${number}: { eq: 1 } } }) { count } } }`,
    ],
  ];
  for (const [name, query] of ways) {
    test(name, async () => {
      const hidden = await app.ask(query('zzzza', 'yyyya'), { as: 'alice:boss+app' });
      const absent = await app.ask(query('zzzzb', 'yyyyb'), { as: 'alice:boss+app' });
      assert.deepEqual(
        hidden.errors?.map(({ extensions }) => extensions['code']),
        ['GRAPHQL_VALIDATION_FAILED'],
      );
      const words = ({ status, errors }: Answer) => [
        status,
        errors?.[0]?.message.toLowerCase().replaceAll(/(zzzz|yyyy)b/g, '$1a'),
      ];
      assert.deepEqual(words(hidden), words(absent));
      const admin = await app.ask(query('zzzza', 'yyyya'), { as: 'admin' });
      assert.equal(admin.errors, undefined, admin.text);
    });
  }
});

describe('rows that a rule hides do not count', () => {
  for (const [as, count, salary] of [
    ['public', 1, null],
    ['alice', 2, null],
    ['bob:boss', 2, '50'],
    ['admin', 3, '70'],
  ] as const) {
    test(`for ${as}`, async () => {
      const { data, text } = await app.ask('{ membersAggregate { count } }', { as });
      assert.deepEqual(data, { membersAggregate: [{ count }] }, text);
      const paid = await app.ask('{ membersAggregate { sum { salary } } }', { as });
      if (salary !== null) assert.deepEqual(paid.data, { membersAggregate: [{ sum: { salary } }] }, paid.text);
      else
        assert.equal(
          paid.errors?.[0]?.extensions['code'],
          as === 'public' ? 'UNAUTHENTICATED' : 'FORBIDDEN',
          paid.text,
        );
    });
  }

  test('nested, where, and with deleted rows: the rule stays', async () => {
    const { data, text } = await app.ask(
      `{ teams { membersAggregate(deleted: INCLUDE, groupBy: [OWNER_ID], where: { OR: [{ listed: { eq: false } }, { listed: { eq: true } }] }) { group { ownerId } count } } }`,
      { as: 'alice' },
    );
    const red = [
      { group: { ownerId: 'alice' }, count: 2 },
      { group: { ownerId: 'bob' }, count: 1 },
    ];
    assert.deepEqual(data, { teams: [{ membersAggregate: [] }, { membersAggregate: red }] }, text);
  });
});

describe('what a class may not use is not in its schema', () => {
  const namesOf = async (as: string) => {
    const { data } = await app.ask('{ __schema { types { name fields { name } } } }', { as });
    const schema = data?.['__schema'] as { types: { name: string; fields: { name: string }[] | null }[] } | undefined;
    const { types } = schema ?? { types: [] };
    return new Map(types.map(({ name, fields }) => [name, fields?.map((field) => field.name) ?? []]));
  };

  test('neither the aggregates of a table that it may not read, nor sums where there is nothing to add', async () => {
    const [shown, admin] = [await namesOf('public'), await namesOf('admin')];
    assert.equal(shown.get('Query')?.includes('closedsAggregate'), false);
    assert.equal(admin.get('Query')?.includes('closedsAggregate'), true);
    assert.deepEqual(
      [...shown.keys()].filter((name) => /^(Closed|Plain(Sum|Avg))/.test(name)),
      [],
    );
    assert.deepEqual(shown.get('PlainAggregate'), ['group', 'count', 'min', 'max']);
    assert.deepEqual(admin.get('PlainSum'), ['secret']);
    assert.deepEqual(admin.get('PlainAggregate'), ['group', 'count', 'sum', 'avg', 'min', 'max']);
  });
});

test('the printed schema says who may read what is measured', () => {
  const text = printWithPermissions(buildClassSchema(app.model, fullestClass(app.model.roles)));
  const only = '@permission(on: [READ], level: USER, roles: ["boss"])';
  for (const type of ['MemberGroup', 'MemberMin', 'MemberMax']) {
    const [, fields = ''] = new RegExp(`type ${type} {([^}]*)}`).exec(text) ?? [];
    assert.ok(fields.includes(`salary: Int ${only}`), `${type} {${fields}}`);
  }
});

describe('without a schema in front, a hidden column is refused wherever it is mentioned', () => {
  const hidden = () => columnOf(tableOf(app.model, 'Member'), 'zzzza');
  const having = (column: string): Filter => ({ kind: 'isNull', column, value: { from: 'constant', value: true } });
  const ways: Readonly<Record<string, () => Partial<RequestedAggregate>>> = {
    'group by': () => ({ groupBy: groupKeysOf(hidden()) }),
    group: () => ({ fields: groupKeysOf(hidden()).map((groupKey) => ({ kind: 'groupKey', key: 'k', groupKey })) }),
    'a measure': () => ({ fields: [{ kind: 'measure', key: 'k', measure: { function: 'min', column: hidden() } }] }),
    'a measure in an object': () => ({
      fields: [
        {
          kind: 'object',
          key: 'o',
          fields: [{ kind: 'measure', key: 'k', measure: { function: 'sum', column: hidden() } }],
        },
      ],
    }),
    having: () => ({ having: { kind: 'not', part: having('sum.zzzza') } }),
    where: () => ({ where: having('zzzza') }),
    'a measure that nobody has, in having': () => ({ having: having('sum.name') }),
  };
  for (const [name, way] of Object.entries(ways)) {
    test(name, () => {
      const table = tableOf(app.model, 'Member');
      const plain: RequestedAggregate = {
        table,
        where: EVERY_ROW,
        deleted: 'EXCLUDE',
        groupBy: [],
        having: EVERY_ROW,
        fields: [{ kind: 'measure', key: 'k', measure: { function: 'count' } }],
      };
      const caller = callerClassOf(PUBLIC_CALLER, app.model.roles);
      guardAggregate(app.model, caller, plain);
      assert.throws(() => guardAggregate(app.model, caller, { ...plain, ...way() }), /Cannot query field/);
    });
  }

  test('and so is a table that may not be read at all', () => {
    const table = tableOf(app.model, 'Closed');
    const asked = { table, where: EVERY_ROW, deleted: 'INCLUDE', groupBy: [], having: EVERY_ROW, fields: [] } as const;
    assert.throws(() => guardAggregate(app.model, callerClassOf(PUBLIC_CALLER, []), asked), { code: 'BAD_USER_INPUT' });
  });
});
