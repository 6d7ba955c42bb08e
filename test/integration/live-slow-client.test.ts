// A client that takes nothing for a while: what waits for it in the service stays within the limit of a socket, others are told
// meanwhile, and it misses nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { SOCKET_LIMITS } from '../../src/graphql/ws/socket-limits.ts';
import { openTestService } from '../support/open-test-service.ts';
import { type Connection, overSocket } from './live-connection.ts';
import type { Batch } from './live-fold.ts';

const SDL = 'type Note @table @permission(level: PUBLIC) { n: Int! text: String! }';
/** Of ten events with a node of 16 kB each. */
const QUERY = 'subscription { noteChanges(batchSize: 10) { cursor reset events { op id cursor node { n text } } } }';
const ROWS = 1_500;
const ANSWER = 10 * 17_000;
/** Milliseconds after which what was not told is lost. */
const LATE = 60_000;

/** Subscribes; `all` resolves with the numbers of all rows in the order in which they were told. */
async function follow(url: string): Promise<{ readonly connection: Connection; readonly all: Promise<number[]> }> {
  const told: number[] = [];
  let begun: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let connection: Connection | undefined;
  const all = new Promise<number[]>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${told.length} rows were told`)), LATE);
    connection = overSocket({
      url,
      credentials: {},
      query: QUERY,
      variables: {},
      take(data) {
        begun();
        const { events } = data['noteChanges'] as Batch;
        told.push(...events.map(({ node }) => Number(node?.['n'])));
        if (told.length >= ROWS) resolve(told);
      },
    });
    void connection.ended.then((how) => {
      clearTimeout(late);
      reject(new Error(`the subscription ended: ${how}`));
    });
  });
  all.catch(() => undefined);
  await first;
  if (!connection) throw new Error('it was opened');
  return { connection, all };
}

test('what waits for a client that takes nothing is little, and nothing is missing when it does', async (t) => {
  const app = await openTestService({ sdl: SDL });
  // What waits on every socket of the service whenever something is sent.
  let most = 0;
  const { send } = WebSocket.prototype;
  t.mock.method(WebSocket.prototype, 'send', function (this: WebSocket, ...args: Parameters<typeof send>) {
    Reflect.apply(send, this, args);
    most = Math.max(most, this.bufferedAmount);
  });
  const [slow, quick] = [await follow(app.url), await follow(app.url)];
  try {
    // Until it is told to go on.
    slow.connection.pause(LATE);
    await app.database.query(
      `INSERT INTO note (n, text) SELECT n, repeat('x', 16000) FROM generate_series(0, ${ROWS - 1}) AS n ORDER BY n`,
    );
    const expected = Array.from({ length: ROWS }, (_, n) => n);
    assert.deepEqual(await quick.all, expected);
    slow.connection.resume();
    assert.deepEqual(await slow.all, expected);
    assert.ok(most > SOCKET_LIMITS.queued / 2, `the socket was never full: ${most} bytes`);
    assert.ok(most <= SOCKET_LIMITS.queued + ANSWER, `${most} bytes waited`);
  } finally {
    slow.connection.cut();
    quick.connection.cut();
    await app.close();
  }
});
