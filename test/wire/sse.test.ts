// Operations over server-sent events: what is on the line, byte by byte, and how it ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { OpenStream, Sink } from '../../src/graphql/live/stream.ts';
import { streamEvents } from '../../src/graphql/sse/event-stream.ts';
import { headersOf, openTestService, type TestService, tokenOf } from '../support/open-test-service.ts';

const CHANGES = 'subscription { todoListChanges { events { op id } } }';
const FIRST = 'event: next\ndata: {"data":{"todoListChanges":{"events":[]}}}\n\n';
const COMPLETE = 'event: complete\ndata: \n\n';

let app: TestService;
before(async () => {
  app = await openTestService();
});
after(() => app?.close());

const insert = (id: string) => `mutation { insertTodoList(data: { id: "${id}", name: "x" }) { id } }`;

interface Asked {
  readonly url?: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

function ask(body: object, who: string, { url = app.url, method = 'POST', headers, signal }: Asked = {}) {
  const search = new URLSearchParams(
    Object.entries(body).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  return fetch(method === 'GET' ? `${url}/graphql?${search}` : `${url}/graphql`, {
    method,
    headers: {
      accept: 'text/event-stream',
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...headersOf(who),
      ...headers,
    },
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** What comes, piece by piece; `upTo` resolves with the text up to now when it ends like that, `end` with how it ended. */
function listen(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  let text = '';
  const more = async () => {
    const { done, value = '' } = await reader.read();
    text += value;
    return !done;
  };
  return {
    async upTo(end: string) {
      while (!text.endsWith(end)) if (!(await more())) assert.fail(`it ended: ${text}`);
      return text;
    },
    async end(): Promise<{ text: string; how: 'ended' | 'broken off' }> {
      try {
        while (await more());
        return { text, how: 'ended' };
      } catch {
        return { text, how: 'broken off' };
      }
    },
  };
}

async function gauge(name: string, url = app.url): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

describe('an operation that is answered once', () => {
  const list = '{ todoLists(where: { id: { eq: "once" } }) { name } }';
  test('by POST and by GET', async () => {
    await app.ask(insert('once'), { as: 'alice' });
    for (const method of ['GET', 'POST'] as const) {
      const response = await ask({ query: list }, 'alice', { method });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
      assert.equal(response.headers.get('cache-control'), 'no-store, no-transform');
      assert.equal(await response.text(), `event: next\ndata: {"data":{"todoLists":[{"name":"x"}]}}\n\n${COMPLETE}`);
    }
  });

  test('is what it is over plain HTTP, in one line', async () => {
    await app.ask(
      'mutation { insertTodoLists(data: [{ id: "lf1", name: "one\\ntwo\\r\\n" }, { id: "lf2", name: "\\u2028 é" }]) { count } }',
      { as: 'alice' },
    );
    const query = '{ todoLists(where: { id: { in: ["lf1", "lf2"] } }, orderBy: [{ id: ASC }]) { id name } }';
    const text = await (await ask({ query }, 'alice')).text();
    const lines = text.split('\n');
    assert.deepEqual([lines[0], ...lines.slice(2)], ['event: next', '', 'event: complete', 'data: ', '', '']);
    const { data } = await app.ask(query, { as: 'alice' });
    assert.match(JSON.stringify(data), /lf1.*lf2/);
    assert.deepEqual(JSON.parse(lines[1]?.slice('data: '.length) ?? '').data, data);
  });

  test('a mutation by POST, under a key', async () => {
    const query = 'mutation { insertTodoList(data: { name: "keyed" }) { id version } }';
    const headers = { 'idempotency-key': 'events-1' };
    const texts = [await ask({ query }, 'alice', { headers }), await ask({ query }, 'alice', { headers })].map(
      (answer) => answer.text(),
    );
    const [first, second] = await Promise.all(texts);
    assert.equal(first, second);
    assert.match(first ?? '', /"insertTodoList":\{"id" ?: ?"/);
  });

  test('a mutation by GET is refused', async () => {
    const text = await (await ask({ query: insert('by-get') }, 'alice', { method: 'GET' })).text();
    assert.match(text, /^event: next\ndata: \{"errors":\[\{"message":"Send mutations with POST\./);
    assert.ok(text.endsWith(`\n\n${COMPLETE}`));
    assert.equal((await app.database.query("SELECT FROM todo_list WHERE id = 'by-get'")).length, 0);
  });

  const WRONG: Record<string, { body: object; code: string }> = {
    'a syntax error': { body: { query: '{' }, code: 'GRAPHQL_PARSE_FAILED' },
    'a field that is not there': { body: { query: 'subscription { nope }' }, code: 'GRAPHQL_VALIDATION_FAILED' },
    'no text': { body: {}, code: 'BAD_REQUEST' },
    'a text that is none': { body: { query: 5 }, code: 'BAD_REQUEST' },
    'variables that are no object': { body: { query: list, variables: 'x' }, code: 'BAD_REQUEST' },
    'variables that are a list': { body: { query: list, variables: [1] }, code: 'BAD_REQUEST' },
    'a name that is no text': { body: { query: list, operationName: 5 }, code: 'BAD_REQUEST' },
    'extensions that are no object': { body: { query: list, extensions: 5 }, code: 'BAD_REQUEST' },
    'a list of operations': { body: [{ query: list }], code: 'BAD_REQUEST' },
  };
  for (const [what, { body, code }] of Object.entries(WRONG)) {
    test(`${what} is an event, with a request id`, async () => {
      const response = await ask(body, 'alice');
      assert.equal(response.status, 200);
      const text = await response.text();
      assert.match(text, new RegExp(`^event: next\\ndata: \\{"errors":.*"code":"${code}".*\\n\\n`), text);
      assert.match(text, /"requestId":"/);
      assert.ok(text.endsWith(COMPLETE));
    });
  }
});

describe('before it is accepted', () => {
  const body = { query: CHANGES };
  const REFUSED: Record<string, { asked: () => Promise<Response>; status: number; code: string }> = {
    'a wrong key': {
      asked: () => ask(body, 'public', { headers: { 'x-application-key': 'wrong' } }),
      status: 401,
      code: 'UNAUTHENTICATED',
    },
    'a token that has expired': {
      asked: () =>
        ask(body, 'public', { headers: { authorization: `Bearer ${tokenOf('alice', {}, Date.now() - 120_000)}` } }),
      status: 401,
      code: 'UNAUTHENTICATED',
    },
    'a body that is not called JSON': {
      asked: () => ask(body, 'alice', { headers: { 'content-type': 'text/plain' } }),
      status: 415,
      code: 'BAD_REQUEST',
    },
    'a body that is too large': {
      asked: () => ask({ query: CHANGES, variables: { filler: 'x'.repeat(200_000) } }, 'alice'),
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    },
    'a key that cannot be one': {
      asked: () => ask({ ...body, extensions: { clientMutationId: 'with spaces' } }, 'alice'),
      status: 400,
      code: 'BAD_REQUEST',
    },
  };
  for (const [what, { asked, status, code }] of Object.entries(REFUSED)) {
    test(`${what} is an HTTP status, with JSON`, async () => {
      const response = await asked();
      const text = await response.text();
      assert.equal(response.status, status, text);
      assert.match(response.headers.get('content-type') ?? '', /json/);
      assert.equal(JSON.parse(text).errors[0].extensions.code, code);
    });
  }

  test('a subscription over plain HTTP is told where to go', async () => {
    assert.match((await app.ask(CHANGES, { as: 'alice' })).errors?.[0]?.message ?? '', /text\/event-stream/);
  });
});

describe('a subscription', () => {
  for (const method of ['GET', 'POST'] as const) {
    test(`by ${method} is told what happens, until the client goes`, async () => {
      const leaving = new AbortController();
      const before = await gauge('tablecast_change_subscribers');
      const response = await ask({ query: CHANGES }, 'alice', { method, signal: leaving.signal });
      const events = listen(response);
      assert.equal(await events.upTo('\n\n'), FIRST);
      assert.equal(await gauge('tablecast_change_subscribers'), before + 1);
      await app.ask(insert(`told-by-${method}`), { as: 'alice' });
      const told = `event: next\ndata: {"data":{"todoListChanges":{"events":[{"op":"ENTER","id":"told-by-${method}"}]}}}\n\n`;
      assert.equal(await events.upTo(told), FIRST + told);
      leaving.abort();
      assert.equal((await events.end()).how, 'broken off');
      while ((await gauge('tablecast_change_subscribers')) !== before);
    });
  }

  test('a live query has its list, each time in one line', async () => {
    const leaving = new AbortController();
    const query = 'subscription { todoLists(orderBy: [{ id: ASC }]) { id name } }';
    const events = listen(await ask({ query }, 'dora', { signal: leaving.signal }));
    await events.upTo('event: next\ndata: {"data":{"todoLists":[]}}\n\n');
    await app.ask('mutation { insertTodoLists(data: [{ id: "d1", name: "a" }, { id: "d2", name: "b" }]) { count } }', {
      as: 'dora',
    });
    const text = await events.upTo('}]}}\n\n');
    assert.equal(text.split('\n').length, 7, text);
    leaving.abort();
  });

  test('breaks off without "complete" when its token expires', async () => {
    const headers = { authorization: `Bearer ${tokenOf('alice', {}, Date.now() - 58_000)}` };
    const { text, how } = await listen(await ask({ query: CHANGES }, 'public', { headers })).end();
    assert.deepEqual({ text, how }, { text: FIRST, how: 'broken off' });
  });

  test('ends without "complete" when the service closes, and the service does not wait for it', async () => {
    const closing = await openTestService({ database: app.database, shutdownTimeout: 60_000 });
    const events = listen(await ask({ query: CHANGES }, 'alice', { url: closing.url }));
    assert.equal(await events.upTo('\n\n'), FIRST);
    const [, { text, how }] = await Promise.all([closing.close(), events.end()]);
    assert.deepEqual({ text, how }, { text: FIRST, how: 'ended' });
  });
});

/** A server whose only subscription is told by the test. */
async function openStream() {
  let begun: (stream: { sink: Sink; response: ServerResponse }) => void;
  const stream = new Promise<{ sink: Sink; response: ServerResponse }>((resolve) => {
    begun = resolve;
  });
  const server = createServer((_request, response) => {
    const open: OpenStream = (sink) => {
      begun({ sink, response });
      return { close: () => undefined };
    };
    streamEvents(response, open, { expiresAt: null, clock: Date.now, queued: 1_000 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stream,
    /** A client that takes the head of the answer, and then nothing. */
    async openSlowClient() {
      const client = connect(port, '127.0.0.1');
      client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(client, 'data');
      return client.pause();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Says more than what stands between them can hold. */
async function overfill(sink: Sink) {
  const answer = Buffer.from(`"${'x'.repeat(65_536)}"`);
  for (let sent = 0; sent < 200; sent++) {
    sink.next(answer);
    if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the line', () => {
  test('is kept open by comments', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const server = await openStream();
    const events = listen(await fetch(server.url));
    const { sink } = await server.stream;
    t.mock.timers.tick(12_000);
    assert.equal(await events.upTo(':\n\n'), ':\n\n');
    sink.end(null);
    assert.deepEqual(await events.end(), { text: `:\n\n${COMPLETE}`, how: 'ended' });
    await server.close();
  });

  test('of a client that takes nothing is full, until it takes something', async () => {
    const server = await openStream();
    const client = await server.openSlowClient();
    const { sink } = await server.stream;
    assert.equal(sink.isFull, false);
    await overfill(sink);
    assert.equal(sink.isFull, true);
    const drained = new Promise<void>((resolve) => sink.onceDrained(resolve));
    client.resume();
    await drained;
    assert.equal(sink.isFull, false);
    client.destroy();
    await server.close();
  });

  test('that the service has ended takes nothing more, and harms nobody', async () => {
    const server = await openStream();
    const client = await server.openSlowClient();
    const { sink, response } = await server.stream;
    await overfill(sink);
    response.end();
    sink.next(Buffer.from('"late"'));
    sink.end(null);
    let text = '';
    client.on('data', (chunk) => {
      text = text.slice(-100) + String(chunk);
    });
    client.resume();
    await once(response, 'close');
    client.end();
    await once(client, 'close');
    assert.ok(text.endsWith('"\n\n\r\n0\r\n\r\n') && !text.includes('late'), text.slice(-100));
    await server.close();
  });
});
