// The sample app over HTTP: each caller, what it is answered, and what is in the table afterwards.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Asking, openTestService, type TestService, tokenOf } from '../support/open-test-service.ts';

let app: TestService;
before(async () => {
  app = await openTestService();
  await app.ask('mutation { insertTodoList(data: { id: "alice-1", name: "Groceries" }) { id } }', { as: 'alice' });
  await app.ask('mutation { insertTodoList(data: { id: "bob-1", name: "Secret" }) { id } }', { as: 'bob' });
  await app.ask(
    'mutation { insertTodoItem(data: { id: "item-1", text: "Milk", listId: "alice-1", tags: ["dairy"], cost: "1.50" }) { id } }',
    { as: 'alice' },
  );
});
after(() => app?.close());

interface Case extends Asking {
  readonly name: string;
  readonly query: string;
  /** The data, or the code of the only error. */
  readonly data?: unknown;
  readonly code?: string;
}

const CASES: readonly Case[] = [
  {
    name: 'nobody is PUBLIC',
    query: '{ viewer { level userId roles } }',
    data: { viewer: { level: 'PUBLIC', userId: null, roles: [] } },
  },
  {
    name: 'the key is APPLICATION',
    as: 'app',
    query: '{ viewer { level } }',
    data: { viewer: { level: 'APPLICATION' } },
  },
  {
    name: 'a user is USER',
    as: 'carol:moderator',
    query: '{ viewer { level userId roles } }',
    data: { viewer: { level: 'USER', userId: 'carol', roles: ['moderator'] } },
  },
  {
    name: 'the master key is ADMIN',
    as: 'admin',
    query: '{ viewer { level userId } }',
    data: { viewer: { level: 'ADMIN', userId: null } },
  },
  { name: 'a list for nobody', query: '{ todoLists { id } }', code: 'UNAUTHENTICATED' },
  { name: 'a list for the key alone', as: 'app', query: '{ todoLists { id } }', code: 'UNAUTHENTICATED' },
  {
    name: 'own rows only',
    as: 'alice',
    query: '{ todoLists { id name ownerId } }',
    data: { todoLists: [{ id: 'alice-1', name: 'Groceries', ownerId: 'alice' }] },
  },
  {
    name: "another's rows",
    as: 'carol',
    query: '{ todoLists { id } todoItems { id } }',
    data: { todoLists: [], todoItems: [] },
  },
  {
    name: 'every row for admins',
    as: 'admin',
    query: '{ todoLists { id } }',
    data: { todoLists: [{ id: 'alice-1' }, { id: 'bob-1' }] },
  },
  {
    name: 'by key',
    as: 'alice',
    query: '{ todoList(by: { id: "alice-1" }) { name } }',
    data: { todoList: { name: 'Groceries' } },
  },
  {
    name: "another's by key, like none",
    as: 'alice',
    query: '{ a: todoList(by: { id: "bob-1" }) { name } b: todoList(by: { id: "no" }) { name } }',
    data: { a: null, b: null },
  },
  {
    name: 'a key with null',
    as: 'alice',
    query: '{ todoList(by: { id: null }) { name } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'a key with null in a variable',
    as: 'alice',
    query: 'query ($by: TodoListKey!) { todoList(by: $by) { name } }',
    variables: { by: { id: null } },
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'nested both ways in one answer',
    as: 'alice',
    query: '{ todoLists { name items { text list { id } } } }',
    data: { todoLists: [{ name: 'Groceries', items: [{ text: 'Milk', list: { id: 'alice-1' } }] }] },
  },
  {
    name: 'a page',
    as: 'admin',
    query: '{ todoLists(first: 1, skip: 1) { id } }',
    data: { todoLists: [{ id: 'bob-1' }] },
  },
  { name: 'an empty page', as: 'admin', query: '{ todoLists(first: 0) { id } }', data: { todoLists: [] } },
  {
    name: 'the default page for null',
    as: 'admin',
    query: '{ todoLists(first: null, skip: null) { id } }',
    data: { todoLists: [{ id: 'alice-1' }, { id: 'bob-1' }] },
  },
  { name: 'a page too large', as: 'alice', query: '{ todoLists(first: 1001) { id } }', code: 'BAD_USER_INPUT' },
  { name: 'a page below nothing', as: 'alice', query: '{ todoLists(skip: -1) { id } }', code: 'BAD_USER_INPUT' },
  {
    name: 'a column for a role, without it',
    as: 'alice',
    query: '{ todoItems { moderationNote } }',
    code: 'FORBIDDEN',
  },
  { name: 'a column for a role, signed out', query: '{ todoItems { moderationNote } }', code: 'UNAUTHENTICATED' },
  {
    name: 'a column for a role, with it',
    as: 'alice:moderator',
    query: '{ todoItems { moderationNote } }',
    data: { todoItems: [{ moderationNote: null }] },
  },
  { name: 'no such field', as: 'alice', query: '{ todoItems { nope } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  {
    name: 'what is ADMIN looks absent',
    as: 'alice',
    query: 'mutation { insertTodoList(data: { name: "x", ownerId: "bob" }) { id } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: "an item into another's list",
    as: 'alice',
    query: 'mutation { insertTodoItem(data: { text: "x", listId: "bob-1" }) { id } }',
    code: 'CONSTRAINT_VIOLATION',
  },
  {
    name: 'an item into no list',
    as: 'alice',
    query: 'mutation { insertTodoItem(data: { text: "x", listId: "no" }) { id } }',
    code: 'CONSTRAINT_VIOLATION',
  },
  {
    name: 'an insert without sign-in',
    as: 'app',
    query: 'mutation { insertTodoList(data: { name: "x" }) { id } }',
    code: 'UNAUTHENTICATED',
  },
  {
    name: 'an id that is taken',
    as: 'bob',
    query: 'mutation { insertTodoList(data: { id: "alice-1", name: "x" }) { id } }',
    code: 'CONFLICT',
  },
  {
    name: 'an id of the wrong kind',
    as: 'bob',
    query: 'mutation { insertTodoList(data: { id: "a/b", name: "x" }) { id } }',
    code: 'CONSTRAINT_VIOLATION',
  },
  {
    name: 'U+0000 in a variable',
    as: 'bob',
    query: 'mutation ($n: String!) { insertTodoList(data: { name: $n }) { id } }',
    variables: { n: 'a\u0000' },
    code: 'CONSTRAINT_VIOLATION',
  },
  {
    name: 'half a surrogate pair',
    as: 'bob',
    query: 'mutation ($n: String!) { insertTodoList(data: { name: $n }) { id } }',
    variables: { n: '\ud83e' },
    code: 'CONSTRAINT_VIOLATION',
  },
  {
    name: 'U+0000 in a literal',
    as: 'bob',
    query: 'mutation { insertTodoList(data: { name: "a\\u0000" }) { id } }',
    code: 'CONSTRAINT_VIOLATION',
  },
  {
    name: 'U+0000 in a key',
    as: 'bob',
    query: 'query ($id: ID!) { todoList(by: { id: $id }) { id } }',
    variables: { id: '\u0000' },
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'a variable of the wrong type',
    as: 'bob',
    query: 'query ($n: Int) { todoLists(first: $n) { id } }',
    variables: { n: 'x' },
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'an admin cannot preset from nobody',
    as: 'admin',
    query: 'mutation { insertTodoList(data: { name: "x" }) { id } }',
    code: 'CONSTRAINT_VIOLATION',
  },
  {
    name: 'an unknown operation name',
    query: 'query A { viewer { level } }',
    operationName: 'B',
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  { name: 'a syntax error', query: '{ viewer {', code: 'GRAPHQL_PARSE_FAILED' },
];

describe('the sample app', () => {
  for (const { name, query, data, code, ...asking } of CASES) {
    test(name, async () => {
      const answer = await app.ask(query, asking);
      assert.deepEqual(answer.errors?.map((error) => error.extensions['code']) ?? [], code ? [code] : [], answer.text);
      if (data) assert.deepEqual(answer.data, data);
      for (const error of answer.errors ?? [])
        assert.equal(error.extensions['requestId'], answer.headers.get('x-request-id'));
    });
  }

  test('refused inserts left nothing behind', async () => {
    const rows = await app.database.query(
      'SELECT (SELECT count(*)::int FROM todo_list) AS lists, (SELECT count(*)::int FROM todo_item) AS items',
    );
    assert.deepEqual(rows, [{ lists: 2, items: 1 }]);
  });

  test('all that is wrong with a row is said at once, by path', async () => {
    const query = 'mutation ($data: TodoItemInsert!) { insertTodoItem(data: $data) { id } }';
    const answer = await app.ask(query, { as: 'alice', variables: { data: { id: '..', text: '', complete: null } } });
    assert.deepEqual(answer.errors?.[0]?.extensions['fields'], [
      {
        path: ['data', 'id'],
        message: 'must not be empty, "." or "..", nor contain control characters, quotes, or any of + ? / \\ `',
      },
      { path: ['data', 'text'], message: 'must have a length of at least 1, and has 0' },
      { path: ['data', 'complete'], message: 'is required' },
      { path: ['data', 'listId'], message: 'is required' },
    ]);
    assert.deepEqual(answer.errors?.[0]?.path, ['insertTodoItem']);
  });

  test('a hidden list and an absent one are refused in the same words', async () => {
    const insert = (listId: string) =>
      app.ask(`mutation { insertTodoItem(data: { text: "x", listId: "${listId}" }) { id } }`, { as: 'alice' });
    const [hidden, absent] = [await insert('bob-1'), await insert('no-such')];
    const words = ({ errors }: typeof hidden) =>
      errors?.map(({ message, extensions }) => ({ message, ...extensions, requestId: null }));
    assert.deepEqual(words(hidden), words(absent));
  });

  test('one root field that fails does not blank its siblings', async () => {
    const answer = await app.ask('{ good: todoLists { id } bad: todoLists(first: 5000) { id } }', { as: 'alice' });
    assert.deepEqual(answer.data, { good: [{ id: 'alice-1' }], bad: null });
    assert.deepEqual(
      answer.errors?.map((error) => error.path),
      [['bad']],
    );
  });

  test('an insert answers what was asked, also what leaves the row', async () => {
    const query =
      'mutation { insertTodoItem(data: { text: "Bread", listId: "alice-1" }) { text complete priority tags ownerId deleted list { items { text } } } }';
    const answer = await app.ask(query, { as: 'alice' });
    assert.deepEqual(answer.data, {
      insertTodoItem: {
        text: 'Bread',
        complete: false,
        priority: 'NORMAL',
        tags: [],
        ownerId: 'alice',
        deleted: false,
        // By id, and a UUIDv7 begins with a digit.
        list: { items: [{ text: 'Bread' }, { text: 'Milk' }] },
      },
    });
    await app.database.query(`DELETE FROM todo_item WHERE text = 'Bread'`);
  });

  test('mutations of one document run in order', async () => {
    const query =
      'mutation { a: insertTodoList(data: { id: "same", name: "1" }) { name } b: insertTodoList(data: { id: "same", name: "2" }) { name } }';
    const { data, errors } = await app.ask(query, { as: 'dora' });
    assert.deepEqual(data, { a: { name: '1' }, b: null });
    assert.deepEqual(
      errors?.map(({ path }) => path),
      [['b']],
    );
  });

  for (const [name, headers] of [
    ['an expired token', { authorization: `Bearer ${tokenOf('alice', {}, Date.now() - 600_000)}` }],
    ['a forged token', { authorization: `Bearer ${tokenOf('alice').slice(0, -4)}AAAA` }],
    ['a wrong application key', { 'x-application-key': 'x' }],
    ['a wrong master key', { 'x-master-key': 'x' }],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
  ] as const) {
    test(`${name} is refused even where nobody may ask`, async () => {
      const answer = await app.ask('{ viewer { level } }', { headers });
      assert.equal(answer.status, 401);
      assert.deepEqual(
        answer.errors?.map((error) => error.extensions['code']),
        ['UNAUTHENTICATED'],
      );
      assert.equal(answer.data, undefined);
    });
  }
});
