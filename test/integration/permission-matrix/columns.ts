// Columns with permissions of their own, presets and system columns, by every way in which a column can be named: to read it,
// to be found or sorted by it, and to set it.

import { type Answer, ask, type TestService } from '../../support/open-test-service.ts';
import type { Cells } from './cells.ts';
import { isTurn } from './turns.ts';
import type { Level, Who } from './world.ts';

type Use = 'READ' | 'INSERT' | 'UPDATE';

/** The levels that each use has; none: the master key's alone. */
interface ColumnKind {
  readonly sdl: string;
  readonly READ: readonly Level[];
  readonly INSERT: readonly Level[];
  readonly UPDATE: readonly Level[];
  /** Nobody sets it, whatever the key. */
  readonly system?: boolean;
}

const EVERYBODY = { READ: ['PUBLIC'], INSERT: ['PUBLIC'], UPDATE: ['PUBLIC'] } as const;
const NOBODY = { READ: [], INSERT: [], UPDATE: [] } as const;

export const COLUMNS: Readonly<Record<string, ColumnKind>> = {
  qplain: { ...EVERYBODY, sdl: '' },
  qseen: { ...NOBODY, READ: ['PUBLIC'], sdl: '@permission(on: [READ], level: PUBLIC)' },
  qgiven: {
    ...NOBODY,
    READ: ['APPLICATION'],
    INSERT: ['USER'],
    sdl: '@permission(on: [READ], level: APPLICATION) @permission(on: [INSERT], level: USER)',
  },
  qchanged: { ...NOBODY, UPDATE: ['USER'], sdl: '@permission(on: [UPDATE], level: USER)' },
  qmoderated: {
    READ: ['MODERATOR'],
    INSERT: ['MODERATOR'],
    UPDATE: ['MODERATOR'],
    sdl: '@permission(on: [READ, INSERT, UPDATE], level: USER, roles: ["moderator"])',
  },
  qeither: {
    READ: ['APPLICATION', 'MODERATOR'],
    INSERT: [],
    UPDATE: ['USER'],
    sdl: '@permission(on: [READ], level: APPLICATION) @permission(on: [READ], level: USER, roles: ["moderator"]) @permission(on: [UPDATE], level: USER)',
  },
  qlocked: { ...NOBODY, sdl: '@permission(level: ADMIN)' },
  qpreset: { ...NOBODY, READ: ['PUBLIC'], sdl: '@preset(on: [INSERT, UPDATE], value: "7")' },
  version: { ...NOBODY, READ: ['PUBLIC'], sdl: '', system: true },
};

export const COLUMNS_SDL = `
type Thing @table @permission(on: [READ, INSERT, UPDATE, DELETE], level: PUBLIC) {
  ${Object.entries(COLUMNS)
    .filter(([, { system }]) => !system)
    .map(([name, { sdl }]) => `${name}: Int @unique ${sdl}`)
    .join('\n  ')}
  box: Box @belongsTo
}
type Box @table @permission(on: [READ, INSERT, UPDATE, DELETE], level: PUBLIC) { things: [Thing!]! @has(field: "box") }`;

/** A way to name a column, and what for. Every document is about no row that is there. */
export interface Way {
  readonly name: string;
  readonly use: Use;
  /** Where columns of this kind are something else. */
  readonly not?: 'system';
  document(column: string, value: string): string;
}

const by = 'by: { id: "none" }';
const constant = (column: string) => column.toUpperCase();

