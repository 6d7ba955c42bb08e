// `node(nodeId:)`: every row by one name, the same rules as everywhere, one statement.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { LIBRARY } from './library.ts';

const ODD_IDS = ['x', 'a:b', 'ü\u{1F95B}', 'n'.repeat(200), '='];

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: LIBRARY });
  await app.database.query(`
    INSERT INTO shelf (id, name, rank, open) VALUES ('a', 'A', 1, TRUE), ('c', 'C', 3, FALSE);
    INSERT INTO book (id, title, n, tags, shelf_id) VALUES ('1', 'One', 1, '{}', 'a');
    INSERT INTO book (id, title, n, tags, deleted) VALUES ('2', 'Gone', 1, '{}', TRUE);
    INSERT INTO vault (id, code) VALUES ('v', 'secret');`);
  for (const id of ODD_IDS) await app.database.query('INSERT INTO topic (id, name) VALUES ($1, $1)', [id]);
});
after(() => app?.close());

const nodeIdOf = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64url');

const QUERY = `query ($id: ID!) { node(nodeId: $id) {
  __typename nodeId
  ... on Book { title shelf { nodeId } booksShelf: shelf { name } }
  ... on Shelf { name booksConnection { totalCount nodes { ...Name } } }
  ...Name
} }
fragment Name on Node { left: nodeId @skip(if: true) again: nodeId ... on Topic { name } }`;

describe('a node', () => {
  test('is a row with what fragments ask of its type', async () => {
    const book = nodeIdOf('Book', '1');
    const shelf = nodeIdOf('Shelf', 'a');
    const ask = async (id: string) => (await app.ask(QUERY, { variables: { id } })).data?.['node'];
    assert.deepEqual(await ask(book), {
      __typename: 'Book',
      nodeId: book,
      title: 'One',
      shelf: { nodeId: shelf },
      booksShelf: { name: 'A' },
      again: book,
    });
    assert.deepEqual(await ask(shelf), {
      __typename: 'Shelf',
      nodeId: shelf,
      name: 'A',
      booksConnection: { totalCount: 1, nodes: [{ again: book }] },
      again: shelf,
    });
  });

  test('has the nodeId that rows are answered with, whatever their ids', async () => {
    const { data } = await app.ask('{ topics { id nodeId } }');
    const topics = data?.['topics'] as { id: string; nodeId: string }[];
    assert.deepEqual(new Set(topics.map(({ id }) => id)), new Set(ODD_IDS));
    for (const { id, nodeId } of topics) {
      assert.equal(nodeId, nodeIdOf('Topic', id));
      const answer = await app.ask(`{ node(nodeId: "${nodeId}") { ... on Topic { id } } }`);
      assert.deepEqual(answer.data, { node: { id } });
    }
  });

  test('is looked for under every alias', async () => {
    const { data } = await app.ask(
      `{ a: node(nodeId: "${nodeIdOf('Book', '1')}") { nodeId } b: node(nodeId: "${nodeIdOf('Shelf', 'a')}") { __typename } }`,
    );
    assert.deepEqual(data, { a: { nodeId: nodeIdOf('Book', '1') }, b: { __typename: 'Shelf' } });
  });

  test('is new, and named in the answer of its insert', async () => {
    const { data } = await app.ask(
      'mutation { plain: insertTopic(data: { id: "new", name: "New" }) { nodeId } deep: insertTopic(data: { id: "deep", name: "Deep" }) { nodeId books { nodeId } } }',
    );
    assert.deepEqual(data, {
      plain: { nodeId: nodeIdOf('Topic', 'new') },
      deep: { nodeId: nodeIdOf('Topic', 'deep'), books: [] },
    });
  });

  for (const [name, type, id] of [
    ['there is no such row', 'Book', '9'],
    ['a rule hides it', 'Shelf', 'c'],
    ['it is deleted', 'Book', '2'],
    ['its table may not be read', 'Vault', 'v'],
    ['there is no such table', 'Nothing', '1'],
    ['the type is no table', 'Query', '1'],
    ['the type is an enum', 'Kind', 'LOW'],
    ['a member of every object is named', 'constructor', '1'],
  ] as const) {
    test(`is null where ${name}`, async () => {
      const answer = await app.ask(`{ node(nodeId: "${nodeIdOf(type, id)}") { nodeId } }`);
      assert.deepEqual(answer.data, { node: null }, answer.text);
      assert.equal(answer.errors, undefined);
    });
  }

  for (const [name, nodeId] of [
    ['an id', '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f'],
    ['nothing', ''],
    ['the same with padding', `${nodeIdOf('Book', '1')}=`],
    ['a text without a type', Buffer.from('1').toString('base64url')],
    ['bytes that are no text', Buffer.from([0x42, 0x3a, 0xff]).toString('base64url')],
    ['U+0000', Buffer.from('Book:\u0000').toString('base64url')],
  ] as const) {
    test(`is a mistake where the nodeId is ${name}`, async () => {
      const answer = await app.ask('query ($id: ID!) { node(nodeId: $id) { nodeId } other: books { id } }', {
        variables: { id: nodeId },
      });
      assert.equal(answer.errors?.[0]?.extensions['code'], 'BAD_USER_INPUT', answer.text);
      assert.deepEqual(answer.errors?.[0]?.path, ['node']);
      assert.deepEqual(answer.data, { node: null, other: [{ id: '1' }] });
    });
  }

  test('is of an admin to read where it is not of others', async () => {
    const query = `{ node(nodeId: "${nodeIdOf('Vault', 'v')}") { ... on Vault { code } } }`;
    assert.deepEqual((await app.ask(query, { as: 'admin' })).data, { node: { code: 'secret' } });
    assert.equal((await app.ask(query)).errors?.[0]?.extensions['code'], 'GRAPHQL_VALIDATION_FAILED');
  });
});
