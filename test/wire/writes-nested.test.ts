// Rows that bring others along, through every kind of relation, and rows that go and take others with them. What is in the
// tables afterwards is read as one tree.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Answer, openTestService, type TestService } from '../support/open-test-service.ts';

const SDL = `
type Folder @table(softDelete: true) {
  name: String! @unique
  parent: Folder @belongsTo(onDelete: CASCADE)
  folders: [Folder!]! @has(field: "parent")
  files: [File!]! @has(field: "folder")
  cover: Cover @has(field: "folder")
  labels: [Label!]! @manyToMany
  people: [Person!]! @manyToMany(through: "Access")
}
type File @table(softDelete: true) { name: String! folder: Folder! @belongsTo(onDelete: CASCADE) notes: [Note!]! @has(field: "file") mentor: Person @belongsTo(onDelete: SET_NULL) }
type Note @table { text: String! file: File! @belongsTo(onDelete: CASCADE) }
type Cover @table { color: String! folder: Folder! @belongsTo @unique }
type Label @table { word: String! @unique }
type Access @table { folder: Folder! @belongsTo(onDelete: CASCADE) person: Person! @belongsTo(onDelete: CASCADE) level: Int! @default(value: "1") }
type Person @table(softDelete: true) { name: String! @unique email: String @unique }
`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
});
after(() => app?.close());

beforeEach(async () => {
  await app.database.query('TRUNCATE folder, file, note, cover, label, access, person CASCADE');
  await app.database.query(`
    INSERT INTO folder (id, name, parent_id) VALUES ('root', 'root', NULL), ('a', 'a', 'root'), ('b', 'b', 'a'), ('c', 'c', 'b'), ('other', 'other', NULL);
    INSERT INTO file (id, name, folder_id) VALUES ('f1', 'f1', 'c'), ('f2', 'f2', 'other');
    INSERT INTO note (id, text, file_id) VALUES ('n1', 'n1', 'f1'), ('n2', 'n2', 'f2');
    INSERT INTO label (id, word) VALUES ('l1', 'red'), ('l2', 'blue');
    INSERT INTO person (id, name, email) VALUES ('p1', 'Ada', 'ada@x'), ('p2', 'Bob', NULL);
    UPDATE file SET mentor_id = 'p1'`);
});

const ask = (query: string, variables: Record<string, unknown> = {}) => app.ask(query, { as: 'app', variables });
const codeOf = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']).join();
const TREE =
  '{ name parent { name } folders(first: 9) { name folders(first: 9) { name } files(first: 9) { name } } files(first: 9, orderBy: { name: ASC }) { name notes(orderBy: { text: ASC }) { text } } cover { color } labels(orderBy: { word: ASC }) { word } people(orderBy: { name: ASC }) { name } }';
const EMPTY = { parent: null, folders: [], files: [], cover: null, labels: [], people: [] };

interface Case {
  readonly name: string;
  readonly data: string;
  readonly tree: Record<string, unknown>;
}

const CASES: readonly Case[] = [
  { name: 'a new parent', data: 'parent: { insert: { name: "up" } }', tree: { parent: { name: 'up' } } },
  { name: 'a parent by its id', data: 'parent: { connect: { id: "a" } }', tree: { parent: { name: 'a' } } },
  { name: 'a parent by another key', data: 'parent: { connect: { name: "b" } }', tree: { parent: { name: 'b' } } },
  { name: 'a parent by its column', data: 'parentId: "c"', tree: { parent: { name: 'c' } } },
  {
    name: 'new children with theirs',
    data: 'files: { insert: [{ name: "x", notes: { insert: [{ text: "1" }, { text: "2" }] } }, { name: "y" }] }',
    tree: {
      files: [
        { name: 'x', notes: [{ text: '1' }, { text: '2' }] },
        { name: 'y', notes: [] },
      ],
    },
  },
  {
    name: 'children that are there, and new ones',
    data: 'files: { connect: [{ id: "f1" }], insert: [{ id: "g", name: "x" }] }',
    tree: {
      files: [
        { name: 'f1', notes: [{ text: 'n1' }] },
        { name: 'x', notes: [] },
      ],
    },
  },
  {
    name: 'a tree of three levels',
    data: 'folders: { insert: [{ name: "x1", folders: { insert: [{ name: "x2" }] }, files: { insert: [{ name: "y" }] } }] }',
    tree: { folders: [{ name: 'x1', folders: [{ name: 'x2' }], files: [{ name: 'y' }] }] },
  },
  {
    name: 'above and below at once',
    data: 'parent: { insert: { name: "up", parent: { insert: { name: "upper" } } } }, folders: { insert: [{ name: "down" }] }',
    tree: { parent: { name: 'up' }, folders: [{ name: 'down', folders: [], files: [] }] },
  },
  { name: 'one that it has', data: 'cover: { insert: { color: "red" } }', tree: { cover: { color: 'red' } } },
  {
    name: 'pairs with new rows and with rows that are there, each once',
    data: 'labels: { connect: [{ word: "red" }, { id: "l1" }], insert: [{ word: "new" }] }',
    tree: { labels: [{ word: 'new' }, { word: 'red' }] },
  },
  {
    name: 'pairs of a table of the model',
    data: 'people: { connect: [{ email: "ada@x" }], insert: [{ name: "Cy" }] }',
    tree: { people: [{ name: 'Ada' }, { name: 'Cy' }] },
  },
  { name: 'nothing', data: 'files: { connect: [], insert: [] }, labels: {}, people: null, parent: null', tree: {} },
];

