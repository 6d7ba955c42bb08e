// Whether a request is run by Apollo Server or past it, its answer is the same: status, headers and every byte; and what it
// does to the rows, and what the log is told. Nothing is run past Apollo but what the very server has found valid.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { openKeptLog } from '../support/kept-log.ts';
import { headersOf, modelOf, openTestService, type TestService, tokenOf } from '../support/open-test-service.ts';
import { type RawAnswer, rawRequest } from '../support/raw-request.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { MALFORMED, REFUSED } from './fast-lane-refusals.ts';
import { ANSWERED, type Asked, FAILING, ROWS, TABLES } from './fast-lane-requests.ts';

const OLD = 'application/json';
const OWN = 'application/graphql-response+json';
const REQUEST_ID = 'the-same-for-all';

/** A trigger that fails in a way that nobody foresaw. */
const BOOM = `
  CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hunter2'; END $$;
  CREATE TRIGGER boom BEFORE INSERT ON note FOR EACH ROW WHEN (NEW.text = 'boom') EXECUTE FUNCTION boom();
`;

async function laneCounts(url: string): Promise<Record<'fast' | 'apollo', number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const count = (lane: string) =>
    Number(new RegExp(`^tablecast_graphql_requests_total\\{lane="${lane}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { fast: count('fast'), apollo: count('apollo') };
}

/** Does something, and says which lane it took. */
async function laneOf<T>(url: string, work: () => Promise<T>): Promise<{ lane: 'fast' | 'apollo' | null; done: T }> {
  const before = await laneCounts(url);
  const done = await work();
  const { fast, apollo } = await laneCounts(url);
  const ran = [fast - before.fast, apollo - before.apollo].join();
  assert.ok(['1,0', '0,1', '0,0'].includes(ran), ran);
  return { lane: ran === '1,0' ? 'fast' : ran === '0,1' ? 'apollo' : null, done };
}

/** All of an answer that a client sees, but the time. */
function seen({ status, headers, text }: RawAnswer) {
  const { date, ...others } = headers;
  assert.ok(date);
  return { status, headers: others, text };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('both lanes', () => {
  const kept = openKeptLog();
  let app: TestService;
  before(async () => {
    const http = { allowsOrigin: (origin: string) => origin === 'https://app.example' };
    app = await openTestService({ sdl: TABLES, log: kept.log, http });
    await app.database.query(BOOM);
  });
  after(() => app.close());

  /** Sends a request to rows that are as they always are; answers what came back, and all that came of it. */
  async function send({ as = 'public', headers = {} }: Asked, accept: string | undefined, body: string) {
    await app.database.query(ROWS);
    kept.take();
    const { lane, done } = await laneOf(app.url, () =>
      rawRequest(app.url, {
        headers: {
          'content-type': OLD,
          'x-request-id': REQUEST_ID,
          ...(accept === undefined ? {} : { accept }),
          ...headersOf(as),
          ...headers,
        },
        body,
      }),
    );
    return {
      lane,
      came: {
        ...seen(done),
        log: kept.take().map(({ level, msg, requestId, path, code }) => [level, msg, requestId, path, code]),
        rows: await app.database.query('SELECT text FROM note UNION ALL SELECT title FROM task ORDER BY 1'),
      },
    };
  }

  for (const asked of [...ANSWERED, ...FAILING, ...REFUSED, ...MALFORMED]) {
    for (const accept of [undefined, OWN]) {
      test(`${asked.name}, for ${accept ?? 'anything'}`, async () => {
        const { body, lane, has, status = 200 } = asked;
        // A document of its own for each case, so that the first request of it is the first that the server sees.
        const unique =
          typeof body === 'object' ? { ...body, query: `${body['query']} # ${asked.name} ${accept}` } : body;
        const written = typeof unique === 'object' ? JSON.stringify(unique) : unique;
        if (typeof body === 'string') await send({ name: '', body, lane, has }, accept, '{"query":"{ notes { id } }"}');

        const first = await send(asked, accept, written);
        assert.equal(first.lane, lane === null ? null : 'apollo');
        assert.match(first.came.text, has);
        const strict = accept === OWN || lane === null || typeof body === 'string';
        assert.equal(first.came.status, strict ? status : 200, first.came.text);

        for (let times = 0; times < 3; times++) {
          const again = await send(asked, accept, written);
          assert.equal(again.lane, lane);
          assert.deepEqual(again.came, first.came);
        }

        if (lane !== 'fast' || typeof unique !== 'object') return;
        const persistedQuery = { version: 1, sha256Hash: sha256(unique.query) };
        const byHash = await send(asked, accept, JSON.stringify({ ...unique, extensions: { persistedQuery } }));
        assert.equal(byHash.lane, 'apollo');
        assert.deepEqual(byHash.came, first.came);
      });
    }
  }

  test('a GET is never run past Apollo, though its document is known', async () => {
    const query = 'query Got { notes { id } }';
    const posted = { name: '', body: '', lane: null, has: /^/ };
    for (const expected of ['apollo', 'fast'])
      assert.equal((await send(posted, undefined, JSON.stringify({ query }))).lane, expected);
    const { text } = (await send(posted, undefined, JSON.stringify({ query }))).came;
    const path = `/graphql?query=${encodeURIComponent(query)}`;
    const get = (headers: Record<string, string>) =>
      laneOf(app.url, () => rawRequest(app.url, { method: 'GET', path, headers }));
    const allowed = await get({ 'apollo-require-preflight': '1' });
    assert.deepEqual([allowed.lane, allowed.done.status, allowed.done.text], ['apollo', 200, text]);
    const forged = await get({});
    assert.deepEqual([forged.lane, forged.done.status], ['apollo', 400]);
  });

  test('the admin API has one lane', async () => {
    const ask = () => app.ask('{ service { version } }', { as: 'admin', path: '/admin/graphql' });
    for (let times = 0; times < 3; times++) assert.equal((await laneOf(app.url, ask)).lane, 'apollo');
  });
});

