// A filter script on every path to a row. The same app with a rule of the same meaning is the oracle: whatever is asked of both,
// they answer the same, and nothing that anybody hears has anything of the rows that are hidden.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, type Asking, openTestService, type TestService } from '../support/open-test-service.ts';
import { openAs, type RawSocket, subscribe } from './raw-socket.ts';

const OPEN = 'on: [READ, INSERT, UPDATE, DELETE, UNDELETE, SUBSCRIBE], level: APPLICATION';
const RULED = `on: [READ, UPDATE, DELETE, UNDELETE, SUBSCRIBE], level: APPLICATION, rows: { owner: { eq: "$user.id" } }, check: { id: { isNull: false } }) @permission(on: [INSERT], level: APPLICATION`;

const sdl = (permission: string) => `
type Box @table(softDelete: true) @permission(${OPEN}) {
  name: String! @unique
  cover: Item @belongsTo
  items: [Item!]! @has(field: "box")
}
type Item @table(softDelete: true) @permission(${permission}) {
  text: String!
  code: String @unique
  owner: String!
  size: Int!
  box: Box @belongsTo
  covers: [Box!]! @has(field: "cover")
  parts: [Part!]! @has(field: "item")
}
type Part @table(softDelete: true) @permission(${OPEN}) { text: String! item: Item @belongsTo }
`;

const SCRIPTS = {
  'scripts/tables/item.ts': "export const filter = (ctx) => ({ owner: { eq: ctx.user?.id ?? 'nobody' } });",
};
/** What only hidden rows have. */
const CANARY = /canary|777|hidden/i;

let scripted: TestService;
let ruled: TestService;
let sockets: RawSocket[] = [];

before(async () => {
  scripted = await openTestService({ sdl: sdl(OPEN), scripts: SCRIPTS, production: true });
  ruled = await openTestService({ sdl: sdl(RULED), production: true });
  assert.deepEqual(scripted.service.scriptProblems, []);
});
after(async () => {
  for (const socket of sockets) await socket.close();
  await scripted?.close();
  await ruled?.close();
});

async function reset(): Promise<void> {
  for (const { database } of [scripted, ruled]) {
    await database.query('UPDATE box SET cover_id = NULL');
    await database.query('DELETE FROM part');
    await database.query('DELETE FROM item');
    await database.query('DELETE FROM box');
    await database.query("INSERT INTO box (id, name) VALUES ('b1', 'one'), ('b2', 'two'), ('b3', 'three')");
    await database.query(`INSERT INTO item (id, text, code, owner, size, box_id) VALUES
      ('i1', 'first', 'c1', 'ann', 1, 'b1'), ('i2', 'second', 'c2', 'ann', 2, 'b1'), ('i3', 'third', NULL, 'ann', 3, 'b2'),
      ('hidden-1', 'canary one', 'canary-1', 'bob', 777, 'b1'), ('hidden-2', 'canary two', 'canary-2', 'bob', 777, 'b3')`);
    await database.query(
      "INSERT INTO part (id, text, item_id) VALUES ('p1', 'mine', 'i1'), ('p2', 'theirs', 'hidden-1')",
    );
    await database.query("UPDATE box SET cover_id = 'hidden-1' WHERE id = 'b1'");
    await database.query("UPDATE box SET cover_id = 'i3' WHERE id = 'b2'");
    await database.query(`INSERT INTO item (id, text, owner, size, box_id, deleted) VALUES
      ('d1', 'gone', 'ann', 4, 'b2', true), ('hidden-3', 'canary gone', 'bob', 777, 'b2', true)`);
  }
}

const ITEM = 'id text code size';

