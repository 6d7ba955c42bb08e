// What the HTTP face takes and what it refuses, before GraphQL is asked; and that what it refuses is not done.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { headersOf, openTestService, type TestService, tokenOf } from '../support/open-test-service.ts';
import { type RawAnswer, type RawRequest, rawRequest } from '../support/raw-request.ts';

const TABLES = 'type Note @table @permission(level: PUBLIC) { text: String! }';
const BODY_LIMIT = 10_000;
const JSON_BODY = { 'content-type': 'application/json' };
const HELLO = JSON.stringify({ query: '{ __typename }' });
const WRITE = JSON.stringify({ query: 'mutation { insertNote(data: { text: "x" }) { id } }' });

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: TABLES, http: { bodyLimit: BODY_LIMIT } });
});
after(() => app?.close());

const send = (asked: RawRequest) => rawRequest(app.url, asked);
const notes = async () => Number((await app.database.query<{ n: string }>('SELECT count(*) AS n FROM note'))[0]?.n);

function assertRefused(answer: RawAnswer, status: number): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.codes.length, 1, answer.text);
  const [error] = (JSON.parse(answer.text) as { errors: { extensions: { requestId?: string } }[] }).errors;
  assert.equal(error?.extensions.requestId, answer.headers['x-request-id']);
  assert.doesNotMatch(answer.text, /"data"/);
}

describe('cross-site request forgery', () => {
  const TYPES = [
    undefined,
    '',
    'text/plain',
    'text/plain; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain;application/json',
    'text/plain, application/json',
    'application/json, text/plain',
    'application/jsonx',
    'application/graphql',
    'json',
    '/',
    'application/json',
    'application/json;x',
    'Application/JSON; charset=UTF-8',
  ];
  const PREFLIGHTED = [{}, { 'apollo-require-preflight': '1' }, { 'apollo-require-preflight': '' }];
  const isJson = (type: string | undefined) => /^application\/json(;|$)/i.test(type ?? '');
  /** What a page of another site can send without the browser asking first (Fetch, section 2.2.2). */
  const isSimple = (type: string | undefined) =>
    !type || /^(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)(;|$)/i.test(type);

  for (const type of TYPES) {
    for (const extra of PREFLIGHTED) {
      const sent = { ...(type === undefined ? {} : { 'content-type': type }), ...extra };
      const name = `${JSON.stringify(type ?? 'no type')}${JSON.stringify(extra)}`;

      test(`POST ${name}`, async () => {
        const before = await notes();
        const answer = await send({ headers: sent, body: WRITE });
        assert.equal((await notes()) - before, isJson(type) ? 1 : 0);
        if (isJson(type)) assert.equal(answer.status, 200, answer.text);
        else assertRefused(answer, 415);
      });

      test(`GET ${name}`, async () => {
        const answer = await send({
          method: 'GET',
          path: `/graphql?query=${encodeURIComponent('{notes{id}}')}`,
          headers: sent,
        });
        const asked = extra['apollo-require-preflight'] === '1' || !isSimple(type);
        const taken = asked && (type === undefined || isJson(type));
        if (taken) assert.equal(answer.status, 200, answer.text);
        else assertRefused(answer, asked || type === '' ? 415 : 400);
      });
    }
  }

  test('a GET never writes, whoever sends it', async () => {
    const before = await notes();
    const query = encodeURIComponent('mutation { insertNote(data: { text: "x" }) { id } }');
    for (const who of ['public', 'app', 'admin']) {
      const headers = { ...headersOf(who), 'apollo-require-preflight': '1' };
      assertRefused(await send({ method: 'GET', path: `/graphql?query=${query}`, headers }), 405);
    }
    assert.equal(await notes(), before);
  });
});