describe('a database that is down', () => {
  const CASES = [
    { name: 'a read', query: '{ notes { id } }', status: 503, retryAfter: '1' },
    {
      name: 'a read beside what needs none',
      query: '{ viewer { level } notes { id } }',
      status: 200,
      retryAfter: undefined,
    },
    { name: 'a write', query: 'mutation { insertNote(data: { text: "x" }) { id } }', status: 503, retryAfter: '1' },
  ];
  for (const { name, query, status, retryAfter } of CASES) {
    for (const accept of [OLD, OWN]) {
      test(`${name}, for ${accept}`, async () => {
        const database = await openTestDatabase();
        const proxy = await openDatabaseProxy(database.url);
        const kept = openKeptLog();
        const app = await openTestService({ sdl: TABLES, database, through: proxy.url, log: kept.log });
        try {
          await proxy.down();
          const headers = { 'content-type': OLD, accept, 'x-request-id': REQUEST_ID };
          const send = async () => {
            kept.take();
            const { lane, done } = await laneOf(app.url, () =>
              rawRequest(app.url, { headers, body: JSON.stringify({ query }) }),
            );
            const log = kept.take().map(({ level, msg, requestId, code }) => [level, msg, requestId, code]);
            return { lane, came: { ...seen(done), log } };
          };
          const first = await send();
          assert.equal(first.lane, 'apollo');
          assert.match(first.came.text, /SERVICE_UNAVAILABLE/);
          assert.deepEqual([first.came.status, first.came.headers['retry-after']], [status, retryAfter]);
          for (let times = 0; times < 2; times++) {
            const again = await send();
            assert.equal(again.lane, 'fast');
            assert.deepEqual(again.came, first.came);
          }
        } finally {
          await app.close();
          await proxy.close();
          await database.close();
        }
      });
    }
  }
});

