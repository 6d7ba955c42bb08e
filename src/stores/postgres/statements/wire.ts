// The messages of PostgreSQL's protocol that the driver's own calls do not send. A message that is sent before a statement
// travels and is answered with it, so that it costs no round trip.

import type pg from 'pg';

/** As much of a connection inside the driver as is used here. */
export interface Wire {
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

/** Has the server run a statement that answers no rows before the next one, in one transaction with it. */
export function runBefore(wire: Wire, text: string): void {
  wire.parse({ text });
  wire.bind({});
  wire.execute({});
}

/** Has the server and the driver forget a named statement. The server takes it well when there is none. */
export function forgetStatement(wire: Wire, name: string): void {
  wire.close({ type: 'S', name });
  delete wire.parsedStatements[name];
}
