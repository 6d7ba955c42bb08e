// The protocol of WebSockets, message by message: what is answered, and with which code a socket is closed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  APPLICATION_KEY,
  headersOf,
  openTestService,
  type TestService,
  tokenOf,
} from '../support/open-test-service.ts';
import { openAs, openRawSocket, type RawSocket, subscribe } from './raw-socket.ts';

const VIEWER = '{ viewer { level } }';
const CHANGES = 'subscription { todoListChanges { events { op id } } }';

let app: TestService;
/** What is waited for comes soon, and little is much. */
let strict: TestService;
before(async () => {
  app = await openTestService();
  strict = await openTestService({
    database: app.database,
    sockets: { initTimeout: 1_000, message: 1_000, messageBurst: 5, messageRate: 0.001, operations: 2, perUser: 2 },
  });
});
after(async () => {
  await strict?.close();
  await app?.close();
});

const insertOver = (id: string, list: string) =>
  subscribe(id, `mutation { insertTodoList(data: { id: "${list}", name: "x" }) { id } }`);
const count = async (list: string) => (await app.database.query('SELECT FROM todo_list WHERE id = $1', [list])).length;
/** What a write over HTTP, after everything that came before it, makes certain. */
const settle = (list: string) =>
  app.ask(`mutation { insertTodoList(data: { id: "${list}", name: "x" }) { id } }`, { as: 'alice' });

describe('a socket is closed', () => {
  const INIT = { type: 'connection_init', payload: headersOf('alice') };
  const NOT_OF_THE_PROTOCOL: Record<string, string | Buffer | { type: string }> = {
    'is no JSON': 'nonsense',
    'is no object': '[1]',
    'is of an unknown type': { type: 'start' },
    'is of a type that only the service sends': { type: 'connection_ack' },
    'is binary': Buffer.from('{"type":"ping"}'),
    'begins an operation without id': { type: 'subscribe', payload: { query: VIEWER } } as { type: string },
    'begins an operation without a text': { type: 'subscribe', id: '1', payload: { query: 5 } } as { type: string },
    'ends an operation without id': { type: 'complete' },
  };
  for (const [what, message] of Object.entries(NOT_OF_THE_PROTOCOL)) {
    test(`with 4400 after a message that ${what}`, async () => {
      const socket = await openAs(app.url, 'alice');
      socket.send(message);
      const { code, reason } = await socket.closed;
      assert.equal(code, 4400);
      assert.match(reason, /message/i);
    });
  }

  const CASES: Record<string, { code: number; reason: RegExp; say: (socket: RawSocket) => void; to?: () => string }> = {
    'by a second connection_init': {
      code: 4429,
      reason: /^Too many initialisation requests$/,
      say: (socket) => [INIT, INIT].map(socket.send),
    },
    'by an operation before connection_init': {
      code: 4401,
      reason: /^Unauthorized$/,
      say: (socket) => socket.send(subscribe('1', VIEWER)),
    },
    'by an operation before connection_ack': {
      code: 4401,
      reason: /^Unauthorized$/,
      say: (socket) => [INIT, subscribe('1', VIEWER)].map(socket.send),
    },
    'without connection_init': {
      code: 4408,
      reason: /^Connection initialisation timeout$/,
      say: () => undefined,
      to: () => strict.url,
    },
    'by a message that is too large': {
      code: 1009,
      reason: /^$/,
      say: (socket) => [INIT, 'x'.repeat(1_001)].map(socket.send),
      to: () => strict.url,
    },
    'by too many messages': {
      code: 1013,
      reason: /Too many messages/,
      say: (socket) => [INIT, ...Array.from({ length: 5 }, () => ({ type: 'pong' }))].map(socket.send),
      to: () => strict.url,
    },
  };
  for (const [why, { code, reason, say, to }] of Object.entries(CASES)) {
    test(`${why}, with ${code}`, async () => {
      const socket = await openRawSocket((to ?? (() => app.url))());
      say(socket);
      const ended = await socket.closed;
      assert.equal(ended.code, code);
      assert.match(ended.reason, reason);
    });
  }

  for (const protocols of [[], ['graphql-ws'], ['graphql-ws', 'other']]) {
    test(`with 4406 when it offers ${protocols.join(' and ') || 'no subprotocol'}`, async () => {
      // This client gives up by itself when none of those that it offered is taken.
      const { hostname, port } = new URL(app.url);
      const stream = connect(Number(port), hostname);
      const offered = protocols.length > 0 ? `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n` : '';
      stream.write(
        `GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'a'.repeat(22)}==\r\n${offered}\r\n`,
      );
      let heard = '';
      while (!heard.includes('graphql-transport-ws')) heard += String((await once(stream, 'data'))[0]);
      stream.destroy();
      assert.match(heard, /^HTTP\/1\.1 101 /);
      const frame = Buffer.from(heard.slice(heard.indexOf('\r\n\r\n') + 4), 'latin1');
      assert.match(frame.toString('latin1'), /Speak graphql-transport-ws$/);
    });
  }

  test('by an id that is in use, with 4409', async () => {
    const socket = await openAs(app.url, 'alice');
    socket.send(subscribe('one', CHANGES));
    assert.equal((await socket.next()).type, 'next');
    socket.send(subscribe('one', VIEWER));
    assert.deepEqual(await socket.closed, { code: 4409, reason: 'Subscriber for one already exists' });
  });

  test('and nothing that it says afterwards is done', async () => {
    const socket = await openAs(app.url, 'alice');
    // It does not hear that it was closed.
    socket.socket.pause();
    socket.send('nonsense');
    socket.send(insertOver('1', 'too-late'));
    await new Promise<void>((resolve) => socket.socket.ping('', true, () => resolve()));
    socket.socket.resume();
    assert.equal((await socket.closed).code, 4400);
    await settle('after-it');
    assert.equal(await count('too-late'), 0);
  });
});

