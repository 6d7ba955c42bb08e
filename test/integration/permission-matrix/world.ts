// The model of the permission matrix: for each kind of rule a table of rows under it, with hubs that have such rows and
// pointers that point at them, both everybody's. Who asks, and the rows that are there, are here too; who may is the oracle's.

import { createHmac } from 'node:crypto';
import { signToken } from '../../../src/auth/own-token.ts';
import { APPLICATION_KEY, headersOf, MASTER_KEY, TOKENS } from '../../support/open-test-service.ts';

export type Operation = 'READ' | 'INSERT' | 'UPDATE' | 'DELETE' | 'UNDELETE';
export type Level = 'PUBLIC' | 'APPLICATION' | 'USER' | 'MODERATOR' | 'ADMIN';

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly team: string | null;
  readonly open: boolean;
  readonly size: number;
  readonly hub: string | null;
  readonly deleted: boolean;
}

export interface Who {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: boolean;
  readonly user: string | null;
  readonly team: string | null;
  readonly moderator: boolean;
  readonly admin: boolean;
  /** One of the credentials is wrong: nothing is answered, whatever the others are. */
  readonly broken: boolean;
}

/** A rule as a table file has it, and what it says of a row. `hubOwner` knows the hubs. */
export interface Rule {
  readonly sdl: string;
  holds(row: Row, who: Who, hubOwner: (hub: string) => string | null): boolean;
}

export const RULES = {
  own: { sdl: '{ ownerId: { eq: "$user.id" } }', holds: (row, who) => row.owner === who.user },
  notOwn: {
    sdl: '{ NOT: { ownerId: { eq: "$user.id" } } }',
    holds: (row, who) => who.user !== null && row.owner !== who.user,
  },
  open: { sdl: '{ open: { eq: true } }', holds: (row) => row.open },
  shut: { sdl: '{ open: { eq: false } }', holds: (row) => !row.open },
  team: {
    sdl: '{ team: { eq: "$user.claims.team" } }',
    holds: (row, who) => who.team !== null && row.team === who.team,
  },
  hub: {
    sdl: '{ hub: { ownerId: { eq: "$user.id" } } }',
    holds: (row, who, hubOwner) => who.user !== null && row.hub !== null && hubOwner(row.hub) === who.user,
  },
} as const satisfies Record<string, Rule>;

/** One `@permission`. */
export interface Line {
  readonly on: readonly Operation[];
  readonly level: Level;
  readonly rows?: keyof typeof RULES;
  readonly check?: keyof typeof RULES;
}

const THERE: readonly Operation[] = ['READ', 'UPDATE', 'DELETE', 'UNDELETE'];
const ALL: readonly Operation[] = ['INSERT', ...THERE];
const ruled = (level: Level, rule: keyof typeof RULES): Line[] => [
  { on: THERE, level, rows: rule },
  { on: ['INSERT'], level, check: rule },
];

/** The kinds of rule; null: a table on which nothing is written. */
export const KINDS: Readonly<Record<string, readonly Line[] | null>> = {
  Everyone: [{ on: ALL, level: 'PUBLIC' }],
  Unwritten: null,
  Member: [{ on: ALL, level: 'USER' }],
  Moderated: [{ on: ALL, level: 'MODERATOR' }],
  Locked: [{ on: ALL, level: 'ADMIN' }],
  Own: ruled('USER', 'own'),
  Foreign: ruled('PUBLIC', 'notOwn'),
  Opened: ruled('PUBLIC', 'open'),
  Teamed: ruled('USER', 'team'),
  Hubbed: ruled('USER', 'hub'),
  // Three alternatives.
  Either: [
    ...ruled('USER', 'own'),
    { on: ['READ'], level: 'APPLICATION', rows: 'open' },
    { on: ALL, level: 'MODERATOR' },
  ],
  // Written by those who read nothing of it.
  Blind: [{ on: ['INSERT', 'UPDATE', 'DELETE', 'UNDELETE'], level: 'USER' }],
  // Written by those who read some of it.
  Dim: [
    { on: ['READ'], level: 'USER', rows: 'own' },
    { on: ['INSERT', 'UPDATE', 'DELETE', 'UNDELETE'], level: 'USER' },
  ],
  // Read by many, written by few.
  Narrow: [
    { on: ['READ'], level: 'PUBLIC' },
    { on: ['INSERT'], level: 'USER', check: 'own' },
    { on: ['UPDATE'], level: 'USER', rows: 'own' },
    { on: ['DELETE'], level: 'MODERATOR' },
    { on: ['UNDELETE'], level: 'APPLICATION' },
  ],
  // What may be changed, and what may come of it, are two things.
  Checked: [
    { on: ['READ'], level: 'USER' },
    { on: ['INSERT'], level: 'APPLICATION', check: 'open' },
    { on: ['UPDATE', 'UNDELETE'], level: 'USER', rows: 'own', check: 'open' },
    { on: ['DELETE'], level: 'USER', rows: 'shut' },
  ],
};

