// One subscriber, that counts what it is told. Parsing it all would be work of the clients, on a machine that all share.

import { WebSocket } from 'ws';

export interface Follower {
  /** Events that it was told. */
  readonly events: number;
  /** Of the last answer. */
  readonly cursor: string;
  /** Resolves when so many events were told. Rejects when they are not told in time. */
  told(events: number): Promise<void>;
  close(): void;
}

interface Following {
  readonly url: URL;
  readonly token: string;
  /** The subscription: its one root field has `cursor` and `events`. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Milliseconds. */
const PATIENCE = 60_000;
const OP = Buffer.from('"op":');
const CURSOR = /"cursor":"([\w-]+)"/;
/** Bytes in which the cursor of a batch is. */
const BEGINNING = 400;

/** Resolves at the first answer. Whoever opened it closes it. */
export function openFollower({ url, token, query, variables = {} }: Following): Promise<Follower> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.href.replace('http', 'ws'), 'graphql-transport-ws', { perMessageDeflate: false });
    const send = (message: object) => socket.send(JSON.stringify(message));
    let events = 0;
    let cursor = '';
    let waiting: { readonly events: number; readonly resolve: () => void }[] = [];
    const follower: Follower = {
      get events() {
        return events;
      },
      get cursor() {
        return cursor;
      },
      told: (least) =>
        new Promise((done, late) => {
          if (events >= least) return done();
          const timer = setTimeout(() => late(new Error(`${events} events were told, and not ${least}`)), PATIENCE);
          waiting.push({
            events: least,
            resolve: () => {
              clearTimeout(timer);
              done();
            },
          });
        }),
      close: () => socket.terminate(),
    };
    socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    socket.on('error', reject);
    socket.on('message', (text: Buffer) => {
      const beginning = text.toString('latin1', 0, BEGINNING);
      if (beginning.includes('"connection_ack"')) send({ id: '1', type: 'subscribe', payload: { query, variables } });
      if (beginning.includes('"ping"')) send({ type: 'pong' });
      if (beginning.includes('"error')) throw new Error(text.toString());
      const found = CURSOR.exec(beginning)?.[1];
      if (found === undefined) return;
      cursor = found;
      for (let at = text.indexOf(OP); at >= 0; at = text.indexOf(OP, at + 1)) events += 1;
      resolve(follower);
      for (const one of waiting) if (events >= one.events) one.resolve();
      waiting = waiting.filter((one) => events < one.events);
    });
  });
}
