// What a caller may see and set, over HTTP: hidden columns by every way of asking, presets, checks, connections, rows that
// were deleted, and callers that may only insert.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { callerClass } from '../../src/access/caller-class.ts';
import { guardSelection } from '../../src/records/guard-selection.ts';
import { columnOf, tableOf } from '../../src/tables/model.ts';
import {
  type Answer,
  type Asking,
  headersOf,
  openTestService,
  type TestService,
  tokenOf,
} from '../support/open-test-service.ts';

const SDL = `
type Account @table(softDelete: true)
  @permission(on: [READ], level: PUBLIC, rows: { open: { eq: true } })
  @permission(on: [INSERT], level: USER)
{
  name: String @unique
  open: Boolean! @default(value: "true")
  ownerId: ID! @preset(value: "$user.id")
  tenant: String @preset(value: "$user.claims.tenant")
  source: String @preset(value: "mobile")
  quota: Int @preset(value: "$user.claims.quota")
  zzzza: String @unique @permission(level: ADMIN)
  notes: [Note!]! @has(field: "account")
  twin: Account @belongsTo(column: "zzzzaId") @permission(level: ADMIN)
}
type Note @table
  @permission(on: [READ], level: PUBLIC)
  @permission(on: [INSERT], level: USER, check: { account: { ownerId: { eq: "$user.id" } } })
  @permission(on: [INSERT], level: USER, roles: ["editor"])
  @permission(on: [INSERT], level: APPLICATION, check: { text: { in: ["a", "b"] } })
{ text: String account: Account @belongsTo box: Box @belongsTo }
type Box @table @permission(on: [INSERT], level: PUBLIC)
{ text: String! secret: String @default(value: "s") account: Account @belongsTo things: [Note!]! @has(field: "box") }
type Drawer @table @permission(on: [READ], level: PUBLIC, rows: { account: { name: { isNull: false } } })
{ account: Account @belongsTo plain: Int }
type Shelf @table @permission(on: [READ], level: PUBLIC, rows: { drawers: { none: { plain: { eq: 1 } } } })
{ drawers: [Cup!]! @has(field: "shelf") }
type Cup @table(softDelete: true) @permission(on: [READ], level: PUBLIC) { plain: Int shelf: Shelf @belongsTo }
`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
  await app.database.query(`
    INSERT INTO account (id, name, open, owner_id, zzzza, deleted) VALUES
      ('open', 'open', TRUE, 'alice', 'key', FALSE), ('shut', 'shut', FALSE, 'alice', NULL, FALSE), ('gone', 'gone', TRUE, 'alice', NULL, TRUE);
    INSERT INTO note (id, text, account_id) VALUES ('n1', 'a', 'open'), ('n2', 'b', 'shut'), ('n3', 'c', 'gone');
    INSERT INTO drawer (id, account_id) VALUES ('d1', 'open'), ('d2', 'gone');
    INSERT INTO shelf (id) VALUES ('s1'), ('s2');
    INSERT INTO cup (id, plain, shelf_id, deleted) VALUES ('c1', 1, 's1', FALSE), ('c2', 1, 's2', TRUE);`);
});
after(() => app?.close());

const codes = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']) ?? [];
type Rows = Record<string, Record<string, unknown> | null>;

async function data(query: string, asking: Asking = {}): Promise<Rows> {
  const answer = await app.ask(query, asking);
  assert.deepEqual(codes(answer), [], answer.text);
  return answer.data as Rows;
}

async function fieldsOf(type: string): Promise<string[]> {
  const { __type } = await data(`{ __type(name: "${type}") { fields { name } } }`);
  assert.ok(__type, type);
  return (__type['fields'] as { name: string }[]).map(({ name }) => name);
}