export const WAYS: readonly Way[] = [
  { name: 'field', use: 'READ', document: (column) => `{ things { ${column} } }` },
  { name: 'field under another name', use: 'READ', document: (column) => `{ things { id: ${column} } }` },
  {
    name: 'field in a fragment',
    use: 'READ',
    document: (column) => `{ things { ...F } } fragment F on Thing { ... { ${column} } }`,
  },
  {
    name: 'field of a related row',
    use: 'READ',
    document: (column) => `{ boxes { things { box { things { ${column} } } } } }`,
  },
  {
    name: 'field of an edge',
    use: 'READ',
    document: (column) => `{ thingsConnection { edges { node { ${column} } } } }`,
  },
  {
    name: 'key',
    use: 'READ',
    not: 'system',
    document: (column, value) => `{ thing(by: { ${column}: ${value} }) { id } }`,
  },
  {
    name: 'key of an update',
    use: 'READ',
    not: 'system',
    document: (column, value) => `mutation { updateThing(by: { ${column}: ${value} }, set: { boxId: null }) { id } }`,
  },
  {
    name: 'key of a connected row',
    use: 'READ',
    not: 'system',
    document: (column, value) =>
      `mutation { insertBox(data: { things: { connect: [{ ${column}: ${value} }] } }) { id } }`,
  },
  {
    name: 'filter',
    use: 'READ',
    not: 'system',
    document: (column, value) => `{ things(where: { ${column}: { eq: ${value} } }) { id } }`,
  },
  {
    name: 'filter, negated',
    use: 'READ',
    not: 'system',
    document: (column, value) => `{ things(where: { NOT: { OR: [{ ${column}: { ne: ${value} } }] } }) { id } }`,
  },
  {
    name: 'filter of an aggregate',
    use: 'READ',
    not: 'system',
    document: (column) => `{ thingsAggregate(where: { ${column}: { isNull: true } }) { count } }`,
  },
  {
    name: 'filter through a relation',
    use: 'READ',
    not: 'system',
    document: (column, value) => `{ boxes(where: { things: { some: { ${column}: { eq: ${value} } } } }) { id } }`,
  },
  {
    name: 'filter of a bulk update',
    use: 'READ',
    not: 'system',
    document: (column, value) =>
      `mutation { updateThings(where: { ${column}: { eq: ${value} } }, set: { boxId: null }) { count } }`,
  },
  {
    name: 'filter of a bulk delete',
    use: 'READ',
    not: 'system',
    document: (column, value) => `mutation { deleteThings(where: { ${column}: { eq: ${value} } }) { count } }`,
  },
  {
    name: 'order',
    use: 'READ',
    not: 'system',
    document: (column) => `{ things(orderBy: [{ ${column}: ASC }]) { id } }`,
  },
  {
    name: 'order of a connection',
    use: 'READ',
    not: 'system',
    document: (column) => `{ thingsConnection(orderBy: [{ ${column}: DESC }]) { pageInfo { endCursor } } }`,
  },
  {
    name: 'order through a relation',
    use: 'READ',
    not: 'system',
    document: (column) => `{ boxes { things(orderBy: [{ ${column}: ASC }]) { id } } }`,
  },
  {
    name: 'group',
    use: 'READ',
    not: 'system',
    document: (column) => `{ thingsAggregate(groupBy: [${constant(column)}]) { count } }`,
  },
  { name: 'measure', use: 'READ', not: 'system', document: (column) => `{ thingsAggregate { max { ${column} } } }` },
  {
    name: 'having',
    use: 'READ',
    not: 'system',
    document: (column, value) => `{ thingsAggregate(having: { sum: { ${column}: { gt: ${value} } } }) { count } }`,
  },
  {
    name: 'answer of an update',
    use: 'READ',
    document: (column) => `mutation { updateThing(${by}, set: { boxId: null }) { ${column} } }`,
  },
  { name: 'answer of a delete', use: 'READ', document: (column) => `mutation { deleteThing(${by}) { ${column} } }` },
  {
    name: 'answer of a bulk delete',
    use: 'READ',
    document: (column) => `mutation { deleteThings(where: { id: { eq: "none" } }) { nodes { ${column} } } }`,
  },
  {
    name: 'set',
    use: 'UPDATE',
    document: (column, value) => `mutation { updateThing(${by}, set: { ${column}: ${value} }) { id } }`,
  },
  {
    name: 'increment',
    use: 'UPDATE',
    not: 'system',
    document: (column, value) => `mutation { updateThing(${by}, increment: { ${column}: ${value} }) { id } }`,
  },
  {
    name: 'set of a bulk update',
    use: 'UPDATE',
    document: (column, value) =>
      `mutation { updateThings(where: { id: { eq: "none" } }, set: { ${column}: ${value} }) { count } }`,
  },
  {
    name: 'update of an upsert',
    use: 'UPDATE',
    document: (column, value) =>
      `mutation { upsertThing(by: { id: "" }, insert: {}, update: { ${column}: ${value} }) { inserted } }`,
  },
  {
    name: 'insert of an upsert',
    use: 'INSERT',
    document: (column, value) =>
      `mutation { upsertThing(by: { id: "" }, insert: { ${column}: ${value} }) { inserted } }`,
  },
  // Refused for its id when it is the caller's, so that nothing comes to be.
  {
    name: 'insert',
    use: 'INSERT',
    document: (column, value) => `mutation { insertThing(data: { id: "", ${column}: ${value} }) { id } }`,
  },
  {
    name: 'bulk insert',
    use: 'INSERT',
    document: (column, value) => `mutation { insertThings(data: [{ id: "", ${column}: ${value} }]) { count } }`,
  },
  {
    name: 'bulk insert of each',
    use: 'INSERT',
    document: (column, value) =>
      `mutation { insertThings(data: [{ id: "", ${column}: ${value} }], mode: EACH) { count } }`,
  },
  {
    name: 'nested insert',
    use: 'INSERT',
    document: (column, value) =>
      `mutation { insertBox(data: { things: { insert: [{ id: "", ${column}: ${value} }] } }) { id } }`,
  },
];

