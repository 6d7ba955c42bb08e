// Fetching for scripts, from real servers of this machine: what they answer, and every way in which they do not.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type FetchRequest, openScriptFetch } from '../../src/scripts/fetch/open-script-fetch.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';

const NEVER = new AbortController().signal;
const MEGABYTE = 1_000_000;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

let server: Server;
let other: Server;
let raw: ReturnType<typeof createRawServer>;
const sockets = new Set<Socket>();
let seen: Seen[] = [];
let running = 0;
let most = 0;

const portOf = (one: { address(): unknown }) => (one.address() as AddressInfo).port;
const at = (path: string) => `http://localhost:${portOf(server)}${path}`;
const atOther = (path: string) => `http://localhost:${portOf(other)}${path}`;

const ANSWERS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/plain': (_, response) =>
    response.writeHead(201, 'Made', { 'x-own': 'ä', 'set-cookie': ['a=1', 'b=2'] }).end('hello'),
  '/gzip': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed')),
  '/br': (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync('packed')),
  '/deflate': (_, response) => response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateSync('packed')),
  '/twice': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip, br' }).end(brotliCompressSync(gzipSync('packed'))),
  '/odd': (_, response) => response.writeHead(200, { 'content-encoding': 'odd' }).end('x'),
  '/broken': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
  '/empty': (_, response) => response.writeHead(204).end(),
  '/large': (_, response) => void pour(response, 50),
  '/bomb': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 * MEGABYTE))),
  '/stop': (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  },
  '/slow': () => undefined,
  '/drip': (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(timer));
  },
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/see': (_, response) => response.writeHead(303, { location: '/plain' }).end(),
  '/moved': (_, response) => response.writeHead(302, { location: '/plain' }).end(),
  '/same': (_, response) => response.writeHead(307, { location: '/plain' }).end(),
  '/away': (_, response) => response.writeHead(307, { location: atOther('/plain') }).end(),
  '/one': (_, response) => {
    running += 1;
    most = Math.max(most, running);
    setTimeout(() => {
      running -= 1;
      response.end();
    }, 20);
  },
};

/** Sends as much as is taken. */
async function pour(response: ServerResponse, megabytes: number): Promise<void> {
  response.writeHead(200);
  for (let sent = 0; sent < megabytes && !response.destroyed; sent++) {
    if (!response.write(Buffer.alloc(MEGABYTE))) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

const listener: RequestListener = async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { method = '', url = '', headers } = request;
  seen.push({ method, url, headers, body });
  (ANSWERS[url] ?? ANSWERS['/plain'])?.(request, response);
};

before(async () => {
  server = createServer(listener);
  other = createServer(listener);
  raw = createRawServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      const isReset = head.toString().includes('/reset');
      if (isReset) socket.resetAndDestroy();
      else socket.end('HTTP/1.1 200 OK\r\nx-bad: a\x00b\r\n\r\n');
    });
  });
  for (const one of [server, other, raw]) await new Promise<void>((listening) => one.listen(0, '127.0.0.1', listening));
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  other.closeAllConnections();
  for (const one of [server, other, raw]) await new Promise((closed) => one.close(closed));
});

const fetching = (timeout = 5_000, connectTimeout = 1_000) =>
  openScriptFetch({
    allow: [server, other, raw].map((one) => `localhost:${portOf(one)}`),
    allowPrivate: ['localhost'],
    timeout,
    connectTimeout,
  });

const asking = (url: string, more: Partial<FetchRequest> = {}): FetchRequest => {
  return { url, method: 'GET', headers: {}, body: null, redirect: 'follow', ...more };
};

const textOf = ({ body }: { readonly body: string }) => Buffer.from(body, 'base64').toString();

test('an answer is handed over with its head', async () => {
  const answer = await fetching()(asking(at('/plain')), NEVER);
  assert.deepEqual(
    [answer.status, answer.statusText, textOf(answer), answer.redirected],
    [201, 'Made', 'hello', false],
  );
  assert.deepEqual(
    answer.headers.filter(([name]) => name === 'set-cookie'),
    [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ],
  );
  assert.equal(answer.url, at('/plain'));
});

for (const path of ['/gzip', '/br', '/deflate', '/twice']) {
  test(`what was packed for the way is unpacked: ${path}`, async () => {
    const answer = await fetching()(asking(at(path)), NEVER);
    assert.equal(textOf(answer), 'packed');
    assert.ok(!answer.headers.some(([name]) => name === 'content-encoding' || name === 'content-length'));
  });
}

test('requests arrive as they were meant, and have nothing of the service', async () => {
  seen = [];
  const body = Buffer.from('{"a":1}').toString('base64');
  await fetching()(
    asking(at('/x?y=1'), { method: 'POST', headers: { 'X-Own': '1', 'content-type': 'a/b' }, body }),
    NEVER,
  );
  const [{ method, url, headers, body: arrived } = { method: '', url: '', headers: {}, body: '' }] = seen;
  assert.deepEqual([method, url, arrived], ['POST', '/x?y=1', '{"a":1}']);
  assert.deepEqual(headers, {
    'accept-encoding': 'gzip, deflate, br',
    accept: '*/*',
    'user-agent': 'tablecast',
    'x-own': '1',
    'content-type': 'a/b',
    'content-length': '7',
    host: `localhost:${portOf(server)}`,
    connection: 'close',
  });
});

