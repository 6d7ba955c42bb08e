// A service reduced to its embedded PostgreSQL, in a process of its own: something that tests can kill, stop and run
// as another user. Started and spoken to by embedded-postgres-lab.ts, over the channel between parent and child.

import pg from 'pg';
import { openLog } from '../../src/platform/log.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from '../../src/stores/embedded-postgres/open-embedded-postgres.ts';

export type Request =
  | { act: 'open'; options: Omit<EmbeddedPostgresOptions, 'log' | 'signal'>; umask: number | null }
  | { act: 'query'; sql: string }
  | { act: 'close' }
  | { act: 'leave' };

export type Reply = { log: Record<string, unknown> } | { id: number; result: unknown } | { id: number; error: string };

const tell = (reply: Reply) => process.send?.(reply);
const log = openLog({ level: 'debug', readable: false, to: { write: (line) => tell({ log: JSON.parse(line) }) } });
let server: EmbeddedPostgres | undefined;

async function answer(request: Request): Promise<unknown> {
  switch (request.act) {
    case 'open': {
      if (request.umask !== null) process.umask(request.umask);
      server = await openEmbeddedPostgres({ ...request.options, log });
      return { connection: server.connection, origin: server.origin };
    }
    case 'query': {
      const client = new pg.Client({ ...server?.connection });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query(request.sql)).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    }
    case 'close':
      return server?.close();
    case 'leave':
      // From here on only what was left open keeps the process alive.
      process.removeAllListeners('message');
      setImmediate(() => process.disconnect());
      return undefined;
  }
}

process.on('message', ({ id, ...request }: Request & { id: number }) => {
  answer(request as Request).then(
    (result) => tell({ id, result }),
    (error: unknown) => tell({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
// Ctrl-C is for the whole group: this process outlives it to show that the server does.
process.on('SIGINT', () => undefined);
