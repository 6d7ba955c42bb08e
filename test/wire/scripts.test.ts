// Scripts around the operations of a real service, over HTTP.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const SDL = `
type Team @table @permission(on: [READ, INSERT, UPDATE, DELETE, SUBSCRIBE], level: APPLICATION) {
  name: String! @unique
  members: [Member!]! @has(field: "team")
}
type Member @table(softDelete: true) @permission(on: [READ, INSERT, UPDATE, DELETE, UNDELETE, SUBSCRIBE], level: APPLICATION) {
  name: String! @length(max: 10)
  email: String @unique
  score: Int
  stamp: String
  team: Team @belongsTo
}
type Note @table @permission(on: [READ, INSERT, UPDATE, DELETE, SUBSCRIBE], level: APPLICATION) {
  text: String!
  owner: String
}
type Card @table @permission(on: [READ, INSERT, UPDATE, DELETE, SUBSCRIBE], level: APPLICATION) {
  number: String!
  owner: String
  next: Card @belongsTo
  before: [Card!]! @has(field: "next")
}
type Trail @table @permission(on: [READ], level: APPLICATION) {
  what: String!
}
`;

const MEMBER = `
import { tidy } from '../shared/tidy.ts';

export const insert = async (ctx) => {
  ctx.item.name = tidy(ctx.item.name);
  if (ctx.item.name === 'nobody') ctx.reject('NAME_TAKEN', 'Nobody is nobody.', [{ path: ['name'], message: 'is taken' }]);
  if (ctx.item.name === 'ghost') return { id: ctx.id, name: 'ghost', version: '1', createdAt: '2026-01-01T00:00:00.000000Z', updatedAt: '2026-01-01T00:00:00.000000Z', deleted: false };
  ctx.item.stamp = [ctx.caller, ctx.user?.id ?? '-', ctx.params.colour ?? '-', ctx.headers['x-device'] ?? '-', ctx.settings.GREETING].join(' ');
  const row = await ctx.execute();
  await ctx.tables.Trail.insert({ what: 'inserted ' + row.name });
  if (row.name === 'late') throw new Error('too late');
  return { ...row, score: (row.score ?? 0) + 1 };
};

export const update = async (ctx) => {
  if (ctx.previous.name === 'fixed') ctx.reject('FORBIDDEN', 'It is fixed.');
  if (ctx.item.name) ctx.item.name = tidy(ctx.item.name);
  ctx.item.stamp = ctx.previous.name + ' before';
  try {
    await ctx.execute();
  } catch (error) {
    if (error.code !== 'CONFLICT') throw error;
    ctx.item.stamp = 'resolved ' + error.current.name;
    await ctx.execute({ ifVersion: null });
  }
};

export { remove as delete };
const remove = async (ctx) => {
  if (ctx.previous.name === 'fixed') ctx.reject('FORBIDDEN', 'It is fixed.');
  const row = await ctx.execute();
  await ctx.tables.Trail.insert({ what: 'deleted ' + row.name });
};

export const undelete = async (ctx) => {
  await ctx.execute();
  await ctx.sql('select broken').catch(() => undefined);
  const [{ n }] = await ctx.sql\`select count(*)::int as n from member where name = \${ctx.previous.name}\`;
  await ctx.tables.Trail.insert({ what: 'undeleted ' + ctx.previous.name + ' ' + n });
};
`;

let it: TestService;

before(async () => {
  it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/member.ts': MEMBER,
      'scripts/tables/note.ts': `
        export const filter = (ctx) => ctx.caller === 'admin' ? true : ctx.user ? { owner: { eq: ctx.user.id } } : false;
      `,
      'scripts/tables/card.ts': `
        export const settings = { safe: ['owner'] };
        export const read = async (ctx) => {
          const rows = await ctx.execute();
          console.log('cards', rows.length);
          return rows.filter((row) => row.number !== '0').map((row) => ({ ...row, number: '**' + row.number.slice(-2) }));
        };
      `,
      'scripts/shared/tidy.ts': 'export const tidy = (text: string): string => text.trim().toLowerCase();',
    },
  });
  assert.deepEqual(it.service.scriptProblems, []);
});
after(() => it?.close());

const insert = 'mutation ($data: MemberInsert!) { insertMember(data: $data) { id name score stamp team { name } } }';