/** Everything that is asked, by the path that it goes. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  'by a key': [
    `{ item(by: { id: "i1" }) { ${ITEM} } }`,
    `{ item(by: { id: "hidden-1" }) { ${ITEM} } }`,
    `{ item(by: { code: "canary-1" }) { ${ITEM} } }`,
  ],
  lists: [
    `{ items(orderBy: [{ id: ASC }]) { ${ITEM} } }`,
    `{ items(orderBy: [{ size: DESC }, { id: ASC }], first: 1) { ${ITEM} } }`,
    `{ items(where: { size: { gt: 100 } }) { ${ITEM} } }`,
    `{ items(where: { NOT: { size: { lt: 100 } } }) { ${ITEM} } }`,
    `{ items(where: { OR: [{ text: { contains: "canary" } }, { id: { eq: "i1" } }] }) { ${ITEM} } }`,
    `{ items(deleted: ONLY, orderBy: [{ id: ASC }]) { ${ITEM} } }`,
    `{ items(deleted: INCLUDE, orderBy: [{ id: ASC }]) { ${ITEM} } }`,
  ],
  pages: [
    `{ itemsConnection(orderBy: [{ id: ASC }]) { totalCount edges { node { ${ITEM} } } nodes { id } pageInfo { hasNextPage hasPreviousPage } } }`,
    '{ itemsConnection(orderBy: [{ size: DESC }], first: 2) { totalCount edges { node { id } } pageInfo { hasNextPage } } }',
    '{ itemsConnection(where: { owner: { eq: "bob" } }) { totalCount nodes { id } } }',
  ],
  aggregates: [
    '{ itemsAggregate { count max { size text } min { size } sum { size } avg { size } } }',
    '{ itemsAggregate(groupBy: [{ column: owner }]) { count group { owner } max { size } } }',
    '{ itemsAggregate(where: { owner: { eq: "bob" } }) { count } }',
  ],
  'related rows': [
    `{ boxes(orderBy: [{ id: ASC }]) { id cover { ${ITEM} } items(orderBy: [{ id: ASC }]) { ${ITEM} } } }`,
    '{ boxes(orderBy: [{ id: ASC }]) { id itemsConnection { totalCount nodes { id } } itemsAggregate { count max { size } } } }',
    '{ parts(orderBy: [{ id: ASC }]) { id item { id text box { name items(orderBy: [{ id: ASC }]) { text } } } } }',
    '{ items(orderBy: [{ id: ASC }]) { id covers { id } parts { text } } }',
  ],
  'filters over related rows': [
    '{ boxes(where: { items: { some: { text: { contains: "canary" } } } }) { id } }',
    '{ boxes(where: { items: { none: { size: { gt: 100 } } } }, orderBy: [{ id: ASC }]) { id } }',
    '{ boxes(where: { items: { every: { size: { lt: 100 } } } }, orderBy: [{ id: ASC }]) { id } }',
    '{ boxes(where: { items: { count: { eq: 0 } } }, orderBy: [{ id: ASC }]) { id } }',
    '{ boxes(where: { cover: { size: { gt: 0 } } }, orderBy: [{ id: ASC }]) { id } }',
    '{ boxes(where: { cover: { isNull: true } }, orderBy: [{ id: ASC }]) { id } }',
    '{ parts(where: { item: { owner: { eq: "bob" } } }) { id } }',
    '{ parts(where: { NOT: { item: { size: { eq: 1 } } } }, orderBy: [{ id: ASC }]) { id } }',
  ],
  'order through related rows': [
    '{ boxes(orderBy: [{ items: { count: DESC } }, { id: ASC }]) { id } }',
    '{ boxes(orderBy: [{ cover: { size: DESC } }, { id: ASC }]) { id } }',
    '{ parts(orderBy: [{ item: { text: DESC } }, { id: ASC }]) { id } }',
  ],
  updates: [
    `mutation { updateItem(by: { id: "i1" }, set: { text: "new" }) { ${ITEM} } }`,
    `mutation { updateItem(by: { id: "hidden-1" }, set: { text: "new" }) { ${ITEM} } }`,
    `mutation { updateItem(by: { code: "canary-1" }, set: { text: "new" }) { ${ITEM} } }`,
    `mutation { updateItem(by: { id: "hidden-1" }, set: { text: "new" }, ifVersion: "1") { ${ITEM} } }`,
    `mutation { updateItem(by: { id: "i2" }, set: { text: "new" }, ifVersion: "1") { id text } }`,
    `mutation { updateItems(where: {}, set: { text: "all" }) { count nodes { id text } } }`,
    `mutation { updateItems(where: { size: { gt: 100 } }, set: { size: 1 }) { count nodes { id } } }`,
    `mutation { updateItems(where: {}, increment: { size: 1 }, limit: 1) { count } }`,
  ],
  deletes: [
    'mutation { deleteItem(by: { id: "i1" }) { id text } }',
    'mutation { deleteItem(by: { id: "hidden-1" }) { id text } }',
    'mutation { deleteItem(by: { code: "canary-2" }) { id text } }',
    'mutation { deleteItems(where: {}) { count nodes { id } } }',
    'mutation { deleteItems(where: { owner: { eq: "bob" } }) { count } }',
  ],
  undeletes: [
    'mutation { undeleteItem(by: { id: "d1" }) { id text deleted } }',
    'mutation { undeleteItem(by: { id: "hidden-3" }) { id text deleted } }',
  ],
  upserts: [
    `mutation { upsertItem(by: { id: "i1" }, insert: { text: "up", owner: "ann", size: 5 }) { inserted node { ${ITEM} } } }`,
    `mutation { upsertItem(by: { id: "n1" }, insert: { text: "up", owner: "ann", size: 5 }) { inserted node { ${ITEM} } } }`,
    `mutation { upsertItem(by: { id: "hidden-1" }, insert: { text: "up", owner: "ann", size: 5 }) { inserted node { ${ITEM} } } }`,
    `mutation { upsertItem(by: { code: "canary-1" }, insert: { text: "up", owner: "ann", size: 5 }) { inserted node { ${ITEM} } } }`,
  ],
  inserts: [
    `mutation { insertItem(data: { text: "mine", owner: "ann", size: 1 }) { text owner } }`,
    `mutation { insertItem(data: { text: "given away", owner: "bob", size: 1 }) { text owner } }`,
    `mutation { insertItems(data: [{ text: "a", owner: "ann", size: 1 }, { text: "b", owner: "bob", size: 1 }]) { count nodes { text } } }`,
    `mutation { insertItem(data: { id: "hidden-1", text: "x", owner: "ann", size: 1 }) { text } }`,
    `mutation { insertItem(data: { code: "canary-1", text: "x", owner: "ann", size: 1 }) { text } }`,
  ],
  'connected and nested rows': [
    'mutation { insertPart(data: { text: "x", item: { connect: { id: "i1" } } }) { text item { id } } }',
    'mutation { insertPart(data: { text: "x", item: { connect: { id: "hidden-1" } } }) { text item { id } } }',
    'mutation { insertPart(data: { text: "x", itemId: "hidden-1" }) { text item { id } } }',
    'mutation { insertBox(data: { name: "n", items: { connect: [{ id: "hidden-2" }] } }) { name items { id } } }',
    'mutation { insertBox(data: { name: "n", items: { connect: [{ id: "i3" }], insert: [{ text: "x", owner: "ann", size: 1 }, { text: "y", owner: "bob", size: 1 }] } }) { name items(orderBy: [{ size: ASC }]) { text } } }',
    'mutation { updateBox(by: { id: "b1" }, set: { coverId: "hidden-2" }) { id cover { id } } }',
    'mutation { updateBox(by: { id: "b1" }, set: { name: "renamed" }) { id cover { id } items(orderBy: [{ id: ASC }]) { id } } }',
  ],
  'several in one': [
    'mutation @transaction { a: updateItems(where: {}, set: { size: 9 }) { count } b: deleteItem(by: { id: "hidden-1" }) { id } }',
    'query { a: items(orderBy: [{ id: ASC }]) { id } b: itemsAggregate { count } c: boxes(where: { items: { some: {} } }, orderBy: [{ id: ASC }]) { id } }',
  ],
};

/** What an answer comes to: data, and codes by path. Versions are of each database. */
function gist({ data, errors }: Answer): unknown {
  return { data: data ?? null, errors: errors?.map(({ path, extensions }) => [path, extensions['code']]) ?? [] };
}

