// Subscriptions to a table whose read script changes rows and leaves some out. What
// is stored of a masked column is in nothing that a client hears.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
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
          .map((row) => ({ ...row, number: (ctx.params.mark ?? '*') + row.number.slice(-2) }));
      `,
    },
  });
  assert.deepEqual(it.service.scriptProblems, []);
});
after(() => it?.close());
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

const put = (id: string, number: string, owner = 'ann', next: string | null = null) =>
  it.database.query(
    'INSERT INTO card (id, number, owner, next_id, "limit") VALUES ($1, $2, $3, $4, 9007199254740993)',
    [id, number, owner, next],
  );

test('lists', async () => {
  await put('c1', 'secret-11');
  await put('c2', 'secret-22', 'nobody');
  const socket = await follow('subscription { cards(orderBy: [{ id: ASC }]) { id number } }');
  assert.deepEqual(await told(socket), { cards: [{ id: 'c1', number: '*11' }] });
  await put('c3', 'secret-33');
  const second = { id: 'c3', number: '*33' };
  assert.deepEqual(await told(socket), { cards: [{ id: 'c1', number: '*11' }, second] });
  assert.ok(!socket.heard.join().includes('secret'));
});

for (const query of ['subscription { cards { number } }']) {
  test(`who gives scripts other params is told by them: ${query}`, async () => {
    const [one, other] = await Promise.all([
      follow(query, { params: { mark: 'one-' } }),
      follow(query, { params: { mark: 'other-' } }),
    ]);
    await Promise.all([told(one), told(other)]);
    await put('c1', 'secret-11');
    assert.match(JSON.stringify(await told(one)), /"one-11"/);
    assert.match(JSON.stringify(await told(other)), /"other-11"/);
  });
}