describe('a column that is ADMIN is not there', () => {
  /** Each with a column that is hidden, and with one that nobody has. */
  const ways: readonly (readonly [name: string, query: (column: string) => string])[] = [
    ['plainly', (column) => `{ accounts { ${column} } }`],
    ['by an alias', (column) => `{ accounts { name: ${column} } }`],
    ['by key', (column) => `{ account(by: { id: "open" }) { ${column} } }`],
    ['as a key', (column) => `{ account(by: { ${column}: "key" }) { id } }`],
    ['in a fragment', (column) => `{ accounts { ...A } } fragment A on Account { ${column} }`],
    [
      'in a nested fragment',
      (column) => `{ accounts { ...A } } fragment A on Account { ... on Account { x: ${column} } }`,
    ],
    ['in an inline fragment', (column) => `{ accounts { ... { ${column} } } }`],
    ['in a related row', (column) => `{ notes { account { ${column} } } }`],
    ['two relations away', (column) => `{ accounts { notes { account { x: ${column} } } } }`],
    ['left out by @skip', (column) => `{ accounts { id ${column} @skip(if: true) } }`],
    ['in the answer of an insert', (column) => `mutation { insertAccount(data: {}) { ${column} } }`],
    ['as a value', (column) => `mutation { insertAccount(data: { ${column}: "x" }) { id } }`],
  ];
  for (const [name, query] of ways) {
    test(name, async () => {
      const [hidden, absent] = [
        await app.ask(query('zzzza'), { as: 'alice+app' }),
        await app.ask(query('zzzzb'), { as: 'alice+app' }),
      ];
      assert.deepEqual(codes(hidden), ['GRAPHQL_VALIDATION_FAILED']);
      const words = ({ status, text, errors }: Answer) => [
        status,
        text.replaceAll('zzzzb', 'zzzza').replaceAll(String(errors?.[0]?.extensions['requestId']), ''),
      ];
      assert.deepEqual(words(hidden), words(absent));
      assert.deepEqual(
        codes(await app.ask(query('zzzza'), { as: 'admin' })).filter((code) => code === 'GRAPHQL_VALIDATION_FAILED'),
        [],
      );
    });
  }

  test('in variables', async () => {
    const query = 'mutation ($d: AccountInsert!) { insertAccount(data: $d) { id } }';
    const [hidden, absent] = await Promise.all(
      ['zzzza', 'zzzzb'].map((column) => app.ask(query, { as: 'alice', variables: { d: { [column]: 'x' } } })),
    );
    const words = (answer?: Answer) => answer?.errors?.map(({ message }) => message.replaceAll('zzzzb', 'zzzza'));
    assert.deepEqual(words(hidden), words(absent));
  });

  test('nor the relation whose key it is, in what is introspected', async () => {
    assert.deepEqual(await fieldsOf('Account'), [
      'nodeId',
      'id',
      'name',
      'open',
      'ownerId',
      'tenant',
      'source',
      'quota',
      'createdAt',
      'updatedAt',
      'version',
      'deleted',
      'notes',
      'notesConnection',
      'notesAggregate',
    ]);
  });
});

