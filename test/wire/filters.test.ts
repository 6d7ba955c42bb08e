// `where` over HTTP: what a client asks and gets, what it may not ask, and that it learns nothing of hidden rows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, headersOf, openTestService, type TestService } from '../support/open-test-service.ts';

const SDL = `
type Note @table(softDelete: true)
  @permission(on: [READ], level: USER, rows: { ownerId: { eq: "$user.id" } })
  @permission(on: [READ], level: PUBLIC, rows: { open: { eq: true } })
{
  text: String!  open: Boolean! @default(value: "false")  ownerId: ID
  secret: String @permission(on: [READ], level: USER, roles: ["auditor"])
  folder: Folder @belongsTo
}
type Folder @table @permission(on: [READ], level: PUBLIC) { name: String!  notes: [Note!]! @has(field: "folder") }
type Entry @table
  @permission(on: [READ], level: USER, rows: { tags: { has: "$user.id" } })
  @permission(on: [INSERT], level: USER, check: {
    tags: { has: "$user.id", hasSome: ["red", "blue"] }
    title: { startsWith: "ok", ignoreCase: true, contains: "%" }
    meta: { path: ["team", "0"], in: ["red", "$user.id"] }
    folder: { notes: { count: { gte: 1 } } }
  })
{ title: String! tags: [String!]! meta: JSON folder: Folder @belongsTo }
type Vault @table @permission(on: [READ], level: ADMIN) { code: String  folder: Folder @belongsTo }`;

let service: TestService;
before(async () => {
  service = await openTestService({ sdl: SDL });
  await service.database.query(`
    INSERT INTO folder (id, name) VALUES ('f1', 'mixed'), ('f2', 'hidden'), ('f3', 'empty');
    INSERT INTO note (id, text, open, owner_id, secret, folder_id, deleted) VALUES
      ('n1', 'open 100%', true, NULL, 'x', 'f1', false), ('n2', 'hers', false, 'alice', 'y', 'f1', false),
      ('n3', 'his', false, 'bob', 'z', 'f1', false), ('n4', 'his too', false, 'bob', NULL, 'f2', false),
      ('n5', 'gone', true, 'alice', NULL, 'f3', true)`);
});
after(() => service.close());

async function idsOf(field: string, where: string, as = 'alice'): Promise<string> {
  const { data, errors } = await service.ask(`{ ${field}(where: ${where}) { id } }`, { as });
  assert.equal(errors, undefined, JSON.stringify(errors));
  const rows = data?.[field] as readonly { id: string }[];
  return rows.map(({ id }) => id).join(' ');
}

describe('a filter over HTTP', () => {
  for (const [field, where, ids, as] of [
    ['notes', '{}', 'n1 n2'],
    ['notes', '{ text: { contains: "%" } }', 'n1'],
    ['notes', '{ text: { startsWith: "HER", ignoreCase: true } }', 'n2'],
    ['notes', '{ ownerId: { ne: "bob" } }', 'n2'],
    ['notes', '{ OR: [{ ownerId: { eq: "bob" } }, { open: { eq: true } }] }', 'n1'],
    ['notes', '{ folder: { name: { eq: "mixed" } } }', 'n1 n2'],
    // Hidden and deleted rows are not there, whatever is asked of them.
    ['folders', '{ notes: { some: { text: { startsWith: "his" } } } }', ''],
    ['folders', '{ notes: { some: { text: { startsWith: "his" } } } }', 'f1 f2', 'bob'],
    ['folders', '{ notes: { every: { text: { startsWith: "his" } } } }', 'f2 f3'],
    ['folders', '{ notes: { none: { ownerId: { eq: "bob" } } } }', 'f2 f3'],
    ['folders', '{ notes: { count: { eq: 2 } } }', 'f1'],
    ['folders', '{ notes: { count: { eq: 0 } } }', 'f2 f3'],
    ['folders', '{ notes: { count: { gte: 1 } } }', 'f1', 'public'],
    ['folders', '{ NOT: { notes: { some: {} } } }', 'f2 f3'],
    ['folders', '{ notes: { some: { folder: { notes: { count: { eq: 3 } } } } } }', '', 'alice'],
    ['folders', '{ notes: { some: { folder: { notes: { count: { eq: 3 } } } } } }', 'f1', 'admin'],
  ] as const) {
    test(`${as ?? 'alice'} asks ${field} for ${where}`, async () => {
      assert.equal(await idsOf(field, where, as), ids);
    });
  }

  test('asks nested lists too', async () => {
    const { data } = await service.ask('{ folders { id notes(where: { text: { eq: "hers" } }) { id } } }', {
      as: 'alice',
    });
    assert.deepEqual(data?.['folders'], [
      { id: 'f1', notes: [{ id: 'n2' }] },
      { id: 'f2', notes: [] },
      { id: 'f3', notes: [] },
    ]);
  });

  test('takes its values from variables', async () => {
    const query =
      'query ($where: NoteWhere, $text: String) { all: notes(where: $where) { id } one: notes(where: { text: { eq: $text } }) { id } }';
    const { data } = await service.ask(query, {
      as: 'alice',
      variables: { where: { text: { in: ['hers', 'his'] } }, text: 'open 100%' },
    });
    assert.deepEqual(data, { all: [{ id: 'n2' }], one: [{ id: 'n1' }] });
  });
});