export interface Names {
  readonly kind: string;
  readonly type: string;
  readonly one: string;
  readonly many: string;
  readonly Many: string;
  readonly sql: string;
}

/** What the rows, hubs or pointers of a kind are called. */
export function namesOf(kind: string, what: 'Row' | 'Hub' | 'Pointer' = 'Row'): Names {
  const type = `${kind}${what}`;
  const one = type.charAt(0).toLowerCase() + type.slice(1);
  return { kind, type, one, many: `${one}s`, Many: `${type}s`, sql: `${kind.toLowerCase()}_${what.toLowerCase()}` };
}

function permission({ on, level, rows, check }: Line): string {
  const who = level === 'MODERATOR' ? 'level: USER, roles: ["moderator"]' : `level: ${level}`;
  const rules = [rows && `rows: ${RULES[rows].sdl}`, check && `check: ${RULES[check].sdl}`].filter(Boolean);
  return `@permission(on: [${on.join(', ')}], ${[who, ...rules].join(', ')})`;
}

export const SDL = Object.entries(KINDS)
  .map(([kind, lines]) => {
    const everybody = '@permission(on: [READ, INSERT, UPDATE, DELETE], level: PUBLIC)';
    return `
type ${kind}Row @table(softDelete: true) ${(lines ?? []).map(permission).join(' ')} {
  name: String!  code: ID @unique  ownerId: ID!  team: String  open: Boolean!  size: Int!  hub: ${kind}Hub @belongsTo
}
type ${kind}Hub @table ${everybody} { ownerId: ID  rows: [${kind}Row!]! @has(field: "hub") }
type ${kind}Pointer @table ${everybody} {
  row: ${kind}Row @belongsTo(onDelete: SET_NULL)
  many: [${kind}Row!]! @manyToMany
}`;
  })
  .join('\n');

export const HUBS: Readonly<Record<string, string | null>> = { h1: 'alice', h2: 'bob', h3: null };

const row = (id: string, owner: string, team: string | null, open: boolean, size: number, hub: string | null): Row => ({
  id,
  name: `secret-of-${id}`,
  owner,
  team,
  open,
  size,
  hub,
  deleted: id.startsWith('d'),
});

export const ROWS: readonly Row[] = [
  row('d1', 'alice', 'red', true, 6, 'h1'),
  row('d2', 'bob', 'blue', false, 7, 'h2'),
  row('r1', 'alice', 'red', true, 5, 'h1'),
  row('r2', 'bob', 'blue', true, 4, 'h2'),
  row('r3', 'alice', 'blue', false, 3, 'h2'),
  row('r4', 'bob', 'red', false, 2, 'h1'),
  row('r5', 'carol', null, true, 1, null),
];

/** No row has it. */
export const ABSENT = 'no';
/** Every id that is asked for. */
export const IDS: readonly string[] = [...ROWS.map(({ id }) => id), ABSENT];

/** The pointers by their ids, each with the row that it points at, alone and among its many. `p` points at nothing. */
export const POINTERS: Readonly<Record<string, string | null>> = Object.fromEntries([
  ['p', null],
  ...ROWS.map(({ id }) => [`p-${id}`, id]),
]);

const text = (value: string | number | boolean | null) => (typeof value === 'string' ? `'${value}'` : String(value));
const values = (rows: readonly (readonly (string | number | boolean | null)[])[]) =>
  rows.map((cells) => `(${cells.map(text).join(', ')})`).join(', ');

