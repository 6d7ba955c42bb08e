// The history of the tables, over the admin API.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { recordAppliedModel } from '../../src/stores/postgres/catalog/record-applied-model.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { modelOf, openTestService, sampleTables, type TestService } from '../support/open-test-service.ts';
import { openTestDatabase } from '../support/test-database.ts';

const asAdmin = { as: 'admin', path: '/admin/graphql' };
let app: TestService;
before(async () => {
  app = await openTestService();
  const client = new pg.Client({ connectionString: app.database.url });
  await client.connect();
  for (let number = 1; number <= 25; number++)
    await recordAppliedModel(client, { modelVersion: `m${number}`, productVersion: '1.2.3', steps: ['one', 'two'] });
  await client.end();
});
after(() => app?.close());

type Applied = Readonly<Record<'id' | 'modelVersion' | 'productVersion' | 'appliedAt', string>> & {
  readonly steps: readonly string[];
};

async function asked(argument: string): Promise<readonly Applied[]> {
  const query = `{ appliedModels${argument} { id modelVersion productVersion steps appliedAt } }`;
  const { data, text } = await app.ask(query, asAdmin);
  assert.ok(data, text);
  return data['appliedModels'] as Applied[];
}

describe('appliedModels', () => {
  test('answers the models that were applied, newest first', async () => {
    const [last, ...others] = await asked('(first: 3)');
    assert.ok(last);
    const { id, appliedAt, ...said } = last;
    assert.deepEqual(said, { modelVersion: 'm25', productVersion: '1.2.3', steps: ['one', 'two'] });
    assert.match(id, /^\d+$/);
    assert.match(appliedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(appliedAt) - Date.now()) < 600_000);
    assert.deepEqual(
      others.map(({ modelVersion }) => modelVersion),
      ['m24', 'm23'],
    );
  });

  for (const [argument, count] of [
    ['', 20],
    ['(first: null)', 20],
    ['(first: 0)', 0],
    ['(first: 22)', 22],
  ] as const)
    test(`answers ${count} for "${argument}"`, async () => assert.equal((await asked(argument)).length, count));

  for (const first of [-1, 1_001])
    test(`refuses ${first} at once, in words`, async () => {
      const { data, errors } = await app.ask(`{ appliedModels(first: ${first}) { id } }`, asAdmin);
      assert.equal(data, null);
      assert.deepEqual(
        errors?.map(({ message, extensions }) => [message, extensions['code']]),
        [[`first must be from 0 to 1000, and is ${first}`, 'BAD_USER_INPUT']],
      );
    });

  test('has what a start and a change of the tables did', async () => {
    const more = await modelOf(`${await sampleTables()}\ntype Extra @table { x: Int }`);
    const steps = await app.service.publish(more);
    assert.ok(steps.length > 0);
    const all = await asked('(first: 1000)');
    const said = (applied: Applied | undefined) => [applied?.modelVersion, applied?.productVersion, applied?.steps];
    assert.deepEqual(said(all[0]), [more.version, '0.0.0', steps]);
    assert.deepEqual(said(all.at(-1)), [app.model.version, '0.0.0', app.service.applied]);
    await app.service.publish(more);
    assert.deepEqual(await asked('(first: 1000)'), all, 'what changes nothing says nothing');
  });

  test('takes a connection of the service, and gives it back', async () => {
    const sessions = async () =>
      (
        await app.database.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'tablecast'`,
        )
      )[0]?.n;
    const before = await sessions();
    // More than the service has connections.
    await Promise.all(Array.from({ length: 12 }, () => asked('(first: 1)')));
    assert.equal(await sessions(), before);
    const { data } = await app.ask('{ __typename }', { as: 'app' });
    assert.ok(data);
  });
});

test('while the database is away, appliedModels says so, and answers when it is back', async () => {
  const database = await openTestDatabase();
  const proxy = await openDatabaseProxy(database.url);
  const through = await openTestService({ database: { ...database, url: proxy.url } });
  try {
    await proxy.down();
    const query = '{ appliedModels(first: 1) { id } }';
    const { errors } = await through.ask(query, asAdmin);
    assert.deepEqual(
      errors?.map(({ extensions }) => extensions['code']),
      ['SERVICE_UNAVAILABLE'],
    );
    await proxy.up();
    const { data } = await through.ask(query, asAdmin);
    assert.ok(Array.isArray(data?.['appliedModels']));
    await proxy.down();
    const again = await through.ask(query, asAdmin);
    assert.equal(again.errors?.[0]?.extensions['code'], 'SERVICE_UNAVAILABLE');
  } finally {
    await through.close();
    await proxy.close();
    await database.close();
  }
});
