// The bell between processes: who hears whom, how often, and what becomes of it when its connection is lost.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import pg from 'pg';
import { type Doorbell, openDoorbell } from '../../src/stores/postgres/change-log/doorbell.ts';
import type { PostgresAddress } from '../../src/stores/postgres/open-pool.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { openPostgres15, type Postgres15, skipped } from '../support/postgres-15.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

const NOT_HEARD = 'other processes are not heard: changes of theirs come later';

interface HeardBell extends Doorbell {
  /** How often it was told to look. */
  readonly heard: () => number;
  /** Resolves when it was told that often. */
  told(times: number): Promise<void>;
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function open(address: PostgresAddress, { log } = openKeptLog()): HeardBell {
  let heard = 0;
  let waiting: { times: number; resolve: () => void }[] = [];
  const onRing = () => {
    heard += 1;
    for (const { times, resolve } of waiting) if (times <= heard) resolve();
    waiting = waiting.filter(({ times }) => times > heard);
  };
  const bell = openDoorbell(address, { log, onRing });
  opened.push(bell);
  return {
    ...bell,
    heard: () => heard,
    told: (times) => (heard >= times ? Promise.resolve() : new Promise((resolve) => waiting.push({ times, resolve }))),
  };
}

/** A server that speaks as it is told; `nth` resolves when so many connections were made. */
async function openFakeServer(speak: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let connections = 0;
  let waiting: { times: number; resolve: () => void }[] = [];
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    speak(socket);
    for (const { times, resolve } of waiting) if (times <= connections) resolve();
    waiting = waiting.filter(({ times }) => times > connections);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port, user: 'nobody', password: '', database: 'none' },
    connections: () => connections,
    nth: (times: number) => new Promise<void>((resolve) => waiting.push({ times, resolve })),
  };
}

function bellSuite(server?: () => string): void {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase('', server?.());
  });
  after(() => database?.close());

  test('is heard by all others, and not by who rings it', async () => {
    const bells = [1, 2, 3].map(() => open({ url: database.url }));
    const [first, second, third] = bells;
    assert.ok(first && second && third);
    // Each is told to look when it begins to listen.
    await Promise.all(bells.map((bell) => bell.told(1)));
    first.ring();
    await Promise.all([second.told(2), third.told(2)]);
    second.ring();
    await Promise.all([first.told(2), third.told(3)]);
    assert.deepEqual(
      bells.map((bell) => bell.heard()),
      [2, 2, 3],
    );
  });

  test('is rung once for many rings at once, and once more for those that came too soon', async () => {
    const listener = new pg.Client({ connectionString: database.url });
    await listener.connect();
    opened.push({ close: () => listener.end() });
    await listener.query('LISTEN tablecast_change; LISTEN over');
    const payloads: (string | undefined)[] = [];
    const over = new Promise<void>((resolve) => {
      listener.on('notification', ({ channel, payload }) => {
        if (channel === 'over') resolve();
        else payloads.push(payload);
        if (payloads.length === 2) void database.query('NOTIFY over');
      });
    });
    const bell = open({ url: database.url });
    await bell.told(1);
    for (let times = 0; times < 1_000; times++) bell.ring();
    await over;
    assert.equal(payloads.length, 2);
    assert.equal(new Set(payloads).size, 1);
    assert.match(payloads[0] ?? '', /^[\da-f-]{36}$/);
  });

  test('has one connection, which is in no transaction, and none when it is closed', async () => {
    const connections = () =>
      database.query(
        `SELECT state, xact_start FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tablecast bell'`,
      );
    const [bell, other] = [open({ url: database.url }), open({ url: database.url })];
    await Promise.all([bell.told(1), other.told(1)]);
    await other.close();
    const left = async (count: number) => {
      for (;;) {
        const found = await connections();
        if (found.length === count && found.every(({ state }) => state === 'idle')) return found;
      }
    };
    assert.deepEqual(await left(1), [{ state: 'idle', xact_start: null }]);
    await bell.close();
    await bell.close();
    bell.ring();
    assert.deepEqual(await left(0), []);
  });
}