describe('who it is', () => {
  const SECRETS = [APPLICATION_KEY, 'a-wrong-key', 'abc.def.ghi'];
  const WRONG: Record<string, { payload: object; reason: RegExp }> = {
    'a wrong application key': {
      payload: { 'x-application-key': 'a-wrong-key' },
      reason: /x-application-key is wrong/,
    },
    'a wrong master key': { payload: { 'x-master-key': 'a-wrong-key' }, reason: /x-master-key is wrong/ },
    'no token': { payload: { authorization: 'Bearer abc.def.ghi' }, reason: /token/i },
    'no Bearer': { payload: { authorization: 'abc.def.ghi' }, reason: /"Bearer"/ },
    'an expired token': {
      payload: { authorization: `Bearer ${tokenOf('alice', {}, Date.now() - 120_000)}` },
      reason: /expired/,
    },
    'a name that is not in lower case': { payload: { Authorization: 'Bearer x' }, reason: /lower case/ },
    'a credential that is no text': { payload: { authorization: 5 }, reason: /not a string/ },
  };
  for (const [what, { payload, reason }] of Object.entries(WRONG)) {
    test(`${what}: 4403, with the reason and no secret`, async () => {
      const socket = await openRawSocket(app.url);
      socket.send({ type: 'connection_init', payload });
      const ended = await socket.closed;
      assert.equal(ended.code, 4403);
      assert.match(ended.reason, reason);
      for (const secret of SECRETS) assert.ok(!ended.reason.includes(secret), ended.reason);
      assert.deepEqual(socket.heard, []);
    });
  }

  const LEVELS = { public: 'PUBLIC', app: 'APPLICATION', alice: 'USER', admin: 'ADMIN' };
  for (const [who, level] of Object.entries(LEVELS)) {
    test(`${who} is ${level}`, async () => {
      const socket = await openAs(app.url, who);
      socket.send(subscribe('1', VIEWER));
      assert.deepEqual(await socket.next(), { id: '1', type: 'next', payload: { data: { viewer: { level } } } });
      assert.deepEqual(await socket.next(), { id: '1', type: 'complete' });
      await socket.close();
    });
  }
});

