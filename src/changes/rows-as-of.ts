// Rows as they were at a position of the change log: what a table holds now, with everything undone that was changed since.
// Both are read in one look at the database, so that what comes out is exact, whoever writes meanwhile. Whoever follows the
// log needs rows that it has not seen changed: it may begin anywhere, and ask for rows as of where it stands.

import type { Image } from './change.ts';
import type { Position } from './position.ts';

/** A change after the position, of which only the images are of interest. */
export interface LaterChange {
  readonly before: Image | null;
  readonly after: Image | null;
}

/** A look at a table. */
export interface Look {
  /** Rows as they are now. */
  readonly rows: readonly Image[];
  /**
   * Every change of the table that this look sees and that comes after the position: the oldest first, so far as the same
   * row is concerned.
   */
  readonly later: readonly LaterChange[];
}

/**
 * Rows of which a column holds one of some values. Names are those of the database; values are texts, as images have them.
 */
export interface KeyedLook {
  readonly table: string;
  readonly column: string;
  readonly keys: readonly string[];
}

/** Reads rows for the log's followers. What callers may see is decided elsewhere: it reads for the service itself. */
export interface RowReader {
  /**
   * Looks at all rows with these keys. Null: the log does not reach back to the position any more, or something happened to
   * the table since then that was not logged row by row. Throws ServiceError when the store cannot be reached.
   */
  look(after: Position, keyed: KeyedLook): Promise<Look | null>;
}