async function trail(): Promise<unknown> {
  const { data } = await it.ask('{ trails(orderBy: [{ id: ASC }]) { what } }', { as: 'app' });
  const rows = (data?.['trails'] ?? []) as { what: string }[];
  return rows.map(({ what }) => what);
}

const rowOf = ({ data, text }: Answer, field: string) => {
  const row = data?.[field];
  assert.ok(row, text);
  return row as { readonly id: string; readonly name: string; readonly version: string };
};
const fieldsOf = ({ errors }: Answer) => errors?.[0]?.extensions['fields'] as readonly { path: unknown }[];

test('an insert script changes what is stored, writes beside it, and what is told', async () => {
  const answer = await it.ask(insert, {
    as: 'alice+app',
    variables: { data: { name: '  ANN ', score: 4 } },
    headers: { 'x-device': 'phone' },
    extensions: { params: { colour: 'blue' } },
  });
  assert.equal(answer.errors, undefined, answer.text);
  const row = answer.data?.['insertMember'] as Record<string, unknown>;
  assert.deepEqual(
    { ...row, id: null },
    { id: null, name: 'ann', score: 5, stamp: 'user alice blue phone hello', team: null },
  );
  const { data } = await it.ask('query ($id: ID!) { member(by: { id: $id }) { score } }', {
    as: 'app',
    variables: { id: row['id'] },
  });
  assert.deepEqual(data, { member: { score: 4 } });
  assert.deepEqual(await trail(), ['inserted ann']);
});

test('values are checked as the script leaves them', async () => {
  const fits = await it.ask(insert, { as: 'app', variables: { data: { name: '        bob        ' } } });
  assert.equal(rowOf(fits, 'insertMember').name, 'bob', fits.text);
  const long = await it.ask(insert, { as: 'app', variables: { data: { name: 'much too long a name' } } });
  assert.equal(long.errors?.[0]?.extensions['code'], 'CONSTRAINT_VIOLATION', long.text);
  assert.deepEqual(fieldsOf(long)[0]?.path, ['data', 'name']);
});

test('what a script refuses is told in its words, and nothing is done', async () => {
  const refused = await it.ask(insert, { as: 'app', variables: { data: { name: 'Nobody' } } });
  assert.equal(refused.errors?.[0]?.message, 'Nobody is nobody.');
  assert.equal(refused.errors?.[0]?.extensions['code'], 'NAME_TAKEN');
  assert.deepEqual(refused.errors?.[0]?.extensions['fields'], [{ path: ['name'], message: 'is taken' }]);
  const late = await it.ask(insert, { as: 'app', variables: { data: { name: 'late' } } });
  assert.equal(late.errors?.[0]?.extensions['code'], 'SCRIPT_FAILED', late.text);
  assert.doesNotMatch(late.errors?.[0]?.message ?? '', /too late/);
  const place = late.errors?.[0]?.extensions['script'] as { file: string; line: number; message: string };
  assert.deepEqual([place.file, place.message], ['scripts/tables/member.ts', 'too late']);
  assert.equal(MEMBER.split('\n')[place.line - 1]?.includes('too late'), true, JSON.stringify(place));
  const { data } = await it.ask('{ members(where: { name: { in: ["nobody", "late"] } }) { id } }', { as: 'app' });
  assert.deepEqual(data, { members: [] });
  assert.equal(((await trail()) as string[]).includes('inserted late'), false);
});

test('a script may answer without the store', async () => {
  const ghost = await it.ask(insert.replace('team { name }', ''), {
    as: 'app',
    variables: { data: { name: 'ghost' } },
  });
  assert.equal(rowOf(ghost, 'insertMember').name, 'ghost', ghost.text);
  const { data } = await it.ask('{ members(where: { name: { eq: "ghost" } }) { id } }', { as: 'app' });
  assert.deepEqual(data, { members: [] });
});

