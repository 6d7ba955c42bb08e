import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core';
import type { Client as SocketClient } from 'graphql-ws';
import { CHANGES, type Item, LIST, type Show } from './documents.ts';
import { type ChangeBatch, type Followed, foldChanges, NOTHING } from './fold-changes.ts';

/** `socket` is one of `openSocket`. */
export function followWithUrql(socket: SocketClient, url: string, show: Show): void {
  const client = new Client({
    url,
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  let kept: Followed<Item> = NOTHING;
  client
    .subscription<{ todoItemChanges: ChangeBatch<Item> }>(CHANGES, { since: kept.cursor })
    .subscribe(({ data, error }) => {
      if (error || !data) return show.error(error);
      kept = foldChanges(kept, data.todoItemChanges);
      show.changes([...kept.rows.values()], data.todoItemChanges);
    });
  client
    .subscription<{ todoItems: readonly Item[] }>(LIST, {})
    .subscribe(({ data, error }) => (data ? show.list(data.todoItems) : show.error(error)));
}
