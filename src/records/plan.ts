// What is to be done to rows, in the model's words: made by the faces, guarded here, compiled by a store. A plan from the
// faces says what the client asked for; `guard-selection.ts` and `plan-*.ts` add what the caller may.

import type { Filter } from '../tables/filter.ts';
import type { Column, Relation, TableModel } from '../tables/model.ts';
import type { Slot, ValueSource } from './value-source.ts';

/** What a client asked of a row of `table`, in the order of the answer. Keys are its response keys, each once. */
export interface RequestedSelection {
  readonly table: TableModel;
  readonly fields: readonly RequestedField[];
}

export type RequestedField =
  | ValueField
  | {
      readonly kind: 'related';
      readonly key: string;
      readonly relation: Relation;
      readonly selection: RequestedSelection;
      /** Of a list; null for a to-one relation. */
      readonly page: Page | null;
    };

/** What will be answered: the same, with the rows of each related table that may be seen. */
export interface RowSelection {
  readonly table: TableModel;
  readonly fields: readonly SelectedField[];
}

export type SelectedField =
  | ValueField
  | {
      readonly kind: 'related';
      readonly key: string;
      readonly relation: Relation;
      readonly selection: RowSelection;
      readonly rows: Filter;
      /** The rows of a link table of the model that count. */
      readonly linkRows: Filter;
      readonly page: Page | null;
    };

export type ValueField =
  | { readonly kind: 'column'; readonly key: string; readonly column: Column }
  /** A text that does not depend on the row, like `__typename`. */
  | { readonly kind: 'constant'; readonly key: string; readonly value: string };

/** A page of a list, by position. */
export interface Page {
  readonly first: Slot;
  readonly skip: Slot;
}

/** One row by a unique key. */
export interface ReadOnePlan {
  readonly kind: 'one';
  readonly selection: RowSelection;
  readonly by: readonly KeyValue[];
  readonly rows: Filter;
}

/** One column of the key that names a row. */
export interface KeyValue {
  readonly column: Column;
  readonly slot: Slot;
}

/** A list of rows, ordered by id. */
export interface ReadManyPlan {
  readonly kind: 'many';
  readonly selection: RowSelection;
  readonly rows: Filter;
  readonly page: Page;
}

/** One new row. */
export interface InsertPlan {
  readonly kind: 'insert';
  readonly table: TableModel;
  /** One for each column that is not the database's own. */
  readonly values: readonly NewValue[];
  /** What the row must be for the caller to insert it. */
  readonly check: Filter;
  /** The rows that the new one points at must be the caller's to read. */
  readonly connections: readonly { readonly relation: Relation; readonly target: TableModel; readonly rows: Filter }[];
  /** Of the new row's own columns; null when what was asked leaves the row, and is read afterwards. */
  readonly returning: RowSelection | null;
  /** The new row is shown only if the caller may read it. */
  readonly rows: Filter;
}

/** The value of one column of a new row. `path` is where the client wrote it, for messages; null when the service did. */
export interface NewValue {
  readonly column: Column;
  readonly slot: Slot;
  readonly path: readonly string[] | null;
}

/** A value that a client gave a column, and where. */
export interface GivenValue {
  readonly column: Column;
  readonly source: ValueSource;
  readonly path: readonly string[];
}