test('redirects', async () => {
  const body = Buffer.from('x').toString('base64');
  const headers = { authorization: 'Bearer x', cookie: 'a=1', 'content-type': 'a/b' };
  const cases: [path: string, method: string, last: string, keeps: boolean][] = [
    ['/see', 'POST', 'GET', false],
    ['/moved', 'POST', 'GET', false],
    ['/moved', 'PUT', 'PUT', true],
    ['/same', 'POST', 'POST', true],
    ['/see', 'HEAD', 'HEAD', false],
  ];
  for (const [path, method, last, keeps] of cases) {
    seen = [];
    const given = method === 'HEAD' ? null : body;
    const answer = await fetching()(asking(at(path), { method, headers, body: given }), NEVER);
    assert.deepEqual([answer.url, answer.redirected, seen[1]?.method], [at('/plain'), true, last], `${method} ${path}`);
    assert.equal(seen[1]?.body, keeps ? 'x' : '', `${method} ${path}`);
    assert.equal(seen[1]?.headers['authorization'], 'Bearer x');
  }
  seen = [];
  await fetching()(asking(at('/away'), { method: 'POST', headers, body }), NEVER);
  const { authorization, cookie, 'content-type': type } = seen[1]?.headers ?? {};
  assert.deepEqual([authorization, cookie, type, seen[1]?.body], [undefined, undefined, 'a/b', 'x']);
  const manual = await fetching()(asking(at('/see'), { redirect: 'manual' }), NEVER);
  assert.equal(manual.status, 303);
});

test('what is empty', async () => {
  assert.equal((await fetching()(asking(at('/empty')), NEVER)).body, '');
  assert.equal((await fetching()(asking(at('/gzip'), { method: 'HEAD' }), NEVER)).body, '');
});

test('what comes to nothing says why', async () => {
  const large = Buffer.alloc(MEGABYTE + 1).toString('base64');
  const toRaw = (path: string) => `http://localhost:${portOf(raw)}${path}`;
  const cases: [request: FetchRequest, code: string, message: RegExp][] = [
    [asking(at('/large')), 'FETCH_TOO_LARGE', /more than 5000000 bytes/],
    [asking(at('/bomb')), 'FETCH_TOO_LARGE', /more than 5000000 bytes/],
    [asking(at('/odd')), 'FETCH_FAILED', /encoding/],
    [asking(at('/broken')), 'FETCH_FAILED', /Z_DATA_ERROR/],
    [asking(at('/stop')), 'FETCH_FAILED', /could not be fetched/],
    [asking(toRaw('/reset')), 'FETCH_FAILED', /ECONNRESET/],
    [asking(toRaw('/odd-bytes')), 'FETCH_FAILED', /HPE_/],
    [asking(at('/loop')), 'FETCH_REFUSED', /more than 5 times/],
    [asking(at('/see'), { redirect: 'error' }), 'FETCH_REFUSED', /redirect/],
    [asking(at('/plain'), { method: 'POST', body: large }), 'FETCH_TOO_LARGE', /at most 1000000/],
    [asking(at('/plain'), { method: 'TRACE' }), 'FETCH_REFUSED', /methods/],
    [asking(at('/plain'), { body: 'eA==' }), 'FETCH_REFUSED', /no body/],
    ...[
      'Host',
      'connection',
      'Content-Length',
      'transfer-encoding',
      'upgrade',
      'proxy-authorization',
      'te',
      'expect',
    ].map((name): [FetchRequest, string, RegExp] => [
      asking(at('/plain'), { headers: { [name]: 'x' } }),
      'FETCH_REFUSED',
      /header/,
    ]),
    [asking(at('/plain'), { headers: { 'x-split': 'a\r\nb: c' } }), 'FETCH_FAILED', /ERR_INVALID_CHAR/],
  ];
  for (const [request, code, message] of cases) {
    await assert.rejects(fetching()(request, NEVER), { code, message }, request.url);
  }
});

test('time is up', async () => {
  for (const path of ['/slow', '/drip']) {
    await assert.rejects(fetching(100)(asking(at(path)), NEVER), { code: 'FETCH_TIMEOUT' }, path);
  }
  const stop = new AbortController();
  const given = fetching()(asking(at('/slow')), stop.signal);
  stop.abort();
  await assert.rejects(given, { code: 'FETCH_TIMEOUT' });
  const unresolved = openScriptFetch({
    allow: ['*'],
    allowPrivate: [],
    resolve: () => new Promise(() => undefined),
    timeout: 50,
  });
  await assert.rejects(unresolved(asking('http://never.test/'), NEVER), { code: 'FETCH_TIMEOUT' });
});

test('no more than 32 are under way at a time', async () => {
  const fetch = fetching();
  await Promise.all(Array.from({ length: 100 }, () => fetch(asking(at('/one')), NEVER)));
  assert.ok(most > 1 && most <= 32, String(most));
});

test('a certificate that nobody vouches for is refused', async () => {
  const secure = createTlsServer(SELF_SIGNED, listener);
  await new Promise<void>((listening) => secure.listen(0, '127.0.0.1', listening));
  const fetch = openScriptFetch({ allow: [`localhost:${portOf(secure)}`], allowPrivate: ['localhost'] });
  try {
    await assert.rejects(fetch(asking(`https://localhost:${portOf(secure)}/`), NEVER), {
      code: 'FETCH_FAILED',
      message: /DEPTH_ZERO_SELF_SIGNED_CERT/,
    });
  } finally {
    await new Promise((closed) => secure.close(closed));
  }
});
