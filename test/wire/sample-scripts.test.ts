// The sample app's scripts, as they are in the repository.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openTestService } from '../support/open-test-service.ts';

const FILES = ['scripts/tables/todo-item.ts', 'scripts/shared/text.ts'];
const text = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');

test('items are tidied, counted and guarded on every way', async () => {
  const scripts = Object.fromEntries(await Promise.all(FILES.map(async (file) => [file, await text(file)] as const)));
  const it = await openTestService({ scripts, given: { settings: { LIST_SIZE: '3' } } });
  try {
    const as = 'alice+app';
    const nested = await it.ask(
      `mutation { insertTodoList(data: { name: "home", items: { insert: [{ text: "  milk   and tea " , tags: [] }] } }) { id items { id text } } }`,
      { as },
    );
    const list = nested.data?.['insertTodoList'] as { id: string; items: { id: string; text: string }[] };
    assert.equal(list?.items[0]?.text, 'milk and tea', nested.text);
    const insert = (...texts: string[]) =>
      it.ask('mutation ($data: [TodoItemInsert!]!) { insertTodoItems(data: $data) { count nodes { text } } }', {
        as,
        variables: { data: texts.map((one) => ({ text: one, tags: [], listId: list.id })) },
      });
    const many = await insert(' a ', ' b ');
    assert.deepEqual(many.data?.['insertTodoItems'], { count: 2, nodes: [{ text: 'a' }, { text: 'b' }] }, many.text);
    const full = await insert('c');
    assert.equal(full.errors?.[0]?.extensions['code'], 'LIST_FULL', full.text);
    const update = (set: string) =>
      it.ask(`mutation { updateTodoItem(by: { id: "${list.items[0]?.id}" }, set: ${set}) { text complete } }`, { as });
    assert.deepEqual((await update('{ complete: true }')).data, {
      updateTodoItem: { text: 'milk and tea', complete: true },
    });
    assert.equal((await update('{ text: "rum" }')).errors?.[0]?.extensions['code'], 'ITEM_IS_DONE');
    const opened = await update('{ text: " rum ", complete: false }');
    assert.deepEqual(opened.data, { updateTodoItem: { text: 'rum', complete: false } }, opened.text);
  } finally {
    await it.close();
  }
});
