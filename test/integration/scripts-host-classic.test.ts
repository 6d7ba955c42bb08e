// Scripts of the predecessor's form: callbacks, `request`, and the globals that they had.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { failureOf, openScriptLab, REQUEST, type ScriptLab, storeCalls, writeInput } from '../support/script-lab.ts';

/** Bodies of `insert(item, user, request)`, and the row that is answered or what it fails with. */
const INSERTS: readonly (readonly [name: string, body: string, expected: object | RegExp])[] = [
  ['an item that is changed', "item.text += '!'; request.execute();", { text: 'milk!', version: 'v1' }],
  [
    'a result that is changed',
    'request.execute({ success: function () { item.extra = 1; request.respond(); } });',
    { text: 'milk', version: 'v1', extra: 1 },
  ],
  [
    'a result that comes late',
    'request.execute({ success: function () { setTimeout(function () { request.respond(); }, 2); } });',
    { text: 'milk', version: 'v1' },
  ],
  ['another result', "request.respond(statusCodes.OK, { id: 'known' });", { id: 'known' }],
  [
    'a refusal',
    "request.respond(statusCodes.BAD_REQUEST, 'too long');",
    /"BAD_REQUEST","message":"too long".*"status":400/,
  ],
  ['a refusal with an object', "request.respond(403, { message: 'not yours' });", /"FORBIDDEN","message":"not yours"/],
  [
    'an error with a status',
    "var e = new Error('gone'); e.statusCode = 404; request.respond(e);",
    /"NOT_FOUND","message":"gone"/,
  ],
  ['an error without one', "request.respond(new Error('odd'));", /"SCRIPT_FAILED","message":"odd".*500/],
  ['executing twice', 'request.execute(); request.execute();', /request\.execute\(\) was called twice/],
  ['executing after responding', 'request.respond(200, {}); request.execute();', null as never],
  [
    'responding twice',
    'request.execute({ success: function () { request.respond(); request.respond(); } });',
    null as never,
  ],
  ['responding with nothing at first', 'request.respond();', /needs a status before/],
  ['responding with a text', "request.respond('no');", /takes a status/],
  ['an unknown option', 'request.execute({ sucess: function () {} });', /knows no \\"sucess\\"/],
  ['an empty option', 'request.execute({});', /empty object/],
  ['a handler that is none', 'request.execute({ success: 1 });', /must be a function/],
  ['throwing', "throw new Error('boom');", /"failed","message":"boom".*script:tables\/classic/],
  [
    'throwing in a handler',
    "request.execute({ success: function () { throw new Error('late'); } });",
    /"failed","message":"late"/,
  ],
  ['an async function', "return Promise.reject(new Error('async'));", /"failed","message":"async"/],
  [
    'the user',
    'request.respond(200, { id: user.userId, level: user.level, team: user.getIdentities().team, op: request.operation, p: request.parameters.colour });',
    { id: 'ann', level: 'authenticated', team: 'red', op: 'insert', p: 'blue' },
  ],
  [
    'other tables',
    `tables.getTable('Other').where({ owner: 'x' }).orderBy('text').take(2).read({ success: function (found) {
       request.respond(200, { found: found.args.args[0], table: found.args.table });
     } });`,
    { found: { where: { owner: { eq: 'x' } }, orderBy: [{ text: 'ASC' }], first: 2 }, table: 'Other' },
  ],
  [
    'the current table',
    'tables.current.insert({ a: 1 }, { success: function () { request.respond(200, { t: tables.current.getTableName() }); } });',
    { t: 'TodoItem' },
  ],
  [
    'SQL',
    `mssql.query("select '?' where a = ? and b = ?", [1, 2], { success: function (r) { request.respond(200, r.args); } });`,
    { text: "select '?' where a = $1 and b = $2", values: [1, 2] },
  ],
  [
    'SQL with one bare value',
    "mssql.query('select ?', 5, { success: function (r) { request.respond(200, r.args); } });",
    { text: 'select $1', values: [5] },
  ],
  ['push', 'push.apns.send();', /push\.apns is not there yet/],
];

const READS = `
export function read(query, user, request) {
  if (request.parameters.open === 'no') return request.respond(401, 'who are you');
  query.where({ owner: user.userId }).where(function (least) { return this.priority > least || !(this.done == true); }, 3);
  query.where("text ne null and startswith(text, 'm')");
  request.execute({ success: function (rows) { rows.forEach(function (row) { row.seen = true; }); request.respond(); } });
}
export function update(item, user, request) {
  request.execute({ conflict: function (server) {
    if (item.text === 'give up') return request.respond(409, 'changed meanwhile');
    item.text = server.text + item.text;
    request.execute();
  } });
}
export function remove(id, user, request) { request.execute({ error: function (e) { request.respond(statusCodes.GONE, id + ' ' + e.message); } }); }
export { remove as delete };
export function undelete(item, user, request) { request.respond(200, { undelete: request.undelete, id: item.id }); }
export function insert(item, user, request) {
  tables.getTable('Broken').read({ success: function () {} });
}`;

