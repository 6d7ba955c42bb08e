// All WebSockets of a service: who is let in, how many there are, whether they live, and their end.

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Caller } from '../../access/caller.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { CLOSE, SOCKET_LIMITS, type SocketLimits } from './socket-limits.ts';

export interface SocketServerOptions extends Omit<ConnectionOptions, 'serverFor' | 'limits' | 'admit'> {
  /** By path. */
  readonly endpoints: Readonly<Record<string, Pick<ConnectionOptions, 'serverFor'>>>;
  readonly allowsOrigin: (origin: string) => boolean;
  readonly metrics: Metrics;
  /** Left out: those of `SOCKET_LIMITS`. */
  readonly limits?: Partial<SocketLimits> | undefined;
}

export interface SocketServer {
  /** Takes no new sockets; running queries and mutations are answered within `deadline` milliseconds, and all are closed. */
  close(deadline: number): Promise<void>;
}

/** The one that is spoken. */
const SUBPROTOCOL = 'graphql-transport-ws';

/** Codes that are counted by themselves: ours, and those of an end in order, of a page that was left, and of a network that broke. */
const KNOWN_CODES: readonly number[] = [...Object.values(CLOSE), 1000, 1005, 1006, 1009];
/** Turns in which all sockets are pinged once. */
const SLICES = 48;

interface Open {
  readonly connection: Connection;
  readonly socket: WebSocket;
  isAlive: boolean;
}

/** Takes the upgrades of an HTTP server. Close it before the server. */
export function openSocketServer(server: Server, options: SocketServerOptions): SocketServer {
  const { endpoints, metrics } = options;
  const limits = { ...SOCKET_LIMITS, ...options.limits };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.message,
    // Without one that is known the socket is opened and told so, since browsers hide why an upgrade fails.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const open = new Set<Open>();
  const callers = new Map<string, number>();
  /** Sockets that are pinged in the same turn: all at once would hold everything up for as long as it takes. */
  const slices = Array.from({ length: SLICES }, () => new Set<Open>());
  let accepted = 0;
  let closing = false;

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const endpoint = endpoints[path];
    stream.on('error', () => stream.destroy());
    const refusal = closing
      ? '503 Service Unavailable'
      : !Object.hasOwn(endpoints, path)
        ? '404 Not Found'
        : !isAllowed(request, options.allowsOrigin)
          ? '403 Forbidden'
          : open.size >= limits.all
            ? '503 Service Unavailable'
            : null;
    if (refusal || !endpoint) {
      // The HTTP server has let go of it: nobody else ends it, when the client does not.
      stream.once('finish', () => stream.destroy());
      stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, request, endpoint));
  };

  const accept = (socket: WebSocket, request: IncomingMessage, endpoint: Pick<ConnectionOptions, 'serverFor'>) => {
    // Errors end in a close.
    socket.on('error', () => undefined);
    if (socket.protocol !== SUBPROTOCOL) {
      socket.close(CLOSE.badSubprotocol, `Speak ${SUBPROTOCOL}`);
      return;
    }
    const address = request.socket.remoteAddress ?? '';
    let counted: string | null = null;
    const admit = (caller: Caller): boolean => {
      const [name, most] = caller.user
        ? [`user ${caller.user.id}`, limits.perUser]
        : [`address ${address}`, caller.kind === 'admin' ? Number.POSITIVE_INFINITY : limits.perAddress];
      const count = (callers.get(name) ?? 0) + 1;
      if (count > most) return false;
      callers.set(name, count);
      counted = name;
      return true;
    };
    const connection = new Connection(socket, { ...options, ...endpoint, limits, admit });
    const one: Open = { connection, socket, isAlive: true };
    open.add(one);
    const slice = slices[accepted++ % SLICES];
    slice?.add(one);
    // Pings are answered by messages of the protocol.
    socket.on('message', () => {
      one.isAlive = true;
    });
    socket.on('close', (code) => {
      open.delete(one);
      slice?.delete(one);
      // Clients may send any number, and each would be a series of its own.
      metrics.socketClosed(KNOWN_CODES.includes(code) ? String(code) : 'other');
      if (counted === null) return;
      const left = (callers.get(counted) ?? 1) - 1;
      if (left > 0) callers.set(counted, left);
      else callers.delete(counted);
    });
  };

  const feel = (one: Open) => {
    if (one.connection.stalled > limits.stalled) {
      one.connection.close(CLOSE.tryAgainLater, 'Nothing was taken for too long');
      one.socket.terminate();
    } else if (one.isAlive) {
      one.isAlive = false;
      one.connection.ping();
      // Who has much to take answers late.
    } else if (one.socket.bufferedAmount === 0) one.socket.terminate();
  };
  let turn = 0;
  const heartbeat = setInterval(() => {
    turn = (turn + 1) % SLICES;
    for (const one of slices[turn] ?? []) feel(one);
  }, limits.pingEvery / SLICES);
  heartbeat.unref();

  metrics.gauge({ name: 'tablecast_sockets', help: 'WebSockets open.', read: () => open.size });
  metrics.gauge({
    name: 'tablecast_socket_streams',
    help: 'Subscriptions over WebSockets.',
    read: () => [...open].reduce((sum, { connection }) => sum + connection.streams, 0),
  });
  server.on('upgrade', upgrade);

  return {
    async close(deadline) {
      closing = true;
      clearInterval(heartbeat);
      const all = [...open].map(({ socket }) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
      for (const { connection } of open) connection.drain();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadline);
      });
      await Promise.race([Promise.all(all), late]);
      clearTimeout(timer);
      for (const { socket } of open) socket.terminate();
      server.off('upgrade', upgrade);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

/** Pages of the service itself, those that may call it from a browser, and what is no page. */
function isAllowed({ headers }: IncomingMessage, allowsOrigin: (origin: string) => boolean): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return allowsOrigin(origin) || /^https?:\/\/(.*)$/i.exec(origin)?.[1] === host;
}