describe('bodies', () => {
  const padded = (size: number) => HELLO.padEnd(size, ' ');
  const CASES: readonly (RawRequest & { name: string; status: number })[] = [
    { name: 'a list of operations', body: `[${HELLO}]`, status: 400 },
    { name: 'an empty list', body: '[]', status: 400 },
    { name: 'not JSON', body: '{"query": {__typename}}', status: 400 },
    { name: 'half of it', body: HELLO.slice(0, -1), status: 400 },
    { name: 'nothing', body: '', status: 400 },
    { name: 'null', body: 'null', status: 400 },
    { name: 'a number', body: '1', status: 400 },
    { name: 'a text', body: '"{ __typename }"', status: 400 },
    { name: 'no query', body: '{}', status: 400 },
    { name: 'an empty query', body: '{"query":""}', status: 400 },
    { name: 'a query that is an object', body: '{"query":{"kind":"Document"}}', status: 400 },
    ...['[]', '1', '"{}"', 'true'].flatMap((value) =>
      ['variables', 'extensions'].map((name) => ({
        name: `${name} ${value}`,
        body: `{"query":"{__typename}","${name}":${value}}`,
        status: 400,
      })),
    ),
    { name: 'an operation name that is a list', body: '{"query":"{__typename}","operationName":["a"]}', status: 400 },
    {
      name: 'a hash of a persisted query that is not its own',
      body: `{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'0'.repeat(64)}"}}}`,
      status: 400,
    },
    { name: 'a byte order mark', body: `\ufeff${HELLO}`, status: 200 },
    { name: 'UTF-16 by its bytes', body: Buffer.from(HELLO, 'utf16le'), status: 400 },
    { name: 'bytes that are not UTF-8', body: Buffer.from(HELLO.replace('}"', ' #\u00ff}"'), 'latin1'), status: 400 },
    ...['utf-16', 'utf-7', 'iso-8859-1', 'ibm037', 'x', '"utf-16le"', ''].map((charset) => ({
      name: `charset=${charset}`,
      headers: { 'content-type': `application/json; charset=${charset}` },
      body: HELLO,
      status: 415,
    })),
    ...['utf-8', '"UTF-8"', 'utf8'].map((charset) => ({
      name: `charset=${charset}`,
      headers: { 'content-type': `application/json; charset=${charset}` },
      body: HELLO,
      status: 200,
    })),
    ...['gzip', 'br', 'identity, gzip', 'x'].map((encoding) => ({
      name: `Content-Encoding: ${encoding}`,
      headers: { ...JSON_BODY, 'content-encoding': encoding },
      body: HELLO,
      status: 415,
    })),
    {
      name: 'Content-Encoding: identity',
      headers: { ...JSON_BODY, 'content-encoding': 'identity' },
      body: HELLO,
      status: 200,
    },
    { name: 'as long as allowed', body: padded(BODY_LIMIT), status: 200 },
    { name: 'one byte longer', body: padded(BODY_LIMIT + 1), status: 413 },
    { name: 'as long as allowed, in chunks', body: [padded(BODY_LIMIT - 1), ' '], status: 200 },
    { name: 'one byte longer, in chunks', body: [padded(BODY_LIMIT), ' '], status: 413 },
    { name: 'one chunk that is too long', body: [padded(BODY_LIMIT + 1)], status: 413 },
    { name: 'far longer than the socket holds', body: padded(20_000_000), status: 413 },
    { name: 'far longer, in chunks', body: new Array(2_000).fill(padded(BODY_LIMIT)), status: 413 },
  ];
  for (const { name, status, headers = JSON_BODY, body } of CASES) {
    test(name, async () => {
      const answer = await send({ headers, ...(body === undefined ? {} : { body }) });
      if (status === 200) assert.equal(answer.text, '{"data":{"__typename":"Query"}}');
      else assertRefused(answer, status);
    });
  }

  test('a body that stops in the middle harms nobody', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"que`,
    );
    await once(socket, 'connect');
    socket.destroy();
    assert.equal((await app.ask('{ __typename }')).status, 200);
  });

  for (const [name, begun] of [
    ['headers', 'POST /graphql HTTP/1.1\r\nHost:'],
    ['a body', 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{'],
  ] as const) {
    test(`who takes too long to send ${name} is not waited for`, async () => {
      const slow = await openTestService({ sdl: TABLES, http: { requestTimeout: 100 }, database: app.database });
      const socket = connect(Number(new URL(slow.url).port), '127.0.0.1');
      socket.write(begun);
      assert.match(await text(socket), /^HTTP\/1\.1 408 /);
      await slow.close();
    });
  }

  test('after a refusal the connection is good for the next request', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    const body = 'x'.repeat(2 * BODY_LIMIT);
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.deepEqual(
      [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1]),
      ['415', '200'],
    );
  });
});

