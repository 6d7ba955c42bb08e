// Mutations as one transaction, and mutations under a key: what a client that repeats itself gets, and what is in the tables.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, type Asking, openTestService, type TestService } from '../support/open-test-service.ts';

let app: TestService;
before(async () => {
  app = await openTestService();
});
after(() => app?.close());

const alice = { as: 'alice' };
const keyed = (key: string, more: Asking = alice): Asking => ({ ...more, headers: { 'idempotency-key': key } });
const insertList = (id: string, name = id) =>
  `mutation { insertTodoList(data: { id: "${id}", name: "${name}" }) { id version } }`;

async function count(id: string): Promise<number> {
  const rows = await app.database.query<{ n: number }>('SELECT count(*)::int AS n FROM todo_list WHERE id LIKE $1', [
    id,
  ]);
  return rows[0]?.n ?? -1;
}

const codes = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions['code']);

describe('a mutation with @transaction', () => {
  test('is done as a whole', async () => {
    const { data } = await app.ask(
      'mutation @transaction { a: insertTodoList(data: { id: "t-1", name: "A" }) { id } b: insertTodoItem(data: { text: "in it", tags: [], listId: "t-1" }) { text list { id } } }',
      alice,
    );
    assert.deepEqual(data, { a: { id: 't-1' }, b: { text: 'in it', list: { id: 't-1' } } });
  });

  test('with one field that fails does nothing, and says which', async () => {
    const answer = await app.ask(
      'mutation @transaction { a: insertTodoList(data: { id: "t-2", name: "A" }) { id } b: insertTodoList(data: { id: "t-1", name: "taken" }) { id } c: insertTodoList(data: { id: "t-3", name: "C" }) { id } }',
      alice,
    );
    assert.equal(answer.data, null);
    assert.deepEqual(codes(answer), ['CONFLICT']);
    assert.deepEqual(answer.errors?.[0]?.path, ['b']);
    assert.equal(await count('t-2'), 0);
    assert.equal(await count('t-3'), 0);
  });

  test('without it each field is for itself', async () => {
    const answer = await app.ask(
      'mutation { a: insertTodoList(data: { id: "t-4", name: "A" }) { id } b: insertTodoList(data: { id: "t-1", name: "taken" }) { id } }',
      alice,
    );
    assert.deepEqual(answer.data, { a: { id: 't-4' }, b: null });
    assert.equal(await count('t-4'), 1);
  });

  test('a refusal by a rule undoes what was before it', async () => {
    await app.ask(insertList('bobs'), { as: 'bob' });
    const answer = await app.ask(
      'mutation @transaction { a: insertTodoList(data: { id: "t-5", name: "A" }) { id } b: updateTodoList(by: { id: "bobs" }, set: { name: "mine" }) { id } }',
      alice,
    );
    assert.deepEqual(codes(answer), ['NOT_FOUND']);
    assert.equal(await count('t-5'), 0);
  });
});

