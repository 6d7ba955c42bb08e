// The page: the items of a signed-in user, live, by four clients in four columns.

import { openSocket } from './open-socket.ts';
import { openStream } from './open-stream.ts';
import { openColumn, type Seen } from './show.ts';
import { staySignedIn } from './stay-signed-in.ts';
import { followWithApollo } from './with-apollo.ts';
import { followOnClient } from './with-graphql-ws.ts';
import { followWithUrql } from './with-urql.ts';

declare global {
  var seen: Seen;
}

const { searchParams } = new URL(location.href);
const service = searchParams.get('service') ?? '';
const http = `${service}/graphql`;
const socket = http.replace('http', 'ws');
const token = async () => (await fetch('/token')).text();

globalThis.seen = { lists: {}, batches: {}, resets: {}, opened: {}, wrong: [] };
const column = (name: string) => openColumn(name, document.body, globalThis.seen);

const openCountedSocket = (name: string) => {
  const client = openSocket(socket, token);
  const { opened } = globalThis.seen;
  client.on('connected', () => {
    opened[name] = (opened[name] ?? 0) + 1;
  });
  return client;
};

// This one renews its token where it is; the others are thrown out, and come back with another one.
const renewed = openCountedSocket('graphql-ws');
staySignedIn(renewed, token);
followOnClient(renewed, column('graphql-ws'));
followWithApollo(openCountedSocket('Apollo Client'), column('Apollo Client'));
followWithUrql(openCountedSocket('urql'), http, column('urql'));
followOnClient(openStream(http, token), column('graphql-sse'));