const bodies = INSERTS.map(([, body], at) => `export function insert${at}(item, user, request) { ${body} }`);
const scripts = { 'tables/classic': bodies.join('\n'), 'tables/reads': READS };

let lab: ScriptLab;
before(async () => {
  lab = await openScriptLab({ scripts, classic: Object.keys(scripts), limits: { hosts: 1, spares: 0 } });
});
after(() => lab.close());

const only = (result: unknown) => (result as { results: { row?: unknown; failure?: unknown }[] }).results[0];

for (const [at, [name, , expected]] of INSERTS.entries()) {
  test(`classic insert: ${name}`, async () => {
    const lines: string[] = [];
    const result = only(await lab.run('tables/classic', `insert${at}`, { log: ({ message }) => lines.push(message) }));
    if (expected === null)
      assert.match(
        lines.join(),
        /after it had responded: request\.(respond\(\) was called twice|execute\(\) was called after)/,
      );
    else if (expected instanceof RegExp) assert.match(JSON.stringify(result?.failure), expected);
    else assert.deepEqual(result?.row, expected);
  });
}

const about = { ...REQUEST, table: 'TodoItem' };

test('a classic read is a filter, and then a read of the rows', async () => {
  const where = {
    AND: [
      { owner: { eq: 'ann' } },
      { OR: [{ priority: { gt: 3 } }, { NOT: { done: { eq: true } } }] },
      { AND: [{ text: { isNull: false } }, { text: { startsWith: 'm' } }] },
    ],
  };
  assert.deepEqual(await lab.run('tables/reads', 'filter', { input: { ...about, kind: 'filter' } }), { where });
  const rows = [{ id: 'a' }, { id: 'b' }];
  assert.deepEqual(await lab.run('tables/reads', 'read', { input: { ...about, kind: 'read', rows } }), {
    rows: rows.map((row) => ({ ...row, seen: true })),
  });
});

test('a classic read may refuse', async () => {
  const input = { ...about, kind: 'filter', params: { open: 'no' } };
  const failure = await failureOf(lab.run('tables/reads', 'read', { input }));
  assert.deepEqual(
    [failure.kind, failure.details.code, failure.message],
    ['rejected', 'UNAUTHENTICATED', 'who are you'],
  );
});

test('a classic update sees a conflict, and executes again or gives up', async () => {
  const error = { ref: 'c', code: 'CONFLICT', message: 'changed', current: { text: 'theirs ', version: 'v3' } };
  const update = async (text: string) => {
    const asked: unknown[] = [];
    const call = async (op: string, args: unknown) => {
      asked.push((args as { steps: unknown[] }).steps[0]);
      return asked.length === 1 ? { outcomes: [{ at: 0, error }] } : storeCalls(op, args);
    };
    const input = { ...writeInput([{ item: { text } }]), operation: 'UPDATE' };
    return { answer: only(await lab.run('tables/reads', 'update', { input, call })), asked };
  };
  const again = await update('mine');
  assert.deepEqual(again.asked[1], { at: 0, item: { text: 'theirs mine' }, ifVersion: 'v3' });
  assert.deepEqual(again.answer?.row, { text: 'theirs mine', version: 'v1' });
  assert.match(JSON.stringify((await update('give up')).answer), /"CONFLICT","message":"changed meanwhile"/);
});

test('a classic delete is given the id, and handles what goes wrong', async () => {
  const call = async () => ({ outcomes: [{ at: 0, error: { ref: 'x', code: 'NOT_FOUND', message: 'is not there' } }] });
  const input = { ...writeInput(), operation: 'DELETE' };
  const { failure } = only(await lab.run('tables/reads', 'delete', { input, call })) ?? {};
  assert.match(JSON.stringify(failure), /"SCRIPT_FAILED","message":"id-0 is not there".*410/);
});

test('a classic undelete knows that it is one', async () => {
  const input = { ...writeInput(), operation: 'UNDELETE' };
  assert.deepEqual(only(await lab.run('tables/reads', 'undelete', { input }))?.row, { undelete: true, id: 'id-0' });
});

test('a call that fails without a handler for it fails the run, with the error that it was', async () => {
  const call = () => Promise.reject(Object.assign(new Error('no such table'), { ref: 'r7', code: 'BAD_REQUEST' }));
  const failure = await failureOf(lab.run('tables/reads', 'insert', { call }));
  assert.deepEqual([failure.kind, failure.details.ref], ['callError', 'r7']);
});