describe('a socket', () => {
  test('is answered its pings, whoever it is yet', async () => {
    const socket = await openRawSocket(app.url);
    socket.send({ type: 'ping' });
    assert.deepEqual(await socket.next(), { type: 'pong' });
    socket.send({ type: 'ping', payload: { is: 'mine' } });
    assert.deepEqual(await socket.next(), { type: 'pong', payload: { is: 'mine' } });
    socket.send({ type: 'pong' });
    await socket.close();
  });

  test('that does not answer pings is cut off, and others are not', async (t) => {
    const quick = await openTestService({ database: app.database, sockets: { pingEvery: 250 } });
    t.after(() => quick.close());
    const there = await openAs(quick.url, 'alice', { answersPings: true });
    const mute = await openAs(quick.url, 'alice', { autoPong: false });
    assert.equal((await mute.closed).code, 1006);
    // Pages see no other ping than this one.
    for (let pings = 0; pings < 3; ) {
      const gone = there.closed.then((how) => assert.fail(JSON.stringify(how)));
      const [text] = await Promise.race([once(there.socket, 'message'), gone]);
      if (String(text) === '{"type":"ping"}') pings += 1;
    }
    await there.close();
  });

  test('that ends a subscription is told no more of it, and can use its id again', async () => {
    const socket = await openAs(app.url, 'alice');
    socket.send(subscribe('gone', CHANGES));
    socket.send(subscribe('here', CHANGES));
    assert.deepEqual(new Set([(await socket.next()).id, (await socket.next()).id]), new Set(['gone', 'here']));
    socket.send({ type: 'complete', id: 'gone' });
    socket.send({ type: 'complete', id: 'never was' });
    socket.send(insertOver('write', 'told'));
    const said = [await socket.next(), await socket.next(), await socket.next()];
    assert.deepEqual(said.map(({ id, type }) => `${id} ${type}`).sort(), ['here next', 'write complete', 'write next']);
    socket.send(subscribe('gone', VIEWER));
    assert.deepEqual(await socket.next(), {
      id: 'gone',
      type: 'next',
      payload: { data: { viewer: { level: 'USER' } } },
    });
    await socket.close();
  });

  const REFUSED: Record<string, { query: string; more?: object; code: string; says: RegExp }> = {
    'a syntax error': { query: 'subscription {', code: 'GRAPHQL_PARSE_FAILED', says: /Syntax Error/ },
    'a field that is not there': {
      query: 'subscription { nope }',
      code: 'GRAPHQL_VALIDATION_FAILED',
      says: /Cannot query field "nope"/,
    },
    'an operation that is not there': {
      query: `query A ${VIEWER}`,
      more: { operationName: 'B' },
      code: 'OPERATION_RESOLUTION_FAILURE',
      says: /no operation "B"/,
    },
    'a variable that is wrong': {
      query: 'subscription ($where: TodoListWhere) { todoListChanges(where: $where) { cursor } }',
      more: { variables: { where: { nope: 1 } } },
      code: 'BAD_USER_INPUT',
      says: /nope/,
    },
    'a cursor that is none': {
      query: 'subscription { todoListChanges(since: "nonsense") { cursor } }',
      code: 'BAD_USER_INPUT',
      says: /cursor/i,
    },
    'two subscriptions at once': {
      query: 'subscription { a: todoListChanges { cursor } b: todoListChanges { cursor } }',
      code: 'GRAPHQL_VALIDATION_FAILED',
      says: /one/,
    },
  };
  for (const [what, { query, more, code, says }] of Object.entries(REFUSED)) {
    test(`lives on after ${what}, with all its subscriptions`, async () => {
      const socket = await openAs(app.url, 'alice');
      socket.send(subscribe('before', CHANGES));
      assert.equal((await socket.next()).id, 'before');
      socket.send(subscribe('wrong', query, more));
      const { type, id, payload } = await socket.next();
      assert.deepEqual([type, id], ['error', 'wrong']);
      const [error] = payload as { message: string; extensions: { code: string; requestId?: string } }[];
      assert.equal(error?.extensions.code, code, JSON.stringify(payload));
      assert.match(error?.message ?? '', says);
      assert.match(error?.extensions.requestId ?? '', /./);
      // The id is free again, and the other subscription is told.
      socket.send(insertOver('wrong', `after ${what}`));
      const said = [await socket.next(), await socket.next(), await socket.next()];
      assert.deepEqual(said.map((message) => message.id).sort(), ['before', 'wrong', 'wrong']);
      await socket.close();
    });
  }
});

