// Rows whose columns are named as the members of an object, which PostgreSQL writes as JSON by itself: a quarter off the time
// of a list, against a call with every key and value for each row.

import { type Compilation, quoteName } from '../sql-text.ts';
import type { RowColumn } from '../statements/row-shapes.ts';
import type { Member } from './json-object.ts';

/** A member that a row can have as a column. */
export type ColumnMember = Member & RowColumn;

/** Rows under `alias`, which stands for the whole row: with its point, no key of an answer hides it. */
export interface NamedRow {
  readonly alias: string;
  /** What follows `SELECT`. */
  readonly columns: string;
}

/** Bytes of a name; PostgreSQL cuts off the others. */
const LONGEST_NAME = 63;
const MOST_COLUMNS = 1_600;

/** The members as a row, or null where none can have them: then `jsonObject` puts each object together. */
export function namedRow(members: readonly ColumnMember[], to: Compilation): NamedRow | null {
  if (members.length === 0 || members.length > MOST_COLUMNS) return null;
  if (members.some(({ key }) => Buffer.byteLength(key) > LONGEST_NAME)) return null;
  if (!to.rowShapes?.admit(members)) return null;
  return {
    alias: quoteName(`${to.aliases.next()}.row`),
    columns: members.map(({ key, value }) => `${value} AS ${quoteName(key)}`).join(', '),
  };
}
