// Who may, said a second time in as few lines as it takes, and with nothing of the product's.

import { HUBS, KINDS, type Level, type Line, type Operation, type Row, RULES, type Who } from './world.ts';

const UNWRITTEN: readonly Line[] = [{ on: ['READ', 'INSERT', 'UPDATE', 'DELETE', 'UNDELETE'], level: 'APPLICATION' }];
const LEVELS: Readonly<Record<Level, (who: Who) => boolean>> = {
  PUBLIC: () => true,
  APPLICATION: ({ key }) => key,
  USER: ({ user }) => user !== null,
  MODERATOR: ({ moderator }) => moderator,
  ADMIN: () => false,
};

/** What one caller may do with one kind of rows. `hubs` are the owners of hubs, when others than the first are there. */
export function oracle(who: Who, kind: string, hubs: Readonly<Record<string, string | null>> = HUBS) {
  const lines = (on: Operation) => (KINDS[kind] ?? UNWRITTEN).filter((line) => line.on.includes(on));
  const mine = (on: Operation) => lines(on).filter(({ level }) => LEVELS[level](who));
  const holds = (rule: Line['rows'], row: Row) => !rule || RULES[rule].holds(row, who, (hub) => hubs[hub] ?? null);
  const may = (on: Operation, row: Row) => who.admin || mine(on).some(({ rows }) => holds(rows, row));
  const becomes = (on: Operation, row: Row) =>
    who.admin || mine(on).some(({ rows, check }) => holds(check ?? (on === 'UPDATE' ? rows : undefined), row));
  const offered = (on: Operation) => who.admin || mine(on).length > 0;
  /** The code of an operation that needs all of these; null: it is the caller's. */
  const refused = (needs: readonly Operation[]): string | null => {
    if (who.broken) return 'UNAUTHENTICATED';
    const lacking = needs.filter((on) => !offered(on)).map((on) => lines(on).filter(({ level }) => level !== 'ADMIN'));
    if (lacking.length === 0) return null;
    if (lacking.some((ways) => ways.length === 0)) return 'GRAPHQL_VALIDATION_FAILED';
    const byRole = lacking.every((ways) => ways.every(({ level }) => level === 'MODERATOR'));
    return byRole && who.user !== null ? 'FORBIDDEN' : 'UNAUTHENTICATED';
  };
  return { may, becomes, offered, refused };
}

export type Oracle = ReturnType<typeof oracle>;
