// A TCP proxy between a service and its database, that a test breaks: the server itself goes on for everybody else.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of a statement that contains the text: cut before it is sent on, or after the server has answered it. */
export type Cut = 'before' | 'after';

export interface DatabaseProxy {
  /** The database, through the proxy. */
  readonly url: string;
  /** How many connections were made. */
  readonly opened: () => number;
  /** Cuts every connection, and refuses new ones. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Passes nothing on any more, in either direction, and says nothing: a cable that was pulled. */
  silence(): void;
  /** Cuts each connection that is open now as soon as the service speaks on it. */
  doom(): void;
  /** Cuts the connection of the next statement that contains `text`; resolves when it has. */
  cut(text: string, when: Cut): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  doomed: boolean;
  /** The answer that is on its way back is for nobody. */
  cutting: boolean;
}

/** Opens a proxy for the database of `url`, which may be on a Unix socket. */
export async function openDatabaseProxy(url: string): Promise<DatabaseProxy> {
  const pairs = new Set<Pair>();
  let opened = 0;
  let silent = false;
  let trap: { text: string; when: Cut; sprung: () => void } | null = null;

  const end = ({ near, far }: Pair) => {
    near.resetAndDestroy();
    far.destroy();
  };
  const server = createServer((near) => {
    const pair: Pair = { near, far: connectTo(url), doomed: false, cutting: false };
    pairs.add(pair);
    opened += 1;
    for (const socket of [near, pair.far]) {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        pairs.delete(pair);
        near.destroy();
        pair.far.destroy();
      });
    }
    near.on('data', (chunk) => {
      if (silent) return;
      if (pair.doomed) return end(pair);
      if (trap && chunk.includes(trap.text)) {
        const { when, sprung } = trap;
        trap = null;
        if (when === 'before') {
          end(pair);
          return sprung();
        }
        pair.cutting = true;
        pair.far.once('data', () => {
          end(pair);
          sprung();
        });
      }
      pair.far.write(chunk);
    });
    pair.far.on('data', (chunk) => {
      if (!silent && !pair.cutting) near.write(chunk);
    });
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  through.searchParams.delete('host');
  const down = async () => {
    const closed = server.listening ? once(server, 'close') : null;
    server.close();
    for (const pair of pairs) end(pair);
    await closed;
  };
  return {
    url: through.href,
    opened: () => opened,
    down,
    up: () => listen(port),
    silence: () => {
      silent = true;
    },
    doom: () => {
      for (const pair of pairs) pair.doomed = true;
    },
    cut: (text, when) =>
      new Promise((resolve) => {
        trap = { text, when, sprung: resolve };
      }),
    close: down,
  };
}

function connectTo(url: string): Socket {
  const { hostname, port, searchParams } = new URL(url);
  const folder = searchParams.get('host');
  return folder ? connect(`${folder}/.s.PGSQL.${port || 5432}`) : connect(Number(port || 5432), hostname);
}
