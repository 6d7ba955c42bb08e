// What is written, by whom and in which words. The statements of the bare server are one round trip each, and do what the
// others do: the same tables, triggers and change log, the same rows in the answer, the version checked.

export const WRITERS = ['bare', 'tablecast', 'tablecast-uncaptured', 'postgraphile'] as const;
export type WriterName = (typeof WRITERS)[number];

export const TABLES = `
  type Note @table @permission(level: PUBLIC) {
    title: String!
    body: String!
    priority: Int!
    done: Boolean!
    parts: [Part!]! @has(field: "note")
  }
  type Part @table @permission(level: PUBLIC) {
    text: String!
    position: Int!
    note: Note! @belongsTo(onDelete: CASCADE)
  }
`;

export type Variables = Readonly<Record<string, unknown>>;
type Data = Readonly<Record<string, unknown>>;

export interface WriteCase {
  readonly name: string;
  readonly title: string;
  /** The variables of the request of that number. A case that changes a row is given one, as its last answer left it. */
  readonly variables: (number: number, row: Row) => Variables;
  /** Whether each connection changes a row of its own, whose version the next request names. */
  readonly changes: boolean;
  /** Whether one request is so much work that it is put by fewer connections, for longer. */
  readonly heavy: boolean;
  /** The document for Tablecast; the bare server is asked the same and knows it by its name. */
  readonly tablecast: string;
  /** The statement behind the bare server: its parameters are the variables in their order, its `answer` is the data. No row: a conflict. */
  readonly sql: string;
  /** Null: it cannot. */
  readonly postgraphile: {
    readonly query: string;
    readonly variables: (number: number, row: Row) => Variables;
    readonly toAnswer: (data: Data) => unknown;
  } | null;
}

export interface Row {
  readonly id: string;
  readonly version: string;
}

const PARTS = 10;
const BULK = 1_000;
const BODY = 'Nothing is as permanent as what was meant to be for now. '.repeat(4);

const NOTE = `'id', n.id, 'title', n.title, 'body', n.body, 'priority', n.priority, 'done', n.done, 'version', n.version::text`;
const note = (number: number) => ({
  title: `Note ${number}`,
  body: BODY,
  priority: number % 10,
  done: number % 2 === 0,
});
const OURS = 'id title body priority done version';
/** Amber calls the column `id` `rowId`, because `id` is its global one. */
const THEIRS = OURS.replace(/^id/, 'id: rowId');
const unwrap = (field: string, inner: string) => (data: Data) => ({
  [field]: (data[field] as Readonly<Record<string, unknown>>)[inner],
});

