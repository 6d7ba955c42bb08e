// A GraphQL endpoint over HTTP: who is asking, then Apollo Server.

import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { Caller } from '../../access/caller.ts';
import type { Authenticator } from '../../auth/caller-from-credentials.ts';
import { credentialsFromHeaders } from '../../auth/credentials.ts';
import type { RequestContext } from '../run-operation.ts';
import type { Exchange } from './exchange.ts';
import { readJsonBody } from './read-body.ts';

export interface GraphqlRouteOptions {
  readonly authenticator: Authenticator;
  /** The server for a caller. Throws ServiceError when there is none for it. */
  readonly serverFor: (caller: Caller) => Promise<ApolloServer<RequestContext>>;
  /** Bytes. */
  readonly bodyLimit: number;
}

/** Answers GraphQL requests. Rejects with ServiceError for what did not reach GraphQL. */
export function graphqlRoute({ authenticator, serverFor, bodyLimit }: GraphqlRouteOptions) {
  return async ({ request, response, search, requestId }: Exchange): Promise<void> => {
    const caller = await authenticator.callerFrom(credentialsFromHeaders(request.headersDistinct));
    const body = request.method === 'POST' ? await readJsonBody(request, bodyLimit) : undefined;
    const server = await serverFor(caller);
    const answer = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method ?? 'GET', headers: headersOf(request.headers), search, body },
      context: async () => ({ caller, requestId }),
    });
    if (answer.body.kind !== 'complete') throw new Error('answers come in one piece');
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.setHeader('cache-control', 'no-store');
    response.setHeader('content-length', Buffer.byteLength(answer.body.string));
    response.writeHead(answer.status ?? 200).end(answer.body.string);
  };
}

function headersOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return map;
}
