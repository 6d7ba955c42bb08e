// What runs over a WebSocket is answered as it is over HTTP, to the letter; what goes wrong inside the service is not told.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openKeptLog } from '../support/kept-log.ts';
import { headersOf, openTestService, type TestService } from '../support/open-test-service.ts';
import { openAs, subscribe } from './raw-socket.ts';

let app: TestService;
const kept = openKeptLog();
before(async () => {
  app = await openTestService({ log: kept.log, production: true });
  await app.ask(
    'mutation { insertTodoLists(data: [{ id: "l1", name: "One" }, { id: "l2", name: "Two" }]) { count } }',
    {
      as: 'alice',
    },
  );
});
after(() => app?.close());

interface Body {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly extensions?: Record<string, unknown>;
}

/** Each request has its own. */
const withoutRequestId = (text: string) => text.replaceAll(/"requestId":"[^"]*"/g, '"requestId":"?"');

async function overHttp(body: Body, who: string): Promise<string> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(who) },
    body: JSON.stringify(body),
  });
  return withoutRequestId(await response.text());
}

/** The text of the answer, as a client over HTTP would see it. */
async function overSocket(body: Body, who: string): Promise<string> {
  const socket = await openAs(app.url, who);
  socket.send({ type: 'subscribe', id: '1', payload: body });
  const { type } = await socket.next();
  // After `connection_ack`.
  const text = socket.heard[1] ?? '';
  if (type === 'next') assert.deepEqual(await socket.next(), { id: '1', type: 'complete' });
  await socket.close();
  const head = `{"id":"1","type":"${type}","payload":`;
  assert.ok(text.startsWith(head) && text.endsWith('}'), text);
  const payload = text.slice(head.length, -1);
  return withoutRequestId(type === 'next' ? payload : `{"errors":${payload}}`);
}

const DEEP = `{ todoLists(first: 1000) { items(first: 1000) { list { items(first: 1000) { id } } } } }`;
const SAME: Record<string, Body> = {
  'a query': { query: '{ todoLists(orderBy: [{ id: ASC }]) { id name items { text } } }' },
  'a query with variables': {
    query: 'query ($id: ID!) { todoLists(where: { id: { eq: $id } }) { name __typename } }',
    variables: { id: 'l2' },
  },
  'one of several operations': {
    query: 'query A { viewer { level } } query B { todoLists { id } }',
    operationName: 'A',
  },
  introspection: { query: '{ __schema { types { name fields { name args { name defaultValue } } } } }' },
  'a mutation': { query: 'mutation { updateTodoList(by: { id: "l1" }, set: { name: "New" }) { name } }' },
  'a mutation that is wrong in part': {
    query:
      'mutation { a: updateTodoList(by: { id: "l1" }, set: { name: "" }) { name } b: updateTodoList(by: { id: "l2" }, set: { name: "2" }) { name } }',
  },
  'a mutation as a whole that is refused': {
    query: 'mutation @transaction { updateTodoList(by: { id: "nothing" }, set: { name: "x" }) { name } }',
  },
  'a row that is not there': { query: '{ todoList(by: { id: "nothing" }) { id } }' },
  'a syntax error': { query: '{ todoLists { ' },
  'a field that is not there': { query: '{ todoLists { nope } }' },
  'an operation that is not there': { query: 'query A { viewer { level } }', operationName: 'B' },
  'a variable that is missing': { query: 'query ($id: ID!) { todoLists(where: { id: { eq: $id } }) { id } }' },
  'too much of everything': { query: DEEP },
  'a key that cannot be one': {
    query: 'mutation { insertTodoList(data: { name: "x" }) { id } }',
    extensions: { clientMutationId: 'with spaces' },
  },
  'a text that is empty': { query: '' },
};

describe('the same JSON over a socket and over HTTP', () => {
  for (const who of ['alice', 'public']) {
    for (const [what, body] of Object.entries(SAME)) {
      test(`${what}, for ${who}`, async () => {
        const [socket, http] = [await overSocket(body, who), await overHttp(body, who)];
        assert.equal(socket, http);
      });
    }
  }

  test('too much is refused for that', async () => {
    assert.match(await overSocket(SAME['too much of everything'] as Body, 'alice'), /"QUERY_TOO_COMPLEX"/);
  });
});

test('a mutation under a key is done once, whichever way it comes', async () => {
  const body = {
    query: 'mutation { insertTodoList(data: { name: "once" }) { id version createdAt } }',
    extensions: { clientMutationId: 'k-1' },
  };
  const answers = [
    await overSocket(body, 'alice'),
    await overHttp(body, 'alice'),
    await overSocket(body, 'alice'),
    await overSocket(body, 'bob'),
  ];
  assert.equal(new Set(answers.slice(0, 3)).size, 1);
  assert.notEqual(answers[3], answers[0]);
  assert.equal((await app.database.query("SELECT FROM todo_list WHERE name = 'once'")).length, 2);
});

test('operations of a socket run side by side, and each is answered under its id', async () => {
  const socket = await openAs(app.url, 'alice');
  const ids = Array.from({ length: 30 }, (_, at) => `"${at}" \\ é`);
  for (const [at, id] of ids.entries())
    socket.send(subscribe(id, 'query ($n: Int!) { todoLists(first: $n) { id } }', { variables: { n: at % 3 } }));
  const sizes = new Map<string, number>();
  while (sizes.size < ids.length) {
    const { id = '', type, payload } = await socket.next();
    if (type === 'next') sizes.set(id, (payload as { data: { todoLists: unknown[] } }).data.todoLists.length);
  }
  assert.deepEqual(
    ids.map((id) => sizes.get(id)),
    ids.map((_, at) => at % 3),
  );
  await socket.close();
});

test('what nobody foresaw is masked, and the log has it under the request id', async () => {
  const socket = await openAs(app.url, 'alice');
  await app.database.query('ALTER TABLE todo_list RENAME COLUMN name TO secret_name');
  try {
    kept.take();
    socket.send(subscribe('1', '{ todoLists { name } }'));
    const { payload } = await socket.next();
    const [error] = (payload as { errors: { message: string; extensions: Record<string, unknown> }[] }).errors;
    assert.equal(error?.extensions['code'], 'INTERNAL_SERVER_ERROR');
    assert.doesNotMatch(socket.heard.join(), /secret_name|does not exist|SELECT/);
    const line = kept.take().find(({ requestId }) => requestId === error?.extensions['requestId']);
    assert.equal(line?.msg, 'unexpected error');
  } finally {
    await app.database.query('ALTER TABLE todo_list RENAME COLUMN secret_name TO name');
  }
  await socket.close();
});
