// What records needs of the scripts of tables. Rows and changes are given and taken as GraphQL has their values, by the names
// of columns: scripts are the app's, and what they give is checked like what a client gives.

import type { TableModel } from '../tables/model.ts';
import type { Request } from './value-source.ts';

/** The values of a row, or of a change, as GraphQL has them. */
export type PlainRow = Readonly<Record<string, unknown>>;

/** The operations that scripts run around. */
export type WriteOperation = 'INSERT' | 'UPDATE' | 'DELETE' | 'UNDELETE';

/** One row that a write is about. */
export interface WriteItem {
  readonly id: string;
  /** The values to write; none of a delete. */
  readonly item: PlainRow;
  /** The row as it was; null for an insert. */
  readonly previous: PlainRow | null;
}

/** What a script wants done with one row. */
export type Step =
  /** `version` given: that one instead of the client's; null: whatever it has. */
  | { readonly kind: 'write'; readonly item: PlainRow; readonly version?: string | null }
  /** It ended without writing it: `row` is what is answered. */
  | { readonly kind: 'answered'; readonly row: PlainRow | null | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What came of a row that was to be written. `current`, of a conflict: the row as it is, which a client may not see whole. */
export type StepOutcome = { readonly row: PlainRow } | { readonly error: unknown; readonly current?: PlainRow };

/** Scripts that are under way around one write of rows of one table. */
export interface RunningScripts {
  /** For each item, in their order; those that are written are waiting for what comes of it. */
  readonly steps: readonly Step[];
  /**
   * Tells what came of the rows that were to be written, by their places. Answers what the scripts want then, for each item: a
   * row may be tried again after a conflict, and otherwise it is `answered` (undefined: as it was written) or `failed`. Called
   * until nothing is to be written any more.
   */
  resume(outcomes: ReadonlyMap<number, StepOutcome>): Promise<readonly Step[]>;
  /** Ends them, when what they are around failed elsewhere. Safe to call again. */
  abandon(): void;
}

export interface RowScripts {
  /**
   * Begins the script of an operation, once for all of its rows. `request` is in the transaction that everything the scripts
   * do belongs to. Throws ServiceError when there is no running it.
   */
  around(
    table: TableModel,
    operation: WriteOperation,
    items: readonly WriteItem[],
    about: { readonly batch: boolean },
    request: Request,
  ): Promise<RunningScripts>;
  /** The rows as the read script tells them, by their ids. One that is missing is not told. Throws ServiceError. */
  read(table: TableModel, rows: readonly PlainRow[], request: Request): Promise<ReadonlyMap<string, PlainRow>>;
}
