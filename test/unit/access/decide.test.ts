// Who may: every kind of caller against every kind of permission.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Caller } from '../../../src/access/caller.ts';
import { type ClassParts, callerClass, callerClassOf, fullestClass } from '../../../src/access/caller-class.ts';
import { callerValue } from '../../../src/access/caller-value.ts';
import { decideColumn, decideTable } from '../../../src/access/decide.ts';
import { allOf, anyOf, EVERY_ROW, NO_ROW } from '../../../src/tables/filter.ts';
import { columnOf, OPERATIONS, tableOf } from '../../../src/tables/model.ts';
import { modelOf } from '../../support/open-test-service.ts';

const none: ClassParts = { admin: false, application: false, user: false, roles: [] };
const CALLERS: Record<string, ClassParts> = {
  public: none,
  application: { ...none, application: true },
  user: { ...none, user: true },
  editor: { ...none, user: true, roles: ['editor'] },
  'user with key': { ...none, user: true, application: true },
  'role without a user': { ...none, roles: ['editor'] },
  admin: { admin: true, application: true, user: false, roles: [] },
};

/** Who passes each permission, written out by hand. */
const LEVELS: Record<string, readonly string[]> = {
  'level: PUBLIC': Object.keys(CALLERS),
  'level: APPLICATION': ['application', 'user with key', 'admin'],
  'level: USER': ['user', 'editor', 'user with key', 'admin'],
  'level: USER, roles: ["editor"]': ['editor', 'admin'],
  'level: ADMIN': ['admin'],
};

describe('levels', () => {
  for (const [permission, passing] of Object.entries(LEVELS)) {
    test(permission, async () => {
      const table = tableOf(await modelOf(`type A @table @permission(on: [READ], ${permission}) { x: Int }`), 'A');
      for (const [name, parts] of Object.entries(CALLERS)) {
        assert.equal(decideTable(callerClass(parts), table, 'READ') !== null, passing.includes(name), name);
        // An operation that is not named is ADMIN.
        for (const other of ['INSERT', 'UPDATE', 'DELETE', 'SUBSCRIBE'] as const) {
          assert.equal(decideTable(callerClass(parts), table, other) !== null, name === 'admin', `${name} ${other}`);
        }
      }
    });
  }

  test('a table without @permission is APPLICATION throughout', async () => {
    const table = tableOf(await modelOf('type A @table(softDelete: true) { x: Int }'), 'A');
    for (const [name, parts] of Object.entries(CALLERS)) {
      for (const operation of OPERATIONS) {
        const may = ['application', 'user with key', 'admin'].includes(name);
        assert.equal(decideTable(callerClass(parts), table, operation) !== null, may, `${name} ${operation}`);
      }
    }
  });

  test('nobody undeletes where nothing is soft-deleted', async () => {
    const table = tableOf(await modelOf('type A @table { x: Int }'), 'A');
    for (const parts of Object.values(CALLERS)) assert.equal(decideTable(callerClass(parts), table, 'UNDELETE'), null);
  });
});

describe('rules', () => {
  test('alternatives are joined by or, and one without a rule is every row', async () => {
    const model = await modelOf(`type A @table
      @permission(on: [READ], level: USER, rows: { x: { eq: 1 } })
      @permission(on: [READ], level: USER, roles: ["r"], rows: { x: { eq: 2 } })
      @permission(on: [READ], level: APPLICATION) { x: Int }`);
    const rows = (parts: Partial<ClassParts>) =>
      decideTable(callerClass({ ...none, ...parts }), tableOf(model, 'A'), 'READ')?.rows;
    const equals = (value: number) => ({
      kind: 'compare',
      column: 'x',
      operator: 'eq',
      operand: { from: 'model', value },
    });
    assert.deepEqual(rows({ user: true }), equals(1));
    assert.deepEqual(rows({ user: true, roles: ['r'] }), { kind: 'or', parts: [equals(1), equals(2)] });
    assert.deepEqual(rows({ user: true, application: true }), EVERY_ROW);
    assert.equal(rows({}), undefined);
  });

  test('a row may not be written away: check is rows unless it says otherwise', async () => {
    const model = await modelOf('type A @table @permission(level: USER, rows: { x: { eq: 1 } }) { x: Int }');
    const grant = decideTable(callerClass({ ...none, user: true }), tableOf(model, 'A'), 'UPDATE');
    assert.deepEqual(grant?.check, grant?.rows);
  });

  test('an empty and is every row, an empty or is none', () => {
    assert.deepEqual(allOf([]), EVERY_ROW);
    assert.deepEqual(anyOf([]), NO_ROW);
    assert.deepEqual(allOf([EVERY_ROW, NO_ROW]), NO_ROW);
    assert.deepEqual(anyOf([EVERY_ROW, NO_ROW]), EVERY_ROW);
  });
});

