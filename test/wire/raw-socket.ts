// A WebSocket that says what it is told to, right or wrong, and keeps what it hears, as it came. It answers nothing by
// itself, pings aside where that is asked for.

import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { headersOf } from '../support/open-test-service.ts';

export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

export interface RawSocket {
  readonly socket: WebSocket;
  /** Every message that came, but pings, as its text. */
  readonly heard: readonly string[];
  /** How it ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Text and bytes go as they are. */
  send(message: Message | string | Buffer): void;
  /** The next message that this was not asked for yet, pings left out. Rejects when the socket was closed before one came. */
  next(): Promise<Message>;
  /** Closes it, and waits for that. */
  close(): Promise<void>;
}

export interface RawSocketOptions extends ClientOptions {
  readonly path?: string;
  /** The subprotocols that are offered. */
  readonly protocols?: readonly string[];
  /** Whether the protocol's pings are answered, from the first on. */
  readonly answersPings?: boolean;
  /** Milliseconds after which a message that does not come is given up. */
  readonly patience?: number;
}

/** Opens it, and says nothing yet. Rejects when the upgrade is refused: `Unexpected server response: 404`. */
export async function openRawSocket(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const {
    path = '/graphql',
    protocols = ['graphql-transport-ws'],
    answersPings = false,
    patience = 10_000,
    ...rest
  } = options;
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, [...protocols], rest);
  const heard: string[] = [];
  let taken = 0;
  let wake: () => void = () => undefined;
  let isClosed = false;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      isClosed = true;
      wake();
      resolve({ code, reason: String(reason) });
    });
  });
  socket.on('message', (data) => {
    const text = String(data);
    if (text.startsWith('{"type":"ping"')) {
      if (answersPings) socket.send('{"type":"pong"}');
      return;
    }
    heard.push(text);
    wake();
  });
  await once(socket, 'open');
  // A connection that breaks ends in a close.
  socket.on('error', () => undefined);
  return {
    socket,
    heard,
    closed,
    send(message) {
      const isRaw = typeof message === 'string' || Buffer.isBuffer(message);
      socket.send(isRaw ? message : JSON.stringify(message));
    },
    async next() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`nothing came after ${heard.slice(-3).join(' ')}`)), patience);
      });
      try {
        while (heard.length === taken) {
          if (isClosed) throw new Error(`it was closed: ${JSON.stringify(await closed)}`);
          const more = new Promise<void>((resolve) => {
            wake = resolve;
          });
          await Promise.race([more, late]);
        }
      } finally {
        clearTimeout(timer);
      }
      taken += 1;
      return JSON.parse(heard[taken - 1] ?? '') as Message;
    },
    async close() {
      if (!isClosed) socket.close(1000);
      await closed;
    },
  };
}

/** Opens one that is let in, as `headersOf` names the caller, or with a payload of `connection_init`. */
export async function openAs(url: string, who: string | object, options: RawSocketOptions = {}): Promise<RawSocket> {
  const socket = await openRawSocket(url, options);
  socket.send({ type: 'connection_init', payload: typeof who === 'string' ? headersOf(who) : who });
  const { type } = await socket.next();
  if (type !== 'connection_ack') throw new Error(`${type} came, and no connection_ack`);
  return socket;
}

/** A message that begins an operation. */
export function subscribe(id: string, query: string, more: object = {}): Message {
  return { type: 'subscribe', id, payload: { query, ...more } };
}
