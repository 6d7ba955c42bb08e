// The requests that both lanes must answer alike: what is asked, which lane may run it once its document is known, and a word
// that the answer has to have, so that a case is what its name says.

export const TABLES = `
  enum Mood { GOOD BAD }
  type Note
    @table
    @permission(on: [READ, INSERT], level: PUBLIC)
  {
    text: String! @length(max: 20)
    mood: Mood
    size: BigInt
    at: DateTime
    slug: String @unique
    extra: JSON
    secret: String @permission(on: [READ], level: USER, roles: ["boss"])
    tasks: [Task!]! @has(field: "note")
  }
  type Task
    @table
    @permission(on: [READ], level: USER, rows: { ownerId: { eq: "$user.id" } })
    @permission(on: [INSERT], level: USER, check: { title: { ne: "forbidden" } })
  { title: String! ownerId: ID! @preset(value: "$user.id") note: Note @belongsTo }
  type Locked @table { name: String }
`;

/** Before every request these are all rows there are. */
export const ROWS = `
  DELETE FROM task;
  DELETE FROM note;
  INSERT INTO note (id, text, mood, size, slug, extra) VALUES
    ('n1', 'first', 'GOOD', 9007199254740993, 'one', '{"a": [1, null]}'), ('n2', 'second', NULL, NULL, NULL, NULL);
  INSERT INTO task (id, title, owner_id, note_id) VALUES ('t1', 'hers', 'alice', 'n1'), ('t2', 'his', 'bob', 'n1');
`;

export interface Asked {
  readonly name: string;
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body: Readonly<Record<string, unknown>> | string;
  /** What runs it when it comes again; null: it does not get as far as that. */
  readonly lane: 'fast' | 'apollo' | null;
  readonly has: RegExp;
  /** Where the answer has no data: the status for a client of the newer media type. */
  readonly status?: number;
}

const boss = 'bob:boss+app';
export const byId = 'query ById($id: ID!) { note(by: { id: $id }) { id text mood size slug extra } }';
const insert = 'mutation ($data: NoteInsert!) { insertNote(data: $data) { id text mood } }';
const pages = 'query ($n: Int, $m: Int) { notes(first: $n) { id again: tasks(first: $m) { id } } }';
export const two =
  'query A { notes { id } } query B { notes { text } } mutation C { insertNote(data: { text: "c" }) { text } }';
const nested = (levels: number): unknown => JSON.parse('{"AND":['.repeat(levels) + '{}' + ']}'.repeat(levels));

/** What is run, and answered with data. */
export const ANSWERED: readonly Asked[] = [
  { name: 'a row', body: { query: byId, variables: { id: 'n1' } }, lane: 'fast', has: /"9007199254740993"/ },
  { name: 'no row', body: { query: byId, variables: { id: 'x' } }, lane: 'fast', has: /"note":null/ },
  { name: 'no variables', body: { query: '{ notes { id } }' }, lane: 'fast', has: /n2/ },
  { name: 'variables null', body: { query: '{ notes { id } }', variables: null }, lane: 'fast', has: /n2/ },
  {
    name: 'all null',
    body: { query: '{ viewer { level } }', operationName: null, extensions: null },
    lane: 'fast',
    has: /PUBLIC/,
  },
  { name: 'variables left over', body: { query: '{ notes { id } }', variables: { x: {} } }, lane: 'fast', has: /n2/ },
  { name: 'members left over', body: { query: '{ notes { id } }', id: 7, key: [] }, lane: 'fast', has: /n2/ },
  {
    name: 'a client that names itself',
    body: { query: '{ notes { id } }', extensions: { clientLibrary: { name: 'x', version: '4' } } },
    lane: 'fast',
    has: /n2/,
  },
  {
    name: 'an operation by its name',
    body: { query: byId, operationName: 'ById', variables: { id: 'n2' } },
    lane: 'fast',
    has: /second/,
  },
  { name: 'the first of several', body: { query: two, operationName: 'A' }, lane: 'fast', has: /"id" ?: ?"n1"/ },
  { name: 'the second of several', body: { query: two, operationName: 'B' }, lane: 'fast', has: /"text" ?: ?"first"/ },
  { name: 'the mutation of several', body: { query: two, operationName: 'C' }, lane: 'fast', has: /insertNote/ },
  {
    name: 'aliases, fragments and conditions',
    body: {
      query:
        'query ($on: Boolean = true, $off: Boolean!) { b: notes { ...F } a: notes @skip(if: $on) { id } } fragment F on Note { __typename x: id text @include(if: $off) }',
      variables: { off: false },
    },
    lane: 'fast',
    has: /"__typename" ?: ?"Note", ?"x" ?: ?"n1"}/,
  },
  { name: 'a user', as: 'alice', body: { query: '{ notes { tasks { title } } }' }, lane: 'fast', has: /hers/ },
  { name: 'another user', as: 'bob', body: { query: '{ notes { tasks { title } } }' }, lane: 'fast', has: /his/ },
  { name: 'a role', as: boss, body: { query: '{ notes { secret } viewer { roles } }' }, lane: 'fast', has: /boss/ },
  { name: 'an admin', as: 'admin', body: { query: '{ lockeds { id } tasks { title } }' }, lane: 'fast', has: /his/ },
  { name: 'a key', as: 'app', body: { query: '{ lockeds { id } }' }, lane: 'fast', has: /\[\]/ },
  {
    name: 'pages',
    body: { query: '{ notesConnection(first: 1) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }' },
    lane: 'fast',
    has: /"totalCount" : 2/,
  },
  {
    name: 'aggregates',
    body: { query: '{ notesAggregate(groupBy: [MOOD]) { group { mood } count } }' },
    lane: 'fast',
    has: /GOOD/,
  },
  {
    name: 'introspection',
    body: { query: 'query ($n: String!) { __type(name: $n) { kind } __typename }', variables: { n: 'Note' } },
    lane: 'fast',
    has: /OBJECT/,
  },
  {
    name: 'a write',
    body: { query: insert, variables: { data: { id: 'w', text: 'w', mood: 'BAD' } } },
    lane: 'fast',
    has: /"BAD"/,
  },
  {
    name: 'two writes',
    as: 'alice',
    body: {
      query:
        'mutation { insertNote(data: { id: "m", text: "m" }) { id } insertTask(data: { id: "t", title: "t", noteId: "m" }) { note { id } } }',
    },
    lane: 'fast',
    has: /"note" ?: ?{"id" ?: ?"m"}/,
  },
];