describe('methods, paths and headers', () => {
  const GET = { method: 'GET', headers: { 'apollo-require-preflight': '1' } };
  const CASES: readonly (RawRequest & { name: string; status: number; or?: number; has?: RegExp })[] = [
    ...['PUT', 'DELETE', 'PATCH', 'TRACE', 'HEAD'].map((method) => ({
      name: `${method} /graphql`,
      method,
      status: 405,
    })),
    { name: 'POST /healthz', path: '/healthz', status: 405 },
    { name: 'HEAD /healthz', method: 'HEAD', path: '/healthz', status: 200 },
    { ...GET, name: 'an unknown path', path: '/nothing', status: 404 },
    { ...GET, name: 'no path', path: '/', status: 404 },
    { ...GET, name: 'two slashes', path: '//', status: 404 },
    { ...GET, name: 'a host for a path', path: '//evil.example/graphql', status: 404 },
    { ...GET, name: 'another case', path: '/GraphQL', status: 404 },
    { ...GET, name: 'a slash behind', path: '/graphql/', status: 404 },
    { ...GET, name: 'dots', path: '/admin/../graphql', status: 404 },
    { ...GET, name: 'a query behind a path', path: '/healthz?a=b', status: 200, has: /ok/ },
    { ...GET, name: 'only a question mark', path: '/healthz?', status: 200, has: /ok/ },
    {
      ...GET,
      name: 'a question mark in a query',
      path: '/graphql?query=%7B__typename%7D&operationName=a?b',
      status: 200,
      has: /no operation \\"a\?b\\"/,
    },
    { ...GET, name: 'one parameter twice', path: '/graphql?query=%7Ba%7D&query=%7Bb%7D', status: 400 },
    { ...GET, name: 'variables that are not JSON', path: '/graphql?query=%7Ba%7D&variables=x', status: 400 },
    { ...GET, name: 'a path as it is sent to a proxy', path: 'http://any.example/healthz', status: 200, has: /ok/ },
    { ...GET, name: 'a very long URL', path: `/graphql?query=${'a'.repeat(20_000)}`, status: 431 },
    // Node keeps 2,000 headers, and then misses Host.
    {
      name: '2,001 headers',
      headers: { ...JSON_BODY, ...Object.fromEntries(Array.from({ length: 2_001 }, (_, i) => [`a${i}`, 'b'])) },
      body: HELLO,
      // Node 20 counts them, later lines count their bytes.
      status: 400,
      or: 431,
    },
    { name: 'one header of 17,000 bytes', headers: { ...JSON_BODY, a: 'b'.repeat(17_000) }, body: HELLO, status: 431 },
    {
      name: '500 headers',
      headers: { ...JSON_BODY, ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`a${i}`, 'b'])) },
      body: HELLO,
      status: 200,
    },
    ...['authorization', 'x-master-key', 'x-application-key'].map(
      (name): RawRequest & { name: string; status: number } => ({
        name: `${name} twice`,
        headers: { ...JSON_BODY, [name]: ['Bearer a', 'Bearer b'] },
        body: HELLO,
        status: 401,
      }),
    ),
  ];
  for (const { name, status, or = status, has, ...asked } of CASES) {
    test(name, async () => {
      const answer = await send(asked);
      assert.ok([status, or].includes(answer.status), `${answer.status}: ${answer.text}`);
      assert.match(answer.text, has ?? /^/);
      if (status === 405) assert.match(answer.headers.allow ?? '', /^GET, (POST, OPTIONS|HEAD)$/);
    });
  }

  test('a good token twice is refused too', async () => {
    const authorization = `Bearer ${tokenOf('alice')}`;
    const answer = await send({
      headers: { ...JSON_BODY, authorization: [authorization, authorization] },
      body: HELLO,
    });
    assertRefused(answer, 401);
  });

  for (const accept of ['text/html', 'image/*', 'application/json;q=0', 'application/xml, text/plain']) {
    test(`nothing is written for a client that would not take the answer: ${accept}`, async () => {
      const before = await notes();
      assertRefused(await send({ headers: { ...JSON_BODY, accept }, body: WRITE }), 406);
      assert.equal(await notes(), before);
    });
  }
});
