// The load: some connections that each send a request as soon as the answer to the last one is there. It speaks HTTP on bare
// sockets, because a client that costs as much as the servers would make them look alike.

import { connect, type Socket } from 'node:net';

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

interface Load {
  readonly url: URL;
  /** The next request of a connection, for which its last answer (head and body) may be needed. */
  readonly next: (connection: number, last: Buffer | null) => Buffer;
  readonly connections: number;
  readonly seconds: number;
}

/** Puts the load on a server. Rejects when an answer is not what every one has to be: status 200 and no errors. */
export async function putLoad({ url, next, connections, seconds }: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const started = performance.now();
  const until = started + seconds * 1_000;
  await Promise.all(
    Array.from({ length: connections }, async (_, at) => {
      const connection = await openConnection(url);
      try {
        for (let last: Buffer | null = null; performance.now() < until; ) {
          const request = next(at, last);
          const sent = performance.now();
          last = await connection.ask(request);
          latencies.push(performance.now() - sent);
        }
      } finally {
        connection.close();
      }
    }),
  );
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { requests: latencies.length, seconds: (performance.now() - started) / 1_000, p50: at(0.5), p99: at(0.99) };
}

/** A request as it is sent; `more` are lines of its head. */
export function toRequest({ pathname, host }: URL, body: string, more: readonly string[] = []): Buffer {
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...more,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

export interface Connection {
  /** Sends one request and resolves to its answer when that is whole. */
  ask(request: Buffer): Promise<Buffer>;
  close(): void;
}

/** Opens one. Whoever opened it closes it. */
export function openConnection(url: URL): Promise<Connection> {
  return new Promise((opened, failed) => {
    const socket: Socket = connect(Number(url.port), url.hostname);
    let received: Buffer = Buffer.alloc(0);
    let waiting: { resolve: (answer: Buffer) => void; reject: (error: Error) => void } | null = null;
    const fail = (error: Error) => {
      failed(error);
      waiting?.reject(error);
    };
    socket.setNoDelay(true);
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const length = answerLength(received);
      if (length === null || received.length < length) return;
      const answer = received;
      received = Buffer.alloc(0);
      const asking = waiting;
      waiting = null;
      if (answer.indexOf(' 200 ') === 8 && !answer.includes('"errors":')) asking?.resolve(answer);
      else asking?.reject(new Error(`not the answer of a benchmark:\n${answer.toString().slice(0, 2_000)}`));
    });
    socket.once('connect', () =>
      opened({
        ask: (request) =>
          new Promise((resolve, reject) => {
            waiting = { resolve, reject };
            socket.write(request);
          }),
        close: () => socket.destroy(),
      }),
    );
  });
}

/** Bytes of the answer that begins here; null when its head is not whole. All servers say the length of their answers. */
function answerLength(received: Buffer): number | null {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, end))?.[1];
  if (length === undefined)
    throw new Error(`an answer without content-length:\n${received.toString('latin1', 0, end)}`);
  return end + 4 + Number(length);
}

/** Requests that do not depend on answers, sent in turn by all connections. */
export function inTurn(url: URL, bodies: readonly string[]): Load['next'] {
  const requests = bodies.map((body) => toRequest(url, body));
  let next = 0;
  return () => requests[next++ % requests.length] ?? Buffer.alloc(0);
}
