// What is to be done to rows, in the model's words: made by the faces, guarded here, compiled by a store. A plan from the
// faces says what the client asked for (`Requested...`); `guard-*.ts` add what the caller may. What is computed over rows
// is `aggregate-plan.ts`.

import type { Filter, RelatedRows } from '../tables/filter.ts';
import type { Column, Relation, TableModel } from '../tables/model.ts';
import type { AggregatePlan, AggregateSelection, RequestedAggregate } from './aggregate-plan.ts';
import type { ConnectionField, ConnectionPage, RequestedConnectionPage } from './connection-plan.ts';
import type { Slot } from './value-source.ts';

/** What a client asked of a row of `table`, in the order of the answer. Keys are its response keys, each once. */
export interface RequestedSelection {
  readonly table: TableModel;
  readonly fields: readonly RequestedField[];
}

/** What will be answered: the same, with the rows of each related table that may be seen. */
export interface RowSelection {
  readonly table: TableModel;
  readonly fields: readonly SelectedField[];
}

export type RequestedField =
  | ValueField
  | (RelatedField & Related<RequestedSelection, RequestedList, RequestedConnection, RequestedAggregate>);

export type SelectedField =
  | ValueField
  | (RelatedField &
      Related<OneSelection, ListSelection, ConnectionSelection, AggregateSelection> & {
        /** The rows of a link table of the model that count. */
        readonly linkRows: Filter;
      });

export type ValueField =
  | { readonly kind: 'column'; readonly key: string; readonly column: Column }
  /** The row's name among all rows of all tables. */
  | { readonly kind: 'nodeId'; readonly key: string }
  | ConstantField;

/** A text that does not depend on the rows, like `__typename`. */
export interface ConstantField {
  readonly kind: 'constant';
  readonly key: string;
  readonly value: string;
}

interface RelatedField {
  readonly key: string;
  readonly relation: Relation;
}

/** What is asked of the rows that a relation leads to: `one` for a to-one relation, the others for many rows. */
type Related<One, List, Connection, Aggregate> =
  | { readonly kind: 'one'; readonly one: One }
  | { readonly kind: 'list'; readonly list: List }
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'aggregate'; readonly aggregate: Aggregate };

/** Whether soft-deleted rows are among those asked for. */
export type DeletedRows = 'EXCLUDE' | 'INCLUDE' | 'ONLY';

/** Which rows of a table a client asks for. */
export interface RowsRequest {
  readonly where: Filter;
  readonly deleted: DeletedRows;
}

/** Which rows, and in which order; equal ones are by id. */
export interface ListRequest extends RowsRequest {
  readonly orderBy: readonly OrderKey[];
  readonly page: Page;
}

export interface RequestedList extends RequestedSelection, ListRequest {}

/** One row, if it is among `rows`. */
export interface OneSelection extends RowSelection {
  readonly rows: Filter;
}

export interface ListSelection extends RowSelection {
  readonly rows: Filter;
  /** Total: the last key is the id. */
  readonly orderBy: readonly OrderTerm[];
  readonly page: Page;
}

export interface RequestedConnection extends RowsRequest {
  readonly table: TableModel;
  readonly orderBy: readonly OrderKey[];
  readonly page: RequestedConnectionPage;
  readonly fields: readonly ConnectionField<RequestedSelection>[];
}

export interface ConnectionSelection {
  readonly table: TableModel;
  readonly rows: Filter;
  readonly orderBy: readonly OrderTerm[];
  readonly page: ConnectionPage;
  readonly fields: readonly ConnectionField<RowSelection>[];
}

/** A page of a list, by position. */
export interface Page {
  readonly first: Slot;
  readonly skip: Slot;
}

/** How values of a key are put in a row: missing ones stand on one side, whatever the direction. */
export interface Direction {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** One key of an order, as asked: a column, or a number of related rows, at the end of to-one relations. */
export interface OrderKey extends Direction {
  readonly path: readonly Relation[];
  readonly by:
    | { readonly kind: 'column'; readonly column: Column }
    | { readonly kind: 'count'; readonly relation: Relation };
}

/** The same over rows that may be seen: one that may not is not there, and its values are missing. */
export interface OrderTerm extends Direction {
  readonly path: readonly (RelatedRows & { readonly relation: Relation })[];
  readonly by:
    | { readonly kind: 'column'; readonly column: Column }
    | (RelatedRows & { readonly kind: 'count'; readonly relation: Relation });
  /** Whether a row can be without a value. */
  readonly nullable: boolean;
}

/** One row by a unique key. */
export interface ReadOnePlan {
  readonly kind: 'one';
  readonly selection: OneSelection;
  readonly by: readonly KeyValue[];
}

/** One column of the key that names a row. */
export interface KeyValue {
  readonly column: Column;
  readonly slot: Slot;
}

/** One statement that reads. */
export type ReadPlan =
  | ReadOnePlan
  | { readonly kind: 'list'; readonly selection: ListSelection }
  | { readonly kind: 'connection'; readonly selection: ConnectionSelection }
  | AggregatePlan;
