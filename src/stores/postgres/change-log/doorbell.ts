// The bell between processes: whoever committed something rings, and the others look at the log. It is rung on a connection
// of its own and never in a transaction of a user's, which would then wait for every other one that rings. Nothing depends on
// it but how soon others look.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Socket } from 'node:net';
import pg from 'pg';
import { messageOf } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/log.ts';
import type { PostgresAddress } from '../open-pool.ts';

const CHANNEL = 'tablecast_change';
/** Milliseconds after a ring until the next one, at least. */
const APART = 10;
/** Milliseconds before the connection is made anew: at first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** Milliseconds after which a silent connection is felt for: it only listens, and would never notice that it is broken. */
const KEEP_ALIVE_AFTER = 10_000;

export interface Doorbell {
  /** Rings for the other processes, now or in a moment; while the connection is lost, as soon as there is another. */
  ring(): void;
  /** Waits for nobody. */
  close(): Promise<void>;
}

export interface DoorbellOptions {
  readonly log: Logger;
  /** Another process rang, or one may have that was not heard. Must not throw. */
  readonly onRing: () => void;
}

/** Opens it past a transaction pooler, which would not listen. It is made anew when it is lost. */
export function openDoorbell(address: PostgresAddress, { log, onRing }: DoorbellOptions): Doorbell {
  const name = randomUUID();
  /** The connection while it listens, and the socket of the last one that was begun. */
  let client: pg.Client | null = null;
  let socket = new Socket();
  let closed = false;
  let pause = FIRST_PAUSE;
  let retry: NodeJS.Timeout | null = null;
  let resting: NodeJS.Timeout | null = null;
  let rung = false;
  let isRinging = false;

  const notify = () => {
    const ringer = client;
    if (!ringer) return;
    rung = false;
    const rest = () => {
      resting = setTimeout(() => {
        resting = null;
        if (rung) notify();
      }, APART);
      resting.unref();
    };
    isRinging = true;
    ringer
      .query(`SELECT pg_notify('${CHANNEL}', $1)`, [name])
      .catch((error: unknown) => {
        rung = true;
        if (client === ringer) lose(messageOf(error));
      })
      .finally(() => {
        isRinging = false;
        if (!closed) rest();
      });
  };

  const lose = (reason: string) => {
    client = null;
    socket.destroy();
    if (closed || retry) return;
    if (pause === FIRST_PAUSE) log.warn({ reason }, 'other processes are not heard: changes of theirs come later');
    retry = setTimeout(() => {
      retry = null;
      void connect();
    }, pause);
    retry.unref();
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };

  const connect = async () => {
    const own = new Socket();
    socket = own;
    const made = new pg.Client({
      ...('url' in address ? { connectionString: address.url } : address),
      application_name: 'tablecast bell',
      connectionTimeoutMillis: LONGEST_PAUSE,
      query_timeout: LONGEST_PAUSE,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER,
      stream: () => own,
    });
    const loseThis = (reason: string) => {
      if (socket === own && !retry) lose(reason);
    };
    made.on('error', (error) => loseThis(error.message));
    made.on('notification', ({ payload }) => {
      if (payload !== name && !closed) onRing();
    });
    try {
      await made.connect();
      await made.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      return loseThis(messageOf(error));
    }
    if (closed || own.destroyed) return;
    client = made;
    pause = FIRST_PAUSE;
    // Something may have been missed, by both sides.
    onRing();
    if (rung && !resting && !isRinging) notify();
  };
  void connect();

  return {
    ring() {
      if (closed) return;
      rung = true;
      if (!resting && !isRinging) notify();
    },
    async close() {
      closed = true;
      if (retry) clearTimeout(retry);
      if (resting) clearTimeout(resting);
      client = null;
      if (socket.closed) return;
      const gone = once(socket, 'close');
      // The server takes the end of a connection that is idle for a goodbye.
      socket.destroy();
      await gone;
    },
  };
}
