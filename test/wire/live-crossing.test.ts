// Many clients at once: nobody is told what is another's, and one that takes nothing costs the service nothing, keeps nobody
// waiting and loses nothing.

import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { openTestService } from '../support/open-test-service.ts';
import { openAs, type RawSocket, subscribe } from './raw-socket.ts';

const NOTES = `
  type Note @table
    @permission(on: [READ, SUBSCRIBE], level: USER, rows: { ownerId: { eq: "$user.id" } })
    @permission(on: [READ, SUBSCRIBE], level: USER, roles: ["everything"])
  { ownerId: ID! text: String! n: Int! }
`;

interface Batch {
  readonly cursor: string;
  readonly events: readonly { readonly op: string; readonly id: string }[];
}

/** The events of the next answer under an id. */
async function nextEvents(socket: RawSocket, id: string): Promise<Batch['events']> {
  for (;;) {
    const message = await socket.next();
    assert.equal(message.type, 'next', JSON.stringify(message));
    const { noteChanges } = (message.payload as { data: { noteChanges?: Batch } }).data;
    if (message.id === id && noteChanges) return noteChanges.events;
  }
}

test('200 users on 200 sockets: each is told of its own rows, and of no others', async () => {
  const app = await openTestService({ sdl: NOTES });
  const users = Array.from({ length: 200 }, (_, at) => `user-${at}-`);
  const sockets = await Promise.all(users.map((user) => openAs(app.url, user, { patience: 30_000 })));
  for (const socket of sockets) {
    socket.send(
      subscribe('changes', 'subscription { noteChanges { cursor events { op id node { text } previous { text } } } }'),
    );
    socket.send(subscribe('list', 'subscription { notes { id text } }'));
  }
  await Promise.all(sockets.map((socket) => nextEvents(socket, 'changes')));
  const list = `unnest('{${users}}'::text[]) AS owner`;
  const rounds = [
    `INSERT INTO note (id, owner_id, text, n) SELECT 'canary-' || owner, owner, 'canary-' || owner || 'new', 1 FROM ${list}`,
    `UPDATE note SET text = 'canary-' || owner_id || 'changed'`,
    // Each goes to the next one: gone for the one, there for the other.
    `UPDATE note SET owner_id = 'user-' || (split_part(owner_id, '-', 2)::int + 1) % 200 || '-', text = 'passed on'`,
    'DELETE FROM note',
  ];
  for (const round of rounds) await app.database.query(round);
  await Promise.all(
    sockets.map(async (socket, at) => {
      const told: string[] = [];
      while (told.length < 5) {
        for (const { op, id } of await nextEvents(socket, 'changes')) told.push(`${op} ${id}`);
      }
      const own = `canary-${users[at]}`;
      const passed = `canary-${users.at(at - 1)}`;
      assert.deepEqual(
        told.filter((line) => line.endsWith(own)),
        [`ENTER ${own}`, `UPDATE ${own}`, `LEAVE ${own}`],
      );
      assert.deepEqual(
        told.filter((line) => line.endsWith(passed)),
        [`ENTER ${passed}`, `DELETE ${passed}`],
      );
    }),
  );
  for (const [at, socket] of sockets.entries()) {
    const mine = [users[at], users.at(at - 1)];
    const named = socket.heard.flatMap((text) => text.match(/user-\d+-/g) ?? []);
    assert.ok(named.length >= 5);
    assert.deepEqual(
      named.filter((user) => !mine.includes(user)),
      [],
    );
    // What is written in it is never told to whom the row is passed on.
    const words = socket.heard.flatMap((text) => text.match(/canary-user-\d+-(new|changed)/g) ?? []);
    assert.deepEqual(
      words.filter((word) => !word.startsWith(`canary-${users[at]}`)),
      [],
    );
  }
  await Promise.all(sockets.map((socket) => socket.close()));
  await app.close();
});

test('a client that takes nothing is kept nothing for, keeps nobody waiting, and is told everything once, in order', async () => {
  const queued = 65_536;
  const accepted: Socket[] = [];
  const accept = (message: unknown) => accepted.push((message as { socket: Socket }).socket);
  diagnostics.subscribe('net.server.socket', accept);
  const app = await openTestService({ sdl: NOTES, sockets: { queued } });
  const query = 'subscription { noteChanges(batchSize: 5) { cursor events { op id node { text n } } } }';
  const slow = await openAs(app.url, 'slow:everything', { patience: 30_000 });
  const [kept] = accepted.splice(0);
  diagnostics.unsubscribe('net.server.socket', accept);
  assert.ok(kept);
  const quick = await openAs(app.url, 'quick:everything', { patience: 30_000 });
  for (const socket of [slow, quick]) {
    socket.send(subscribe('1', query));
    assert.deepEqual(await nextEvents(socket, '1'), []);
  }
  slow.socket.pause();

  const rounds = 24;
  const rows = 50;
  const size = 10_000;
  const told: string[] = [];
  let most = 0;
  for (let round = 0; round < rounds; round++) {
    await app.database.query(
      `INSERT INTO note (id, owner_id, text, n)
       SELECT format('%s-%s', $1::int, at), 'x', repeat('x', $2::int), at FROM generate_series(1, $3::int) AS at`,
      [round, size, rows],
    );
    while (told.length < (round + 1) * rows) {
      for (const { id } of await nextEvents(quick, '1')) told.push(id);
      most = Math.max(most, kept.writableLength);
    }
  }
  assert.equal(told.length, rounds * rows);
  // It is left alone when so much waits, and what was being sent then may come on top: five rows, and what is around them.
  assert.ok(most > queued, `${most} bytes waited: too little was sent`);
  assert.ok(most < queued + 6 * size, `${most} bytes waited`);

  slow.socket.resume();
  const late: string[] = [];
  while (late.length < told.length) for (const { id } of await nextEvents(slow, '1')) late.push(id);
  assert.deepEqual(late, told);
  // And it is with the others again.
  await app.database.query("INSERT INTO note (id, owner_id, text, n) VALUES ('last', 'x', 'x', 0)");
  for (const socket of [slow, quick])
    assert.deepEqual(
      (await nextEvents(socket, '1')).map(({ id }) => id),
      ['last'],
    );
  await Promise.all([slow.close(), quick.close()]);
  await app.close();
});
