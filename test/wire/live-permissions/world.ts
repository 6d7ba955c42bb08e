// The model of the live permission matrix: for each kind of rule a table of rows under it, with hubs that rows belong to and
// shares that belong to rows. What happens to them is written as psql would; who may be told is the oracle's to say.

import type { TestDatabase } from '../../support/test-database.ts';

export type Level = 'PUBLIC' | 'APPLICATION' | 'USER' | 'MODERATOR' | 'ADMIN';

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly team: string | null;
  readonly open: boolean;
  /** Moderators and the master key alone may read it. */
  readonly secret: number | null;
  readonly hubId: string | null;
  readonly deleted: boolean;
}

/** What is in the tables of a kind. */
export interface State {
  readonly rows: readonly Row[];
  /** The owners of hubs, by their ids. */
  readonly hubs: Readonly<Record<string, string | null>>;
  readonly shares: readonly { readonly userId: string; readonly rowId: string }[];
}

export const RULES = {
  own: '{ ownerId: { eq: "$user.id" } }',
  notOwn: '{ NOT: { ownerId: { eq: "$user.id" } } }',
  open: '{ open: { eq: true } }',
  team: '{ team: { eq: "$user.claims.team" } }',
  hub: '{ hub: { ownerId: { eq: "$user.id" } } }',
  noHub: '{ NOT: { hub: { ownerId: { eq: "$user.id" } } } }',
  shared: '{ shares: { some: { userId: { eq: "$user.id" } } } }',
  unshared: '{ shares: { none: { userId: { eq: "$user.id" } } } }',
  ownOrHub: '{ OR: [{ ownerId: { eq: "$user.id" } }, { hub: { ownerId: { eq: "$user.id" } } }] }',
  openAndShared: '{ AND: [{ open: { eq: true } }, { shares: { some: { userId: { eq: "$user.id" } } } }] }',
} as const;

/** One `@permission`; `on` is READ and SUBSCRIBE when left out. */
export interface Line {
  readonly on?: readonly ('READ' | 'SUBSCRIBE')[];
  readonly level: Level;
  readonly rows?: keyof typeof RULES;
}

/** The kinds of rule; null: a table on which nothing is written. */
export const KINDS: Readonly<Record<string, readonly Line[] | null>> = {
  Everyone: [{ level: 'PUBLIC' }],
  Unwritten: null,
  Keyed: [{ level: 'APPLICATION' }],
  Member: [{ level: 'USER' }],
  Moderated: [{ level: 'MODERATOR' }],
  Locked: [{ level: 'ADMIN' }],
  Own: [{ level: 'USER', rows: 'own' }],
  Foreign: [{ level: 'PUBLIC', rows: 'notOwn' }],
  Opened: [{ level: 'PUBLIC', rows: 'open' }],
  Teamed: [{ level: 'USER', rows: 'team' }],
  Hubbed: [{ level: 'USER', rows: 'hub' }],
  Unhubbed: [{ level: 'PUBLIC', rows: 'noHub' }],
  Shared: [{ level: 'USER', rows: 'shared' }],
  Unshared: [{ level: 'USER', rows: 'unshared' }],
  Mixed: [{ level: 'USER', rows: 'ownOrHub' }],
  Narrow: [{ level: 'USER', rows: 'openAndShared' }],
  // Alternatives.
  Either: [{ level: 'USER', rows: 'own' }, { level: 'APPLICATION', rows: 'open' }, { level: 'MODERATOR' }],
  SharedOrOpen: [
    { level: 'USER', rows: 'shared' },
    { level: 'PUBLIC', rows: 'open' },
  ],
  // What may be read, and what may be followed, are two things: it takes both.
  Deaf: [{ on: ['READ'], level: 'PUBLIC' }],
  Blind: [{ on: ['SUBSCRIBE'], level: 'PUBLIC' }],
  Both: [
    { on: ['READ'], level: 'USER', rows: 'own' },
    { on: ['SUBSCRIBE'], level: 'PUBLIC', rows: 'open' },
  ],
};

export const namesOf = (kind: string) => ({
  rows: `${kind.toLowerCase()}_row`,
  hubs: `${kind.toLowerCase()}_hub`,
  shares: `${kind.toLowerCase()}_share`,
  one: `${kind.charAt(0).toLowerCase()}${kind.slice(1)}Row`,
});

function permission({ on = ['READ', 'SUBSCRIBE'], level, rows }: Line): string {
  const who = level === 'MODERATOR' ? 'level: USER, roles: ["moderator"]' : `level: ${level}`;
  return `@permission(on: [${on.join(', ')}], ${who}${rows ? `, rows: ${RULES[rows]}` : ''})`;
}

