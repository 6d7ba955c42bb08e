import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  constantName,
  keyFieldName,
  pluralOf,
  rootFieldNames,
  SQL_NAME_LIMIT,
  sqlObjectName,
  toSqlName,
  truncatedName,
} from '../../../src/tables/names.ts';

describe('generated names', () => {
  for (const [name, sql] of [
    ['TodoItem', 'todo_item'],
    ['dueAt', 'due_at'],
    ['HTMLPage', 'html_page'],
    ['ownerID', 'owner_id'],
    ['a1B2', 'a1_b2'],
    ['already_snake', 'already_snake'],
    ['x', 'x'],
  ] as const) {
    test(`${name} is ${sql} in the database`, () => assert.equal(toSqlName(name), sql));
  }

  for (const [name, plural] of [
    ['TodoItem', 'TodoItems'],
    ['Category', 'Categories'],
    ['Person', 'People'],
    ['Box', 'Boxes'],
  ] as const) {
    test(`${plural}, not ${name}s by rote`, () => assert.equal(pluralOf(name), plural));
  }

  test('group keys', () => {
    assert.equal(truncatedName('dueAt', 'month'), 'dueAtMonth');
    assert.equal(constantName('dueAtMonth'), 'DUE_AT_MONTH');
    assert.equal(constantName('HTMLPage'), 'HTML_PAGE');
  });

  test('root fields', () => {
    assert.deepEqual(rootFieldNames({ name: 'TodoItem', plural: 'TodoItems' }), {
      one: 'todoItem',
      many: 'todoItems',
      aggregate: 'todoItemsAggregate',
      connection: 'todoItemsConnection',
      insert: 'insertTodoItem',
      insertMany: 'insertTodoItems',
      update: 'updateTodoItem',
      updateMany: 'updateTodoItems',
      upsert: 'upsertTodoItem',
      delete: 'deleteTodoItem',
      deleteMany: 'deleteTodoItems',
      undelete: 'undeleteTodoItem',
    });
  });

  test('a key of several columns', () => assert.equal(keyFieldName(['ownerId', 'name']), 'ownerIdName'));

  test('names of indexes and constraints fit, and stay apart', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '_', 'é', '\u{1F95B}'), minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(part, part, (a, b) => {
        const [one, other] = [sqlObjectName(['t', a], 'fkey'), sqlObjectName(['t', b], 'fkey')];
        assert.ok(Buffer.byteLength(one) <= SQL_NAME_LIMIT);
        assert.equal(one === other, a === b);
      }),
    );
  });
});