/** Brings a kind's tables to what they are at the beginning. */
export function restoration(kind: string): string {
  const [rows, hubs, pointers] = (['Row', 'Hub', 'Pointer'] as const).map((what) => namesOf(kind, what).sql);
  const pairs = Object.entries(POINTERS).filter(([, id]) => id !== null);
  return `
    DELETE FROM ${pointers}_many; DELETE FROM ${pointers}; DELETE FROM ${rows}; DELETE FROM ${hubs};
    INSERT INTO ${hubs} (id, owner_id) VALUES ${values(Object.entries(HUBS))};
    INSERT INTO ${rows} (id, name, code, owner_id, team, open, size, hub_id, deleted) VALUES ${values(
      ROWS.map((one) => [
        one.id,
        one.name,
        `c-${one.id}`,
        one.owner,
        one.team,
        one.open,
        one.size,
        one.hub,
        one.deleted,
      ]),
    )};
    INSERT INTO ${pointers} (id, row_id) VALUES ${values(Object.entries(POINTERS))};
    INSERT INTO ${pointers}_many (${pointers}_id, ${rows}_id) VALUES ${values(pairs)};`;
}

const sound = { key: false, user: null, team: null, moderator: false, admin: false, broken: false };
const HOUR = 3_600_000;
const tokenOf = (id: string, claims: Record<string, unknown>, roles: string[] = [], now = Date.now()) =>
  signToken({ ...TOKENS, now, lifetime: HOUR / 2, user: { id, roles, claims } });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const key = { 'x-application-key': APPLICATION_KEY };
const alice = { user: 'alice', team: 'red', headers: bearer(tokenOf('alice', { team: 'red' })) };
const bob = { user: 'bob', team: 'blue', headers: bearer(tokenOf('bob', { team: 'blue' })) };
const dave = { user: 'dave', moderator: true, headers: bearer(tokenOf('dave', {}, ['moderator'])) };
const wrong = (name: string, headers: Record<string, string>): Who => ({ ...sound, name, headers, broken: true });

export const CALLERS: readonly Who[] = [
  { ...sound, name: 'public', headers: {} },
  { ...sound, name: 'key', key: true, headers: key },
  { ...sound, ...alice, name: 'user' },
  { ...sound, ...alice, name: 'user with key', key: true, headers: { ...alice.headers, ...key } },
  { ...sound, ...bob, name: 'another user' },
  { ...sound, ...dave, name: 'user with role' },
  { ...sound, ...dave, name: 'user with role and key', key: true, headers: { ...dave.headers, ...key } },
  {
    ...sound,
    name: 'user with a role that counts for nothing',
    user: 'carol',
    headers: bearer(tokenOf('carol', {}, ['wizard'])),
  },
  { ...sound, name: 'master', admin: true, headers: headersOf('admin') },
  { ...sound, ...alice, name: 'master with user', admin: true, headers: { ...alice.headers, ...headersOf('admin') } },
  wrong('expired', bearer(tokenOf('alice', {}, [], Date.now() - HOUR))),
  wrong('expired with key', { ...key, ...bearer(tokenOf('alice', {}, [], Date.now() - HOUR)) }),
  wrong('forged', bearer(forged({ alg: 'HS256', typ: 'JWT' }, 'another-secret-0123456789abcdef-0123456789'))),
  wrong('forged without a signature', bearer(forged({ alg: 'none', typ: 'JWT' }, null))),
  wrong('forged with master', {
    ...headersOf('admin'),
    ...bearer(forged({ alg: 'HS256', typ: 'JWT' }, 'x'.repeat(40))),
  }),
  wrong('wrong key', { 'x-application-key': MASTER_KEY }),
  wrong('wrong master', { 'x-master-key': APPLICATION_KEY }),
];

function forged(header: object, secret: string | null): string {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { iss: TOKENS.issuer, aud: TOKENS.audience, iat, exp: iat + 60, sub: 'alice', roles: ['moderator'] };
  const covered = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${covered}.${secret === null ? '' : createHmac('sha256', secret).update(covered).digest('base64url')}`;
}
