// Where the benchmark writes: a database for each server, on the server of the world and made anew for each run, so that nobody
// works in what others left behind. In all but one the changes of rows are captured.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { CHANGE_TRIGGER, TRUNCATE_TRIGGER } from '../../src/stores/postgres/change-log/capture-table.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import type { World } from '../world.ts';
import { type Row, TABLES, WRITERS, type WriterName } from './write-cases.ts';

const databaseOf = (name: WriterName) => `bench_writes_${name.replaceAll('-', '_')}`;
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
    for (const name of WRITERS) await dropDatabase(maker, databaseOf(name));
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
    const open = async (name: WriterName): Promise<Writer> => {
      await maker.query(`CREATE DATABASE ${databaseOf(name)}`);
      const url = new URL(world.url);
      url.pathname = `/${databaseOf(name)}`;
      const own: World = { ...world, app, url: url.href };
      const database = new pg.Client({ connectionString: own.url });
      await database.connect();
      opened.push({ close: () => database.end() });
      // The tables are Tablecast's, so that it is the first to start.
      let server = await startServer('tablecast', own);
      opened.push({ close: () => server.close() });
      if (name === 'tablecast-uncaptured') await endCapture(database);
      if (name === 'bare' || name === 'postgraphile') {
        await server.close();
        server = await startServer(name, own);
      }
      return { name, server, database };
    };
    const writers: Writer[] = [];
    for (const name of WRITERS) writers.push(await open(name));
    return {
      writers,
      async reset() {
        for (const { database } of writers) {
          await database.query('TRUNCATE note, part, tablecast.change');
          await database.query(
            `INSERT INTO note (id, title, body, priority, done)
             SELECT 'note-' || n, 'Note ' || n, repeat('Body ', 40), n % 10, false FROM generate_series(0, ${ROWS - 1}) n`,
          );
          await database.query('TRUNCATE tablecast.change');
          await database.query('VACUUM ANALYZE note, part, tablecast.change');
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function endCapture(database: pg.Client): Promise<void> {
  for (const table of ['note', 'part'])
    for (const trigger of [CHANGE_TRIGGER, TRUNCATE_TRIGGER]) await database.query(`DROP TRIGGER "${trigger}" ON ${table}`);
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
