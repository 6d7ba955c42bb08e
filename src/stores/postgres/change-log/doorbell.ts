// The bell between processes: whoever committed something rings, and the others look at the log. It is rung on a connection
// of its own and never in a transaction of a user's, which would then wait for every other one that rings. Nothing depends on
// it but how soon others look.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { messageOf } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/log.ts';
import type { PostgresAddress } from '../open-pool.ts';

const CHANNEL = 'tablecast_change';
/** Milliseconds between two rings at least. */
const APART = 10;
/** Milliseconds before the connection is made anew: at first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

export interface Doorbell {
  /** Rings for the other processes, now or in a moment. */
  ring(): void;
  close(): Promise<void>;
}

/** Opens it past a transaction pooler, which would not listen. It is made anew when it is lost. */
export function openDoorbell(
  address: PostgresAddress,
  { log, onRing }: { readonly log: Logger; readonly onRing: () => void },
): Doorbell {
  const name = randomUUID();
  let client: pg.Client | null = null;
  let closed = false;
  let pause = FIRST_PAUSE;
  let retry: NodeJS.Timeout | null = null;
  let resting: NodeJS.Timeout | null = null;
  let rung = false;

  const lose = (lost: pg.Client, reason: string) => {
    if (client === lost) client = null;
    lost.removeAllListeners('notification');
    void lost.end().catch(() => undefined);
    if (closed || retry) return;
    if (pause === FIRST_PAUSE) log.warn({ reason }, 'other processes are not heard: changes of theirs come later');
    retry = setTimeout(() => {
      retry = null;
      connecting = connect();
    }, pause);
    retry.unref();
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };

  const connect = async () => {
    const made = new pg.Client({
      ...('url' in address ? { connectionString: address.url } : address),
      application_name: 'tablecast bell',
      connectionTimeoutMillis: LONGEST_PAUSE,
      keepAlive: true,
    });
    let lost = false;
    const once = (reason: string) => {
      if (lost) return;
      lost = true;
      lose(made, reason);
    };
    made.on('error', (error) => once(error.message));
    made.on('end', () => once('the connection ended'));
    made.on('notification', ({ payload }) => {
      if (payload !== name) onRing();
    });
    try {
      await made.connect();
      await made.query(`LISTEN ${CHANNEL}`);
      if (lost || closed) return void made.end().catch(() => undefined);
      client = made;
      pause = FIRST_PAUSE;
      // Something may have been missed.
      onRing();
    } catch (error) {
      once(messageOf(error));
    }
  };
  let connecting = connect();

  const notify = () => {
    rung = false;
    const ringer = client;
    ringer?.query(`SELECT pg_notify('${CHANNEL}', $1)`, [name]).catch(() => undefined);
    resting = setTimeout(() => {
      resting = null;
      if (rung) notify();
    }, APART);
    resting.unref();
  };

  return {
    ring() {
      if (closed) return;
      rung = true;
      if (!resting) notify();
    },
    async close() {
      closed = true;
      if (retry) clearTimeout(retry);
      if (resting) clearTimeout(resting);
      await connecting;
      const last = client;
      client = null;
      await last?.end().catch(() => undefined);
    },
  };
}
