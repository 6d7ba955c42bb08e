// What the exam of a change log needs of a store: rows that are written in transactions which stay open until they are told to
// end, and the log, as several processes have it.

import type { Image } from '../../src/changes/change.ts';
import type { ChangeLog } from '../../src/changes/change-log.ts';

/** Transactions write rows of one table, which have an `id` and a count. */
export interface OpenTransaction {
  /** Writes a row that counts 0; false when there is one. Waits for others that are at it, as all of these do. */
  insert(id: string): Promise<boolean>;
  /** Counts on by one; false when there is no such row. */
  update(id: string): Promise<boolean>;
  /** False when there is no such row. */
  delete(id: string): Promise<boolean>;
  /** Begins a part that can be undone by itself. */
  savepoint(): Promise<void>;
  /** Undoes what was done since the last savepoint. */
  undo(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

export interface ChangeLogWorld {
  /** The table's name in the store. */
  readonly table: string;
  /** The log as one process has it; each call is another process. */
  openLog(): ChangeLog;
  begin(): Promise<OpenTransaction>;
  /** All rows, by their ids. */
  rows(): Promise<ReadonlyMap<string, Image>>;
  /** Rolls back what is open still: a check that failed leaves its transactions. */
  abandon(): Promise<void>;
  /** Abandons what is open, and closes everything. */
  close(): Promise<void>;
}