describe('limits', () => {
  test('operations of a socket: one more is refused, until one ends', async () => {
    const socket = await openAs(strict.url, 'alice');
    for (const id of ['1', '2']) socket.send(subscribe(id, CHANGES));
    for (const _ of [1, 2]) assert.equal((await socket.next()).type, 'next');
    socket.send(subscribe('3', VIEWER));
    const { id, type, payload } = await socket.next();
    assert.deepEqual([id, type], ['3', 'error']);
    assert.match(JSON.stringify(payload), /2 operations under way.*"RATE_LIMITED"/);
    socket.send({ type: 'complete', id: '1' });
    await socket.close();
  });

  test('sockets of a user: one more is closed with 1013, until one ends; others come in', async () => {
    const [first, second] = [await openAs(strict.url, 'bob'), await openAs(strict.url, 'bob+app')];
    const third = await openRawSocket(strict.url);
    third.send({ type: 'connection_init', payload: headersOf('bob') });
    assert.deepEqual(await third.closed, { code: 1013, reason: 'Too many connections of this caller' });
    const carol = await openAs(strict.url, 'carol');
    await first.close();
    // The service hears of the end when the client does, or a moment later.
    const again = await openAs(strict.url, 'bob');
    await Promise.all([second, carol, again].map((socket) => socket.close()));
  });

  test('sockets of an address that nobody is signed in on, but not of administrators', async () => {
    const one = await openTestService({ database: app.database, sockets: { perAddress: 1 } });
    const sockets = [await openAs(one.url, 'public'), await openAs(one.url, 'alice')];
    const second = await openRawSocket(one.url);
    second.send({ type: 'connection_init', payload: headersOf('app') });
    assert.equal((await second.closed).code, 1013);
    sockets.push(await openAs(one.url, 'admin'), await openAs(one.url, 'admin'));
    await Promise.all(sockets.map((socket) => socket.close()));
    await one.close();
  });

  test('sockets of all: one more is refused with 503', async () => {
    const one = await openTestService({ database: app.database, sockets: { all: 1 } });
    const socket = await openRawSocket(one.url);
    await assert.rejects(openRawSocket(one.url), /Unexpected server response: 503/);
    await socket.close();
    await one.close();
  });

  test('a client that takes no answers is not asked what else it wants', async () => {
    const small = await openTestService({
      database: app.database,
      sockets: { queued: 65_536, messageBurst: 1_000_000, message: 65_536 },
    });
    const [greedy, other] = [await openAs(small.url, 'public'), await openAs(small.url, 'public')];
    greedy.socket.pause();
    const payload = { filler: 'x'.repeat(60_000) };
    // More than all that waits on the way.
    const sent = 500;
    for (let at = 0; at < sent; at++) greedy.send({ type: 'ping', payload });
    let waiting = -1;
    while (waiting !== greedy.socket.bufferedAmount) {
      waiting = greedy.socket.bufferedAmount;
      for (let at = 0; at < 20; at++) {
        other.send({ type: 'ping', payload });
        await other.next();
      }
    }
    assert.ok(waiting > 5_000_000, `${waiting} bytes wait to be read`);
    greedy.socket.resume();
    for (let at = 0; at < sent; at++) assert.equal((await greedy.next()).type, 'pong');
    await Promise.all([greedy.close(), other.close()]);
    await small.close();
  });
});

describe('an upgrade is refused', () => {
  test('at an unknown path, with 404', async () => {
    for (const path of ['/', '/healthz', '/graphql/', '/toString'])
      await assert.rejects(openRawSocket(app.url, { path }), /Unexpected server response: 404/);
    const admin = await openAs(app.url, 'admin', { path: '/admin/graphql' });
    admin.send(subscribe('1', '{ service { version } }'));
    assert.match(JSON.stringify(await admin.next()), /"version":"0\.0\.0"/);
    await admin.close();
  });

  test('from another origin, with 403', async () => {
    const open = await openTestService({
      database: app.database,
      http: { allowsOrigin: (origin) => origin === 'https://app.example' },
    });
    for (const origin of ['https://other.example', 'null', `${open.url}.example`])
      await assert.rejects(openRawSocket(open.url, { origin }), /Unexpected server response: 403/);
    for (const origin of ['https://app.example', open.url]) await (await openRawSocket(open.url, { origin })).close();
    await open.close();
  });

  test('and its connection ends, whatever the client says afterwards', async () => {
    const { hostname, port } = new URL(app.url);
    const stream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    stream.on('error', () => undefined);
    stream.write(
      'GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    stream.resume();
    const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
    await once(stream, 'end');
    const talking = setInterval(() => stream.write('still here'), 20);
    await closed;
    clearInterval(talking);
  });
});
