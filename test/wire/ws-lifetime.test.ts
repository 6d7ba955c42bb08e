// How long a socket lasts: as long as its token, or the next one that it brings; and as long as the service, whose end lets it
// go on at the next one.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { openTestService, type TestService, tokenOf } from '../support/open-test-service.ts';
import { whileLocked } from '../support/while-locked.ts';
import { type Message, openAs, openRawSocket, subscribe } from './raw-socket.ts';

const CHANGES = 'subscription ($since: Cursor) { todoListChanges(since: $since) { cursor events { op id } } }';
const insert = (id: string) => `mutation { insertTodoList(data: { id: "${id}", name: "x" }) { id } }`;

let app: TestService;
before(async () => {
  app = await openTestService();
});
after(() => app?.close());

/** A token that is good for one or two seconds: their ends are whole seconds. */
const shortToken = (who: string, claims = {}) => `Bearer ${tokenOf(who, claims, Date.now() - 58_000)}`;
const longToken = (who: string, claims = {}) => `Bearer ${tokenOf(who, claims)}`;

describe('a token', () => {
  test('that expires takes its socket along', async () => {
    const socket = await openAs(app.url, { authorization: shortToken('alice') });
    socket.send(subscribe('1', CHANGES));
    assert.equal((await socket.next()).type, 'next');
    assert.deepEqual(await socket.closed, { code: 4403, reason: 'The token has expired' });
  });

  test('is renewed on the open socket, and its subscriptions outlive the first one', async () => {
    const first = shortToken('alice');
    const [renewed, other] = [
      await openAs(app.url, { authorization: first }),
      await openAs(app.url, { authorization: first }),
    ];
    renewed.send(subscribe('1', CHANGES));
    assert.equal((await renewed.next()).type, 'next');
    const before = Date.now();
    renewed.send({ type: 'ping', payload: { authorization: longToken('alice') } });
    const { type, payload } = await renewed.next();
    assert.equal(type, 'pong');
    const { expiresAt } = payload as { expiresAt: number };
    assert.ok(expiresAt > before + 50_000 && expiresAt <= Date.now() + 60_000, String(expiresAt));
    assert.equal((await other.closed).code, 4403);
    await app.ask(insert('after-renewal'), { as: 'alice' });
    assert.match(JSON.stringify(await renewed.next()), /"after-renewal"/);
    await renewed.close();
  });

  const OTHERS: Record<string, { was: string; claims?: object; becomes: string; reason: RegExp }> = {
    'another user': { was: 'alice', becomes: longToken('bob'), reason: /another user/ },
    'other roles': { was: 'alice', becomes: longToken('alice:moderator'), reason: /other roles/ },
    'fewer roles': { was: 'alice:moderator', becomes: longToken('alice'), reason: /other roles/ },
    'other claims': { was: 'alice', becomes: longToken('alice', { team: 2 }), reason: /other roles or claims/ },
    'a wrong signature': { was: 'alice', becomes: `${longToken('alice')}x`, reason: /signature/ },
    'an end in the past': {
      was: 'alice',
      becomes: `Bearer ${tokenOf('alice', {}, Date.now() - 120_000)}`,
      reason: /expired/,
    },
    'nobody at first': { was: 'app', becomes: longToken('alice'), reason: /another user/ },
  };
  for (const [what, { was, becomes, reason }] of Object.entries(OTHERS)) {
    test(`with ${what} renews nothing: 4403`, async () => {
      const socket = await openAs(app.url, was);
      socket.send({ type: 'ping', payload: { authorization: becomes } });
      const ended = await socket.closed;
      assert.equal(ended.code, 4403);
      assert.match(ended.reason, reason);
      assert.equal(socket.heard.length, 1);
    });
  }

  test('renews nothing before the socket has said who it is', async () => {
    const socket = await openRawSocket(app.url);
    const payload = { authorization: longToken('alice') };
    socket.send({ type: 'ping', payload });
    assert.deepEqual(await socket.next(), { type: 'pong', payload });
    socket.send(subscribe('1', '{ viewer { level } }'));
    assert.equal((await socket.closed).code, 4401);
  });

  test('that is renewed leaves the keys of the socket as they were', async () => {
    const socket = await openAs(app.url, 'alice+admin');
    socket.send({ type: 'ping', payload: { authorization: longToken('alice') } });
    assert.equal((await socket.next()).type, 'pong');
    socket.send(subscribe('1', '{ viewer { level } }'));
    assert.match(JSON.stringify(await socket.next()), /"ADMIN"/);
    await socket.close();
  });
});

