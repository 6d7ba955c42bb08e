// A GraphQL server as small as it can be, with GraphiQL in front: who asks decides what `viewer` says and what the schema
// holds, so that a test sees in the browser whose headers arrived.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSchema, graphql } from 'graphql';
import { type GraphiqlIdentity, openGraphiql, wantsGraphiql } from '../../src/graphql/graphiql/open-graphiql.ts';

export interface GraphiqlServer {
  readonly url: string;
  /** Every POST that arrived: who it was, and what was asked. */
  readonly asked: { readonly as: string; readonly query: string }[];
  /** Makes every token that was handed out so far worthless. */
  expireTokens(): void;
  close(): Promise<void>;
}

/** What only one kind of caller finds in the schema. */
const OWN_FIELDS: Record<string, string> = { app: 'shelf: String', alice: 'diary: String', admin: 'vault: String' };

export const FIRST_QUERY = '# Press Ctrl-Enter\n{\n  viewer\n}\n';

export async function openGraphiqlServer(options: { keys: boolean; title?: string }): Promise<GraphiqlServer> {
  let issued = 0;
  let expired = 0;
  const asked: { as: string; query: string }[] = [];
  const identities = (): GraphiqlIdentity[] => [
    { name: 'public', description: 'No key, not signed in', headers: {} },
    { name: 'app', description: 'The application key', headers: { 'X-Application-Key': 'app-key' } },
    { name: 'alice', description: 'A signed-in user', headers: { Authorization: `Bearer alice-${++issued}` } },
    { name: 'admin', description: 'The master key: everything', headers: { 'X-Master-Key': 'master-key' } },
  ];
  const graphiql = openGraphiql({
    endpoint: '/graphql',
    title: options.title ?? 'Tablecast',
    firstQuery: FIRST_QUERY,
    identities: () => (options.keys ? identities() : []),
  });

  /** The name of who asks, or undefined for a token that is no longer good. */
  function callerOf({ headers }: IncomingMessage): string | undefined {
    if (headers['x-master-key'] === 'master-key') return 'admin';
    const token = /^Bearer alice-(\d+)$/.exec(headers.authorization ?? '')?.[1];
    if (token) return Number(token) > expired ? 'alice' : undefined;
    return headers['x-application-key'] === 'app-key' ? 'app' : 'public';
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const caller = callerOf(request);
    if (caller === undefined) return { status: 401, body: { errors: [{ message: 'The token has expired.' }] } };
    const { query, variables } = JSON.parse(await text(request));
    asked.push({ as: caller, query });
    const schema = buildSchema(`type Query { viewer: String! ${OWN_FIELDS[caller] ?? ''} }`);
    const rootValue = { viewer: `I am ${caller}` };
    return { status: 200, body: await graphql({ schema, source: query, rootValue, variableValues: variables }) };
  }

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (graphiql.ownsPath(pathname) || (pathname === '/graphql' && wantsGraphiql(request))) {
      await graphiql.handle(request, response);
      return;
    }
    const { status, body } =
      pathname === '/graphql' ? await answer(request) : { status: 404, body: { errors: [{ message: 'Not here.' }] } };
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/graphql`,
    asked,
    expireTokens: () => {
      expired = issued;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