/** What is run, and fails. */
export const FAILING: readonly Asked[] = [
  {
    name: 'a variable of another type',
    body: { query: byId, variables: { id: {} } },
    lane: 'fast',
    has: /BAD_USER_INPUT/,
    status: 400,
  },
  { name: 'a variable that is missing', body: { query: byId }, lane: 'fast', has: /\$id.*BAD_USER_INPUT/, status: 400 },
  {
    name: 'a variable that is null',
    body: { query: byId, variables: { id: null } },
    lane: 'fast',
    has: /BAD_USER_INPUT/,
    status: 400,
  },
  {
    name: 'a member that nearly is one',
    body: { query: insert, variables: { data: { texd: 'x' } } },
    lane: 'fast',
    has: /Did you mean/,
    status: 400,
  },
  {
    name: 'many wrong variables',
    body: {
      query: `query (${Array.from({ length: 12 }, (_, at) => `$v${at}: Int`)}) { ${Array.from({ length: 12 }, (_, at) => `v${at}: notes(first: $v${at}) { id }`).join(' ')} }`,
      variables: Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`v${at}`, 'x'])),
    },
    lane: 'fast',
    has: /Too many errors/,
    status: 400,
  },
  {
    name: 'variables that nest too deep',
    body: {
      query: 'query ($w: NoteWhere) { notes(where: $w) { id } }',
      variables: { w: nested(150) },
    },
    lane: 'fast',
    has: /nest deeper/,
    status: 400,
  },
  {
    name: 'too many rows',
    as: 'alice',
    body: { query: pages, variables: { n: 1_000, m: 1_000 } },
    lane: 'fast',
    has: /"name":"rows"/,
    status: 400,
  },
  {
    name: 'too much work',
    as: 'alice',
    body: {
      query:
        'query ($n: Int) { notes(first: $n) { tasksConnection { a: totalCount b: totalCount c: totalCount d: totalCount } } }',
      variables: { n: 1_000 },
    },
    lane: 'fast',
    has: /"name":"cost"/,
    status: 400,
  },
  {
    name: 'a page that is too large',
    body: { query: '{ notes(first: 1001) { id } }' },
    lane: 'fast',
    has: /from 0 to 1000/,
  },
  {
    name: 'a wrong field beside a right one',
    body: { query: 'query ($n: Int) { bad: notes(first: $n) { id } good: notes { id } }', variables: { n: -1 } },
    lane: 'fast',
    has: /"bad":null,"good":\[/,
  },
  {
    name: 'a cursor that is none',
    body: { query: '{ notesConnection(after: "x") { nodes { id } } }' },
    lane: 'fast',
    has: /BAD_USER_INPUT/,
  },
  {
    name: 'a text that no column holds',
    body: { query: insert, variables: { data: { text: 'a\u0000b' } } },
    lane: 'fast',
    has: /CONSTRAINT_VIOLATION/,
  },
  {
    name: 'a used id',
    body: { query: insert, variables: { data: { id: 'n1', text: 'x' } } },
    lane: 'fast',
    has: /CON(FLICT|STRAINT_VIOLATION)/,
  },
  {
    name: 'a used slug',
    body: { query: insert, variables: { data: { text: 'x', slug: 'one' } } },
    lane: 'fast',
    has: /CON(FLICT|STRAINT_VIOLATION)/,
  },
  {
    name: 'a text that is too long',
    body: { query: insert, variables: { data: { text: 'x'.repeat(21) } } },
    lane: 'fast',
    has: /"fields"/,
  },
  {
    name: 'a rule that says no',
    as: 'alice',
    body: { query: 'mutation { insertTask(data: { title: "forbidden" }) { id } }' },
    lane: 'fast',
    has: /FORBIDDEN/,
  },
  {
    name: 'a write that is done before one that fails',
    body: {
      query:
        'mutation { one: insertNote(data: { text: "1" }) { text } two: insertNote(data: { id: "n1", text: "2" }) { text } }',
    },
    lane: 'fast',
    has: /"two":null/,
  },
  {
    name: 'what nobody foresaw',
    body: { query: 'mutation { insertNote(data: { text: "boom" }) { id } }' },
    lane: 'fast',
    has: /INTERNAL_SERVER_ERROR/,
  },
];
