// Going on after a lost connection. The clients subscribe again with the variables of the first time: `since` has to move on.

import type { Client } from 'graphql-ws';

/** Gives the client's subscriptions the cursor of the last batch that they took as `since`, whenever it connects again. */
export function resuming<Some extends Pick<Client, 'subscribe'>>(client: Some): Some {
  const subscribe: Client['subscribe'] = (request, sink) => {
    const variables: Record<string, unknown> = { ...request.variables };
    return client.subscribe<Record<string, { readonly cursor?: string } | null>, unknown>(
      { ...request, variables },
      {
        next(result) {
          sink.next(result as Parameters<typeof sink.next>[0]);
          for (const batch of Object.values(result.data ?? {})) if (batch?.cursor) variables['since'] = batch.cursor;
        },
        error: (error) => sink.error(error),
        complete: () => sink.complete(),
      },
    );
  };
  return { ...client, subscribe };
}