async function askBoth(query: string, asking: Asking = { as: 'ann+app' }): Promise<readonly [Answer, Answer]> {
  return [await scripted.ask(query, asking), await ruled.ask(query, asking)];
}

let cells = 0;
for (const [path, queries] of Object.entries(PATHS)) {
  test(path, async () => {
    for (const query of queries) {
      const isWrite = query.startsWith('mutation');
      for (const as of ['ann+app', 'app', 'carl+app']) {
        await reset();
        const asked: Asking = { as };
        const [own, expected] = await askBoth(query, asked);
        assert.deepEqual(gist(own), gist(expected), `${as}: ${query}\n${own.text}\n${expected.text}`);
        // What the client says itself may be said back: the keys in a query are no secret of ours. Ids of requests are random.
        const said = own.text.replaceAll(/"requestId":"[^"]*"/g, '');
        if (!CANARY.test(query)) assert.doesNotMatch(said, CANARY, `${as}: ${query}`);
        if (isWrite) {
          const rows = `SELECT id, text, owner, size, deleted, CASE WHEN box_id ~ $1 THEN 'new' ELSE box_id END AS box
            FROM item WHERE id !~ $1 ORDER BY id`;
          const stored = await Promise.all(
            [scripted, ruled].map(({ database }) => database.query(rows, ['^[0-9a-f]{8}-'])),
          );
          assert.deepEqual(stored[0], stored[1], `${as}: ${query}`);
        }
        cells += 1;
      }
    }
  });
}

test('cursors and node ids of hidden rows lead nowhere', async () => {
  await reset();
  const [bob] = await askBoth('{ itemsConnection(orderBy: [{ size: ASC }]) { edges { cursor node { nodeId } } } }', {
    as: 'bob+app',
  });
  assert.ok(bob.data, bob.text);
  const { edges } = bob.data['itemsConnection'] as { edges: { cursor: string; node: { nodeId: string } }[] };
  assert.equal(edges.length, 2);
  for (const { cursor, node } of edges) {
    for (const way of [`first: 5, after: "${cursor}"`, `last: 5, before: "${cursor}"`]) {
      const answers = await askBoth(
        `{ itemsConnection(orderBy: [{ size: ASC }], ${way}) { totalCount nodes { id } } }`,
      );
      assert.deepEqual(gist(answers[0]), gist(answers[1]));
      assert.doesNotMatch(answers[0].text, CANARY);
    }
    const answers = await askBoth(`{ node(nodeId: "${node.nodeId}") { ... on Item { text } } }`);
    assert.deepEqual([gist(answers[0]), answers[0].data], [gist(answers[1]), { node: null }]);
    cells += 3;
  }
});

