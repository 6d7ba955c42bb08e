// Scripts that go wrong, or are not there to be run: what clients are told, and that nobody else notices.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openKeptLog } from '../support/kept-log.ts';
import { openTestService } from '../support/open-test-service.ts';

const TABLE = '@table @permission(on: [READ, INSERT, UPDATE, DELETE, SUBSCRIBE], level: APPLICATION) { text: String! }';
const SDL = `
type Plain ${TABLE}
type Note ${TABLE}
type Broken ${TABLE}
`;

const insert = (table: string, text: string) => `mutation { insert${table}(data: { text: "${text}" }) { text } }`;
const codeOf = (answer: { errors?: readonly { extensions: Record<string, unknown> }[] }) =>
  answer.errors?.[0]?.extensions['code'];

test('a table whose script cannot run is not served without it', async () => {
  const it = await openTestService({
    sdl: SDL,
    production: true,
    scripts: {
      'scripts/tables/broken.ts': 'export const insert = (ctx) => {\n  return ctx.;\n};\n',
      'scripts/tables/note.ts': 'throw new Error("at load");\nexport const insert = () => {};',
      'scripts/tables/nothing.ts': 'export const insert = () => {};',
      'scripts/tables/plain.ts': "import fs from 'node:fs';\nexport const inserts = () => fs;",
    },
  });
  try {
    const places = it.service.scriptProblems.map(({ file, line, message }) => `${file}:${line} ${message}`);
    assert.deepEqual(
      places.map((place) => place.replace(/\.? .*/, '')).sort(),
      [
        'scripts/tables/broken.ts:2',
        'scripts/tables/note.ts:1',
        'scripts/tables/nothing.ts:null',
        'scripts/tables/plain.ts:1',
      ],
      places.join('\n'),
    );
    for (const table of ['Broken', 'Note', 'Plain']) {
      for (const query of [
        insert(table, 'x'),
        `mutation { insert${table}s(data: [{ text: "x" }], mode: EACH) { count } }`,
        `mutation { deleteXs: delete${table}s(where: {}) { count } }`,
        `{ rows: ${table.toLowerCase()}s { id } }`,
        `{ rows: ${table.toLowerCase()}sAggregate { count } }`,
      ]) {
        const answer = await it.ask(query, { as: 'app' });
        assert.equal(codeOf(answer), 'SCRIPT_FAILED', `${query}: ${answer.text}`);
        assert.doesNotMatch(answer.text, /at load|ctx\.|node:fs/);
      }
    }
    const [counted] = await it.database.query(
      'SELECT (SELECT count(*) FROM note) + (SELECT count(*) FROM broken) AS n',
    );
    assert.equal(Number(counted?.['n']), 0);
    const without = await it.ask(insert('Note', 'x'), { as: 'admin', headers: { 'x-no-script': 'true' } });
    assert.deepEqual(without.data, { insertNote: { text: 'x' } }, without.text);
    const may = await it.ask(insert('Note', 'x'), { as: 'app', headers: { 'x-no-script': 'true' } });
    assert.equal(codeOf(may), 'UNAUTHENTICATED', may.text);
  } finally {
    await it.close();
  }
});

