// The tables of the live exam, who subscribes to what in it, and what each subscriber must hold at the end.

import { randomBytes } from 'node:crypto';
import { signToken } from '../../src/auth/own-token.ts';

export const TOKEN_SECRET = randomBytes(32).toString('hex');
export const MASTER_KEY = randomBytes(32).toString('hex');

/**
 * Rows of one's own; rows of teams that one is in; rows that one is among the readers of; rows under rows of one's own.
 * Everything counts its changes.
 */
export const TABLES = `
type Note @table(softDelete: true) @permission(level: USER, rows: { ownerId: { eq: "$user.id" } }) {
  ownerId: ID! size: Int! mark: String! n: Int!
}
type Team @table @permission(level: USER) {
  name: String! n: Int!
  members: [Member!]! @has(field: "team")
  tasks: [Task!]! @has(field: "team")
}
type Member @table @permission(level: USER) { team: Team! @belongsTo(onDelete: CASCADE) userId: ID! @index n: Int! }
type Task @table
  @permission(level: USER, rows: { team: { members: { some: { userId: { eq: "$user.id" } } } } })
  @permission(level: USER, roles: ["auditor"])
{
  team: Team @belongsTo(onDelete: SET_NULL) size: Int! mark: String! n: Int!
}
type Person @table @permission(level: USER) { userId: ID! @index n: Int! }
type Doc @table @permission(level: USER, rows: { readers: { some: { userId: { eq: "$user.id" } } } }) {
  readers: [Person!]! @manyToMany size: Int! mark: String! n: Int!
}
type Branch @table
  @permission(level: USER, rows: { OR: [{ ownerId: { eq: "$user.id" } }, { parent: { ownerId: { eq: "$user.id" } } }] })
{
  ownerId: ID! size: Int! mark: String! n: Int!
  parent: Branch @belongsTo(onDelete: SET_NULL)
  branches: [Branch!]! @has(field: "parent")
}
`;

export const USERS = ['ann', 'ben', 'cid', 'dot'] as const;
export type User = (typeof USERS)[number];
export const TEAMS = ['t1', 't2', 't3', 't4', 't5'] as const;
export const PEOPLE = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'] as const;
export const ROWS = Array.from({ length: 24 }, (_, at) => `r${String(at).padStart(2, '0')}`);

/** Comes after every other id, passes every filter and rule for every user: who holds it has been told of all before. */
export const LAST = 'zzz';
export const markerOf = (table: string, user: string) =>
  table === 'note' || table === 'branch' ? `${LAST}-${user}` : LAST;

/** Rows to begin with. */
export const BEGINNING = `
  INSERT INTO team (id, name, n) SELECT id, 'a ' || id, 0 FROM unnest('{${TEAMS}}'::text[]) AS id;
  INSERT INTO person (id, user_id, n) SELECT id, ('{${USERS}}'::text[])[1 + ordinal % ${USERS.length}], 0
    FROM unnest('{${PEOPLE}}'::text[]) WITH ORDINALITY AS p (id, ordinal);`;

/** The last rows that are written. */
export const ENDING = `
  INSERT INTO note (id, owner_id, size, mark, n) SELECT '${LAST}-' || who, who, 99, 'last', 1 FROM unnest('{${USERS}}'::text[]) AS who;
  INSERT INTO branch (id, owner_id, size, mark, n) SELECT '${LAST}-' || who, who, 99, 'last', 1 FROM unnest('{${USERS}}'::text[]) AS who;
  INSERT INTO team (id, name, n) VALUES ('${LAST}', 'a last', 1);
  INSERT INTO member (id, team_id, user_id, n) SELECT '${LAST}-' || who, '${LAST}', who, 1 FROM unnest('{${USERS}}'::text[]) AS who;
  INSERT INTO person (id, user_id, n) SELECT '${LAST}-' || who, who, 1 FROM unnest('{${USERS}}'::text[]) AS who;
  INSERT INTO task (id, team_id, size, mark, n) VALUES ('${LAST}', '${LAST}', 99, 'last', 1);
  INSERT INTO doc (id, size, mark, n) VALUES ('${LAST}', 99, 'last', 1);
  INSERT INTO doc_readers (doc_id, person_id) SELECT '${LAST}', '${LAST}-' || who FROM unnest('{${USERS}}'::text[]) AS who;`;

