// Scripts in the form of Azure Mobile Services, as they were written for it, in a real service.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, openTestService } from '../support/open-test-service.ts';

const SDL = `
type Note @table(softDelete: true) @permission(on: [READ, INSERT, UPDATE, DELETE, UNDELETE], level: APPLICATION) {
  text: String!
  owner: String
}
type Trail @table @permission(on: [READ, INSERT], level: APPLICATION) { text: String! }
`;
const insert = (text: string) => `mutation { insertNote(data: { text: "${text}" }) { text } }`;
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions['code'];

test('an insert script changes and refuses items', async () => {
  const it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/note.js': `
        function insert(item, user, request) {
          if (item.text.length > 10) {
            request.respond(statusCodes.BAD_REQUEST, 'Text length must be at most 10');
          } else {
            item.text = item.text + ' by ' + user.level;
            request.execute({ success: function () { console.log('done'); request.respond(); } });
          }
        }`,
    },
  });
  try {
    const short = await it.ask(insert('a'), { as: 'app' });
    assert.deepEqual(short.data, { insertNote: { text: 'a by anonymous' } }, short.text);
    const long = await it.ask(insert('much too long a text'), { as: 'app' });
    assert.deepEqual(
      [codeOf(long), long.errors?.[0]?.message],
      ['BAD_REQUEST', 'Text length must be at most 10'],
      long.text,
    );
  } finally {
    await it.close();
  }
});

test('a read script says which rows there are and how they are told; an undelete is an update', async () => {
  const it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/note.js': `
        var settings = { safe: ['owner'] };
        function insert(item, user, request) {
          item.owner = user.userId;
          request.execute();
        }
        function read(query, user, request) {
          query.where({ owner: user.userId });
          request.execute({
            success: function (results) {
              results.forEach(function (item) { item.text = item.text.toUpperCase(); });
              request.respond();
            }
          });
        }
        function update(item, user, request) {
          tables.getTable('Trail').insert({ text: request.operation + ' ' + request.undelete }, {
            success: function () { request.execute(); }
          });
        }
        function del(id, user, request) {
          tables.getTable('Trail').insert({ text: 'del ' + typeof id }, { success: function () { request.execute(); } });
        }`,
    },
  });
  try {
    assert.deepEqual(it.service.scriptProblems, []);
    for (const who of ['ann', 'bob']) await it.ask(insert(`of ${who}`), { as: `${who}+app` });
    const as = 'ann+app';
    const mine = await it.ask(
      '{ notes(orderBy: [{ owner: ASC }], where: { owner: { startsWith: "" } }) { text owner } }',
      { as },
    );
    assert.deepEqual(mine.data, { notes: [{ text: 'OF ANN', owner: 'ann' }] }, mine.text);
    const all = await it.ask('{ notesAggregate { count } }', { as });
    assert.deepEqual(all.data, { notesAggregate: [{ count: 1 }] }, all.text);
    for (const asked of ['orderBy: [{ text: ASC }]', 'where: { text: { eq: "of ann" } }']) {
      assert.equal(codeOf(await it.ask(`{ notes(${asked}) { text } }`, { as })), 'FORBIDDEN', asked);
    }
    const [{ id } = { id: '' }] = await it.database.query("SELECT id::text FROM note WHERE owner = 'ann'");
    for (const field of ['deleteNote', 'undeleteNote']) {
      const { data, text } = await it.ask(`mutation ($id: ID!) { ${field}(by: { id: $id }) { text } }`, {
        as,
        variables: { id },
      });
      assert.deepEqual(data, { [field]: { text: 'OF ANN' } }, text);
    }
    assert.deepEqual(await it.database.query('SELECT text FROM trail ORDER BY created_at'), [
      { text: 'del string' },
      { text: 'update true' },
    ]);
  } finally {
    await it.close();
  }
});
