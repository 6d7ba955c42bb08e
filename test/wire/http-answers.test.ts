// What every answer of the HTTP face carries: status by media type, request ids, what browsers and caches may do with it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isAllowedOrigin } from '../../src/config/loopback.ts';
import { headersOf, MASTER_KEY, openTestService, type TestService } from '../support/open-test-service.ts';
import { type RawRequest, rawRequest } from '../support/raw-request.ts';

const OWN = 'application/graphql-response+json';
const OLD = 'application/json';

let app: TestService;
before(async () => {
  const cors = { origins: ['https://app.example', 'capacitor://localhost'], loopback: false };
  app = await openTestService({ http: { allowsOrigin: (origin) => isAllowedOrigin(cors, origin) } });
});
after(() => app?.close());

const send = (asked: RawRequest) => rawRequest(app.url, asked);
const ask = (body: object, headers: Record<string, string> = {}) =>
  send({ headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

describe('status by media type', () => {
  const CASES: readonly { name: string; as?: string; body: object; own: number; old: number; code: string | null }[] = [
    { name: 'data', body: { query: '{ viewer { level } }' }, own: 200, old: 200, code: null },
    { name: 'a syntax error', body: { query: '{' }, own: 400, old: 200, code: 'GRAPHQL_PARSE_FAILED' },
    { name: 'no such field', body: { query: '{ nope }' }, own: 400, old: 200, code: 'GRAPHQL_VALIDATION_FAILED' },
    {
      name: 'a wrong variable',
      as: 'alice',
      body: { query: 'query ($n: Int) { todoLists(first: $n) { id } }', variables: { n: 'x' } },
      own: 400,
      old: 200,
      code: 'BAD_USER_INPUT',
    },
    {
      name: 'no such operation',
      body: { query: 'query A { viewer { level } }', operationName: 'B' },
      own: 400,
      old: 200,
      code: 'OPERATION_RESOLUTION_FAILURE',
    },
    { name: 'not signed in', body: { query: '{ todoLists { id } }' }, own: 401, old: 200, code: 'UNAUTHENTICATED' },
    {
      name: 'no such role',
      as: 'alice',
      body: { query: '{ todoItems { moderationNote } }' },
      own: 403,
      old: 200,
      code: 'FORBIDDEN',
    },
    {
      name: 'a field that fails beside one that does not',
      as: 'alice',
      body: { query: '{ good: todoLists { id } bad: todoLists(first: 5000) { id } }' },
      own: 200,
      old: 200,
      code: 'BAD_USER_INPUT',
    },
    { name: 'no query', body: {}, own: 400, old: 400, code: 'BAD_REQUEST' },
    { name: 'no operation', body: { query: '' }, own: 400, old: 400, code: 'BAD_REQUEST' },
    {
      name: 'an unknown persisted query',
      body: { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
      own: 200,
      old: 200,
      code: 'PERSISTED_QUERY_NOT_FOUND',
    },
  ];
  for (const { name, as = 'public', body, own, old, code } of CASES) {
    for (const [accept, status] of [
      [OWN, own],
      [OLD, old],
    ] as const) {
      test(`${name}: ${status} as ${accept}`, async () => {
        const answer = await ask(body, { accept, ...headersOf(as) });
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.headers['content-type'], `${accept}; charset=utf-8`);
        assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined);
        assert.deepEqual(answer.codes, code === null ? [] : [code]);
      });
    }
  }

  for (const [accept, type] of [
    [undefined, OLD],
    ['', OLD],
    ['*/*', OLD],
    ['application/*', OLD],
    [`${OWN}, ${OLD};q=0.9`, OWN],
    [`${OLD}, ${OWN};q=0.9`, OLD],
    [`${OLD}, ${OWN}`, OLD],
    [`${OWN}, ${OLD}`, OWN],
    [`${OLD};q=0.1, ${OWN};q=0.2`, OWN],
    [`*/*, ${OWN}`, OWN],
    [`${OLD};q=0, */*`, OWN],
    [`text/html, ${OWN}; charset=utf-8`, OWN],
    ['APPLICATION/JSON', OLD],
  ] as const) {
    test(`the status goes with the type: ${accept ?? 'no Accept'}`, async () => {
      const answer = await ask({ query: '{ nope }' }, accept === undefined ? {} : { accept });
      assert.equal(answer.headers['content-type'], `${type}; charset=utf-8`);
      assert.equal(answer.status, type === OWN ? 400 : 200);
    });
  }

  for (const accept of [OWN, OLD]) {
    for (const [name, headers] of [
      ['a wrong application key', { 'x-application-key': 'x' }],
      ['a wrong master key', { 'x-master-key': 'x' }],
      ['a wrong token', { authorization: 'Bearer a.b.c' }],
    ] as const) {
      test(`${name} is 401 as ${accept}`, async () => {
        const answer = await ask({ query: '{ __typename }' }, { accept, ...headers });
        assert.equal(answer.status, 401);
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
        assert.equal(answer.headers['content-type'], `${accept}; charset=utf-8`);
        assert.deepEqual(answer.codes, ['UNAUTHENTICATED']);
      });
    }
  }

  test('the admin API says who it is for, and speaks like the other', async () => {
    const admin = (body: object, headers: Record<string, string>) =>
      send({
        path: '/admin/graphql',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    const key = { 'x-master-key': MASTER_KEY };
    assert.equal((await admin({ query: '{ __typename }' }, {})).status, 401);
    assert.equal((await admin({ query: '{ __typename }' }, headersOf('alice+app'))).status, 401);
    const { text } = await admin({ query: '{ __typename }' }, key);
    assert.deepEqual(JSON.parse(text), { data: { __typename: 'Query' } });
    for (const query of ['{', '{ nope }', 'subscription { x }']) {
      assert.equal((await admin({ query }, { ...key, accept: OLD })).status, 200);
      const answer = await admin({ query }, { ...key, accept: OWN });
      assert.equal(answer.status, 400);
      assert.match(answer.text, new RegExp(`"requestId":"${answer.headers['x-request-id']}"`));
    }
  });
});

describe('browsers', () => {
  const ORIGINS: readonly (readonly [string | undefined, boolean])[] = [
    ['https://app.example', true],
    ['capacitor://localhost', true],
    [undefined, false],
    ['null', false],
    ['*', false],
    ['', false],
    ['https://app.example.evil.example', false],
    ['https://evil-app.example', false],
    ['https://app.example:8443', false],
    ['https://app.example/', false],
    ['http://app.example', false],
    ['https://APP.example', false],
    ['https://sub.app.example', false],
    ['http://localhost:3000', false],
    ['https://app.example, https://evil.example', false],
  ];
  for (const [origin, allowed] of ORIGINS) {
    const from = origin === undefined ? {} : { origin };
    test(`a preflight from ${origin} is ${allowed ? '' : 'not '}allowed`, async () => {
      const answer = await send({
        method: 'OPTIONS',
        headers: { ...from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      });
      assert.equal(answer.status, 204);
      assert.equal(answer.text, '');
      const { headers } = answer;
      assert.equal(headers['access-control-allow-origin'], allowed ? origin : undefined);
      assert.equal(headers['access-control-allow-methods'], allowed ? 'GET, POST, OPTIONS' : undefined);
      assert.equal(headers['access-control-allow-headers']?.includes('x-application-key') ?? false, allowed);
      assert.equal(headers['access-control-allow-credentials'], undefined);
      assert.equal(headers.vary, 'Origin');
    });

    test(`an answer, good or bad, for a page at ${origin} ${allowed ? 'can' : 'cannot'} be read`, async () => {
      for (const more of [{}, { 'x-master-key': 'wrong' }, { 'content-type': 'text/plain' }, { accept: 'text/html' }]) {
        const { headers } = await ask({ query: '{ __typename }' }, { ...from, ...more } as Record<string, string>);
        assert.equal(headers['access-control-allow-origin'], allowed ? origin : undefined);
        assert.equal(headers.vary, 'Origin');
        if (allowed) assert.match(headers['access-control-expose-headers'] ?? '', /x-request-id/);
      }
    });
  }
});

describe('headers of every answer', () => {
  const ANSWERS: readonly (RawRequest & { name: string })[] = [
    { name: 'data', headers: { 'content-type': 'application/json' }, body: '{"query":"{__typename}"}' },
    { name: 'an error', headers: { 'content-type': 'application/json' }, body: '{"query":"{"}' },
    { name: 'no JSON', headers: { 'content-type': 'application/json' }, body: '{' },
    { name: 'a wrong key', headers: { 'content-type': 'application/json', 'x-master-key': 'x' }, body: '{}' },
    { name: 'health', method: 'GET', path: '/healthz' },
    { name: 'readiness', method: 'GET', path: '/readyz' },
    { name: 'metrics', method: 'GET', path: '/metrics' },
    { name: 'nothing there', method: 'GET', path: '/nothing' },
    { name: 'a wrong method', method: 'DELETE' },
  ];
  for (const { name, ...asked } of ANSWERS) {
    test(`${name}: not kept, not guessed at, and no word about what serves it`, async () => {
      const answer = await send(asked);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      for (const banner of ['x-powered-by', 'server', 'via']) assert.equal(answer.headers[banner], undefined);
      assert.doesNotMatch(JSON.stringify(answer.headers), /apollo|express|node|0\.0\.0/i);
      if (name !== 'metrics') assert.doesNotMatch(answer.text, /0\.0\.0|node_modules|\.ts\b/);
    });
  }

  const MADE = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  for (const given of ['a', 'trace-01:4bf92f.3577_b34', 'x'.repeat(128)]) {
    test(`the request id ${given.slice(0, 30)} is kept`, async () => {
      const answer = await ask({ query: '{ nope }' }, { 'x-request-id': given });
      assert.equal(answer.headers['x-request-id'], given);
      assert.match(answer.text, new RegExp(`"requestId":"${given}"`));
    });
  }
  for (const given of ['', 'a b', 'x'.repeat(129), 'a"b', '{"a":1}', '<script>', 'é', '../../etc', 'a\tb', '%0d%0a']) {
    test(`the request id ${JSON.stringify(given.slice(0, 30))} is not`, async () => {
      const answer = await ask({ query: '{ nope }' }, { 'x-request-id': given });
      assert.match(answer.headers['x-request-id'] as string, MADE);
      assert.match(answer.text, new RegExp(`"requestId":"${answer.headers['x-request-id']}"`));
    });
  }
  test('two request ids are none, and each made one is another', async () => {
    const twice = { 'content-type': 'application/json', 'x-request-id': ['a', 'b'] };
    const ids = await Promise.all(
      [1, 2].map(async () => (await send({ headers: twice, body: '{}' })).headers['x-request-id']),
    );
    for (const id of ids) assert.match(id as string, MADE);
    assert.notEqual(ids[0], ids[1]);
  });
});
