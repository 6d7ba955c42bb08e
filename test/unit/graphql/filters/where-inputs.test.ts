// The `where` inputs: which members they have for which class, and that nothing is made which nothing uses.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isInputObjectType, printType } from 'graphql';
import { ADMIN_CLASS, type CallerClass, callerClass } from '../../../../src/access/caller-class.ts';
import { SCALARS } from '../../../../src/tables/model.ts';
import { modelOf, sampleTables } from '../../../support/open-test-service.ts';
import { userClass } from '../../stores/recording-store.ts';
import { whereSchema } from './reading.ts';

const PUBLIC = callerClass({ admin: false, application: false, user: false, roles: [] });

/** The members of an input type, with their types; null when the schema does not have it. */
async function membersOf(sdl: string, table: string, name: string, caller: CallerClass = PUBLIC) {
  const type = whereSchema(await modelOf(sdl), caller, table).getType(name);
  if (!isInputObjectType(type)) return null;
  return Object.values(type.getFields()).map((field) => `${field.name}: ${field.type}`);
}

describe('the inputs of the sample app', () => {
  test('are those of its printed schema', async () => {
    const schema = whereSchema(await modelOf(await sampleTables()), userClass('moderator'), 'TodoList');
    const printed = (name: string) => {
      const type = schema.getType(name);
      assert.ok(type, name);
      return printType(type)
        .replaceAll(/ *"""[\s\S]*?"""\n/g, '')
        .replaceAll(/\s+/g, ' ');
    };
    assert.equal(
      printed('TodoItemWhere'),
      'input TodoItemWhere { AND: [TodoItemWhere!] OR: [TodoItemWhere!] NOT: TodoItemWhere id: IDFilter text: StringFilter complete: BooleanFilter priority: PriorityFilter position: IntFilter dueAt: DateTimeFilter cost: DecimalFilter tags: StringListFilter listId: IDFilter ownerId: IDFilter moderationNote: StringFilter createdAt: DateTimeFilter updatedAt: DateTimeFilter list: TodoListWhere }',
    );
    assert.equal(
      printed('TodoItemListFilter'),
      'input TodoItemListFilter { some: TodoItemWhere every: TodoItemWhere none: TodoItemWhere count: IntFilter }',
    );
    assert.equal(
      printed('StringFilter'),
      'input StringFilter { eq: String ne: String in: [String!] notIn: [String!] lt: String lte: String gt: String gte: String contains: String startsWith: String endsWith: String ignoreCase: Boolean = false isNull: Boolean }',
    );
    assert.equal(
      printed('IntFilter'),
      'input IntFilter { eq: Int ne: Int in: [Int!] notIn: [Int!] lt: Int lte: Int gt: Int gte: Int isNull: Boolean }',
    );
    assert.equal(
      printed('StringListFilter'),
      'input StringListFilter { has: String hasEvery: [String!] hasSome: [String!] isEmpty: Boolean isNull: Boolean }',
    );
    assert.equal(
      printed('PriorityFilter'),
      'input PriorityFilter { eq: Priority ne: Priority in: [Priority!] notIn: [Priority!] isNull: Boolean }',
    );
  });

  test('say of every member what it means', async () => {
    const schema = whereSchema(await modelOf(await sampleTables()), ADMIN_CLASS, 'TodoItem');
    const silent = Object.values(schema.getTypeMap())
      .filter((type) => isInputObjectType(type) && type.name.endsWith('Filter'))
      .flatMap((type) => (isInputObjectType(type) ? Object.values(type.getFields()) : []))
      .filter(({ description }) => !description);
    assert.deepEqual(silent, []);
  });
});

const operators = (name: string, ...names: string[]) => names.map((operator) => `${operator}: ${name}`);
const equality = (name: string) => [`eq: ${name}`, `ne: ${name}`, `in: [${name}!]`, `notIn: [${name}!]`];
const ORDERED = ['Int', 'BigInt', 'Float', 'Decimal', 'UUID', 'DateTime', 'Date', 'Time'];