export const SDL = Object.entries(KINDS)
  .map(([kind, lines]) => {
    const { rows, hubs, shares } = namesOf(kind);
    return `
type ${kind}Row @table(softDelete: true, name: "${rows}") ${(lines ?? []).map(permission).join(' ')} {
  name: String!  ownerId: ID!  team: String  open: Boolean!
  secret: Int @permission(on: [READ], level: USER, roles: ["moderator"])
  hub: ${kind}Hub @belongsTo(onDelete: SET_NULL)
  shares: [${kind}Share!]! @has(field: "row")
}
type ${kind}Hub @table(name: "${hubs}") @permission(level: PUBLIC) { ownerId: ID }
type ${kind}Share @table(name: "${shares}") @permission(level: PUBLIC) { userId: ID!  row: ${kind}Row! @belongsTo(onDelete: CASCADE) }`;
  })
  .join('\n');

/** Reads what is in the tables of a kind. */
export async function readState(query: TestDatabase['query'], kind: string): Promise<State> {
  const { rows, hubs, shares } = namesOf(kind);
  const [found] = await query<{ rows: Row[]; hubs: State['hubs']; shares: State['shares'] }>(`
    SELECT (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'ownerId', owner_id, 'team', team, 'open', open,
              'secret', secret, 'hubId', hub_id, 'deleted', deleted) ORDER BY id), '[]') FROM ${rows}) AS rows,
           (SELECT coalesce(json_object_agg(id, owner_id), '{}') FROM ${hubs}) AS hubs,
           (SELECT coalesce(json_agg(json_build_object('userId', user_id, 'rowId', row_id)), '[]') FROM ${shares}) AS shares`);
  if (!found) throw new Error('a SELECT without FROM has a row');
  return found;
}

type Names = ReturnType<typeof namesOf>;

/** What is there before anybody subscribes. */
export const beginning = ({ rows, hubs, shares }: Names) => `
  INSERT INTO ${hubs} (id, owner_id) VALUES ('h1', 'alice'), ('h2', 'bob'), ('h3', NULL);
  INSERT INTO ${rows} (id, name, owner_id, team, open, secret, hub_id) VALUES
    ('a1', 'old-a1', 'alice', 'red', TRUE, 1, 'h1'), ('a2', 'old-a2', 'bob', 'blue', TRUE, 2, 'h2'),
    ('a3', 'old-a3', 'alice', 'blue', FALSE, 3, 'h2'), ('a4', 'old-a4', 'carol', NULL, FALSE, NULL, NULL);
  INSERT INTO ${shares} (id, user_id, row_id) VALUES ('s1', 'alice', 'a2'), ('s2', 'bob', 'a3');`;

export type End = 'COMMIT' | 'ROLLBACK';