describe('presets', () => {
  const insert = 'mutation { insertAccount(data: {}) { ownerId tenant source quota } }';
  const rowOf = async (claims: Record<string, unknown>) => {
    const headers = { authorization: `Bearer ${tokenOf('alice', claims)}` };
    return (await data(insert, { headers }))['insertAccount'];
  };

  test('come from the user, a claim, and a constant', async () => {
    const row = { ownerId: 'alice', tenant: 't', source: 'mobile', quota: 5 };
    assert.deepEqual(await rowOf({ tenant: 't', quota: 5 }), row);
  });

  for (const claims of [
    {},
    { tenant: null, quota: null },
    { tenant: 5, quota: '5' },
    { tenant: ['t'], quota: [5] },
    { tenant: {}, quota: 1.5 },
  ]) {
    test(`are nothing when the claims are ${JSON.stringify(claims)}`, async () => {
      assert.deepEqual(await rowOf(claims), { ownerId: 'alice', tenant: null, source: 'mobile', quota: null });
    });
  }

  for (const column of ['ownerId', 'tenant', 'source', 'createdAt', 'updatedAt', 'version', 'deleted']) {
    test(`cannot be set: ${column}`, async () => {
      const query = `mutation { insertAccount(data: { ${column}: null }) { id } }`;
      assert.deepEqual(codes(await app.ask(query, { as: 'alice' })), ['GRAPHQL_VALIDATION_FAILED']);
    });
  }

  test('are set by the master key, and come from the user beside it otherwise', async () => {
    const set =
      'mutation { insertAccount(data: { ownerId: "o", tenant: "x", source: "s", quota: 1, zzzza: "z" }) { ownerId tenant source quota zzzza } }';
    assert.deepEqual(await data(set, { as: 'admin' }), {
      insertAccount: { ownerId: 'o', tenant: 'x', source: 's', quota: 1, zzzza: 'z' },
    });
    assert.deepEqual(await data('mutation { insertAccount(data: {}) { ownerId source } }', { as: 'alice+admin' }), {
      insertAccount: { ownerId: 'alice', source: 'mobile' },
    });
    const nobody = await app.ask('mutation { insertAccount(data: {}) { id } }', { as: 'admin' });
    assert.deepEqual(nobody.errors?.[0]?.extensions['fields'], [
      { path: ['data', 'ownerId'], message: 'is taken from $user.id, which you do not have' },
    ]);
  });
});

describe('inserts', () => {
  const note = (fields: string, as: string) => app.ask(`mutation { insertNote(data: { ${fields} }) { text } }`, { as });

  for (const [name, fields, as, code] of [
    ['by one alternative', 'text: "x", accountId: "open"', 'alice', null],
    ['by another, which has no check', 'text: "x"', 'bob:editor', null],
    ['by a third', 'text: "b"', 'app', null],
    ['by none: the row is another’s', 'text: "x", accountId: "open"', 'bob', 'FORBIDDEN'],
    ['by none: a value', 'text: "x"', 'app', 'FORBIDDEN'],
    ['by none: a missing value', 'text: null', 'app', 'FORBIDDEN'],
    ['both by level and by value, and neither is enough alone', 'text: "x"', 'bob+app', 'FORBIDDEN'],
    ['with a check of one alternative and the credentials of another', 'text: "a"', 'bob', 'FORBIDDEN'],
    ['pointing at a row that is hidden', 'text: "a", accountId: "shut"', 'app', 'CONSTRAINT_VIOLATION'],
    ['pointing at a row that was deleted', 'text: "a", accountId: "gone"', 'app', 'CONSTRAINT_VIOLATION'],
    ['pointing at a row that never was', 'text: "a", accountId: "no"', 'app', 'CONSTRAINT_VIOLATION'],
    ['by the master key, at a row that was deleted', 'accountId: "gone"', 'admin', 'CONSTRAINT_VIOLATION'],
    ['by the master key, at a row that is hidden', 'accountId: "shut"', 'admin', null],
  ] as const) {
    test(`${name}: ${code ?? 'done'}`, async () => {
      const answer = await note(fields, as);
      assert.deepEqual(codes(answer), code ? [code] : [], answer.text);
    });
  }

  test('hidden, deleted and absent rows are refused in the same words', async () => {
    const [hidden, ...others] = await Promise.all(
      ['shut', 'gone', 'nope'].map(async (id) => {
        const { text, errors } = await note(`text: "a", accountId: "${id}"`, 'app');
        return text.replaceAll(String(errors?.[0]?.extensions['requestId']), '');
      }),
    );
    for (const other of others) assert.equal(other, hidden);
  });

  test('what was inserted is shown only if it may be read', async () => {
    const query =
      'mutation { plain: insertAccount(data: { open: false, name: "hid" }) { id } nested: insertAccount(data: { open: false }) { id notes { id } } }';
    assert.deepEqual(await data(query, { as: 'alice' }), { plain: null, nested: null });
    assert.equal((await app.database.query(`SELECT FROM account WHERE name = 'hid'`)).length, 1);
  });
});

