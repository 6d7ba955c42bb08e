// A page of a list by cursors, and what is asked of it. Part of what `plan.ts` is for rows.

import type { ConstantField } from './plan.ts';
import type { Slot, ValueSource } from './value-source.ts';

/** `size` rows at one end of those between two cursors. */
interface PageSize {
  readonly size: Slot;
  readonly end: 'first' | 'last';
}

/** As asked: the cursors are where a client's texts come from, null where there is none. */
export interface RequestedConnectionPage extends PageSize {
  readonly after: ValueSource | null;
  readonly before: ValueSource | null;
}

/** With the values inside the cursors, one for each key of the order. */
export interface ConnectionPage extends PageSize {
  readonly after: readonly Slot[] | null;
  readonly before: readonly Slot[] | null;
  /** Names the order in the cursors of the answer. */
  readonly fingerprint: string;
}

/** A member of the answer's object for a connection. Keys are response keys, each once in its object. */
export type ConnectionField<Selection> =
  | { readonly kind: 'nodes'; readonly key: string; readonly selection: Selection }
  | { readonly kind: 'edges'; readonly key: string; readonly fields: readonly EdgeField<Selection>[] }
  | { readonly kind: 'pageInfo'; readonly key: string; readonly fields: readonly PageInfoField[] }
  /** Of the whole list, whatever the page. */
  | { readonly kind: 'totalCount'; readonly key: string }
  | ConstantField;

export type EdgeField<Selection> =
  | { readonly kind: 'cursor'; readonly key: string }
  | { readonly kind: 'edgeNode'; readonly key: string; readonly selection: Selection }
  | ConstantField;

export type PageInfoField =
  | {
      /** Whether the list has rows on that side of the page; and the cursors of its outermost rows. */
      readonly kind: 'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor';
      readonly key: string;
    }
  | ConstantField;
