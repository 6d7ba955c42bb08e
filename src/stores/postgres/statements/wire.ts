// The messages of PostgreSQL's protocol that the driver's own calls do not send. A message that is sent before a statement
// travels and is answered with it, so that it costs no round trip.

import type { Duplex } from 'node:stream';
import type pg from 'pg';

/** As much of a connection inside the driver as is used here. */
export interface Wire {
  readonly stream: Pick<Duplex, 'cork' | 'uncork'>;
  parse(statement: { readonly text: string }): void;
  bind(portal: object): void;
  execute(portal: object): void;
  close(what: { readonly type: 'S'; readonly name: string }): void;
  /** The texts of the statements that the driver takes to be known to the server, by name. */
  readonly parsedStatements: Record<string, string>;
}

/** The connection of a client. */
export function wireOf(client: pg.ClientBase): Wire {
  return (client as unknown as { readonly connection: Wire }).connection;
}

/**
 * Has the server run statements that answer no rows before the one that `send` hands to the driver, in one message and one
 * transaction with it. The driver must have nothing to do on this connection (`whenReady`), so that it sends at once.
 */
export function sendTogether<T>(wire: Wire, ahead: readonly string[], send: () => T): T {
  wire.stream.cork();
  try {
    for (const text of ahead) {
      wire.parse({ text });
      wire.bind({});
      wire.execute({});
    }
    return send();
  } finally {
    wire.stream.uncork();
  }
}

/**
 * Waits until the driver has nothing to do on a connection that is the caller's alone: it tells of an error before the server
 * is ready again.
 */
export async function whenReady(client: pg.ClientBase): Promise<void> {
  while (!(client as unknown as { readonly readyForQuery: boolean }).readyForQuery) await client.query('');
}

/** Has the server and the driver forget a named statement. The server takes it well when there is none. */
export function forgetStatement(wire: Wire, name: string): void {
  wire.close({ type: 'S', name });
  delete wire.parsedStatements[name];
}