const REFUSALS: readonly unknown[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'GRAPHQL_VALIDATION_FAILED'];

/** Null: the column is the caller's to use so; otherwise the code. */
function refused(who: Who, { system, ...column }: ColumnKind, use: Use): string | null {
  const levels = column[use];
  if (who.broken) return 'UNAUTHENTICATED';
  if (who.admin) return system && use !== 'READ' ? 'GRAPHQL_VALIDATION_FAILED' : null;
  if (levels.length === 0) return 'GRAPHQL_VALIDATION_FAILED';
  const { key, user, moderator } = who;
  const passes = { PUBLIC: true, APPLICATION: key, USER: user !== null, MODERATOR: moderator, ADMIN: false };
  if (levels.some((level) => passes[level])) return null;
  return user !== null && levels.every((level) => level === 'MODERATOR') ? 'FORBIDDEN' : 'UNAUTHENTICATED';
}

/** Every way to every column as every caller: whether it may be named, and in which words it is refused. */
export async function checkColumns(app: TestService, cells: Cells, callers: readonly Who[]): Promise<void> {
  await Promise.all(
    callers.map(async (who, at) => {
      // Callers who may do the same with every column are one group, of which the first takes every way.
      const first = callers.find((other) => profile(other) === profile(who)) === who;
      for (const [number, way] of WAYS.entries()) {
        if (first || isTurn(number + at, true)) await checkWay(app, cells, who, way);
      }
    }),
  );
}

function profile(who: Who): string {
  const uses = ['READ', 'INSERT', 'UPDATE'] as const;
  return JSON.stringify(Object.values(COLUMNS).map((column) => uses.map((use) => refused(who, column, use))));
}

/** One way to every column as one caller. `over` asks by another way than HTTP. */
export async function checkWay(app: TestService, cells: Cells, who: Who, way: Way, over = ask): Promise<void> {
  const send = (column: string, value: string) => over(app.url, way.document(column, value), { headers: who.headers });
  const absent = wordsOf(await send(NO_COLUMN, '1'), NO_COLUMN);
  for (const [name, column] of Object.entries(COLUMNS)) {
    if (way.not === 'system' && column.system) continue;
    const cell = `${way.name}, ${who.name}, ${name}`;
    const answer = await send(name, name === 'version' ? '"1"' : '1');
    const codes = (answer.errors ?? []).map(({ extensions }) => extensions['code']);
    const expected = refused(who, column, way.use);
    const code = codes.find((one) => REFUSALS.includes(one)) ?? null;
    cells.check(`column to ${way.use}`, cell, code, expected);
    if (expected !== 'GRAPHQL_VALIDATION_FAILED') continue;
    cells.check('the words for columns that are not there', cell, wordsOf(answer, name), absent);
  }
}

/** No table has it. */
const NO_COLUMN = 'qnobody';

function wordsOf({ errors }: Answer, column: string): readonly string[] {
  return (errors ?? []).map(({ message }) => message.replaceAll(column, '?').replaceAll(constant(column), '?'));
}