describe('a service that closes', () => {
  test('answers what runs, tells subscribers to go elsewhere, and begins nothing more', async () => {
    const closing = await openTestService({ database: app.database, shutdownTimeout: 10_000 });
    const [writer, follower] = [await openAs(closing.url, 'alice'), await openAs(closing.url, 'alice')];
    for (const socket of [writer, follower]) {
      socket.send(subscribe('changes', CHANGES));
      assert.equal((await socket.next()).type, 'next');
    }
    let closed: Promise<void> | undefined;
    await whileLocked(app.database, 'todo_list', async (waiting) => {
      writer.send(subscribe('write', insert('drained')));
      await waiting(1);
      closed = closing.close();
      assert.deepEqual(await follower.closed, { code: 1001, reason: 'Going away' });
      writer.send(subscribe('late', insert('too-late')));
      // It was heard: what came before it is answered.
      writer.send({ type: 'ping' });
      assert.deepEqual(await writer.next(), { type: 'pong' });
    });
    assert.deepEqual(await writer.closed, { code: 1001, reason: 'Going away' });
    const said = writer.heard.map((text) => JSON.parse(text) as Message).filter(({ id }) => id === 'write');
    assert.deepEqual(said, [
      { id: 'write', type: 'next', payload: { data: { insertTodoList: { id: 'drained' } } } },
      { id: 'write', type: 'complete' },
    ]);
    await closed;
    const rows = await app.database.query('SELECT id FROM todo_list WHERE id IN ($1, $2)', ['drained', 'too-late']);
    assert.deepEqual(rows, [{ id: 'drained' }]);
    await assert.rejects(openRawSocket(closing.url), /ECONNREFUSED|503/);
  });

  test('does not wait for ever for a client that does not hear', async () => {
    const closing = await openTestService({ database: app.database, shutdownTimeout: 50 });
    const deaf = await openAs(closing.url, 'alice');
    deaf.socket.pause();
    await closing.close();
    deaf.socket.resume();
    await deaf.closed;
  });

  test('lets a client of the library go on at the next one, behind what it was told', async () => {
    const first = await openTestService({ database: app.database });
    let { url } = first;
    let next: TestService | undefined;
    const client = createClient({
      url: () => `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: longToken('carol') },
      shouldRetry: () => true,
      retryAttempts: 5,
      retryWait: async () => {
        // While it is away.
        await app.ask(insert('meanwhile'), { as: 'carol' });
        next = await openTestService({ database: app.database });
        url = next.url;
      },
    });
    const variables: Record<string, unknown> = {};
    const told: string[] = [];
    const all = new Promise<void>((resolve, reject) => {
      client.subscribe<{ todoListChanges: { cursor: string; events: { op: string; id: string }[] } }>(
        { query: CHANGES, variables },
        {
          next({ data, errors }) {
            if (!data) return reject(new Error(JSON.stringify(errors)));
            const { cursor, events } = data.todoListChanges;
            const isFirst = variables['since'] === undefined;
            variables['since'] = cursor;
            told.push(...events.map(({ op, id }) => `${op} ${id}`));
            if (isFirst) void app.ask(insert('before'), { as: 'carol' });
            else if (told.at(-1) === 'ENTER before') void first.close();
            else if (told.at(-1) === 'ENTER meanwhile') void next?.ask(insert('afterwards'), { as: 'carol' });
            else if (told.at(-1) === 'ENTER afterwards') resolve();
          },
          error: reject,
          complete: () => reject(new Error('it is not over')),
        },
      );
    });
    await all;
    assert.deepEqual(told, ['ENTER before', 'ENTER meanwhile', 'ENTER afterwards']);
    await client.dispose();
    await first.close();
    await next?.close();
  });
});