/** What a subscriber asks for. */
export interface Interest {
  readonly name: string;
  readonly table: 'note' | 'task' | 'doc' | 'branch';
  readonly where?: object;
  readonly roles?: readonly string[];
  readonly admin?: boolean;
  readonly initial: 'ALL' | 'NONE';
  readonly batchSize?: number;
  /** Whether `changedFields` is selected. */
  readonly everything?: boolean;
  /** What is selected of relations. */
  readonly related?: string;
}

export const INTERESTS: readonly Interest[] = [
  { name: 'own rows', table: 'note', initial: 'NONE', everything: true },
  { name: 'own rows, all from the beginning', table: 'note', initial: 'ALL', batchSize: 3, everything: true },
  { name: 'large ones of mine', table: 'note', initial: 'ALL', where: { size: { gte: 50 } } },
  { name: 'tasks of my teams', table: 'task', initial: 'ALL', batchSize: 5, everything: true },
  { name: 'tasks of my teams, from now on', table: 'task', initial: 'NONE' },
  {
    name: 'tasks of my teams with an a',
    table: 'task',
    initial: 'ALL',
    where: { OR: [{ team: { name: { startsWith: 'a' } } }, { size: { lt: 10 } }] },
    batchSize: 2,
  },
  {
    name: 'all tasks with their teams',
    table: 'task',
    initial: 'ALL',
    roles: ['auditor'],
    related: 'team { id name }',
  },
  { name: 'what I am a reader of', table: 'doc', initial: 'ALL', batchSize: 4, everything: true },
  {
    name: 'what ann reads, as the administrator',
    table: 'doc',
    initial: 'NONE',
    admin: true,
    where: { readers: { some: { userId: { in: ['ann', 'ben'] } } } },
    everything: true,
  },
  { name: 'my branches and those on them', table: 'branch', initial: 'ALL', batchSize: 2, everything: true },
  { name: 'all notes, as the administrator', table: 'note', initial: 'ALL', admin: true },
];

const COLUMNS = { note: ['ownerId'], task: ['teamId'], doc: [], branch: ['ownerId', 'parentId'] } as const;
const named = (table: string) => `${table.charAt(0).toUpperCase()}${table.slice(1)}`;

/**
 * The columns that are held and compared. A write that leaves all of them as they are moves `version` and `updatedAt`, and is
 * no news.
 */
export function columnsOf({ table }: Interest): readonly string[] {
  return ['id', ...COLUMNS[table], 'size', 'mark', 'n'];
}

/** The subscription, with the variables `since` and `initial`. */
export function subscriptionOf(interest: Interest): string {
  const columns = columnsOf(interest).join(' ');
  const { table, batchSize } = interest;
  const rest = batchSize === undefined ? '' : `, batchSize: ${batchSize}`;
  return `subscription ($where: ${named(table)}Where, $since: Cursor, $initial: InitialRows!) {
    ${table}Changes(where: $where, since: $since, initial: $initial${rest}) {
      cursor reset
      events {
        op id cursor node { ${columns} ${interest.related ?? ''} } previous { ${columns} }
        ${interest.everything ? 'changedFields' : ''}
      }
    }
  }`;
}

/** The query that answers what is to be held. */
export function queryOf(interest: Interest): string {
  const { table } = interest;
  return `query ($where: ${named(table)}Where) { rows: ${table === 'branch' ? 'branches' : `${table}s`}(where: $where, first: 1000) { ${columnsOf(interest).join(' ')} } }`;
}

export interface Claimant {
  readonly user: User;
  readonly interest: Interest;
}

/** Credentials by the names of their headers. A token is made anew each time, and lives for `lifetime` milliseconds. */
export function credentialsOf({ user, interest }: Claimant, lifetime = 600_000): Record<string, string> {
  if (interest.admin) return { 'x-master-key': MASTER_KEY };
  const issuer = { secret: TOKEN_SECRET, issuer: 'tablecast', audience: 'tablecast' };
  const token = signToken({
    ...issuer,
    now: Date.now(),
    lifetime,
    user: { id: user, roles: interest.roles ?? [], claims: {} },
  });
  return { authorization: `Bearer ${token}` };
}