test('a loop ends its host, and other tables and runs do not notice', async () => {
  const it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/note.ts': `
        export const insert = async (ctx) => {
          if (ctx.item.text === 'loop') for (;;);
          ctx.item.text += '!';
          await new Promise((resolve) => setTimeout(resolve, ctx.item.text === 'slow!' ? 300 : 0));
          return ctx.execute();
        };`,
    },
  });
  try {
    const looping = it.ask(insert('Note', 'loop'), { as: 'app' });
    const beside = it.ask(insert('Note', 'slow'), { as: 'app' });
    for (let n = 0; n < 20; n++) {
      const plain = await it.ask(insert('Plain', String(n)), { as: 'app' });
      assert.deepEqual(plain.data, { insertPlain: { text: String(n) } });
    }
    const [looped, slow] = await Promise.all([looping, beside]);
    assert.equal(codeOf(looped), 'SCRIPT_TIMEOUT', looped.text);
    assert.deepEqual(slow.data, { insertNote: { text: 'slow!' } }, slow.text);
    const next = await it.ask(insert('Note', 'next'), { as: 'app' });
    assert.deepEqual(next.data, { insertNote: { text: 'next!' } }, next.text);
  } finally {
    await it.close();
  }
});

test('operations beside a loop are done once, whatever they had done already', async () => {
  const it = await openTestService({
    sdl: `
type Trail ${TABLE}
type Looping ${TABLE}
type Part @table @permission(on: [READ, INSERT, UPDATE, DELETE, SUBSCRIBE], level: APPLICATION) {
  text: String!
  order: Order @belongsTo
}
type Order @table @permission(on: [READ, INSERT, UPDATE, DELETE, SUBSCRIBE], level: APPLICATION) {
  text: String!
  parts: [Part!]! @has(field: "order")
}`,
    given: { hosts: 1 },
    scripts: {
      'scripts/tables/looping.ts': 'export const insert = () => { for (;;); };',
      'scripts/tables/trail.ts': "export const insert = (ctx) => { ctx.item.text += '.'; return ctx.execute(); };",
      'scripts/tables/part.ts': `export const insert = async (ctx) => {
        await ctx.tables.Trail.insert({ text: 'part ' + ctx.item.text });
        const row = await ctx.execute();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return row;
      };`,
      'scripts/tables/order.ts': `export const insert = async (ctx) => {
        const row = await ctx.execute();
        await ctx.tables.Trail.insert({ text: 'order ' + ctx.item.text });
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { ...row, text: row.text + '!' };
      };`,
    },
  });
  const order = (n: number) =>
    `insertOrder(data: { text: "o${n}", parts: { insert: [{ text: "p${n}" }] } }) { text parts { text } }`;
  try {
    const asked = [1, 2, 3].map((n) => it.ask(`mutation { ${order(n)} }`, { as: 'app' }));
    const together = it.ask(`mutation @transaction { a: ${order(4)} b: ${order(5)} }`, {
      as: 'app',
      headers: { 'idempotency-key': 'once' },
    });
    // While they wait.
    await it.database.query('SELECT pg_sleep(0.2)');
    const looped = await it.ask(insert('Looping', 'x'), { as: 'app' });
    assert.equal(codeOf(looped), 'SCRIPT_TIMEOUT', looped.text);
    for (const [at, { data, text }] of (await Promise.all(asked)).entries()) {
      assert.deepEqual(data, { insertOrder: { text: `o${at + 1}!`, parts: [{ text: `p${at + 1}` }] } }, text);
    }
    const { data, text } = await together;
    assert.deepEqual(data?.['b'], { text: 'o5!', parts: [{ text: 'p5' }] }, text);
    const counted = await it.database.query('SELECT text, count(*)::int AS n FROM trail GROUP BY text ORDER BY text');
    const expected = ['order o', 'part p'].flatMap((what) =>
      [1, 2, 3, 4, 5].map((n) => ({ text: `${what}${n}.`, n: 1 })),
    );
    assert.deepEqual(counted, expected);
  } finally {
    await it.close();
  }
});

test('calls beside each other do not undo each other, and those that nobody awaits are over before the answer', async () => {
  const it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/note.ts': `
        export const insert = async (ctx) => {
          const { text } = ctx.item;
          const before = ctx.tables.Plain.insert({ text: text + ' before' });
          const [, refused] = await Promise.allSettled([
            ctx.tables.Plain.insert({ text: text + ' beside' }),
            ctx.tables.Plain.insert({ text: null }),
            ctx.sql('select 1 / 0'),
          ]);
          if (refused.status !== 'rejected') throw new Error('a row without its text');
          const row = ctx.execute();
          ctx.tables.Plain.insert({ text: text + ' meanwhile' });
          return row;
        };`,
    },
  });
  try {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const data = names.map((text) => `{ text: "${text}" }`);
    const answer = await it.ask(`mutation { insertNotes(data: [${data}]) { count } }`, { as: 'app' });
    assert.deepEqual(answer.data, { insertNotes: { count: 5 } }, answer.text);
    const rows = await it.database.query('SELECT text FROM plain ORDER BY text');
    const expected = names.flatMap((name) =>
      ['before', 'beside', 'meanwhile'].map((when) => ({ text: `${name} ${when}` })),
    );
    assert.deepEqual(rows, expected);
  } finally {
    await it.close();
  }
});

test('effects wait for the commit, and are not done when it does not come', async () => {
  const log = openKeptLog();
  const it = await openTestService({
    sdl: SDL,
    log: log.log,
    scripts: {
      'scripts/tables/note.ts': `
        export const insert = async (ctx) => {
          ctx.afterCommit(() => ctx.log.info('committed ' + ctx.item.text));
          const row = await ctx.execute();
          if (ctx.item.text === 'bad') ctx.reject('NO', 'no');
          return row;
        };`,
      'scripts/startup.ts': `export default async (ctx) => { await ctx.tables.Plain.insert({ text: 'started ' + ctx.settings.GREETING + ' ' + (await ctx.secrets.get('TOKEN')) }); };`,
    },
  });
  try {
    const { data } = await it.ask('{ plains { text } }', { as: 'app' });
    assert.deepEqual(data, { plains: [{ text: 'started hello hush' }] });
    const committed = log.said('committed good');
    await it.ask(insert('Note', 'good'), { as: 'app' });
    assert.equal(codeOf(await it.ask(insert('Note', 'bad'), { as: 'app' })), 'NO');
    const together = await it.ask(
      'mutation @transaction { a: insertNote(data: { text: "first" }) { id } b: insertNote(data: { text: "bad" }) { id } }',
      { as: 'app' },
    );
    assert.equal(codeOf(together), 'NO', together.text);
    await committed;
    assert.doesNotMatch(JSON.stringify(log.take()), /committed (bad|first)|hush/);
  } finally {
    await it.close();
  }
});

test('saved scripts are run from the next request on, and running ones end as they began', async () => {
  const it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/note.ts': `
        export const insert = async (ctx) => {
          await new Promise((resolve) => setTimeout(resolve, 200));
          ctx.item.text += ' old';
          return ctx.execute();
        };`,
    },
  });
  try {
    const before = it.ask(insert('Note', 'a'), { as: 'app' });
    await pause(50);
    await it.app?.write({
      'scripts/tables/note.ts': `export const insert = (ctx) => { ctx.item.text += ' new'; return ctx.execute(); };`,
    });
    const source = await it.app?.load(it.model);
    await it.service.publish(it.model, source);
    const after = await it.ask(insert('Note', 'b'), { as: 'app' });
    assert.deepEqual(after.data, { insertNote: { text: 'b new' } }, after.text);
    assert.deepEqual((await before).data, { insertNote: { text: 'a old' } });
  } finally {
    await it.close();
  }
});
