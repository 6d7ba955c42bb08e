// `ctx.fetch` in scripts of a real service.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const TABLE = '@table @permission(on: [READ, INSERT], level: APPLICATION) { text: String! }';
const SDL = `type Free ${TABLE}\ntype Held ${TABLE}\ntype Late ${TABLE}\ntype Bad ${TABLE}\ntype Elsewhere ${TABLE}`;

let server: Server;
let asked: string[] = [];
let it: TestService;
let onCommitted: () => void = () => undefined;

before(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? '-'} ${body}`);
    if (request.url?.startsWith('/committed')) onCommitted();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ said: body || 'nothing' }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  it = await openTestService({
    sdl: SDL,
    given: { fetch: { allow: [host], allowPrivate: ['localhost'] } },
    scripts: {
      'scripts/tables/free.ts': `export const insert = async (ctx) => {
        const answer = await ctx.fetch('http://${host}/free', { method: 'post', body: JSON.stringify({ text: ctx.item.text }), headers: { 'content-type': 'application/json' } });
        if (!answer.ok || answer.url !== 'http://${host}/free' || answer.headers.get('content-type') !== 'application/json') throw new Error('not an answer');
        ctx.item.text = (await answer.json()).said;
        const row = await ctx.execute();
        ctx.afterCommit(async () => { await ctx.fetch('http://${host}/committed?' + ctx.item.text.length); });
        return row;
      };`,
      'scripts/tables/held.ts': `export const insert = async (ctx) => {
        const row = await ctx.execute();
        const answer = await ctx.fetch('http://${host}/held', { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
        return { ...row, text: (await answer.json()).said };
      };
      export const settings = { fetchInTransaction: true };`,
      'scripts/tables/late.ts': `export const insert = async (ctx) => {
        const row = await ctx.execute();
        await ctx.fetch('http://${host}/late');
        return row;
      };`,
      'scripts/tables/bad.ts': `export const insert = async (ctx) => {
        try {
          await ctx.fetch('http://localhost:1/');
        } catch (error) {
          ctx.item.text = error.code;
        }
        return ctx.execute();
      };`,
      'scripts/tables/elsewhere.ts': `export const insert = async (ctx) => {
        await ctx.fetch('http://169.254.169.254/latest/meta-data');
      };`,
    },
  });
  assert.deepEqual(it.service.scriptProblems, []);
});
after(async () => {
  await it?.close();
  await new Promise((closed) => server.close(closed));
});

const insert = (table: string, headers: Record<string, string> = {}) => {
  asked = [];
  return it.ask(`mutation { insert${table}(data: { text: "x" }) { text } }`, { as: 'app', headers });
};
const errorOf = ({ errors }: Answer) => errors?.[0];

for (const [name, headers] of [
  ['an insert', {}],
  ['an insert with a key, whose transaction has begun', { 'idempotency-key': 'k1' }],
] as const) {
  test(`${name} fetches before it uses the database, and after the commit`, async () => {
    const committed = new Promise<void>((resolve) => {
      onCommitted = resolve;
    });
    const answer = await insert('Free', headers);
    assert.deepEqual(answer.data, { insertFree: { text: '{"text":"x"}' } }, answer.text);
    await committed;
    assert.deepEqual(asked, ['POST /free application/json {"text":"x"}', 'GET /committed?12 - ']);
  });
}

test('between the first use of the database and the commit a script fetches only when its settings say so', async () => {
  const held = await insert('Held');
  assert.deepEqual(held.data, { insertHeld: { text: 'a=b' } }, held.text);
  assert.deepEqual(asked, ['POST /held application/x-www-form-urlencoded;charset=UTF-8 a=b']);
  const late = await insert('Late');
  assert.equal(errorOf(late)?.extensions['code'], 'SCRIPT_FAILED', late.text);
  assert.match(late.text, /fetchInTransaction: true/);
  assert.deepEqual(asked, []);
  assert.deepEqual(await it.database.query('SELECT * FROM late'), []);
});

test('what is refused can be caught, and is told where it was asked for', async () => {
  const bad = await insert('Bad');
  assert.deepEqual(bad.data, { insertBad: { text: 'FETCH_REFUSED' } }, bad.text);
  const elsewhere = await insert('Elsewhere');
  const { code, script } = errorOf(elsewhere)?.extensions ?? {};
  assert.equal(code, 'SCRIPT_FAILED', elsewhere.text);
  const { file, line, message } = script as Record<string, unknown>;
  assert.deepEqual([file, line], ['scripts/tables/elsewhere.ts', 2], elsewhere.text);
  assert.match(String(message), /add it to TABLECAST_FETCH_HOSTS/);
});