describe('a row that brings others along', () => {
  for (const { name, data, tree } of CASES) {
    test(name, async () => {
      const row = (folder: string) => `{ name: "${folder}", ${data} }`;
      const one = await ask(`mutation { row: insertFolder(data: ${row('n')}) ${TREE} }`);
      assert.deepEqual(one.data, { row: { name: 'n', ...EMPTY, ...tree } }, one.text);
      const read = await ask(`{ row: folder(by: { name: "n" }) ${TREE} }`);
      assert.deepEqual(read.data, one.data);
    });
  }

  for (const mode of ['ALL', 'EACH']) {
    test(`many of them, ${mode}`, async () => {
      const rows = [1, 2, 3].map((at) => ({
        name: `m${at}`,
        parent: at === 2 ? { insert: { name: `up${at}` } } : { connect: { name: 'a' } },
        files: { insert: [{ name: `x${at}` }] },
        labels: { connect: [{ id: 'l1' }], insert: at === 3 ? [{ word: 'new' }] : [] },
      }));
      const { data, text } = await ask(
        `mutation ($rows: [FolderInsert!]!) { rows: insertFolders(data: $rows, mode: ${mode}) { count nodes ${TREE} errors { message } } }`,
        { rows },
      );
      const expected = [1, 2, 3].map((at) => ({
        ...EMPTY,
        name: `m${at}`,
        parent: { name: at === 2 ? 'up2' : 'a' },
        files: [{ name: `x${at}`, notes: [] }],
        labels: [...(at === 3 ? [{ word: 'new' }] : []), { word: 'red' }],
      }));
      assert.deepEqual(data, { rows: { count: 3, nodes: expected, errors: [] } }, text);
    });
  }

  test('variables, literals and both', async () => {
    const { data, text } = await ask(
      `mutation ($name: String!, $file: FileInsert!, $labels: LabelRefs, $parent: FolderKey!) {
        row: insertFolder(data: { name: $name, files: { insert: [$file, { name: "literal" }] }, labels: $labels, parent: { connect: $parent } }) { name parent { name } files(orderBy: { name: ASC }) { name } labels { word } }
      }`,
      { name: 'v', file: { id: 'a0', name: 'variable' }, labels: { connect: [{ id: 'l2' }] }, parent: { id: 'a' } },
    );
    assert.deepEqual(
      data,
      {
        row: {
          name: 'v',
          parent: { name: 'a' },
          files: [{ name: 'literal' }, { name: 'variable' }],
          labels: [{ word: 'blue' }],
        },
      },
      text,
    );
  });

  test('is written with all of it, or not at all', async () => {
    const answer = await ask(
      'mutation { insertFolder(data: { name: "n", files: { insert: [{ name: "x" }] }, folders: { insert: [{ name: "root" }] } }) { id } }',
    );
    assert.equal(codeOf(answer), 'CONSTRAINT_VIOLATION');
    assert.deepEqual(
      await app.database.query("SELECT 1 FROM folder WHERE name = 'n' UNION ALL SELECT 1 FROM file WHERE name = 'x'"),
      [],
    );
  });

  for (const [name, data] of [
    [
      'both a new row and one that is there, where there is one',
      'parent: { connect: { id: "a" }, insert: { name: "x" } }',
    ],
    ['neither', 'parent: {}'],
  ] as const) {
    test(`${name}, is refused`, async () => {
      const answer = await ask(`mutation { insertFolder(data: { name: "n", ${data} }) { id } }`);
      assert.equal(codeOf(answer), 'GRAPHQL_VALIDATION_FAILED', answer.text);
    });
  }
});

