// Every kind of relation, read over HTTP: what is linked shows, what a rule hides does not, and one root field is one answer.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';

const TABLES = `
type Person @table @permission(level: PUBLIC) @unique(columns: ["first", "last"]) {
  first: String!
  last: String!
  passport: Passport @has(field: "person")
  manager: Person @belongsTo
  reports: [Person!]! @has(field: "manager")
  friends: [Person!]! @manyToMany
  posts: [Post!]! @has(field: "author")
  teams: [Team!]! @manyToMany(through: "Membership")
}
type Passport @table @permission(level: PUBLIC) { number: String! @unique person: Person! @belongsTo @unique }
type Post @table(softDelete: true) @permission(level: PUBLIC) { title: String! author: Person! @belongsTo tags: [Tag!]! @manyToMany }
type Tag @table @permission(level: PUBLIC, rows: { hidden: { eq: false } }) {
  name: String!
  hidden: Boolean! @default(value: "false")
  posts: [Post!]! @manyToMany(field: "tags")
}
type Team @table @permission(level: PUBLIC) { name: String! members: [Person!]! @manyToMany(through: "Membership") }
type Membership @table(softDelete: true)
  @permission(on: [READ], level: PUBLIC, rows: { open: { eq: true } })
  @permission(on: [READ], level: USER)
{ person: Person! @belongsTo team: Team! @belongsTo open: Boolean! }`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: TABLES });
  await app.database.query(`
    INSERT INTO person (id, first, last) VALUES ('ann', 'Ann', 'A'), ('ben', 'Ben', 'B'), ('cat', 'Cat', 'C');
    UPDATE person SET manager_id = 'ann' WHERE id <> 'ann';
    INSERT INTO person_friends (person_id, friends_id) VALUES ('ann', 'ben'), ('ann', 'cat'), ('ben', 'ann');
    INSERT INTO passport (id, number, person_id) VALUES ('p1', 'X1', 'ann');
    INSERT INTO post (id, title, author_id) VALUES ('one', 'One', 'ann'), ('two', 'Two', 'ben');
    INSERT INTO post (id, title, author_id, deleted) VALUES ('gone', 'Gone', 'ann', TRUE);
    INSERT INTO tag (id, name, hidden) VALUES ('red', 'Red', FALSE), ('secret', 'Secret', TRUE);
    INSERT INTO post_tags (post_id, tag_id) VALUES ('one', 'red'), ('one', 'secret'), ('two', 'red'), ('gone', 'red');
    INSERT INTO team (id, name) VALUES ('t1', 'One'), ('t2', 'Two');
    INSERT INTO membership (person_id, team_id, open, deleted) VALUES
      ('ann', 't1', TRUE, FALSE), ('ben', 't1', FALSE, FALSE), ('cat', 't1', TRUE, TRUE), ('ann', 't2', FALSE, FALSE);`);
});
after(() => app?.close());

const CASES: readonly { name: string; query: string; as?: string; data: unknown }[] = [
  {
    name: 'one to one, from both sides',
    query: '{ people { passport { number person { id } } } }',
    data: { people: [{ passport: { number: 'X1', person: { id: 'ann' } } }, { passport: null }, { passport: null }] },
  },
  {
    name: 'a tree',
    query: '{ person(by: { id: "ann" }) { manager { id } reports { id manager { id } } } }',
    data: {
      person: {
        manager: null,
        reports: [
          { id: 'ben', manager: { id: 'ann' } },
          { id: 'cat', manager: { id: 'ann' } },
        ],
      },
    },
  },
  {
    name: 'many to many within one table',
    query: '{ people { id friends { id } } }',
    data: {
      people: [
        { id: 'ann', friends: [{ id: 'ben' }, { id: 'cat' }] },
        { id: 'ben', friends: [{ id: 'ann' }] },
        { id: 'cat', friends: [] },
      ],
    },
  },
  {
    name: 'many to many, without what a rule hides',
    query: '{ posts { id tags { id } } }',
    data: {
      posts: [
        { id: 'one', tags: [{ id: 'red' }] },
        { id: 'two', tags: [{ id: 'red' }] },
      ],
    },
  },
  {
    name: 'many to many from the other side, without what is deleted',
    query: '{ tags { id posts { id } } }',
    data: { tags: [{ id: 'red', posts: [{ id: 'one' }, { id: 'two' }] }] },
  },
  {
    name: 'hidden rows for admins, who see every tag',
    as: 'admin',
    query: '{ post(by: { id: "one" }) { tags { id } } }',
    data: { post: { tags: [{ id: 'red' }, { id: 'secret' }] } },
  },
  {
    name: 'through a table whose own rule counts',
    query: '{ teams { id members { id } } }',
    data: {
      teams: [
        { id: 't1', members: [{ id: 'ann' }] },
        { id: 't2', members: [] },
      ],
    },
  },
  {
    name: 'through a table, for a user who may see all of it',
    as: 'u',
    query: '{ teams { id members { id } } }',
    data: {
      teams: [
        { id: 't1', members: [{ id: 'ann' }, { id: 'ben' }] },
        { id: 't2', members: [{ id: 'ann' }] },
      ],
    },
  },
  {
    name: 'a page of many to many',
    query: '{ person(by: { id: "ann" }) { friends(first: 1, skip: 1) { id } } }',
    data: { person: { friends: [{ id: 'cat' }] } },
  },
  {
    name: 'by a key of several columns',
    query: '{ person(by: { firstLast: { first: "Ben", last: "B" } }) { id } }',
    data: { person: { id: 'ben' } },
  },
  { name: 'by a unique column', query: '{ passport(by: { number: "X1" }) { id } }', data: { passport: { id: 'p1' } } },
];

describe('relations', () => {
  for (const { name, query, data, ...asking } of CASES) {
    test(name, async () => {
      const answer = await app.ask(query, asking);
      assert.deepEqual(answer.data, data, answer.text);
    });
  }

  test('a key of several columns as a variable', async () => {
    const query = 'query ($by: PersonKey!) { person(by: $by) { id } }';
    const answer = await app.ask(query, { variables: { by: { firstLast: { last: 'C', first: 'Cat' } } } });
    assert.deepEqual(answer.data, { person: { id: 'cat' } }, answer.text);
  });

  test('links go with their rows, and each pair is there once', async () => {
    await assert.rejects(app.database.query(`INSERT INTO post_tags VALUES ('one', 'red')`), /duplicate key/);
    await app.database.query(`DELETE FROM tag WHERE id = 'secret'`);
    assert.deepEqual(await app.database.query(`SELECT count(*)::int AS links FROM post_tags WHERE tag_id = 'secret'`), [
      { links: 0 },
    ]);
  });
});
