// What a field of a generated schema means, carried by the field itself, so that planning never parses a name.

import type { GraphQLField, GraphQLInputField } from 'graphql';
import type { GroupKey, Measure } from '../tables/measures.ts';
import type { Column, Relation, TableModel } from '../tables/model.ts';

export type FieldMeaning =
  | { readonly kind: 'viewer' }
  /** A row: of any table at the root, of one in what became of an upsert. */
  | { readonly kind: 'node' }
  | { readonly kind: 'readOne'; readonly table: TableModel }
  | { readonly kind: 'write'; readonly write: Write; readonly table: TableModel }
  /** Rows of `table` together: those that `relation` leads to, or all of them. */
  | {
      readonly kind: 'list' | 'connection' | 'aggregate';
      readonly table: TableModel;
      readonly relation: Relation | null;
    }
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'nodeId' }
  /** A relation to one row. */
  | { readonly kind: 'related'; readonly relation: Relation; readonly target: TableModel }
  /** Inside a connection. */
  | { readonly kind: ConnectionPart }
  /** Inside an aggregate; a `part` has more of them. */
  | { readonly kind: 'measure'; readonly measure: Measure }
  | { readonly kind: 'groupKey'; readonly groupKey: GroupKey }
  | { readonly kind: 'part' }
  /** Inside a batch, its errors, and an upsert. */
  | { readonly kind: BatchPart }
  /** A subscription: to the changes of a table's rows, or to a list of them. */
  | { readonly kind: 'changes' | 'liveList'; readonly table: TableModel }
  /** Inside a batch of changes, and a change. */
  | { readonly kind: 'changePart'; readonly part: ChangePart };

export type ChangePart =
  | 'batchCursor'
  | 'reset'
  | 'events'
  | 'op'
  | 'id'
  | 'row'
  | 'previous'
  | 'changedFields'
  | 'cursor';

export type Write = 'insert' | 'insertMany' | 'update' | 'updateMany' | 'upsert' | 'delete' | 'deleteMany' | 'undelete';

export type BatchPart = 'count' | 'nodes' | 'errors' | 'index' | 'code' | 'message' | 'inserted';

export type ConnectionPart =
  | 'nodes'
  | 'edges'
  | 'edgeNode'
  | 'cursor'
  | 'pageInfo'
  | 'hasNextPage'
  | 'hasPreviousPage'
  | 'startCursor'
  | 'endCursor'
  | 'totalCount';

/** What a member of an input object stands for: a column, a relation, or the columns of a key in their order. */
export type InputMeaning =
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'related'; readonly relation: Relation; readonly target: TableModel }
  | { readonly kind: 'key'; readonly columns: readonly Column[] }
  /** Yes or no, and part of what is asked rather than a value: a plan may depend on it. */
  | { readonly kind: 'flag' }
  /** The rows that a relation leads to, together: in an order, their number. */
  | { readonly kind: 'rows'; readonly relation: Relation }
  /** An object that only holds members together. */
  | { readonly kind: 'part' };

const MEANING = 'tablecast';

/** The extensions that give a field its meaning. */
export function meaning(value: FieldMeaning | InputMeaning): { extensions: Record<string, unknown> } {
  return { extensions: { [MEANING]: value } };
}

/** The meaning of a generated output field; undefined for others. */
export function fieldMeaning(field: GraphQLField<unknown, unknown>): FieldMeaning | undefined {
  return field.extensions[MEANING] as FieldMeaning | undefined;
}

/** The meaning of a generated input field. */
export function inputMeaning(field: GraphQLInputField): InputMeaning | undefined {
  return field.extensions[MEANING] as InputMeaning | undefined;
}
