// Who got the first answer is told of everything that is committed from then on, however soon.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { headersOf, openTestService, type TestService } from '../support/open-test-service.ts';
import { type Connection, overEventStream, overSocket, type Transport } from './live-connection.ts';
import type { Batch } from './live-fold.ts';

const SDL = 'type Note @table @permission(level: PUBLIC) { n: Int! }';
const QUERY = 'subscription { noteChanges { cursor reset events { op id cursor node { n } } } }';
const ROUNDS = 20;
const WRITERS = 8;
/** Milliseconds after which what was not told is lost. */
const LATE = 10_000;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
});
after(() => app?.close());

const TRANSPORTS: Readonly<Record<string, Transport>> = { 'a socket': overSocket, 'an event stream': overEventStream };

/** Subscribes, inserts at the first answer, and waits until that is told. */
async function insertAtOnce(open: Transport, n: number): Promise<void> {
  let connection: Connection | undefined;
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`row ${n} was not told`)), LATE);
    let answers = 0;
    connection = open({
      url: app.url,
      credentials: headersOf('public'),
      query: QUERY,
      variables: {},
      take(data) {
        const { events } = data['noteChanges'] as Batch;
        answers += 1;
        // Through the service, which looks for what it committed itself at once.
        if (answers === 1) void app.ask(`mutation { insertNote(data: { n: ${n} }) { id } }`);
        if (!events.some(({ node }) => node?.['n'] === n)) return;
        clearTimeout(late);
        resolve();
      },
    });
    void connection.ended.then((how) => reject(new Error(`the subscription ended: ${how}`)));
  }).finally(() => connection?.cut());
}

for (const [name, open] of Object.entries(TRANSPORTS)) {
  test(`what is written at the first answer of ${name} is told`, async () => {
    for (let n = 0; n < ROUNDS; n++) await insertAtOnce(open, n);
  });
}

test('who subscribes is told what it wrote just before, with the rows that there are', async () => {
  const query =
    'subscription { noteChanges(initial: ALL, batchSize: 1000) { cursor reset events { op id cursor node { n } } } }';
  for (let n = 1_000; n < 1_000 + ROUNDS; n++) {
    const answer = await app.ask(`mutation { insertNote(data: { n: ${n} }) { id } }`);
    assert.equal(answer.errors, undefined, answer.text);
    const batch = await new Promise<Batch>((resolve) => {
      const connection = overSocket({
        url: app.url,
        credentials: {},
        query,
        variables: {},
        take(data) {
          connection.cut();
          resolve(data['noteChanges'] as Batch);
        },
      });
    });
    assert.ok(
      batch.events.some(({ op, node }) => op === 'SNAPSHOT' && node?.['n'] === n),
      `${n} is not among the rows`,
    );
  }
});

test('what is written at the first answer is told, while others write and nobody else follows', async () => {
  let writing = true;
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let n = -1; writing; n--)
      await app.ask(`mutation { insertNote(data: { n: ${n * WRITERS - writer} }) { id } }`);
  });
  try {
    for (let n = ROUNDS; n < 2 * ROUNDS; n++) await insertAtOnce(overSocket, n);
  } finally {
    writing = false;
    await Promise.all(writers);
  }
});
