// What the page asks for: the same list in both ways; and where it puts what it is answered.

import type { ChangeBatch } from './fold-changes.ts';

export interface Item {
  readonly id: string;
  readonly text: string;
  readonly complete: boolean;
}

export const CHANGES = /* GraphQL */ `
  subscription Changes($since: Cursor) {
    todoItemChanges(since: $since, initial: ALL) {
      cursor
      reset
      events { op id node { id text complete } }
    }
  }
`;

export const LIST = /* GraphQL */ `
  subscription List {
    todoItems(orderBy: [{ id: ASC }], first: 1000) { id text complete }
  }
`;

/** What a page does with it. */
export interface Show {
  readonly changes: (items: readonly Item[], batch: ChangeBatch<Item>) => void;
  readonly list: (items: readonly Item[]) => void;
  readonly error: (error: unknown) => void;
  readonly end: () => void;
}