test('scripts run for bulk and nested rows, and each row of EACH stands for itself', async () => {
  const bulk = await it.ask(
    `mutation { insertMembers(data: [{ name: " A1 " }, { name: "nobody" }, { name: " A2 " }], mode: EACH) {
       count nodes { name stamp } errors { index code message } } }`,
    { as: 'app' },
  );
  assert.deepEqual(
    bulk.data?.['insertMembers'],
    {
      count: 2,
      nodes: [
        { name: 'a1', stamp: 'application - - - hello' },
        { name: 'a2', stamp: 'application - - - hello' },
      ],
      errors: [{ index: 1, code: 'SCRIPT_REJECTED', message: 'Nobody is nobody.' }],
    },
    bulk.text,
  );
  const all = await it.ask('mutation { insertMembers(data: [{ name: "b1" }, { name: "nobody" }]) { count } }', {
    as: 'app',
  });
  assert.equal(all.errors?.[0]?.extensions['code'], 'NAME_TAKEN', all.text);
  const nested = await it.ask(
    'mutation { insertTeam(data: { name: "red", members: { insert: [{ name: " N1 " }, { name: " N2" }] } }) { members { name } } }',
    { as: 'app' },
  );
  assert.deepEqual(nested.data?.['insertTeam'], { members: [{ name: 'n1' }, { name: 'n2' }] }, nested.text);
  const { data } = await it.ask('{ members(where: { name: { eq: "b1" } }) { id } }', { as: 'app' });
  assert.deepEqual(data, { members: [] });
});

test('an update script sees the row as it was, changes it, and resolves a conflict', async () => {
  const made = await it.ask('mutation { insertMember(data: { name: "eve", email: "e@x" }) { id version } }', {
    as: 'app',
  });
  const { id, version } = rowOf(made, 'insertMember');
  const update = `mutation ($id: ID!, $set: MemberSet!, $v: Version) {
    updateMember(by: { id: $id }, set: $set, ifVersion: $v) { name stamp score } }`;
  const first = await it.ask(update, { as: 'app', variables: { id, set: { name: ' EVA ' }, v: version } });
  assert.deepEqual(first.data?.['updateMember'], { name: 'eva', stamp: 'eve before', score: null }, first.text);
  const second = await it.ask(update, { as: 'app', variables: { id, set: { score: 9 }, v: version } });
  assert.deepEqual(second.data?.['updateMember'], { name: 'eva', stamp: 'resolved eva', score: 9 }, second.text);
  const many = await it.ask(
    'mutation { updateMembers(where: { name: { in: ["a1", "a2"] } }, set: { score: 3 }) { count nodes { name score stamp } } }',
    { as: 'app' },
  );
  assert.deepEqual(
    many.data?.['updateMembers'],
    {
      count: 2,
      nodes: [
        { name: 'a1', score: 3, stamp: 'a1 before' },
        { name: 'a2', score: 3, stamp: 'a2 before' },
      ],
    },
    many.text,
  );
});

test('connecting a row runs the script of its change', async () => {
  const { data, text } = await it.ask(
    'mutation { insertTeam(data: { name: "blue", members: { connect: [{ email: "e@x" }] } }) { members { name stamp } } }',
    { as: 'app' },
  );
  assert.deepEqual(data?.['insertTeam'], { members: [{ name: 'eva', stamp: 'eva before' }] }, text);
});

test('an upsert runs the script of the branch that happened', async () => {
  const upsert = (name: string) =>
    it.ask(
      `mutation { upsertMember(by: { email: "u@x" }, insert: { name: "${name}" }, update: { name: "${name}" }) { inserted node { name stamp } } }`,
      { as: 'app' },
    );
  const first = await upsert(' UMA');
  assert.deepEqual(
    first.data?.['upsertMember'],
    { inserted: true, node: { name: 'uma', stamp: 'application - - - hello' } },
    first.text,
  );
  const second = await upsert(' UNA');
  assert.deepEqual(
    second.data?.['upsertMember'],
    { inserted: false, node: { name: 'una', stamp: 'uma before' } },
    second.text,
  );
});

test('delete and undelete scripts', async () => {
  const removed = await it.ask('mutation { deleteMember(by: { email: "u@x" }) { id name deleted } }', { as: 'app' });
  const { id } = rowOf(removed, 'deleteMember');
  assert.deepEqual(removed.data?.['deleteMember'], { id, name: 'una', deleted: true }, removed.text);
  const back = await it.ask('mutation ($id: ID!) { undeleteMember(by: { id: $id }) { name } }', {
    as: 'app',
    variables: { id },
  });
  assert.deepEqual(back.data?.['undeleteMember'], { name: 'una' }, back.text);
  const said = (await trail()) as string[];
  assert.deepEqual(said.slice(-2), ['deleted una', 'undeleted una 1']);
});