describe('a document is known to the server that has found it valid, and to no other', () => {
  const asLane = (app: TestService, query: string, as = 'public') => laneOf(app.url, () => app.ask(query, { as }));

  test('what another class may ask is not run for this one', async () => {
    const app = await openTestService({ sdl: TABLES });
    try {
      const query = '{ notes { secret } }';
      for (const lane of ['apollo', 'fast']) assert.equal((await asLane(app, query, 'bob:boss')).lane, lane);
      for (const [as, code] of [
        ['public', 'UNAUTHENTICATED'],
        ['alice', 'FORBIDDEN'],
      ] as const) {
        const { lane, done } = await asLane(app, query, as);
        assert.equal(lane, 'apollo');
        assert.equal(done.errors?.[0]?.extensions['code'], code);
      }
      assert.equal((await asLane(app, query, 'carol:boss')).lane, 'fast', 'the same class, whoever it is');
    } finally {
      await app.close();
    }
  });

  test('each caller of a class is asked for its own rows, and its own variables', async () => {
    const app = await openTestService({ sdl: TABLES });
    try {
      await app.database.query(ROWS);
      const query = 'query ($id: ID!) { tasks(where: { id: { ne: $id } }) { title } }';
      const titles = async (as: string, id: string) =>
        (await app.ask(query, { as, variables: { id } })).data?.['tasks'];
      await titles('alice', 'x');
      const before = await laneCounts(app.url);
      assert.deepEqual(
        await Promise.all([titles('alice', 'x'), titles('bob', 'x'), titles('carol', 'x'), titles('alice', 't1')]),
        [[{ title: 'hers' }], [{ title: 'his' }], [], []],
      );
      assert.equal((await laneCounts(app.url)).fast, before.fast + 4);
    } finally {
      await app.close();
    }
  });

  test('another model begins anew: its rules, its columns, its roles', async () => {
    const app = await openTestService({ sdl: TABLES });
    try {
      await app.database.query(ROWS);
      const [plain, gone, role] = ['{ notes { id } }', '{ notes { slug } }', '{ notes { secret } }'];
      for (const query of [plain, gone, role])
        for (const lane of ['apollo', 'fast']) assert.equal((await asLane(app, query, 'bob:boss')).lane, lane);
      // A class that has the same name in both models.
      for (const query of [plain, gone])
        for (const lane of ['apollo', 'fast']) assert.equal((await asLane(app, query)).lane, lane);
      const next = TABLES.replace('@permission(on: [READ, INSERT], level: PUBLIC)', (found) =>
        found.replace('PUBLIC', 'PUBLIC, rows: { id: { eq: "n2" } }'),
      )
        .replace('slug: String @unique', '')
        .replace('"boss"', '"chief"');
      assert.notEqual(next, TABLES);
      await app.service.publish(await modelOf(next));
      for (const as of ['public', 'bob:boss'])
        for (const expected of ['apollo', 'fast']) {
          const { lane, done } = await asLane(app, plain, as);
          assert.deepEqual([lane, done.data], [expected, { notes: [{ id: 'n2' }] }]);
        }
      for (const [query, as, code] of [
        [gone, 'public', 'GRAPHQL_VALIDATION_FAILED'],
        [gone, 'bob:boss', 'GRAPHQL_VALIDATION_FAILED'],
        [role, 'bob:boss', 'FORBIDDEN'],
      ] as const) {
        const { lane, done } = await asLane(app, query, as);
        assert.deepEqual([lane, done.errors?.[0]?.extensions['code']], ['apollo', code]);
      }
    } finally {
      await app.close();
    }
  });

  test('a token that expires between two requests is refused, though the document is known', async () => {
    let ahead = 0;
    const app = await openTestService({ sdl: TABLES, clock: () => Date.now() + ahead });
    try {
      const headers = { authorization: `Bearer ${tokenOf('alice')}` };
      const ask = () => laneOf(app.url, () => app.ask('{ tasks { id } }', { headers }));
      for (const lane of ['apollo', 'fast']) assert.equal((await ask()).lane, lane);
      ahead = 10 * 60_000;
      const { lane, done } = await ask();
      assert.deepEqual([lane, done.status, done.errors?.[0]?.extensions['code']], [null, 401, 'UNAUTHENTICATED']);
    } finally {
      await app.close();
    }
  });
});