describe('columns', () => {
  test('who may read and set them', async () => {
    const model = await modelOf(`type A @table @permission(level: PUBLIC) {
      plain: Int
      secret: Int @permission(on: [READ, UPDATE], level: USER, roles: ["r"])
      owner: ID @preset(value: "$user.id") }`);
    const table = tableOf(model, 'A');
    const may = (parts: Partial<ClassParts>, name: string) =>
      (['READ', 'INSERT', 'UPDATE'] as const)
        .filter((operation) => decideColumn(callerClass({ ...none, ...parts }), columnOf(table, name), operation))
        .join();
    const role = { user: true, roles: ['r'] };
    const admin = { admin: true };
    assert.deepEqual(
      ['plain', 'secret', 'owner', 'createdAt', 'id'].map((name) => [may({}, name), may(role, name), may(admin, name)]),
      [
        ['READ,INSERT,UPDATE', 'READ,INSERT,UPDATE', 'READ,INSERT,UPDATE'],
        ['', 'READ,UPDATE', 'READ,INSERT,UPDATE'],
        ['READ', 'READ', 'READ,INSERT,UPDATE'],
        ['READ', 'READ', 'READ'],
        ['READ,INSERT,UPDATE', 'READ,INSERT,UPDATE', 'READ,INSERT,UPDATE'],
      ],
    );
  });
});

describe('classes', () => {
  test('only roles that the model names count', () => {
    const caller: Caller = {
      kind: 'client',
      application: false,
      user: { id: 'a', roles: ['x', 'r', 'r'], claims: {} },
    };
    assert.deepEqual(callerClassOf(caller, ['r']).roles, ['r']);
    assert.equal(callerClassOf(caller, ['r']).key, callerClass({ ...none, user: true, roles: ['r'] }).key);
  });

  test('keys of different classes differ, whatever roles are called', () => {
    const names = [[], ['a'], ['b'], ['a', 'b'], ['a,b'], ['a","b'], ['true']];
    const keys = names.flatMap((roles) =>
      [true, false].map((application) => callerClass({ admin: false, application, user: true, roles }).key),
    );
    assert.equal(new Set([...keys, callerClass(none).key, fullestClass([]).key]).size, keys.length + 1);
  });
});

describe('values of the caller', () => {
  const claims = Object.assign(Object.create({ inherited: 'x' }), {
    tenant: { id: 't1' },
    empty: '',
    list: [],
    nothing: null,
  });
  const caller: Caller = { kind: 'client', application: true, user: { id: 'u', roles: ['r'], claims } };
  for (const [path, value] of [
    [['id'], 'u'],
    [['roles'], ['r']],
    [['claims', 'tenant', 'id'], 't1'],
    [['claims', 'missing'], undefined],
    [['claims', 'tenant', 'id', 'length'], undefined],
    [['claims', 'inherited'], undefined],
    [['claims', 'constructor'], undefined],
    [['claims', '__proto__', 'inherited'], undefined],
    [['claims', 'empty'], undefined],
    [['claims', 'list'], undefined],
    [['claims', 'nothing'], undefined],
    [['nonsense'], undefined],
    [[], undefined],
  ] as const) {
    test(`$user.${path.join('.')}`, () => assert.deepEqual(callerValue(caller, path), value));
  }
  test('nobody has no values', () =>
    assert.equal(callerValue({ kind: 'client', application: true, user: null }, ['id']), undefined));
});
