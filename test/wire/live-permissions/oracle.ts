// Who is to be told what, said a second time in as few lines as it takes, and with nothing of the product's.

import type { Who } from '../../integration/permission-matrix/world.ts';
import { KINDS, type Level, type Line, type Row, type RULES, type State } from './world.ts';

const UNWRITTEN: readonly Line[] = [{ level: 'APPLICATION' }];
const LEVELS: Readonly<Record<Level, (who: Who) => boolean>> = {
  PUBLIC: () => true,
  APPLICATION: ({ key }) => key,
  USER: ({ user }) => user !== null,
  MODERATOR: ({ moderator }) => moderator,
  ADMIN: () => false,
};

const known = (user: string | null, name: string | null | undefined) => user !== null && name === user;
const hubOf = ({ hubs }: State, { hubId }: Row) => (hubId === null ? null : (hubs[hubId] ?? null));
const isShared = ({ shares }: State, { id }: Row, { user }: Who) =>
  shares.some(({ userId, rowId }) => rowId === id && known(user, userId));

const HOLDS: Readonly<Record<keyof typeof RULES, (row: Row, who: Who, state: State) => boolean>> = {
  own: ({ ownerId }, { user }) => known(user, ownerId),
  // Of nobody nothing is known, and so not that a row is another's.
  notOwn: ({ ownerId }, { user }) => user !== null && ownerId !== user,
  open: ({ open }) => open,
  team: ({ team }, who) => known(who.team, team),
  hub: (row, { user }, state) => known(user, hubOf(state, row)),
  noHub(row, { user }, state) {
    const owner = hubOf(state, row);
    return row.hubId === null || (user !== null && owner !== null && owner !== user);
  },
  shared: (row, who, state) => isShared(state, row, who),
  unshared: (row, who, state) => who.user !== null && !isShared(state, row, who),
  ownOrHub: (row, { user }, state) => known(user, row.ownerId) || known(user, hubOf(state, row)),
  openAndShared: (row, who, state) => row.open && isShared(state, row, who),
};

/** The code with which a caller's subscription to a kind is refused; null: it is not. */
export function refused(who: Who, kind: string): string | null {
  if (who.broken) return 'UNAUTHENTICATED';
  if (who.admin) return null;
  const lines = (on: 'READ' | 'SUBSCRIBE') =>
    (KINDS[kind] ?? UNWRITTEN).filter((line) => line.on?.includes(on) ?? true);
  const lacking = (['READ', 'SUBSCRIBE'] as const)
    .map(lines)
    .filter((ways) => !ways.some(({ level }) => LEVELS[level](who)))
    .map((ways) => ways.filter(({ level }) => level !== 'ADMIN'));
  if (lacking.length === 0) return null;
  if (lacking.some((ways) => ways.length === 0)) return 'GRAPHQL_VALIDATION_FAILED';
  const byRole = lacking.every((ways) => ways.every(({ level }) => level === 'MODERATOR'));
  return byRole && who.user !== null ? 'FORBIDDEN' : 'UNAUTHENTICATED';
}

/** Whether the caller may be told of the row: it takes the right to read it and the right to follow it. */
export function sees(who: Who, kind: string, row: Row, state: State): boolean {
  if (row.deleted) return false;
  if (who.admin) return true;
  return (['READ', 'SUBSCRIBE'] as const).every((on) =>
    (KINDS[kind] ?? UNWRITTEN).some(
      ({ on: operations, level, rows }) =>
        (operations?.includes(on) ?? true) && LEVELS[level](who) && (!rows || HOLDS[rows](row, who, state)),
    ),
  );
}

export type Column = 'id' | 'name' | 'ownerId' | 'team' | 'open' | 'secret' | 'hubId';

/** The columns of a row that the caller may see. */
export const columnsFor = ({ moderator, admin }: Who): readonly Column[] =>
  moderator || admin
    ? ['id', 'name', 'ownerId', 'team', 'open', 'secret', 'hubId']
    : ['id', 'name', 'ownerId', 'team', 'open', 'hubId'];

/** What somebody asks for: columns, with a filter or none. */
export interface Asked {
  readonly columns: readonly Column[];
  /** Whether it asks for what a change changed, and so is told of every column that it may see. */
  readonly everything: boolean;
  readonly passes: (row: Row, state: State) => boolean;
}

export interface Told {
  readonly op: string;
  readonly id: string;
  readonly node: object | null;
  readonly previous: object | null;
  readonly changedFields: readonly string[];
}

const pick = (row: Row, columns: readonly Column[]) =>
  Object.fromEntries(columns.map((column) => [column, row[column]]));

/** What a caller is told of what happened between two states, by ids. */
export function told(who: Who, kind: string, asked: Asked, before: State, after: State): Told[] {
  const among = (state: State, id: string) =>
    state.rows.find((row) => row.id === id && sees(who, kind, row, state) && asked.passes(row, state));
  const ids = new Set([...before.rows, ...after.rows].map(({ id }) => id));
  return [...ids].sort().flatMap((id): Told[] => {
    const [was, is] = [among(before, id), among(after, id)];
    const nothing = { id, node: null, previous: null, changedFields: [] };
    const lives = after.rows.some((row) => row.id === id && !row.deleted);
    if (!was && !is) return [];
    if (!was && is) return [{ ...nothing, op: 'ENTER', node: pick(is, asked.columns) }];
    if (was && !is) {
      return [lives ? { ...nothing, op: 'LEAVE' } : { ...nothing, op: 'DELETE', previous: pick(was, asked.columns) }];
    }
    if (!was || !is) return [];
    const changedFields = columnsFor(who).filter((column) => was[column] !== is[column]);
    const telling = asked.everything ? changedFields : changedFields.filter((column) => asked.columns.includes(column));
    if (telling.length === 0) return [];
    return [{ op: 'UPDATE', id, node: pick(is, asked.columns), previous: pick(was, asked.columns), changedFields }];
  });
}
