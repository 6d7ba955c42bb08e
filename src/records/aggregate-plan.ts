// What is to be computed over rows, in the model's words: as a client asked for it, and as it is allowed. Part of what
// `plan.ts` is for rows themselves.

import type { Filter } from '../tables/filter.ts';
import type { GroupKey, Measure } from '../tables/measures.ts';
import type { TableModel } from '../tables/model.ts';
import type { ConstantField, RowsRequest } from './plan.ts';

/** What a client asked of the rows of `table` together. */
export interface RequestedAggregate extends RowsRequest {
  readonly table: TableModel;
  /** What the rows of a group have in common, each once. Empty: all rows are one group, also when there are none. */
  readonly groupBy: readonly GroupKey[];
  /** Which groups: over the columns of `groupsTable`. */
  readonly having: Filter;
  /** Of each group, in the order of the answer. */
  readonly fields: readonly AggregateField[];
}

/** What will be answered: the same, over rows that may be seen. */
export interface AggregateSelection {
  readonly table: TableModel;
  readonly rows: Filter;
  readonly groupBy: readonly GroupKey[];
  readonly having: Filter;
  readonly fields: readonly AggregateField[];
}

/** A member of the answer's object for a group. Keys are response keys, each once in its object. */
export type AggregateField =
  | { readonly kind: 'measure'; readonly key: string; readonly measure: Measure }
  /** What the rows of the group have in common; null when they are not grouped by it. */
  | { readonly kind: 'groupKey'; readonly key: string; readonly groupKey: GroupKey }
  | { readonly kind: 'object'; readonly key: string; readonly fields: readonly AggregateField[] }
  | ConstantField;

/** One aggregate of a table's rows. */
export interface AggregatePlan {
  readonly kind: 'aggregate';
  readonly selection: AggregateSelection;
}
