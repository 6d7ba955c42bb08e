// What relations become in the model.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableOf } from '../../../src/tables/model.ts';
import { modelOf } from '../../support/open-test-service.ts';

/** Tables; then each relation as `Table.field: kind -> target (how)`. */
const CASES: readonly { name: string; tables: string; relations: readonly string[]; links?: readonly string[] }[] = [
  {
    name: 'belongs to, and has many',
    tables: 'type A @table { bs: [B!]! @has(field: "a") } type B @table { a: A! @belongsTo }',
    relations: ['A.bs: hasMany -> B (aId)', 'B.a: belongsTo -> A (aId)'],
  },
  {
    name: 'one to one',
    tables: 'type A @table { b: B @has(field: "a") } type B @table { a: A! @belongsTo(column: "owner") @unique }',
    relations: ['A.b: hasOne -> B (owner)', 'B.a: belongsTo -> A (owner)'],
  },
  {
    name: 'a tree in one table',
    tables: 'type A @table { parent: A @belongsTo children: [A!]! @has(field: "parent") }',
    relations: ['A.parent: belongsTo -> A (parentId)', 'A.children: hasMany -> A (parentId)'],
  },
  {
    name: 'many to many, made, from one side',
    tables: 'type Post @table { tags: [Tag!]! @manyToMany } type Tag @table { x: Int }',
    relations: ['Post.tags: manyToMany -> Tag (post_tags post_id tag_id)'],
    links: ['post_tags: Post.post_id, Tag.tag_id'],
  },
  {
    name: 'many to many, made, from both sides',
    tables:
      'type Post @table { tags: [Tag!]! @manyToMany } type Tag @table { posts: [Post!]! @manyToMany(field: "tags") }',
    relations: [
      'Post.tags: manyToMany -> Tag (post_tags post_id tag_id)',
      'Tag.posts: manyToMany -> Post (post_tags tag_id post_id)',
    ],
    links: ['post_tags: Post.post_id, Tag.tag_id'],
  },
  {
    name: 'many to many, made, within one table',
    tables: 'type Person @table { friends: [Person!]! @manyToMany }',
    relations: ['Person.friends: manyToMany -> Person (person_friends person_id friends_id)'],
    links: ['person_friends: Person.person_id, Person.friends_id'],
  },
  {
    name: 'many to many through a table',
    tables: `type Team @table { members: [User!]! @manyToMany(through: "Member") }
             type User @table { teams: [Team!]! @manyToMany(through: "Member") }
             type Member @table { team: Team! @belongsTo user: User! @belongsTo role: String }`,
    relations: [
      'Team.members: manyToMany -> User (member team_id user_id)',
      'User.teams: manyToMany -> Team (member user_id team_id)',
      'Member.team: belongsTo -> Team (teamId)',
      'Member.user: belongsTo -> User (userId)',
    ],
  },
  {
    name: 'many to many through a table, within one table',
    tables: `type Person @table { follows: [Person!]! @manyToMany(through: "Follow", field: "to") followers: [Person!]! @manyToMany(through: "Follow", field: "from") }
             type Follow @table { from: Person! @belongsTo to: Person! @belongsTo }`,
    relations: [
      'Person.follows: manyToMany -> Person (follow from_id to_id)',
      'Person.followers: manyToMany -> Person (follow to_id from_id)',
      'Follow.from: belongsTo -> Person (fromId)',
      'Follow.to: belongsTo -> Person (toId)',
    ],
  },
];

describe('relations', () => {
  for (const { name, tables, relations, links = [] } of CASES) {
    test(name, async () => {
      const model = await modelOf(tables);
      const found = [...model.tables.values()].flatMap((table) =>
        [...table.relations.values()].map(({ name: field, kind, target, column, link }) => {
          const how = link ? [link.sqlName, link.ownerColumn, link.targetColumn].join(' ') : column;
          return `${table.name}.${field}: ${kind} -> ${target} (${how})`;
        }),
      );
      assert.deepEqual(found, relations);
      const made = [...model.links.values()].map(
        ({ sqlName, sides }) => `${sqlName}: ${sides.map((side) => `${side.table}.${side.sqlColumn}`).join(', ')}`,
      );
      assert.deepEqual(made, links);
    });
  }

  test('keys of several columns, by their fields', async () => {
    const model = await modelOf(
      'type A @table @unique(columns: ["b", "name"]) { b: B! @belongsTo name: String! } type B @table { x: Int }',
    );
    assert.deepEqual(tableOf(model, 'A').keys, [{ columns: ['id'] }, { columns: ['bId', 'name'] }]);
  });

  test('renames name what was there in the database', async () => {
    const model = await modelOf(
      'type A @table @renamedFrom(name: "OldThing") { newName: Int @renamedFrom(name: "oldName") b: B @belongsTo @renamedFrom(name: "other") } type B @table { x: Int }',
    );
    const table = tableOf(model, 'A');
    assert.deepEqual(
      [table.renamedFrom, table.columns.get('newName')?.renamedFrom, table.columns.get('bId')?.renamedFrom],
      ['old_thing', 'old_name', 'other_id'],
    );
  });
});
