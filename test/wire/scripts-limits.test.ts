// The edges of scripts: circles, many requests while scripts are exchanged, and a service that is closed while they run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, openTestService } from '../support/open-test-service.ts';

const TABLE = '@table @permission(on: [READ, INSERT, UPDATE], level: APPLICATION) { text: String! }';
const SDL = `type Note ${TABLE}\ntype Echo ${TABLE}`;
const insert = (table: string, text: string) => `mutation { insert${table}(data: { text: "${text}" }) { text } }`;
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions['code'];

test('scripts that call each other in a circle are ended, and nothing of it is kept', async () => {
  const it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/note.ts': `export const insert = async (ctx) => {
        const row = await ctx.execute();
        const [left] = ctx.item.text.split('-').map(Number);
        if (left > 0) await ctx.tables.Echo.insert({ text: left - 1 + '-' });
        return row;
      };`,
      'scripts/tables/echo.ts': `export const insert = async (ctx) => {
        await ctx.tables.Note.insert({ text: ctx.item.text });
        return ctx.execute();
      };`,
    },
  });
  const count = async () =>
    Number(
      (await it.database.query('SELECT (SELECT count(*) FROM note) + (SELECT count(*) FROM echo) AS n'))[0]?.['n'],
    );
  try {
    const deep = await it.ask(insert('Note', '2-'), { as: 'app' });
    assert.equal(deep.errors, undefined, deep.text);
    assert.equal(await count(), 5);
    const endless = await it.ask(insert('Note', '1000-'), { as: 'app' });
    assert.equal(codeOf(endless), 'SCRIPT_FAILED', endless.text);
    assert.match(endless.text, /more than 5 deep/);
    assert.equal(await count(), 5);
  } finally {
    await it.close();
  }
});

test('of many requests none is lost while scripts are exchanged', async () => {
  const script = (version: number) =>
    `export const insert = async (ctx) => { await new Promise((resolve) => setTimeout(resolve, 20)); ctx.item.text += ' ${version}'; return ctx.execute(); };`;
  const it = await openTestService({ sdl: SDL, scripts: { 'scripts/tables/note.ts': script(0) } });
  try {
    const answers: Promise<Answer>[] = [];
    for (let version = 1; version <= 4; version++) {
      for (let n = 0; n < 50; n++) answers.push(it.ask(insert('Note', `${version}`), { as: 'app' }));
      await it.app?.write({ 'scripts/tables/note.ts': script(version) });
      await it.service.publish(it.model, await it.app?.load(it.model));
    }
    const told = (await Promise.all(answers)).map(({ data, text }) => (data ? JSON.stringify(data) : text));
    const wrong = told.filter((text) => !/"text":"\d [0-4]"/.test(text));
    assert.deepEqual(wrong, []);
    assert.equal(Number((await it.database.query('SELECT count(*) AS n FROM note'))[0]?.['n']), 200);
    const last = await it.ask(insert('Note', 'x'), { as: 'app' });
    assert.deepEqual(last.data, { insertNote: { text: 'x 4' } }, last.text);
  } finally {
    await it.close();
  }
});

test('a service that is closed lets scripts that run come to their end', async () => {
  const it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/note.ts': `export const insert = async (ctx) => {
        const row = await ctx.execute();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { ...row, text: row.text + '!' };
      };`,
    },
  });
  await it.ask(insert('Note', 'warm'), { as: 'app' });
  const running = Array.from({ length: 3 }, () => it.ask(insert('Note', 'x'), { as: 'app' }));
  await new Promise((resolve) => setTimeout(resolve, 150));
  await it.service.close();
  for (const { data, text } of await Promise.all(running)) assert.deepEqual(data, { insertNote: { text: 'x!' } }, text);
  await it.close();
});
