// The exam of subscriptions with the clients that apps use, in a browser: npm run test:live-page. With TEST_DATABASE_URL it
// uses that server, else one of its own. An argument is the folder for screenshots; else they go into a new temporary one.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import globalSetup from '../../support/global-setup.ts';
import { sampleTables } from '../../support/model-of.ts';
import { checkRecipes } from './check-recipes.ts';
import { CLIENTS, type LiveWorld, openLiveWorld } from './live-world.ts';
import { tryGraphiql } from './try-graphiql.ts';

const print = (words: string) => process.stdout.write(`${words}\n`);

const INSERT = 'mutation ($data: [TodoItemInsert!]!) { insertTodoItems(data: $data) { count } }';
const items = (...texts: string[]) => ({ data: texts.map((text) => ({ text, tags: [], listId: 'home' })) });

/** Of the rows that alice may follow. */
const ITEM_RULE = /(UNDELETE, SUBSCRIBE\], level: USER, rows: \{ ownerId: \{ eq: "\$user.id" \}) \}\)/;

/** What is done, in this order; after each the page has to be right. */
const STEPS: Record<string, (world: LiveWorld) => Promise<void>> = {
  'the rows that are there': async () => undefined,
  'inserted, updated, deleted and undeleted over HTTP': async ({ ask }) => {
    await ask(INSERT, items('Bread', 'Butter', 'Salt'));
    await ask('mutation { updateTodoItems(where: { text: { eq: "Bread" } }, set: { complete: true }) { count } }');
    await ask('mutation { deleteTodoItems(where: { text: { eq: "Salt" } }) { count } }');
    await ask('mutation { deleteTodoItem(by: { id: "milk" }) { id } }');
    await ask('mutation { undeleteTodoItem(by: { id: "milk" }) { id } }');
    await ask('mutation { deleteTodoItem(by: { id: "eggs" }) { id } }');
  },
  "another user's rows": async ({ ask }) => {
    await ask('mutation { insertTodoList(data: { id: "his", name: "His" }) { id } }', {}, 'bob');
    await ask(INSERT, { data: [{ text: 'not for alice', tags: [], listId: 'his' }] }, 'bob');
    // What is told of his comes before what is told of hers.
    await ask(INSERT, items('after his'));
  },
  'offline, as the browser says': async ({ page, line, ask, seen }) => {
    await page.context().setOffline(true);
    // Chromium leaves the sockets that are open alone; a device that loses its network does not.
    line.cut();
    await ask(INSERT, items('while offline'));
    await ask('mutation { deleteTodoItems(where: { text: { eq: "Butter" } }) { count } }');
    await pass(3_000);
    const { lists } = await seen();
    assert.ok(!JSON.stringify(lists).includes('while offline'), 'the page was offline');
    line.mend();
    await page.context().setOffline(false);
  },
  'connections cut, the service killed and started again, rows changed by SQL': async (world) => {
    world.line.cut();
    await world.ask(INSERT, items('while cut'));
    await world.restart();
    await world.database.query(`UPDATE todo_item SET text = 'from psql' WHERE text = 'Bread'`);
    await world.database.query(`DELETE FROM todo_item WHERE id = 'milk'`);
    world.line.mend();
  },
  'more rows than a batch while nothing answers, from a network that never says so': async ({ line, ask }) => {
    line.silence();
    const texts = Array.from({ length: 350 }, (_, at) => `one of many, ${String(at).padStart(3, '0')}`);
    await ask(INSERT, items(...texts));
    await ask('mutation { updateTodoItems(where: { text: { endsWith: "7" } }, set: { complete: true }) { count } }');
    await pass(1_000);
    line.mend();
  },
  'all but a few are deleted while the service is killed under open sockets': async ({ ask, restart }) => {
    await ask('mutation { deleteTodoItems(where: { text: { startsWith: "one of many" } }) { count } }');
    await restart();
    await ask(INSERT, items('after the restart'));
  },
  'tokens that expire': async ({ ask, seen }) => {
    const before = (await seen()).opened;
    await pass(35_000);
    await ask(INSERT, items('with another token'));
    const { opened } = await seen();
    assert.equal(opened['graphql-ws'], before['graphql-ws'], 'the socket was renewed');
    for (const name of ['urql', 'Apollo Client']) assert.notEqual(opened[name], before[name], `${name} came back`);
  },
  'a rule that changed while the page was away': async ({ line, restart }) => {
    line.cut();
    const tables = await sampleTables();
    const stricter = tables.replace(ITEM_RULE, '$1, complete: { eq: false } })');
    assert.notEqual(stricter, tables);
    await restart(stricter);
    line.mend();
  },
  'the table emptied by TRUNCATE': async ({ database, ask }) => {
    await database.query('TRUNCATE todo_item');
    await ask(INSERT, items('the first of a new table'));
  },
};

async function main(shots: string): Promise<void> {
  await checkRecipes();
  const own = process.env['TEST_DATABASE_URL'] ? null : await globalSetup();
  Object.assign(process.env, own?.env);
  const world = await openLiveWorld();
  try {
    await world.ask('mutation { insertTodoList(data: { id: "home", name: "Home" }) { id } }');
    await world.ask(INSERT, {
      data: [
        { id: 'milk', text: 'Milk', tags: [], listId: 'home' },
        { id: 'eggs', text: 'Eggs', tags: [], listId: 'home' },
      ],
    });
    for (const [at, [name, step]] of Object.entries(STEPS).entries()) {
      const began = Date.now();
      await step(world);
      try {
        const rows = await world.settled();
        print(`${name}: ${rows} rows in all lists, ${Date.now() - began} ms`);
      } finally {
        await world.page.screenshot({ path: join(shots, `${at + 1}.png`) });
      }
    }
    const { batches, resets, opened } = await world.seen();
    print(JSON.stringify({ batches, resets, opened }));
    for (const name of CLIENTS)
      assert.equal(resets[name], 2, `${name} began anew with the other rule, and after TRUNCATE`);
    await tryGraphiql(world, join(shots, 'graphiql.png'));
    print('GraphiQL shows a subscription');
  } finally {
    await world.close();
    await own?.close();
  }
}

const [folder = await mkdtemp(join(tmpdir(), 'tablecast-live-page-'))] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
print(`screenshots in ${folder}`);
await main(folder);
