// What a pool sends to the database, message by message: statements that travel together are one, with `; ` between them.

import type pg from 'pg';
import { wireOf } from '../../src/stores/postgres/statements/wire.ts';

/** The messages of every connection that `pool` makes from now on; whoever reads them may empty the list. */
export function sentMessages(pool: pg.Pool): string[] {
  const sent: string[] = [];
  pool.on('connect', (client) => {
    const wire = wireOf(client);
    const parse = wire.parse.bind(wire);
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    // What is parsed while the driver is not asked for anything goes ahead of what it is asked for next.
    let ahead: string[] = [];
    let isAsked = false;
    Object.assign(wire, {
      parse: (statement: { readonly text: string }) => {
        if (!isAsked) ahead.push(statement.text);
        parse(statement);
      },
    });
    Object.assign(client, {
      query: (...given: unknown[]) => {
        const [first] = given;
        const text = typeof first === 'string' ? first : (first as { readonly text: string }).text;
        // An empty one asks for nothing: it waits for the server to be ready again.
        if (text !== '') sent.push([...ahead, text].join('; '));
        ahead = [];
        isAsked = true;
        try {
          return query(...given);
        } finally {
          isAsked = false;
        }
      },
    });
  });
  return sent;
}
