// Subscriptions to a table whose read script changes rows and leaves some out: changes, what is there at first, and lists. What
// is stored of a masked column is in nothing that a client hears.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { openAs, type RawSocket, subscribe } from './raw-socket.ts';

const SDL = `type Card @table @permission(on: [READ, INSERT, UPDATE, DELETE, SUBSCRIBE], level: APPLICATION) {
  number: String!
  owner: String
  limit: BigInt
  next: Card @belongsTo
}`;

let it: TestService;
let sockets: RawSocket[] = [];

before(async () => {
  it = await openTestService({
    sdl: SDL,
    scripts: {
      'scripts/tables/card.ts': `
        export const settings = { safe: ['owner'] };
        export const read = async (ctx) => (await ctx.execute())
          .filter((row) => row.owner !== 'nobody')
          .map((row) => { if (row.owner === 'trouble') throw new Error('no'); return row; })
          .map((row) => ({ ...row, number: (ctx.params.mark ?? '*') + row.number.slice(-2) }));
      `,
    },
  });
  assert.deepEqual(it.service.scriptProblems, []);
});
after(() => it?.close());
// Each test has rows of its own, and follows no others: what the log tells of those of the test before may come later.
let round = 0;
const id = (row: number) => `r${round}-${row}`;
const own = () => `where: { id: { startsWith: "r${round}-" } }`;
beforeEach(() => {
  round += 1;
});
afterEach(async () => {
  await Promise.all(sockets.map((socket) => socket.close()));
  sockets = [];
  await it.database.query('DELETE FROM card');
});

async function follow(query: string, extensions: Record<string, unknown> = {}, as = 'app'): Promise<RawSocket> {
  const socket = await openAs(it.url, as);
  sockets.push(socket);
  const message = subscribe('1', query);
  socket.send({ ...message, payload: { ...(message.payload as object), extensions } });
  return socket;
}

type Data = Readonly<Record<string, unknown>>;

/** What is told next. */
async function told(socket: RawSocket): Promise<Data> {
  const message = await socket.next();
  assert.equal(message.type, 'next', JSON.stringify(message));
  return (message.payload as { data: Data }).data;
}

/** The next `count` events of changes, in as many batches as there are. */
async function events(socket: RawSocket, count: number): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  while (all.length < count)
    all.push(...((await told(socket))['cardChanges'] as { events: readonly unknown[] }).events);
  return all;
}

const put = (id: string, number: string, owner = 'ann', next: string | null = null) =>
  it.database.query(
    'INSERT INTO card (id, number, owner, next_id, "limit") VALUES ($1, $2, $3, $4, 9007199254740993)',
    [id, number, owner, next],
  );
const changes = () =>
  `subscription { cardChanges(${own()}) { cursor events { op id node { n: number limit } previous { number } } } }`;

test('events tell nodes and previous rows as the script has them', async () => {
  const socket = await follow(changes());
  await told(socket);
  await put(id(1), 'secret-11');
  await it.database.query(`UPDATE card SET number = 'secret-22'`);
  await it.database.query(`UPDATE card SET owner = 'nobody'`);
  await it.database.query(`UPDATE card SET number = 'secret-33'`);
  await it.database.query('DELETE FROM card');
  const limit = '9007199254740993';
  assert.deepEqual(await events(socket, 4), [
    { op: 'ENTER', id: id(1), node: { n: '*11', limit }, previous: null },
    { op: 'UPDATE', id: id(1), node: { n: '*22', limit }, previous: { number: '*11' } },
    { op: 'UPDATE', id: id(1), node: null, previous: null },
    { op: 'DELETE', id: id(1), node: null, previous: null },
  ]);
  assert.ok(!socket.heard.join().includes('secret'), socket.heard.join());
});

test('a row that is left out is told by its id alone', async () => {
  const socket = await follow(
    `subscription { cardChanges(${own()}) { events { op id node { number } previous { number } } } }`,
  );
  await told(socket);
  await put(id(1), 'secret-11', 'nobody');
  await it.database.query(`UPDATE card SET number = 'secret-22', owner = 'ann'`);
  assert.deepEqual(await events(socket, 2), [
    { op: 'ENTER', id: id(1), node: null, previous: null },
    { op: 'UPDATE', id: id(1), node: { number: '*22' }, previous: null },
  ]);
  assert.ok(!socket.heard.join().includes('secret'));
});

test('what is there at first, and rows beside the row', async () => {
  await put(id(1), 'secret-11');
  await put(id(2), 'secret-22', 'ann', id(1));
  await put(id(3), 'secret-33', 'nobody');
  const socket = await follow(
    `subscription { cardChanges(initial: ALL, ${own()}) { events { op id node { number next { number } } } } }`,
  );
  assert.deepEqual(await events(socket, 3), [
    { op: 'SNAPSHOT', id: id(1), node: { number: '*11', next: null } },
    { op: 'SNAPSHOT', id: id(2), node: { number: '*22', next: { number: '*11' } } },
    { op: 'SNAPSHOT', id: id(3), node: null },
  ]);
  assert.ok(!socket.heard.join().includes('secret'));
});

test('lists', async () => {
  await put(id(1), 'secret-11');
  await put(id(2), 'secret-22', 'nobody');
  const socket = await follow(`subscription { cards(orderBy: [{ id: ASC }], ${own()}) { id number } }`);
  assert.deepEqual(await told(socket), { cards: [{ id: id(1), number: '*11' }] });
  await put(id(3), 'secret-33');
  const second = { id: id(3), number: '*33' };
  assert.deepEqual(await told(socket), { cards: [{ id: id(1), number: '*11' }, second] });
  assert.ok(!socket.heard.join().includes('secret'));
});

const list = () => `subscription { cards(${own()}) { number } }`;

for (const [name, query] of [
  ['a list', list],
  ['changes', changes],
] as const) {
  test(`who gives scripts other params is told by them: ${name}`, async () => {
    const [one, other] = await Promise.all([
      follow(query(), { params: { mark: 'one-' } }),
      follow(query(), { params: { mark: 'other-' } }),
    ]);
    await Promise.all([told(one), told(other)]);
    await put(id(1), 'secret-11');
    assert.match(JSON.stringify(await told(one)), /"one-11"/);
    assert.match(JSON.stringify(await told(other)), /"other-11"/);
  });
}

for (const [name, query] of [
  ['a list', list],
  ['changes', changes],
] as const) {
  test(`a script that fails tells nothing of the row: ${name}`, async () => {
    const socket = await follow(query());
    await told(socket);
    await put(id(1), 'secret-11', 'trouble');
    const { type, payload } = await socket.next();
    assert.match(JSON.stringify([type, payload]), /"SCRIPT_FAILED"/);
    assert.ok(!socket.heard.join().includes('secret'));
  });
}