/** A message without the name that it is about. */
const wordsOf = (message: string, name: string) => message.replaceAll(name, '*');

describe('what may not be asked', () => {
  const where = async (text: string, as = 'alice') => {
    const { errors, data } = await service.ask(`{ notes(where: ${text}) { id } }`, { as });
    assert.ok(errors?.[0], JSON.stringify(data));
    return errors[0];
  };

  for (const put of [
    (leaf: string) => `{ ${leaf} }`,
    (leaf: string) => `{ NOT: { OR: [{ ${leaf} }] } }`,
    (leaf: string) => `{ folder: { notes: { every: { ${leaf} } } } }`,
  ]) {
    test(`a column that nobody but an admin has, in ${put('...')}, is like one that is not there`, async () => {
      const [hidden, absent] = [await where(put('vault: {}')), await where(put('nothing: {}'))];
      assert.equal(wordsOf(hidden.message, 'vault'), wordsOf(absent.message, 'nothing'));
      assert.deepEqual(hidden.extensions['code'], absent.extensions['code']);
    });

    test(`a column of a role, in ${put('...')}, is refused before any row is read`, async () => {
      const { extensions } = await where(put('secret: { startsWith: "x" }'));
      assert.equal(extensions['code'], 'FORBIDDEN');
      await service.ask(`{ notes(where: ${put('secret: { startsWith: "x" }')}) { id } }`, { as: 'carol:auditor' });
    });
  }

  for (const [text, message] of [
    ['{ text: { eq: null } }', 'where.text.eq must not be null. Use isNull, or leave it out.'],
    ['{ text: { contains: "\\u0000" } }', 'A value must not contain U+0000.'],
  ] as const) {
    test(message, async () => {
      const error = await where(text);
      assert.equal(error.extensions['code'], 'BAD_USER_INPUT');
      assert.ok(error.message.startsWith(message), error.message);
    });
  }

  test('a filter in variables that nests without end is refused, and nothing else is harmed', async () => {
    const query = 'query ($where: NoteWhere) { notes(where: $where) { id } }';
    for (const [levels, code] of [
      [11, 'QUERY_TOO_COMPLEX'],
      [90, 'QUERY_TOO_COMPLEX'],
      ...[1_000, 2_500, 4_000, 12_000].map((deep) => [deep, 'BAD_USER_INPUT'] as const),
    ] as const) {
      // Written by hand: JSON.stringify itself would overflow.
      const where = `${'{"NOT":'.repeat(levels)}{}${'}'.repeat(levels)}`;
      const response = await fetch(`${service.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf('alice') },
        body: `{"query":${JSON.stringify(query)},"variables":{"where":${where}}}`,
      });
      const { errors } = (await response.json()) as Answer;
      assert.equal(errors?.[0]?.extensions['code'], code, `${levels}: ${JSON.stringify(errors)}`);
    }
    assert.equal(await idsOf('notes', '{}'), 'n1 n2');
  });
});

describe('a rule over a new row has the same operators', () => {
  const right = { title: 'OK 5%', tags: ['alice', 'red'], meta: { team: ['red'] }, folderId: 'f1' };
  const insert = (data: object) =>
    service.ask('mutation ($data: EntryInsert!) { insertEntry(data: $data) { title tags meta } }', {
      as: 'alice',
      variables: { data },
    });

  test('and lets in what they say', async () => {
    const { title, tags, meta } = right;
    assert.deepEqual((await insert(right)).data?.['insertEntry'], { title, tags, meta });
  });

  for (const wrong of [
    { title: 'no 5%' },
    { title: 'ok 5' },
    { tags: ['red'] },
    { tags: ['alice'] },
    { tags: [] },
    { meta: { team: ['blue'] } },
    { meta: { team: [] } },
    { meta: null },
    { folderId: 'f3' },
    { folderId: null },
  ]) {
    test(`and refuses ${JSON.stringify(wrong)}`, async () => {
      const { errors } = await insert({ ...right, ...wrong });
      assert.equal(errors?.[0]?.extensions['code'], 'FORBIDDEN', JSON.stringify(errors));
    });
  }
});
