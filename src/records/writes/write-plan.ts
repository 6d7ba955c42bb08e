// What is to be written, in the model's words: made here, compiled by a store. Every plan is one statement that decides and
// writes together, whatever number of rows it is about.

import type { Filter } from '../../tables/filter.ts';
import type { Column, Link, Relation, TableModel } from '../../tables/model.ts';
import type { KeyValue, RowSelection } from '../plan.ts';
import type { Slot } from '../value-source.ts';

/** What rows must be once they are written. */
export interface Judgement {
  readonly check: Filter;
  /** Of these relations, the row that is pointed at must be one of `rows`. */
  readonly references: readonly Reference[];
}

export interface Reference {
  readonly relation: Relation;
  readonly target: TableModel;
  readonly rows: Filter;
  /** Of many new rows, which are meant: a list of Booleans. Left out: all. */
  readonly among?: Slot;
}

/** What is told of the rows that were written. */
export interface Answered extends ToldWhole {
  /** Of their own columns alone: what is beside them was not there, or is older, in the same statement. */
  readonly selections: readonly RowSelection[];
  /** The rows of which any of that is told. */
  readonly shown: Filter;
}

interface ToldWhole {
  /** Whether every column of each row is told too, whatever may be shown: not to a client, but to a script around the write. */
  readonly whole?: boolean;
}

/** New rows. Value number `n` of what the write brings along is for column `n`. */
export interface InsertPlan extends Judgement, Answered {
  readonly kind: 'insert';
  readonly table: TableModel;
  readonly columns: readonly Column[];
  /** Whether the values are lists, of as many rows. */
  readonly many: boolean;
  /**
   * With one row that may not be written, none is, and one that a unique key has no place for is an error. With `each`, of
   * many: only those are left out, and those that this list of Booleans says; everything that is in their way is told.
   */
  readonly each: Slot | null;
}

/** The rows that are changed. */
export type Target =
  | { readonly kind: 'key'; readonly by: readonly KeyValue[] }
  /** At most so many, those of the lowest ids; all of them without a number. */
  | { readonly kind: 'filter'; readonly where: Filter; readonly most: Slot | null }
  /** A list of ids that the write brings along. */
  | { readonly kind: 'ids'; readonly ids: Slot };

export interface Change {
  readonly column: Column;
  readonly how: 'set' | 'increment' | 'append';
  readonly slot: Slot;
  /** The slot is a list, with a value for each id of the target. */
  readonly each?: boolean;
}

interface Targeted {
  readonly table: TableModel;
  readonly target: Target;
  /** Of the target, the rows that this may be done to. */
  readonly rows: Filter;
  /** The version that a row must have; null: any. */
  readonly version: Slot | null;
  /** With more rows than this, none is written. Null: any number. */
  readonly ceiling: number | null;
}

/** Rows that are changed. With one that may not be so, none is. */
export interface UpdatePlan extends Targeted, Judgement, Answered {
  readonly kind: 'update';
  readonly changes: readonly Change[];
  /** Whoever runs it finds out by itself why no row was written: another version, or none. Left out: the answer says so. */
  readonly silent?: boolean;
}

/** What is in the way of a change, all of it: nothing is written. Values that are broken already are null. */
export interface ExaminePlan extends Targeted, Judgement {
  readonly kind: 'examine';
  readonly changes: readonly Change[];
}

/** Rows that are removed for good. */
export interface DeletePlan extends Targeted, Answered {
  readonly kind: 'delete';
}

/** Rows that are looked at, and stay as they are until the transaction ends. */
export interface LockPlan extends Targeted, ToldWhole {
  readonly kind: 'lock';
}

/** The row of a key is changed, or made when there is none. `insert` is of one row. */
export interface UpsertPlan {
  readonly kind: 'upsert';
  readonly update: UpdatePlan;
  readonly insert: InsertPlan;
}

export type WritePlan = InsertPlan | UpdatePlan | ExaminePlan | DeletePlan | LockPlan | UpsertPlan;

/** Pairs of a table between that is no table of the model: lists of ids, the owners first. Those there already stay. */
export interface LinkPlan {
  readonly kind: 'link';
  readonly link: Link;
}

/** Finds rows by a key: lists of values in the order of the columns; of those rows that are among `rows`. */
export interface FindPlan {
  readonly kind: 'find';
  readonly table: TableModel;
  readonly columns: readonly Column[];
  readonly rows: Filter;
}

/** Reads rows whose ids the write brings along, after they were written, or before they are removed. */
export interface ReadBackPlan extends Answered {
  readonly kind: 'readBack';
  readonly table: TableModel;
}

/** What became of one row that a write was about. */
export interface JudgedRow {
  /** Null: the row was not written. */
  readonly id: string | null;
  /** The JSON text of each selection; null where nothing is told of the row. */
  readonly answers: readonly (string | null)[];
  /** The row as JSON with its columns under their names; null where that was not asked for. */
  readonly whole: string | null;
  /** Whether its rules allow it. */
  readonly passed: boolean;
  /** Names of the relations that point at rows which do not count. */
  readonly hidden: readonly string[];
  /** Whether it had the version that was asked for. */
  readonly current: boolean;
  readonly inserted: boolean;
  /** The id that it was found by, of a row that was there. */
  readonly target: string | null;
  /** Of a row that its rules allow, the places in `table.keys` of those that another row has already; where that is asked. */
  readonly taken: readonly number[];
  /** Names of columns whose new value is beyond what the column takes; likewise. */
  readonly beyond: readonly string[];
}