describe('the bell', () => {
  bellSuite();

  describe('that lost its connection', () => {
    let database: TestDatabase;
    before(async () => {
      database = await openTestDatabase();
    });
    after(() => database?.close());

    test('says so once, and is connected anew: then it looks, and is heard and hears as before', async () => {
      const proxy = await openDatabaseProxy(database.url);
      opened.push(proxy);
      const kept = openKeptLog();
      const [bell, other] = [open({ url: proxy.url }, kept), open({ url: database.url })];
      await Promise.all([bell.told(1), other.told(1)]);
      for (const round of [1, 2]) {
        const said = kept.said(NOT_HEARD);
        await proxy.down();
        await said;
        await proxy.up();
        await bell.told(2 * round);
        other.ring();
        await bell.told(2 * round + 1);
        bell.ring();
        await other.told(1 + round);
        assert.deepEqual(
          kept.take().map(({ msg }) => msg),
          [NOT_HEARD],
        );
      }
    });

    test('rings for what was rung meanwhile', async () => {
      const proxy = await openDatabaseProxy(database.url);
      opened.push(proxy);
      const kept = openKeptLog();
      const [bell, other] = [open({ url: proxy.url }, kept), open({ url: database.url })];
      await Promise.all([bell.told(1), other.told(1)]);
      const said = kept.said(NOT_HEARD);
      await proxy.down();
      await said;
      bell.ring();
      await proxy.up();
      await other.told(2);
    });

    test('rings for what was lost with the connection', async () => {
      const proxy = await openDatabaseProxy(database.url);
      opened.push(proxy);
      const [bell, other] = [open({ url: proxy.url }), open({ url: database.url })];
      await Promise.all([bell.told(1), other.told(1)]);
      const cut = proxy.cut('pg_notify', 'before');
      bell.ring();
      await cut;
      await other.told(2);
    });

    test('is connected anew when the server ends the connection', async () => {
      const bell = open({ url: database.url });
      await bell.told(1);
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tablecast bell'`,
      );
      await bell.told(2);
    });
  });

  describe('without a database', () => {
    test('tries again and again, and says so once', async () => {
      const server = await openFakeServer((socket) => socket.destroy());
      const kept = openKeptLog();
      const fourth = server.nth(4);
      const bell = open(server.address, kept);
      bell.ring();
      await fourth;
      await bell.close();
      assert.deepEqual(
        kept.take().map(({ msg }) => msg),
        [NOT_HEARD],
      );
      assert.equal(bell.heard(), 0);
    });

    test('does not come back when it is closed', async () => {
      const [server, clock] = [
        await openFakeServer(() => undefined),
        await openFakeServer((socket) => socket.destroy()),
      ];
      const first = server.nth(1);
      const bell = open(server.address);
      await first;
      await bell.close();
      const fourth = clock.nth(4);
      open(clock.address);
      await fourth;
      assert.equal(server.connections(), 1);
    });

    // AuthenticationOk and ReadyForQuery, and no word after them.
    const GREETING = Buffer.from('520000000800000000' + '5a0000000549', 'hex');
    const SILENT: Readonly<Record<string, (socket: Socket) => void>> = {
      'says nothing': () => undefined,
      'says nothing more': (socket) => void socket.once('data', () => socket.write(GREETING)),
    };
    for (const [name, speak] of Object.entries(SILENT)) {
      test(`is closed though the server ${name}`, async () => {
        let onAsked: (socket: Socket) => void = () => undefined;
        const asked = new Promise<Socket>((resolve) => {
          onAsked = resolve;
        });
        const server = await openFakeServer((socket) => {
          speak(socket);
          // The first message is the bell's greeting.
          let messages = speak === SILENT['says nothing'] ? 1 : 0;
          socket.on('data', () => {
            messages += 1;
            if (messages === 2) onAsked(socket);
          });
        });
        const bell = open(server.address);
        const ended = once(await asked, 'close');
        await bell.close();
        await ended;
      });
    }

    test('is closed before it was connected', async () => {
      const server = await openFakeServer(() => undefined);
      await open(server.address).close();
    });
  });
});

describe('the bell, on PostgreSQL 15', { skip: skipped && `skipped: ${skipped}` }, () => {
  let server: Postgres15;
  before(async () => {
    server = await openPostgres15();
  });
  after(() => server?.close());
  describe('that is', () => bellSuite(() => server.url));
});