/** What happens: transactions, each with its statements and its end. */
export const STORIES: readonly (readonly [what: string, end: End, statements: (names: Names) => readonly string[]])[] =
  [
    [
      'insert',
      'COMMIT',
      ({ rows }) => [
        `INSERT INTO ${rows} (id, name, owner_id, team, open, secret, hub_id) VALUES ('b1', 'b1', 'alice', 'red', TRUE, 9, 'h1')`,
        `INSERT INTO ${rows} (id, name, owner_id, open) VALUES ('b2', 'b2', 'bob', FALSE), ('b3', 'b3', 'carol', TRUE)`,
      ],
    ],
    ['update of what is shown', 'COMMIT', ({ rows }) => [`UPDATE ${rows} SET name = name || '!'`]],
    ['update of nothing', 'COMMIT', ({ rows }) => [`UPDATE ${rows} SET name = name`]],
    ['update of a hidden column', 'COMMIT', ({ rows }) => [`UPDATE ${rows} SET secret = coalesce(secret, 0) + 10`]],
    [
      'update of a hidden column and another',
      'COMMIT',
      ({ rows }) => [`UPDATE ${rows} SET secret = secret + 1, name = 'both' WHERE id = 'a1'`],
    ],
    [
      'update of the owner',
      'COMMIT',
      ({ rows }) => [
        `UPDATE ${rows} SET owner_id = CASE owner_id WHEN 'alice' THEN 'bob' ELSE 'alice' END`,
        `UPDATE ${rows} SET owner_id = 'alice', name = 'mine' WHERE id IN ('a1', 'a4')`,
      ],
    ],
    [
      'open and shut',
      'COMMIT',
      ({ rows }) => [`UPDATE ${rows} SET open = NOT open`, `UPDATE ${rows} SET open = TRUE WHERE id < 'a3'`],
    ],
    [
      'team',
      'COMMIT',
      ({ rows }) => [
        `UPDATE ${rows} SET team = 'red' WHERE id = 'a4'`,
        `UPDATE ${rows} SET team = NULL WHERE id = 'a1'`,
      ],
    ],
    [
      'another related row',
      'COMMIT',
      ({ rows }) => [
        `UPDATE ${rows} SET hub_id = 'h1' WHERE id IN ('a2', 'b2')`,
        `UPDATE ${rows} SET hub_id = NULL WHERE id = 'b1'`,
        `UPDATE ${rows} SET hub_id = 'h3' WHERE id = 'a3'`,
      ],
    ],
    [
      'change of the related row',
      'COMMIT',
      ({ hubs }) => [
        `UPDATE ${hubs} SET owner_id = 'bob' WHERE id = 'h1'`,
        `UPDATE ${hubs} SET owner_id = 'alice' WHERE id = 'h3'`,
        `UPDATE ${hubs} SET owner_id = NULL WHERE id = 'h1'`,
        `UPDATE ${hubs} SET owner_id = 'alice' WHERE id = 'h1'`,
      ],
    ],
    [
      'of a row and its related row at once',
      'COMMIT',
      ({ rows, hubs }) => [
        `UPDATE ${rows} SET hub_id = 'h2', name = 'moved' WHERE id = 'a1'`,
        `UPDATE ${hubs} SET owner_id = 'alice' WHERE id = 'h2'`,
        `UPDATE ${rows} SET hub_id = 'h1' WHERE id = 'a1'`,
      ],
    ],
    [
      'delete of the related row',
      'COMMIT',
      // What the foreign key would do by itself would be several changes of one statement.
      ({ rows, hubs }) => [
        `UPDATE ${rows} SET hub_id = NULL WHERE hub_id = 'h3'`,
        `DELETE FROM ${hubs} WHERE id = 'h3'`,
      ],
    ],
    [
      'one of many related rows',
      'COMMIT',
      ({ shares }) => [
        `INSERT INTO ${shares} (id, user_id, row_id) VALUES ('s3', 'alice', 'a1'), ('s4', 'bob', 'a1'), ('s5', 'alice', 'a1')`,
        `UPDATE ${shares} SET user_id = 'carol' WHERE id = 's1'`,
        `DELETE FROM ${shares} WHERE id = 's5'`,
        `UPDATE ${shares} SET row_id = 'a4' WHERE id = 's3'`,
        `DELETE FROM ${shares} WHERE id = 's4'`,
      ],
    ],
    [
      'soft delete',
      'COMMIT',
      ({ rows }) => [
        `UPDATE ${rows} SET deleted = TRUE WHERE id IN ('a1', 'a2', 'a3')`,
        `UPDATE ${rows} SET name = 'unseen', owner_id = 'bob' WHERE id = 'a1'`,
      ],
    ],
    [
      'related rows of what is deleted',
      'COMMIT',
      ({ hubs, shares }) => [
        `UPDATE ${hubs} SET owner_id = 'bob' WHERE id = 'h1'`,
        `INSERT INTO ${shares} (id, user_id, row_id) VALUES ('s6', 'alice', 'a3')`,
        `UPDATE ${hubs} SET owner_id = 'alice' WHERE id = 'h1'`,
      ],
    ],
    ['undelete', 'COMMIT', ({ rows }) => [`UPDATE ${rows} SET deleted = FALSE WHERE id IN ('a1', 'a3')`]],
    [
      'soft delete and out of the rule at once',
      'COMMIT',
      ({ rows }) => [
        `UPDATE ${rows} SET deleted = TRUE, owner_id = 'nobody', open = FALSE WHERE id = 'a1'`,
        `UPDATE ${rows} SET deleted = FALSE, owner_id = 'alice', open = TRUE WHERE id = 'a1'`,
      ],
    ],
    [
      'rolled back',
      'ROLLBACK',
      ({ rows, hubs }) => [
        `UPDATE ${rows} SET name = 'never', owner_id = 'alice', open = TRUE`,
        `UPDATE ${hubs} SET owner_id = 'alice'`,
        `DELETE FROM ${rows} WHERE id = 'a1'`,
      ],
    ],
    [
      'insert and delete',
      'COMMIT',
      ({ rows }) => [
        `INSERT INTO ${rows} (id, name, owner_id, team, open, hub_id) VALUES ('c1', 'c1', 'alice', 'red', TRUE, 'h1')`,
        `DELETE FROM ${rows} WHERE id = 'c1'`,
      ],
    ],
    [
      'delete',
      'COMMIT',
      ({ rows }) => [`DELETE FROM ${rows} WHERE id IN ('b1', 'b2')`, `DELETE FROM ${rows} WHERE id = 'a2'`],
    ],
    ['delete of what others belong to', 'COMMIT', ({ rows }) => [`DELETE FROM ${rows} WHERE id = 'a3'`]],
    [
      'the same id again',
      'COMMIT',
      ({ rows }) => [
        `INSERT INTO ${rows} (id, name, owner_id, team, open, secret, hub_id) VALUES ('b1', 'again', 'bob', 'blue', TRUE, 3, 'h2')`,
      ],
    ],
  ];
