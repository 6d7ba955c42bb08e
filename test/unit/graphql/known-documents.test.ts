// A document is parsed and validated once for each class, and what is kept of them is bounded.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApolloServer } from '@apollo/server';
import { buildSchema, type DocumentNode } from 'graphql';
import { KnownDocuments } from '../../../src/graphql/known-documents.ts';

/** A server that finds its documents there, and what it runs. */
async function serverOver(documents: KnownDocuments, sdl = 'type Query { a: Int b: Int }') {
  const run: DocumentNode[] = [];
  const own = documents.ofServer();
  const server = new ApolloServer({
    schema: buildSchema(sdl),
    documentStore: null,
    plugins: [
      own.plugin,
      { requestDidStart: async () => ({ didResolveOperation: async ({ document }) => void run.push(document) }) },
    ],
  });
  const ask = async (query: string) => {
    const { body } = await server.executeOperation({ query });
    return body.kind === 'single' ? body.singleResult.errors?.map(({ message }) => message) : [];
  };
  return { server, run, ask, find: own.find };
}

describe('known documents', () => {
  test('a document is parsed once', async () => {
    const documents = new KnownDocuments();
    const { ask, run, server } = await serverOver(documents);
    for (let times = 0; times < 3; times++) assert.equal(await ask('{ a }'), undefined);
    assert.equal(run.length, 3);
    assert.equal(new Set(run).size, 1);
    await server.stop();
  });

  test('one that is not valid is never kept, nor run', async () => {
    const documents = new KnownDocuments();
    const { ask, run, server } = await serverOver(documents);
    for (let times = 0; times < 2; times++) {
      assert.match(String(await ask('{ nope }')), /Cannot query field "nope"/);
      assert.match(String(await ask('{ a')), /Syntax Error/);
    }
    assert.deepEqual([run.length, documents.count], [0, 0]);
    await server.stop();
  });

  test('what is valid on one server is not for another', async () => {
    const documents = new KnownDocuments();
    const [wide, narrow] = [await serverOver(documents), await serverOver(documents, 'type Query { a: Int }')];
    assert.equal(await wide.ask('{ b }'), undefined);
    assert.match(String(await narrow.ask('{ b }')), /Cannot query field "b"/);
    for (const { server } of [wide, narrow]) await server.stop();
  });

  test('a document is found by exactly its text, on the server that found it valid', async () => {
    const documents = new KnownDocuments();
    const [one, other] = [await serverOver(documents), await serverOver(documents)];
    for (const query of ['{ a }', '{ nope }', '{ a']) await one.ask(query);
    await other.ask('{ b }');
    assert.equal(one.find('{ a }'), one.run[0]);
    for (const query of ['{a}', '{ a } ', ' { a }', '', '{ nope }', '{ a'])
      assert.equal(one.find(query), undefined, query);
    assert.equal(other.find('{ a }'), undefined);
    for (const { server } of [one, other]) await server.stop();
  });

  test('short ones are no way around the bound, and what is pushed out is not found', async () => {
    const documents = new KnownDocuments(1_000);
    const { ask, find, server } = await serverOver(documents);
    const made = (at: number) => `{a}#${at}`;
    for (let at = 0; at < 40; at++) await ask(made(at));
    assert.ok(documents.count <= 15, `${documents.count} are kept`);
    assert.equal(find(made(0)), undefined);
    assert.ok(find(made(39)));
    await server.stop();
  });

  test('those used last are kept, all servers together, and none that is too long', async () => {
    const documents = new KnownDocuments(1_000);
    const servers = [await serverOver(documents), await serverOver(documents)];
    const made = (at: number) => `query Q${at} { a b } #${'x'.repeat(50)}`;
    for (let at = 0; at < 20; at++) for (const { ask } of servers) await ask(made(at));
    const { count } = documents;
    assert.ok(count > 2 && count < 10, `${count} are kept`);
    const [first] = servers;
    await first?.ask(made(0));
    await first?.ask(made(19));
    const [anew, kept] = (first?.run ?? []).slice(-2);
    assert.notEqual(anew, first?.run[0]);
    assert.equal(kept, first?.run[19]);
    await first?.ask(`{ a } #${'x'.repeat(2_000)}`);
    assert.ok(documents.count <= count + 1);
    for (const { server } of servers) await server.stop();
  });
});