describe('rows that go', () => {
  const living = async () => {
    const [row] = await app.database.query<{ rows: string[] }>(
      "SELECT array_agg(id ORDER BY id) AS rows FROM (SELECT id FROM folder WHERE NOT deleted UNION ALL SELECT id FROM file WHERE NOT deleted UNION ALL SELECT id FROM note) x WHERE id <> 'root'",
    );
    return row?.rows;
  };

  test('softly take along what is theirs, over all levels', async () => {
    const { data } = await ask('mutation { deleteFolder(by: { id: "a" }) { name deleted folders { name } } }');
    assert.deepEqual(data, { deleteFolder: { name: 'a', deleted: true, folders: [] } });
    assert.deepEqual(await living(), ['f2', 'n2', 'other']);
  });

  test('by a filter, as far as a limit', async () => {
    const { data } = await ask(
      'mutation { deleteFolders(where: { parent: { id: { isNull: false } } }, limit: 1) { count nodes { name } } }',
    );
    assert.deepEqual(data, { deleteFolders: { count: 1, nodes: [{ name: 'a' }] } });
    assert.deepEqual(await living(), ['f2', 'n2', 'other']);
  });

  test('softly leave nothing behind that points at them, where that is said', async () => {
    await ask('mutation { deletePerson(by: { name: "Ada" }) { id } }');
    assert.deepEqual(await app.database.query('SELECT DISTINCT mentor_id FROM file'), [{ mentor_id: null }]);
  });

  test('stay where they are held', async () => {
    await ask('mutation { insertCover(data: { color: "red", folderId: "c" }) { id } }');
    const answer = await ask('mutation { deleteFolder(by: { id: "a" }) { id } }');
    assert.equal(codeOf(answer), 'CONSTRAINT_VIOLATION');
    assert.equal(
      answer.errors?.[0]?.message,
      'The Folder is still the folder of rows of Cover: delete or change those first.',
    );
    assert.equal((await living())?.length, 8);
  });

  test('are gone for every way of naming them, and cannot go twice', async () => {
    await ask('mutation { deletePerson(by: { id: "p1" }) { id } }');
    for (const field of [
      'updatePerson(by: { id: "p1" }, set: { name: "x" }) { id }',
      'updatePerson(by: { name: "Ada" }, set: { name: "x" }) { id }',
      'deletePerson(by: { id: "p1" }) { id }',
    ])
      assert.equal(codeOf(await ask(`mutation { ${field} }`)), 'NOT_FOUND', field);
    const many = await ask(
      'mutation { a: updatePeople(where: {}, set: { email: null }) { nodes { name } } b: deletePeople(where: { name: { eq: "Ada" } }) { count } }',
    );
    assert.deepEqual(many.data, { a: { nodes: [{ name: 'Bob' }] }, b: { count: 0 } });
    const read = await ask(
      '{ people { name } all: people(deleted: INCLUDE) { name deleted } person(by: { id: "p1" }) { id } }',
    );
    assert.deepEqual(read.data, {
      people: [{ name: 'Bob' }],
      all: [
        { name: 'Ada', deleted: true },
        { name: 'Bob', deleted: false },
      ],
      person: null,
    });
  });

  test('give back what was unique of them, but not their ids', async () => {
    await ask('mutation { deletePerson(by: { id: "p1" }) { id } }');
    const again = await ask('mutation { insertPerson(data: { id: "p1", name: "Ada" }) { id } }');
    assert.equal(codeOf(again), 'CONFLICT');
    const other = await ask('mutation { insertPerson(data: { name: "Ada", email: "ada@x" }) { name } }');
    assert.equal(other.errors, undefined);
    const back = await ask('mutation { undeletePerson(by: { id: "p1" }) { id } }');
    assert.equal(codeOf(back), 'CONFLICT');
    assert.match(back.errors?.[0]?.message ?? '', /^Another Person has the same (name|email) now\./);
    await ask('mutation { deletePeople(where: { id: { ne: "p2" } }) { count } }');
    const free = await ask('mutation { undeletePerson(by: { id: "p1" }) { name deleted } }');
    assert.deepEqual(free.data, { undeletePerson: { name: 'Ada', deleted: false } });
  });

  test('come back alone, and a row that is there may', async () => {
    await ask('mutation { deleteFolder(by: { id: "a" }) { id } }');
    const { data } = await ask(
      'mutation { undeleteFolder(by: { id: "a" }) { name folders { name } } other: undeleteFolder(by: { id: "other" }) { deleted } }',
    );
    assert.deepEqual(data, { undeleteFolder: { name: 'a', folders: [] }, other: { deleted: false } });
    assert.equal(codeOf(await ask('mutation { undeleteFolder(by: { id: "no" }) { id } }')), 'NOT_FOUND');
  });

  test('for good are answered as they were, with what was beside them', async () => {
    const { data } = await ask(
      'mutation { deleteNotes(where: {}) { count nodes { text file { name folder { name } } } } }',
    );
    assert.deepEqual(data, {
      deleteNotes: {
        count: 2,
        nodes: [
          { text: 'n1', file: { name: 'f1', folder: { name: 'c' } } },
          { text: 'n2', file: { name: 'f2', folder: { name: 'other' } } },
        ],
      },
    });
  });

  test('from outside the service, or changed there, have a new version all the same', async () => {
    const read = 'SELECT version, updated_at, created_at FROM note WHERE id = $1';
    const [then] = await app.database.query(read, ['n1']);
    await app.database.query(
      "UPDATE note SET text = 'psql', version = 1, updated_at = now() - interval '1 day', created_at = now() WHERE id = 'n1'",
    );
    const [now] = await app.database.query(read, ['n1']);
    assert.notEqual(now?.['version'], then?.['version']);
    assert.ok(Number(now?.['updated_at']) > Number(then?.['updated_at']));
    assert.deepEqual(now?.['created_at'], then?.['created_at']);
    const stale = await ask(
      'mutation ($v: Version) { updateNote(by: { id: "n1" }, set: { text: "x" }, ifVersion: $v) { id } }',
      { v: then?.['version'] },
    );
    assert.equal(codeOf(stale), 'CONFLICT');
  });
});
