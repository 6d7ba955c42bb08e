// The admin API: for the master key, and for nobody else.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { modelOf, openTestService, sampleTables, type TestService } from '../support/open-test-service.ts';

const path = '/admin/graphql';
let app: TestService;
before(async () => {
  app = await openTestService();
});
after(() => app?.close());

describe('the admin API', () => {
  for (const as of ['public', 'app', 'alice', 'alice:moderator+app']) {
    for (const query of ['{ service { version } }', '{ __schema { types { name } } }', '{ __typename }']) {
      test(`is closed to ${as}: ${query}`, async () => {
        const answer = await app.ask(query, { as, path });
        assert.equal(answer.status, 401);
        assert.deepEqual(
          answer.errors?.map((error) => error.extensions['code']),
          ['UNAUTHENTICATED'],
        );
        assert.equal(answer.data, undefined);
      });
    }
  }

  test('says what is running', async () => {
    const { data } = await app.ask('{ service { version startedAt databaseVersion modelVersion } }', {
      as: 'admin',
      path,
    });
    const service = data?.['service'] as Record<string, string>;
    assert.equal(service['version'], '0.0.0');
    assert.equal(service['modelVersion'], app.model.version);
    assert.match(String(service['databaseVersion']), /^\d+\.\d+/);
    assert.ok(Math.abs(Date.parse(String(service['startedAt'])) - Date.now()) < 600_000);
  });

  test('says what the tables are', async () => {
    const query =
      '{ tables { name plural sqlName softDelete relations { name kind target } } table(name: "TodoItem") { columns { name sqlName type system } } none: table(name: "x") { name } }';
    const { data } = await app.ask(query, { as: 'admin', path });
    assert.deepEqual(data?.['tables'], [
      {
        name: 'TodoItem',
        plural: 'TodoItems',
        sqlName: 'todo_item',
        softDelete: true,
        relations: [{ name: 'list', kind: 'belongsTo', target: 'TodoList' }],
      },
      {
        name: 'TodoList',
        plural: 'TodoLists',
        sqlName: 'todo_list',
        softDelete: false,
        relations: [{ name: 'items', kind: 'hasMany', target: 'TodoItem' }],
      },
    ]);
    const { columns } = (data as Record<string, { columns: Record<string, unknown>[] }>)['table'] ?? { columns: [] };
    assert.deepEqual(columns.slice(-9, -7).concat(columns.slice(-1)), [
      { name: 'cost', sqlName: 'cost', type: 'Decimal', system: false },
      { name: 'tags', sqlName: 'tags', type: '[String!]!', system: false },
      { name: 'deleted', sqlName: 'deleted', type: 'Boolean!', system: true },
    ]);
    assert.equal(data?.['none'], null);
  });

  test('sees the tables that are served now', async () => {
    const more = await modelOf(`${await sampleTables()}\ntype Extra @table { x: Int }`);
    await app.service.publish(more);
    const { data } = await app.ask('{ service { modelVersion } table(name: "Extra") { name } }', { as: 'admin', path });
    assert.deepEqual(data, { service: { modelVersion: more.version }, table: { name: 'Extra' } });
  });
});
