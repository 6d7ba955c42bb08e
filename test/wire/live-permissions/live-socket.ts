// A socket of one caller, on which it asks and subscribes: the protocol graphql-transport-ws, written out.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Answer, Asking } from '../../support/open-test-service.ts';

export interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: NonNullable<Answer['errors']>;
}

interface Operation {
  next(result: Result): void;
  /** No more comes. */
  end(): void;
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

export interface LiveSocket {
  /** Whether it was let in; the code and reason that it was closed with otherwise. */
  readonly refusal: { readonly code: number; readonly reason: string } | null;
  /** Runs an operation until the service ends it, or the function that is answered is called. */
  run(body: object, operation: Operation): () => void;
  close(): Promise<void>;
}

/** Opens it with these credentials, by the names of their headers. */
export async function openLiveSocket(url: string, credentials: Readonly<Record<string, string>>): Promise<LiveSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const operations = new Map<string, Operation>();
  const send = (message: Message) => socket.send(JSON.stringify(message));
  let refusal: LiveSocket['refusal'] = null;
  let last = 0;
  const closed = once(socket, 'close').then(([code, reason]) => {
    refusal = { code: code as number, reason: String(reason) };
    for (const operation of operations.values()) operation.end();
  });
  const acknowledged = new Promise<void>((resolve) => {
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as Message;
      const operation = operations.get(message.id ?? '');
      if (message.type === 'connection_ack') resolve();
      else if (message.type === 'ping') send({ type: 'pong' });
      else if (message.type === 'next') operation?.next(message.payload as Result);
      else {
        if (message.type === 'error') operation?.next({ errors: message.payload as NonNullable<Answer['errors']> });
        operations.delete(message.id ?? '');
        operation?.end();
      }
    });
  });
  await once(socket, 'open');
  send({ type: 'connection_init', payload: credentials });
  await Promise.race([acknowledged, closed]);
  return {
    get refusal() {
      return refusal;
    },
    run(body, operation) {
      last += 1;
      const id = String(last);
      operations.set(id, operation);
      send({ type: 'subscribe', id, payload: body });
      return () => {
        if (operations.delete(id)) send({ type: 'complete', id });
      };
    },
    async close() {
      if (socket.readyState !== WebSocket.CLOSED) socket.close(1000);
      await closed;
    },
  };
}

/** Operations on one socket, before the next one is opened: the service takes no more than a number of messages a second. */
const MOST_OPERATIONS = 40;

interface Used {
  readonly socket: Promise<LiveSocket>;
  operations: number;
  running: number;
}

/** Asks over sockets as `ask` does over HTTP. Of a subscription the first answer counts. */
export class SocketAsker {
  readonly #current = new Map<string, Used>();

  readonly ask = async (url: string, query: string, { headers = {}, variables }: Asking = {}): Promise<Answer> => {
    const name = JSON.stringify(headers);
    const used = this.#current.get(name) ?? { socket: openLiveSocket(url, headers), operations: 0, running: 0 };
    used.operations += 1;
    used.running += 1;
    if (used.operations < MOST_OPERATIONS) this.#current.set(name, used);
    else this.#current.delete(name);
    const socket = await used.socket;
    const result = await first(socket, { query, variables });
    used.running -= 1;
    if (used.running === 0 && this.#current.get(name) !== used) await socket.close();
    return { status: 200, headers: new Headers(), ...result, text: JSON.stringify(result) };
  };

  async close(): Promise<void> {
    await Promise.all([...this.#current.values()].map(async ({ socket }) => (await socket).close()));
  }
}

/** The first answer to an operation. */
function first(
  socket: LiveSocket,
  body: { readonly query: string; readonly variables: object | undefined },
): Promise<Result> {
  return new Promise((resolve) => {
    if (socket.refusal) return resolve(refused(socket));
    const stop = socket.run(body, {
      next(result) {
        resolve(result);
        if (body.query.startsWith('subscription')) stop();
      },
      end: () => resolve(refused(socket)),
    });
  });
}

/** What a socket that was not let in says, in the form of an answer. */
function refused({ refusal }: LiveSocket): Result {
  const code = refusal?.code === 4403 ? 'UNAUTHENTICATED' : `closed ${refusal?.code}`;
  return { data: null, errors: [{ message: refusal?.reason ?? '', extensions: { code } }] };
}