export const WRITE_CASES: readonly WriteCase[] = [
  {
    name: 'insert',
    title: 'A row inserted, 6 columns answered',
    changes: false,
    heavy: false,
    variables: note,
    tablecast: `mutation Insert($title: String!, $body: String!, $priority: Int!, $done: Boolean!) {
      insertNote(data: { title: $title, body: $body, priority: $priority, done: $done }) { ${OURS} } }`,
    sql: `INSERT INTO note AS n (title, body, priority, done) VALUES ($1, $2, $3, $4)
      RETURNING json_build_object('insertNote', json_build_object(${NOTE}))::text AS answer`,
    postgraphile: {
      query: `mutation Insert($title: String!, $body: String!, $priority: Int!, $done: Boolean!) {
        insertNote: createNote(input: { note: { title: $title, body: $body, priority: $priority, done: $done } }) { note { ${THEIRS} } } }`,
      variables: note,
      toAnswer: unwrap('insertNote', 'note'),
    },
  },
  {
    name: 'update',
    title: 'A row changed if it has a version still, 6 columns answered',
    changes: true,
    heavy: false,
    variables: (number, row) => ({ ...row, title: `Changed ${number}`, priority: number % 10 }),
    tablecast: `mutation Update($id: ID!, $version: Version!, $title: String!, $priority: Int!) {
      updateNote(by: { id: $id }, ifVersion: $version, set: { title: $title, priority: $priority }) { ${OURS} } }`,
    sql: `UPDATE note AS n SET title = $3, priority = $4 WHERE id = $1 AND version = $2
      RETURNING json_build_object('updateNote', json_build_object(${NOTE}))::text AS answer`,
    // It checks no version.
    postgraphile: {
      query: `mutation Update($id: String!, $title: String!, $priority: Int!) {
        updateNote: updateNoteByRowId(input: { rowId: $id, notePatch: { title: $title, priority: $priority } }) { note { ${THEIRS} } } }`,
      variables: (number, { id }) => ({ id, title: `Changed ${number}`, priority: number % 10 }),
      toAnswer: unwrap('updateNote', 'note'),
    },
  },
  {
    name: 'nested-insert',
    title: `A row inserted with ${PARTS} that belong to it`,
    changes: false,
    heavy: false,
    variables: (number) => ({ ...note(number), parts: partsOf(number) }),
    tablecast: `mutation NestedInsert($title: String!, $body: String!, $priority: Int!, $done: Boolean!, $parts: [PartInsert!]!) {
      insertNote(data: { title: $title, body: $body, priority: $priority, done: $done, parts: { insert: $parts } }) {
        ${OURS} parts(orderBy: [{ position: ASC }]) { id text position } } }`,
    sql: `WITH n AS (INSERT INTO note (title, body, priority, done) VALUES ($1, $2, $3, $4) RETURNING *),
      p AS (INSERT INTO part (text, position, note_id)
        SELECT r.text, r.position, n.id FROM n, json_to_recordset($5) AS r(text text, position int4) RETURNING *)
      SELECT json_build_object('insertNote', json_build_object(${NOTE}, 'parts',
        (SELECT json_agg(json_build_object('id', id, 'text', text, 'position', position) ORDER BY position) FROM p)))::text AS answer FROM n`,
    // Eleven mutations in one request, each a transaction of its own, under an id that the client has made.
    postgraphile: {
      query: `mutation NestedInsert($id: String!, $title: String!, $body: String!, $priority: Int!, $done: Boolean!, ${each((at) => `$text${at}: String!`, ', ')}) {
        insertNote: createNote(input: { note: { rowId: $id, title: $title, body: $body, priority: $priority, done: $done } }) { note { ${THEIRS} } }
        ${each((at) => `part${at}: createPart(input: { part: { text: $text${at}, position: ${at}, noteId: $id } }) { part { id: rowId text position } }`, '\n')} }`,
      variables: (number) => ({
        id: crypto.randomUUID(),
        ...note(number),
        ...Object.fromEntries(partsOf(number).map(({ text }, at) => [`text${at}`, text])),
      }),
      toAnswer: ({ insertNote, ...others }) => ({
        insertNote: {
          ...(insertNote as { note: object }).note,
          parts: Array.from({ length: PARTS }, (_, at) => (others[`part${at}`] as { part: object }).part),
        },
      }),
    },
  },
  {
    name: 'bulk-insert',
    title: `${BULK} rows inserted at once, their ids answered`,
    changes: false,
    heavy: true,
    variables: (number) => ({ rows: Array.from({ length: BULK }, (_, at) => note(number * BULK + at)) }),
    tablecast: 'mutation BulkInsert($rows: [NoteInsert!]!) { insertNotes(data: $rows) { count nodes { id } } }',
    sql: `WITH n AS (INSERT INTO note (title, body, priority, done)
        SELECT title, body, priority, done FROM json_to_recordset($1) AS r(title text, body text, priority int4, done bool) RETURNING id)
      SELECT json_build_object('insertNotes', json_build_object('count', count(*), 'nodes', json_agg(json_build_object('id', id))))::text AS answer FROM n`,
    postgraphile: null,
  },
];

function each(toText: (at: number) => string, between: string): string {
  return Array.from({ length: PARTS }, (_, at) => toText(at)).join(between);
}

function partsOf(number: number): { text: string; position: number }[] {
  return Array.from({ length: PARTS }, (_, position) => ({ text: `Part ${position} of ${number}`, position }));
}

/** The name of a case's operation, which is how the bare server knows it. */
export function writeOperation({ tablecast }: WriteCase): string {
  return /^mutation (\w+)/.exec(tablecast)?.[1] ?? '';
}

/** The body of a request; null when the server cannot do that. */
export function writeBody(one: WriteCase, writer: WriterName, number: number, row: Row): string | null {
  const asked = writer === 'postgraphile' ? one.postgraphile : { query: one.tablecast, variables: one.variables };
  if (!asked) return null;
  const variables = asked.variables(number, row);
  return JSON.stringify({ operationName: writeOperation(one), query: asked.query, variables });
}