test('a filter holds wherever the table is touched', async () => {
  await it.database.query(`INSERT INTO note (id, text, owner) VALUES ('n1', 'one', 'alice'), ('n2', 'two', 'bob')`);
  const asked = (as: string) =>
    it.ask('{ notes { id } notesAggregate { count } note(by: { id: "n2" }) { id } notesConnection { totalCount } }', {
      as,
    });
  const counted = (ids: string[], note: unknown) => ({
    notes: ids.map((id) => ({ id })),
    notesAggregate: [{ count: ids.length }],
    note,
    notesConnection: { totalCount: ids.length },
  });
  assert.deepEqual((await asked('alice+app')).data, counted(['n1'], null));
  assert.deepEqual((await asked('bob+app')).data, counted(['n2'], { id: 'n2' }));
  assert.deepEqual((await asked('app')).data, counted([], null));
  assert.deepEqual((await asked('admin')).data, counted(['n1', 'n2'], { id: 'n2' }));
  const update = await it.ask('mutation { updateNote(by: { id: "n2" }, set: { text: "mine" }) { id } }', {
    as: 'alice+app',
  });
  assert.equal(update.errors?.[0]?.extensions['code'], 'NOT_FOUND', update.text);
  const many = await it.ask('mutation { deleteNotes(where: {}) { count } }', { as: 'alice+app' });
  assert.deepEqual(many.data, { deleteNotes: { count: 1 } }, many.text);
});

test('a read script tells rows on every way to them, and what it changes is compared with nowhere', async () => {
  await it.database.query(
    `INSERT INTO card (id, number, owner, next_id) VALUES ('c1', '1234', 'ann', NULL), ('c2', '5678', 'bob', 'c1'), ('c0', '0', 'bob', 'c1')`,
  );
  const everywhere = await it.ask(
    `{ cards(orderBy: [{ id: ASC }]) { id n: number next { number } before { number } }
       card(by: { id: "c1" }) { number beforeConnection { totalCount nodes { number } edges { node { number } } } }
       gone: card(by: { id: "c0" }) { number }
       cardsConnection { edges { node { number } } }
       node(nodeId: "${Buffer.from('Card:c2').toString('base64url')}") { ... on Card { number } } }`,
    { as: 'app' },
  );
  assert.deepEqual(
    everywhere.data,
    {
      cards: [
        { id: 'c1', n: '**34', next: null, before: [{ number: '**78' }] },
        { id: 'c2', n: '**78', next: { number: '**34' }, before: [] },
      ],
      card: {
        number: '**34',
        beforeConnection: { totalCount: 2, nodes: [{ number: '**78' }], edges: [{ node: { number: '**78' } }] },
      },
      gone: null,
      cardsConnection: { edges: [{ node: { number: '**34' } }, { node: { number: '**78' } }] },
      node: { number: '**78' },
    },
    everywhere.text,
  );
  const written = await it.ask(
    `mutation { insertCard(data: { number: "9999", next: { insert: { number: "8888" } } }) { number next { number } }
       updateCard(by: { id: "c2" }, set: { owner: "eve" }) { number }
       conflict: updateCard(by: { id: "c2" }, set: { owner: "eve" }, ifVersion: "1") { number }
       deleteCards(where: { id: { eq: "c2" } }) { nodes { number } } }`,
    { as: 'app' },
  );
  assert.doesNotMatch(written.text, /9999|8888|5678/);
  assert.deepEqual(written.data, {
    insertCard: { number: '**99', next: { number: '**88' } },
    updateCard: { number: '**78' },
    conflict: null,
    deleteCards: { nodes: [{ number: '**78' }] },
  });
  assert.deepEqual(written.errors?.[0]?.extensions['current'], { number: '**78' });
  for (const oracle of [
    '{ cards(where: { number: { startsWith: "1" } }) { id } }',
    '{ cards(orderBy: [{ number: ASC }]) { id } }',
    '{ cardsAggregate { max { number } } }',
    '{ cards(where: { before: { some: { number: { eq: "0" } } } }) { id } }',
  ]) {
    const { errors, text } = await it.ask(oracle, { as: 'app' });
    assert.equal(errors?.[0]?.extensions['code'], 'FORBIDDEN', `${oracle}: ${text}`);
  }
  const safe = await it.ask('{ cards(where: { owner: { eq: "ann" } }, orderBy: [{ owner: ASC }]) { number } }', {
    as: 'app',
  });
  assert.deepEqual(safe.data, { cards: [{ number: '**34' }] }, safe.text);
});