describe('the filter of each type', () => {
  for (const name of SCALARS) {
    test(name, async () => {
      const found = await membersOf(`type A @table @permission(level: PUBLIC) { x: ${name} }`, 'A', `${name}Filter`);
      const order = operators(name, 'lt', 'lte', 'gt', 'gte');
      const texts = operators('String', 'contains', 'startsWith', 'endsWith');
      const isNull = 'isNull: Boolean';
      if (name === 'String' || name === 'ID')
        assert.deepEqual(found, [...equality(name), ...order, ...texts, 'ignoreCase: Boolean', isNull]);
      else if (name === 'JSON') {
        const contains = ['contains: JSON', ...operators('String', 'startsWith', 'endsWith')];
        assert.deepEqual(found, [
          'path: [String!]',
          ...equality(name),
          ...order,
          ...contains,
          isNull,
          'exists: Boolean',
        ]);
      } else assert.deepEqual(found, [...equality(name), ...(ORDERED.includes(name) ? order : []), isNull]);
    });

    test(`lists of ${name}`, async () => {
      const sdl = `type A @table @permission(level: PUBLIC) { x: [${name}!] }`;
      assert.deepEqual(await membersOf(sdl, 'A', `${name}ListFilter`), [
        `has: ${name}`,
        `hasEvery: [${name}!]`,
        `hasSome: [${name}!]`,
        'isEmpty: Boolean',
        'isNull: Boolean',
      ]);
    });
  }
});

const HIDING = `
type A @table @permission(on: [READ], level: PUBLIC) {
  open: Int
  hidden: Int @permission(on: [READ], level: USER)
  toOpen: Open @belongsTo
  toClosed: Closed @belongsTo
  toHidden: Open @belongsTo @permission(on: [READ], level: USER)
  keyed: [Keyed!]! @has(field: "a")
  closed: [Closed!]! @has(field: "a")
  linked: [Open!]! @manyToMany(through: "Link")
  linkedClosed: [Open!]! @manyToMany(through: "ClosedLink")
  linkedHidden: [Open!]! @manyToMany(through: "HiddenLink")
  made: [Open!]! @manyToMany
}
type Open @table @permission(on: [READ], level: PUBLIC) { x: Int }
type Closed @table @permission(on: [READ], level: USER) { x: Int a: A @belongsTo }
type Keyed @table @permission(on: [READ], level: PUBLIC) { a: A @belongsTo @permission(on: [READ], level: USER) }
type Link @table @permission(on: [READ], level: PUBLIC) { a: A @belongsTo open: Open @belongsTo }
type ClosedLink @table @permission(on: [READ], level: USER) { a: A @belongsTo open: Open @belongsTo }
type HiddenLink @table @permission(on: [READ], level: PUBLIC) {
  a: A @belongsTo open: Open @belongsTo @permission(on: [READ], level: USER)
}`;

describe('what a class may not read', () => {
  const names = async (caller: CallerClass) =>
    (await membersOf(HIDING, 'A', 'AWhere', caller))?.map((member) => member.split(':')[0] ?? '');
  const always = ['AND', 'OR', 'NOT', 'id', 'open'];

  test('is not in its inputs, nor what leads through it', async () => {
    assert.deepEqual(await names(PUBLIC), [
      ...[...always, 'toOpenId', 'toClosedId'],
      ...['createdAt', 'updatedAt', 'toOpen', 'linked', 'made'],
    ]);
  });

  test('is there for those who may', async () => {
    const all = ['keyed', 'closed', 'linked', 'linkedClosed', 'linkedHidden', 'made'];
    const user = await names(userClass());
    assert.deepEqual(user?.filter((name) => ![...always, 'createdAt', 'updatedAt'].includes(name)).sort(), [
      ...['hidden', 'toOpenId', 'toClosedId', 'toHiddenId', 'toOpen', 'toClosed', 'toHidden', ...all].sort(),
    ]);
  });

  test('a table that it may not read has no input', async () => {
    assert.equal(await membersOf(HIDING, 'Closed', 'ClosedWhere'), null);
  });

  test('types that nothing uses are not made', async () => {
    const schema = whereSchema(await modelOf(HIDING), PUBLIC, 'Open');
    const made = Object.keys(schema.getTypeMap()).filter((name) => /(Where|Filter)$/.test(name));
    assert.deepEqual(made.sort(), ['DateTimeFilter', 'IDFilter', 'IntFilter', 'OpenWhere']);
  });
});