describe('rows that were deleted are nowhere', () => {
  for (const [name, query, expected] of [
    ['by id', '{ account(by: { id: "gone" }) { id } }', { account: null }],
    ['by another key', '{ account(by: { name: "gone" }) { id } }', { account: null }],
    ['a related row', '{ drawers { id account { id } } }', { drawers: [{ id: 'd1', account: { id: 'open' } }] }],
    ['a rule over a related row', '{ drawer(by: { id: "d2" }) { id } }', { drawer: null }],
    ['related rows', '{ shelf(by: { id: "s2" }) { drawers { id } } }', { shelf: { drawers: [] } }],
    ['a rule over related rows', '{ shelves { id } }', { shelves: [{ id: 's2' }] }],
  ] as const) {
    test(name, async () => assert.deepEqual(await data(query), expected));
  }

  test('a list', async () => {
    for (const as of ['public', 'admin'])
      assert.ok(!JSON.stringify(await data('{ accounts { id } }', { as })).includes('gone'));
  });

  test('not for the master key either', async () => {
    const query = '{ account(by: { id: "gone" }) { id } note(by: { id: "n3" }) { account { id } } }';
    assert.deepEqual(await data(query, { as: 'admin' }), { account: null, note: { account: null } });
  });
});

describe('who may only insert', () => {
  test('is answered with the id, and there is nothing else to ask for', async () => {
    const { insertBox } = await data('mutation { insertBox(data: { text: "t" }) { id __typename } }');
    assert.deepEqual(Object.keys(insertBox ?? {}), ['id', '__typename']);
    assert.deepEqual(await fieldsOf('Box'), ['nodeId', 'id']);
    assert.deepEqual(
      (await fieldsOf('Query')).filter((name) => /^box/i.test(name)),
      [],
    );
  });

  for (const asked of ['text', 'secret', 'createdAt', 'version', 'account { id }', 'things { id }']) {
    test(`cannot ask for ${asked}`, async () => {
      const answer = await app.ask(`mutation { insertBox(data: { text: "t" }) { ${asked} } }`);
      assert.deepEqual(codes(answer), ['GRAPHQL_VALIDATION_FAILED']);
    });
  }

  test('is shown nothing more by the records either, whatever a face asks for', () => {
    const box = tableOf(app.model, 'Box');
    const nobody = callerClass({ admin: false, application: false, user: false, roles: [] });
    const ask = (name: string) =>
      guardSelection(app.model, nobody, {
        table: box,
        fields: [{ kind: 'column', key: 'x', column: columnOf(box, name) }],
      });
    assert.equal(ask('id').fields.length, 1);
    for (const name of ['text', 'secret', 'createdAt']) assert.throws(() => ask(name), /Cannot query field/);
    const account = box.relations.get('account');
    assert.ok(account);
    const one = { table: tableOf(app.model, 'Account'), fields: [] };
    const related = { kind: 'one', key: 'account', relation: account, one } as const;
    assert.throws(() => guardSelection(app.model, nobody, { table: box, fields: [related] }), /Cannot query field/);
  });

  test('cannot point at what is not theirs to read, nor at a table that is not', async () => {
    for (const id of ['shut', 'gone', 'no'])
      assert.deepEqual(codes(await app.ask(`mutation { insertBox(data: { text: "t", accountId: "${id}" }) { id } }`)), [
        'CONSTRAINT_VIOLATION',
      ]);
    assert.deepEqual(codes(await app.ask('mutation { insertBox(data: { text: "t", accountId: "open" }) { id } }')), []);
    const [box] = await app.database.query<{ id: string }>('SELECT id FROM box');
    const answer = await app.ask(`mutation { insertNote(data: { text: "a", boxId: "${box?.id}" }) { id } }`, {
      headers: headersOf('app'),
    });
    assert.deepEqual(codes(answer), ['CONSTRAINT_VIOLATION']);
  });
});
