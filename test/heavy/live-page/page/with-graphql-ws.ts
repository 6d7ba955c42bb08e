import type { Client } from 'graphql-ws';
import { CHANGES, type Item, LIST, type Show } from './documents.ts';
import { type ChangeBatch, type Followed, foldChanges, NOTHING } from './fold-changes.ts';

/** Follows the items on a socket of `openSocket`, and equally with a client of graphql-sse that is `resuming`. */
export function followOnClient(client: Pick<Client, 'subscribe'>, show: Show): void {
  let kept: Followed<Item> = NOTHING;
  client.subscribe<{ todoItemChanges: ChangeBatch<Item> }>(
    { query: CHANGES, variables: { since: kept.cursor } },
    {
      next({ data, errors }) {
        if (!data) return show.error(errors);
        kept = foldChanges(kept, data.todoItemChanges);
        show.changes([...kept.rows.values()], data.todoItemChanges);
      },
      error: show.error,
      complete: show.end,
    },
  );
  client.subscribe<{ todoItems: readonly Item[] }>(
    { query: LIST },
    {
      next: ({ data, errors }) => (data ? show.list(data.todoItems) : show.error(errors)),
      error: show.error,
      complete: show.end,
    },
  );
}
