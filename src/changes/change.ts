// A change of a row, as the log remembers it. What it means to whom is for delivery to say.

import type { Position } from './position.ts';

/**
 * What was done to the row as it is kept, and not what it means: a soft delete is an UPDATE of its column `deleted`. RESET
 * tells of a table, not of a row: whoever knows its rows has to read them anew, because they were changed and not logged.
 */
export type ChangeKind = 'INSERT' | 'UPDATE' | 'DELETE' | 'RESET';

/**
 * A row at one moment, by the names of its columns in the store. Every value is the text that the store's JSON has for it,
 * so that nothing is rounded: a number in all its digits, a moment in UTC with its microseconds, bytes in hex after `\x`, a
 * list or JSON as JSON text. Null is null.
 */
export type Image = Readonly<Record<string, string | null>>;

export interface Change {
  readonly position: Position;
  /** The table's name in the store, as it is now: a table that was renamed meanwhile has its new name. */
  readonly table: string;
  readonly kind: ChangeKind;
  /** The id of the row. Null for a RESET, and for a row of a table between two others, which its image tells. */
  readonly id: string | null;
  /** Null for an INSERT and a RESET. */
  readonly before: Image | null;
  /** Null for a DELETE and a RESET. */
  readonly after: Image | null;
  /** Of an UPDATE: the columns, by their names in the store, that have another value than before. Otherwise empty. */
  readonly changed: readonly string[];
  /** Who did it, as `actorOf` says it, or `database:<role>`. */
  readonly actor: string;
  /** The request that did it; null when none of the service's did. */
  readonly requestId: string | null;
  /** The version of the model that the database held then; null before it held any. */
  readonly modelVersion: string | null;
  /** When, in milliseconds since the Unix epoch. Clocks go back; only positions tell the order. */
  readonly at: number;
}
