import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import type { Client } from 'graphql-ws';
import { CHANGES, type Item, LIST, type Show } from './documents.ts';
import { type ChangeBatch, type Followed, foldChanges, NOTHING } from './fold-changes.ts';

/** `socket` is one of `openSocket`. */
export function followWithApollo(socket: Client, show: Show): void {
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  let kept: Followed<Item> = NOTHING;
  client
    .subscribe<{ todoItemChanges: ChangeBatch<Item> }>({
      query: gql(CHANGES),
      variables: { since: kept.cursor },
      fetchPolicy: 'no-cache', // a batch is news, and nothing to look up later
    })
    .subscribe({
      next({ data, error }) {
        if (!data) return show.error(error);
        kept = foldChanges(kept, data.todoItemChanges);
        show.changes([...kept.rows.values()], data.todoItemChanges);
      },
      error: show.error,
      complete: show.end,
    });
  client.subscribe<{ todoItems: readonly Item[] }>({ query: gql(LIST) }).subscribe({
    next: ({ data, error }) => (data ? show.list(data.todoItems) : show.error(error)),
    error: show.error,
    complete: show.end,
  });
}
