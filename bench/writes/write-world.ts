// Where the benchmark writes: two databases on the server of the world, made anew for each run. In one the changes of rows
// are captured, and Tablecast, the bare server and PostGraphile all write there; in the other they are not.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { CHANGE_TRIGGER, TRUNCATE_TRIGGER } from '../../src/stores/postgres/change-log/capture-table.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import type { World } from '../world.ts';
import { type Row, TABLES, type WriterName } from './write-cases.ts';

const DATABASES = { captured: 'bench_writes', uncaptured: 'bench_writes_uncaptured' } as const;
/** Notes that are there when a case begins. */
const ROWS = 10_000;
const INSUFFICIENT_PRIVILEGE = '42501';

export interface Writer {
  readonly name: WriterName;
  readonly server: RunningServer;
  readonly database: pg.Client;
}

export interface WriteWorld {
  /** In the order of WRITERS. */
  readonly writers: readonly Writer[];
  /** Empties the tables and the log of both, and puts in what is there when a case begins. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Makes databases and servers. Whoever opened it closes it, before the world. */
export async function openWriteWorld(world: World): Promise<WriteWorld> {
  const app = await mkdtemp(join(tmpdir(), 'tablecast-bench-writes-'));
  const maker = new pg.Client({ connectionString: world.url });
  const opened: { close(): Promise<unknown> }[] = [];
  const drop = async () => {
    for (const name of Object.values(DATABASES)) await dropDatabase(maker, name);
  };
  const close = async () => {
    for (const one of opened.reverse()) await one.close();
    await drop();
    await maker.end();
    await rm(app, { recursive: true, force: true });
  };
  await maker.connect();
  try {
    await mkdir(join(app, 'schema'));
    await writeFile(join(app, 'schema', 'notes.graphql'), TABLES);
    await drop();
    const open = async (name: string) => {
      await maker.query(`CREATE DATABASE ${name}`);
      const url = new URL(world.url);
      url.pathname = `/${name}`;
      const own: World = { ...world, app, url: url.href };
      // The tables are this one's, so that it is the first to start.
      const server = await startServer('tablecast', own);
      opened.push(server);
      const database = new pg.Client({ connectionString: own.url });
      await database.connect();
      opened.push({ close: () => database.end() });
      return { own, server, database };
    };
    const captured = await open(DATABASES.captured);
    const uncaptured = await open(DATABASES.uncaptured);
    for (const table of ['note', 'part'])
      for (const trigger of [CHANGE_TRIGGER, TRUNCATE_TRIGGER])
        await uncaptured.database.query(`DROP TRIGGER "${trigger}" ON ${table}`);
    const bare = await startServer('bare', captured.own);
    opened.push(bare);
    const postgraphile = await startServer('postgraphile', captured.own);
    opened.push(postgraphile);
    const { database } = captured;
    return {
      writers: [
        { name: 'bare', server: bare, database },
        { name: 'tablecast', server: captured.server, database },
        { name: 'tablecast-uncaptured', server: uncaptured.server, database: uncaptured.database },
        { name: 'postgraphile', server: postgraphile, database },
      ],
      async reset() {
        for (const one of [database, uncaptured.database]) {
          await one.query('TRUNCATE note, part, tablecast.change');
          await one.query(
            `INSERT INTO note (id, title, body, priority, done)
             SELECT 'note-' || n, 'Note ' || n, repeat('Body ', 40), n % 10, false FROM generate_series(0, ${ROWS - 1}) n`,
          );
          await one.query('TRUNCATE tablecast.change');
          await one.query('VACUUM ANALYZE note, part, tablecast.change');
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** PostgreSQL lets no ordinary user end a vacuum that is at work there: then it is tried again. */
async function dropDatabase(maker: pg.Client, name: string): Promise<void> {
  for (;;) {
    const refused = await maker.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(
      () => null,
      (error: { code?: string }) => error,
    );
    if (refused === null) return;
    if (refused.code !== INSUFFICIENT_PRIVILEGE) throw refused;
    await setTimeout(100);
  }
}

/** The row that a connection changes, as it is now. */
export async function readRow(database: pg.Client, connection: number): Promise<Row> {
  const { rows } = await database.query<Row>('SELECT id, version::text AS version FROM note WHERE id = $1', [
    `note-${connection}`,
  ]);
  const [row] = rows;
  if (!row) throw new Error(`there is no note for connection ${connection}`);
  return row;
}
