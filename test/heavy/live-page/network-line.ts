// The network between the page and the service, as a TCP proxy on an address that stays: it can be cut, and it can fall silent.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface NetworkLine {
  readonly url: string;
  /** Cuts every connection, and each new one, until `mend`. */
  cut(): void;
  /** Passes nothing on any more, on the connections that are open and on new ones, and says nothing. */
  silence(): void;
  /** New connections are served again. Those that fell silent stay so. */
  mend(): void;
  close(): Promise<void>;
}

/** `target` is asked for each connection: a service that is started again has another address. */
export async function openNetworkLine(target: () => string): Promise<NetworkLine> {
  let state: 'whole' | 'cut' | 'silent' = 'whole';
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    if (state === 'cut') return near.resetAndDestroy();
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [one, other] of [pair, [far, near]] as const) {
      one.on('error', () => undefined);
      one.once('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
    if (state === 'silent') hush(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    state = 'cut';
    for (const [near] of pairs) near.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    silence() {
      state = 'silent';
      for (const pair of pairs) hush(pair);
    },
    mend() {
      state = 'whole';
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

function hush([near, far]: readonly [Socket, Socket]): void {
  near.unpipe(far).pause();
  far.unpipe(near).pause();
}
