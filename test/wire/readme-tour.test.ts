// The README's tour, pasted: each operation of it runs as alice, and answers what the README shows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type {
  AddItemMutation,
  AddItemMutationVariables,
  MakeListMutation,
  MyListsQuery,
} from '../operations/generated-operations.ts';
import { openTestService, type TestService } from '../support/open-test-service.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const tour = readme.slice(readme.indexOf('## Tour'), readme.indexOf('## An app of your own'));
const steps = [...tour.matchAll(/```graphql\n([\s\S]*?)```\s*```json\n([\s\S]*?)```/g)].map(
  ([, query = '', json = '']) => ({ query, shown: JSON.parse(json) as unknown }),
);

let app: TestService;
before(async () => {
  app = await openTestService();
});
after(() => app?.close());

describe("the README's tour", () => {
  test('has its steps', () => assert.ok(steps.length >= 4));

  for (const { query, shown } of steps) {
    test(query.trim().split('\n').slice(0, 2).join(' '), async () => {
      const { data, errors } = await app.ask(query, { as: 'alice' });
      assert.deepEqual(errors ? errors[0]?.extensions['fields'] : data, shown);
    });
  }

  test('bob sees none of it, and the public is told what to send', async () => {
    const last = steps.findLast(({ query }) => query.includes('todoLists'))?.query ?? '';
    assert.deepEqual((await app.ask(last, { as: 'bob' })).data?.['todoLists'], []);
    assert.match((await app.ask(last)).errors?.[0]?.message ?? '', /Sign in/);
  });

  test('its operations have types', async () => {
    const document = readFileSync(join(ROOT, 'test', 'operations', 'tour.graphql'), 'utf8');
    const run = async <Data>(operationName: string, variables: Record<string, unknown>): Promise<Data> => {
      const { data, errors } = await app.ask(document, { as: 'typed', operationName, variables });
      assert.equal(errors, undefined);
      return data as Data;
    };
    const { insertTodoList: list } = await run<MakeListMutation>('MakeList', { name: 'Typed' });
    const item: AddItemMutationVariables = { data: { text: 'Tea', listId: list?.id ?? '', priority: 'LOW' } };
    const { insertTodoItem } = await run<AddItemMutation>('AddItem', item);
    assert.deepEqual([insertTodoItem?.list?.name, insertTodoItem?.dueAt], ['Typed', null]);
    const { todoLists } = await run<MyListsQuery>('MyLists', { items: 5 });
    assert.deepEqual(
      todoLists?.map(({ items }) => items),
      [[{ text: 'Tea', complete: false, priority: 'LOW' }]],
    );
  });
});