describe('a mutation under a key', () => {
  test('is done once, and answered the same every time', async () => {
    const query = 'mutation { insertTodoList(data: { name: "once" }) { id version createdAt } }';
    const answers: Answer[] = [];
    for (let at = 0; at < 4; at++) answers.push(await app.ask(query, keyed('k-1')));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(answers[0]?.status, 200);
    const rows = await app.database.query("SELECT 1 FROM todo_list WHERE name = 'once'");
    assert.equal(rows.length, 1);
  });

  test('sent many times at once is done once', async () => {
    const query = 'mutation { insertTodoList(data: { name: "at once" }) { id } }';
    const answers = await Promise.all(Array.from({ length: 12 }, () => app.ask(query, keyed('k-2'))));
    assert.deepEqual(new Set(answers.map(({ text }) => text)).size, 1, answers.map(({ text }) => text).join('\n'));
    const rows = await app.database.query("SELECT 1 FROM todo_list WHERE name = 'at once'");
    assert.equal(rows.length, 1);
  });

  test('the key may be an extension of the request', async () => {
    const send = () =>
      fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-master-key': 'test-master-key-0123456789abcdef-9876' },
        body: JSON.stringify({
          query: 'mutation { insertTodoList(data: { name: "extension", ownerId: "x" }) { id } }',
          extensions: { clientMutationId: 'k-3' },
        }),
      }).then((response) => response.text());
    assert.equal(await send(), await send());
  });

  test('failed is not kept: it may be sent again', async () => {
    const query = 'mutation { insertTodoItem(data: { text: "later", tags: [], listId: "later" }) { text } }';
    assert.deepEqual(codes(await app.ask(query, keyed('k-4'))), ['CONSTRAINT_VIOLATION']);
    await app.ask(insertList('later'), alice);
    const second = await app.ask(query, keyed('k-4'));
    assert.deepEqual(second.data, { insertTodoItem: { text: 'later' } });
    assert.equal((await app.ask(query, keyed('k-4'))).text, second.text);
  });

  test('with several fields is one transaction', async () => {
    const answer = await app.ask(
      'mutation { a: insertTodoList(data: { id: "k-a", name: "A" }) { id } b: insertTodoList(data: { id: "t-1", name: "taken" }) { id } }',
      keyed('k-5'),
    );
    assert.deepEqual(codes(answer), ['CONFLICT']);
    assert.equal(await count('k-a'), 0);
  });

  const others: readonly { readonly name: string; readonly query: string; readonly asking: Asking }[] = [
    { name: 'another document', query: insertList('other'), asking: keyed('k-6') },
    {
      name: 'other variables',
      query: 'mutation ($name: String!) { insertTodoList(data: { name: $name }) { name } }',
      asking: { ...keyed('k-6'), variables: { name: 'two' } },
    },
    {
      name: 'the same user with another role',
      query: 'mutation ($name: String!) { insertTodoList(data: { name: $name }) { name } }',
      asking: { ...keyed('k-6', { as: 'alice:moderator' }), variables: { name: 'one' } },
    },
  ];
  for (const { name, query, asking } of others) {
    test(`is refused for ${name}`, async () => {
      const first = 'mutation ($name: String!) { insertTodoList(data: { name: $name }) { name } }';
      await app.ask(first, { ...keyed('k-6'), variables: { name: 'one' } });
      const answer = await app.ask(query, asking);
      assert.deepEqual(codes(answer), ['BAD_USER_INPUT']);
      assert.match(answer.errors?.[0]?.message ?? '', /used for another request/);
      assert.equal(await count('other'), 0);
    });
  }

  test("is another one's under another caller", async () => {
    const query = 'mutation { insertTodoList(data: { name: "whose" }) { ownerId } }';
    const first = await app.ask(query, keyed('k-7'));
    const second = await app.ask(query, keyed('k-7', { as: 'bob' }));
    assert.deepEqual(first.data, { insertTodoList: { ownerId: 'alice' } });
    assert.deepEqual(second.data, { insertTodoList: { ownerId: 'bob' } });
  });

  test('of a query means nothing', async () => {
    const before = await app.ask('{ todoLists(where: { id: { eq: "k-8" } }) { id } }', keyed('k-8'));
    await app.ask(insertList('k-8'), alice);
    const after = await app.ask('{ todoLists(where: { id: { eq: "k-8" } }) { id } }', keyed('k-8'));
    assert.deepEqual(before.data, { todoLists: [] });
    assert.deepEqual(after.data, { todoLists: [{ id: 'k-8' }] });
  });

  const bad = ['', ' ', 'a b', 'x'.repeat(256), 'ä'];
  for (const key of bad) {
    test(`is refused when the key is ${JSON.stringify(key.slice(0, 5))}`, async () => {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ viewer { level } }', extensions: { clientMutationId: key } }),
      });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /Idempotency-Key has 1 to 255/);
    });
  }

  test('is as good as new when its time is over', async () => {
    const query = 'mutation { insertTodoList(data: { name: "twice" }) { id } }';
    const first = await app.ask(query, keyed('k-9'));
    await app.database.query("UPDATE tablecast.kept_answer SET kept_at = now() - interval '2 days' WHERE key = 'k-9'");
    const second = await app.ask(query, keyed('k-9'));
    assert.notEqual(first.text, second.text);
    assert.equal((await app.ask(query, keyed('k-9'))).text, second.text);
  });
});