test('what is kept under a key is told to who asked first, and to nobody else', async () => {
  await reset();
  const query = 'mutation { updateItems(where: {}, set: { text: "kept" }) { count nodes { id } } }';
  for (const as of ['ann+app', 'bob+app', 'ann+app']) {
    const answers = await askBoth(query, { as, headers: { 'idempotency-key': 'same' } });
    assert.deepEqual(gist(answers[0]), gist(answers[1]), answers[0].text);
    if (as !== 'bob+app') assert.doesNotMatch(answers[0].text, CANARY);
    cells += 1;
  }
});

test('users who ask the same at the same time are told their own', async () => {
  await reset();
  const users = Array.from({ length: 50 }, (_, at) => `user${at}`);
  for (const user of users)
    await scripted.database.query('INSERT INTO item (id, text, owner, size) VALUES ($1, $1, $1, 1)', [user]);
  const ask = (user: string) => scripted.ask('{ items { id } itemsAggregate { count } }', { as: `${user}+app` });
  const answers = await Promise.all([...users, ...users].map(ask));
  for (const [at, { data, text }] of answers.entries()) {
    assert.deepEqual(data, { items: [{ id: users[at % 50] }], itemsAggregate: [{ count: 1 }] }, text);
  }
  cells += answers.length;
});

test('subscriptions', async () => {
  await reset();
  const heard = await Promise.all(
    [scripted, ruled].map(async (it) => {
      const changes = await openAs(it.url, 'ann+app');
      const list = await openAs(it.url, 'ann+app');
      sockets = [...sockets, changes, list];
      changes.send(
        subscribe(
          '1',
          `subscription { itemChanges(initial: ALL) { events { op id node { ${ITEM} } previous { text } } } }`,
        ),
      );
      list.send(subscribe('1', 'subscription { items(orderBy: [{ id: ASC }]) { id text } }'));
      const events: { op: string; id: string }[] = [];
      const until = async (id: string, op: string) => {
        while (!events.some((event) => event.id === id && event.op === op)) {
          const { payload } = await changes.next();
          events.push(
            ...(payload as { data: { itemChanges: { events: { op: string; id: string }[] } } }).data.itemChanges.events,
          );
        }
      };
      const listed = async (isWanted: (text: string) => boolean) => {
        for (;;) {
          const text = JSON.stringify((await list.next()).payload);
          if (isWanted(text)) return text;
        }
      };
      await until('i3', 'SNAPSHOT');
      const first = await listed(() => true);
      const { query } = it.database;
      await query("UPDATE item SET text = 'canary three' WHERE id = 'hidden-1'");
      await query("INSERT INTO item (id, text, owner, size) VALUES ('hidden-4', 'canary four', 'bob', 777)");
      await query("UPDATE item SET owner = 'ann', text = 'given', size = 5 WHERE id = 'hidden-4'");
      await query("DELETE FROM item WHERE id = 'hidden-2'");
      await query("UPDATE item SET owner = 'bob', text = 'canary taken' WHERE id = 'i2'");
      await query("INSERT INTO item (id, text, owner, size) VALUES ('last', 'last', 'ann', 6)");
      await until('last', 'ENTER');
      const last = await listed((text) => text.includes('"last"'));
      for (const text of [...changes.heard, ...list.heard])
        assert.doesNotMatch(text.replaceAll('hidden-4', ''), CANARY);
      return { events, first, last };
    }),
  );
  assert.deepEqual(heard[0], heard[1]);
  assert.deepEqual(
    heard[0]?.events.map(({ op, id }) => `${op} ${id}`),
    ['SNAPSHOT i1', 'SNAPSHOT i2', 'SNAPSHOT i3', 'ENTER hidden-4', 'LEAVE i2', 'ENTER last'],
  );
  cells += 2;
});

test('the master key does without scripts when it says so', async () => {
  await reset();
  const count = async (headers: Record<string, string>) =>
    (await scripted.ask('{ itemsAggregate { count } }', { as: 'admin', headers })).data;
  assert.deepEqual(await count({}), { itemsAggregate: [{ count: 0 }] });
  assert.deepEqual(await count({ 'x-no-script': 'true' }), { itemsAggregate: [{ count: 5 }] });
});

after(() => process.stdout.write(`# paths under a filter script: ${cells} cells\n`));
