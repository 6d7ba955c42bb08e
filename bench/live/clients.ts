// A process of clients: bare WebSockets that subscribe, and note when they are told what. Its parent is client-processes.ts.

import { WebSocket } from 'ws';

export type Order =
  /** Opens a socket for each token. */
  | { readonly kind: 'open'; readonly url: string; readonly tokens: readonly string[] }
  /** Subscribes on every socket, and waits for the first answers. */
  | { readonly kind: 'subscribe'; readonly id: string; readonly query: string }
  /** Tells what came since the last time. */
  | { readonly kind: 'collect' };

/** Events of one moment that it was sent at, over all sockets. Milliseconds since the Unix epoch. */
export interface Moment {
  readonly count: number;
  readonly last: number;
}

export interface Collected {
  /** Milliseconds from commit to receipt of each event, by the id of the subscription. */
  readonly latencies: Readonly<Record<string, readonly number[]>>;
  /** By `sentAt`: only of subscription 2, which tells all sockets the same. */
  readonly moments: ReadonlyMap<number, Moment>;
}

/** Sockets that are being opened at the same time. */
const AT_ONCE = 50;
const SENT_AT = Buffer.from('"sentAt":');
const BROADCAST = '2';

const sockets: WebSocket[] = [];
const waiting = new Map<WebSocket, () => void>();
let latencies: Record<string, number[]> = {};
let moments = new Map<number, { count: number; last: number }>();

process.on('message', async (order: Order) => {
  if (order.kind === 'open') await eachOf(order.tokens, (token) => open(order.url, token));
  if (order.kind === 'subscribe') {
    const payload = { query: order.query };
    const text = JSON.stringify({ id: order.id, type: 'subscribe', payload });
    await eachOf(sockets, (socket) => {
      socket.send(text);
      return answered(socket);
    });
  }
  process.send?.({ latencies, moments } satisfies Collected);
  if (order.kind !== 'collect') return;
  latencies = {};
  moments = new Map();
});

function open(url: string, token: string): Promise<void> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
  sockets.push(socket);
  socket.on('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
  );
  socket.on('message', (data: Buffer) => receive(socket, data));
  for (const event of ['error', 'close'])
    socket.on(event, (reason: unknown) => {
      console.error(`a socket ended: ${reason}`);
      process.exit(1);
    });
  return answered(socket);
}

function answered(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => waiting.set(socket, resolve));
}

/** Parsing it all would cost as much as the service does: only the moment is looked for. */
function receive(socket: WebSocket, data: Buffer): void {
  const now = performance.timeOrigin + performance.now();
  // {"type":"ping"}
  if (data[9] === 112 && data[10] === 105) return socket.send('{"type":"pong"}');
  const first = waiting.get(socket);
  if (first) {
    waiting.delete(socket);
    if (data.includes('"errors"') || data.includes('"error"')) throw new Error(String(data));
    return first();
  }
  const id = String.fromCharCode(data[7] ?? 0);
  for (let at = data.indexOf(SENT_AT); at >= 0; at = data.indexOf(SENT_AT, at + 1)) {
    const sentAt = Number.parseFloat(data.toString('latin1', at + SENT_AT.length, at + SENT_AT.length + 20));
    (latencies[id] ??= []).push(now - sentAt);
    if (id !== BROADCAST) continue;
    const moment = moments.get(sentAt) ?? { count: 0, last: 0 };
    moments.set(sentAt, { count: moment.count + 1, last: now });
  }
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

process.on('disconnect', () => process.exit(0));
