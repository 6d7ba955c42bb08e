// Where subscriptions are measured: a PostgreSQL and a service of their own, made for a run and gone after it.

import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { signToken } from '../../src/auth/own-token.ts';
import { openLog } from '../../src/platform/log.ts';
import { openEmbeddedPostgres } from '../../src/stores/embedded-postgres/open-embedded-postgres.ts';
import { type RunningServer, startServer } from '../start-server.ts';

/** `sentAt` is the database's clock, in milliseconds, when the row was written: the last thing before its commit. */
const TABLES = `
  type Note @table @permission(level: USER, rows: { ownerId: { eq: "$user.id" } }) {
    ownerId: ID!
    text: String!
    sentAt: Float!
  }
  type Notice @table @permission(level: USER) {
    text: String!
    sentAt: Float!
  }
`;
const STAMP = `
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.sent_at := extract(epoch FROM clock_timestamp()) * 1000; RETURN NEW; END';
  CREATE TRIGGER a_stamp BEFORE INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION stamp();
  CREATE TRIGGER a_stamp BEFORE INSERT OR UPDATE ON notice FOR EACH ROW EXECUTE FUNCTION stamp();
`;
const OWN = { issuer: 'tablecast', audience: 'tablecast' };
const LIFETIME = 3_600_000;

/** Bytes after a collection. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

export interface LiveWorld {
  readonly server: RunningServer;
  readonly database: pg.Pool;
  /** Of PostgreSQL. */
  readonly version: string;
  /** Of the user whose note is `note-<number>`. */
  tokenOf(number: number): string;
  memory(): Promise<Memory>;
  /** From now on it is recorded where the service's time goes. The end writes a `.cpuprofile`. */
  record(): Promise<(file: string) => Promise<void>>;
  close(): Promise<void>;
}

/** Connections of the writers. */
export const WRITERS = 16;

/** A service with `notes` notes of as many users, and one notice. Whoever opened it closes it. */
export async function openLiveWorld(notes: number): Promise<LiveWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'tablecast-bench-live-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const app = join(folder, 'app');
    await mkdir(join(app, 'schema'), { recursive: true });
    await writeFile(join(app, 'schema', 'notes.graphql'), TABLES);
    const log = openLog({ level: 'warn', readable: true });
    const postgres = await openEmbeddedPostgres({ dataDir: join(folder, 'data'), log });
    closing.push(() => postgres.close());
    const { host, port, user, password, database: name } = postgres.connection;
    const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
    const url = host.startsWith('/')
      ? `postgres://${credentials}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`
      : `postgres://${credentials}@${host}:${port}/${name}`;
    const secret = randomBytes(32).toString('hex');
    const probe = join(folder, 'probe');
    const nodeOptions = ['--expose-gc', '--import', join(import.meta.dirname, 'probe.mjs')];
    const world = { app, url, transport: '', close: async () => undefined };
    const server = await startServer('tablecast', world, nodeOptions, {
      TABLECAST_TOKEN_SECRET: secret,
      BENCH_PROBE: probe,
    });
    closing.push(() => server.close());
    const database = new pg.Pool({ connectionString: url, max: WRITERS });
    closing.push(() => database.end());
    await database.query(STAMP);
    await database.query(
      `INSERT INTO note (id, owner_id, text, sent_at)
       SELECT 'note-' || n, 'user-' || n, 'Text', 0 FROM generate_series(0, ${notes - 1}) n`,
    );
    await database.query("INSERT INTO notice (id, text, sent_at) VALUES ('notice-0', 'Text', 0)");
    await database.query('VACUUM ANALYZE note, notice');
    const ask = async (command: string): Promise<unknown> => {
      const socket = connect(probe);
      socket.end(command);
      return JSON.parse(await text(socket));
    };
    const shown = await database.query<{ server_version: string }>('SHOW server_version');
    return {
      server,
      database,
      version: shown.rows[0]?.server_version ?? '',
      tokenOf: (number) =>
        signToken({
          ...OWN,
          secret,
          now: Date.now(),
          lifetime: LIFETIME,
          user: { id: `user-${number}`, roles: [], claims: {} },
        }),
      memory: async () => (await ask('memory')) as Memory,
      async record() {
        await ask('record');
        return async (file) => void (await ask(`stop ${file}`));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
